// the life of one reservation: held, committed, given back, expired, asked for again.
import assert from 'node:assert/strict';
import type { ActorRef } from '../../domain/actor.js';
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
  test('Q-08 a reservation is answered as it was asked for', async ({ quota }) => {
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

  test('Q-08 commit moves what is reserved to what is used', async ({ quota }) => {
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

  test('Q-08 release returns to the former state, of reserved and of committed amounts', async ({
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

  test('Q-08 a reservation holds until the instant of its expiry, and not at it', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '100' }));
    const last = NOW + TTL - 1;
    assert.equal((await standing(quota, { now: last }))['pods'], '100: 0 + 100');
    const early = await quota.reserve(TEAM, reserving('early', { pods: '1' }, { now: last }));
    assert(!early.ok && early.reason === 'exceeded', 'an open reservation did not hold');
    assert.deepEqual(await standing(quota, { now: NOW + TTL }), UNTOUCHED);
    await mustReserve(quota, reserving('at', { pods: '100' }, { now: NOW + TTL }));
  });

  test('Q-08 the first call after an expiry finds room, whichever call it is', async ({ quota }) => {
    const now = NOW + TTL;
    await mustReserve(quota, reserving('expired', { pods: '100' }));
    await mustReserve(quota, reserving('next', { pods: '100' }, { now }));
    await mustCommitCharge(quota, 'next', { now });
    assert.equal((await standing(quota, { now }))['pods'], '100: 100 + 0');
  });

  test('Q-08 reservations expire each at its own time', async ({ quota }) => {
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

  test('Q-08 what is committed does not expire', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '100' }));
    await mustCommitCharge(quota, 'r');
    assert.equal((await standing(quota, { now: NOW + 400 * DAY }))['pods'], '100: 100 + 0');
  });

  test('Q-09 the same reservation again: the same answer, charged once', async ({ quota }) => {
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

  test('Q-09 the same reservation again is answered where no more would fit', async ({ quota }) => {
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

  test('Q-09 the id of a refused, released or expired reservation may be used again', async ({ quota }) => {
    const result = await quota.reserve(TEAM, reserving('r', { pods: '101' }));
    assert(!result.ok && result.reason === 'exceeded', 'not refused');
    await mustReserve(quota, reserving('r', { pods: '1' }));
    await mustRelease(quota, 'r');
    await mustReserve(quota, reserving('r', { pods: '2' }));
    const now = NOW + TTL;
    const anew = await quota.reserve(TEAM, reserving('r', { pods: '3' }, { now }));
    assert(anew.ok && anew.changed, 'an expired reservation still holds its id');
    assert.equal(anew.charge.expiresAt, now + TTL);
    assert.equal((await standing(quota, { now }))['pods'], '100: 0 + 3');
  });

  test('Q-09 committing again gives the same answer and charges nothing', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '60' }));
    const charge = await mustCommitCharge(quota, 'r');
    for (const now of [NOW, NOW + TTL, NOW + DAY]) {
      assert.deepEqual(await quota.commit(TEAM, named('r', now)), { ok: true, charge, changed: false });
    }
    assert.equal((await standing(quota))['pods'], '100: 60 + 0');
  });

  test('Q-09 an unknown reservation is not found by commit, and no matter to release', async ({ quota }) => {
    await mustReserve(quota, reserving('other', { pods: '5' }));
    assert.deepEqual(await quota.commit(TEAM, named('r')), { ok: false, reason: 'not-found' });
    assert.deepEqual(await quota.release(TEAM, named('r')), { ok: true, released: null });
    const mine = { ...named('r'), onlyBy: { userId: 'mark' } };
    assert.deepEqual(await quota.release(TEAM, mine), { ok: true, released: null });
    assert.equal((await standing(quota))['pods'], '100: 0 + 5');
  });

  test('Q-09 release twice, or of what has expired, has no effect and never goes below 0', async ({
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

  test('Q-09 what was released after it expired cannot be committed', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '7' }));
    const now = NOW + TTL;
    await mustRelease(quota, 'r', { now });
    assert.deepEqual(await quota.commit(TEAM, named('r', now)), { ok: false, reason: 'not-found' });
  });

  test('Q-09 onlyReserved releases what is held, and leaves what is committed', async ({ quota }) => {
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

  test('Q-09 onlyBy releases what the same actor reserved, and nothing else', async ({ quota }) => {
    const actors: readonly ActorRef[] = [{ userId: 'olga' }, { userId: 'mark' }, { operator: 'olga' }];
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

  test('Q-10 a late commit that still fits is admitted anew, up to a day later', async ({ quota }) => {
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

  test('Q-10 a late commit that does not fit any more is expired, and changes nothing', async ({ quota }) => {
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
