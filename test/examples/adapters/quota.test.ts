// The quota adapter to copy passes the conformance suite, and fails it on a store that does not compare revisions.
import { expect, test } from 'vitest';
import { quotaConformance, type QuotaUnderTest } from 'tenantry/testing';
import { keyValueQuota } from '../../../examples/adapters/quota.js';
import { memoryStore, type KeyValueStore } from '../../../examples/adapters/store.js';
import { late, unguarded } from './stores.js';

quotaConformance({
  test: (title, run) => {
    test(`key-value: ${title}`, run);
  },
  createQuota: (defaults) => Promise.resolve(quotaOn(memoryStore(), defaults)),
});

quotaConformance({
  test: (title, run) => {
    test(`key-value, late: ${title}`, run);
  },
  createQuota: (defaults) => Promise.resolve(quotaOn(late(memoryStore()), defaults)),
});

test('Q-07 fails the suite on a store that does not compare revisions', async () => {
  const cases = /^Q-07 1,000 parallel reservations/;
  expect(await failedCases((store) => store, cases)).toEqual([]);
  expect(await failedCases(unguarded, cases)).not.toEqual([]);
});

function quotaOn(store: KeyValueStore, defaults: Readonly<Record<string, string>>): QuotaUnderTest {
  return {
    quota: keyValueQuota(store, { defaults }),
    connect: () => Promise.resolve(keyValueQuota(store, { defaults })),
  };
}

async function failedCases(
  sabotage: (store: KeyValueStore) => KeyValueStore,
  cases: RegExp,
): Promise<string[]> {
  const registered: [string, () => Promise<void>][] = [];
  quotaConformance({
    test: (title, run) => registered.push([title, run]),
    createQuota: (defaults) => Promise.resolve(quotaOn(sabotage(memoryStore()), defaults)),
  });
  const chosen = registered.filter(([title]) => cases.test(title));
  expect(chosen).not.toEqual([]);
  const failed: string[] = [];
  for (const [title, run] of chosen) await run().catch(() => failed.push(title));
  return failed;
}
