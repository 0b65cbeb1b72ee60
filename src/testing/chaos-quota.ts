// A quota wrapper that delays calls, fails, loses acknowledgements, and hangs, reproducibly by seed.
import { setImmediate } from 'node:timers/promises';
import type { QuotaAdapter } from '../ports/quota.js';
import { seededRandom } from './chaos.js';

/** Options of {@link chaosQuota}. Rates are probabilities from 0 to 1. */
export interface ChaosQuotaOptions {
  /** The same seed and the same calls give the same faults. */
  readonly seed: number;
  /**
   * The most turns of the event loop that every call waits, before and after.
   * @default 4
   */
  readonly latency?: number;
  /**
   * How often a call throws without having done anything.
   * @default 0
   */
  readonly failures?: number;
  /**
   * How often a call is carried out and then throws.
   * @default 0
   */
  readonly lostAcknowledgements?: number;
  /**
   * How often a call never settles. Half of these calls are carried out.
   * @default 0
   */
  readonly hangs?: number;
}

/**
 * Wraps a quota adapter so that calls interleave, fail and hang. Every fault is one that the port allows, so your code
 * must stay correct.
 *
 * @example
 * ```ts
 * import { memoryQuota } from 'tenantry/memory';
 * import { chaosQuota, createTestWorkspaces } from 'tenantry/testing';
 *
 * const quota = chaosQuota(memoryQuota({ defaults: { pods: '20' } }), { seed: 1, latency: 2 });
 * const { workspaces } = createTestWorkspaces({ quota });
 * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * ```
 */
export function chaosQuota(quota: QuotaAdapter, options: ChaosQuotaOptions): QuotaAdapter {
  const { seed, latency = 4, failures = 0, lostAcknowledgements = 0, hangs = 0 } = options;
  const random = seededRandom(seed);
  const happens = (rate: number): boolean => rate > 0 && random() < rate;
  const wait = async (): Promise<void> => {
    for (let turns = Math.floor(random() * (latency + 1)); turns > 0; turns--) await setImmediate();
  };
  const disturbed = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await wait();
    if (happens(failures)) throw new Error('chaos: the quota failed');
    const hanging = happens(hangs);
    if (hanging && happens(0.5)) return never();
    const answer = await call();
    if (hanging) return never();
    await wait();
    if (happens(lostAcknowledgements)) throw new Error('chaos: the acknowledgement was lost');
    return answer;
  };

  return {
    report: (subject, now) => disturbed(() => quota.report(subject, now)),
    setLimits: (subject, limits, now) => disturbed(() => quota.setLimits(subject, limits, now)),
    reserve: (subject, request) => disturbed(() => quota.reserve(subject, request)),
    commit: (subject, request) => disturbed(() => quota.commit(subject, request)),
    resize: (subject, request) => disturbed(() => quota.resize(subject, request)),
    release: (subject, request) => disturbed(() => quota.release(subject, request)),
    forget: (workspaceId) => disturbed(() => quota.forget(workspaceId)),
  };
}

/** A promise that never settles. It has no timer, so it does not keep the process alive. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
