// Reservations that are committed with what was really taken: errors, events, permissions and suspension.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import {
  defaultMatrix,
  extendMatrix,
  noQuota,
  WorkspaceService,
  type Actor,
  type PendingCharge,
  type QuotaAdapter,
  type TenantryEvent,
} from '../../src/index.js';
import { chaosQuota, createTestWorkspaces, testTokens } from '../../src/testing/index.js';
import { ada, createTeam, dev, mia, outcome, refusal, root } from './team.js';

type Amounts = Readonly<Record<string, string>>;

/** A team with 1,000 tokens and 10 images, and the quota events that it emits. */
async function createMetered(
  quota: QuotaAdapter = memoryQuota({ defaults: { tokens: '1000', images: '10' } }),
) {
  const team = await createTeam({ quota });
  const { workspaces, workspaceId } = team;
  const events: TenantryEvent[] = [];
  workspaces.on('*', (event) => events.push(event));
  return {
    ...team,
    events: () => events.splice(0).map(({ type, data }) => ({ type, data })),
    reserve: (reservationId: string, amounts: Amounts, actor: Actor = mia) =>
      workspaces.reserveQuota(actor, { workspaceId, reservationId, amounts }),
    settle: (reservationId: string, amounts?: Amounts, actor: Actor = mia) =>
      workspaces.commitQuota(actor, { workspaceId, reservationId, amounts }),
    report: async () => (await workspaces.getQuota(ada, { workspaceId })).resources,
  };
}

