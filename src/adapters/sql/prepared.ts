// Statements that the database prepares once for each connection: Kysely's own dialects prepare at every call. A host puts
// these in front of what it gives to its dialect.
import type {
  PostgresCursor,
  PostgresPool,
  PostgresPoolClient,
  PostgresQueryResult,
  SqliteDatabase,
  SqliteStatement,
} from 'kysely';
import { nameOfText } from './statement.js';

/** A pool of `pg`, as far as it is used here. */
export interface NamingPool extends PostgresPool {
  /** As pg's. */
  connect(): Promise<NamingClient>;
}

/** A client of `pg`, as far as it is used here. */
export interface NamingClient extends PostgresPoolClient {
  /** As pg's: a statement of a name is prepared at its first call on a connection, and only executed afterwards. */
  query<Row>(named: {
    readonly name: string;
    readonly text: string;
    readonly values: unknown[];
  }): Promise<PostgresQueryResult<Row>>;
  /** As Kysely calls it. */
  query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  /** As Kysely calls it. */
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
}

/**
 * A pool of `pg` that names the statements of this library, so that PostgreSQL parses and plans each once for every
 * connection; all others it passes on as they are. Not for a pooler that lends a connection for one transaction and
 * forgets prepared statements, as PgBouncer before 1.21 does.
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
  // One for each client: by it Kysely knows a connection that it has seen.
  const naming = new WeakMap<NamingClient, PostgresPoolClient>();
  return {
    async connect() {
      const client = await pool.connect();
      const known = naming.get(client) ?? { query: namingQuery(client), release: () => client.release() };
      naming.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

/** An SQLite database, as far as it is used here: that of better-sqlite3, libsql and others of the kind. */
export interface ExecutingDatabase extends SqliteDatabase {
  /** Runs statements without preparing one. */
  exec(sql: string): unknown;
  /** Whether a transaction is open. */
  readonly inTransaction: boolean;
}

/**
 * An SQLite database that keeps the prepared statements of this library; all others it prepares at each call.
 *
 * Its transactions begin with `begin immediate`, and so does what writes outside of one: whoever is to write waits for
 * other processes at its first statement, for as long as `busy_timeout` says. One that has read first would be turned away
 * at once when it comes to write, and libsql would leave that statement unfinished, and the connection of no use.
 *
 * @throws TypeError where the database has no `exec` or does not say whether a transaction is open.
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
  if (typeof database.exec !== 'function' || typeof database.inTransaction !== 'boolean') {
    throw new TypeError('preparedDatabase: the database must have exec and inTransaction');
  }
  const kept = new Map<string, SqliteStatement>();
  return {
    close: () => {
      database.close();
    },
    prepare(text) {
      const bracket = BRACKETS.get(text);
      // Not prepared: a prepared `begin immediate` that met a lock stays unfinished in libsql, too.
      if (bracket !== undefined) return executed(database, bracket);
      if (!database.inTransaction && WRITES.test(text)) {
        return inTransaction(database, database.prepare(text));
      }
      if (nameOfText(text) === undefined) return database.prepare(text);
      const prepared = kept.get(text) ?? database.prepare(text);
      kept.set(text, prepared);
      return prepared;
    },
  };
}

/** What Kysely begins and ends transactions with. */
const BRACKETS: ReadonlyMap<string, string> = new Map([
  ['begin', 'begin immediate'],
  ['commit', 'commit'],
  ['rollback', 'rollback'],
]);

/** A `with` that only reads may be taken for one: it waits where it need not. */
const WRITES =
  /^\s*(?:(?:insert|replace|update|delete|create|drop|alter|reindex)\b|with\b.*\b(?:insert|replace|update|delete)\b)/is;

function executed(database: ExecutingDatabase, sql: string): SqliteStatement {
  return {
    reader: false,
    run() {
      database.exec(sql);
      return { changes: 0, lastInsertRowid: 0 };
    },
    all: () => [],
    iterate: () => [].values(),
  };
}

function inTransaction(database: ExecutingDatabase, statement: SqliteStatement): SqliteStatement {
  const alone = <Answer>(run: () => Answer): Answer => {
    database.exec('begin immediate');
    try {
      const answer = run();
      database.exec('commit');
      return answer;
    } catch (error) {
      // Some errors end the transaction by themselves.
      if (database.inTransaction) database.exec('rollback');
      throw error;
    }
  };
  return {
    reader: statement.reader,
    run: (parameters) => alone(() => statement.run(parameters)),
    all: (parameters) => alone(() => statement.all(parameters)),
    iterate: (parameters) => alone(() => statement.all(parameters)).values(),
  };
}

function namingQuery(client: NamingClient): PostgresPoolClient['query'] {
  function query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  function query<Row>(
    text: string | PostgresCursor<Row>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<Row>> | PostgresCursor<Row> {
    if (typeof text !== 'string') return client.query(text);
    const name = nameOfText(text);
    return name === undefined
      ? client.query<Row>(text, values)
      : client.query<Row>({ name, text, values: [...values] });
  }
  return query;
}
