// Processes whose clocks differ, as docs/operations.md describes.
import { expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import { countingIds, createTestWorkspaces, fixedClock } from '../../src/testing/index.js';
import { outcome } from '../service/team.js';

const [ada, ben] = [{ userId: 'ada' }, { userId: 'ben' }];
const MINUTE = 60_000;

/** Two processes on one storage: one clock is right, and the other is ahead. */
async function twoProcesses(ahead: number) {
  const adapters = { storage: memoryStorage(), quota: memoryQuota({ defaults: { pods: '1' } }) };
  const right = createTestWorkspaces({ ...adapters, ids: countingIds('a') });
  const clock = fixedClock(new Date(right.clock.now() + ahead).toISOString());
  const early = createTestWorkspaces({ ...adapters, clock, ids: countingIds('b') }).workspaces;
  for (const { userId } of [ada, ben]) await right.workspaces.openAccount({ userId, username: userId });
  const { id: workspaceId } = await right.workspaces.createWorkspace(ada, { name: 'hello' });
  return { right: right.workspaces, early, clock: right.clock, workspaceId };
}

test('a process whose clock is behind refuses tokens issued more than a minute ahead, until its clock catches up', async () => {
  const { right, early, clock, workspaceId } = await twoProcesses(61_000);
  const { token } = await early.inviteMember(ada, { workspaceId, role: 'developer' });
  const session = await early.switchWorkspace(ada, { workspaceId });
  expect(await outcome(right.acceptInvitation(ben, { token }))).toBe('INVITATION_INVALID');
  expect(await outcome(right.verifySession({ token: session.token }))).toBe('SESSION_INVALID');
  clock.advance(1000);
  await right.verifySession({ token: session.token });
  await right.acceptInvitation(ben, { token });
});

test('an invitation that was settled as expired by a clock ahead stays expired for every process', async () => {
  const { right, early, workspaceId } = await twoProcesses(2 * MINUTE);
  const input = { workspaceId, role: 'developer', expiresInSeconds: 90 } as const;
  const { token } = await right.inviteMember(ada, input);
  await right.previewInvitation({ token });
  // It counts seats, so it settles expired invitations.
  await early.inviteMember(ada, { workspaceId, role: 'developer' });
  expect(await outcome(right.acceptInvitation(ben, { token }))).toBe('INVITATION_EXPIRED');
});

test('a clock ahead can treat a reservation as expired and admit another in its place', async () => {
  const { right, early, workspaceId } = await twoProcesses(10 * MINUTE);
  const amounts = { pods: '1' };
  await right.reserveQuota(ada, { workspaceId, reservationId: 'one', amounts });
  await early.reserveQuota(ada, { workspaceId, reservationId: 'two', amounts });
  expect(await outcome(right.commitQuota(ada, { workspaceId, reservationId: 'one' }))).toBe(
    'RESERVATION_EXPIRED',
  );
});

test('events are ordered by version, whatever the clocks', async () => {
  const { right, early, workspaceId } = await twoProcesses(MINUTE);
  await early.renameWorkspace(ada, { workspaceId, name: 'two' });
  await right.renameWorkspace(ada, { workspaceId, name: 'three' });
  const { items } = await right.listEvents(ada, { workspaceId });
  expect(items.map(({ version }) => version)).toEqual([1, 2, 3]);
  const [, second, third] = items.map(({ at }) => at);
  expect(second && third && second > third).toBe(true);
});
