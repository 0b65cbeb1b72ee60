// a committed charge whose amounts change, alone and in parallel.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { ActorRef } from '../../core/actor.js';
import type { QuotaAdapter, ResizeRequest, ResizeResult } from '../../ports/quota.js';
import { mustSettle } from './quota-settlement.js';
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
  useOf,
  type RegisterQuotaCase,
} from './quota-suite.js';

const PARALLEL = 20;

type Texts = Readonly<Record<string, string>>;

export function resizeCases(test: RegisterQuotaCase): void {
  test('Q-22 a resize charges the difference to the current amounts, up and down', async ({ quota }) => {
    await mustCharge(quota, 'r', { pods: '10', memory: '1Gi' });
    await mustReserve(quota, reserving('other', { pods: '60' }));
    const grown = await mustResize(quota, 'r', { pods: '40', memory: '512Mi' });
    assert.deepEqual(grown.amounts, amounts({ pods: '40', memory: '512Mi' }));
    assert.deepEqual(await standing(quota), {
      ...UNTOUCHED,
      pods: '100: 40 + 60',
      memory: '64Gi: 512Mi + 0',
    });
    const shrunk = await mustResize(quota, 'r', { pods: '2', cpu: '1' });
    assert.deepEqual(shrunk.amounts, amounts({ pods: '2', memory: '0Ki', cpu: '1' }));
    assert.deepEqual(await standing(quota), { ...UNTOUCHED, pods: '100: 2 + 60', cpu: '16: 1 + 0' });
    await mustReserve(quota, reserving('rest', { pods: '38' }));
    assert.equal(await mustRelease(quota, 'r'), true);
    assert.equal((await standing(quota))['pods'], '100: 0 + 98');
  });

  test('Q-22 a resize starts from the settled amounts, not from the reserved ones', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '90' }));
    await mustSettle(quota, 'r', { pods: '10' });
    await mustCharge(quota, 'other', { pods: '50' });
    const denied = await resize(quota, 'r', { pods: '51' });
    assert.deepEqual(denied, {
      ok: false,
      reason: 'exceeded',
      shortfalls: [
        { resource: 'pods', requested: '41', used: '60', reserved: '0', limit: '100', exceededBy: '1' },
      ],
    });
    await mustResize(quota, 'r', { pods: '50' });
    await mustResize(quota, 'r', { pods: '20' });
    assert.equal((await standing(quota))['pods'], '100: 70 + 0');
  });

  test('Q-22 a change up and down is admitted as a whole, or changes nothing', async ({ quota }) => {
    await mustCharge(quota, 'r', { pods: '10', cpu: '10' });
    await mustCharge(quota, 'other', { pods: '90' });
    const before = await standing(quota);
    for (const wanted of [
      { pods: '10.1', cpu: '1' },
      { pods: '1', cpu: '16.1' },
      { pods: '1', cpu: '1', gpu: '1' },
    ]) {
      const result = await resize(quota, 'r', wanted);
      assert(!result.ok && result.reason === 'exceeded', 'an increase over the limit is admitted');
      assert.deepEqual(await standing(quota), before);
    }
    await mustResize(quota, 'r', { pods: '1', cpu: '16' });
    assert.deepEqual(await standing(quota), { ...UNTOUCHED, pods: '100: 91 + 0', cpu: '16: 16 + 0' });
  });

  test('Q-22 a decrease is admitted above a lowered limit, an increase is not', async ({ quota }) => {
    await mustCharge(quota, 'r', { pods: '50', cpu: '1' });
    await mustSetLimits(quota, { pods: '10' });
    for (const wanted of [
      { pods: '50.1', cpu: '1' },
      { pods: '51', cpu: '0' },
    ]) {
      const result = await resize(quota, 'r', wanted);
      assert(!result.ok && result.reason === 'exceeded', 'an increase above a lowered limit is admitted');
    }
    await mustResize(quota, 'r', { pods: '50', cpu: '2' });
    await mustResize(quota, 'r', { pods: '49', cpu: '2' });
    assert.deepEqual(await standing(quota), { ...UNTOUCHED, pods: '10: 49 + 0', cpu: '16: 2 + 0' });
  });

  test('Q-22 a repeated resize returns the same charge and charges nothing', async ({ quota }) => {
    await mustCharge(quota, 'r', { pods: '10', cpu: '1' });
    const charge = await mustResize(quota, 'r', { pods: '60' });
    const before = await standing(quota);
    for (const now of [NOW, NOW + TTL]) {
      for (const wanted of [{ pods: '60' }, { cpu: '0', pods: '60000m' }]) {
        const again = await resize(quota, 'r', wanted, { now });
        assert.deepEqual(again, { ok: true, charge, changed: false });
      }
    }
    assert.deepEqual(await standing(quota), before);
  });

  test('Q-22 a retry of the reservation and of the commit returns the resized charge', async ({ quota }) => {
    const wanted = reserving('r', { pods: '10' });
    await mustReserve(quota, wanted);
    await mustCommitCharge(quota, 'r');
    const charge = await mustResize(quota, 'r', { pods: '60', cpu: '1' });
    assert.deepEqual(await quota.reserve(TEAM, wanted), { ok: true, charge, changed: false });
    assert.deepEqual(await quota.commit(TEAM, named('r')), { ok: true, charge, changed: false });
    const other = await quota.reserve(TEAM, reserving('r', { pods: '60', cpu: '1' }));
    assert.deepEqual(other, { ok: false, reason: 'mismatch' });
    assert.equal((await standing(quota))['pods'], '100: 60 + 0');
  });

  test('Q-22 only what is committed can be resized: unknown, reserved, expired and released are not found', async ({
    quota,
  }) => {
    const notFound = { ok: false, reason: 'not-found' };
    assert.deepEqual(await resize(quota, 'r', { pods: '1' }), notFound);
    await mustReserve(quota, reserving('r', { pods: '10' }));
    assert.deepEqual(await resize(quota, 'r', { pods: '1' }), notFound);
    assert.deepEqual(await resize(quota, 'r', { pods: '1' }, { now: NOW + TTL }), notFound);
    await mustCommitCharge(quota, 'r', { now: NOW + TTL });
    await mustRelease(quota, 'r', { now: NOW + TTL });
    assert.deepEqual(await resize(quota, 'r', { pods: '1' }), notFound);
    assert.deepEqual(await standing(quota, { now: NOW + TTL }), UNTOUCHED);
  });

  test('Q-22 a resource without a limit is refused by name, and may be left out', async ({ quota }) => {
    await mustCharge(quota, 'r', { pods: '10' });
    const unlisted = await resize(quota, 'r', { pods: '1', zinc: '0', constructor: '1' });
    assert.deepEqual(unlisted, { ok: false, reason: 'unlisted', resources: ['constructor', 'zinc'] });
    assert.equal((await standing(quota))['pods'], '100: 10 + 0');
  });

  test('Q-22 onlyBy resizes the charge of that actor, and no other', async ({ quota }) => {
    const by: ActorRef = { userId: 'ada' };
    await mustReserve(quota, reserving('r', { pods: '10' }, { by }));
    await mustCommitCharge(quota, 'r');
    for (const onlyBy of [{ userId: 'mia' }, { operator: 'ada' }]) {
      const result = await resize(quota, 'r', { pods: '1' }, { onlyBy });
      assert.deepEqual(result, { ok: false, reason: 'not-yours' });
    }
    assert.equal((await standing(quota))['pods'], '100: 10 + 0');
    await mustResize(quota, 'r', { pods: '1' }, { onlyBy: { ...by } });
  });

  test('Q-22 onlyDecrease refuses more than now', async ({ quota }) => {
    const onlyDecrease = true as const;
    await mustCharge(quota, 'r', { pods: '10', cpu: '1' });
    for (const wanted of [{ pods: '10.1' }, { pods: '1', cpu: '2' }, { pods: '1', memory: '1' }]) {
      const result = await resize(quota, 'r', wanted, { onlyDecrease });
      assert.deepEqual(result, { ok: false, reason: 'increase' });
    }
    assert.equal((await standing(quota))['pods'], '100: 10 + 0');
    await mustResize(quota, 'r', { pods: '9', cpu: '1' }, { onlyDecrease });
    const again = await resize(quota, 'r', { pods: '9', cpu: '1' }, { onlyDecrease });
    assert(again.ok && !again.changed, 'a retry is refused');
  });

  test('Q-22 the use of a resized charge is the former or the new total at every instant', async ({
    quota,
    adapters,
  }) => {
    await mustCharge(quota, 'r', { pods: '60' });
    const totals = new Set<bigint>();
    let resizing = true;
    const watch = async (adapter: QuotaAdapter): Promise<void> => {
      while (resizing) {
        const { used, reserved } = await useOf(adapter, 'pods');
        totals.add(used.nano + reserved.nano);
        await setImmediate();
      }
    };
    const [watchers, [resizer = quota]] = [await adapters(3), await adapters(1)];
    const resizeAll = async (): Promise<void> => {
      for (let number = 0; number < PARALLEL; number++)
        await mustResize(resizer, 'r', { pods: number % 2 === 0 ? '90' : '60' });
    };
    await Promise.all([...watchers.map(watch), resizeAll().finally(() => (resizing = false))]);
    for (const total of totals)
      assert(total === nanoOf('60') || total === nanoOf('90'), `${total} is charged`);
  });

  test('Q-22 of parallel resizes of one charge the last is charged, and of equal ones one reports a change', async ({
    quota,
    adapters,
  }) => {
    await mustCharge(quota, 'r', { pods: '50' });
    const all = await adapters(PARALLEL);
    const same = await Promise.all(all.map((adapter) => resize(adapter, 'r', { pods: '7' })));
    assert(same.every(({ ok }) => ok));
    assert.equal(
      count(same, (result) => result.ok && result.changed),
      1,
    );
    const each = await Promise.all(
      all.map((adapter, number) => resize(adapter, 'r', { pods: String(number) })),
    );
    assert(each.every(({ ok }) => ok));
    const result = await quota.release(TEAM, named('r'));
    assert(result.ok && result.released !== null);
    assert((result.released.amounts.get('pods')?.nano ?? 0n) < nanoOf(String(PARALLEL)));
    assert.deepEqual(await standing(quota), UNTOUCHED);
  });

  test('Q-22 parallel increases never exceed the limit, and as many as fit are admitted', async ({
    quota,
    adapters,
  }) => {
    const all = await adapters(PARALLEL);
    for (const number of all.keys()) await mustCharge(quota, `r${number}`, { pods: '4' });
    const results = await Promise.all(
      all.map((adapter, number) => resize(adapter, `r${number}`, { pods: '10' })),
    );
    // 80 are used, so 20 are left: three increases of 6.
    assert.equal(
      count(results, ({ ok }) => ok),
      3,
    );
    for (const result of results) assert(result.ok || result.reason === 'exceeded');
    assert.equal(await takenOf(quota, 'pods'), nanoOf('98'));
  });

  test('Q-22 a resize and a release in parallel leave nothing charged', async ({ quota, adapters }) => {
    const [a = quota, b = quota] = await adapters(2);
    for (let number = 0; number < PARALLEL; number++) {
      const id = `r${number}`;
      await mustCharge(quota, id, { pods: '7' });
      const [resized, released] = await Promise.all([
        resize(a, id, { pods: String(number), cpu: '1' }),
        mustRelease(b, id),
      ]);
      assert(resized.ok || resized.reason === 'not-found');
      assert.equal(released, true);
      assert.deepEqual(await standing(quota), UNTOUCHED);
    }
  });
}

function resize(
  quota: QuotaAdapter,
  reservationId: string,
  wanted: Texts,
  fields: Partial<ResizeRequest> = {},
): Promise<ResizeResult> {
  return quota.resize(TEAM, { ...named(reservationId), amounts: amounts(wanted), ...fields });
}

async function mustResize(
  quota: QuotaAdapter,
  reservationId: string,
  wanted: Texts,
  fields: Partial<ResizeRequest> = {},
) {
  const result = await resize(quota, reservationId, wanted, fields);
  assert(result.ok, `resizing ${reservationId} is refused: ${JSON.stringify(result)}`);
  assert(result.changed, `resizing ${reservationId} changed nothing`);
  assert.equal(result.charge.state, 'committed');
  return result.charge;
}

async function mustCharge(quota: QuotaAdapter, reservationId: string, texts: Texts): Promise<void> {
  await mustReserve(quota, reserving(reservationId, texts));
  await mustCommitCharge(quota, reservationId);
}
