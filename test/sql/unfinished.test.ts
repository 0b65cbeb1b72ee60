// A transaction of the app ends only when every call in it has ended, and commits only if it is alive.
import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type Kysely, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import {
  defaultMatrix,
  isWorkspaceError,
  WorkspaceService,
  type BeginTransaction,
  type UserActor,
} from '../../src/index.js';
import { testTokens, violations } from '../../src/testing/index.js';
import { databaseKinds, type TestDatabase } from './databases.js';
import { wholeWorld } from './whole-world.js';

const ada: UserActor = { userId: 'ada' };
const defaults = { a: '1000', b: '1000' };

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let db: Kysely<unknown>;
    const own = () => sql.table(database.table('accounts').replace('accounts', 'own'));

    const testOnMariaDb = (title: string, run: () => Promise<void>): void => {
      if (kind.name === 'MariaDB') test(title, run);
    };

    beforeAll(async () => {
      database = await kind.create();
      ({ db } = database);
      await sql`create table ${own()} (k int primary key, v int)`.execute(db);
    });
    afterAll(() => database.drop());

    async function start() {
      await database.empty();
      await sql`delete from ${own()}`.execute(db);
      await sql`insert into ${own()} (k, v) values (1, 0), (2, 0)`.execute(db);
      const workspaces = new WorkspaceService({
        storage: sqlStorage({ db, ...database.tables }),
        quota: sqlQuota({ db, ...database.tables, defaults }),
        permissions: defaultMatrix,
        tokens: testTokens,
      });
      await workspaces.openAccount({ ...ada, username: 'ada' });
      const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'taken' });
      const heard: string[] = [];
      workspaces.on('*', ({ type }) => heard.push(type));
      return { workspaces, workspaceId, heard };
    }

    const begin: BeginTransaction<Transaction<unknown>> = (run) => {
      const transaction = db.transaction();
      return (
        kind.dialect === 'sqlite' ? transaction : transaction.setIsolationLevel('read committed')
      ).execute((trx) =>
        run(
          {
            storage: sqlStorage({ db: trx, ...database.tables }),
            quota: sqlQuota({ db: trx, ...database.tables, defaults }),
          },
          trx,
        ),
      );
    };

    /** Ledgers and records are as they were before the transactions. */
    async function expectUntouched(workspaces: WorkspaceService, workspaceId: string): Promise<void> {
      const { items } = await workspaces.listWorkspaces(ada);
      expect(items.map(({ workspace }) => workspace.name).sort()).toEqual(['ada', 'taken']);
      const { resources } = await workspaces.getQuota(ada, { workspaceId });
      for (const { used, reserved } of Object.values(resources)) expect([used, reserved]).toEqual(['0', '0']);
      const world = await wholeWorld(database);
      expect(violations(world, { matrix: defaultMatrix, now: Date.now() })).toEqual([]);
    }

    /** Lets other work go on, for a time that differs from round to round. */
    async function pause(round: number): Promise<void> {
      for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve));
    }

    const calls = {
      createWorkspace: (inside: WorkspaceService) => inside.createWorkspace(ada, { name: 'late' }),
      reserveQuota: (inside: WorkspaceService, workspaceId: string) =>
        inside.reserveQuota(ada, { workspaceId, reservationId: 'r', amounts: { a: '1', b: '2' } }),
      renameWorkspace: (inside: WorkspaceService, workspaceId: string) =>
        inside.renameWorkspace(ada, { workspaceId, name: 'late' }),
    };
    describe.each(Object.entries(calls))('a forgotten await of %s', (_name, call) => {
      test('S-01 rolls everything back and says so, at whatever point the work ends', async () => {
        const { workspaces, workspaceId, heard } = await start();
        for (let round = 0; round < 24; round++) {
          let late: Promise<unknown> = Promise.resolve();
          let isDone = false;
          const ended = workspaces.withTransaction(begin, async (inside) => {
            late = call(inside, workspaceId).then(() => (isDone = true));
            late.catch(() => undefined);
            await pause(round);
          });
          const end: unknown = await ended.catch((error: unknown) => error);
          // A call that was done when the work ended is no mistake. On SQLite that needs a few turns.
          if (end === undefined) {
            expect(isDone).toBe(true);
            expect(round).toBeGreaterThan(0);
            break;
          }
          expect(end).toBeInstanceOf(TypeError);
          expect(end instanceof Error ? end.message : '').toContain('await every call inside `work`');
          await Promise.allSettled([late]);
          expect(heard).toEqual([]);
          await expectUntouched(workspaces, workspaceId);
        }
      });
    });

    test('S-01 a call that is refused beside others ends the transaction after the others', async () => {
      const { workspaces, workspaceId, heard } = await start();
      for (let round = 0; round < 24; round++) {
        const ended = workspaces.withTransaction(begin, (inside) =>
          Promise.all([
            calls.createWorkspace(inside),
            calls.reserveQuota(inside, workspaceId),
            pause(round).then(() => inside.getWorkspace(ada, { workspaceId: 'ws-unknown' })),
          ]),
        );
        await expect(ended).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' });
        await expectUntouched(workspaces, workspaceId);
      }
      expect(heard).toEqual([]);
    });

    test('a call after the end of the work fails at once, and writes nothing', async () => {
      const { workspaces, workspaceId } = await start();
      let kept: WorkspaceService | undefined;
      await workspaces.withTransaction(begin, (inside) => {
        kept = inside;
        return Promise.resolve();
      });
      const late = [
        kept?.createWorkspace(ada, { name: 'late' }),
        kept?.can(ada, { workspaceId, permission: 'workspace:view' }),
        kept?.getQuota(ada, { workspaceId }),
      ];
      for (const call of late) await expect(call).rejects.toThrow('the transaction is over');
      await expectUntouched(workspaces, workspaceId);
    });

    test('a transaction inside a transaction is refused', async () => {
      const { workspaces } = await start();
      const nested = workspaces.withTransaction(begin, (inside) =>
        inside.withTransaction(begin, () => Promise.resolve()),
      );
      await expect(nested).rejects.toThrow('inside a transaction already');
    });

    test('S-01 an error of the app’s own statement that the work catches does not lose what was acknowledged', async () => {
      const { workspaces, heard } = await start();
      const ended = workspaces.withTransaction(begin, async (inside, trx) => {
        await inside.createWorkspace(ada, { name: 'hello' });
        await sql`insert into ${own()} (k, v) values (1, 1)`.execute(trx).catch(() => undefined);
        return 'done';
      });
      const end: unknown = await ended.catch((error: unknown) => error);
      const { items } = await workspaces.listWorkspaces(ada);
      const isThere = items.some(({ workspace }) => workspace.name === 'hello');
      // PostgreSQL can only roll back after an error. The others keep the transaction.
      if (kind.dialect === 'postgres') {
        expect(isWorkspaceError(end, 'UNAVAILABLE') && end.details.source).toBe('storage');
        expect([isThere, heard]).toEqual([false, []]);
      } else {
        expect([end, isThere, heard]).toEqual(['done', true, ['workspace.created']]);
      }
    });

    testOnMariaDb(
      'S-01 after a deadlock that the work catches, no command takes effect outside of the transaction',
      async () => {
        const { workspaces, workspaceId, heard } = await start();
        for (const then of ['nothing', 'a command', 'a reservation'] as const) {
          let tries = 0;
          const other = await db.startTransaction().execute();
          await sql`update ${own()} set v = 1 where k = 2`.execute(other);
          // InnoDB rolls back the transaction that has changed fewer rows.
          for (let row = 0; row < 50; row++) {
            await sql`insert into ${own()} (k, v) values (${1000 + row}, 0) on duplicate key update v = v + 1`.execute(
              other,
            );
          }
          const ended = workspaces.withTransaction(begin, async (inside, trx) => {
            tries++;
            await inside.createWorkspace(ada, { name: `first ${then}` });
            await sql`update ${own()} set v = 1 where k = 1`.execute(trx);
            const crossing = sql`update ${own()} set v = 1 where k = 2`.execute(trx);
            await sleep(50);
            const theirs = sql`update ${own()} set v = 1 where k = 1`
              .execute(other)
              .then(() => other.commit().execute());
            await crossing.catch(() => undefined);
            if (then === 'a command') await inside.createWorkspace(ada, { name: 'second' });
            if (then === 'a reservation') await calls.reserveQuota(inside, workspaceId);
            await theirs;
          });
          await expect(ended).rejects.toMatchObject({ code: 'UNAVAILABLE' });
          expect(tries).toBe(1);
          expect(heard).toEqual([]);
          await expectUntouched(workspaces, workspaceId);
        }
      },
    );
  });
}
