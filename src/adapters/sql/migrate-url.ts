// Migrates the database of a URL, with a driver that the project in the current folder has installed.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  Kysely,
  MysqlDialect,
  PostgresDialect,
  SqliteDialect,
  sql,
  type Dialect,
  type MysqlPool,
  type PostgresPool,
} from 'kysely';
import type { SqlDialect } from './dialect.js';
import { migrate, type MigrateResult } from './migrations.js';
import type { SqlTables } from './names.js';
import { preparedDatabase, type ExecutingDatabase } from './prepared.js';

/** @throws TypeError when the URL has an unknown scheme or a name is invalid; Error when no driver is installed; and what the driver throws. */
export async function migrateUrl(url: string, options: Omit<SqlTables, 'dialect'>): Promise<MigrateResult> {
  const scheme = /^([a-z][a-z\d+.-]+):/i.exec(url)?.[1]?.toLowerCase() ?? 'file';
  const kind = KINDS.find(({ schemes }) => schemes.includes(scheme));
  if (kind === undefined) {
    const schemes = KINDS.flatMap((known) => known.schemes).join(', ');
    throw new TypeError(`the URL begins with '${scheme}:', and must begin with one of ${schemes}`);
  }
  const db = new Kysely<unknown>({ dialect: kind.connect(url) });
  try {
    const dialect = kind.dialect === 'mysql' ? await mysqlOrMariadb(db) : kind.dialect;
    return await migrate({ db, dialect, ...options });
  } finally {
    await db.destroy();
  }
}

const KINDS: readonly {
  readonly schemes: readonly string[];
  readonly dialect: SqlDialect;
  readonly connect: (url: string) => Dialect;
}[] = [
  { schemes: ['postgres', 'postgresql'], dialect: 'postgres', connect: connectPostgres },
  { schemes: ['mysql', 'mariadb'], dialect: 'mysql', connect: connectMysql },
  { schemes: ['sqlite', 'file'], dialect: 'sqlite', connect: connectSqlite },
];

function connectPostgres(url: string): Dialect {
  const pg = required('pg');
  const pool: unknown = Reflect.construct(functionOf(pg, 'Pool'), [{ connectionString: url, max: 1 }]);
  if (!isPostgresPool(pool)) throw new Error('the installed version of pg is not supported');
  return new PostgresDialect({ pool });
}

function connectMysql(url: string): Dialect {
  const uri = url.replace(/^mariadb:/i, 'mysql:');
  const mysql2 = required('mysql2');
  const pool: unknown = Reflect.apply(functionOf(mysql2, 'createPool'), mysql2, [
    { uri, connectionLimit: 1 },
  ]);
  if (!isMysqlPool(pool)) throw new Error('the installed version of mysql2 is not supported');
  return new MysqlDialect({ pool });
}

function connectSqlite(url: string): Dialect {
  const file = url.replace(/^(sqlite|file):(\/\/(?=\/))?/i, '');
  const database = openSqlite(file);
  if (!isSqliteDatabase(database)) throw new Error('the installed driver of SQLite is not supported');
  database.exec('pragma busy_timeout = 60000; pragma foreign_keys = on');
  return new SqliteDialect({ database: preparedDatabase(database) });
}

function openSqlite(file: string): unknown {
  const installed = optional('better-sqlite3') ?? optional('libsql');
  if (typeof installed === 'function') return Reflect.construct(installed, [file]);
  const builtIn = optional('node:sqlite');
  if (builtIn === null) {
    throw new Error(
      'no driver of SQLite is installed in this project: npm install better-sqlite3, or libsql',
    );
  }
  const database: unknown = Reflect.construct(functionOf(builtIn, 'DatabaseSync'), [file]);
  return isNodeDatabase(database) ? kyselyFormOf(database) : database;
}

/** The database of `node:sqlite` in the form that Kysely takes. */
function kyselyFormOf(database: NodeDatabase): ExecutingDatabase {
  return {
    close: () => database.close(),
    exec: (text) => database.exec(text),
    prepare(text) {
      const statement = database.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...values),
        run: (values) => statement.run(...values),
        iterate: (values) => statement.all(...values).values(),
      };
    },
  };
}

interface NodeDatabase {
  close(): void;
  exec(text: string): void;
  prepare(text: string): {
    columns(): readonly unknown[];
    all(...values: readonly unknown[]): unknown[];
    run(...values: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  };
}

/** MySQL and MariaDB share a protocol and the schemes of their URLs. */
async function mysqlOrMariadb(db: Kysely<unknown>): Promise<SqlDialect> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  return rows.some(({ version }) => version.includes('MariaDB')) ? 'mariadb' : 'mysql';
}

function required(name: string): object {
  const found = optional(name);
  if (found === null) throw new Error(`${name} is not installed in this project: npm install ${name}`);
  return found;
}

/** `null` if the project in the current folder does not have the package. */
function optional(name: string): object | null {
  const load = createRequire(join(process.cwd(), 'package.json'));
  try {
    load.resolve(name);
  } catch {
    return null;
  }
  const loaded: unknown = load(name);
  return typeof loaded === 'object' || typeof loaded === 'function' ? loaded : null;
}

function functionOf(owner: object, name: string): () => unknown {
  const found: unknown = Reflect.get(owner, name);
  if (!isFunction(found)) throw new Error(`the installed driver has no ${name}`);
  return found;
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === 'function';
}

function isPostgresPool(value: unknown): value is PostgresPool {
  return hasMethods(value, ['connect', 'end']);
}

function isMysqlPool(value: unknown): value is MysqlPool {
  return hasMethods(value, ['getConnection', 'end']);
}

function isSqliteDatabase(value: unknown): value is ExecutingDatabase {
  return hasMethods(value, ['prepare', 'exec', 'close']);
}

function isNodeDatabase(value: unknown): value is NodeDatabase {
  return hasMethods(value, ['prepare', 'exec', 'close']);
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
