// Many concurrent transactions of the app that charge one workspace: none deadlocks, and none has to start again.
import type { Kysely, Transaction } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  defaultMatrix,
  isWorkspaceError,
  WorkspaceService,
  type BeginTransaction,
  type UserActor,
} from '../../src/index.js';
import { sqlQuota, sqlStorage, type SqlDatabase } from '../../src/adapters/sql/index.js';
import { testTokens } from '../../src/testing/index.js';
import { databaseKinds, type TestDatabase } from './databases.js';

type HostTables = { projects: { id: string; workspace_id: string } };

const ada: UserActor = { userId: 'ada' };
const CROWD = 40;
const ROOM = 8;
const defaults = { cpu: 'unlimited', memory: 'unlimited', pods: String(ROOM) };

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let db: Kysely<HostTables>;
    let workspaces: WorkspaceService;
    let workspaceId: string;

    beforeAll(async () => {
      database = await kind.create();
      const { schema } = database.tables;
      db = database.db.withTables<HostTables>();
      if (schema !== undefined) db = db.withSchema(schema);
      await db.schema
        .createTable('projects')
        .addColumn('id', 'varchar(63)', (column) => column.primaryKey())
        .addColumn('workspace_id', 'varchar(63)')
        .execute();
      workspaces = new WorkspaceService({
        ...on(database.db),
        quotaTimeout: 60_000,
        permissions: defaultMatrix,
        tokens: testTokens,
      });
    });
    afterAll(() => database.drop());
    // A workspace without reservations: the first call creates its ledger.
    beforeEach(async () => {
      await database.empty();
      await db.deleteFrom('projects').execute();
      ({
        workspace: { id: workspaceId },
      } = await workspaces.openAccount({ ...ada, username: 'ada' }));
    });

    const on = (host: SqlDatabase) => ({
      storage: sqlStorage({ db: host, ...database.tables }),
      quota: sqlQuota({ db: host, ...database.tables, defaults }),
    });

    type Inside = (inside: WorkspaceService, transaction: Transaction<HostTables>) => Promise<unknown>;

    const endOf = async (work: Inside): Promise<string> => {
      try {
        let begins = 0;
        const begin: BeginTransaction<Transaction<HostTables>> = (run) => {
          begins += 1;
          return db.transaction().execute((transaction) => run(on(transaction), transaction));
        };
        await workspaces.withTransaction(begin, work);
        return begins === 1 ? 'ok' : `ok after ${begins} attempts`;
      } catch (error) {
        if (!isWorkspaceError(error)) return String(error);
        return error.code === 'UNAVAILABLE' ? `UNAVAILABLE: ${String(error.cause)}` : error.code;
      }
    };

    const create =
      (id: string, amounts: Readonly<Record<string, string>> = { pods: '1' }): Inside =>
      async (inside, transaction) => {
        const named = { workspaceId, reservationId: id };
        await inside.reserveQuota(ada, { ...named, amounts });
        await inside.commitQuota(ada, named);
        await transaction.insertInto('projects').values({ id, workspace_id: workspaceId }).execute();
      };

    const remove =
      (id: string): Inside =>
      async (inside, transaction) => {
        await inside.releaseQuota(ada, { workspaceId, reservationId: id });
        await transaction.deleteFrom('projects').where('id', '=', id).execute();
      };

    /** The same in reverse order. */
    const removeFirst =
      (id: string): Inside =>
      async (inside, transaction) => {
        await transaction.deleteFrom('projects').where('id', '=', id).execute();
        await inside.releaseQuota(ada, { workspaceId, reservationId: id });
      };

    const tallied = (ends: readonly string[]): Record<string, number> => {
      const tally: Record<string, number> = {};
      for (const end of ends) tally[end] = (tally[end] ?? 0) + 1;
      return tally;
    };

    /** The used pods, and the number of projects. */
    const taken = async (): Promise<readonly [string | undefined, number]> => {
      const { resources } = await workspaces.getQuota(ada, { workspaceId });
      const projects = await db.selectFrom('projects').select('id').execute();
      return [resources['pods']?.used, projects.length];
    };

    test('Q-07 of 40 concurrent transactions in a new workspace with room for 8, 8 commit and all others are refused', async () => {
      const ids = Array.from({ length: CROWD }, (_, index) => `p${index}`);
      const ends = await Promise.all(ids.map((id) => endOf(create(id))));
      expect(tallied(ends)).toEqual({ ok: ROOM, QUOTA_EXCEEDED: CROWD - ROOM });
      expect(await taken()).toEqual([String(ROOM), ROOM]);
    });

    test('Q-07 concurrent creations and deletions, in either order of statements, never deadlock', async () => {
      const ids = Array.from({ length: ROOM }, (_, index) => `old ${index}`);
      for (const id of ids) expect(await endOf(create(id))).toBe('ok');
      const ends = await Promise.all(
        ids.flatMap((id, index) => [
          endOf(create(`new ${index}`)),
          endOf(index % 2 === 0 ? remove(id) : removeFirst(id)),
          endOf(async (inside) => {
            const held = { workspaceId, reservationId: `held ${index}` };
            await inside.reserveQuota(ada, { ...held, amounts: { cpu: '1' } });
            await inside.releaseQuota(ada, held);
          }),
        ]),
      );
      expect(Object.keys(tallied(ends)).filter((end) => !['ok', 'QUOTA_EXCEEDED'].includes(end))).toEqual([]);
      const created = ends.filter((end, index) => index % 3 === 0 && end === 'ok').length;
      expect(ends.filter((end, index) => index % 3 !== 0 && end !== 'ok')).toEqual([]);
      expect(await taken()).toEqual([String(created), created]);
    });

    test('Q-07 transactions that charge resources one by one never deadlock with those that charge them together', async () => {
      const all = { cpu: '1', memory: '1Gi', pods: '1m' };
      expect(await endOf(create('first', all))).toBe('ok');
      const ends = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const together = { workspaceId, reservationId: `together ${index}` };
          return Promise.all([
            endOf(async (inside, transaction) => {
              await create(`pods ${index}`, { pods: '1m' })(inside, transaction);
              await create(`memory ${index}`, { memory: '1Gi' })(inside, transaction);
              await create(`cpu ${index}`, { cpu: '1' })(inside, transaction);
            }),
            workspaces
              .reserveQuota(ada, { ...together, amounts: all })
              .then(() => workspaces.releaseQuota(ada, together))
              .then(
                () => 'ok',
                (error: unknown) => String(error),
              ),
            endOf(create(`all ${index}`, all)),
          ]);
        }),
      );
      expect(tallied(ends.flat())).toEqual({ ok: 30 });
    });
  });
}
