// The chaos wrapper: the same seed gives the same faults, and each fault leaves a defined state.
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { parseQuantity } from '../../src/core/quantity/index.js';
import type { QuotaAdapter, QuotaSubject } from '../../src/ports/quota.js';
import { chaosQuota, type ChaosQuotaOptions } from '../../src/testing/index.js';

const NOW = Date.UTC(2026, 0, 1);
const team: QuotaSubject = { workspaceId: 'team', kind: 'team', ownerId: 'olga' };
const CALLS = 40;

test('chaos: a failed call has charged nothing', async () => {
  const { answers, charged } = await rough({ seed: 1, failures: 1 });
  expect(new Set(answers)).toEqual(new Set(['chaos: the quota failed']));
  expect(charged).toBe(0);
});

test('chaos: a call with a lost acknowledgement throws and has charged', async () => {
  const { answers, charged } = await rough({ seed: 1, lostAcknowledgements: 1 });
  expect(new Set(answers)).toEqual(new Set(['chaos: the acknowledgement was lost']));
  expect(charged).toBe(CALLS);
});

test('chaos: a call that hangs never returns, whether it has charged or not', async () => {
  const { answers, charged } = await rough({ seed: 1, hangs: 1 });
  expect(new Set(answers)).toEqual(new Set(['no answer']));
  expect(charged).toBeGreaterThan(0);
  expect(charged).toBeLessThan(CALLS);
});

test('chaos: the same seed gives the same faults, another seed others', async () => {
  const options = { failures: 0.3, lostAcknowledgements: 0.3, hangs: 0.2, latency: 3 };
  const first = await rough({ seed: 1, ...options });
  expect(await rough({ seed: 1, ...options })).toEqual(first);
  expect(await rough({ seed: 2, ...options })).not.toEqual(first);
  expect(first.answers).toContain('admitted');
});

test('chaos: without rates every call returns', async () => {
  const { answers, charged } = await rough({ seed: 1 });
  expect(new Set(answers)).toEqual(new Set(['admitted']));
  expect(charged).toBe(CALLS);
});

/** One after the other, so that random numbers are drawn in the same order each time. */
async function rough(options: ChaosQuotaOptions): Promise<{ answers: string[]; charged: number }> {
  const quota = memoryQuota({ defaults: { pods: 'unlimited' } });
  const chaos = chaosQuota(quota, options);
  const answers: string[] = [];
  for (let number = 0; number < CALLS; number++) answers.push(await outcome(chaos, number));
  const report = await quota.report(team, NOW);
  const pods = report.ok ? report.resources.get('pods') : undefined;
  return { answers, charged: Number((pods?.reserved.nano ?? 0n) / parseQuantity('1').nano) };
}

function outcome(quota: QuotaAdapter, number: number): Promise<string> {
  const asked = quota.reserve(team, {
    reservationId: `r${number}`,
    amounts: new Map([['pods', parseQuantity('1')]]),
    expiresAt: NOW + 1000,
    by: { userId: 'olga' },
    now: NOW,
  });
  return Promise.race([
    asked.then(
      ({ ok }) => (ok ? 'admitted' : 'refused'),
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    ),
    manyTurns().then(() => 'no answer'),
  ]);
}

/** More turns of the event loop than a call waits for in total. */
async function manyTurns(): Promise<void> {
  for (let turns = 20; turns > 0; turns--) await setImmediate();
}
