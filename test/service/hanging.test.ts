// Answers that never come: each call ends, and other commands on the same records go on.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { defaultLimits, defaultMatrix, WorkspaceService, type StorageAdapter } from '../../src/index.js';
import { commandQueue } from '../../src/service/command-queue.js';
import { testTokens } from '../../src/testing/index.js';
import { ada, outcome, refusal, root } from './team.js';

afterEach(() => {
  vi.useRealTimers();
});

const never = (): Promise<never> => new Promise(() => undefined);

describe('the queue of commands', () => {
  test('lets one command pass for each time that nothing ended, in the order of their calls', async () => {
    vi.useFakeTimers();
    const queue = commandQueue(1000);
    const done: string[] = [];
    const command = (name: string) =>
      queue({ key: 'key', caller: 'a' }, () => Promise.resolve(void done.push(name)));
    void queue({ key: 'key', caller: 'a' }, never);
    const waiting = ['first', 'second', 'third'].map(command);
    await vi.advanceTimersByTimeAsync(999);
    expect(done).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(waiting);
    expect(done).toEqual(['first', 'second', 'third']);
  });

  test('a command is not overtaken while those before it end', async () => {
    vi.useFakeTimers();
    const queue = commandQueue(1000);
    const done: number[] = [];
    const slow = (name: number) =>
      queue({ key: 'key', caller: 'a' }, async () => {
        await new Promise((resolve) => setTimeout(resolve, 900));
        done.push(name);
      });
    const all = Promise.all([1, 2, 3, 4, 5].map(slow));
    await vi.advanceTimersByTimeAsync(900 * 4 + 899);
    expect(done).toEqual([1, 2, 3, 4]);
    await vi.advanceTimersByTimeAsync(1);
    await all;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a command that failed does not stop the next one, and other keys do not wait', async () => {
    const queue = commandQueue();
    void queue({ key: 'hung', caller: 'a' }, never);
    const failed = queue({ key: 'key', caller: 'a' }, () => Promise.reject(new Error('no')));
    const next = queue({ key: 'key', caller: 'a' }, () => Promise.resolve('done'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('done');
  });

  test('callers of one key take turns, each in the order of its calls', async () => {
    const queue = commandQueue();
    const done: string[] = [];
    const calls = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) =>
      queue({ key: 'key', caller: name.charAt(0) }, () => Promise.resolve(void done.push(name))),
    );
    await Promise.all(calls);
    expect(done).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
  });

  test('only behind many others it is asked first whether a command may wait', async () => {
    const queue = commandQueue();
    let asked = 0;
    const beforeLongWait = (): Promise<void> => {
      asked += 1;
      return Promise.reject(new Error('no access'));
    };
    const turn = { key: 'key', caller: 'eve', beforeLongWait };
    const calls = Array.from({ length: 12 }, () => outcomeOf(queue(turn, () => Promise.resolve())));
    const ends = await Promise.all(calls);
    // One runs and eight wait.
    expect(ends).toEqual([...Array<string>(9).fill('ok'), ...Array<string>(3).fill('no access')]);
    expect(asked).toBe(3);
  });
});

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function start(options: { readonly limitsTimeout?: number; readonly storageTimeout?: number }) {
  const memory = memoryStorage();
  let hangs: keyof StorageAdapter | 'limits' | null = null;
  const storage = new Proxy<StorageAdapter>(memory, {
    get: (target, name): unknown => (name === hangs ? never : Reflect.get(target, name)),
  });
  const workspaces = new WorkspaceService({
    storage,
    permissions: defaultMatrix,
    tokens: testTokens,
    limits: () => (hangs === 'limits' ? never() : defaultLimits),
    ...options,
  });
  await workspaces.openAccount({ ...ada, username: 'ada' });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const hang = (what: typeof hangs) => (hangs = what);
  return { workspaces, workspaceId, hang, dump: () => memory.dump() };
}

test('a limits function that never answers is UNAVAILABLE, and commands behind it go on', async () => {
  const { workspaces, workspaceId, hang, dump } = await start({ limitsTimeout: 5 });
  const before = dump();
  hang('limits');
  const late = refusal(workspaces.inviteMember(ada, { workspaceId, role: 'developer' }));
  const next = outcome(workspaces.renameWorkspace(ada, { workspaceId, name: 'hello' }));
  expect(await late).toMatchObject({ code: 'UNAVAILABLE', details: { source: 'limits' }, retryable: true });
  expect(await next).toBe('ok');
  hang(null);
  expect(dump()).toEqual(before);
  expect(await outcome(workspaces.inviteMember(ada, { workspaceId, role: 'developer' }))).toBe('ok');
});

test.each(['load', 'commit'] as const)(
  'S-07 a %s that never answers is UNAVAILABLE after storageTimeout, and commands behind it go on',
  async (what) => {
    const { workspaces, workspaceId, hang } = await start({ storageTimeout: 5 });
    hang(what);
    const late = refusal(workspaces.renameWorkspace(ada, { workspaceId, name: 'new' }));
    expect(await late).toMatchObject({ code: 'UNAVAILABLE', details: { source: 'storage' } });
    hang(null);
    expect(await outcome(workspaces.renameWorkspace(ada, { workspaceId, name: 'newer' }))).toBe('ok');
  },
);

type Team = { readonly workspaces: WorkspaceService; readonly workspaceId: string };

test.each<[keyof StorageAdapter, (team: Team) => Promise<unknown>]>([
  [
    'findMembership',
    ({ workspaces, workspaceId }) => workspaces.authorize(ada, { workspaceId, permission: 'workspace:view' }),
  ],
  ['listWorkspaces', ({ workspaces }) => workspaces.listWorkspaces(ada)],
  ['listMembers', ({ workspaces, workspaceId }) => workspaces.listMembers(ada, { workspaceId })],
  ['listInvitations', ({ workspaces, workspaceId }) => workspaces.listInvitations(ada, { workspaceId })],
  ['listInvitationsFor', ({ workspaces }) => workspaces.listMyInvitations(ada)],
  ['findAccounts', ({ workspaces }) => workspaces.findAccounts(root, {})],
  ['findWorkspaces', ({ workspaces }) => workspaces.findWorkspaces(root, {})],
  ['listPurgeable', ({ workspaces }) => workspaces.purgeWorkspaces(root)],
  ['listEvents', ({ workspaces, workspaceId }) => workspaces.listEvents(ada, { workspaceId })],
  ['listAccountEvents', ({ workspaces }) => workspaces.listAccountEvents(ada, { userId: 'ada' })],
])('S-07 %s that never answers is UNAVAILABLE after storageTimeout', async (method, call) => {
  const { hang, ...team } = await start({ storageTimeout: 5 });
  expect(await outcome(call(team))).toBe('ok');
  hang(method);
  expect(await refusal(call(team))).toMatchObject({ code: 'UNAVAILABLE', details: { source: 'storage' } });
});

test.each([0, -1, 1.5, 60_001, Number.NaN, '5'])('the timeouts %s are refused', (timeout) => {
  for (const name of ['limitsTimeout', 'storageTimeout'] as const) {
    const options = {
      storage: memoryStorage(),
      permissions: defaultMatrix,
      tokens: testTokens,
      [name]: timeout as number,
    };
    expect(() => new WorkspaceService(options)).toThrow(`${name} must be a whole number from 1 to 60000`);
  }
});
