// The conformance suite of storages on PostgreSQL.
import { storageSuite } from './storage-suite.js';

storageSuite('PostgreSQL');
