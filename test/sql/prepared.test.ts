// The library's statements are prepared once for each connection; those of the app are passed on unchanged.
import { Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely';
import SqliteDatabase from 'libsql';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { preparedDatabase, preparedPool, sqlStorage } from '../../src/adapters/sql/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { databaseKinds, migrate, postgres, POSTGRES_URL } from './databases.js';

const ada = { userId: 'u1' };
const hosts = 'select 1 as of_the_host';

describe('SQLite', () => {
  test('prepares a statement of the library once, and one of the app at each call', async () => {
    const database = new SqliteDatabase(':memory:');
    const prepared: string[] = [];
    const kept = preparedDatabase({
      close: () => database.close(),
      exec: (text) => database.exec(text),
      prepare(text) {
        prepared.push(text);
        return database.prepare(text);
      },
    });
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: kept }) });
    const dialect = 'sqlite';
    await migrate(db, { dialect });
    const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, dialect }) });
    const { workspace } = await workspaces.openAccount({ ...ada, username: 'ada' });
    prepared.length = 0;
    for (let call = 0; call < 3; call++) {
      await workspaces.authorize(ada, { workspaceId: workspace.id, permission: 'workspace:view' });
      await workspaces.renameAccount(ada, { ...ada, username: `ada ${call}` });
      await sql.raw(hosts).execute(db);
    }
    const own = prepared.filter((text) => text.includes('tenantry_'));
    expect(new Set(own).size).toBe(own.length);
    expect(prepared.filter((text) => text === hosts)).toHaveLength(3);
    await db.destroy();
  });

  test('rejects a database without exec', () => {
    const database = new SqliteDatabase(':memory:');
    const bare = { close: () => database.close(), prepare: (text: string) => database.prepare(text) };
    const message = 'preparedDatabase: the database must have an `exec` method';
    // @ts-expect-error nor does it compile
    expect(() => preparedDatabase(bare)).toThrow(new TypeError(message));
  });
});

// A missing server is reported where the databases are listed.
describe.runIf(databaseKinds.includes(postgres))('PostgreSQL', () => {
  test('names every statement of the library by its SQL, and none of the app', async () => {
    const { drop, tables } = await postgres.create();
    const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 1 });
    let connections = 0;
    const onCreateConnection = (): Promise<void> => {
      connections += 1;
      return Promise.resolve();
    };
    const dialect = new PostgresDialect({ pool: preparedPool(pool), onCreateConnection });
    const db = new Kysely<unknown>({ dialect });
    try {
      const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, ...tables }) });
      const { workspace } = await workspaces.openAccount({ ...ada, username: 'ada' });
      for (let call = 0; call < 3; call++) {
        await workspaces.authorize(ada, { workspaceId: workspace.id, permission: 'workspace:view' });
        await sql.raw(hosts).execute(db);
      }
      const { rows } = await sql<{ name: string; statement: string }>`
        select name, statement from pg_prepared_statements`.execute(db);
      expect(rows.length).toBeGreaterThanOrEqual(3);
      for (const { name, statement } of rows) {
        expect(name).toMatch(/^tenantry_[a-z0-9]{8,13}$/);
        expect(statement).toContain('tenantry_');
      }
      expect(new Set(rows.map(({ statement }) => statement)).size).toBe(rows.length);
      expect(connections).toBe(1);
    } finally {
      await db.destroy();
      await drop();
    }
  });

  // What a transaction pooler does to its clients, done to their connections.
  test.each([
    ['forgets the statements of a connection', '26000'],
    ['gives the connection of one client to another', '42P05'],
  ])('a pooler that %s (%s) is UNAVAILABLE, not retryable, and its cause names the fix', async (_, code) => {
    const { drop, tables } = await postgres.create();
    const pools = [0, 1].map(() => new pg.Pool({ connectionString: POSTGRES_URL, max: 1 }));
    const [db, other] = pools.map(
      (pool) => new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) }),
    );
    if (db === undefined || other === undefined) throw new Error('there are two pools');
    const findOn = (used: Kysely<unknown>): Promise<unknown> => {
      const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db: used, ...tables }) });
      return workspaces.getWorkspace(ada, { workspaceId: 'ws-1' }).catch((reason: unknown) => reason);
    };
    try {
      expect(await findOn(db)).toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
      const { rows } = await sql<{ name: string }>`select name from pg_prepared_statements`.execute(db);
      expect(rows.length).toBeGreaterThan(0);
      if (code === '26000') await sql`deallocate all`.execute(db);
      else for (const { name } of rows) await sql`prepare ${sql.id(name)} as select 1`.execute(other);
      const error = await findOn(code === '26000' ? db : other);
      expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: false });
      expect(error).toHaveProperty('cause.message', expect.stringContaining('without preparedPool'));
      expect(error).toHaveProperty('cause.cause.code', code);
    } finally {
      await db.destroy();
      await other.destroy();
      await drop();
    }
  });
});
