// What the app does in its own transaction besides calls: savepoints of its own, calls in parallel, functions that ask.
import { sql, type Transaction } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { sqlQuota, sqlStorage, type SqlDatabase } from '../../src/adapters/sql/index.js';
import {
  defaultLimits,
  defaultMatrix,
  WorkspaceService,
  type BeginTransaction,
  type LimitsSource,
} from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { outcome, refusal } from '../service/team.js';
import { databaseKinds, type TestDatabase } from './databases.js';

const ada = { userId: 'ada' };
const ben = { userId: 'ben' };
const root = { operator: 'root' };
const never = <Answer>(): Promise<Answer> => new Promise<Answer>(() => undefined);

afterEach(() => {
  vi.useRealTimers();
});

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let workspaces: WorkspaceService;
    let workspaceId: string;
    let heard: string[];
    beforeAll(async () => {
      database = await kind.create();
    });
    afterAll(() => database.drop());

    const on = (host: SqlDatabase) => ({
      storage: sqlStorage({ db: host, ...database.tables }),
      quota: sqlQuota({ db: host, ...database.tables, defaults: { pods: '5' } }),
    });
    const service = (options: { readonly limits?: LimitsSource; readonly limitsTimeout?: number } = {}) =>
      new WorkspaceService({
        ...on(database.db),
        ...options,
        permissions: defaultMatrix,
        tokens: testTokens,
      });
    const begin: BeginTransaction<Transaction<unknown>> = (run) =>
      database.db.transaction().execute((transaction) => run(on(transaction), transaction));

    beforeEach(async () => {
      await database.empty();
      workspaces = service();
      await workspaces.openAccount({ ...ada, username: 'ada' });
      await workspaces.openAccount({ ...ben, username: 'ben' });
      ({ id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'team' }));
      const named = { workspaceId, reservationId: 'old' };
      await workspaces.reserveQuota(ada, { ...named, amounts: { pods: '1' } });
      const used = { workspaceId, reservationId: 'used' };
      await workspaces.reserveQuota(ada, { ...used, amounts: { pods: '1' } });
      await workspaces.commitQuota(ada, used);
      heard = [];
      workspaces.on('*', ({ type }) => heard.push(type));
    });

    const undone: readonly (readonly [string, (inside: WorkspaceService) => Promise<unknown>])[] = [
      ['a command on a workspace', (inside) => inside.renameWorkspace(ada, { workspaceId, name: 'renamed' })],
      ['a command on an account', (inside) => inside.renameAccount(ada, { ...ada, username: 'undone' })],
      [
        'a reservation',
        (inside) => inside.reserveQuota(ada, { workspaceId, reservationId: 'new', amounts: { pods: '1' } }),
      ],
      ['a committed reservation', (inside) => inside.commitQuota(ada, { workspaceId, reservationId: 'old' })],
      ['a release', (inside) => inside.releaseQuota(ada, { workspaceId, reservationId: 'old' })],
      ['limits', (inside) => inside.setQuota(root, { workspaceId, limits: { pods: '9' } })],
      [
        'a reservation that took less',
        (inside) => inside.commitQuota(ada, { workspaceId, reservationId: 'old', amounts: { pods: '0' } }),
      ],
      [
        'a new amount of a charge',
        (inside) => inside.resizeQuota(ada, { workspaceId, reservationId: 'used', amounts: { pods: '2' } }),
      ],
    ];
    test.each(undone)(
      'S-01 rolling back a savepoint of the app behind %s rolls everything back, without events',
      async (_what, act) => {
        const before = await workspaces.getQuota(root, { workspaceId });
        const ended = workspaces.withTransaction(begin, async (inside, transaction) => {
          await sql`savepoint app`.execute(transaction);
          await act(inside);
          await sql`rollback to savepoint app`.execute(transaction);
          await inside.createWorkspace(ben, { name: 'kept' });
        });
        await expect(ended).rejects.toThrow(/no longer in the transaction/);
        expect(heard).toEqual([]);
        expect((await workspaces.listWorkspaces(ben)).items).toHaveLength(1);
        expect(await workspaces.getQuota(root, { workspaceId })).toEqual(before);
      },
    );

    test.each(undone)(
      'S-01 a command repeated after the savepoint is compared by its own events: %s',
      async (_what, act) => {
        const ended = workspaces.withTransaction(begin, async (inside, transaction) => {
          await sql`savepoint app`.execute(transaction);
          await act(inside);
          await sql`rollback to savepoint app`.execute(transaction);
          await act(inside);
        });
        // A reservation has no stored event: the last answer about it is what holds.
        const isStored = _what.startsWith('a command');
        if (isStored) await expect(ended).rejects.toThrow(/no longer in the transaction/);
        else await ended;
      },
    );

    test('S-01 a savepoint of the app that is released, or rolled back before a call, is no obstacle', async () => {
      await workspaces.withTransaction(begin, async (inside, transaction) => {
        await sql`savepoint app`.execute(transaction);
        await sql`rollback to savepoint app`.execute(transaction);
        for (const [, act] of undone.slice(0, 4)) await act(inside);
        await sql`release savepoint app`.execute(transaction);
        await inside.setQuota(root, { workspaceId, limits: { pods: '9' } });
        await inside.deleteWorkspace(ada, { workspaceId });
      });
      expect(heard).toEqual([
        'workspace.renamed',
        'account.renamed',
        'workspace.renamed',
        'quota.reserved',
        'quota.committed',
        'quota.limits-set',
        'workspace.deleted',
      ]);
    });

    test('S-02 parallel commands inside that touch one account take turns', async () => {
      const { id: other } = await workspaces.createWorkspace(ada, { name: 'other' });
      let begun = 0;
      const counting: typeof begin = (run) => {
        begun += 1;
        return begin(run);
      };
      await workspaces.withTransaction(counting, (inside) =>
        Promise.all([
          inside.createWorkspace(ada, { name: 'one' }),
          inside.switchWorkspace(ada, { workspaceId }),
          inside.renameAccount(ada, { ...ada, username: 'renamed' }),
          inside.deleteWorkspace(ada, { workspaceId: other }),
        ]),
      );
      expect(begun).toBe(1);
    });

    test('limits functions and hooks receive the transaction, and can query through it', async () => {
      const received: unknown[] = [];
      const limits: LimitsSource = async (_subject, { transaction }) => {
        received.push(transaction);
        if (isTransaction(transaction)) await sql`select 1`.execute(transaction);
        return defaultLimits;
      };
      const asking = service({ limits });
      asking.before('createWorkspace', async ({ transaction }) => {
        received.push(transaction);
        if (isTransaction(transaction)) await sql`select 1`.execute(transaction);
      });
      let own: unknown;
      await asking.withTransaction(begin, async (inside, transaction) => {
        own = transaction;
        await inside.createWorkspace(ada, { name: 'inside' });
      });
      await asking.createWorkspace(ada, { name: 'outside' });
      expect(received).toHaveLength(4);
      expect(received.map((one) => one === own)).toEqual([true, true, false, false]);
      expect(received.slice(2)).toEqual([undefined, undefined]);
    });

    test('a limits function or a hook that never answers inside is given up, with the reason', async () => {
      const hanging = service({ limits: never, limitsTimeout: 5 });
      const creating = (inside: WorkspaceService) => inside.createWorkspace(ada, { name: 'x' });
      const limited = await refusal(hanging.withTransaction(begin, creating));
      expect([limited.code, limited.details]).toEqual(['UNAVAILABLE', { source: 'limits' }]);
      expect(String(limited.cause)).toContain('query the same database through the `transaction`');
      const hooked = service({ limitsTimeout: 5 });
      hooked.before('createWorkspace', () => never<undefined>());
      const vetoed = await refusal(hooked.withTransaction(begin, creating));
      expect(vetoed.code).toBe('VETOED');
      expect(String(vetoed.cause)).toContain('query the same database through the `transaction`');
      expect(await outcome(workspaces.createWorkspace(ada, { name: 'x' }))).toBe('ok');
    });

    test('Q-15 a function of default limits that never answers inside is given up, with the reason', async () => {
      const stuck: typeof begin = (run) =>
        database.db.transaction().execute((transaction) => {
          const quota = sqlQuota({ db: transaction, ...database.tables, defaults: never });
          vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
          return run({ ...on(transaction), quota }, transaction);
        });
      const input = { workspaceId, reservationId: 'r', amounts: { pods: '1' } };
      const ended = refusal(
        workspaces.withTransaction(stuck, async (inside) => {
          const reserving = inside.reserveQuota(ada, input);
          reserving.catch(() => undefined);
          while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
          vi.runAllTimers();
          await reserving;
        }),
      );
      const { code, details, cause } = await ended;
      expect([code, details]).toEqual(['UNAVAILABLE', { source: 'quota' }]);
      expect(String(cause)).toContain('`defaults` gave no answer');
    });
  });
}

function isTransaction(value: unknown): value is Transaction<unknown> {
  return typeof value === 'object' && value !== null && 'isTransaction' in value;
}