describe('Q-21 commitQuota with what was really taken', () => {
  test('Q-21 charges the actual amounts, returns the rest, and emits the actual amounts', async () => {
    const { reserve, settle, report, events, workspaces, workspaceId } = await createMetered();
    await reserve('job', { tokens: '800', images: '3' });
    events();
    const reservation = await settle('job', { tokens: '120.5' });
    const amounts = { images: '0', tokens: '120500m' };
    expect(reservation).toEqual({
      workspaceId,
      reservationId: 'job',
      state: 'committed',
      amounts,
      expiresAt: null,
    });
    expect(events()).toEqual([{ type: 'quota.committed', data: { reservationId: 'job', amounts } }]);
    expect(await report()).toMatchObject({
      tokens: { used: '120500m', reserved: '0' },
      images: { used: '0', reserved: '0' },
    });
    await workspaces.releaseQuota(mia, { workspaceId, reservationId: 'job' });
    expect(events()).toEqual([{ type: 'quota.released', data: { reservationId: 'job', amounts } }]);
    expect(await report()).toMatchObject({ tokens: { used: '0' } });
  });

  test('Q-21 Q-20 more than fits is QUOTA_EXCEEDED and emits quota.denied; the reservation stays', async () => {
    const { reserve, settle, report, events } = await createMetered();
    await reserve('job', { tokens: '800', images: '3' });
    events();
    const before = await report();
    const { code, details } = await refusal(settle('job', { tokens: '1001', images: '1' }));
    const shortfalls = [
      { resource: 'tokens', requested: '201', used: '0', reserved: '800', limit: '1k', exceededBy: '1' },
    ];
    expect({ code, details }).toEqual({ code: 'QUOTA_EXCEEDED', details: { shortfalls } });
    expect(events()).toEqual([{ type: 'quota.denied', data: { reservationId: 'job', shortfalls } }]);
    expect(await report()).toEqual(before);
    expect((await settle('job', { tokens: '1000', images: '10' })).amounts).toEqual({
      tokens: '1k',
      images: '10',
    });
  });

  test('Q-21 the same call again answers the same and emits nothing, other amounts are RESERVATION_MISMATCH', async () => {
    const { reserve, settle, report, events } = await createMetered();
    await reserve('job', { tokens: '800' });
    const reservation = await settle('job', { tokens: '5' });
    const before = await report();
    events();
    expect(await settle('job', { tokens: '5' })).toEqual(reservation);
    expect(await settle('job')).toEqual(reservation);
    expect(await reserve('job', { tokens: '800' })).toEqual(reservation);
    for (const amounts of [{ tokens: '800' }, { tokens: '4' }, { tokens: '5', images: '1' }])
      expect(await refusal(settle('job', amounts))).toMatchObject({
        code: 'RESERVATION_MISMATCH',
        details: { reservationId: 'job' },
      });
    expect(events()).toEqual([]);
    expect(await report()).toEqual(before);
  });

  test('Q-21 an expired reservation that settles with less is admitted again if that fits', async () => {
    const { reserve, settle, report, clock } = await createMetered();
    await reserve('job', { tokens: '800' });
    clock.advance(300_000);
    await reserve('other', { tokens: '900' });
    expect(await outcome(settle('job'))).toBe('RESERVATION_EXPIRED');
    expect(await outcome(settle('job', { tokens: '101' }))).toBe('RESERVATION_EXPIRED');
    expect((await settle('job', { tokens: '100' })).state).toBe('committed');
    expect(await report()).toMatchObject({ tokens: { used: '100', reserved: '900' } });
  });

  test('Q-05 Q-21 amounts that are invalid or of an unlisted resource are INVALID_INPUT, with their path', async () => {
    const { reserve, settle, report } = await createMetered();
    await reserve('job', { tokens: '800' });
    for (const [amounts, path] of [
      [{}, 'input.amounts'],
      [{ tokens: '-1' }, 'input.amounts.tokens'],
      [{ tokens: 'unlimited' }, 'input.amounts.tokens'],
      [{ tokens: '1', zinc: '0' }, 'input.amounts.zinc'],
    ] as const) {
      const error = await refusal(settle('job', amounts));
      expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path }] } });
    }
    expect(await report()).toMatchObject({ tokens: { reserved: '800' } });
  });

  test('Q-21 W-08 in a suspended workspace no more than reserved is charged, and a retry of more answers the same', async () => {
    const { reserve, settle, report, workspaces, workspaceId } = await createMetered();
    for (const id of ['more', 'less', 'open']) await reserve(id, { tokens: '100' });
    const more = await settle('more', { tokens: '200' });
    await workspaces.suspendWorkspace(root, { workspaceId, reason: 'unpaid' });
    for (const amounts of [{ tokens: '100.1' }, { tokens: '1', images: '1' }])
      expect(await refusal(settle('open', amounts))).toMatchObject({
        code: 'WORKSPACE_SUSPENDED',
        details: { workspaceId, reason: 'unpaid' },
      });
    expect((await settle('less', { tokens: '99' })).amounts).toEqual({ tokens: '99' });
    expect(await settle('more', { tokens: '200' })).toEqual(more);
    expect(await report()).toMatchObject({ tokens: { used: '299', reserved: '100' } });
  });

  test('Q-21 every lost acknowledgement is answered by a retry, and charges once', async () => {
    const memory = memoryQuota({ defaults: { tokens: '1000' } });
    const { workspaces, workspaceId, storage, clock } = await createMetered(memory);
    const lossy = new WorkspaceService({
      storage,
      clock,
      quota: chaosQuota(memory, { seed: 21, latency: 0, lostAcknowledgements: 0.5 }),
      permissions: defaultMatrix,
      tokens: testTokens,
    });
    let retries = 0;
    const insist = async (run: () => Promise<unknown>): Promise<void> => {
      while ((await outcome(run())) === 'UNAVAILABLE') retries += 1;
    };
    for (let number = 0; number < 50; number++) {
      const named = { workspaceId, reservationId: `r${number}` };
      await insist(() => lossy.reserveQuota(mia, { ...named, amounts: { tokens: '10' } }));
      await insist(() => lossy.commitQuota(mia, { ...named, amounts: { tokens: '3' } }));
    }
    expect(retries).toBeGreaterThan(10);
    const { resources } = await workspaces.getQuota(ada, { workspaceId });
    expect(resources['tokens']).toMatchObject({ used: '150', reserved: '0' });
  });

  test('Q-15 an adapter that ignores the amounts is UNAVAILABLE', async () => {
    const memory = memoryQuota({ defaults: { tokens: '1000' } });
    const ignoring: QuotaAdapter = {
      ...memory,
      commit: (subject, { reservationId, now }) => memory.commit(subject, { reservationId, now }),
    };
    const { reserve, settle } = await createMetered(ignoring);
    await reserve('job', { tokens: '800' });
    expect(await outcome(settle('job', { tokens: '5' }))).toBe('UNAVAILABLE');
  });

  test('noQuota answers with the settled amounts', async () => {
    const { reserve, settle } = await createMetered(noQuota());
    await reserve('job', { tokens: '800' });
    expect((await settle('job', { tokens: '5' })).amounts).toEqual({ tokens: '5' });
  });
});

