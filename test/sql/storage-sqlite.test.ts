// The conformance suite of storages on SQLite.
import { storageSuite } from './storage-suite.js';

storageSuite('SQLite');
