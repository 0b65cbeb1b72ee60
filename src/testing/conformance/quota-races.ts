// parallel calls, and the totals that must result.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { formatQuantity } from '../../core/quantity/index.js';
import type { QuotaAdapter } from '../../ports/quota.js';
import { seededRandom } from '../chaos.js';
import {
  NOW,
  TEAM,
  TTL,
  count,
  mustCommitCharge,
  mustRelease,
  mustReserve,
  nanoOf,
  named,
  reserving,
  standing,
  takenOf,
  type RegisterQuotaCase,
} from './quota-suite.js';

const PARALLEL = 20;

export function quotaRaceCases(test: RegisterQuotaCase): void {
  test('Q-07 1,000 parallel reservations of 1 on a limit of 100: exactly 100 succeed', async ({
    quota,
    adapters,
  }) => {
    const results = await Promise.all(
      (await adapters(1000)).map((adapter, number) =>
        adapter.reserve(TEAM, reserving(`r${number}`, { pods: '1' })),
      ),
    );
    assert.equal(
      count(results, ({ ok }) => ok),
      100,
    );
    for (const result of results) assert(result.ok || result.reason === 'exceeded');
    assert.equal((await standing(quota))['pods'], '100: 0 + 100');
  });

  for (const seed of [1, 2, 3]) {
    test(`Q-07 parallel reservations of mixed sizes never exceed the limit, and all that fit succeed: seed ${seed}`, async ({
      quota,
      adapters,
    }) => {
      const random = seededRandom(seed);
      const sizes = (await adapters(200)).map(() => BigInt(1 + Math.floor(random() * 400_000_000)));
      const results = await Promise.all(
        (await adapters(sizes.length)).map((adapter, number) =>
          adapter.reserve(
            TEAM,
            reserving(`r${number}`, { cpu: nanoText(sizes[number] ?? 0n), pods: '250m' }),
          ),
        ),
      );
      const admitted = sizes.filter((_, number) => results[number]?.ok);
      const sum = admitted.reduce((total, size) => total + size, 0n);
      assert.equal(await takenOf(quota, 'cpu'), sum);
      assert.equal(await takenOf(quota, 'pods'), BigInt(admitted.length) * nanoOf('250m'));
      assert(sum <= nanoOf('16'), 'the limit is exceeded');
      // Nothing was released, so a reservation that did not fit earlier does not fit at the end.
      for (const [number, size] of sizes.entries()) {
        assert(results[number]?.ok || sum + size > nanoOf('16'), 'a reservation that fits was refused');
      }
    });

    test(`Q-07 after parallel calls of every kind the total equals the remaining charges: seed ${seed}`, async ({
      quota,
      adapters,
    }) => {
      const random = seededRandom(seed);
      const lives = (await adapters(60)).map((adapter, number) => ({
        adapter,
        id: `r${number}`,
        size: 1 + Math.floor(random() * 9),
        ending: ['reserved', 'committed', 'released', 'committed and released'][Math.floor(random() * 4)],
      }));
      let over = false;
      const left = await Promise.all(
        lives.map(async ({ adapter, id, size, ending }) => {
          const result = await adapter.reserve(TEAM, reserving(id, { pods: String(size) }));
          over ||= (await takenOf(adapter, 'pods')) > nanoOf('100');
          if (!result.ok) return 0;
          if (ending === 'committed' || ending === 'committed and released')
            await mustCommitCharge(adapter, id);
          if (ending === 'released' || ending === 'committed and released') {
            assert.equal(await mustRelease(adapter, id), true);
            return 0;
          }
          return size;
        }),
      );
      assert.equal(over, false, 'the limit is exceeded');
      assert.equal(
        await takenOf(quota, 'pods'),
        nanoOf(String(left.reduce((total, size) => total + size, 0))),
      );
    });
  }

  test('Q-07 of parallel late commits and new reservations only as many as fit are admitted', async ({
    quota,
    adapters,
  }) => {
    for (let number = 0; number < 10; number++) {
      await mustReserve(quota, reserving(`late ${number}`, { pods: '10' }));
    }
    const now = NOW + TTL;
    const results = await Promise.all(
      (await adapters(PARALLEL)).map((adapter, number) =>
        number < 10
          ? adapter.commit(TEAM, named(`late ${number}`, now))
          : adapter.reserve(TEAM, reserving(`new ${number}`, { pods: '15' }, { now })),
      ),
    );
    const sum = results.reduce((total, { ok }, number) => total + (ok ? (number < 10 ? 10 : 15) : 0), 0);
    assert(sum <= 100 && sum > 85, `${sum} of 100 pods are taken`);
    assert.equal(await takenOf(quota, 'pods', { now }), nanoOf(String(sum)));
  });

  test('Q-08 committing a reservation keeps the total the same at every instant', async ({
    quota,
    adapters,
  }) => {
    for (let number = 0; number < PARALLEL; number++) {
      await mustReserve(quota, reserving(`r${number}`, { cpu: '100m', pods: '5' }));
    }
    const totals: bigint[] = [];
    let committing = true;
    const watch = async (adapter: QuotaAdapter): Promise<void> => {
      while (committing) {
        totals.push(await takenOf(adapter, 'pods'));
        await setImmediate();
      }
    };
    const commit = async (adapter: QuotaAdapter, number: number) => mustCommitCharge(adapter, `r${number}`);
    const [watchers, committers] = [await adapters(4), await adapters(PARALLEL)];
    await Promise.all([
      ...watchers.map(watch),
      Promise.all(committers.map(commit)).finally(() => (committing = false)),
    ]);
    assert.deepEqual(new Set(totals), new Set([nanoOf('100')]));
    assert.equal((await standing(quota))['pods'], '100: 100 + 0');
  });

  test('Q-09 parallel calls with the same reservation charge once and return the same charge', async ({
    quota,
    adapters,
  }) => {
    const results = await Promise.all(
      (await adapters(PARALLEL)).map((adapter) =>
        adapter.reserve(TEAM, reserving('same', { pods: '7', cpu: '1' })),
      ),
    );
    const charges = results.map((result) => (result.ok ? result.charge : null));
    assert(charges.every((charge) => charge !== null && isDeepStrictEqual(charge, charges[0])));
    assert.equal(
      count(results, (result) => result.ok && result.changed),
      1,
    );
    assert.equal((await standing(quota))['pods'], '100: 0 + 7');
  });

  test('Q-09 of parallel calls with one id and different amounts one is charged, the others are a mismatch', async ({
    quota,
    adapters,
  }) => {
    const results = await Promise.all(
      (await adapters(PARALLEL)).map((adapter, number) =>
        adapter.reserve(TEAM, reserving('same', { pods: String(number + 1) })),
      ),
    );
    assert.equal(
      count(results, ({ ok }) => ok),
      1,
    );
    for (const result of results) assert(result.ok || result.reason === 'mismatch');
    const winner = results.findIndex(({ ok }) => ok) + 1;
    assert.equal(await takenOf(quota, 'pods'), nanoOf(String(winner)));
  });

  test('Q-09 of parallel commits of one reservation one reports a change, and likewise of parallel releases', async ({
    quota,
    adapters,
  }) => {
    await mustReserve(quota, reserving('once', { pods: '7' }));
    const all = await adapters(PARALLEL);
    const commits = await Promise.all(all.map((adapter) => adapter.commit(TEAM, named('once'))));
    assert(commits.every(({ ok }) => ok));
    assert.equal(
      count(commits, (result) => result.ok && result.changed),
      1,
    );
    assert.equal((await standing(quota))['pods'], '100: 7 + 0');
    const released = await Promise.all(all.map((adapter) => mustRelease(adapter, 'once')));
    assert.equal(count(released, Boolean), 1);
    assert.equal((await standing(quota))['pods'], '100: 0 + 0');
  });

  test('Q-09 a commit and a release in parallel leave nothing charged', async ({ quota, adapters }) => {
    const [a = quota, b = quota] = await adapters(2);
    for (let number = 0; number < PARALLEL; number++) {
      const id = `r${number}`;
      await mustReserve(quota, reserving(id, { pods: '7' }));
      const [committed, released] = await Promise.all([a.commit(TEAM, named(id)), mustRelease(b, id)]);
      assert(committed.ok || committed.reason === 'not-found');
      assert.equal(released, true);
      assert.equal((await standing(quota))['pods'], '100: 0 + 0');
    }
  });
}

function nanoText(nano: bigint): string {
  return formatQuantity({ nano, format: 'decimal' });
}
