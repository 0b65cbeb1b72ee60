// Statements that are prepared once for each connection, and those of the host's, which are left as they are.
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
  test('a statement of the library is prepared once, one of the host at each call', async () => {
    const database = new SqliteDatabase(':memory:');
    const prepared: string[] = [];
    const kept = preparedDatabase({
      close: () => database.close(),
      exec: (text) => database.exec(text),
      get inTransaction() {
        return database.inTransaction;
      },
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

  test('a database that cannot begin at once, or does not say where it stands, is refused', () => {
    const database = new SqliteDatabase(':memory:');
    const exec = (text: string) => database.exec(text);
    const neither = { close: () => database.close(), prepare: (text: string) => database.prepare(text) };
    const message = 'preparedDatabase: the database must have exec and inTransaction';
    for (const half of [neither, { ...neither, exec }, { ...neither, inTransaction: false }]) {
      // @ts-expect-error nor does it compile
      expect(() => preparedDatabase(half)).toThrow(new TypeError(message));
    }
  });
});

// Which there is not has said so where the databases are.
describe.runIf(databaseKinds.includes(postgres))('PostgreSQL', () => {
  test('statements of the library have names, each text one, and those of the host none', async () => {
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
});
