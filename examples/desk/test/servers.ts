// The database servers for the tests. Each test gets a new database, which is dropped afterwards.
import { Kysely, MysqlDialect, PostgresDialect, sql } from 'kysely';
import { createPool } from 'mysql2';
import pg from 'pg';

export interface Server {
  readonly name: string;
  readonly url: string;
  readonly connect: () => Kysely<unknown>;
}

const POSTGRES_URL = process.env['TEST_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const MARIADB_URL = process.env['TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

/** The servers that are available. A missing one is reported; on a CI this is a failure. */
export const servers: readonly Server[] = await present([
  {
    name: 'PostgreSQL',
    url: POSTGRES_URL,
    connect: () =>
      new Kysely<unknown>({
        dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: POSTGRES_URL }) }),
      }),
  },
  {
    name: 'MariaDB',
    url: MARIADB_URL,
    connect: () =>
      new Kysely<unknown>({ dialect: new MysqlDialect({ pool: createPool({ uri: MARIADB_URL }) }) }),
  },
]);

/** Runs `test` with the URL of a new, empty database. */
export async function onNewDatabase(server: Server, test: (url: string) => Promise<void>): Promise<void> {
  const name = `tenantry_story_${process.pid}_${number++}`;
  const db = server.connect();
  try {
    await sql`create database ${sql.id(name)}`.execute(db);
    const url = new URL(server.url);
    url.pathname = name;
    try {
      await test(url.href);
    } finally {
      await sql`drop database ${sql.id(name)}`.execute(db);
    }
  } finally {
    await db.destroy();
  }
}

let number = 0;

async function present(all: readonly Server[]): Promise<readonly Server[]> {
  const found: Server[] = [];
  for (const server of all) {
    const db = server.connect();
    try {
      await sql`select 1`.execute(db);
      found.push(server);
    } catch (error) {
      if (process.env['CI'] === 'true') throw error;
      console.warn(`${server.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await db.destroy();
    }
  }
  return found;
}