describe('Q-24 who may settle the reservation of another actor', () => {
  const permissions = extendMatrix(defaultMatrix, {
    permissions: ['database:create'],
    roles: {
      manager: { permissions: ['database:create'] },
      developer: { permissions: ['resource:create', 'database:create'] },
    },
  });

  async function createHouse() {
    const quota = memoryQuota({ defaults: { tokens: '1000' } });
    const { workspaces } = createTestWorkspaces({ permissions, quota });
    for (const { userId } of [ada, dev]) await workspaces.openAccount({ userId, username: userId });
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    await workspaces.acceptInvitation(dev, { token });
    const reserve = (actor: Actor, reservationId: string) =>
      workspaces.reserveQuota(actor, { workspaceId, reservationId, amounts: { tokens: '100' } });
    return { workspaces, workspaceId, reserve };
  }

  test('Q-24 it needs resource:delete, as a release does, or the permission that the call names', async () => {
    const { workspaces, workspaceId, reserve } = await createHouse();
    for (const id of ['adas', 'devs', 'named', 'whole']) await reserve(id === 'devs' ? dev : ada, id);
    const settle = (reservationId: string, permission?: 'database:create') =>
      workspaces.commitQuota(dev, { workspaceId, reservationId, amounts: { tokens: '1' }, permission });
    const { code, details } = await refusal(settle('adas'));
    expect({ code, details }).toEqual({
      code: 'PERMISSION_DENIED',
      details: { permission: 'resource:delete', role: 'developer' },
    });
    expect(await outcome(settle('devs'))).toBe('ok');
    expect(await outcome(settle('named', 'database:create'))).toBe('ok');
    expect(await outcome(workspaces.commitQuota(dev, { workspaceId, reservationId: 'whole' }))).toBe('ok');
    const { resources } = await workspaces.getQuota(ada, { workspaceId });
    expect(resources['tokens']).toMatchObject({ used: '102', reserved: '100' });
  });
});

describe('Q-21 withQuota whose create settles', () => {
  const most = { tokens: '800', images: '3' };

  test('Q-21 commits the settled amounts; the last call counts', async () => {
    const { workspaces, workspaceId, report } = await createMetered();
    const input = { workspaceId, reservationId: 'job', amounts: most };
    const answer = await workspaces.withQuota(mia, input, async (charge) => {
      expectTypeOf(charge).toEqualTypeOf<PendingCharge>();
      charge.settle({ tokens: '500' });
      await Promise.resolve();
      charge.settle({ tokens: '42', images: '1' });
      return { text: 'done' };
    });
    expect(answer).toEqual({ text: 'done' });
    expect(await report()).toMatchObject({ tokens: { used: '42', reserved: '0' }, images: { used: '1' } });
    // A retry reserves with the same amounts, and settles with the same.
    await workspaces.withQuota(mia, input, (charge) => {
      charge.settle({ tokens: '42', images: '1' });
    });
    expect(await report()).toMatchObject({ tokens: { used: '42', reserved: '0' } });
    const other = workspaces.withQuota(mia, input, (charge) => {
      charge.settle({ tokens: '41' });
    });
    expect(await outcome(other)).toBe('RESERVATION_MISMATCH');
    expect(await outcome(workspaces.withQuota(mia, input, () => 'as settled'))).toBe('ok');
  });

  test('Q-21 Q-13 settled and then failed releases the reservation', async () => {
    const { workspaces, workspaceId, report } = await createMetered();
    const ended = workspaces.withQuota(
      mia,
      { workspaceId, reservationId: 'job', amounts: most },
      (charge) => {
        charge.settle({ tokens: '5' });
        throw new Error('no model');
      },
    );
    await expect(ended).rejects.toThrow('no model');
    expect(await report()).toMatchObject({ tokens: { used: '0', reserved: '0' } });
  });

  test('Q-21 more than fits is QUOTA_EXCEEDED, and the reservation is kept for a commit that fits', async () => {
    const { workspaces, workspaceId, settle, report } = await createMetered();
    const ended = workspaces.withQuota(
      mia,
      { workspaceId, reservationId: 'job', amounts: most },
      (charge) => {
        charge.settle({ tokens: '1001' });
      },
    );
    expect(await outcome(ended)).toBe('QUOTA_EXCEEDED');
    expect(await report()).toMatchObject({ tokens: { used: '0', reserved: '800' } });
    expect(await outcome(settle('job', { tokens: '1000' }))).toBe('ok');
  });

  test('Q-21 invalid amounts throw in create, and amounts after its end are a TypeError', async () => {
    const { workspaces, workspaceId, report } = await createMetered();
    const input = { workspaceId, reservationId: 'job', amounts: most };
    for (const amounts of [{}, { tokens: 'many' }, null as never])
      expect(await outcome(workspaces.withQuota(mia, input, (charge) => charge.settle(amounts)))).toBe(
        'INVALID_INPUT',
      );
    expect(await report()).toMatchObject({ tokens: { reserved: '0' } });
    const late = await workspaces.withQuota(mia, input, (charge) => charge);
    expect(() => late.settle({ tokens: '1' })).toThrow(TypeError);
    expect(await report()).toMatchObject({ tokens: { used: '800' } });
  });
});
