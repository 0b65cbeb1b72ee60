// The conformance suite of storages on MariaDB.
import { storageSuite } from './storage-suite.js';

storageSuite('MariaDB');
