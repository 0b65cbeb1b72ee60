// A quota adapter that is slow, fails, forgets to answer and hangs: repeatably, by a seed.
import { setImmediate } from 'node:timers/promises';
import type { QuotaAdapter } from '../ports/quota.js';
import { seededRandom } from './chaos.js';

/** How rough a {@link chaosQuota} is. Rates are probabilities from 0 to 1. */
export interface ChaosQuotaOptions {
  /** The same seed and the same calls give the same faults. */
  readonly seed: number;
  /**
   * Every call waits for 0 up to so many turns of the event loop, before and after.
   * @default 4
   */
  readonly latency?: number;
  /**
   * How often a call fails before it has done anything.
   * @default 0
   */
  readonly failures?: number;
  /**
   * How often a call is carried out and its answer lost: it fails all the same.
   * @default 0
   */
  readonly lostAnswers?: number;
  /**
   * How often a call never answers. Half of those have been carried out.
   * @default 0
   */
  readonly hangs?: number;
}

/**
 * Wraps a quota adapter so that calls interleave, fail and hang. It breaks no rule of the port: whatever it wraps must
 * stay correct.
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
  const { seed, latency = 4, failures = 0, lostAnswers = 0, hangs = 0 } = options;
  const random = seededRandom(seed);
  const happens = (rate: number): boolean => rate > 0 && random() < rate;
  const wait = async (): Promise<void> => {
    for (let turns = Math.floor(random() * (latency + 1)); turns > 0; turns--) await setImmediate();
  };
  const rough = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await wait();
    if (happens(failures)) throw new Error('chaos: the quota failed');
    const hanging = happens(hangs);
    if (hanging && happens(0.5)) return never();
    const answer = await call();
    if (hanging) return never();
    await wait();
    if (happens(lostAnswers)) throw new Error('chaos: the answer was lost');
    return answer;
  };

  return {
    report: (subject, now) => rough(() => quota.report(subject, now)),
    setLimits: (subject, limits, now) => rough(() => quota.setLimits(subject, limits, now)),
    reserve: (subject, request) => rough(() => quota.reserve(subject, request)),
    commit: (subject, request) => rough(() => quota.commit(subject, request)),
    release: (subject, request) => rough(() => quota.release(subject, request)),
    forget: (workspaceId) => rough(() => quota.forget(workspaceId)),
  };
}

/** A promise that nobody keeps. It holds no timer, so a process that only waits for it ends. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
