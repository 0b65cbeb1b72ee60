// Storages to put a service under stress: latency that interleaves calls, faults at a chosen call, and sabotage, by which
// a race test shows that it can fail.
import {
  WorkspaceService,
  type Change,
  type Clock,
  type StorageAdapter,
  type WorkspaceServiceOptions,
  type CorePermission,
  type SealosRole,
} from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { outcome, type Outcome } from './team.js';

type Wrap = <Answer>(ask: () => Promise<Answer>, method: keyof StorageAdapter) => Promise<Answer>;

/** The same storage, every call led through `wrap`. */
export function around(storage: StorageAdapter, wrap: Wrap): StorageAdapter {
  return {
    load: (slice) => wrap(() => storage.load(slice), 'load'),
    commit: (commit) => wrap(() => storage.commit(commit), 'commit'),
    findMember: (workspaceId, userId) => wrap(() => storage.findMember(workspaceId, userId), 'findMember'),
    listWorkspaces: (userId, page) => wrap(() => storage.listWorkspaces(userId, page), 'listWorkspaces'),
    listMembers: (workspaceId, page) => wrap(() => storage.listMembers(workspaceId, page), 'listMembers'),
    listInvitations: (workspaceId, page) =>
      wrap(() => storage.listInvitations(workspaceId, page), 'listInvitations'),
    listEvents: (workspaceId, page) => wrap(() => storage.listEvents(workspaceId, page), 'listEvents'),
    listAccountEvents: (userId, page) =>
      wrap(() => storage.listAccountEvents(userId, page), 'listAccountEvents'),
  };
}

/** Waits 0 to 5 turns of the event loop before and after each call, the same ones for the same seed. */
export function interleavedStorage(storage: StorageAdapter, seed = 1): StorageAdapter {
  const random = generator(seed);
  const turns = async (): Promise<void> => {
    for (let left = Math.floor(random() * 6); left > 0; left--) await nextTurn();
  };
  return around(storage, async (ask) => {
    await turns();
    const answer = await ask();
    await turns();
    return answer;
  });
}

/** Fails at one call, counted from 0: before it reaches the storage, or after, so that only the answer is lost. */
export function failingStorage(
  storage: StorageAdapter,
  { call, when }: { readonly call: number; readonly when: 'before' | 'after' },
): StorageAdapter {
  let calls = 0;
  return around(storage, async (ask) => {
    const fails = calls++ === call;
    if (fails && when === 'before') throw new Error('the storage is down');
    const answer = await ask();
    if (fails) throw new Error('the answer is lost');
    return answer;
  });
}

/** Runs something else just before the first commit that reaches the storage. */
export function interruptedStorage(
  storage: StorageAdapter,
  interrupt: () => Promise<unknown>,
): StorageAdapter {
  let interrupted = false;
  return around(storage, async (ask, method) => {
    if (method === 'commit' && !interrupted) {
      interrupted = true;
      await interrupt();
    }
    return ask();
  });
}

/** Sabotage: no version is compared, so a decision is committed on records that may have changed since. */
export function withoutVersions(storage: StorageAdapter): StorageAdapter {
  return { ...storage, commit: (commit) => storage.commit({ ...commit, expect: [] }) };
}

/** Sabotage: no unique key is held. */
export function withoutUniqueKeys(storage: StorageAdapter): StorageAdapter {
  let commits = 0;
  return {
    ...storage,
    commit: (commit) => {
      const suffix = `\n${String(commits++)}`;
      return storage.commit({ ...commit, changes: commit.changes.map((change) => keyless(change, suffix)) });
    },
  };
}

function keyless(change: Change, suffix: string): Change {
  switch (change.kind) {
    case 'account.insert':
    case 'account.update': {
      const usernameKey = change.account.usernameKey + suffix;
      return { kind: 'account.update', account: { ...change.account, usernameKey } };
    }
    case 'workspace.insert':
    case 'workspace.update':
      return { ...change, workspace: { ...change.workspace, nameKey: change.workspace.nameKey + suffix } };
    case 'member.insert':
      return { ...change, kind: 'member.update' };
    case 'member.update':
    case 'member.delete':
    case 'workspace.delete':
    case 'invitation.insert':
    case 'invitation.update':
      return change;
    default:
      return change satisfies never;
  }
}

/** Services that share nothing but the storage, not even a queue: as 8 processes do. */
export function processes(
  storage: StorageAdapter,
  options: Partial<WorkspaceServiceOptions<SealosRole, CorePermission>> = {},
): readonly WorkspaceService[] {
  const clock: Clock = { now: () => Date.parse('2026-01-01T00:00:00Z'), sleep: nextTurn };
  return Array.from(
    { length: 8 },
    () => new WorkspaceService({ storage, tokens: testTokens, clock, ...options }),
  );
}

/** Makes `count` calls at once, spread over the services, and counts how they ended. */
export async function inParallel(
  services: readonly WorkspaceService[],
  count: number,
  call: (workspaces: WorkspaceService, index: number) => Promise<unknown>,
): Promise<Partial<Record<Outcome, number>>> {
  const outcomes = await Promise.all(
    Array.from({ length: count }, (_, index) => outcome(call(anyOf(services, index), index))),
  );
  const counts: Partial<Record<Outcome, number>> = {};
  for (const ended of outcomes) counts[ended] = (counts[ended] ?? 0) + 1;
  return counts;
}

/** One of the services, in turn. */
export function anyOf(services: readonly WorkspaceService[], index = 0): WorkspaceService {
  const service = services[index % services.length];
  if (service === undefined) throw new Error('there is no service');
  return service;
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** mulberry32: numbers from 0 to below 1, the same ones for the same seed. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
