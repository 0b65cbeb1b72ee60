// The migrations of the tables, and a table of their own that records which ones were applied. A released migration never
// changes.
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import { connected, type Row, type SqlDatabase } from './database.js';
import type { SqlNames, SqlTables } from './names.js';
import { createStatements } from './schema.js';
import { label } from './table.js';

/** What to migrate. */
export interface MigrateOptions extends SqlTables {
  /** Your Kysely instance; not a transaction. */
  readonly db: SqlDatabase;
}

/** What `migrate` did. */
export interface MigrateResult {
  /** The names of the migrations that this call applied, in order; empty if the tables were up to date. */
  readonly applied: readonly string[];
}

/**
 * Creates the tables of this version, or brings those of an earlier version up to date. Does nothing if they are up to
 * date. Call it before a new version of your app starts; concurrent calls wait for each other, also from several processes.
 *
 * It records what it applied in a table of its own, `tenantry_migrations`, and touches neither the migrations of your app
 * nor their table. On PostgreSQL and SQLite all of it is one transaction. On MariaDB and MySQL each statement commits by
 * itself: call it again after a failure, and it goes on.
 *
 * @throws TypeError when the dialect is unknown or not that of the instance, a name is invalid, or `db` is a transaction;
 * otherwise the driver's error.
 *
 * @example
 * ```ts
 * import { Kysely, SqliteDialect } from 'kysely';
 * import Database from 'libsql';
 * import { migrate, preparedDatabase } from 'tenantry/sql';
 *
 * const database = preparedDatabase(new Database(':memory:'));
 * const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
 * const first = await migrate({ db, dialect: 'sqlite' });
 * first.applied; // ['0001-tables']
 * const second = await migrate({ db, dialect: 'sqlite' });
 * second.applied; // []
 * await db.destroy();
 * ```
 */
export async function migrate({ db: host, ...tables }: MigrateOptions): Promise<MigrateResult> {
  const { db, names } = connected(host, tables);
  if (db.isTransaction) {
    throw new TypeError('tenantry/sql: `migrate` needs a Kysely instance, and `db` is a transaction');
  }
  const migrations = migrationsOf(tables);
  return db.getExecutor().provideConnection(async (connection) => {
    const { begin, commit, rollback } = names.dialect.migrationLock;
    for (const statement of begin) {
      const [answer] = await run(connection, statement);
      if (answer !== undefined && 'is_locked' in answer && Number(answer['is_locked']) !== 1) {
        throw new Error('tenantry/sql: another process runs migrations on this server. Run them again later');
      }
    }
    try {
      const applied = await applyMissing(connection, names, migrations);
      await run(connection, commit);
      return { applied };
    } catch (error) {
      // The first error is the one to report. A lost connection rolls back and releases its locks by itself.
      await run(connection, rollback).catch(() => undefined);
      throw error;
    }
  });
}

/** The statements of each migration, by its name, in order. */
function migrationsOf(tables: SqlTables): ReadonlyMap<string, readonly string[]> {
  return new Map([['0001-tables', createStatements(tables)]]);
}

async function applyMissing(
  connection: DatabaseConnection,
  { dialect, quoted, migrations: table }: SqlNames,
  migrations: ReadonlyMap<string, readonly string[]>,
): Promise<string[]> {
  const name = quoted('name');
  const columns = `${name} ${dialect.columnType(label)} not null, primary key (${name})`;
  await run(
    connection,
    `create table if not exists ${table} (${columns})${dialect.tableOptions({ isClustered: true })}`,
  );
  const known = new Set((await run(connection, `select ${name} from ${table}`)).map((row) => row['name']));
  const missing = [...migrations].filter(([migration]) => !known.has(migration));
  for (const [migration, statements] of missing) {
    for (const statement of statements) await run(connection, statement);
    // The lock of MariaDB is that of one server: another node of a Galera cluster may have applied it at the same time.
    const upsert = dialect.upsertClause({ key: name, set: `${name} = '${migration}'`, back: name });
    await run(connection, `insert into ${table} (${name}) values ('${migration}') ${upsert}`);
  }
  return missing.map(([migration]) => migration);
}

async function run(connection: DatabaseConnection, sql: string): Promise<readonly Row[]> {
  return (await connection.executeQuery<Row>(CompiledQuery.raw(sql))).rows;
}
