// The migrations of the tables, and a table of their own that records which ones were applied. A migration adds what the
// tables of its version have and those of the database lack.
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import { connected, type Row, type SqlDatabase } from './database.js';
import type { SqlNames, SqlTables } from './names.js';
import { fillEmailKeys, type RunStatement } from './fill-email-keys.js';
import { missingIn, type NamesIn } from './missing.js';
import { label } from './table.js';
import { required } from '../../core/values.js';

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
 * nor their table. On PostgreSQL and SQLite all of it is one transaction, except that PostgreSQL fills new columns and builds
 * new indexes of existing tables afterwards, while other connections write; for that, connect to the server itself, not to a
 * transaction pooler. On MariaDB and MySQL each statement commits by itself. Call it again after a failure, and it goes on.
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
 * first.applied; // ['0001-tables', '0002-lifecycle']
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
  return db.getExecutor().provideConnection(async (connection) => {
    const { begin, commit, rollback } = names.dialect.migrationLock;
    for (const statement of begin) {
      const [answer] = await run(connection, statement);
      if (answer !== undefined && 'is_locked' in answer && !isLocked(answer)) throw new Error(IS_LOCKED);
    }
    let result;
    try {
      result = await addMissing(connection, names);
      await run(connection, commit);
    } catch (error) {
      // The first error is the one to report. A lost connection rolls back and releases its locks by itself.
      await run(connection, rollback).catch(() => undefined);
      throw error;
    }
    return { applied: result.hasOnline ? await addOnline(connection, names) : result.applied };
  });
}

/** In order. */
const MIGRATIONS = ['0001-tables', '0002-lifecycle'];

/** Adds what is missing and records it, unless indexes remain to be built outside of the transaction. */
async function addMissing(
  connection: DatabaseConnection,
  names: SqlNames,
): Promise<{ readonly applied: readonly string[]; readonly hasOnline: boolean }> {
  const { dialect, quoted, migrations: table } = names;
  const name = quoted('name');
  const columns = `${name} ${dialect.columnType(label)} not null, primary key (${name})`;
  await run(
    connection,
    `create table if not exists ${table} (${columns})${dialect.tableOptions({ isClustered: true })}`,
  );
  const applied = await missingMigrations(connection, names);
  if (applied.length === 0) return { applied, hasOnline: false };
  const { statements } = await missingIn(names, namesOn(connection));
  for (const statement of statements) await run(connection, statement);
  const isUpdate = applied.length < MIGRATIONS.length;
  // Another process may be building the indexes of tables that existed.
  const hasOnline = dialect.onlineIndexes !== null && isUpdate;
  if (!hasOnline) {
    if (isUpdate) await fillEmailKeys(names, statementsOn(connection));
    await record(connection, names, applied);
  }
  return { applied, hasOnline };
}

async function missingMigrations(
  connection: DatabaseConnection,
  { quoted, migrations: table }: SqlNames,
): Promise<readonly string[]> {
  const known = await namesOn(connection)(`select ${quoted('name')} as name from ${table}`);
  return MIGRATIONS.filter((migration) => !known.has(migration));
}

/**
 * Builds the indexes that are missing, one process after the other, and records the migrations. It polls for the lock: the
 * build of an index waits for every statement that began before it, also for one that waits for this lock.
 */
async function addOnline(connection: DatabaseConnection, names: SqlNames): Promise<readonly string[]> {
  const { tryLock, unlock } = required(names.dialect.onlineIndexes);
  for (let waited = 0; !isLocked((await run(connection, tryLock))[0]); waited += PAUSE_MS) {
    if (waited >= LONGEST_WAIT_MS) throw new Error(IS_LOCKED);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  try {
    const applied = await missingMigrations(connection, names);
    if (applied.length > 0) await fillEmailKeys(names, statementsOn(connection));
    const { online } = await missingIn(names, namesOn(connection));
    for (const statement of online) await run(connection, statement);
    await record(connection, names, applied);
    return applied;
  } finally {
    await run(connection, unlock).catch(() => undefined);
  }
}

const PAUSE_MS = 100;
const LONGEST_WAIT_MS = 60_000;
const IS_LOCKED = 'tenantry/sql: another process runs migrations on this server. Run them again later';

function isLocked(answer: Row | undefined): boolean {
  return Number(answer?.['is_locked']) === 1;
}

async function record(
  connection: DatabaseConnection,
  { dialect, quoted, migrations: table }: SqlNames,
  applied: readonly string[],
): Promise<void> {
  const name = quoted('name');
  for (const migration of applied) {
    // The lock of MariaDB is that of one server: another node of a Galera cluster may have applied it at the same time.
    const upsert = dialect.upsertClause({ key: name, set: `${name} = '${migration}'`, back: name });
    await run(connection, `insert into ${table} (${name}) values ('${migration}') ${upsert}`);
  }
}

function namesOn(connection: DatabaseConnection): NamesIn {
  return async (statement) => new Set((await run(connection, statement)).map((row) => String(row['name'])));
}

function statementsOn(connection: DatabaseConnection): RunStatement {
  return async ({ query, bind }, input) =>
    (await connection.executeQuery<Row>(CompiledQuery.raw(query.sql, [...bind(input)]))).rows;
}

async function run(connection: DatabaseConnection, sql: string): Promise<readonly Row[]> {
  return (await connection.executeQuery<Row>(CompiledQuery.raw(sql))).rows;
}
