// How the tables come about, version by version. A version that was released is never changed.
import { execute, type SqlDatabase } from './database.js';
import type { SqlTables } from './names.js';
import { createStatements, dropStatements } from './schema.js';

/** One version of the tables, in the form of Kysely's `Migration`. */
export interface SqlMigration {
  /** Makes it of the version before. */
  readonly up: (db: SqlDatabase) => Promise<void>;
  /** Makes the version before of it. */
  readonly down: (db: SqlDatabase) => Promise<void>;
}

/**
 * The versions of the tables by name, for a `Migrator` of Kysely: it runs each once, and all of them in order. Give it
 * tables of its own (`migrationTableName`), or put these among the host's own migrations.
 *
 * @throws TypeError when the dialect is unknown or a name is none.
 *
 * @example
 * ```ts
 * import { Kysely, Migrator, SqliteDialect } from 'kysely';
 * import Database from 'libsql';
 * import { migrations } from 'tenantry/sql';
 *
 * const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) });
 * const migrator = new Migrator({
 *   db,
 *   provider: { getMigrations: () => Promise.resolve(migrations({ dialect: 'sqlite' })) },
 *   migrationTableName: 'tenantry_migration',
 *   migrationLockTableName: 'tenantry_migration_lock',
 * });
 * const { error } = await migrator.migrateToLatest();
 * if (error) throw error;
 * await db.destroy();
 * ```
 */
export function migrations(options: SqlTables): Record<string, SqlMigration> {
  const [create, drop] = [createStatements(options), dropStatements(options)];
  return {
    'tenantry-0001-tables': {
      up: (db) => executeAll(db, create),
      down: (db) => executeAll(db, drop),
    },
  };
}

async function executeAll(db: SqlDatabase, statements: readonly string[]): Promise<void> {
  const plain = db.withoutPlugins();
  for (const sql of statements) await execute(plain, sql);
}
