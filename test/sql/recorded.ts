// Databases that note every statement on its way to the driver, those that begin and end transactions among them.
import { PGlite } from '@electric-sql/pglite';
import {
  Kysely,
  MysqlDialect,
  PostgresDialect,
  SqliteDialect,
  sql,
  type DatabaseConnection,
  type Dialect,
  type Driver,
} from 'kysely';
import SqliteDatabase from 'libsql';
import { createPool } from 'mysql2';
import pg from 'pg';
import type { SqlTables } from '../../src/adapters/sql/index.js';
import { MARIADB_URL, POSTGRES_URL, migrate, pglite, pglitePool, type DatabaseKind } from './databases.js';
import { mysqlSession, sqliteSession } from '../../src/adapters/sql/sessions.js';

/** A statement as it was sent: one round trip. */
export interface Sent {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export interface RecordedDatabase {
  readonly db: Kysely<unknown>;
  readonly tables: SqlTables;
  /** Another instance on the same data, of which nothing is noted, with connections of its own where there can be some. */
  readonly aside: Kysely<unknown>;
  /** What `run` sent, in order, and what it answered with. */
  readonly during: <Answer>(
    run: () => Promise<Answer>,
  ) => Promise<{ readonly sent: readonly Sent[]; readonly answer: Answer }>;
  /** Gives back connections, and what was made. */
  readonly drop: () => Promise<void>;
}

/** A database of the kind, with the tables and no rows. */
export async function recordedDatabase(kind: DatabaseKind): Promise<RecordedDatabase> {
  if (kind === pglite) {
    const tables: SqlTables = { dialect: 'postgres' };
    const recorded = recording(new PostgresDialect({ pool: pglitePool(await PGlite.create()) }));
    await migrate(recorded.db, tables);
    return { ...recorded, tables, aside: recorded.db, drop: () => recorded.db.destroy() };
  }
  const { db, tables, drop } = await kind.create();
  const recorded = recording(await dialectOn(tables, db));
  return {
    ...recorded,
    tables,
    aside: db,
    drop: async () => {
      await recorded.db.destroy();
      await drop();
    },
  };
}

/** A dialect whose driver is another's, looked over. */
export function withDriver(dialect: Dialect, change: (driver: Driver) => Driver): Dialect {
  return {
    createDriver: () => change(dialect.createDriver()),
    createAdapter: () => dialect.createAdapter(),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createIntrospector: (db) => dialect.createIntrospector(db),
  };
}

/** Other connections to the same data. */
async function dialectOn({ dialect }: SqlTables, db: Kysely<unknown>): Promise<Dialect> {
  switch (dialect) {
    case 'sqlite': {
      const { rows } = await sql<{ file: string }>`pragma database_list`.execute(db);
      const database = new SqliteDatabase(rows[0]?.file ?? '');
      database.exec('pragma busy_timeout = 5000; pragma synchronous = off; pragma foreign_keys = on');
      return new SqliteDialect({ database });
    }
    case 'postgres':
      return new PostgresDialect({ pool: new pg.Pool({ connectionString: POSTGRES_URL, max: 2 }) });
    case 'mariadb':
    case 'mysql':
      return new MysqlDialect({ pool: createPool({ uri: MARIADB_URL, connectionLimit: 2 }) });
    default:
      return dialect satisfies never;
  }
}

function recording(dialect: Dialect): Pick<RecordedDatabase, 'db' | 'during'> {
  const sent: Sent[] = [];
  const db = new Kysely<unknown>({
    dialect: withDriver(dialect, (driver) => notingDriver(driver, (statement) => sent.push(statement))),
  });
  return {
    db,
    during: async (run) => {
      sent.length = 0;
      const answer = await run();
      return { sent: [...sent], answer };
    },
  };
}

/** The string of a parameter that has a form of its own for the driver. */
function valueOf(parameter: unknown): unknown {
  return typeof parameter === 'object' && parameter !== null ? parameter.valueOf() : parameter;
}

/** Sent once for each connection, before its first statement. */
const sessionChecks: ReadonlySet<string> = new Set([mysqlSession.sql, sqliteSession.sql]);

/**
 * The drivers of Kysely send each statement by `executeQuery` of a connection, `begin` and `commit` too. As theirs, a
 * connection is always the same object.
 */
function notingDriver(driver: Driver, note: (statement: Sent) => void): Driver {
  const inner = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const outer = new WeakMap<DatabaseConnection, DatabaseConnection>();
  const innerOf = (connection: DatabaseConnection): DatabaseConnection => inner.get(connection) ?? connection;
  return {
    init: () => driver.init(),
    acquireConnection: async () => {
      const connection = await driver.acquireConnection();
      const known = outer.get(connection);
      if (known !== undefined) return known;
      const noting: DatabaseConnection = {
        executeQuery: (query) => {
          if (!sessionChecks.has(query.sql))
            note({ sql: query.sql, parameters: query.parameters.map(valueOf) });
          return connection.executeQuery(query);
        },
        streamQuery: (query, size) => connection.streamQuery(query, size),
      };
      inner.set(noting, connection);
      outer.set(connection, noting);
      return noting;
    },
    beginTransaction: (connection, settings) => driver.beginTransaction(connection, settings),
    commitTransaction: (connection) => driver.commitTransaction(connection),
    rollbackTransaction: (connection) => driver.rollbackTransaction(connection),
    releaseConnection: (connection) => driver.releaseConnection(innerOf(connection)),
    destroy: () => driver.destroy(),
  };
}
