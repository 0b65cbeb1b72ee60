// Cuts the connection at every request and every response of a command. One of the cuts loses the acknowledgement.
import type { Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { defaultMatrix, WorkspaceService, type StorageAdapter, type UserActor } from '../../src/index.js';
import { actions, type Action } from '../../src/testing/actions.js';
import { processService } from '../../src/testing/scenario.js';
import { testTokens } from '../../src/testing/test-workspaces.js';
import { rounds } from '../campaign.js';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy.js';
import { act, actionOf, errorOf, expectUnavailable, rename, transfer } from './outages.js';
import { createStage, servers, type Stage } from './servers.js';

/** The short form of the tests also cuts these at every point. */
const cutEverywhere: readonly Action[] = [transfer, actionOf('Eve accepts the single link')];

// Servers that are missing have been reported, with the reason.
if (servers.length === 0) test.skip('S-07 S-08 a connection to a server that is cut', () => undefined);

for (const { server, kind } of servers) {
  describe(server.name, () => {
    let proxy: CuttingProxy;
    let stage: Stage;

    beforeAll(async () => {
      stage = await createStage(server, kind);
      proxy = await cuttingProxy(server.url, server.port);
    });
    afterEach(() => stage.tidy());
    afterAll(async () => {
      await proxy.close();
      await stage.drop();
    });

    /** The number of requests that an action sends to the database. */
    async function questionsOf(action: Action, wrap: Wrap = asItIs): Promise<number> {
      const { db, storage } = await stage.storageWith({ url: proxy.url });
      const scenario = await stage.start();
      proxy.arm(0, 'before');
      await act(action, wrap(storage), scenario);
      const questions = proxy.questions();
      await db.destroy();
      return questions;
    }

    /** Cuts once, reads what is stored, and sends the command again. */
    async function cutAt(
      action: Action,
      [question, when]: readonly [number, 'before' | 'after'],
      wrap: Wrap = asItIs,
    ) {
      const { db, storage } = await stage.storageWith({ url: proxy.url });
      const scenario = await stage.start();
      proxy.arm(question, when);
      const error = await errorOf(act(action, wrap(storage), scenario));
      const hasCut = proxy.hasCut();
      const left = await stage.stateOf(scenario);
      // The same command on the same pool; refused or not, it must not take effect twice.
      const again = await errorOf(act(action, storage, scenario));
      await db.destroy();
      return { hasCut, error, left, again, end: await stage.stateOf(scenario) };
    }

    // Not those whose every call issues a new link.
    const issuing = [
      'Mia reissues the single link',
      'Ada reissues the invitation for Eve, for another role',
      'Ada invites someone with an id of her own',
    ].map(actionOf);
    const canRepeat = actions.filter((action) => !issuing.includes(action));

    test.each(canRepeat.map((action) => [action.title, action] as const))(
      'S-08 a connection cut after the commit is UNAVAILABLE, and a retry takes effect once: %s',
      async (_title, action) => {
        const { after } = await stage.undisturbed(action);
        const { error, hasCut, left, again, end } = await cutAt(action, [await questionsOf(action), 'after']);
        expect(hasCut).toBe(true);
        expectUnavailable(error);
        expect(left).toBe(after);
        expect(again?.code).not.toBe('UNAVAILABLE');
        expect(end).toBe(after);
      },
    );

    test.each(
      canRepeat
        .filter((action) => cutEverywhere.includes(action) || rounds(0, 1) === 1)
        .flatMap(
          (action) =>
            [
              [action.title, 'at once', action, asItIs],
              [action.title, 'in a row with others', action, losingFirst],
            ] as const,
        ),
    )(
      'S-07 S-08 a cut at every request and response does nothing or everything, and a retry takes effect once: %s, %s',
      async (_title, _how, action, wrap) => {
        const { before, after } = await stage.undisturbed(action);
        const questions = await questionsOf(action, wrap);
        for (let question = 1; question <= questions; question++) {
          for (const when of ['before', 'after'] as const) {
            const { error, hasCut, left, again, end } = await cutAt(action, [question, when], wrap);
            expect(hasCut).toBe(true);
            expectUnavailable(error);
            expect(left).toBe(question === questions && when === 'after' ? after : before);
            expect(again === null || left === after).toBe(true);
            expect(end).toBe(after);
          }
        }
      },
    );

    const charges: readonly Charging[] = [
      {
        title: 'reserveQuota',
        before: () => Promise.resolve(),
        run: (workspaces, by, charge) => workspaces.reserveQuota(by, { ...charge, amounts: { pods: '2' } }),
        from: ['0', '0'],
        to: ['0', '2'],
      },
      {
        title: 'commitQuota',
        before: (workspaces, by, charge) =>
          workspaces.reserveQuota(by, { ...charge, amounts: { pods: '2' } }),
        run: (workspaces, by, charge) => workspaces.commitQuota(by, charge),
        from: ['0', '2'],
        to: ['2', '0'],
      },
      {
        title: 'releaseQuota',
        before: (workspaces, by, charge) =>
          workspaces.withQuota(by, { ...charge, amounts: { pods: '2' } }, () => undefined),
        run: (workspaces, by, charge) => workspaces.releaseQuota(by, charge),
        from: ['2', '0'],
        to: ['0', '0'],
      },
    ];

    test.each(charges.map((charging) => [charging.title, charging] as const))(
      'S-07 S-08 Q-09 a cut at every request and response charges or does not, and a retry takes effect once: %s',
      async (_title, { before, run, from, to }) => {
        const serviceOn = (db: Kysely<unknown>) =>
          new WorkspaceService({
            permissions: defaultMatrix,
            storage: sqlStorage({ db, ...stage.database.tables }),
            quota: sqlQuota({ db, ...stage.database.tables, defaults: { pods: '9' } }),
            tokens: testTokens,
          });
        const straight = serviceOn(stage.database.db);
        // The read of the workspace; on MariaDB after the check of the connection.
        const lastOfStorage = kind.dialect === 'mariadb' ? 2 : 1;
        // A round without a cut counts the requests.
        for (let [question, questions] = [0, 1]; question <= questions; question++) {
          for (const when of ['before', 'after'] as const) {
            const { db } = await stage.storageWith({ url: proxy.url });
            const { team: workspaceId, actor } = await stage.start();
            const charge = { workspaceId, reservationId: 'r' };
            const taken = async () => {
              const { resources } = await straight.getQuota(actor('ada'), { workspaceId });
              return [resources['pods']?.used, resources['pods']?.reserved];
            };
            await before(straight, actor('ada'), charge);
            expect(await taken()).toEqual(from);
            proxy.arm(question, when);
            const error = await errorOf(run(serviceOn(db), actor('ada'), charge));
            const hasCut = proxy.hasCut();
            if (question === 0) questions = proxy.questions();
            const left = await taken();
            if (hasCut) expectUnavailable(error, { source: question <= lastOfStorage ? 'storage' : 'quota' });
            expect(hasCut).toBe(question > 0);
            expect([from, to]).toContainEqual(left);
            if (question === 0 || (question === questions && when === 'after')) expect(left).toEqual(to);
            for (const workspaces of [serviceOn(db), straight]) {
              await run(workspaces, actor('ada'), charge);
              expect(await taken()).toEqual(to);
            }
            await db.destroy();
          }
        }
      },
    );

    test('S-07 the check can fail: it detects a storage that treats a broken connection as a success', async () => {
      const { before } = await stage.undisturbed(rename);
      const careless: Wrap = (storage) => ({
        ...storage,
        commit: (commit) => storage.commit(commit).catch(() => ({ ok: true })),
      });
      const { error, left } = await cutAt(rename, [await questionsOf(rename), 'before'], careless);
      expect([error, left]).toEqual([null, before]);
    });

    test('S-07 reads over a cut connection are UNAVAILABLE, and the next ones succeed', async () => {
      for (const when of ['before', 'after'] as const) {
        const { storage } = await stage.storageWith({ url: proxy.url });
        const scenario = await stage.start();
        const workspaces = processService(storage, { ...scenario, process: 0 });
        const { team, actor } = scenario;
        for (const read of [
          () => workspaces.getWorkspace(actor('ada'), { workspaceId: team }),
          () => workspaces.listMembers(actor('ada'), { workspaceId: team }),
          () => workspaces.listEvents(actor('ada'), { workspaceId: team }),
          () => workspaces.authorize(actor('mia'), { workspaceId: team, permission: 'resource:create' }),
          () => workspaces.can(actor('mia'), { workspaceId: team, permission: 'resource:create' }),
        ]) {
          proxy.arm(1, when);
          expectUnavailable(await errorOf(read()));
          expect(proxy.hasCut()).toBe(true);
          await read();
        }
      }
    });
  });
}

type Wrap = (storage: StorageAdapter) => StorageAdapter;

function asItIs(storage: StorageAdapter): StorageAdapter {
  return storage;
}

/** Loses the first attempt without sending it, so that the second attempt takes the lock. */
function losingFirst(storage: StorageAdapter): StorageAdapter {
  let isFirst = true;
  return {
    ...storage,
    commit(commit) {
      if (!isFirst) return storage.commit(commit);
      isFirst = false;
      return Promise.resolve({ ok: false, reason: 'conflict' });
    },
  };
}

/** A quota command, its preparation, and the used and reserved amounts before and after it. */
interface Charging {
  readonly title: string;
  readonly before: Charge;
  readonly run: Charge;
  readonly from: readonly [string, string];
  readonly to: readonly [string, string];
}

type Charge = (
  workspaces: WorkspaceService,
  by: UserActor,
  charge: { readonly workspaceId: string; readonly reservationId: string },
) => Promise<unknown>;
