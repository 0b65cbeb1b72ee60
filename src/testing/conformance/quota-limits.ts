// changed limits, separate workspaces, and forgotten workspaces.
import assert from 'node:assert/strict';
import type { QuotaAdapter } from '../../ports/quota.js';
import {
  DEFAULTS,
  NOW,
  OTHER,
  TEAM,
  TTL,
  UNTOUCHED,
  limits,
  mustCommitCharge,
  mustRelease,
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

const GONE = { ok: false, reason: 'gone' };

export function limitCases(test: RegisterQuotaCase): void {
  test('Q-17 what is used is reported with the limit 0 when the defaults no longer name it', async ({
    quota,
    changeDefaults,
  }) => {
    if (changeDefaults === undefined) return;
    await mustReserve(quota, reserving('used', { memory: '2Gi', pods: '1' }));
    await mustCommitCharge(quota, 'used');
    await mustReserve(quota, reserving('reserved', { memory: '1Gi' }));
    const { memory: _, ...rest } = DEFAULTS;
    const changed = await changeDefaults(rest);
    const { limit, used, reserved } = await useOf(changed, 'memory');
    assert(limit !== 'unlimited' && limit.nano === 0n, 'the limit of an unnamed resource is not 0');
    assert.deepEqual([used.nano, reserved.nano], [nanoOf('2Gi'), nanoOf('1Gi')]);
    const more = await changed.reserve(TEAM, reserving('more', { memory: '1' }));
    assert(!more.ok && more.reason === 'exceeded', 'an increase is admitted');
    await mustCommitCharge(changed, 'reserved');
    await mustRelease(changed, 'used');
    assert.equal(await takenOf(changed, 'memory'), nanoOf('1Gi'));
    await mustRelease(changed, 'reserved');
    assert(!('memory' in (await standing(changed))), 'a resource that is neither named nor used is reported');
  });

  test('Q-11 limits can be raised, lowered, removed and added; the others stay', async ({ quota }) => {
    const result = await quota.setLimits(TEAM, limits({ pods: '5', storage: '1Gi', cpu: 'unlimited' }), NOW);
    assert(result.ok, 'setting limits is refused');
    const expected = { ...UNTOUCHED, pods: '5: 0 + 0', storage: '1Gi: 0 + 0', cpu: 'unlimited: 0 + 0' };
    assert.deepEqual(
      { ...result, changed: undefined },
      { ...(await quota.report(TEAM, NOW)), changed: undefined },
      'the answer is not the report',
    );
    assert.equal(result.changed, true);
    assert.deepEqual(await standing(quota), expected);
    await mustSetLimits(quota, { pods: '1k' });
    assert.deepEqual(await standing(quota), { ...expected, pods: '1k: 0 + 0' });
    assert.deepEqual(await standing(quota, { subject: OTHER }), UNTOUCHED);
    await mustReserve(quota, reserving('r', { pods: '1000', cpu: '1000' }));
  });

  test('Q-11 setting limits to their current values reports no change', async ({ quota }) => {
    const changes = async (texts: Readonly<Record<string, string>>): Promise<boolean> => {
      const result = await quota.setLimits(TEAM, limits(texts), NOW);
      assert(result.ok, 'setting limits is refused');
      return result.changed;
    };
    assert.equal(await changes({ pods: '100', storage: 'unlimited' }), false);
    assert.deepEqual(await standing(quota), UNTOUCHED);
    assert.equal(await changes({ pods: '100', cpu: '8' }), true);
    assert.equal(await changes({ cpu: '8' }), false);
    assert.equal(await changes({ cpu: 'unlimited' }), true);
    assert.equal(await changes({ cpu: 'unlimited' }), false);
  });

  test('Q-11 a limit below the current use is accepted, and then refuses increases but no decreases', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('used', { pods: '60' }));
    await mustCommitCharge(quota, 'used');
    await mustReserve(quota, reserving('reserved', { pods: '30' }));
    await mustSetLimits(quota, { pods: '50' });
    assert.equal((await standing(quota))['pods'], '50: 60 + 30');
    const more = await quota.reserve(TEAM, reserving('more', { pods: '1n', cpu: '1' }));
    assert(!more.ok && more.reason === 'exceeded', 'an increase is admitted');
    assert.deepEqual(more.shortfalls, [
      {
        resource: 'pods',
        requested: '1n',
        used: '60',
        reserved: '30',
        limit: '50',
        exceededBy: '40000000001n',
      },
    ]);
    await mustReserve(quota, reserving('elsewhere', { cpu: '1', pods: '0' }));
    // Not an increase: the total stays the same.
    await mustCommitCharge(quota, 'reserved');
    assert.equal((await standing(quota))['pods'], '50: 90 + 0');
    assert.equal(await mustRelease(quota, 'used'), true);
    assert.equal((await standing(quota))['pods'], '50: 30 + 0');
    await mustReserve(quota, reserving('more', { pods: '20' }));
  });

  test('Q-11 committing an expired reservation counts as an increase', async ({ quota }) => {
    await mustReserve(quota, reserving('late', { pods: '60' }));
    await mustSetLimits(quota, { pods: '50' });
    const now = NOW + TTL;
    assert.deepEqual(await quota.commit(TEAM, named('late', now)), { ok: false, reason: 'expired' });
    assert.equal((await standing(quota, { now }))['pods'], '50: 0 + 0');
  });

  test('Q-11 after a limit is lowered, parallel calls admit nothing beyond it', async ({
    quota,
    adapters,
  }) => {
    await Promise.all(
      (await adapters(60)).map(async (adapter, number) => {
        if (number !== 30) return adapter.reserve(TEAM, reserving(`r${number}`, { pods: '1' }));
        await mustSetLimits(adapter, { pods: '20' });
        const before = await takenOf(adapter, 'pods');
        const more = await adapter.reserve(TEAM, reserving('more', { pods: '20' }));
        assert(!more.ok || before === 0n, 'the new limit is exceeded');
        return more;
      }),
    );
    const { limit } = await useOf(quota, 'pods');
    assert(limit !== 'unlimited' && limit.nano === nanoOf('20'));
    const more = await quota.reserve(TEAM, reserving('last', { pods: '20' }));
    assert(!more.ok && more.reason === 'exceeded');
  });

  test('Q-11 a limit for a new resource is stored, or refused by name', async ({ quota }) => {
    const result = await quota.setLimits(TEAM, limits({ zinc: '3', pods: '7' }), NOW);
    if (result.ok) {
      assert.equal((await standing(quota))['zinc'], '3: 0 + 0');
      await mustReserve(quota, reserving('r', { zinc: '3' }));
      return;
    }
    assert.deepEqual(result, { ok: false, reason: 'unlisted', resources: ['zinc'] });
    assert.deepEqual(await standing(quota), UNTOUCHED);
  });

  test('Q-06 workspaces share no limits, no use and no reservation ids', async ({ quota }) => {
    await mustReserve(quota, reserving('r', { pods: '100' }));
    await mustReserve(quota, reserving('r', { pods: '99' }), OTHER);
    await mustCommitCharge(quota, 'r');
    await mustSetLimits(quota, { pods: '200' });
    assert.equal((await standing(quota))['pods'], '200: 100 + 0');
    assert.equal((await standing(quota, { subject: OTHER }))['pods'], '100: 0 + 99');
    assert.equal(await mustRelease(quota, 'r'), true);
    assert.equal((await standing(quota, { subject: OTHER }))['pods'], '100: 0 + 99');
    const upper = { ...TEAM, workspaceId: TEAM.workspaceId.toUpperCase() };
    assert.deepEqual(await standing(quota, { subject: upper }), UNTOUCHED);
  });

  test('Q-16 every call for a forgotten workspace answers that it is gone, permanently', async ({
    quota,
  }) => {
    await mustReserve(quota, reserving('r', { pods: '7' }));
    await mustReserve(quota, reserving('c', { pods: '7' }));
    await mustCommitCharge(quota, 'c');
    await mustReserve(quota, reserving('r', { pods: '7' }), OTHER);
    await quota.forget(TEAM.workspaceId);
    await everythingIsGone(quota, NOW);
    await quota.forget(TEAM.workspaceId);
    await everythingIsGone(quota, NOW + 400 * 24 * 60 * 60 * 1000);
    assert.equal((await standing(quota, { subject: OTHER }))['pods'], '100: 0 + 7');
  });

  test('Q-16 a workspace can be forgotten before its first call', async ({ quota }) => {
    await quota.forget(TEAM.workspaceId);
    await everythingIsGone(quota, NOW);
    assert.deepEqual(await standing(quota, { subject: OTHER }), UNTOUCHED);
  });

  test('Q-16 calls in parallel with forgetting do not bring the workspace back', async ({
    quota,
    adapters,
  }) => {
    for (let number = 0; number < 10; number++)
      await mustReserve(quota, reserving(`r${number}`, { pods: '1' }));
    const all = await adapters(70);
    await Promise.all(
      all.map(async (adapter, number) => {
        if (number === 35) {
          await adapter.forget(TEAM.workspaceId);
          return;
        }
        const id = `r${number % 10}`;
        const calls = [
          () => adapter.reserve(TEAM, reserving(`new ${number}`, { pods: '1' })),
          () => adapter.commit(TEAM, named(id)),
          () => adapter.release(TEAM, named(id)),
          () => adapter.setLimits(TEAM, limits({ pods: '90' }), NOW),
          () => adapter.report(TEAM, NOW),
        ];
        const result = await calls[number % calls.length]?.();
        assert(result?.ok || result?.reason === 'gone' || result?.reason === 'not-found');
      }),
    );
    for (const adapter of await adapters(4)) await everythingIsGone(adapter, NOW);
  });
}

async function everythingIsGone(quota: QuotaAdapter, now: number): Promise<void> {
  assert.deepEqual(await quota.report(TEAM, now), GONE);
  assert.deepEqual(await quota.setLimits(TEAM, limits({ pods: '1' }), now), GONE);
  for (const id of ['r', 'c', 'new']) {
    assert.deepEqual(await quota.reserve(TEAM, reserving(id, { pods: '7' }, { now })), GONE);
    assert.deepEqual(await quota.commit(TEAM, named(id, now)), GONE);
    assert.deepEqual(await quota.release(TEAM, named(id, now)), GONE);
  }
}
