// Storages that put a service under stress: latency that interleaves calls, faults at a chosen call, and sabotage that
// shows that a race test can fail.
import {
  defaultMatrix,
  WorkspaceService,
  type Change,
  type Clock,
  type StorageAdapter,
  type WorkspaceServiceOptions,
  type CorePermission,
  type DefaultRole,
} from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { aroundStorage } from './around-storage.js';
import { outcome, type Outcome } from './team.js';

/** Waits 0 to 5 turns of the event loop before and after each call, determined by the seed. */
export function interleavedStorage(storage: StorageAdapter, seed = 1): StorageAdapter {
  const random = generator(seed);
  const turns = async (): Promise<void> => {
    for (let left = Math.floor(random() * 6); left > 0; left--) await nextTurn();
  };
  return aroundStorage(storage, async (ask) => {
    await turns();
    const answer = await ask();
    await turns();
    return answer;
  });
}

/**
 * Fails at one call, counted from 0: before it reaches the storage, or after it, so that only the acknowledgement is
 * lost.
 */
export function failingStorage(
  storage: StorageAdapter,
  { call, when }: { readonly call: number; readonly when: 'before' | 'after' },
): StorageAdapter {
  let calls = 0;
  return aroundStorage(storage, async (ask) => {
    const fails = calls++ === call;
    if (fails && when === 'before') throw new Error('the storage is down');
    const answer = await ask();
    if (fails) throw new Error('the acknowledgement is lost');
    return answer;
  });
}

/** Runs another operation just before the first commit that reaches the storage. */
export function interruptedStorage(
  storage: StorageAdapter,
  interrupt: () => Promise<unknown>,
): StorageAdapter {
  let interrupted = false;
  return aroundStorage(storage, async (ask, { method }) => {
    if (method === 'commit' && !interrupted) {
      interrupted = true;
      await interrupt();
    }
    return ask();
  });
}

/** Sabotage: unique keys are not enforced. */
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
    case 'departure.insert':
    case 'departure.update':
    case 'workspace.delete':
    case 'invitation.insert':
    case 'invitation.update':
    case 'event.erase':
      return change;
    default:
      return change satisfies never;
  }
}

/** Services that share only the storage, not a queue, like 8 processes. */
export function processes(
  storage: StorageAdapter,
  options: Partial<WorkspaceServiceOptions<DefaultRole, CorePermission>> = {},
): readonly WorkspaceService[] {
  const clock: Clock = {
    now: () => Date.parse('2026-01-01T00:00:00Z'),
    // A turn per millisecond: without the growing pauses, one process could lose every race of a schedule.
    sleep: async (milliseconds) => {
      for (let turn = 0; turn <= milliseconds; turn++) await nextTurn();
    },
  };
  return Array.from(
    { length: 8 },
    () =>
      new WorkspaceService({ permissions: defaultMatrix, storage, tokens: testTokens, clock, ...options }),
  );
}

/** Makes `count` calls in parallel, spread over the services, and counts their outcomes. */
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

/** One of the services, round robin. */
export function anyOf(services: readonly WorkspaceService[], index = 0): WorkspaceService {
  const service = services[index % services.length];
  if (service === undefined) throw new Error('there is no service');
  return service;
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** mulberry32: numbers from 0 to below 1, determined by the seed. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
