// What a service inside a transaction passes on to the adapters that it was given: everything, as the one outside does.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import type { QuotaAdapter, StorageAdapter } from '../../src/index.js';
import { around, nextTurn } from './interleaved-storage.js';
import { call, forOperatorsOnly, inputs, methodNames } from './methods.js';
import { ada, createTeam, mia, outcome, refusal, root } from './team.js';

afterEach(() => {
  vi.useRealTimers();
});

async function start() {
  const quota = memoryQuota({ defaults: { pods: '10' } });
  const { workspaces, storage, workspaceId } = await createTeam({ quota });
  const inside = workspaces.inTransaction({ storage, quota });
  return {
    outside: workspaces,
    inside: inside.workspaces,
    publish: inside.publish,
    workspaceId,
    storage,
    quota,
  };
}

/** As a driver says that others were in the way. */
class Deadlock extends Error {}

/** A storage that knows it. */
const knowing = (storage: StorageAdapter): StorageAdapter => ({
  ...storage,
  isConflict: (error) => error instanceof Deadlock,
});

describe('inTransaction', () => {
  test('lists what the service outside lists', async () => {
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

  test('charges and releases what the service outside sees', async () => {
    const { outside, inside, workspaceId } = await start();
    const pods = async () => (await outside.getQuota(ada, { workspaceId })).resources['pods'];
    const charge = { workspaceId, reservationId: 'r1', amounts: { pods: '2' } };
    expect(await inside.withQuota(mia, charge, async () => (await pods())?.reserved)).toBe('2');
    expect(await pods()).toMatchObject({ used: '2', reserved: '0' });
    await inside.releaseQuota(mia, { workspaceId, reservationId: 'r1' });
    expect(await pods()).toMatchObject({ used: '0', reserved: '0' });
  });

  test('a hook that is set inside is asked outside, too, until it is undone', async () => {
    const { outside, inside } = await start();
    const undo = inside.before('createWorkspace', () => {
      throw new Error('no');
    });
    expect(await outcome(outside.createWorkspace(ada, { name: 'one' }))).toBe('VETOED');
    undo();
    expect(await outcome(outside.createWorkspace(ada, { name: 'one' }))).toBe('ok');
  });

  test('a hook of the service outside is asked inside, and a listener that is set inside hears until it is undone', async () => {
    const { outside, inside, publish, workspaceId } = await start();
    const heard: string[] = [];
    const deaf = inside.on('workspace.renamed', ({ data }) => heard.push(data.to));
    outside.before('renameWorkspace', ({ input }) => {
      if (input.name === 'kept') throw new Error('no');
    });
    expect(await outcome(inside.renameWorkspace(ada, { workspaceId, name: 'kept' }))).toBe('VETOED');
    await inside.renameWorkspace(ada, { workspaceId, name: 'one' });
    publish();
    await outside.renameWorkspace(ada, { workspaceId, name: 'two' });
    deaf();
    await outside.renameWorkspace(ada, { workspaceId, name: 'three' });
    expect(heard).toEqual(['one', 'two']);
  });

  test('what is refused ends nothing, though the storage itself found the name to be taken', async () => {
    const { outside, inside, publish } = await start();
    const heard: string[] = [];
    outside.on('*', ({ type }) => heard.push(type));
    expect(await outcome(inside.createWorkspace(ada, { name: 'CORE' }))).toBe('NAME_TAKEN');
    expect(await outcome(inside.createWorkspace(ada, { name: 'Kernel' }))).toBe('ok');
    publish();
    expect(heard).toEqual(['workspace.created']);
  });

  test('events wait for publish, which tells each once', async () => {
    const { outside, inside, publish } = await start();
    const heard: string[] = [];
    outside.on('*', ({ type }) => heard.push(type));
    await inside.createWorkspace(ada, { name: 'one' });
    expect(heard).toEqual([]);
    publish();
    publish();
    expect(heard).toEqual(['workspace.created']);
    await inside.createWorkspace(ada, { name: 'two' });
    publish();
    expect(heard).toEqual(['workspace.created', 'workspace.created']);
  });

  test('a quota adapter is waited for as long as it takes: it may still write between the host’s statements', async () => {
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
    const { workspaces } = outside.inTransaction({ storage, quota: slow });
    let ended = 'not yet';
    const input = { workspaceId, reservationId: 'r1', amounts: { pods: '1' } };
    const call = outcome(workspaces.reserveQuota(mia, input)).then((end) => (ended = end));
    await vi.advanceTimersByTimeAsync(60 * 60 * 1000);
    expect(ended).toBe('not yet');
    answer();
    await call;
    expect(ended).toBe('ok');
  });
});

describe('a transaction that is over', () => {
  /** Ended by one call that failed, by an adapter that counts what it is asked after that. */
  async function end(cause: Error, source: 'storage' | 'quota') {
    const { outside, storage, quota, workspaceId } = await start();
    const { token } = await outside.inviteMember(ada, { workspaceId, role: 'developer' });
    const session = await outside.switchWorkspace(ada, { workspaceId });
    let [isFailing, asked] = [false, 0];
    const count = (): void => {
      asked += 1;
      if (isFailing) throw cause;
    };
    const failing = around(storage, (run) => {
      if (source === 'storage') count();
      return run();
    });
    const { workspaces, publish } = outside.inTransaction({
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
      const input = inputs[name]({ ...place, token: name === 'verifySession' ? session.token : token });
      return refusal(call(workspaces, name, { actor: forOperatorsOnly.has(name) ? root : ada, input }));
    };
    return { first, later, publish, asked: () => asked };
  }

  test.each(['storage', 'quota'] as const)(
    'S-07 by an outage of its %s: every later call fails without asking, and so does publish',
    async (source) => {
      const cause = new Error('cut');
      const { first, later, publish, asked } = await end(cause, source);
      expect([first.code, first.details, first.cause]).toEqual(['UNAVAILABLE', { source }, cause]);
      for (const name of methodNames) {
        const refused = await later(name);
        expect([name, refused.code, refused.details]).toEqual([name, 'UNAVAILABLE', { source: 'storage' }]);
        expect(refused.cause).toMatchObject({
          message: 'this transaction is over: an earlier call in it failed',
          cause: { code: 'UNAVAILABLE', details: { source }, cause },
        });
      }
      expect(asked()).toBe(0);
      expect(publish).toThrow(TypeError);
      expect(publish).toThrow(
        'publish: a call in this transaction failed or lost a race, so it did not commit',
      );
      expect(publish).toThrow(
        expect.objectContaining({ cause: expect.objectContaining({ cause }) as unknown }),
      );
    },
  );

  test.each(['storage', 'quota'] as const)(
    'S-02 by a deadlock in its %s: that call and every later one is CONFLICT, without asking',
    async (source) => {
      const cause = new Deadlock('40P01');
      const { first, later, publish, asked } = await end(cause, source);
      expect([first.code, first.details, first.cause]).toEqual(['CONFLICT', { attempts: 1 }, cause]);
      for (const name of methodNames) expect(await later(name)).toBe(first);
      expect(asked()).toBe(0);
      expect(publish).toThrow(expect.objectContaining({ cause: first }));
    },
  );

  test('S-02 by a commit that came too late: CONFLICT, and the adapter of the quota is not asked any more', async () => {
    const { outside, storage, quota, workspaceId } = await start();
    const asked: string[] = [];
    const counting = new Proxy(quota, {
      get: (target, name) => {
        asked.push(String(name));
        const method: unknown = Reflect.get(target, name);
        return method;
      },
    });
    const { workspaces, publish } = outside.inTransaction({
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
    expect(publish).toThrow(TypeError);
  });

  test('one inside another knows a deadlock by the storage of the outer one, and throws on what is none', async () => {
    const { outside, storage, quota, workspaceId } = await start();
    const lostIn = (outerStorage: StorageAdapter, cause: Error): Promise<never> => {
      const outer = outside.inTransaction({ storage: outerStorage, quota }).workspaces;
      return outer.withTransaction(
        (run) => run({ storage, quota }, null),
        () => Promise.reject(cause),
      );
    };
    const cause = new Deadlock();
    const lost = await refusal(lostIn(knowing(storage), cause));
    expect([lost.code, lost.details, lost.cause]).toEqual(['CONFLICT', { attempts: 1 }, cause]);
    const own = new Error('of the work');
    await expect(lostIn(knowing(storage), own)).rejects.toBe(own);
    await expect(lostIn(storage, cause)).rejects.toBe(cause);
    expect(await outcome(outside.renameWorkspace(ada, { workspaceId, name: 'still' }))).toBe('ok');
  });
});
