// a reservation that is committed with the amounts that were really taken, alone and in parallel.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { ActorRef } from '../../core/actor.js';
import type { CommitChargeResult, CommitRequest, QuotaAdapter } from '../../ports/quota.js';
import {
  NOW,
  TEAM,
  TTL,
  UNTOUCHED,
  amounts,
  count,
  mustCommitCharge,
  mustRelease,
  mustReserve,
  mustSetLimits,
  named,
  nanoOf,
  reserving,
  standing,
  takenOf,
  type RegisterQuotaCase,
} from './quota-suite.js';

const PARALLEL = 20;

export function settlementCases(test: RegisterQuotaCase): void {
  test('Q-21 settling with less returns the rest in the same step', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '10', cpu: '2', memory: '1Gi' }));
    const charge = await mustSettle(quota, 'r', { pods: '3', memory: '1Gi' });
    assert.deepEqual(charge.amounts, amounts({ pods: '3', cpu: '0', memory: '1Gi' }));
    assert.deepEqual(await standing(quota), {
      ...UNTOUCHED,
      pods: '100: 3 + 0',
      memory: '64Gi: 1Gi + 0',
    });
    await mustReserve(quota, reserving('rest', { pods: '97', cpu: '16' }));
  });

  test('Q-21 settling with 0 charges nothing, and the charge can be released', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '10' }));
    await mustSettle(quota, 'r', { pods: '0' });
    assert.deepEqual(await standing(quota), UNTOUCHED);
    assert.equal(await mustRelease(quota, 'r'), true);
    assert.equal(await mustRelease(quota, 'r'), false);
    assert.deepEqual(await standing(quota), UNTOUCHED);
  });

  test('Q-21 settling at or below the reserved amount succeeds above a lowered limit', async ({ quota }) => {
    for (const [id, taken] of [
      ['less', '59'],
      ['equal', '40'],
    ] as const) {
      await mustReserve(quota, reserving(id, { pods: id === 'less' ? '60' : '40' }));
      await mustSetLimits(quota, { pods: '1' });
      await mustSettle(quota, id, { pods: taken });
      await mustSetLimits(quota, { pods: '100' });
    }
    assert.equal((await standing(quota))['pods'], '100: 99 + 0');
  });

  test('Q-21 settling with more is admitted up to the limit, and 1n more changes nothing', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('other', { pods: '60' }));
    await mustReserve(quota, reserving('r', { pods: '10', cpu: '1' }));
    const before = await standing(quota);
    for (const taken of [
      { pods: '40.000000001', cpu: '1' },
      { pods: '41', cpu: '0' },
    ]) {
      const result = await settle(quota, 'r', taken);
      assert(!result.ok && result.reason === 'exceeded', 'an increase over the limit is admitted');
      assert.deepEqual(await standing(quota), before);
    }
    const charge = await mustSettle(quota, 'r', { pods: '40', cpu: '0.5' });
    assert.deepEqual(charge.amounts, amounts({ pods: '40', cpu: '500m' }));
    assert.deepEqual(await standing(quota), { ...UNTOUCHED, pods: '100: 40 + 60', cpu: '16: 500m + 0' });
  });

  test('Q-21 a denial lists the increases that do not fit, next to what is held already', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('r', { pods: '90', memory: '1Gi' }));
    const result = await settle(quota, 'r', { pods: '101', memory: '2Gi', gpu: '1' });
    assert.deepEqual(result, {
      ok: false,
      reason: 'exceeded',
      shortfalls: [
        { resource: 'gpu', requested: '1', used: '0', reserved: '0', limit: '0', exceededBy: '1' },
        { resource: 'pods', requested: '11', used: '0', reserved: '90', limit: '100', exceededBy: '1' },
      ],
    });
    await mustCommitCharge(quota, 'r');
    assert.equal((await standing(quota))['pods'], '100: 90 + 0');
  });

  test('Q-21 a resource that was not reserved is an increase from 0, and one without a limit is refused by name', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('r', { pods: '10' }));
    const unlisted = await settle(quota, 'r', { pods: '1', zinc: '0', constructor: '1' });
    assert.deepEqual(unlisted, { ok: false, reason: 'unlisted', resources: ['constructor', 'zinc'] });
    const exceeded = await settle(quota, 'r', { pods: '10', cpu: '16.1' });
    assert(!exceeded.ok && exceeded.reason === 'exceeded', 'not refused');
    assert.equal((await standing(quota))['pods'], '100: 0 + 10');
    await mustSettle(quota, 'r', { pods: '10', cpu: '16' });
    assert.deepEqual(await standing(quota), { ...UNTOUCHED, pods: '100: 10 + 0', cpu: '16: 16 + 0' });
  });

  test('Q-21 a repeated settlement returns the same charge, and other amounts are a mismatch', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('r', { pods: '10', cpu: '1' }));
    const charge = await mustSettle(quota, 'r', { pods: '3' });
    const before = await standing(quota);
    const again = { ok: true, charge, changed: false };
    for (const now of [NOW, NOW + TTL]) {
      assert.deepEqual(await settle(quota, 'r', { pods: '3' }, { now }), again);
      assert.deepEqual(await settle(quota, 'r', { cpu: '0', pods: '3000m' }, { now }), again);
      assert.deepEqual(await quota.commit(TEAM, named('r', now)), again);
      for (const other of [{ pods: '10', cpu: '1' }, { pods: '4' }, { pods: '3', cpu: '1n' }, { cpu: '0' }]) {
        assert.deepEqual(await settle(quota, 'r', other, { now }), { ok: false, reason: 'mismatch' });
      }
    }
    assert.deepEqual(await standing(quota), before);
    await mustReserve(quota, reserving('as reserved', { pods: '5' }));
    await mustCommitCharge(quota, 'as reserved');
    const same = await settle(quota, 'as reserved', { pods: '5' });
    assert(same.ok && !same.changed, 'a commit with the committed amounts is no retry');
    assert.deepEqual(await settle(quota, 'as reserved', { pods: '4' }), { ok: false, reason: 'mismatch' });
  });

  test('Q-21 a repeated reservation is compared with the reserved amounts, not with the settled ones', async ({
    quota,
  }) => {
    const wanted = reserving('r', { pods: '10', cpu: '1' });
    await mustReserve(quota, wanted);
    const charge = await mustSettle(quota, 'r', { pods: '3', memory: '1Gi' });
    assert.deepEqual(await quota.reserve(TEAM, wanted), { ok: true, charge, changed: false });
    const settled = await quota.reserve(TEAM, reserving('r', { pods: '3', memory: '1Gi' }));
    assert.deepEqual(settled, { ok: false, reason: 'mismatch' });
    assert.equal((await standing(quota))['pods'], '100: 3 + 0');
  });

  test('Q-21 a release gives back the settled amounts', async ({ quota }) => {
    await mustReserve(quota, reserving('stays', { pods: '5' }));
    const before = await standing(quota);
    for (const taken of [{ pods: '3' }, { pods: '90', memory: '1Gi' }]) {
      await mustReserve(quota, reserving('goes', { pods: '10', cpu: '1' }));
      const charge = await mustSettle(quota, 'goes', taken);
      const result = await quota.release(TEAM, named('goes'));
      assert.deepEqual(result, { ok: true, released: charge });
      assert.deepEqual(await standing(quota), before);
    }
  });

  test('Q-21 an expired reservation that settles is admitted again with the settled amounts, or is expired', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('late', { pods: '60', cpu: '1' }));
    const now = NOW + TTL;
    await mustReserve(quota, reserving('new', { pods: '90' }, { now }));
    const before = await standing(quota, { now });
    for (const taken of [{ pods: '60', cpu: '1' }, { pods: '10.1' }, { cpu: '17' }]) {
      assert.deepEqual(await settle(quota, 'late', taken, { now }), { ok: false, reason: 'expired' });
    }
    const unlisted = await settle(quota, 'late', { zinc: '1' }, { now });
    assert.deepEqual(unlisted, { ok: false, reason: 'unlisted', resources: ['zinc'] });
    assert.deepEqual(await standing(quota, { now }), before);
    await mustSettle(quota, 'late', { pods: '10' }, { now });
    assert.equal((await standing(quota, { now }))['pods'], '100: 10 + 90');
    await mustReserve(quota, reserving('more', { cpu: '16' }, { now }));
  });

  test('Q-21 an unknown reservation cannot be settled', async ({ quota }) => {
    assert.deepEqual(await settle(quota, 'r', { pods: '1' }), { ok: false, reason: 'not-found' });
    assert.deepEqual(await standing(quota), UNTOUCHED);
  });

  test('Q-21 onlyBy settles the reservation of that actor, and no other', async ({ quota }) => {
    const by: ActorRef = { userId: 'ada' };
    await mustReserve(quota, reserving('r', { pods: '10' }, { by }));
    for (const onlyBy of [{ userId: 'mia' }, { operator: 'ada' }]) {
      const result = await settle(quota, 'r', { pods: '1' }, { onlyBy });
      assert.deepEqual(result, { ok: false, reason: 'not-yours' });
    }
    assert.equal((await standing(quota))['pods'], '100: 0 + 10');
    await mustSettle(quota, 'r', { pods: '1' }, { onlyBy: { ...by } });
  });

  test('Q-21 onlyDecrease refuses more than was reserved, whether the reservation is open or expired', async ({
    quota,
  }) => {
    const onlyDecrease = true as const;
    for (const now of [NOW, NOW + TTL]) {
      const id = `at ${now}`;
      await mustReserve(quota, reserving(id, { pods: '10' }));
      const before = await standing(quota, { now });
      for (const taken of [{ pods: '10.1' }, { pods: '1', cpu: '1' }]) {
        const result = await settle(quota, id, taken, { now, onlyDecrease });
        assert.deepEqual(result, { ok: false, reason: 'increase' });
      }
      assert.deepEqual(await standing(quota, { now }), before);
      await mustSettle(quota, id, { pods: '10' }, { now, onlyDecrease });
      // A retry increases nothing.
      const again = await settle(quota, id, { pods: '10' }, { now, onlyDecrease });
      assert(again.ok && !again.changed, 'a retry is refused');
    }
  });

  test('Q-21 of parallel settlements one is charged: retries return it, other amounts are a mismatch', async ({
    quota,
    adapters,
  }) => {
    const all = await adapters(PARALLEL);
    await mustReserve(quota, reserving('same', { pods: '50' }));
    const same = await Promise.all(all.map((adapter) => settle(adapter, 'same', { pods: '7' })));
    const charges = same.map((result) => (result.ok ? result.charge : null));
    assert(charges.every((charge) => charge !== null && isDeepStrictEqual(charge, charges[0])));
    assert.equal(
      count(same, (result) => result.ok && result.changed),
      1,
    );
    assert.equal((await standing(quota))['pods'], '100: 7 + 0');

    await mustReserve(quota, reserving('each', { pods: '50' }));
    const each = await Promise.all(
      all.map((adapter, number) => settle(adapter, 'each', { pods: String(number) })),
    );
    assert.equal(
      count(each, ({ ok }) => ok),
      1,
    );
    for (const result of each) assert(result.ok || result.reason === 'mismatch');
    const winner = each.findIndex(({ ok }) => ok);
    assert.equal(await takenOf(quota, 'pods'), nanoOf(String(7 + winner)));
  });

  test('Q-21 parallel settlements above their reservations never exceed the limit', async ({
    quota,
    adapters,
  }) => {
    const all = await adapters(PARALLEL);
    for (const number of all.keys()) await mustReserve(quota, reserving(`r${number}`, { pods: '4' }));
    const results = await Promise.all(
      all.map((adapter, number) => settle(adapter, `r${number}`, { pods: '10' })),
    );
    // 80 are reserved, so 20 are left: three increases of 6.
    assert.equal(
      count(results, ({ ok }) => ok),
      3,
    );
    for (const result of results) assert(result.ok || result.reason === 'exceeded');
    assert.equal((await standing(quota))['pods'], '100: 30 + 68');
  });

  test('Q-21 what parallel settlements return is reserved by others once, and the total never exceeds the limit', async ({
    quota,
    adapters,
  }) => {
    const all = await adapters(PARALLEL);
    for (const number of all.keys()) await mustReserve(quota, reserving(`r${number}`, { pods: '5' }));
    let over = false;
    const reserved = await Promise.all(
      all.map(async (adapter, number) => {
        const [result] = await Promise.all([
          adapter.reserve(TEAM, reserving(`new ${number}`, { pods: '2' })),
          mustSettle(adapter, `r${number}`, { pods: '3' }),
        ]);
        over ||= (await takenOf(adapter, 'pods')) > nanoOf('100');
        return result;
      }),
    );
    assert.equal(over, false, 'the limit is exceeded');
    const admitted = count(reserved, ({ ok }) => ok);
    assert.equal((await standing(quota))['pods'], `100: ${3 * PARALLEL} + ${2 * admitted}`);
  });

  test('Q-21 a settlement and a release in parallel leave nothing charged', async ({ quota, adapters }) => {
    const [a = quota, b = quota] = await adapters(2);
    for (let number = 0; number < PARALLEL; number++) {
      const id = `r${number}`;
      const taken = { pods: String(number), cpu: '1' };
      await mustReserve(quota, reserving(id, { pods: '7' }));
      const [settled, released] = await Promise.all([settle(a, id, taken), mustRelease(b, id)]);
      assert(settled.ok || settled.reason === 'not-found');
      assert.equal(released, true);
      assert.deepEqual(await standing(quota), UNTOUCHED);
    }
  });
}

/** Commits a reservation with what was really taken. */
function settle(
  quota: QuotaAdapter,
  reservationId: string,
  taken: Readonly<Record<string, string>>,
  fields: Partial<CommitRequest> = {},
): Promise<CommitChargeResult> {
  return quota.commit(TEAM, { ...named(reservationId), amounts: amounts(taken), ...fields });
}

export async function mustSettle(
  quota: QuotaAdapter,
  reservationId: string,
  taken: Readonly<Record<string, string>>,
  fields: Partial<CommitRequest> = {},
) {
  const result = await settle(quota, reservationId, taken, fields);
  assert(result.ok, `settling ${reservationId} is refused: ${JSON.stringify(result)}`);
  assert(result.changed, `settling ${reservationId} changed nothing`);
  assert.equal(result.charge.state, 'committed');
  return result.charge;
}
