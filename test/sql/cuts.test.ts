// A connection that is cut at every question and at every answer of a command: a lost acknowledgement is one of the places.
import type { Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { WorkspaceService, type StorageAdapter, type UserActor } from '../../src/index.js';
import { actions, type Action } from '../../src/testing/actions.js';
import { processService } from '../../src/testing/scenario.js';
import { testTokens } from '../../src/testing/test-workspaces.js';
import { rounds } from '../campaign.js';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy.js';
import { act, actionOf, errorOf, expectUnavailable, rename, transfer } from './outages.js';
import { createStage, servers, type Stage } from './servers.js';

/** These are cut at every point in the short form, too. */
const cutEverywhere: readonly Action[] = [transfer, actionOf('Xena accepts the single link')];

// Those that are left out have been named, with the reason.
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

    /** How many questions an action asks the database. */
    async function questionsOf(action: Action, wrap: Wrap = asItIs): Promise<number> {
      const { db, storage } = await stage.storageWith({ url: proxy.url });
      const scenario = await stage.start();
      proxy.arm(0, 'before');
      await act(action, wrap(storage), scenario);
      const questions = proxy.questions();
      await db.destroy();
      return questions;
    }

    /** Cuts once, looks what is left, and sends the command again. */
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
      // The same command on the same pool; refused or not, it must not be done twice.
      const again = await errorOf(act(action, storage, scenario));
      await db.destroy();
      return { hasCut, error, left, again, end: await stage.stateOf(scenario) };
    }

    // A link is given out anew each time: that is what it is for.
    const canRepeat = actions.filter(({ title }) => title !== 'Mark reissues the single link');

    test.each(canRepeat.map((action) => [action.title, action] as const))(
      'S-08 cut after the commit of: %s: UNAVAILABLE, and sent again it has its effect once',
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
      'S-07 S-08 cut at every question and answer of: %s, %s: nothing or all of it is done, and in the end once',
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
      'S-07 S-08 Q-09 cut at every question and answer of %s: charged or not, and in the end once',
      async (_title, { before, run, from, to }) => {
        const serviceOn = (db: Kysely<unknown>) =>
          new WorkspaceService({
            storage: sqlStorage({ db, ...stage.database.tables }),
            quota: sqlQuota({ db, ...stage.database.tables, defaults: { pods: '9' } }),
            tokens: testTokens,
          });
        const straight = serviceOn(stage.database.db);
        // The first question is counted by a round that cuts nothing.
        for (let [question, questions] = [0, 1]; question <= questions; question++) {
          for (const when of ['before', 'after'] as const) {
            const { db } = await stage.storageWith({ url: proxy.url });
            const { team: workspaceId, actor } = await stage.start();
            const charge = { workspaceId, reservationId: 'r' };
            const taken = async () => {
              const { resources } = await straight.getQuota(actor('olga'), { workspaceId });
              return [resources['pods']?.used, resources['pods']?.reserved];
            };
            await before(straight, actor('olga'), charge);
            expect(await taken()).toEqual(from);
            proxy.arm(question, when);
            const error = await errorOf(run(serviceOn(db), actor('olga'), charge));
            const hasCut = proxy.hasCut();
            if (question === 0) questions = proxy.questions();
            const left = await taken();
            if (hasCut) expectUnavailable(error, question === 1 ? 'storage' : 'quota');
            expect(hasCut).toBe(question > 0);
            expect([from, to]).toContainEqual(left);
            if (question === 0 || (question === questions && when === 'after')) expect(left).toEqual(to);
            for (const workspaces of [serviceOn(db), straight]) {
              await run(workspaces, actor('olga'), charge);
              expect(await taken()).toEqual(to);
            }
            await db.destroy();
          }
        }
      },
    );

    test('S-07 the check can fail: a storage that takes a broken connection for a success is found out', async () => {
      const { before } = await stage.undisturbed(rename);
      const careless: Wrap = (storage) => ({
        ...storage,
        commit: (commit) => storage.commit(commit).catch(() => ({ ok: true })),
      });
      const { error, left } = await cutAt(rename, [await questionsOf(rename), 'before'], careless);
      expect([error, left]).toEqual([null, before]);
    });

    test('S-07 reads over a connection that is cut are UNAVAILABLE, and the next ones answer', async () => {
      for (const when of ['before', 'after'] as const) {
        const { storage } = await stage.storageWith({ url: proxy.url });
        const scenario = await stage.start();
        const workspaces = processService(storage, scenario.prefix, 0);
        const { team, actor } = scenario;
        for (const read of [
          () => workspaces.getWorkspace(actor('olga'), { workspaceId: team }),
          () => workspaces.listMembers(actor('olga'), { workspaceId: team }),
          () => workspaces.listEvents(actor('olga'), { workspaceId: team }),
          () => workspaces.authorize(actor('mark'), { workspaceId: team, permission: 'resource:create' }),
          () => workspaces.can(actor('mark'), { workspaceId: team, permission: 'resource:create' }),
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

/** The first attempt is lost without having been made: the second one waits in a row. */
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

/** A command on a quota, what happened before it, and what is used and reserved before and after it. */
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
