// 10,000 calls on one workspace, 50 concurrently: the final ledger agrees with the results.
import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { parseQuantity } from '../../src/core/quantity/index.js';
import type { QuotaSubject } from '../../src/ports/quota.js';
import { chaosQuota } from '../../src/testing/index.js';

const START = Date.UTC(2026, 0, 1);

test('Q-07 after 10,000 calls, 50 concurrently, the ledger equals the sum of the returned charges', async () => {
  const defaults = { cpu: '200', pods: '500' };
  const quota = chaosQuota(memoryQuota({ defaults }), { seed: 7, latency: 2 });
  const team: QuotaSubject = { workspaceId: 'team', kind: 'team', ownerId: 'olga' };
  const expiresAt = START + 1000;
  const sizes = (number: number) => ({
    cpu: parseQuantity(`${1 + ((number * 7919) % 997)}m`),
    pods: parseQuantity(String(number % 4)),
  });
  const committed = new Set<number>();
  const reserved = new Set<number>();
  let calls = 0;
  let denied = 0;

  const live = async (number: number): Promise<void> => {
    const id = String(number);
    const wanted = new Map(Object.entries(sizes(number)));
    calls += 1;
    const by = { userId: 'olga' };
    const result = await quota.reserve(team, {
      reservationId: id,
      amounts: wanted,
      expiresAt,
      by,
      now: START,
    });
    if (!result.ok) {
      denied += 1;
      return;
    }
    const commits = number % 3 > 0;
    if (commits) {
      calls += 1;
      assert((await quota.commit(team, { reservationId: id, now: START })).ok);
    }
    if (number % 8 === 1) {
      (commits ? committed : reserved).add(number);
      return;
    }
    calls += 1;
    const released = await quota.release(team, { reservationId: id, now: START });
    assert(released.ok && released.released !== null);
  };
  const worker = async (first: number): Promise<void> => {
    for (let number = first; calls < 10_000; number += 50) await live(number);
  };
  await Promise.all(Array.from({ length: 50 }, (_, first) => worker(first)));

  const taken = async (now: number): Promise<readonly bigint[]> => {
    const report = await quota.report(team, now);
    assert(report.ok);
    return ['cpu', 'pods'].map((name) => {
      const use = report.resources.get(name);
      return (use?.used.nano ?? 0n) + (use?.reserved.nano ?? 0n);
    });
  };
  const sumOf = (numbers: Iterable<number>): readonly bigint[] => {
    const all = [...numbers].map(sizes);
    return [
      all.reduce((sum, { cpu }) => sum + cpu.nano, 0n),
      all.reduce((sum, { pods }) => sum + pods.nano, 0n),
    ];
  };
  expect(denied).toBeGreaterThan(0);
  expect(await taken(START)).toEqual(sumOf([...committed, ...reserved]));
  expect(await taken(expiresAt)).toEqual(sumOf(committed));
});
