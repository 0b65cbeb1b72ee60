// Errors by their codes: how the adapter classifies them, what it logs, and that callers see nothing of the database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/adapters/sql/dialect.js';
import { dialectOf } from '../../src/adapters/sql/dialects.js';
import { sqlQuota, sqlStorage, type SqlDialect } from '../../src/adapters/sql/index.js';
import { defaultMatrix, isWorkspaceError, WorkspaceService, type WorkspaceError } from '../../src/index.js';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { fixedClock, testTokens } from '../../src/testing/index.js';
import { ada, formTeam, refusal } from '../service/team.js';
import { databaseKinds, migrate, type TestDatabase } from './databases.js';

/** What errors must not contain for callers: SQL, names of tables and columns, messages of drivers. */
const INTERNALS =
  /tenantry|select|insert|update\b|delete|from |where|table|relation|column|sqlite|postgres|maria|mysql|kysely|schema|errno|42P01|1146|1049/i;

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await kind.create({ migrated: false });
    });
    // A test has closed some of them.
    afterAll(() => database.drop().catch(() => undefined));

    test('a missing table is UNAVAILABLE to callers, and its cause says to run the migrations', async () => {
      const { db, tables } = database;
      const workspaces = serviceOn({ storage: sqlStorage({ db, ...tables }) });
      const workspaceId = 'ws-0000000000000001';
      const calls: readonly (() => Promise<unknown>)[] = [
        () => workspaces.openAccount({ userId: 'ada', username: 'ada' }),
        () => workspaces.authorize(ada, { workspaceId, permission: 'workspace:view' }),
        () => workspaces.listWorkspaces(ada),
        () => workspaces.listEvents({ operator: 'root' }, { workspaceId }),
      ];
      for (const call of calls) expectUnavailable(await refusal(call()), 'storage', /Run the migrations/);
    });

    test('a missing table is reported by a commit without a read', async () => {
      const storage = sqlStorage({ db: database.db, ...database.tables });
      const nothing = { expect: [{ workspace: 'ws-1', version: 1 }], changes: [], events: [] };
      await expect(storage.commit(nothing)).rejects.toThrow(/Run the migrations/);
      const alone = storage.withLock?.({ workspaceId: 'ws-1' }, () => Promise.resolve('done'));
      await expect(alone).rejects.toThrow(/Run the migrations/);
    });

    test('a missing table is reported by the quota', async () => {
      const { db, tables } = database;
      const quota = sqlQuota({ db, ...tables, defaults: { cpu: '8' } });
      const workspaces = serviceOn({ storage: memoryStorage(), quota });
      const workspaceId = await formTeam(workspaces);
      const named = { workspaceId, reservationId: 'res-1' };
      const calls: readonly (() => Promise<unknown>)[] = [
        () => workspaces.getQuota(ada, { workspaceId }),
        () => workspaces.setQuota({ operator: 'root' }, { workspaceId, limits: { cpu: '1' } }),
        () => workspaces.reserveQuota(ada, { ...named, amounts: { cpu: '1' } }),
        () => workspaces.commitQuota(ada, named),
        () => workspaces.releaseQuota(ada, named),
        () => workspaces.deleteWorkspace(ada, { workspaceId }),
      ];
      for (const call of calls) expectUnavailable(await refusal(call()), 'quota', /Run the migrations/);
    });

    test('a missing schema is reported as missing tables', async () => {
      const { db, tables } = database;
      if (tables.dialect === 'sqlite') return;
      const storage = sqlStorage({ db, ...tables, schema: 'nobody made this' });
      await expect(storage.findMembership('ws-1', 'ada')).rejects.toThrow(/Run the migrations/);
    });

    test('Q-15 a closed instance is UNAVAILABLE, and the driver’s message is only in the cause', async () => {
      const { tables } = database;
      const db = database.connect();
      await migrate(db, tables);
      const workspaces = serviceOn({
        storage: sqlStorage({ db, ...tables }),
        quota: sqlQuota({ db, ...tables, defaults: { cpu: '8' } }),
      });
      const workspaceId = await formTeam(workspaces);
      await db.destroy();
      const list = workspaces.listMembers(ada, { workspaceId });
      expectUnavailable(await refusal(list), 'storage', /./);
      const rename = workspaces.renameWorkspace(ada, { workspaceId, name: 'New' });
      expectUnavailable(await refusal(rename), 'storage', /./);
    });
  });
}

