// Many transactions of the host's at once that charge one workspace: nobody stands in the way of another for ever.
import type { Kysely, Transaction } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isWorkspaceError, WorkspaceService, type UserActor } from '../../src/index.js';
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
      workspaces = new WorkspaceService({ ...on(database.db), quotaTimeout: 60_000, tokens: testTokens });
    });
    afterAll(() => database.drop());
    // A workspace that nothing was ever reserved in: its ledger is made by whoever comes first.
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
        await db
          .transaction()
          .execute((transaction) => work(workspaces.inTransaction(on(transaction)).workspaces, transaction));
        return 'ok';
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

    /** The same in the other order. */
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

    /** What is used of pods, and how many projects there are. */
    const taken = async (): Promise<readonly [string | undefined, number]> => {
      const { resources } = await workspaces.getQuota(ada, { workspaceId });
      const projects = await db.selectFrom('projects').select('id').execute();
      return [resources['pods']?.used, projects.length];
    };

    test('Q-07 40 at once in a fresh workspace with room for 8: 8 are done, and all others refused', async () => {
      const ids = Array.from({ length: CROWD }, (_, place) => `p${place}`);
      const ends = await Promise.all(ids.map((id) => endOf(create(id))));
      expect(tallied(ends)).toEqual({ ok: ROOM, QUOTA_EXCEEDED: CROWD - ROOM });
      expect(await taken()).toEqual([String(ROOM), ROOM]);
    });

    test('Q-07 some create and others delete, in the one order and the other: nobody is ended by a deadlock', async () => {
      const ids = Array.from({ length: ROOM }, (_, place) => `old ${place}`);
      for (const id of ids) expect(await endOf(create(id))).toBe('ok');
      const ends = await Promise.all(
        ids.flatMap((id, place) => [
          endOf(create(`new ${place}`)),
          endOf(place % 2 === 0 ? remove(id) : removeFirst(id)),
          endOf(async (inside) => {
            const held = { workspaceId, reservationId: `held ${place}` };
            await inside.reserveQuota(ada, { ...held, amounts: { cpu: '1' } });
            await inside.releaseQuota(ada, held);
          }),
        ]),
      );
      expect(Object.keys(tallied(ends)).filter((end) => !['ok', 'QUOTA_EXCEEDED'].includes(end))).toEqual([]);
      const created = ends.filter((end, place) => place % 3 === 0 && end === 'ok').length;
      expect(ends.filter((end, place) => place % 3 !== 0 && end !== 'ok')).toEqual([]);
      expect(await taken()).toEqual([String(created), created]);
    });

    test('Q-07 a transaction that charges one resource after another, beside those that charge them together', async () => {
      const all = { cpu: '1', memory: '1Gi', pods: '0' };
      expect(await endOf(create('first', all))).toBe('ok');
      const ends = await Promise.all(
        Array.from({ length: 10 }, async (_, place) => {
          const together = { workspaceId, reservationId: `together ${place}` };
          return Promise.all([
            endOf(async (inside, transaction) => {
              await create(`pods ${place}`, { pods: '0' })(inside, transaction);
              await create(`memory ${place}`, { memory: '1Gi' })(inside, transaction);
              await create(`cpu ${place}`, { cpu: '1' })(inside, transaction);
            }),
            workspaces
              .reserveQuota(ada, { ...together, amounts: all })
              .then(() => workspaces.releaseQuota(ada, together))
              .then(
                () => 'ok',
                (error: unknown) => String(error),
              ),
            endOf(create(`all ${place}`, all)),
          ]);
        }),
      );
      expect(tallied(ends.flat())).toEqual({ ok: 30 });
    });
  });
}
