// Settings of a connection that would break a rule: refused with the fix, or without effect.
import { Kysely, MysqlDialect, SqliteDialect, sql, type MysqlPool } from 'kysely';
import SqliteDatabase from 'libsql';
import { createPool, type PoolConnection, type PoolOptions } from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { mysqlSession } from '../../src/adapters/sql/sessions.js';
import { defaultMatrix, isWorkspaceError, WorkspaceService, type UserActor } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { mariadbWith } from './connections.js';
import { databaseKinds, MARIADB_URL, migrate, type TestDatabase } from './databases.js';

const ada: UserActor = { userId: 'ada' };
const eve: UserActor = { userId: 'eve' };
const defaults = { pods: '5' };
const mariadb = databaseKinds.find(({ name }) => name === 'MariaDB');

async function causeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (!isWorkspaceError(error, 'UNAVAILABLE')) throw error;
    return error.cause instanceof Error ? error.cause.message : '';
  }
  return 'no error';
}

describe.skipIf(mariadb === undefined)('MariaDB', () => {
  let database: TestDatabase;
  const opened: Kysely<unknown>[] = [];

  beforeAll(async () => {
    if (mariadb !== undefined) database = await mariadb.create();
  });
  afterAll(async () => {
    await Promise.all(opened.map((db) => db.destroy()));
    await database.drop();
  });

  function on(db: Kysely<unknown>): WorkspaceService {
    return new WorkspaceService({
      storage: sqlStorage({ db, ...database.tables }),
      quota: sqlQuota({ db, ...database.tables, defaults }),
      permissions: defaultMatrix,
      tokens: testTokens,
    });
  }

  function serviceWith(prepare: string | undefined, options: PoolOptions = {}): WorkspaceService {
    const pool = { uri: MARIADB_URL, connectionLimit: 2, ...options };
    const db = mariadbWith(pool, prepare === undefined ? {} : { prepare });
    opened.push(db);
    return on(db);
  }

  interface Breaking {
    readonly name: string;
    readonly prepare?: string;
    readonly options?: PoolOptions;
  }
  const breaking: readonly Breaking[] = [
    { name: 'autocommit', prepare: 'set autocommit = 0' },
    { name: 'completion_type', prepare: "set completion_type = 'CHAIN'" },
    { name: 'character_set_client', options: { charset: 'latin1' } },
    { name: 'character_set_results', prepare: 'set character_set_results = latin1' },
    { name: 'sql_mode', prepare: "set sql_mode = ''" },
    { name: 'foreign_key_checks', prepare: 'set foreign_key_checks = 0' },
    { name: 'unique_checks', prepare: 'set unique_checks = 0' },
  ];
  test.each(breaking)(
    'refuses a connection with another $name, and names the fix',
    async ({ name, prepare, options }) => {
      const workspaces = serviceWith(prepare, options);
      const calls = [
        () => workspaces.openAccount({ ...ada, username: 'ada' }),
        () => workspaces.authorize(ada, { workspaceId: 'ws-1', permission: 'workspace:view' }),
        () => workspaces.listWorkspaces(ada),
        () => workspaces.setQuota({ operator: 'root' }, { workspaceId: 'ws-1', limits: { pods: '1' } }),
      ];
      // at every use, not at the first alone
      for (const call of [...calls, ...calls]) {
        const cause = await causeOf(call());
        expect(cause).toContain(`${name} is '`);
        expect(cause).toMatch(/: set .+ on each connection, otherwise /);
      }
    },
  );

  test('works again once the connection is set right', async () => {
    const db = mariadbWith({ uri: MARIADB_URL, connectionLimit: 1 }, { prepare: 'set autocommit = 0' });
    opened.push(db);
    const workspaces = on(db);
    expect(await causeOf(workspaces.listWorkspaces(ada))).toContain('autocommit');
    await sql`set autocommit = 1`.execute(db);
    await expect(workspaces.listWorkspaces(ada)).rejects.toMatchObject({ code: 'ACCOUNT_NOT_FOUND' });
  });

  test('checks each connection once', async () => {
    const pool = createPool({ uri: MARIADB_URL, connectionLimit: 1 });
    const checks: string[] = [];
    const db = new Kysely<unknown>({
      dialect: new MysqlDialect({ pool }),
      log({ query }) {
        if (query.sql === mysqlSession.sql) checks.push(query.sql);
      },
    });
    opened.push(db);
    const workspaces = on(db);
    const question = { workspaceId: 'ws-1', permission: 'workspace:view' } as const;
    for (let round = 0; round < 5; round++) expect(await workspaces.can(ada, question)).toBe(false);
    expect(checks).toHaveLength(1);
  });

  // Letters that end a literal in some setting: a quote, a backslash, and letters whose bytes in latin1 are a quote.
  const hostile = [
    "' or 1=1 -- ",
    "\\' or 1=1 -- ",
    '" or 1=1 -- ',
    'ħ or 1=1 -- ',
    '`;\u00a7\u2019 -- ',
    '\\',
    "x'00'",
    '?',
    ':a',
    '\u{1F600}',
  ];
  const modes: readonly (readonly [name: string, prepare: string])[] = [
    ['the default', 'do 0'],
    ['NO_BACKSLASH_ESCAPES', "set sql_mode = concat(@@sql_mode, ',NO_BACKSLASH_ESCAPES')"],
    ['ANSI_QUOTES', "set sql_mode = concat(@@sql_mode, ',ANSI_QUOTES,PIPES_AS_CONCAT')"],
  ];
  describe.each(modes)('with %s', (mode, prepare) => {
    test.each(hostile)('the string %j is a value in every field', async (text) => {
      await database.empty();
      const workspaces = serviceWith(prepare);
      await workspaces.openAccount({ ...ada, username: 'ada' });
      await workspaces.openAccount({
        ...eve,
        username: `eve ${text.trim()}`,
        displayName: `Eve ${text.trim()}`,
      });
      const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'payroll' });
      const stranger = { userId: text };
      const permission = 'workspace:delete';
      await expect(workspaces.authorize(stranger, { workspaceId, permission })).rejects.toMatchObject({
        code: 'WORKSPACE_NOT_FOUND',
      });
      const own = await workspaces.createWorkspace(eve, { name: `mine ${text.trim()}` });
      expect((await workspaces.getWorkspace(eve, { workspaceId: own.id })).name).toBe(`mine ${text.trim()}`);
      await workspaces.renameWorkspace(eve, { workspaceId: own.id, name: `now ${text.trim()}` });
      expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('payroll');
      expect((await workspaces.getWorkspace(eve, { workspaceId: own.id })).name).toBe(`now ${text.trim()}`);
      const { items } = await workspaces.listAccountEvents(eve, { userId: 'eve' });
      expect(items[0]?.data).toMatchObject({ displayName: `Eve ${text.trim()}` });
      const { id } = (await workspaces.openAccount({ userId: text, username: `u${mode.length}` })).workspace;
      expect(await workspaces.can({ userId: text }, { workspaceId: id, permission })).toBe(true);
      expect(await workspaces.can(stranger, { workspaceId, permission })).toBe(false);
    });
  });

  test('a pool that binds values by the protocol receives the strings themselves', async () => {
    await database.empty();
    const pool = createPool({ uri: MARIADB_URL, connectionLimit: 2 });
    const binding: MysqlPool = {
      getConnection(done) {
        pool.getConnection((error, connection) => {
          done(error, new Proxy(connection, { get: (target, key) => memberOf(target, key) }));
        });
      },
      end: (done) => {
        pool.end(done);
      },
    };
    const memberOf = (connection: PoolConnection, key: string | symbol): unknown => {
      const member: unknown = Reflect.get(connection, key === 'query' ? 'execute' : key);
      return typeof member === 'function' ? (member.bind(connection) as unknown) : member;
    };
    const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool: binding }) });
    opened.push(db);
    const workspaces = on(db);
    await workspaces.openAccount({ ...ada, username: "o'hara", displayName: 'Ada \\' });
    const { items } = await workspaces.listWorkspaces(ada);
    expect(items.map(({ workspace }) => workspace.name)).toEqual(["o'hara"]);
  });
});

