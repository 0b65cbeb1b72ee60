// Connects to the SQL database that a URL names, and brings the tables of tenantry there up to date.
import { Kysely, Migrator, MysqlDialect, PostgresDialect, SqliteDialect, sql } from 'kysely';
import SqliteDatabase from 'libsql';
import { createPool } from 'mysql2';
import pg from 'pg';
import { migrations, preparedDatabase, type SqlDialect } from 'tenantry/sql';
import { DatabaseError } from './database.js';
import { reasonOf } from './words.js';

/** A database that has answered, and has the tables. */
export interface Connection<Tables> {
  readonly db: Kysely<Tables>;
  readonly dialect: SqlDialect;
  /** What people would call it, without passwords. */
  readonly name: string;
  /** What to do to begin anew. */
  readonly afresh: string;
}

/** Makes the host's own tables, where they are not there already. */
export type CreateTables<Tables> = (db: Kysely<Tables>, dialect: SqlDialect) => Promise<void>;

/** A database that has not answered yet. */
interface Candidate<Tables> {
  readonly place: string;
  readonly afresh: string;
  /** What it is taken for until it answers. */
  readonly dialect: SqlDialect;
  readonly open: () => Kysely<Tables>;
}

const WAIT_MS = 5000;

/** @throws DatabaseError in one line, without the password that the URL may hold */
export async function connect<Tables>(
  url: string,
  createTables: CreateTables<Tables>,
): Promise<Connection<Tables>> {
  const { place, afresh, dialect: expected, open } = candidateOf<Tables>(url);
  let db: Kysely<Tables> | undefined;
  let dialect = expected;
  try {
    db = open();
    if (dialect === 'mysql' || dialect === 'mariadb') dialect = await mysqlOrMariadb(db);
    await migrate(db, dialect);
    await createTables(db, dialect);
  } catch (cause) {
    await db?.destroy();
    const message = `${titles[dialect]}, ${place}: cannot be opened: ${reasonOf(cause)}`;
    throw new DatabaseError(message, { cause });
  }
  return { db, dialect, name: `${titles[dialect]}, ${place}`, afresh };
}

function candidateOf<Tables>(url: string): Candidate<Tables> {
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(url) ?? [];
  switch (scheme.toLowerCase()) {
    case 'sqlite':
    case 'file': {
      const file = rest.replace(/^\/\//, '');
      if (file === '') throw new DatabaseError(`DATABASE_URL names no file: ${url}`, { isUsage: true });
      return sqlite(file, { place: file, afresh: `delete ${file}*` });
    }
    case 'memory':
      return sqlite(':memory:', { place: 'in memory', afresh: 'start it again' });
    case 'postgres':
    case 'postgresql':
      return postgres(url);
    case 'mysql':
    case 'mariadb':
      return mysql(url, scheme.toLowerCase() === 'mariadb' ? 'mariadb' : 'mysql');
    default: {
      // not the URL: it may hold a password
      const what = scheme === '' ? 'is no URL' : `begins with '${scheme}:'`;
      const known = 'sqlite:, file:, postgres:, postgresql:, mysql:, mariadb: or memory:';
      throw new DatabaseError(`DATABASE_URL ${what}: it must begin with ${known}`, { isUsage: true });
    }
  }
}

function sqlite<Tables>(file: string, words: { place: string; afresh: string }): Candidate<Tables> {
  const open = () => {
    const database = new SqliteDatabase(file);
    // Readers and the writer do not wait for each other; writers wait for a while; SQLite checks no keys unless told to.
    database.exec(`pragma journal_mode = wal; pragma busy_timeout = ${WAIT_MS}; pragma foreign_keys = on`);
    // so that whoever is to write waits at the beginning of a transaction, where waiting helps
    return new Kysely<Tables>({ dialect: new SqliteDialect({ database: preparedDatabase(database) }) });
  };
  return { ...words, dialect: 'sqlite', open };
}

function postgres<Tables>(url: string): Candidate<Tables> {
  const open = () => {
    const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: WAIT_MS });
    // A connection that dies ends the process unless somebody listens; the next query says what happened.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  };
  return { place: placeOf(url), afresh: ANOTHER, dialect: 'postgres', open };
}

function mysql<Tables>(url: string, dialect: 'mysql' | 'mariadb'): Candidate<Tables> {
  const open = () => {
    const pool = createPool({ uri: url, connectTimeout: WAIT_MS });
    return new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) });
  };
  return { place: placeOf(url), afresh: ANOTHER, dialect, open };
}

const ANOTHER = 'name another, empty database';

const titles: Readonly<Record<SqlDialect, string>> = {
  sqlite: 'SQLite',
  postgres: 'PostgreSQL',
  mariadb: 'MariaDB',
  mysql: 'MySQL',
};

/** Makes the tables of tenantry, or brings them up to date. */
async function migrate<Tables>(db: Kysely<Tables>, dialect: SqlDialect): Promise<void> {
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
async function mysqlOrMariadb<Tables>(db: Kysely<Tables>): Promise<SqlDialect> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  return rows.some(({ version }) => version.includes('MariaDB')) ? 'mariadb' : 'mysql';
}

/** The server and its database, without user and password. */
function placeOf(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { host, pathname } = new URL(url);
  return host + pathname;
}
