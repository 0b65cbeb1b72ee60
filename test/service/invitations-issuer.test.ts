// What becomes of open invitations when their issuer may no longer vouch for them: revoked, in the same commit.
import { describe, expect, test } from 'vitest';
import {
  corePermissions,
  definePermissionMatrix,
  sealosMatrix,
  violations,
  type Actor,
  type WorkspaceService,
} from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { recordingStorage } from './around-storage.js';
import {
  createTeam,
  dana,
  mark,
  membersOf,
  olga,
  operator,
  outcomeOf,
  processes,
  trailOf,
  xena,
  yuri,
  type Team,
} from './invitation-team.js';

/** A workspace of Olga's, with one manager. */
async function managedBy(workspaces: WorkspaceService, manager: string) {
  for (const person of ['olga', manager]) await workspaces.openAccount({ userId: person, username: person });
  const { id: workspaceId } = await workspaces.createWorkspace(olga, { name: 'hello' });
  const { token } = await workspaces.inviteMember(olga, { workspaceId, role: 'manager' });
  await workspaces.acceptInvitation({ userId: manager }, { token });
  return workspaceId;
}

interface Loss {
  readonly name: string;
  readonly issuer: typeof olga;
  readonly reason: string;
  /** The roles to which the issuer's open invitations are revoked. */
  readonly revoked: readonly string[];
  readonly by: (team: Team, workspaces: Team['workspaces']) => Promise<unknown>;
}

const userId = 'mark';
const losses: readonly Loss[] = [
  {
    name: 'is removed',
    issuer: mark,
    reason: 'issuer-removed',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) => workspaces.removeMember(olga, { workspaceId, userId }),
  },
  {
    name: 'is removed by an operator',
    issuer: mark,
    reason: 'issuer-removed',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) => workspaces.removeMember(operator, { workspaceId, userId }),
  },
  {
    name: 'leaves',
    issuer: mark,
    reason: 'issuer-left',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) => workspaces.leaveWorkspace(mark, { workspaceId }),
  },
  {
    name: 'removes themselves',
    issuer: mark,
    reason: 'issuer-left',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) => workspaces.removeMember(mark, { workspaceId, userId }),
  },
  {
    name: 'is demoted',
    issuer: mark,
    reason: 'issuer-lost-right',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) =>
      workspaces.changeRole(olga, { workspaceId, userId, role: 'developer' }),
  },
  {
    name: 'hands over and becomes manager',
    issuer: olga,
    reason: 'issuer-lost-right',
    revoked: ['manager'],
    by: ({ workspaceId }, workspaces) => workspaces.transferOwnership(olga, { workspaceId, userId }),
  },
  {
    name: 'hands over and becomes developer',
    issuer: olga,
    reason: 'issuer-lost-right',
    revoked: ['manager', 'developer'],
    by: ({ workspaceId }, workspaces) =>
      workspaces.transferOwnership(olga, { workspaceId, userId, formerOwnerRole: 'developer' }),
  },
];

