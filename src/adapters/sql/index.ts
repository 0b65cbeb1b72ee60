/**
 * `tenantry/sql`: storage and quotas on SQLite, PostgreSQL, MariaDB and MySQL, on the Kysely instance that the host
 * passes, with the migrations of their tables.
 *
 * @packageDocumentation
 */
export type { LimitTexts } from '../../core/quota.js';
export type { SqlDatabase, SqlTransactionBuilder } from './database.js';
export type { SqlDialect } from './dialect.js';
export { migrate, type MigrateOptions, type MigrateResult } from './migrations.js';
export type { SqlTables } from './names.js';
export { preparedDatabase, preparedPool, type ExecutingDatabase } from './prepared.js';
export type { NamingClient, NamingPool } from './prepared-client.js';
export { galeraSession } from './galera-session.js';
export { printSchema } from './schema.js';
export { sqlStorage, type SqlStorageOptions } from './sql-storage.js';
export { sqlQuota, type SqlQuotaOptions } from './sql-quota.js';
