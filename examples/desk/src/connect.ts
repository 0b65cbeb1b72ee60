// Connects to the SQL database of a URL and runs the migrations of tenantry.
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect, sql } from 'kysely';
import SqliteDatabase from 'libsql';
import { createPool } from 'mysql2';
import pg from 'pg';
import { migrate, preparedDatabase, type SqlDialect } from 'tenantry/sql';
import { reasonOf } from './log.js';

/** Why the database cannot be used, in one line. `isUsage` means that the URL is wrong. */
export class DatabaseError extends Error {
  readonly isUsage: boolean;

  constructor(message: string, { isUsage = false, ...options }: ErrorOptions & { isUsage?: boolean } = {}) {
    super(message, options);
    this.isUsage = isUsage;
  }
}

/** A database that has answered and has its tables. */
export interface Connection<Tables> {
  readonly db: Kysely<Tables>;
  readonly dialect: SqlDialect;
  /** A name for people, without credentials. */
  readonly name: string;
  /** How to start again with an empty database. */
  readonly resetHint: string;
}

/** Creates the app's own tables if they do not exist. */
export type CreateTables<Tables> = (db: Kysely<Tables>, dialect: SqlDialect) => Promise<void>;

/** A database that is not connected yet. */
interface Candidate<Tables> {
  readonly place: string;
  readonly resetHint: string;
  /** The expected dialect, until the database answers. */
  readonly dialect: SqlDialect;
  readonly open: () => Kysely<Tables>;
}

const WAIT_MS = 5000;

/** @throws DatabaseError with a message of one line, without the password of the URL */
export async function connect<Tables>(
  url: string,
  createTables: CreateTables<Tables>,
): Promise<Connection<Tables>> {
  const { place, resetHint, dialect: expected, open } = candidateOf<Tables>(url);
  let db: Kysely<Tables> | undefined;
  let dialect = expected;
  try {
    db = open();
    if (dialect === 'mysql' || dialect === 'mariadb') dialect = await mysqlOrMariadb(db);
    await migrate({ db, dialect });
    await createTables(db, dialect);
  } catch (cause) {
    await db?.destroy();
    const message = `${titles[dialect]}, ${place}: cannot be opened: ${reasonOf(cause)}`;
    throw new DatabaseError(message, { cause });
  }
  return { db, dialect, name: `${titles[dialect]}, ${place}`, resetHint };
}

function candidateOf<Tables>(url: string): Candidate<Tables> {
  const [, scheme = '', rest = ''] = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(url) ?? [];
  switch (scheme.toLowerCase()) {
    case 'sqlite':
    case 'file': {
      const file = rest.replace(/^\/\//, '');
      if (file === '') throw new DatabaseError(`DATABASE_URL names no file: ${url}`, { isUsage: true });
      return sqlite(file, { place: file, resetHint: `delete ${file}*` });
    }
    case 'memory':
      return sqlite(':memory:', { place: 'in memory', resetHint: 'start it again' });
    case 'postgres':
    case 'postgresql':
      return postgres(url);
    case 'mysql':
    case 'mariadb':
      return mysql(url, scheme.toLowerCase() === 'mariadb' ? 'mariadb' : 'mysql');
    default: {
      // not the URL, which may contain a password
      const what = scheme === '' ? 'is not a URL' : `starts with '${scheme}:'`;
      const known = 'sqlite:, file:, postgres:, postgresql:, mysql:, mariadb: or memory:';
      throw new DatabaseError(`DATABASE_URL ${what}: it must start with ${known}`, { isUsage: true });
    }
  }
}

function sqlite<Tables>(file: string, words: { place: string; resetHint: string }): Candidate<Tables> {
  const open = () => {
    const database = new SqliteDatabase(file);
    // WAL lets readers work while another connection writes; writers wait for each other; SQLite enforces foreign keys
    // only if asked.
    database.exec(`pragma journal_mode = wal; pragma busy_timeout = ${WAIT_MS}; pragma foreign_keys = on`);
    // begins write transactions with a lock, so that a writer waits at the start, where waiting is safe
    return new Kysely<Tables>({ dialect: new SqliteDialect({ database: preparedDatabase(database) }) });
  };
  return { ...words, dialect: 'sqlite', open };
}

function postgres<Tables>(url: string): Candidate<Tables> {
  const open = () => {
    const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: WAIT_MS });
    // An 'error' event without a listener would end the process. The next query reports the failure.
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  };
  return { place: placeOf(url), resetHint: USE_ANOTHER, dialect: 'postgres', open };
}

function mysql<Tables>(url: string, dialect: 'mysql' | 'mariadb'): Candidate<Tables> {
  const open = () => {
    const pool = createPool({ uri: url, connectTimeout: WAIT_MS });
    return new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) });
  };
  return { place: placeOf(url), resetHint: USE_ANOTHER, dialect, open };
}

const USE_ANOTHER = 'use another, empty database';

const titles: Readonly<Record<SqlDialect, string>> = {
  sqlite: 'SQLite',
  postgres: 'PostgreSQL',
  mariadb: 'MariaDB',
  mysql: 'MySQL',
};

/** MySQL and MariaDB share a protocol and URL schemes. */
async function mysqlOrMariadb<Tables>(db: Kysely<Tables>): Promise<SqlDialect> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  return rows.some(({ version }) => version.includes('MariaDB')) ? 'mariadb' : 'mysql';
}

/** The host and the database name, without credentials. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return host + pathname;
  } catch {
    return 'DATABASE_URL';
  }
}