describe('one commit', () => {
  test.each(losses)(
    'M-07 the issuer $name: their open invitations go with it, and no others',
    async (loss) => {
      const team = await createTeam();
      const { workspaces, workspaceId, storage } = team;
      const invite = async (
        actor: typeof olga,
        role: 'manager' | 'developer',
        maxUses: number | 'unlimited' = 1,
      ) => (await workspaces.inviteMember(actor, { workspaceId, role, maxUses })).invitation.id;
      const other = loss.issuer === olga ? operator : olga;
      const theirs = [
        ['developer', await invite(loss.issuer, 'developer')],
        ['developer', await invite(loss.issuer, 'developer', 3)],
        ['developer', await invite(loss.issuer, 'developer', 'unlimited')],
      ] as [string, string][];
      if (loss.issuer === olga) theirs.push(['manager', await invite(olga, 'manager')]);
      const inherited = await workspaces.inviteMember(other, { workspaceId, role: 'developer' });
      const ofOthers = [inherited.invitation.id];
      // Who issues a token vouches from then on: one is taken over, and one given away.
      const given = await invite(loss.issuer, 'developer');
      await workspaces.reissueInvitation(other, { workspaceId, invitationId: given });
      ofOthers.push(given);
      const takenOver = (await workspaces.inviteMember(other, { workspaceId, role: 'developer' })).invitation
        .id;
      await workspaces.reissueInvitation(loss.issuer, { workspaceId, invitationId: takenOver });
      theirs.push(['developer', takenOver]);

      const { storage: recorded, calls } = recordingStorage(storage);
      await loss.by(team, team.service({ storage: recorded }));
      expect(calls.filter(({ method }) => method === 'commit')).toHaveLength(1);
      const expected = theirs.filter(([role]) => loss.revoked.includes(role)).map(([, id]) => id);
      const trail = trailOf(team);
      const last = trail.at(-1)?.version;
      const revoked = trail.filter(({ version, type }) => version === last && type === 'invitation.revoked');
      expect(revoked.map(({ data }) => data)).toEqual(
        expect.arrayContaining(expected.map((invitationId) => ({ invitationId, reason: loss.reason }))),
      );
      expect(revoked).toHaveLength(expected.length);
      const stateOf = (id: string) => storage.dump().invitations.find((one) => one.id === id)?.state;
      for (const [role, id] of theirs)
        expect(stateOf(id)).toBe(loss.revoked.includes(role) ? 'revoked' : 'open');
      for (const id of ofOthers) expect(stateOf(id)).toBe('open');
      expect(violations(storage.dump(), { matrix: sealosMatrix, now: team.clock.now() })).toEqual([]);
    },
  );

  test('M-07 what has ended before stays as it ended', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, storage, clock } = team;
    const invite = (expiresInSeconds = 3600) =>
      workspaces.inviteMember(mark, { workspaceId, role: 'developer', expiresInSeconds });
    const [expired, used, declined] = [await invite(60), await invite(), await invite()];
    await workspaces.acceptInvitation(xena, { token: used.token });
    await workspaces.declineInvitation(yuri, { token: declined.token });
    clock.advance(60_000);
    await workspaces.removeMember(olga, { workspaceId, userId: 'mark' });
    const { items } = await workspaces.listInvitations(olga, { workspaceId });
    const statusOf = ({ invitation }: typeof used) => items.find(({ id }) => id === invitation.id)?.status;
    expect([expired, used, declined].map(statusOf)).toEqual(['expired', 'used', 'declined']);
    expect(trailOf(team).some(({ type }) => type === 'invitation.revoked')).toBe(false);
    expect(await outcomeOf(workspaces.acceptInvitation(yuri, { token: expired.token }))).toBe(
      'INVITATION_EXPIRED',
    );
    expect(violations(storage.dump(), { matrix: sealosMatrix, now: clock.now() })).toEqual([]);
  });

  test('M-07 a role change that keeps the right keeps the invitations', async () => {
    const { workspaces, workspaceId, storage } = await createTeam();
    await workspaces.changeRole(olga, { workspaceId, userId: 'dana', role: 'manager' });
    const { invitation } = await workspaces.inviteMember(dana, { workspaceId, role: 'developer' });
    await workspaces.changeRole(olga, { workspaceId, userId: 'dana', role: 'manager' });
    await workspaces.transferOwnership(olga, { workspaceId, userId: 'dana' });
    expect(storage.dump().invitations.find(({ id }) => id === invitation.id)?.state).toBe('open');
  });
});

