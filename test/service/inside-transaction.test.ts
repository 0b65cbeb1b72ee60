// A service inside a transaction passes everything on to the adapters that it was given, like the one outside.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import type { MethodName, QuotaAdapter, StorageAdapter } from '../../src/index.js';
import { aroundStorage } from './around-storage.js';
import { nextTurn } from './interleaved-storage.js';
import { openTransaction } from './open-transaction.js';
import { call, forOperatorsOnly, inputOf, methodNames } from '../methods.js';
import { ada, createTeam, dev, mia, outcome, refusal, root } from './team.js';

afterEach(() => {
  vi.useRealTimers();
});

async function start() {
  const quota = memoryQuota({ defaults: { pods: '10' } });
  const { workspaces, storage, workspaceId } = await createTeam({ quota });
  const { inside, commit } = await openTransaction(workspaces, { storage, quota });
  return { outside: workspaces, inside, commit, workspaceId, storage, quota };
}

/** What a driver throws for a deadlock. */
class Deadlock extends Error {}

/** A storage that recognizes it. */
const knowing = (storage: StorageAdapter): StorageAdapter => ({
  ...storage,
  isConflict: (error) => error instanceof Deadlock,
});

describe('a service inside a transaction', () => {
  test('A-09 closes no account, because that takes several commits', async () => {
    const { inside, storage } = await start();
    const before = storage.dump();
    await expect(inside.closeAccount(dev, { userId: 'dev' })).rejects.toThrow(TypeError);
    expect(storage.dump()).toEqual(before);
  });

  test('lists the same items as the service outside', async () => {
    const { outside, inside, workspaceId } = await start();
    await outside.inviteMember(ada, { workspaceId, role: 'developer' });
    const lists = async (workspaces: typeof outside) => [
      await workspaces.listWorkspaces(ada, {}),
      await workspaces.listMembers(ada, { workspaceId }),
      await workspaces.listInvitations(ada, { workspaceId }),
      await workspaces.listEvents(ada, { workspaceId }),
      await workspaces.listAccountEvents(ada, { userId: ada.userId }),
    ];
    const found = await lists(inside);
    expect(found.map(({ items }) => items.length > 0)).toEqual([true, true, true, true, true]);
    expect(found).toEqual(await lists(outside));
  });

  test('sets limits, and drops the quota of a workspace that it deletes', async () => {
    const { outside, inside, quota, workspaceId } = await start();
    const subject = { workspaceId, kind: 'team', ownerId: ada.userId } as const;
    await inside.setQuota(root, { workspaceId, limits: { pods: '3' } });
    expect(await quota.report(subject, 0)).toMatchObject({ ok: true });
    const amounts = { pods: '4' };
    expect(await outcome(outside.reserveQuota(ada, { workspaceId, reservationId: 'r1', amounts }))).toBe(
      'QUOTA_EXCEEDED',
    );
    await inside.deleteWorkspace(ada, { workspaceId });
    expect(await outcome(outside.getQuota(ada, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    expect(await quota.report(subject, 0)).toMatchObject({ ok: false });
  });

  test('charges and releases visibly to the service outside', async () => {
    const { outside, inside, workspaceId } = await start();
    const pods = async () => (await outside.getQuota(ada, { workspaceId })).resources['pods'];
    const charge = { workspaceId, reservationId: 'r1', amounts: { pods: '2' } };
    expect(await inside.withQuota(mia, charge, async () => (await pods())?.reserved)).toBe('2');
    expect(await pods()).toMatchObject({ used: '2', reserved: '0' });
    await inside.releaseQuota(mia, { workspaceId, reservationId: 'r1' });
    expect(await pods()).toMatchObject({ used: '0', reserved: '0' });
  });

  test('a hook that is added inside also runs for the service outside, until it is removed', async () => {
    const { outside, inside } = await start();
    const undo = inside.before('createWorkspace', () => {
      throw new Error('no');
    });
    expect(await outcome(outside.createWorkspace(ada, { name: 'one' }))).toBe('VETOED');
    undo();
    expect(await outcome(outside.createWorkspace(ada, { name: 'one' }))).toBe('ok');
  });

  test('a hook of the service outside runs inside, and a listener that is added inside receives events until it is removed', async () => {
    const { outside, inside, commit, workspaceId } = await start();
    const heard: string[] = [];
    const deaf = inside.on('workspace.renamed', ({ data }) => heard.push(data.to));
    outside.before('renameWorkspace', ({ input }) => {
      if (input.name === 'kept') throw new Error('no');
    });
    expect(await outcome(inside.renameWorkspace(ada, { workspaceId, name: 'kept' }))).toBe('VETOED');
    await inside.renameWorkspace(ada, { workspaceId, name: 'one' });
    await commit();
    await outside.renameWorkspace(ada, { workspaceId, name: 'two' });
    deaf();
    await outside.renameWorkspace(ada, { workspaceId, name: 'three' });
    expect(heard).toEqual(['one', 'two']);
  });

  test('a refusal does not end the transaction, even if the storage itself reported the taken name', async () => {
    const { outside, inside, commit } = await start();
    const heard: string[] = [];
    outside.on('*', ({ type }) => heard.push(type));
    expect(await outcome(inside.createWorkspace(ada, { name: 'CORE' }))).toBe('NAME_TAKEN');
    expect(await outcome(inside.createWorkspace(ada, { name: 'Kernel' }))).toBe('ok');
    await commit();
    expect(heard).toEqual(['workspace.created']);
  });

  test('events are held back until the commit, which emits each once', async () => {
    const { outside, inside, commit } = await start();
    const heard: string[] = [];
    outside.on('*', ({ type }) => heard.push(type));
    await inside.createWorkspace(ada, { name: 'one' });
    await inside.createWorkspace(ada, { name: 'two' });
    expect(heard).toEqual([]);
    await commit();
    expect(heard).toEqual(['workspace.created', 'workspace.created']);
    await outside.createWorkspace(ada, { name: 'three' });
    expect(heard).toHaveLength(3);
  });

  test("a call to the quota adapter has no timeout: it might still write between the app's statements", async () => {
    const { outside, storage, quota, workspaceId } = await start();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let answer = (): void => undefined;
    const slow: QuotaAdapter = {
      ...quota,
      reserve: async (subject, request) => {
        await new Promise<void>((resolve) => (answer = resolve));
        return quota.reserve(subject, request);
      },
    };
    const { inside } = await openTransaction(outside, { storage, quota: slow });
    let ended = 'not yet';
    const input = { workspaceId, reservationId: 'r1', amounts: { pods: '1' } };
    const call = outcome(inside.reserveQuota(mia, input)).then((end) => (ended = end));
    await vi.advanceTimersByTimeAsync(60 * 60 * 1000);
    expect(ended).toBe('not yet');
    answer();
    await call;
    expect(ended).toBe('ok');
  });
});

/** These commit step by step, so they have no place in a transaction. */
const stepwise: readonly MethodName[] = ['closeAccount', 'reconcileMembers', 'purgeWorkspaces'];
const callable = methodNames.filter((name) => !stepwise.includes(name));

describe('a transaction that has ended', () => {
  /** Ends the transaction by one failed call, and counts the calls of the adapter after that. */
  async function end(cause: Error, source: 'storage' | 'quota') {
    const { outside, storage, quota, workspaceId } = await start();
    const { token } = await outside.inviteMember(ada, { workspaceId, role: 'developer' });
    const session = await outside.switchWorkspace(ada, { workspaceId });
    let [isFailing, asked] = [false, 0];
    const count = (): void => {
      asked += 1;
      if (isFailing) throw cause;
    };
    const failing = aroundStorage(storage, (run) => {
      if (source === 'storage') count();
      return run();
    });
    const { inside: workspaces, commit } = await openTransaction(outside, {
      storage: knowing(failing),
      quota: {
        ...quota,
        report: (...args) => {
          if (source === 'quota') count();
          return quota.report(...args);
        },
      },
    });
    await workspaces.createWorkspace(ada, { name: 'before' });
    isFailing = true;
    const first = await refusal(workspaces.getQuota(ada, { workspaceId }));
    asked = 0;
    const place = { workspaceId, userId: 'dev', role: 'developer', invitationId: 'inv-1', name: 'x' };
    const later = async (name: (typeof methodNames)[number]) => {
      const input = inputOf(name, { ...place, token: name === 'verifySession' ? session.token : token });
      return refusal(call(workspaces, name, { actor: forOperatorsOnly.has(name) ? root : ada, input }));
    };
    return { first, later, commit, asked: () => asked };
  }

  test.each(['storage', 'quota'] as const)(
    'S-07 after an outage of its %s every later call fails without calling the adapter, and the transaction is rolled back',
    async (source) => {
      const cause = new Error('cut');
      const { first, later, commit, asked } = await end(cause, source);
      expect([first.code, first.details, first.cause]).toEqual(['UNAVAILABLE', { source }, cause]);
      for (const name of callable) {
        const refused = await later(name);
        expect([name, refused.code, refused.details]).toEqual([name, 'UNAVAILABLE', { source: 'storage' }]);
        expect(refused.cause).toMatchObject({
          message: 'an earlier call in this transaction failed: roll it back',
          cause: { code: 'UNAVAILABLE', details: { source }, cause },
        });
      }
      expect(asked()).toBe(0);
      await expect(commit()).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { source }, cause });
    },
  );

  test.each(['storage', 'quota'] as const)(
    'S-02 after a deadlock in its %s that call and every later one is CONFLICT, without calling the adapter',
    async (source) => {
      const cause = new Deadlock('40P01');
      const { first, later, commit, asked } = await end(cause, source);
      expect([first.code, first.details, first.cause]).toEqual(['CONFLICT', { attempts: 1 }, cause]);
      for (const name of callable) expect(await later(name)).toBe(first);
      expect(asked()).toBe(0);
      await expect(commit()).rejects.toThrow('begun again');
    },
  );

  test('S-02 after a commit that lost a race every call is CONFLICT, and the quota adapter is not called', async () => {
    const { outside, storage, quota, workspaceId } = await start();
    const asked: string[] = [];
    const counting = new Proxy(quota, {
      get: (target, name) => {
        asked.push(String(name));
        const method: unknown = Reflect.get(target, name);
        return method;
      },
    });
    const { inside: workspaces, commit } = await openTransaction(outside, {
      storage: { ...storage, commit: () => Promise.resolve({ ok: false, reason: 'conflict' }) },
      quota: counting,
    });
    const input = { workspaceId, reservationId: 'r1', amounts: { pods: '1' } };
    let finish = (): void => undefined;
    const created = new Promise<void>((resolve) => (finish = resolve));
    const charged = refusal(workspaces.withQuota(mia, input, () => created));
    await nextTurn();
    const renamed = await refusal(workspaces.renameWorkspace(ada, { workspaceId, name: 'late' }));
    expect([renamed.code, renamed.details]).toEqual(['CONFLICT', { attempts: 1 }]);
    asked.length = 0;
    finish();
    const { code, details } = await charged;
    expect([code, details]).toEqual(['CONFLICT', { attempts: 1 }]);
    expect(asked).toEqual([]);
    await expect(commit()).rejects.toThrow('begun again');
  });
});
