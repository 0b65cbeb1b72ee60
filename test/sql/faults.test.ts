// Database failures: the caller gets a retryable error or the true result, and the next call works.
import { sql, type Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import type { StorageAdapter, WorkspaceError } from '../../src/index.js';
import { endOf, processService, putScenario } from '../../src/testing/scenario.js';
import { sqliteWith } from './connections.js';
import { sqliteFile, type TestDatabase } from './databases.js';
import { act, errorOf, expectUnavailable, nextPrefix, rename, transfer } from './outages.js';
import { createStage, letGo, postgresServer, servers, type Stage } from './servers.js';
import { addressOf } from './workers.js';

for (const { server, kind } of servers) {
  describe(server.name, () => {
    let stage: Stage;

    beforeAll(async () => {
      stage = await createStage(server, kind);
    });
    afterEach(() => stage.tidy());
    afterAll(() => stage.drop());

    test('S-07 the server ends the connection during a commit: UNAVAILABLE, and the next call works', async () => {
      const scenario = await stage.start();
      const before = await stage.stateOf(scenario);
      const holder = await stage.holding('workspaces', scenario.team);
      const { storage, connection } = await stage.storageWith();
      const answer = errorOf(act(rename, storage, scenario));
      await stage.untilWaiting(connection);
      await server.end(stage.database.db, connection);
      expectUnavailable(await answer);
      await letGo(holder);
      expect(await stage.stateOf(scenario)).toBe(before);
      await act(rename, storage, scenario);
      expect(await stage.stateOf(scenario)).not.toBe(before);
    });

    test('S-07 an exhausted pool is UNAVAILABLE, and nothing is written', async () => {
      const scenario = await stage.start();
      const before = await stage.stateOf(scenario);
      const { db, storage } = await stage.storageWith({ isImpatient: true });
      const only = await stage.begin(db);
      expectUnavailable(await errorOf(act(rename, storage, scenario)));
      expect(await stage.stateOf(scenario)).toBe(before);
      await letGo(only);
      await act(rename, storage, scenario);
      expect(await stage.stateOf(scenario)).not.toBe(before);
    });

    test('S-07 a statement that exceeds its timeout is UNAVAILABLE, and nothing is written', async () => {
      const scenario = await stage.start();
      const before = await stage.stateOf(scenario);
      const holder = await stage.holding('workspaces', scenario.team);
      const { storage } = await stage.storageWith({ settings: server.settings.statementTimeout });
      expectUnavailable(await errorOf(act(rename, storage, scenario)));
      await letGo(holder);
      expect(await stage.stateOf(scenario)).toBe(before);
      await act(rename, storage, scenario);
      expect(await stage.stateOf(scenario)).not.toBe(before);
    });

    test('S-07 on a read-only database reads succeed, and writes are UNAVAILABLE', async () => {
      const scenario = await stage.start();
      const before = await stage.stateOf(scenario);
      const { storage } = await stage.storageWith({ settings: server.settings.readOnly });
      const workspaces = processService(storage, { ...scenario, process: 0 });
      const error = await errorOf(act(rename, storage, scenario));
      expectUnavailable(error, { isRetryable: false });
      expect(error?.cause).toHaveProperty('message', expect.stringContaining('connect it to the primary'));
      const found = await workspaces.getWorkspace(scenario.actor('ada'), { workspaceId: scenario.team });
      expect(found.name).toBe('hello');
      expect(await stage.stateOf(scenario)).toBe(before);
      // As after a failover to a primary.
      await act(rename, (await stage.storageWith()).storage, scenario);
      expect(await stage.stateOf(scenario)).not.toBe(before);
    });

    test('S-07 a lock that is never released ends with a retryable CONFLICT, and nothing is written', async () => {
      const scenario = await stage.start();
      const before = await stage.stateOf(scenario);
      const holder = await stage.holding('workspaces', scenario.team);
      const { storage } = await stage.storageWith({ settings: server.settings.lockTimeout });
      const error = await errorOf(act(rename, storage, scenario));
      expect([error?.code, error?.retryable]).toEqual(['CONFLICT', true]);
      await letGo(holder);
      expect(await stage.stateOf(scenario)).toBe(before);
      await act(rename, storage, scenario);
      expect(await stage.stateOf(scenario)).not.toBe(before);
    });

    test('S-07 a command waits for a lock that is released, and takes effect once', async () => {
      const { after } = await stage.undisturbed(rename);
      const scenario = await stage.start();
      const holder = await stage.holding('workspaces', scenario.team);
      const { storage } = await stage.storageWith({ settings: server.settings.lockTimeout });
      let conflicts = 0;
      const noticed: StorageAdapter = {
        ...storage,
        async commit(commit) {
          const result = await storage.commit(commit);
          if (!result.ok && ++conflicts === 1) await letGo(holder);
          return result;
        },
      };
      await act(rename, noticed, scenario);
      expect(conflicts).toBe(1);
      expect(await stage.stateOf(scenario)).toBe(after);
    });

    test('S-07 the victim of a deadlock is retried, and takes effect once', async () => {
      const { after } = await stage.undisturbed(transfer);
      const scenario = await stage.start();
      const [ada, mia] = [scenario.actor('ada').userId, scenario.actor('mia').userId];
      const codes: string[] = [];
      const { storage, connection } = await stage.storageWith({
        settings: server.settings.quickDeadlocks,
        log: (event) => event.level === 'error' && codes.push(codeOf(event.error)),
      });
      // The command locks the team, then Ada, then Mia.
      const first = await stage.holding('accounts', ada);
      const second = await stage.holding('accounts', mia, server.settings.slowDeadlocks);
      const ids = [...Array(20).keys()].map((index) => sql`(${`${scenario.prefix}-${index}`}, 0)`);
      await sql`insert into ${sql.table(stage.database.table('workspace_ids'))} (id, deleted) values ${sql.join(ids)}`.execute(
        second.transaction,
      );
      const answer = act(transfer, storage, scenario);
      await stage.untilWaiting(connection);
      const team = stage.lock(second.transaction, 'workspaces', scenario.team);
      await stage.untilWaiting(second.connection);
      await letGo(first);
      await team;
      await letGo(second);
      await answer;
      expect(codes).toEqual([server.deadlock]);
      expect(await stage.stateOf(scenario)).toBe(after);
    });

    if (server === postgresServer) {
      test('S-07 a serialization failure is retried, and the command takes effect once', async () => {
        const { after } = await stage.undisturbed(rename);
        for (const level of ['repeatable read', 'serializable']) {
          const scenario = await stage.start();
          const codes: string[] = [];
          const { storage, connection } = await stage.storageWith({
            settings: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
            log: (event) => event.level === 'error' && codes.push(codeOf(event.error)),
          });
          const { transaction } = await stage.holding('workspaces', scenario.team);
          const table = sql.table(stage.database.table('workspaces'));
          await sql`update ${table} set version = version where id = ${scenario.team}`.execute(transaction);
          const answer = act(rename, storage, scenario);
          await stage.untilWaiting(connection);
          await transaction.commit().execute();
          await answer;
          expect(codes).toEqual(['40001']);
          expect(await stage.stateOf(scenario)).toBe(after);
        }
      });
    }
  });
}

describe('SQLite', () => {
  let database: TestDatabase;
  let direct: StorageAdapter;

  beforeAll(async () => {
    database = await sqliteFile.create();
    direct = sqlStorage({ db: database.db, ...database.tables });
  });
  afterAll(() => database.drop());

  /** Runs `look` with a storage on a connection of its own. */
  async function connected<Told>(
    look: (storage: StorageAdapter, db: Kysely<unknown>) => Promise<Told>,
    pragmas = '',
  ): Promise<Told> {
    const db = sqliteWith((await addressOf(database)).location, { pragmas });
    try {
      return await look(sqlStorage({ db, ...database.tables }), db);
    } finally {
      await db.destroy();
    }
  }

  test('S-07 on a full disk writes are UNAVAILABLE, and succeed once there is space', async () => {
    await connected(async (storage, db) => {
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
      await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 0)}`.execute(db);
      const scenario = await putScenario(direct, nextPrefix());
      const workspaces = processService(storage, { ...scenario, process: 0 });
      let names = 0;
      let error: WorkspaceError | null = null;
      while (error === null) {
        const name = `${names++}`.padStart(100, 'x');
        error = await errorOf(
          workspaces.renameWorkspace(scenario.actor('ada'), { workspaceId: scenario.team, name }),
        );
      }
      expectUnavailable(error);
      // SQLite has rolled back by itself, so the rollback fails, too.
      const causes = causesOf(error).map((cause) => Reflect.get(cause, 'code') as unknown);
      expect(causes).toContain('SQLITE_FULL');
      const { items } = await workspaces.listEvents(scenario.actor('ada'), {
        workspaceId: scenario.team,
        limit: 200,
      });
      expect(items.filter(({ type }) => type === 'workspace.renamed')).toHaveLength(names - 1);
      await sql`pragma max_page_count = 1000000`.execute(db);
      await act(rename, storage, scenario);
      const found = await workspaces.getWorkspace(scenario.actor('ada'), { workspaceId: scenario.team });
      expect(found.name).toBe('Aside');
    });
  });

  test('S-07 on a read-only file reads succeed, and writes are UNAVAILABLE', async () => {
    const scenario = await putScenario(direct, nextPrefix());
    const before = await endOf(direct, scenario, []);
    await connected(async (storage) => {
      expectUnavailable(await errorOf(act(rename, storage, scenario)));
      expect(await endOf(storage, scenario, [])).toBe(before);
    }, 'pragma query_only = on');
    expect(await endOf(direct, scenario, [])).toBe(before);
  });

  test('S-07 a locked file ends with a retryable CONFLICT, and a retry succeeds once it is unlocked', async () => {
    const scenario = await putScenario(direct, nextPrefix());
    const before = await endOf(direct, scenario, []);
    await connected(async (storage) => {
      await sql`begin immediate`.execute(database.db);
      const error = await errorOf(act(rename, storage, scenario));
      expect([error?.code, error?.retryable]).toEqual(['CONFLICT', true]);
      await sql`rollback`.execute(database.db);
      expect(await endOf(direct, scenario, [])).toBe(before);
    }, 'pragma busy_timeout = 0');
    // On a new connection: libsql 0.5.29 leaves a statement that met a lock unfinished, and nothing can be committed
    // where it was until it is collected.
    await connected((storage) => act(rename, storage, scenario));
    expect(await endOf(direct, scenario, [])).not.toBe(before);
  });
});

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const errno: unknown = Reflect.get(error, 'errno');
  const code: unknown = Reflect.get(error, 'code');
  return String(typeof errno === 'number' ? errno : code);
}

function causesOf(error: Error): Error[] {
  const causes: Error[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(cause);
  return causes;
}
