// A storage wrapper that delays calls, reports conflicts, fails, and loses acknowledgements, reproducibly by seed.
import { setImmediate } from 'node:timers/promises';
import type { StorageAdapter } from '../ports/storage.js';
import { wrapStorage } from './wrapped-storage.js';

/** Options of {@link chaosStorage}. Rates are probabilities from 0 to 1. */
export interface ChaosOptions {
  /** The same seed and the same calls give the same faults. */
  readonly seed: number;
  /**
   * The most turns of the event loop that every call waits, before and after.
   * @default 4
   */
  readonly latency?: number;
  /**
   * How often a commit reports a conflict without being tried.
   * @default 0
   */
  readonly conflicts?: number;
  /**
   * How often a call throws without having done anything.
   * @default 0
   */
  readonly failures?: number;
  /**
   * How often a commit is applied and then throws.
   * @default 0
   */
  readonly lostAcknowledgements?: number;
}

/**
 * Wraps a storage so that calls interleave and fail. Every fault is one that the port allows, so your code must stay
 * correct.
 *
 * @example
 * ```ts
 * import { memoryStorage } from 'tenantry/memory';
 * import { chaosStorage, createTestWorkspaces } from 'tenantry/testing';
 *
 * const storage = chaosStorage(memoryStorage(), { seed: 1, conflicts: 0.2 });
 * const { workspaces } = createTestWorkspaces({ storage });
 * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * ```
 */
export function chaosStorage(storage: StorageAdapter, options: ChaosOptions): StorageAdapter {
  const { seed, latency = 4, conflicts = 0, failures = 0, lostAcknowledgements = 0 } = options;
  const random = seededRandom(seed);
  const happens = (rate: number): boolean => rate > 0 && random() < rate;
  const wait = async (): Promise<void> => {
    for (let turns = Math.floor(random() * (latency + 1)); turns > 0; turns--) await setImmediate();
  };
  const disturbed = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await wait();
    if (happens(failures)) throw new Error('chaos: the storage failed');
    const answer = await call();
    await wait();
    return answer;
  };

  return {
    ...wrapStorage(storage, disturbed),
    commit: (commit) =>
      disturbed(async () => {
        if (happens(conflicts)) return { ok: false, reason: 'conflict' };
        const result = await storage.commit(commit);
        if (result.ok && happens(lostAcknowledgements))
          throw new Error('chaos: the acknowledgement was lost');
        return result;
      }),
  };
}

/** mulberry32: 32 bits of state are plenty for choosing faults. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
