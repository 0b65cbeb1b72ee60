/**
 * `tenantry/sql`: storage and quotas on SQLite, PostgreSQL, MariaDB and MySQL, on the Kysely instance that the host
 * passes, with the migrations of their tables.
 *
 * @packageDocumentation
 */
export type { LimitTexts } from '../../domain/quota.js';
export type { SqlDatabase, SqlTransactionBuilder } from './database.js';
export type { SqlDialect } from './dialects.js';
export { migrations, type SqlMigration } from './migrations.js';
export type { SqlTables } from './names.js';
export {
  preparedDatabase,
  preparedPool,
  type ExecutingDatabase,
  type NamingClient,
  type NamingPool,
} from './prepared.js';
export { printSchema } from './schema.js';
export { sqlStorage, type SqlStorageOptions } from './sql-storage.js';
export { sqlQuota, type SqlQuotaOptions } from './sql-quota.js';
