// Prepares the library's statements once for each connection, where Kysely's dialects prepare at every call. The host
// application wraps the pool or database that it passes to its dialect.
import type { PostgresPool, PostgresPoolClient, SqliteDatabase, SqliteStatement } from 'kysely';
import { preparedClient, type NamingClient, type NamingPool } from './prepared-client.js';
import { RecentlyUsed } from './recently-used.js';
import { nameOfText } from './statement.js';

/**
 * A pool of `pg` that names the statements of this library, so that PostgreSQL parses and plans each once for every
 * connection. It passes all other statements on unchanged. Do not use it behind a transaction pooler that does not support
 * prepared statements, such as PgBouncer before 1.21.
 *
 * It also keeps two promises for every statement on the pool, yours too:
 * - After an error that is not the server's, such as `query_timeout` of `pg`, the connection is closed and not used again.
 *   `pg` alone would return it to the pool while the server still works on the statement.
 * - A commit whose wait for a synchronous standby was cancelled rejects: PostgreSQL reports a success and a warning,
 *   although a failover may lose the commit. Leave `client_min_messages` at `warning` or lower, otherwise the warning is
 *   not sent.
 *
 * @example
 * ```ts
 * import { Kysely, PostgresDialect } from 'kysely';
 * import pg from 'pg';
 * import { preparedPool } from 'tenantry/sql';
 *
 * const pool = new pg.Pool({ connectionString: 'postgres://app@127.0.0.1/app' });
 * const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
 * await db.destroy();
 * ```
 */
export function preparedPool(pool: NamingPool): PostgresPool {
  // The same object for the same client: Kysely recognizes a known connection by it.
  const clients = new WeakMap<NamingClient, PostgresPoolClient>();
  return {
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client) ?? preparedClient(client);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

/** What is needed from an SQLite database: one of better-sqlite3, libsql, or of the same form. */
export interface ExecutingDatabase extends SqliteDatabase {
  /** Runs statements without preparing them. */
  exec(sql: string): unknown;
}

/**
 * An SQLite database that keeps the prepared statements of this library and prepares all others at each call.
 *
 * Transactions on it, yours among them, begin with `begin immediate` instead of the `begin` that Kysely sends. A
 * transaction then waits for other processes at its beginning, for up to `busy_timeout`. One that read first and wrote
 * later would fail with `SQLITE_BUSY` without waiting, and libsql would leave the failed statement unfinished, after
 * which nothing can be committed on the connection.
 *
 * @throws TypeError when the database has no `exec`.
 *
 * @example
 * ```ts
 * import { Kysely, SqliteDialect } from 'kysely';
 * import Database from 'libsql';
 * import { preparedDatabase } from 'tenantry/sql';
 *
 * const database = preparedDatabase(new Database(':memory:'));
 * const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
 * await db.destroy();
 * ```
 */
export function preparedDatabase(database: ExecutingDatabase): SqliteDatabase {
  if (typeof database.exec !== 'function') {
    throw new TypeError('preparedDatabase: the database must have an `exec` method');
  }
  const kept = new RecentlyUsed<SqliteStatement>(1000);
  return {
    close: () => {
      database.close();
    },
    prepare(text) {
      if (text === KYSELY_BEGIN || text === BEGIN_IMMEDIATE) return beginImmediate(database);
      if (nameOfText(text) === undefined) return database.prepare(text);
      const prepared = kept.get(text) ?? database.prepare(text);
      kept.set(text, prepared);
      return prepared;
    },
  };
}

/** What Kysely's driver for SQLite begins every transaction with. */
const KYSELY_BEGIN = 'begin';
const BEGIN_IMMEDIATE = 'begin immediate';

/** Executed, not prepared: libsql also leaves a prepared `begin immediate` unfinished when another process has the lock. */
function beginImmediate(database: ExecutingDatabase): SqliteStatement {
  return {
    reader: false,
    run() {
      database.exec(BEGIN_IMMEDIATE);
      return { changes: 0, lastInsertRowid: 0 };
    },
    all: () => [],
    iterate: () => [].values(),
  };
}
