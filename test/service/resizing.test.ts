// Charges whose amounts change: errors, events, permissions and suspension.
import { describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import {
  defaultMatrix,
  extendMatrix,
  noQuota,
  WorkspaceService,
  type Actor,
  type QuotaAdapter,
  type TenantryEvent,
} from '../../src/index.js';
import { chaosQuota, createTestWorkspaces, testTokens } from '../../src/testing/index.js';
import { ada, createTeam, dev, mia, outcome, refusal, root } from './team.js';

type Amounts = Readonly<Record<string, string>>;

/** A team whose database uses 10Gi of 100Gi and 2 of 4 CPUs, and the quota events that it emits. */
async function createDatabase(
  quota: QuotaAdapter = memoryQuota({ defaults: { storage: '100Gi', cpu: '4' } }),
) {
  const team = await createTeam({ quota });
  const { workspaces, workspaceId } = team;
  const named = { workspaceId, reservationId: 'db-1' };
  await workspaces.withQuota(mia, { ...named, amounts: { storage: '10Gi', cpu: '2' } }, () => 'created');
  const events: TenantryEvent[] = [];
  workspaces.on('*', (event) => events.push(event));
  return {
    ...team,
    named,
    events: () => events.splice(0).map(({ type, data }) => ({ type, data })),
    resize: (amounts: Amounts, actor: Actor = mia) => workspaces.resizeQuota(actor, { ...named, amounts }),
    report: async () => (await workspaces.getQuota(ada, { workspaceId })).resources,
  };
}

describe('Q-22 resizeQuota', () => {
  test('Q-22 charges the new total and emits it; a retry emits nothing', async () => {
    const { resize, report, events, named } = await createDatabase();
    const amounts = { cpu: '500m', storage: '25Gi' };
    const reservation = await resize({ storage: '25Gi', cpu: '0.5' });
    expect(reservation).toEqual({ ...named, state: 'committed', amounts, expiresAt: null });
    expect(events()).toEqual([{ type: 'quota.resized', data: { reservationId: 'db-1', amounts } }]);
    expect(await resize({ storage: '25Gi', cpu: '500m' })).toEqual(reservation);
    expect(events()).toEqual([]);
    expect(await report()).toMatchObject({ storage: { used: '25Gi' }, cpu: { used: '500m' } });
  });

  test('Q-22 Q-20 an increase that does not fit changes nothing and emits quota.denied', async () => {
    const { resize, report, events } = await createDatabase();
    const before = await report();
    const { code, details } = await refusal(resize({ storage: '5Gi', cpu: '5' }));
    const shortfalls = [
      { resource: 'cpu', requested: '3', used: '2', reserved: '0', limit: '4', exceededBy: '1' },
    ];
    expect({ code, details }).toEqual({ code: 'QUOTA_EXCEEDED', details: { shortfalls } });
    expect(events()).toEqual([{ type: 'quota.denied', data: { reservationId: 'db-1', shortfalls } }]);
    expect(await report()).toEqual(before);
  });

  test('Q-22 only a committed charge can be resized', async () => {
    const { workspaces, workspaceId, report } = await createDatabase();
    const open = { workspaceId, reservationId: 'open', amounts: { cpu: '1' } };
    await workspaces.reserveQuota(mia, open);
    for (const reservationId of ['open', 'unknown'])
      expect(await refusal(workspaces.resizeQuota(mia, { ...open, reservationId }))).toMatchObject({
        code: 'RESERVATION_NOT_FOUND',
        details: { reservationId },
      });
    expect(await report()).toMatchObject({ cpu: { used: '2', reserved: '1' } });
  });

  test('Q-22 Q-11 W-08 above a lowered limit and in a suspended workspace it shrinks and does not grow', async () => {
    const { resize, workspaces, workspaceId, report } = await createDatabase();
    await workspaces.setQuota(root, { workspaceId, limits: { storage: '1Gi' } });
    expect(await outcome(resize({ storage: '11Gi', cpu: '2' }))).toBe('QUOTA_EXCEEDED');
    expect(await outcome(resize({ storage: '9Gi', cpu: '2' }))).toBe('ok');
    await workspaces.suspendWorkspace(root, { workspaceId, reason: 'unpaid' });
    expect(await refusal(resize({ storage: '1Gi', cpu: '3' }))).toMatchObject({
      code: 'WORKSPACE_SUSPENDED',
      details: { workspaceId, reason: 'unpaid' },
    });
    expect(await outcome(resize({ storage: '8Gi' }))).toBe('ok');
    expect(await report()).toMatchObject({ storage: { used: '8Gi', overLimit: true }, cpu: { used: '0' } });
  });

  test('Q-22 every lost acknowledgement is answered by a retry, and charges the total once', async () => {
    const memory = memoryQuota({ defaults: { storage: '100Gi', cpu: '4' } });
    const { named, storage, clock, report } = await createDatabase(memory);
    const quota = chaosQuota(memory, { seed: 22, latency: 0, lostAcknowledgements: 0.5 });
    const lossy = new WorkspaceService({
      storage,
      clock,
      quota,
      permissions: defaultMatrix,
      tokens: testTokens,
    });
    let retries = 0;
    for (let size = 1; size <= 50; size++) {
      const amounts = { storage: `${size}Gi`, cpu: '1' };
      while ((await outcome(lossy.resizeQuota(mia, { ...named, amounts }))) === 'UNAVAILABLE') retries += 1;
    }
    expect(retries).toBeGreaterThan(10);
    expect(await report()).toMatchObject({ storage: { used: '50Gi' }, cpu: { used: '1' } });
  });

  test('Q-15 an adapter that answers with other amounts is UNAVAILABLE', async () => {
    const memory = memoryQuota({ defaults: { storage: '100Gi', cpu: '4' } });
    const { resize } = await createDatabase({
      ...memory,
      resize: (subject, request) => memory.resize(subject, { ...request, amounts: new Map() }),
    });
    expect(await outcome(resize({ storage: '11Gi', cpu: '2' }))).toBe('UNAVAILABLE');
  });

  test('noQuota answers with the new total', async () => {
    const { resize } = await createDatabase(noQuota());
    expect((await resize({ cpu: '3' })).amounts).toEqual({ cpu: '3' });
  });

  test('Q-24 it needs resource:create, for the charge of another actor resource:delete, or what the call names', async () => {
    const permissions = extendMatrix(defaultMatrix, {
      permissions: ['database:resize'],
      roles: {
        manager: { permissions: ['database:resize'] },
        developer: { permissions: ['database:resize'] },
      },
    });
    const quota = memoryQuota({ defaults: { cpu: '4' } });
    const { workspaces } = createTestWorkspaces({ permissions, quota });
    for (const { userId } of [ada, dev]) await workspaces.openAccount({ userId, username: userId });
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    await workspaces.acceptInvitation(dev, { token });
    const input = { workspaceId, reservationId: 'db-1', amounts: { cpu: '2' } };
    await workspaces.withQuota(ada, input, () => 'created');
    const smaller = { ...input, amounts: { cpu: '1' } };
    expect((await refusal(workspaces.resizeQuota(dev, smaller))).details).toEqual({
      permission: 'resource:create',
      role: 'developer',
    });
    expect(await outcome(workspaces.resizeQuota(dev, { ...smaller, permission: 'database:resize' }))).toBe(
      'ok',
    );
    expect(await outcome(workspaces.resizeQuota(ada, input))).toBe('ok');
  });
});
