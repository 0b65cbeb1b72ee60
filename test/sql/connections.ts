// Connections for a process that knows nothing of a database but its address, and for tests that cut them.
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect, type Logger } from 'kysely';
import SqliteDatabase from 'libsql';
import { createPool, type PoolOptions } from 'mysql2';
import pg from 'pg';
import type { SqlTables } from '../../src/adapters/sql/index.js';

export interface Address {
  readonly tables: SqlTables;
  /** A file or a URL. */
  readonly location: string;
}

export function connectTo({ tables: { dialect }, location }: Address, max: number): Kysely<unknown> {
  switch (dialect) {
    case 'sqlite':
      return sqliteWith(location);
    case 'postgres':
      return postgresWith({ connectionString: location, max });
    case 'mariadb':
    case 'mysql':
      return mariadbWith({ uri: location, connectionLimit: max });
    default:
      return dialect satisfies never;
  }
}

/** `pragmas` come after those that every connection has. */
export function sqliteWith(file: string, { pragmas = '', log }: Extras = {}): Kysely<unknown> {
  const database = new SqliteDatabase(file);
  database.exec(
    `pragma busy_timeout = 5000; pragma journal_mode = wal; pragma foreign_keys = on; ${pragmas}`,
  );
  return new Kysely<unknown>({ dialect: new SqliteDialect({ database }), ...(log && { log }) });
}

export function postgresWith(options: pg.PoolConfig, { log }: Extras = {}): Kysely<unknown> {
  const pool = new pg.Pool(options);
  // A lost connection is reported twice: it rejects pending queries, and emits an event.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }), ...(log && { log }) });
}

/** `prepare` is a statement that each new connection begins with. */
export function mariadbWith(options: PoolOptions, { prepare, log }: Extras = {}): Kysely<unknown> {
  const pool = createPool(options);
  if (prepare !== undefined) pool.on('connection', (connection) => connection.query(prepare));
  return new Kysely<unknown>({ dialect: new MysqlDialect({ pool }), ...(log && { log }) });
}

interface Extras {
  readonly pragmas?: string;
  readonly prepare?: string;
  readonly log?: Logger;
}
