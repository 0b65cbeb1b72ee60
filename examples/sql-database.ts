// The SQL databases: how each is connected to, and how tenantry and the host's own table stand on one transaction.
import { Kysely, Migrator, MysqlDialect, PostgresDialect, SqliteDialect, sql } from 'kysely';
import SqliteDatabase from 'libsql';
import { createPool } from 'mysql2';
import pg from 'pg';
import { migrations, sqlQuota, sqlStorage, type LimitTexts, type SqlDialect } from 'tenantry/sql';
import { DatabaseError, type Database } from './database.js';
import { createProgressTable, progressTable, type ProgressTables } from './progress-table.js';
import { reasonOf } from './words.js';

/** A database that has not answered yet. */
interface Connection {
  readonly place: string;
  readonly afresh: string;
  /** What it is taken for until it answers. */
  readonly dialect: SqlDialect;
  readonly connect: () => Kysely<ProgressTables>;
}

const WAIT_MS = 5000;

export function openSqlite(file: string, defaults: LimitTexts): Promise<Database> {
  const connect = () => {
    const database = new SqliteDatabase(file);
    // Readers and the writer do not wait for each other; writers wait for a while; SQLite checks no keys unless told to.
    database.exec(`pragma journal_mode = wal; pragma busy_timeout = ${WAIT_MS}; pragma foreign_keys = on`);
    return new Kysely<ProgressTables>({ dialect: new SqliteDialect({ database }) });
  };
  return opened({ place: file, afresh: `delete ${file}*`, dialect: 'sqlite', connect }, defaults);
}

export function openPostgres(url: string, defaults: LimitTexts): Promise<Database> {
  const connect = () => {
    const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: WAIT_MS });
    // A connection that dies ends the process unless somebody listens; the next query says what happened.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return new Kysely<ProgressTables>({ dialect: new PostgresDialect({ pool }) });
  };
  return opened({ place: placeOf(url), afresh: ANOTHER, dialect: 'postgres', connect }, defaults);
}

export function openMysql(url: string, defaults: LimitTexts): Promise<Database> {
  const connect = () => {
    const pool = createPool({ uri: url, connectTimeout: WAIT_MS });
    return new Kysely<ProgressTables>({ dialect: new MysqlDialect({ pool }) });
  };
  const dialect = /^mariadb:/i.test(url) ? 'mariadb' : 'mysql';
  return opened({ place: placeOf(url), afresh: ANOTHER, dialect, connect }, defaults);
}

const ANOTHER = 'name another, empty database';

const titles: Readonly<Record<SqlDialect, string>> = {
  sqlite: 'SQLite',
  postgres: 'PostgreSQL',
  mariadb: 'MariaDB',
  mysql: 'MySQL',
};

async function opened(
  { place, afresh, dialect: expected, connect }: Connection,
  defaults: LimitTexts,
): Promise<Database> {
  let db: Kysely<ProgressTables> | undefined;
  let dialect = expected;
  try {
    db = connect();
    if (dialect === 'mysql' || dialect === 'mariadb') dialect = await mysqlOrMariadb(db);
    await migrate(db, dialect);
    await createProgressTable(db, dialect);
  } catch (cause) {
    await db?.destroy();
    const message = `${titles[dialect]}, ${place}: cannot be opened: ${reasonOf(cause)}`;
    throw new DatabaseError(message, { cause });
  }
  const ready = db;
  return {
    name: `${titles[dialect]}, ${place}`,
    afresh,
    transaction: (work) =>
      ready.transaction().execute((transaction) =>
        work({
          storage: sqlStorage({ db: transaction, dialect }),
          quota: sqlQuota({ db: transaction, dialect, defaults }),
          progress: progressTable(transaction),
        }),
      ),
    close: () => ready.destroy(),
  };
}

/** Makes the tables of tenantry, or brings them up to date. */
async function migrate(db: Kysely<ProgressTables>, dialect: SqlDialect): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations({ dialect })) },
    // so that the host's own migrations keep theirs
    migrationTableName: 'tenantry_migration',
    migrationLockTableName: 'tenantry_migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error(reasonOf(error), { cause: error });
}

/** Both speak the same protocol, and the URLs of one are used for the other. */
async function mysqlOrMariadb(db: Kysely<ProgressTables>): Promise<SqlDialect> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  return rows.some(({ version }) => version.includes('MariaDB')) ? 'mariadb' : 'mysql';
}

/** The server and its database, without user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { host, pathname } = new URL(url);
  return host + pathname;
}
