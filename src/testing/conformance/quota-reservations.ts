// one reservation: reserved, committed, released, expired, and every call repeated.
import assert from 'node:assert/strict';
import type { ActorRef } from '../../core/actor.js';
import {
  NOW,
  TEAM,
  TTL,
  UNTOUCHED,
  amounts,
  mustCommitCharge,
  mustRelease,
  mustReserve,
  named,
  nanoOf,
  reserving,
  standing,
  useOf,
  type RegisterQuotaCase,
} from './quota-suite.js';

const DAY = 24 * 60 * 60 * 1000;

export function reservationCases(test: RegisterQuotaCase): void {
  test('Q-08 a reservation returns the charge as requested', async ({ quota }) => {
    const by: ActorRef = { operator: 'billing' };
    const wanted = new Map(amounts({ pods: '3', memory: '1.5Gi' }));
    const result = await quota.reserve(TEAM, { ...reserving('r', {}, { by }), amounts: wanted });
    const charge = {
      reservationId: 'r',
      amounts: amounts({ pods: '3', memory: '1.5Gi' }),
      state: 'reserved',
      expiresAt: NOW + TTL,
      by,
    };
    assert.deepEqual(result, { ok: true, charge, changed: true });
    wanted.clear();
    assert.deepEqual(await quota.reserve(TEAM, reserving('r', { pods: '3', memory: '1.5Gi' }, { by })), {
      ok: true,
      charge,
      changed: false,
    });
  });

  test('Q-08 a commit moves amounts from reserved to used', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '3', memory: '1Gi' }));
    assert.deepEqual(await standing(quota), {
      ...UNTOUCHED,
      pods: '100: 0 + 3',
      memory: '64Gi: 0 + 1Gi',
    });
    const charge = await mustCommitCharge(quota, 'r');
    assert.deepEqual(charge.amounts, amounts({ pods: '3', memory: '1Gi' }));
    assert.deepEqual(await standing(quota), {
      ...UNTOUCHED,
      pods: '100: 3 + 0',
      memory: '64Gi: 1Gi + 0',
    });
  });

  test('Q-08 a release restores the former state, from reserved and from committed amounts', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('stays', { pods: '10', cpu: '100m' }));
    const before = await standing(quota);
    for (const committed of [false, true]) {
      await mustReserve(quota, reserving('goes', { pods: '90', cpu: '0.3', memory: '1Gi' }));
      if (committed) await mustCommitCharge(quota, 'goes');
      const result = await quota.release(TEAM, named('goes'));
      assert(result.ok && result.released !== null, 'nothing was released');
      assert.equal(result.released.state, committed ? 'committed' : 'reserved');
      assert.deepEqual(result.released.amounts, amounts({ pods: '90', cpu: '0.3', memory: '1Gi' }));
      assert.deepEqual(await standing(quota), before);
    }
    await mustReserve(quota, reserving('goes', { pods: '90' }));
  });

  test('Q-08 a reservation holds until its expiry, and not at that instant', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '100' }));
    const last = NOW + TTL - 1;
    assert.equal((await standing(quota, { now: last }))['pods'], '100: 0 + 100');
    const early = await quota.reserve(TEAM, reserving('early', { pods: '1' }, { now: last }));
    assert(!early.ok && early.reason === 'exceeded', 'an open reservation did not hold');
    assert.deepEqual(await standing(quota, { now: NOW + TTL }), UNTOUCHED);
    await mustReserve(quota, reserving('at', { pods: '100' }, { now: NOW + TTL }));
  });

  test('Q-08 the first call after an expiry can reserve the freed amount', async ({ quota }) => {
    const now = NOW + TTL;
    await mustReserve(quota, reserving('expired', { pods: '100' }));
    await mustReserve(quota, reserving('next', { pods: '100' }, { now }));
    await mustCommitCharge(quota, 'next', { now });
    assert.equal((await standing(quota, { now }))['pods'], '100: 100 + 0');
  });

  test('Q-08 each reservation expires at its own time', async ({ quota }) => {
    for (const seconds of [30, 10, 20]) {
      await mustReserve(
        quota,
        reserving(`for ${seconds}`, { pods: String(seconds) }, { expiresAt: NOW + seconds * 1000 }),
      );
    }
    const seen: (string | undefined)[] = [];
    for (const seconds of [0, 9, 10, 19, 20, 29, 30, 31]) {
      seen.push((await standing(quota, { now: NOW + seconds * 1000 }))['pods']);
    }
    assert.deepEqual(
      seen,
      [60, 60, 50, 50, 30, 30, 0, 0].map((pods) => `100: 0 + ${pods}`),
    );
  });

  test('Q-08 a committed charge does not expire', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '100' }));
    await mustCommitCharge(quota, 'r');
    assert.equal((await standing(quota, { now: NOW + 400 * DAY }))['pods'], '100: 100 + 0');
  });

  test('Q-09 a repeated reservation returns the same charge and charges once', async ({ quota }) => {
    const charge = await mustReserve(quota, reserving('r', { cpu: '0.5', memory: '1Ki' }));
    const again = { ok: true, charge, changed: false };
    const later = reserving('r', { memory: '1024', cpu: '500m' }, { now: NOW + 1000 });
    assert.deepEqual(await quota.reserve(TEAM, reserving('r', { cpu: '0.5', memory: '1Ki' })), again);
    assert.deepEqual(await quota.reserve(TEAM, later), again);
    assert.equal((await standing(quota))['cpu'], '16: 0 + 500m');
    const committed = await mustCommitCharge(quota, 'r');
    assert.deepEqual(await quota.reserve(TEAM, later), { ...again, charge: committed });
    assert.equal((await standing(quota))['cpu'], '16: 500m + 0');
  });

  test('Q-09 a repeated reservation succeeds even when no more would fit', async ({ quota }) => {
    const charge = await mustReserve(quota, reserving('r', { pods: '100' }));
    const again = { ok: true, charge, changed: false };
    assert.deepEqual(await quota.reserve(TEAM, reserving('r', { pods: '100' })), again);
  });

  test('Q-09 other amounts under the same id are a mismatch, and change nothing', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '3', cpu: '1' }));
    for (const committed of [false, true]) {
      if (committed) await mustCommitCharge(quota, 'r');
      const before = await standing(quota);
      for (const other of [
        { pods: '4', cpu: '1' },
        { pods: '2', cpu: '1' },
        { pods: '3' },
        { pods: '3', cpu: '1', memory: '1' },
        { pods: '3', memory: '1' },
        { pods: '1000', cpu: '1' },
      ]) {
        const result = await quota.reserve(TEAM, reserving('r', other));
        assert.deepEqual(result, { ok: false, reason: 'mismatch' });
      }
      assert.deepEqual(await standing(quota), before);
    }
  });

  test('Q-09 the id of a refused, released or expired reservation can be reused', async ({ quota }) => {
    const result = await quota.reserve(TEAM, reserving('r', { pods: '101' }));
    assert(!result.ok && result.reason === 'exceeded', 'not refused');
    await mustReserve(quota, reserving('r', { pods: '1' }));
    await mustRelease(quota, 'r');
    await mustReserve(quota, reserving('r', { pods: '2' }));
    const now = NOW + TTL;
    const reused = await quota.reserve(TEAM, reserving('r', { pods: '3' }, { now }));
    assert(reused.ok && reused.changed, 'an expired reservation still holds its id');
    assert.equal(reused.charge.expiresAt, now + TTL);
    assert.equal((await standing(quota, { now }))['pods'], '100: 0 + 3');
  });

  test('Q-09 a repeated commit returns the same charge and charges nothing', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '60' }));
    const charge = await mustCommitCharge(quota, 'r');
    for (const now of [NOW, NOW + TTL, NOW + DAY]) {
      assert.deepEqual(await quota.commit(TEAM, named('r', now)), { ok: true, charge, changed: false });
    }
    assert.equal((await standing(quota))['pods'], '100: 60 + 0');
  });

  test('Q-09 committing an unknown reservation is refused as not found, releasing it has no effect', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('other', { pods: '5' }));
    assert.deepEqual(await quota.commit(TEAM, named('r')), { ok: false, reason: 'not-found' });
    assert.deepEqual(await quota.release(TEAM, named('r')), { ok: true, released: null });
    const mine = { ...named('r'), onlyBy: { userId: 'mia' } };
    assert.deepEqual(await quota.release(TEAM, mine), { ok: true, released: null });
    assert.equal((await standing(quota))['pods'], '100: 0 + 5');
  });

  test('Q-09 a release that is repeated, or comes after the expiry, has no effect and never goes below 0', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('stays', { pods: '5' }, { expiresAt: NOW + DAY }));
    for (const committed of [false, true]) {
      await mustReserve(quota, reserving('goes', { pods: '7' }));
      if (committed) await mustCommitCharge(quota, 'goes');
      assert.deepEqual(
        [
          await mustRelease(quota, 'goes'),
          await mustRelease(quota, 'goes'),
          await mustRelease(quota, 'goes'),
        ],
        [true, false, false],
      );
      assert.equal((await standing(quota))['pods'], '100: 0 + 5');
      assert.deepEqual(await quota.commit(TEAM, named('goes')), { ok: false, reason: 'not-found' });
    }
    await mustReserve(quota, reserving('expires', { pods: '7' }));
    const now = NOW + TTL;
    assert.equal(await mustRelease(quota, 'expires', { now }), false);
    assert.equal((await standing(quota, { now }))['pods'], '100: 0 + 5');
  });

  test('Q-09 an expired reservation that was released cannot be committed', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '7' }));
    const now = NOW + TTL;
    await mustRelease(quota, 'r', { now });
    assert.deepEqual(await quota.commit(TEAM, named('r', now)), { ok: false, reason: 'not-found' });
  });

  test('Q-09 onlyReserved releases a reserved charge, and not a committed one', async ({ quota }) => {
    for (const id of ['held', 'paid']) await mustReserve(quota, reserving(id, { pods: '2' }));
    await mustCommitCharge(quota, 'paid');
    for (const id of ['held', 'paid']) {
      const result = await quota.release(TEAM, { ...named(id), onlyReserved: true });
      assert(result.ok, `releasing ${id} is refused`);
      assert.equal(result.released !== null, id === 'held');
    }
    const { used, reserved } = await useOf(quota, 'pods');
    assert.deepEqual([used.nano, reserved.nano], [nanoOf('2'), 0n]);
  });

  test('Q-09 onlyBy releases a charge of that actor, and no other', async ({ quota }) => {
    const actors: readonly ActorRef[] = [{ userId: 'ada' }, { userId: 'mia' }, { operator: 'ada' }];
    for (const by of actors) {
      for (const committed of [false, true]) {
        await mustReserve(quota, reserving('r', { pods: '7' }, { by }));
        if (committed) await mustCommitCharge(quota, 'r');
        const before = await standing(quota);
        for (const onlyBy of actors.filter((other) => other !== by)) {
          const result = await quota.release(TEAM, { ...named('r'), onlyBy });
          assert.deepEqual(result, { ok: false, reason: 'not-yours' });
        }
        assert.deepEqual(await standing(quota), before);
        const result = await quota.release(TEAM, { ...named('r'), onlyBy: { ...by } });
        assert(result.ok && result.released !== null, 'not released by its own actor');
      }
    }
    assert.deepEqual(await standing(quota), UNTOUCHED);
  });

  test('Q-10 a late commit that still fits is admitted, up to a day after the expiry', async ({ quota }) => {
    let now = NOW;
    for (const late of [0, 1, DAY - 1]) {
      await mustReserve(quota, reserving('r', { pods: '60' }, { now }));
      await mustReserve(quota, reserving('rest', { pods: '40' }, { now, expiresAt: now + 3 * DAY }));
      now += TTL + late;
      const result = await quota.commit(TEAM, named('r', now));
      assert(result.ok && result.changed, 'a late commit that fits is refused');
      assert.deepEqual(result.charge.amounts, amounts({ pods: '60' }));
      assert.equal((await standing(quota, { now }))['pods'], '100: 60 + 40');
      await mustRelease(quota, 'r', { now });
      await mustRelease(quota, 'rest', { now });
    }
  });

  test('Q-10 a late commit that no longer fits is refused as expired, and changes nothing', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('late', { pods: '60', cpu: '1' }));
    const now = NOW + TTL;
    await mustReserve(quota, reserving('new', { pods: '40.000000001' }, { now }));
    const before = await standing(quota, { now });
    for (const id of ['late', 'late']) {
      assert.deepEqual(await quota.commit(TEAM, named(id, now)), { ok: false, reason: 'expired' });
      assert.deepEqual(await standing(quota, { now }), before);
    }
    await mustRelease(quota, 'new', { now });
    await mustCommitCharge(quota, 'late', { now });
    assert.deepEqual(await standing(quota, { now }), {
      ...UNTOUCHED,
      pods: '100: 60 + 0',
      cpu: '16: 1 + 0',
    });
  });
}
