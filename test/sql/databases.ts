// The databases that the tests run on, each with its own set of tables and a way to empty them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect, sql, type PostgresPool } from 'kysely';
import SqliteDatabase from 'libsql';
import { createPool } from 'mysql2';
import pg from 'pg';
import {
  migrate as migrateTables,
  preparedDatabase,
  preparedPool,
  type SqlDialect,
  type SqlTables,
} from '../../src/adapters/sql/index.js';
import { namesOf } from '../../src/adapters/sql/names.js';
import { TABLE_NAMES, tables as allTables } from '../../src/adapters/sql/tables.js';

export interface TestDatabase {
  readonly db: Kysely<unknown>;
  readonly tables: SqlTables;
  /** The name of a table as statements write it. */
  readonly table: (name: keyof typeof allTables) => string;
  /** Another instance on the same data, with its own connections where the database allows several. */
  readonly connect: () => Kysely<unknown>;
  /** Deletes every row. */
  readonly empty: () => Promise<void>;
  /** Closes connections, and drops what was created. */
  readonly drop: () => Promise<void>;
}

export interface DatabaseKind {
  readonly name: string;
  readonly dialect: SqlDialect;
  readonly create: (options?: { readonly migrated?: boolean }) => Promise<TestDatabase>;
}

export const POSTGRES_URL = process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
export const MARIADB_URL = process.env['TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

export const sqliteFile: DatabaseKind = {
  name: 'SQLite',
  dialect: 'sqlite',
  create: async (options) => {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-sqlite-'));
    const db = sqliteOn(join(folder, 'test.sqlite'));
    return prepared(db, { dialect: 'sqlite' }, options, {
      // One connection, as one process has: a second one here would wait for the first on the thread that both need.
      connect: () => db,
      dropData: () => rm(folder, { recursive: true }),
    });
  },
};

export const pglite: DatabaseKind = {
  name: 'PGlite',
  dialect: 'postgres',
  create: async (options) => {
    const engine = await PGlite.create();
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pglitePool(engine) }) });
    return prepared(db, { dialect: 'postgres' }, options, {
      connect: () => db,
      dropData: () => Promise.resolve(),
    });
  },
};

export const postgres: DatabaseKind = {
  name: 'PostgreSQL',
  dialect: 'postgres',
  create: async (options) => {
    const schema = `tenantry_${process.pid}_${nextNumber()}`;
    const db = postgresOn(POSTGRES_URL);
    await sql`create schema ${sql.id(schema)}`.execute(db);
    return prepared(db, { dialect: 'postgres', schema }, options, {
      // The second instance names its statements, so that both ways are tested.
      connect: () =>
        new Kysely<unknown>({
          dialect: new PostgresDialect({ pool: preparedPool(pgPool(POSTGRES_URL, 10)) }),
        }),
      dropData: () => sql`drop schema ${sql.id(schema)} cascade`.execute(db),
    });
  },
};

const mariadb: DatabaseKind = {
  name: 'MariaDB',
  dialect: 'mariadb',
  create: async (options) => {
    const schema = `tenantry_${process.pid}_${nextNumber()}`;
    const db = mariadbOn(MARIADB_URL);
    await sql`create database ${sql.id(schema)}`.execute(db);
    return prepared(db, { dialect: 'mariadb', schema }, options, {
      connect: () => mariadbOn(MARIADB_URL),
      dropData: () => sql`drop database ${sql.id(schema)}`.execute(db),
    });
  },
};

/** All kinds whose server is reachable. A missing server is an error on CI, and a warning elsewhere. */
export const databaseKinds: readonly DatabaseKind[] = [
  sqliteFile,
  pglite,
  ...(await reachable(postgres, () => postgresOn(POSTGRES_URL))),
  ...(await reachable(mariadb, () => mariadbOn(MARIADB_URL))),
];

/** SQLite as a server would open it: https://www.sqlite.org/wal.html */
export function sqliteOn(file: string): Kysely<unknown> {
  const database = new SqliteDatabase(file);
  database.exec('pragma journal_mode = wal; pragma busy_timeout = 5000; pragma foreign_keys = on');
  return new Kysely<unknown>({ dialect: new SqliteDialect({ database: preparedDatabase(database) }) });
}