describe('SQLite', () => {
  test('refuses a connection that does not check foreign keys', async () => {
    const database = new SqliteDatabase(':memory:');
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
    await migrate(db, { dialect: 'sqlite' });
    const workspaces = new WorkspaceService({
      storage: sqlStorage({ db, dialect: 'sqlite' }),
      permissions: defaultMatrix,
      tokens: testTokens,
    });
    database.exec('pragma foreign_keys = off');
    expect(await causeOf(workspaces.openAccount({ ...ada, username: 'ada' }))).toContain(
      'pragma foreign_keys = on',
    );
    database.exec('pragma foreign_keys = on');
    await expect(workspaces.openAccount({ ...ada, username: 'ada' })).resolves.toBeDefined();
    await db.destroy();
  });
});

describe('a node of a Galera cluster', () => {
  const settings = {
    autocommit: 'ON',
    completion_type: 'NO_CHAIN',
    character_set_client: 'utf8mb4',
    character_set_connection: 'utf8mb4',
    character_set_results: 'utf8mb4',
    sql_mode: 'STRICT_TRANS_TABLES',
    foreign_key_checks: 'ON',
    unique_checks: 'ON',
    wsrep_on: 'ON',
  };
  const problemWith = (wait: string) =>
    mysqlSession.problemOf(new Map(Object.entries({ ...settings, wsrep_sync_wait: wait })));

  test.each(['1', '3', '7', '15'])('may be read with wsrep_sync_wait = %s', (wait) => {
    expect(problemWith(wait)).toBeNull();
  });
  test.each(['0', '2', '4', ''])('is refused with wsrep_sync_wait = "%s"', (wait) => {
    expect(problemWith(wait)).toContain('set wsrep_sync_wait = 1');
  });
  test('without replication needs no setting', () => {
    const alone = { ...settings, wsrep_on: 'OFF', wsrep_sync_wait: '0' };
    expect(mysqlSession.problemOf(new Map(Object.entries(alone)))).toBeNull();
  });
});
