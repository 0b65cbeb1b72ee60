// What a command waits for: earlier commands in its queue, and a pause after each lost race.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import {
  defaultMatrix,
  defaultLimits,
  WorkspaceError,
  WorkspaceService,
  type Limits,
  type StorageAdapter,
} from '../../src/index.js';
import { fixedClock, testTokens } from '../../src/testing/index.js';
import { aroundStorage } from './around-storage.js';
import { nextTurn } from './interleaved-storage.js';
import { ada, createTeam, mia, openAccounts, outcome, refusal, sam, serviceOn } from './team.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Every commit loses. */
const losing = (storage: StorageAdapter): StorageAdapter => ({
  ...storage,
  commit: () => Promise.resolve({ ok: false, reason: 'conflict' }),
});

describe('the queue of a process', () => {
  /** Records the names of a workspace, one commit after another; `open` lets the next commit pass. */
  async function createGate() {
    const started: string[] = [];
    const waiting: (() => void)[] = [];
    const team = await createTeam({}, (storage) => ({
      ...storage,
      commit: async (commit) => {
        for (const event of commit.events) {
          if (event.type !== 'workspace.renamed') continue;
          started.push(event.data.to);
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
        return storage.commit(commit);
      },
    }));
    const { workspaces, workspaceId } = team;
    const open = async () => {
      waiting.shift()?.();
      for (let turn = 0; turn < 3; turn++) await nextTurn();
    };
    return {
      ...team,
      started,
      open,
      rename: (name: string) => workspaces.renameWorkspace(ada, { workspaceId, name }),
    };
  }

  test('commands on one workspace run one after another, in the order of the calls', async () => {
    const { started, open, rename, workspaces, workspaceId } = await createGate();
    const calls = ['One', 'Two'].map(rename);
    await open();
    expect(started).toEqual(['One']);
    await open();
    expect(started).toEqual(['One', 'Two']);
    // The first is done, so only the second is before a third.
    calls.push(rename('Three'));
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(started).toEqual(['One', 'Two']);
    await open();
    expect(started).toEqual(['One', 'Two', 'Three']);
    await open();
    expect((await Promise.all(calls)).map(({ name }) => name)).toEqual(['One', 'Two', 'Three']);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('Three');
  });

  test('a command that hangs blocks the next one on the same user or workspace, and no other', async () => {
    const { clock, storage, workspaceId } = await createTeam();
    const asked: string[] = [];
    let answer: (limits: Limits) => void = () => undefined;
    const late = new Promise<Limits>((resolve) => {
      answer = resolve;
    });
    const workspaces = serviceOn(storage, {
      clock,
      limits: ({ ownerId, workspaceId: room }) => {
        asked.push(`${ownerId} ${String(room)}`);
        const hangs = ownerId === 'ada' || room === workspaceId;
        return hangs ? late : defaultLimits;
      },
    });
    const { id: other } = await workspaces.createWorkspace(mia, { name: 'Other' });
    const hanging: Promise<unknown>[] = [
      workspaces.createWorkspace(ada, { name: 'Late' }),
      workspaces.transferOwnership(ada, { workspaceId, userId: 'mia' }),
    ];
    await nextTurn();
    hanging.push(workspaces.createWorkspace(ada, { name: 'Also late' }));
    hanging.push(workspaces.renameWorkspace(ada, { workspaceId, name: 'Late, too' }));
    expect((await workspaces.createWorkspace(sam, { name: 'Mine' })).name).toBe('Mine');
    await workspaces.inviteMember(mia, { workspaceId: other, role: 'developer' });
    const expected = ['mia null', 'ada null', `mia ${workspaceId}`, 'sam null', `mia ${other}`];
    // Each is the first of its own queue, so their order among each other is not promised.
    expect(asked.sort()).toEqual(expected.sort());
    expect((await workspaces.getMembership(ada, { workspaceId })).workspace.name).toBe('Core');
    // Nothing may be left that fails in another test, once the function is given up.
    answer(defaultLimits);
    await Promise.allSettled(hanging);
  });
});

describe('after a lost race', () => {
  test('a command pauses by the injected clock, at random below a bound that doubles up to 200 ms', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const pauses: number[] = [];
    const fixed = fixedClock();
    const sleep = (milliseconds: number): Promise<void> => {
      pauses.push(milliseconds);
      return Promise.resolve();
    };
    const clock = { ...fixed, sleep };
    const workspaces = serviceOn(losing(memoryStorage()), { clock });
    const refused = await refusal(workspaces.openAccount({ ...ada, username: 'ada' }));
    expect([refused.code, refused.details]).toEqual(['CONFLICT', { attempts: 20 }]);
    const halves = [2, 4, 8, 16, 32, 64, ...Array.from({ length: 13 }, () => 100)];
    expect(pauses).toEqual(halves);
    pauses.length = 0;
    random.mockReturnValue(0);
    expect(await outcome(workspaces.openAccount({ ...ada, username: 'ada' }))).toBe('CONFLICT');
    expect(pauses).toEqual(halves.map(() => 0));
  });

  test('a service without a given clock uses the time and the timers of the platform', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'Date'], now: Date.UTC(2026, 0, 2, 3, 4, 5, 6) });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const memory = memoryStorage();
    let losses = 1;
    const storage: StorageAdapter = {
      ...memory,
      commit: (commit) => (losses-- > 0 ? losing(memory) : memory).commit(commit),
    };
    const workspaces = new WorkspaceService({ permissions: defaultMatrix, storage, tokens: testTokens });
    let opened: Date | null = null;
    const call = workspaces.openAccount({ ...ada, username: 'ada' }).then(({ account }) => {
      opened = account.createdAt;
    });
    await vi.advanceTimersByTimeAsync(1);
    expect(opened).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    await call;
    expect(opened).toEqual(new Date('2026-01-02T03:04:05.008Z'));
  });
});

describe('commands that need no wait', () => {
  test('T-09 a no-op commits nothing', async () => {
    let commits = 0;
    const { workspaces, workspaceId } = await createTeam({}, (storage) => ({
      ...storage,
      commit: (commit) => {
        commits += 1;
        return storage.commit(commit);
      },
    }));
    const before = commits;
    await workspaces.changeRole(ada, { workspaceId, userId: 'mia', role: 'manager' });
    await workspaces.renameWorkspace(ada, { workspaceId, name: ' Core ' });
    await openAccounts(workspaces, 'ada');
    expect(commits).toBe(before);
  });

  test('a limits function that throws our CONFLICT has lost no race: UNAVAILABLE, called once', async () => {
    const lost = new WorkspaceError('CONFLICT', { attempts: 20 });
    let asked = 0;
    const { storage } = await createTeam();
    const workspaces = serviceOn(storage, {
      limits: () => {
        asked += 1;
        throw lost;
      },
    });
    const refused = await refusal(workspaces.createWorkspace(ada, { name: 'Two' }));
    expect([refused.code, refused.details, refused.cause]).toEqual([
      'UNAVAILABLE',
      { source: 'limits' },
      lost,
    ]);
    expect(asked).toBe(1);
    // Other sources throw it to say that only the app can begin its transaction again.
    const overtaken = serviceOn(aroundStorage(storage, () => Promise.reject(lost)));
    expect(await refusal(overtaken.createWorkspace(ada, { name: 'Two' }))).toBe(lost);
  });
});
