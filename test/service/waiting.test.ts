// What a command waits for: those that came before it, a pause after each race that it lost, and nobody else.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { defaultLimits, WorkspaceError, WorkspaceService, type StorageAdapter } from '../../src/index.js';
import { fixedClock, testTokens } from '../../src/testing/index.js';
import { around, nextTurn } from './interleaved-storage.js';
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
  /** The names that a workspace is given, one commit after another; `open` lets the next one in. */
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

  test('commands on one workspace run one after another, in the order in which they came', async () => {
    const { started, open, rename, workspaces, workspaceId } = await createGate();
    const calls = ['One', 'Two'].map(rename);
    await open();
    expect(started).toEqual(['One']);
    await open();
    expect(started).toEqual(['One', 'Two']);
    // The first is done, so nobody but the second is in the way of a third.
    calls.push(rename('Three'));
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect(started).toEqual(['One', 'Two']);
    await open();
    expect(started).toEqual(['One', 'Two', 'Three']);
    await open();
    expect((await Promise.all(calls)).map(({ name }) => name)).toEqual(['One', 'Two', 'Three']);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('Three');
  });

  test('a command that hangs holds up the next of the same user or workspace, and no other', async () => {
    const { clock, storage, workspaceId } = await createTeam();
    const asked: string[] = [];
    const workspaces = serviceOn(storage, {
      clock,
      limits: ({ ownerId, workspaceId: room }) => {
        asked.push(`${ownerId} ${String(room)}`);
        const hangs = ownerId === 'ada' || room === workspaceId;
        return hangs ? new Promise(() => undefined) : defaultLimits;
      },
    });
    const { id: other } = await workspaces.createWorkspace(mia, { name: 'Other' });
    void workspaces.createWorkspace(ada, { name: 'Never' });
    void workspaces.transferOwnership(ada, { workspaceId, userId: 'mia' });
    await nextTurn();
    void workspaces.createWorkspace(ada, { name: 'Nor this' });
    void workspaces.renameWorkspace(ada, { workspaceId, name: 'Nor that' });
    expect((await workspaces.createWorkspace(sam, { name: 'Mine' })).name).toBe('Mine');
    await workspaces.inviteMember(mia, { workspaceId: other, role: 'developer' });
    expect(asked).toEqual(['mia null', 'ada null', `mia ${workspaceId}`, 'sam null', `mia ${other}`]);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('Core');
  });
});

describe('after a race that was lost', () => {
  test('a pause of the injected clock, at random below a bound that doubles up to 200 ms', async () => {
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

  test('a service that is given no clock has the time of the platform, and pauses by its timers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'Date'], now: Date.UTC(2026, 0, 2, 3, 4, 5, 6) });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const memory = memoryStorage();
    let losses = 1;
    const storage: StorageAdapter = {
      ...memory,
      commit: (commit) => (losses-- > 0 ? losing(memory) : memory).commit(commit),
    };
    const workspaces = new WorkspaceService({ storage, tokens: testTokens });
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

describe('what is not waited for', () => {
  test('T-09 a command that changes nothing commits nothing', async () => {
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

  test('a limits function whose own error is a CONFLICT of ours lost no race: UNAVAILABLE, asked once', async () => {
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
    // The other sources say by it that only the host can begin its transaction anew.
    const overtaken = serviceOn(around(storage, () => Promise.reject(lost)));
    expect(await refusal(overtaken.createWorkspace(ada, { name: 'Two' }))).toBe(lost);
  });
});