describe('a matrix in which the owner does not grant all that others grant, or which has lost a role', () => {
  const roles = {
    owner: { permissions: corePermissions, grants: ['manager'] },
    manager: {
      permissions: ['workspace:view', 'invitation:create', 'invitation:revoke'],
      grants: ['developer'],
    },
    developer: { permissions: ['workspace:view'], grants: [] },
  } as const;

  test('M-07 a new owner vouches for nothing that an owner may not grant', async () => {
    const permissions = definePermissionMatrix({ roles });
    const { workspaces, storage, clock } = createTestWorkspaces({ permissions });
    const workspaceId = await managedBy(workspaces, 'mark');
    const link = await workspaces.inviteMember(mark, { workspaceId, role: 'developer', maxUses: 50 });
    await workspaces.transferOwnership(olga, { workspaceId, userId: 'mark' });
    expect(violations(storage.dump(), { matrix: permissions, now: clock.now() })).toEqual([]);
    expect(storage.dump().invitations.find(({ id }) => id === link.invitation.id)?.state).toBe('revoked');
    const { items } = await workspaces.listEvents(mark, { workspaceId, order: 'newest' });
    expect(items[0]?.data).toEqual({ invitationId: link.invitation.id, reason: 'issuer-lost-right' });
  });

  test('M-08 the owner and operators take back an invitation to a role that is gone, and its seats with it', async () => {
    const { storage, workspaces } = createTestWorkspaces();
    const workspaceId = await managedBy(workspaces, 'mark');
    const invite = async () =>
      (await workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses: 30 })).invitation.id;
    const [first, second] = [await invite(), await invite()];
    const permissions = definePermissionMatrix({
      roles: { owner: { ...roles.owner, grants: ['manager'] }, manager: { ...roles.manager, grants: [] } },
    });
    const later = createTestWorkspaces({ storage, permissions }).workspaces;
    const revoked = (actor: Actor, invitationId: string) =>
      outcomeOf(later.revokeInvitation(actor, { workspaceId, invitationId }));
    expect(await revoked(mark, first)).toBe('PERMISSION_DENIED');
    expect(await revoked(olga, first)).toBe('ok');
    expect(await revoked(operator, second)).toBe('ok');
    expect(storage.dump().workspaces.find(({ id }) => id === workspaceId)?.reservedSeats).toBe(0);
  });
});

describe('in parallel', () => {
  test('M-07 inviting, reissuing and accepting against the loss of the right: no open invitation is left behind', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const loss = losses[seed % 5];
      if (loss === undefined) throw new Error('there is no such loss');
      const team = await createTeam();
      const { workspaces, workspaceId, storage, clock } = team;
      const { token, invitation } = await workspaces.inviteMember(mark, {
        workspaceId,
        role: 'developer',
        maxUses: 'unlimited',
      });
      const process = processes(team, seed);
      const named = { workspaceId, invitationId: invitation.id };
      const [, ...answers] = await Promise.all([
        loss.by(team, process(0)),
        outcomeOf(process(1).inviteMember(mark, { workspaceId, role: 'developer' })),
        outcomeOf(process(2).reissueInvitation(mark, named)),
        outcomeOf(process(3).acceptInvitation(xena, { token })),
        outcomeOf(process(4).acceptInvitation(yuri, { token })),
        outcomeOf(process(5).inviteMember(mark, { workspaceId, role: 'developer', maxUses: 3 })),
      ]);
      answers.forEach((answer) => outcomes.add(answer));
      const world = storage.dump();
      expect(violations(world, { matrix: sealosMatrix, now: clock.now() })).toEqual([]);
      expect(
        world.invitations.filter(
          ({ state, issuedBy }) => state === 'open' && 'userId' in issuedBy && issuedBy.userId === 'mark',
        ),
      ).toEqual([]);
      const trail = trailOf(team);
      const lost = trail.findIndex(({ type }) =>
        ['member.removed', 'member.left', 'member.role-changed'].includes(type),
      );
      const later = trail.slice(lost).map(({ type }) => type);
      expect(later).not.toContain('member.joined');
      expect(later).not.toContain('invitation.created');
      expect(membersOf(team).includes('xena')).toBe(answers[2] === 'ok');
    }
    // Both orders were seen.
    expect([...outcomes]).toEqual(expect.arrayContaining(['ok', 'INVITATION_REVOKED']));
  });
});