describe('codes', () => {
  test.each([
    ['postgres', { code: '26000' }, 'without preparedPool'],
    ['postgres', { code: '42P05' }, 'without preparedPool'],
    ['postgres', { code: '25006' }, 'connect it to the primary'],
    ['mariadb', { errno: 1290 }, 'connect it to the primary'],
    ['mysql', { errno: 1836 }, 'connect it to the primary'],
  ] as const)('%s: %j names the fix', (dialect, error, fix) => {
    expect(dialectOf(dialect).hintOf(error)).toContain(fix);
  });

  // As the drivers throw them: better-sqlite3, libsql, @libsql/client, node:sqlite, bun:sqlite; pg and PGlite; mysql2.
  const errors: readonly (readonly [SqlDialect, string, object, Failure])[] = [
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_CONSTRAINT_UNIQUE' }, 'duplicate'],
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' }, 'duplicate'],
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' }, 'outage'],
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_CONSTRAINT_CHECK' }, 'outage'],
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_BUSY' }, 'lock-timeout'],
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_BUSY_SNAPSHOT' }, 'lock-timeout'],
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_LOCKED_SHAREDCACHE' }, 'lock-timeout'],
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_ERROR' }, 'outage'],
    ['sqlite', 'better-sqlite3', { code: 'SQLITE_FULL' }, 'outage'],
    ['sqlite', 'libsql', { code: 'SQLITE_CONSTRAINT_UNIQUE', rawCode: 2067 }, 'duplicate'],
    ['sqlite', 'libsql', { code: 'SQLITE_BUSY', rawCode: 5 }, 'lock-timeout'],
    ['sqlite', 'libsql', { code: 'SQLITE_ERROR', rawCode: 1 }, 'outage'],
    ['sqlite', '@libsql/client', { code: 'SQLITE_CONSTRAINT', rawCode: 1555 }, 'duplicate'],
    ['sqlite', '@libsql/client', { code: 'SQLITE_CONSTRAINT', rawCode: 787 }, 'outage'],
    ['sqlite', 'node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 2067 }, 'duplicate'],
    ['sqlite', 'node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 1555 }, 'duplicate'],
    ['sqlite', 'node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 5 }, 'lock-timeout'],
    ['sqlite', 'node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 517 }, 'lock-timeout'],
    ['sqlite', 'node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 262 }, 'lock-timeout'],
    ['sqlite', 'node:sqlite', { code: 'ERR_SQLITE_ERROR', errcode: 1 }, 'outage'],
    ['sqlite', 'bun:sqlite', { code: 'SQLITE_CONSTRAINT_PRIMARYKEY', errno: 1555 }, 'duplicate'],
    ['sqlite', 'bun:sqlite', { code: 'SQLITE_BUSY', errno: 5 }, 'lock-timeout'],
    ['sqlite', 'bun:sqlite', { errno: 2067 }, 'duplicate'],
    ['postgres', 'unique_violation', { code: '23505' }, 'duplicate'],
    ['postgres', 'serialization_failure', { code: '40001' }, 'contention'],
    ['postgres', 'deadlock_detected', { code: '40P01' }, 'contention'],
    ['postgres', 'lock_not_available', { code: '55P03' }, 'lock-timeout'],
    ['postgres', 'undefined_table', { code: '42P01' }, 'missing-table'],
    ['postgres', 'invalid_schema_name', { code: '3F000' }, 'missing-table'],
    ['postgres', 'foreign_key_violation', { code: '23503' }, 'outage'],
    ['postgres', 'admin_shutdown', { code: '57P01' }, 'outage'],
    ['postgres', 'query_canceled', { code: '57014' }, 'outage'],
    ['postgres', 'a connection that was reset', { code: 'ECONNRESET' }, 'outage'],
    ...(['mariadb', 'mysql'] as const).flatMap(
      (dialect): readonly (readonly [SqlDialect, string, object, Failure])[] => [
        [dialect, 'ER_DUP_ENTRY', { code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' }, 'duplicate'],
        [
          dialect,
          'ER_LOCK_DEADLOCK',
          { code: 'ER_LOCK_DEADLOCK', errno: 1213, sqlState: '40001' },
          'contention',
        ],
        [dialect, 'ER_CHECKREAD', { code: 'ER_CHECKREAD', errno: 1020, sqlState: 'HY000' }, 'contention'],
        [dialect, 'ER_LOCK_WAIT_TIMEOUT', { code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 }, 'lock-timeout'],
        [dialect, 'ER_NO_SUCH_TABLE', { code: 'ER_NO_SUCH_TABLE', errno: 1146 }, 'missing-table'],
        [dialect, 'ER_NO_REFERENCED_ROW_2', { code: 'ER_NO_REFERENCED_ROW_2', errno: 1452 }, 'outage'],
        [dialect, 'a connection that was lost', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, 'outage'],
        [dialect, 'a connection that was refused', { code: 'ECONNREFUSED', errno: -111 }, 'outage'],
      ],
    ),
  ];

  test.each(errors)('%s, %s: %j is classified as %s', (dialect, _driver, error, failure) => {
    expect(dialectOf(dialect).failureOf(Object.assign(new Error('any text at all'), error))).toBe(failure);
  });

  const dialects = ['sqlite', 'postgres', 'mariadb', 'mysql'] as const;

  test.each(dialects)(
    '%s: an unknown code is an outage, even if its message names a known failure',
    (dialect) => {
      const { failureOf } = dialectOf(dialect);
      const strange: readonly object[] = [
        new Error(
          'UNIQUE constraint failed; duplicate key; Deadlock found; no such table; database is locked',
        ),
        {},
        { code: null, errno: null },
        { code: 23505, errno: '1062' },
        { code: 'constructor', errno: NaN },
        { code: 'toString' },
        { code: '__proto__' },
      ];
      for (const error of strange) expect(failureOf(error), JSON.stringify(error)).toBe('outage');
    },
  );
});

function expectUnavailable(error: WorkspaceError, source: 'storage' | 'quota', reason: RegExp): void {
  expect(error).toMatchObject({ code: 'UNAVAILABLE', details: { source } });
  const told = [error.message, JSON.stringify(error.details), JSON.stringify(error), String(error)];
  for (const text of told) expect(text).not.toMatch(INTERNALS);
  const { cause } = error;
  expect(cause).toBeInstanceOf(Error);
  expect(isWorkspaceError(cause)).toBe(false);
  expect(String(cause)).toMatch(reason);
}

function serviceOn(
  options: Pick<ConstructorParameters<typeof WorkspaceService>[0], 'storage' | 'quota'>,
): WorkspaceService {
  return new WorkspaceService({
    permissions: defaultMatrix,
    tokens: testTokens,
    clock: fixedClock(),
    ...options,
  });
}
