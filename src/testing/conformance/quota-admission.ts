// which reservations are admitted, and what a denial lists.
import assert from 'node:assert/strict';
import type { QuotaAdapter, ReserveResult } from '../../ports/quota.js';
import {
  DEFAULTS,
  NOW,
  OTHER,
  TEAM,
  TTL,
  UNTOUCHED,
  mustCommitCharge,
  mustReserve,
  mustSetLimits,
  nanoOf,
  named,
  reserving,
  standing,
  takenOf,
  useOf,
  type RegisterQuotaCase,
} from './quota-suite.js';

export function admissionCases(test: RegisterQuotaCase): void {
  test('Q-14 a new workspace has the default limits', async ({ quota }) => {
    assert.deepEqual(await standing(quota), UNTOUCHED);
    assert.deepEqual(await standing(quota, { subject: OTHER }), UNTOUCHED);
  });

  test('Q-14 the first call for a workspace is checked against the default limits', async ({ quota }) => {
    await refused(quota, { pods: '101' });
    assert.deepEqual(await standing(quota), UNTOUCHED);
  });

  test('Q-06 used + reserved + requested up to the limit is admitted, 1n more is not', async ({ quota }) => {
    await mustReserve(quota, reserving('used', { cpu: '7500m' }));
    await mustCommitCharge(quota, 'used');
    await mustReserve(quota, reserving('reserved', { cpu: '4500m' }));
    await refused(quota, { cpu: '4.000000001' });
    await mustReserve(quota, reserving('rest', { cpu: '4' }));
    assert.equal((await standing(quota))['cpu'], '16: 7500m + 8500m');
    await refused(quota, { cpu: '1n' });
  });

  for (const [resource, limit] of Object.entries(DEFAULTS)) {
    if (limit === 'unlimited') continue;
    test(`Q-06 one reservation may take the whole limit: ${limit} of ${resource}`, async ({ quota }) => {
      await mustReserve(quota, reserving('all', { [resource]: limit }));
      assert.equal(await takenOf(quota, resource), nanoOf(limit));
      await refused(quota, { [resource]: '1n' });
    });
  }

  test('Q-06 amounts of 0 are admitted when the limit is 0, and charge nothing', async ({ quota }) => {
    await mustReserve(quota, reserving('nothing', { gpu: '0' }));
    await mustCommitCharge(quota, 'nothing');
    assert.deepEqual(await standing(quota), UNTOUCHED);
  });

  test('Q-06 a reservation charges all of its resources or none', async ({ quota }) => {
    for (const amounts of [
      { cpu: '1', memory: '1Gi', pods: '101' },
      { pods: '101', cpu: '1', memory: '1Gi' },
      { cpu: '1', gpu: '1', memory: '1Gi' },
    ]) {
      await refused(quota, amounts);
      assert.deepEqual(await standing(quota), UNTOUCHED);
      assert.deepEqual(await quota.commit(TEAM, named('too much')), { ok: false, reason: 'not-found' });
    }
    await mustReserve(quota, reserving('too much', { cpu: '16', memory: '64Gi', pods: '100' }));
  });

  test('Q-06 sums are exact: ten times 0.1 is 1, and 2^53 + 1 is not 2^53', async ({ quota }) => {
    await mustSetLimits(quota, { cpu: '1', pods: '9007199254740993' });
    for (let number = 0; number < 10; number++) {
      await mustReserve(quota, reserving(`tenth ${number}`, { cpu: '0.1' }));
    }
    assert.equal(await takenOf(quota, 'cpu'), nanoOf('1'));
    await refused(quota, { cpu: '1n' });
    await mustReserve(quota, reserving('power', { pods: '9007199254740992' }));
    await mustReserve(quota, reserving('one', { pods: '1' }));
    assert.equal(await takenOf(quota, 'pods'), nanoOf('9007199254740993'));
    await refused(quota, { pods: '1n' });
  });

  test('Q-06 an unlimited resource admits sums up to 2^63-1, and no more', async ({ quota }) => {
    await mustReserve(quota, reserving('half', { storage: '4611686018427387904' }));
    await mustCommitCharge(quota, 'half');
    const beyond = await refused(quota, { storage: '4611686018427387904' });
    assert.equal(beyond[0]?.exceededBy, '1');
    await mustReserve(quota, reserving('rest', { storage: '4611686018427387903' }));
    assert.equal(await takenOf(quota, 'storage'), nanoOf('9223372036854775807'));
    await refused(quota, { storage: '1n' });
  });

  test('Q-06 a caller with a slow clock cannot take back what a later call reserved after an expiry', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('old', { pods: '100' }));
    await mustReserve(quota, reserving('new', { pods: '100' }, { now: NOW + TTL }));
    const now = NOW + TTL - 1;
    const late = await quota.commit(TEAM, named('old', now));
    assert.deepEqual(late, { ok: false, reason: 'expired' });
    const again = await quota.reserve(TEAM, reserving('old', { pods: '100' }, { now }));
    assert(!again.ok && again.reason === 'exceeded', 'the amount is reserved twice');
    await mustCommitCharge(quota, 'new', { now: NOW + TTL });
    assert.equal((await standing(quota, { now: NOW + TTL }))['pods'], '100: 100 + 0');
  });

  test('Q-05 resources without a limit are refused by name, sorted, and nothing is charged', async ({
    quota,
  }) => {
    const unknown = reserving('unknown', { zinc: '1', cpu: '1', constructor: '1', 'limits.cpu': '0' });
    assert.deepEqual(await quota.reserve(TEAM, unknown), {
      ok: false,
      reason: 'unlisted',
      resources: ['constructor', 'limits.cpu', 'zinc'],
    });
    assert.deepEqual(await standing(quota), UNTOUCHED);
  });

  test('Q-05 a limit of 0 admits nothing', async ({ quota }) => {
    await refused(quota, { gpu: '1n' });
    assert.equal((await useOf(quota, 'gpu')).reserved.nano, 0n);
  });

  test('Q-12 a denial lists every resource that falls short, sorted, with canonical quantities', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('used', { memory: '1536Mi', pods: '40' }));
    await mustCommitCharge(quota, 'used');
    await mustReserve(quota, reserving('reserved', { memory: '0.5Gi', pods: '20' }));
    const wanted = { storage: '1', pods: '41', memory: '65536Mi', cpu: '16', gpu: '0.25' };
    assert.deepEqual(await refused(quota, wanted), [
      { resource: 'gpu', requested: '250m', used: '0', reserved: '0', limit: '0', exceededBy: '250m' },
      {
        resource: 'memory',
        requested: '64Gi',
        used: '1536Mi',
        reserved: '512Mi',
        limit: '64Gi',
        exceededBy: '2Gi',
      },
      { resource: 'pods', requested: '41', used: '40', reserved: '20', limit: '100', exceededBy: '1' },
    ]);
  });

  test('Q-12 a denial does not count expired reservations', async ({ quota }) => {
    await mustReserve(quota, reserving('expired', { pods: '60' }));
    const now = NOW + TTL;
    const late = await quota.reserve(TEAM, reserving('late', { pods: '101' }, { now }));
    assert.deepEqual(shortfalls(late), [
      { resource: 'pods', requested: '101', used: '0', reserved: '0', limit: '100', exceededBy: '1' },
    ]);
  });
}

/** Asserts that a reservation is refused, and returns its shortfalls. */
async function refused(quota: QuotaAdapter, texts: Readonly<Record<string, string>>) {
  return shortfalls(await quota.reserve(TEAM, reserving('too much', texts)));
}

function shortfalls(result: ReserveResult) {
  assert(!result.ok && result.reason === 'exceeded', `not refused: ${JSON.stringify(result.ok)}`);
  return result.shortfalls;
}