function postgresOn(connectionString: string, max = 10): Kysely<unknown> {
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool: pgPool(connectionString, max) }) });
}

function pgPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString, max });
  // Tests ignore errors of idle connections; without a listener they would end the process. A client that is checked out
  // emits errors to its own listeners only.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function mariadbOn(uri: string, connectionLimit = 10): Kysely<unknown> {
  return new Kysely<unknown>({ dialect: new MysqlDialect({ pool: createPool({ uri, connectionLimit }) }) });
}

/** Runs every migration that was not run yet. */
export async function migrate(db: Kysely<unknown>, tables: SqlTables): Promise<void> {
  await migrateTables({ db, ...tables });
}

/** Drops every table of the library. */
export async function dropTables(db: Kysely<unknown>, tables: SqlTables): Promise<void> {
  const names = namesOf(tables);
  for (const name of [...TABLE_NAMES].reverse()) await sql.raw(`drop table ${names.table(name)}`).execute(db);
  await sql.raw(`drop table if exists ${names.migrations}`).execute(db);
}

/** A pool over the only connection of a PGlite, for one user at a time. */
export function pglitePool(engine: PGlite): PostgresPool {
  let last: Promise<void> = Promise.resolve();
  return {
    async connect() {
      let release = (): void => undefined;
      const before = last;
      last = new Promise((resolve) => (release = resolve));
      await before;
      return {
        // Kysely calls it with a text and values; its other form is for cursors.
        query: async (text: unknown, values?: readonly unknown[]) => {
          const { rows, affectedRows } = await engine.query(String(text), [...(values ?? [])]);
          const command = /^\s*(\w+)/.exec(String(text))?.[1]?.toUpperCase();
          return { command, rowCount: affectedRows ?? rows.length, rows };
        },
        release,
      } as Awaited<ReturnType<PostgresPool['connect']>>;
    },
    end: () => engine.close(),
  };
}

async function prepared(
  db: Kysely<unknown>,
  tables: SqlTables,
  { migrated = true }: { readonly migrated?: boolean } = {},
  {
    connect,
    dropData,
  }: { readonly connect: () => Kysely<unknown>; readonly dropData: () => Promise<unknown> },
): Promise<TestDatabase> {
  if (migrated) await migrate(db, tables);
  const others: Kysely<unknown>[] = [];
  const reference = (name: string) =>
    sql.table([...(tables.schema ? [tables.schema] : []), `tenantry_${name}`].join('.'));
  return {
    db,
    tables,
    table: (name) => [...(tables.schema ? [tables.schema] : []), `tenantry_${name}`].join('.'),
    connect: () => {
      const other = connect();
      if (other !== db) others.push(other);
      return other;
    },
    async empty() {
      for (const name of Object.keys(allTables).reverse())
        await sql`delete from ${reference(name)}`.execute(db);
    },
    async drop() {
      await Promise.all(others.map((other) => other.destroy()));
      await dropData();
      await db.destroy();
    },
  };
}

async function reachable(kind: DatabaseKind, open: () => Kysely<unknown>): Promise<DatabaseKind[]> {
  const db = open();
  try {
    await sql`select 1`.execute(db);
    return [kind];
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    const reason = error instanceof Error ? error.message : String(error);
    console.warn(`${kind.name} is skipped: ${reason}`);
    return [];
  } finally {
    await db.destroy();
  }
}

let number = 0;

function nextNumber(): number {
  return number++;
}

/** An instance that resolves unqualified tables in the schema of this test. */
export function inSchemaOf({ db, tables: { dialect, schema } }: TestDatabase): Kysely<unknown> {
  if (schema === undefined) return db;
  const url = new URL(dialect === 'postgres' ? POSTGRES_URL : MARIADB_URL);
  if (dialect === 'postgres') {
    url.searchParams.set('options', `-c search_path=${schema}`);
    return postgresOn(url.href);
  }
  url.pathname = `/${schema}`;
  return mariadbOn(url.href);
}
