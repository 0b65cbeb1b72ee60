// What `getWorkspace` shows of seats and open invitations: the same counts that a refused invitation reports.
import { describe, expect, test } from 'vitest';
import {
  defaultLimits,
  definePermissionMatrix,
  corePermissions,
  isWorkspaceError,
  type Actor,
  type Limit,
  type Limits,
} from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { createTeam } from './invitation-team.js';
import { ada, dev, mia, outcome, refusal, root, sam } from './team.js';

/** A team of three with limits that the test can change. */
async function createLimited(initial: Partial<Limits> = {}) {
  let limits: Limits = { ...defaultLimits, ...initial };
  const asked: unknown[] = [];
  const team = await createTeam({
    limits: (subject) => {
      asked.push(subject);
      return limits;
    },
  });
  const { workspaces, workspaceId } = team;
  asked.length = 0;
  return {
    ...team,
    asked,
    setLimits: (changed: Partial<Limits>) => {
      limits = { ...limits, ...changed };
    },
    invite: (maxUses: number | 'unlimited' = 1, expiresInSeconds = 3600) =>
      workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses, expiresInSeconds }),
    details: async (actor: Actor = ada) => {
      const { seats, openInvitations } = await workspaces.getWorkspace(actor, { workspaceId });
      return { seats, openInvitations };
    },
  };
}

describe('M-15 seats and open invitations', () => {
  test('M-15 are counted like those of LIMIT_EXCEEDED: members, remaining uses, and no expired invitation', async () => {
    const team = await createLimited({ membersPerWorkspace: 10 });
    const { token } = await team.invite(3);
    await team.invite(2, 60);
    await team.invite('unlimited');
    expect(await team.details()).toEqual({
      seats: { used: 3, reserved: 5, limit: 10 },
      openInvitations: { count: 3, limit: 100 },
    });
    await team.workspaces.acceptInvitation(sam, { token });
    expect((await team.details()).seats).toEqual({ used: 4, reserved: 4, limit: 10 });
    team.clock.advance(60_000);
    const { seats, openInvitations } = await team.details();
    expect([seats, openInvitations.count]).toEqual([{ used: 4, reserved: 2, limit: 10 }, 2]);
    const refused = await refusal(team.invite(5));
    if (!isWorkspaceError(refused, 'LIMIT_EXCEEDED')) throw refused;
    expect(refused.details.current).toBe(seats.used + seats.reserved);
    expect(await outcome(team.invite(4))).toBe('ok');
  });

  test('M-15 openInvitations is the count that openInvitationsPerWorkspace is compared with', async () => {
    const team = await createLimited({ openInvitationsPerWorkspace: 2 });
    await team.invite(1, 60);
    await team.invite();
    const refused = await refusal(team.invite());
    const { openInvitations } = await team.details();
    expect(refused.details).toMatchObject({ current: openInvitations.count, limit: openInvitations.limit });
    team.clock.advance(60_000);
    expect((await team.details()).openInvitations).toEqual({ count: 1, limit: 2 });
    expect(await outcome(team.invite())).toBe('ok');
  });

  test.each<Limit>([0, 1, 'unlimited'])('M-15 the limit %s is shown as it is', async (limit) => {
    const team = await createLimited();
    team.setLimits({ membersPerWorkspace: limit, openInvitationsPerWorkspace: limit });
    expect(await team.details()).toEqual({
      seats: { used: 3, reserved: 0, limit },
      openInvitations: { count: 0, limit },
    });
  });

  test('M-15 every member and an operator see them; the limits are those of the owner', async () => {
    const team = await createLimited();
    const expected = await team.details(ada);
    for (const actor of [mia, dev, root]) expect(await team.details(actor)).toEqual(expected);
    expect(team.asked).toEqual(
      Array.from({ length: 4 }, () => ({ ownerId: 'ada', workspaceId: team.workspaceId })),
    );
  });

  test('M-15 the limits function is not called for who may not see the workspace', async () => {
    const limits = () => {
      throw new Error('called');
    };
    const permissions = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: ['guest'] },
        guest: { permissions: ['resource:view'], grants: [] },
      },
    });
    let called: () => Limits = () => defaultLimits;
    const { workspaces } = createTestWorkspaces({ permissions, limits: () => called() });
    for (const { userId } of [ada, dev, sam]) await workspaces.openAccount({ userId, username: userId });
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'guest' });
    await workspaces.acceptInvitation(dev, { token });
    called = limits;
    expect(await outcome(workspaces.getWorkspace(sam, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    expect(await outcome(workspaces.getWorkspace(dev, { workspaceId }))).toBe('PERMISSION_DENIED');
    const refused = await refusal(workspaces.getWorkspace(ada, { workspaceId }));
    expect([refused.code, refused.details]).toEqual(['UNAVAILABLE', { source: 'limits' }]);
  });

  test('M-15 a personal workspace has one seat and no invitations, whatever the limits are', async () => {
    const team = await createLimited({ membersPerWorkspace: 'unlimited' });
    const { workspace } = await team.workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const found = await team.workspaces.getWorkspace(ada, { workspaceId: workspace.id });
    expect(found).toEqual({
      ...workspace,
      attributes: {},
      operatorAttributes: null,
      ownershipOffer: null,
      seats: { used: 1, reserved: 0, limit: 1 },
      openInvitations: { count: 0, limit: 0 },
    });
    expect(team.asked).toEqual([]);
    expect([found, found.seats, found.openInvitations].every((part) => Object.isFrozen(part))).toBe(true);
  });
});
