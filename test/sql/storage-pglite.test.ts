// The conformance suite of storages on PGlite.
import { storageSuite } from './storage-suite.js';

storageSuite('PGlite');
