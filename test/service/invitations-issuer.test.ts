// Open invitations whose issuer loses the right to grant their role are revoked in the same commit.
import { describe, expect, test } from 'vitest';
import {
  corePermissions,
  definePermissionMatrix,
  defaultMatrix,
  type Actor,
  type WorkspaceService,
} from '../../src/index.js';
import { violations, createTestWorkspaces } from '../../src/testing/index.js';
import { recordingStorage } from './around-storage.js';
import {
  createTeam,
  dev,
  mia,
  membersOf,
  ada,
  root,
  outcomeOf,
  processes,
  trailOf,
  sam,
  eve,
  type Team,
} from './invitation-team.js';

/** A workspace with its owner and one manager. */
async function managedBy(workspaces: WorkspaceService, manager: string) {
  for (const person of ['ada', manager]) await workspaces.openAccount({ userId: person, username: person });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
  await workspaces.acceptInvitation({ userId: manager }, { token });
  return workspaceId;
}

interface Loss {
  readonly name: string;
  readonly issuer: typeof ada;
  readonly reason: string;
  /** The roles whose open invitations by this issuer are revoked. */
  readonly revoked: readonly string[];
  readonly by: (team: Team, workspaces: Team['workspaces']) => Promise<unknown>;
}

const userId = 'mia';
const losses: readonly Loss[] = [
  {
    name: 'is removed',
    issuer: mia,
    reason: 'issuer-removed',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) => workspaces.removeMember(ada, { workspaceId, userId }),
  },
  {
    name: 'is removed by an operator',
    issuer: mia,
    reason: 'issuer-removed',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) => workspaces.removeMember(root, { workspaceId, userId }),
  },
  {
    name: 'leaves',
    issuer: mia,
    reason: 'issuer-left',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) => workspaces.leaveWorkspace(mia, { workspaceId }),
  },
  {
    name: 'removes themselves',
    issuer: mia,
    reason: 'issuer-left',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) => workspaces.removeMember(mia, { workspaceId, userId }),
  },
  {
    name: 'is demoted',
    issuer: mia,
    reason: 'issuer-lost-right',
    revoked: ['developer'],
    by: ({ workspaceId }, workspaces) =>
      workspaces.changeRole(ada, { workspaceId, userId, role: 'developer' }),
  },
  {
    name: 'transfers ownership and becomes manager',
    issuer: ada,
    reason: 'issuer-lost-right',
    revoked: ['manager'],
    by: ({ workspaceId }, workspaces) => workspaces.transferOwnership(ada, { workspaceId, userId }),
  },
  {
    name: 'transfers ownership and becomes developer',
    issuer: ada,
    reason: 'issuer-lost-right',
    revoked: ['manager', 'developer'],
    by: ({ workspaceId }, workspaces) =>
      workspaces.transferOwnership(ada, { workspaceId, userId, formerOwnerRole: 'developer' }),
  },
];

describe('in one commit', () => {
  test.each(losses)(
    'M-07 when the issuer $name, their open invitations are revoked, and no others',
    async (loss) => {
      const team = await createTeam();
      const { workspaces, workspaceId, storage } = team;
      const invite = async (
        actor: typeof ada,
        role: 'manager' | 'developer',
        maxUses: number | 'unlimited' = 1,
      ) => (await workspaces.inviteMember(actor, { workspaceId, role, maxUses })).invitation.id;
      const other = loss.issuer === ada ? root : ada;
      const theirs = [
        ['developer', await invite(loss.issuer, 'developer')],
        ['developer', await invite(loss.issuer, 'developer', 3)],
        ['developer', await invite(loss.issuer, 'developer', 'unlimited')],
      ] as [string, string][];
      if (loss.issuer === ada) theirs.push(['manager', await invite(ada, 'manager')]);
      const inherited = await workspaces.inviteMember(other, { workspaceId, role: 'developer' });
      const ofOthers = [inherited.invitation.id];
      // Reissuing makes the caller the issuer: one invitation is taken over, and one given away.
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
      expect(violations(storage.dump(), { matrix: defaultMatrix, now: team.clock.now() })).toEqual([]);
    },
  );

  test('M-07 invitations that ended before keep their state', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, storage, clock } = team;
    const invite = (expiresInSeconds = 3600) =>
      workspaces.inviteMember(mia, { workspaceId, role: 'developer', expiresInSeconds });
    const [expired, used, declined] = [await invite(60), await invite(), await invite()];
    await workspaces.acceptInvitation(sam, { token: used.token });
    await workspaces.declineInvitation(eve, { token: declined.token });
    clock.advance(60_000);
    await workspaces.removeMember(ada, { workspaceId, userId: 'mia' });
    const { items } = await workspaces.listInvitations(ada, { workspaceId });
    const statusOf = ({ invitation }: typeof used) => items.find(({ id }) => id === invitation.id)?.status;
    expect([expired, used, declined].map(statusOf)).toEqual(['expired', 'used', 'declined']);
    expect(trailOf(team).some(({ type }) => type === 'invitation.revoked')).toBe(false);
    expect(await outcomeOf(workspaces.acceptInvitation(eve, { token: expired.token }))).toBe(
      'INVITATION_EXPIRED',
    );
    expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
  });

  test('M-07 a role change that keeps the right to grant keeps the invitations', async () => {
    const { workspaces, workspaceId, storage } = await createTeam();
    await workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' });
    const { invitation } = await workspaces.inviteMember(dev, { workspaceId, role: 'developer' });
    await workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' });
    await workspaces.transferOwnership(ada, { workspaceId, userId: 'dev' });
    expect(storage.dump().invitations.find(({ id }) => id === invitation.id)?.state).toBe('open');
  });
});

describe('a matrix in which the owner cannot grant every role, or which has lost a role', () => {
  const roles = {
    owner: { permissions: corePermissions, grants: ['manager'] },
    manager: {
      permissions: ['workspace:view', 'invitation:create', 'invitation:revoke'],
      grants: ['developer'],
    },
    developer: { permissions: ['workspace:view'], grants: [] },
  } as const;

  test('M-07 the invitations of a new owner to roles that an owner may not grant are revoked', async () => {
    const permissions = definePermissionMatrix({ roles });
    const { workspaces, storage, clock } = createTestWorkspaces({ permissions });
    const workspaceId = await managedBy(workspaces, 'mia');
    const link = await workspaces.inviteMember(mia, { workspaceId, role: 'developer', maxUses: 50 });
    await workspaces.transferOwnership(ada, { workspaceId, userId: 'mia' });
    expect(violations(storage.dump(), { matrix: permissions, now: clock.now() })).toEqual([]);
    expect(storage.dump().invitations.find(({ id }) => id === link.invitation.id)?.state).toBe('revoked');
    const { items } = await workspaces.listEvents(mia, { workspaceId, order: 'newest' });
    expect(items[0]?.data).toEqual({ invitationId: link.invitation.id, reason: 'issuer-lost-right' });
  });

  test('M-08 the owner and operators can revoke an invitation to a removed role, which frees its seats', async () => {
    const { storage, workspaces } = createTestWorkspaces();
    const workspaceId = await managedBy(workspaces, 'mia');
    const invite = async () =>
      (await workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses: 30 })).invitation.id;
    const [first, second] = [await invite(), await invite()];
    const permissions = definePermissionMatrix({
      roles: { owner: { ...roles.owner, grants: ['manager'] }, manager: { ...roles.manager, grants: [] } },
    });
    const later = createTestWorkspaces({ storage, permissions }).workspaces;
    const revoked = (actor: Actor, invitationId: string) =>
      outcomeOf(later.revokeInvitation(actor, { workspaceId, invitationId }));
    expect(await revoked(mia, first)).toBe('PERMISSION_DENIED');
    expect(await revoked(ada, first)).toBe('ok');
    expect(await revoked(root, second)).toBe('ok');
    expect(storage.dump().workspaces.find(({ id }) => id === workspaceId)?.reservedSeats).toBe(0);
  });
});

describe('parallel calls', () => {
  test('M-07 inviting, reissuing and accepting while the issuer loses the right leave no open invitation behind', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const loss = losses[seed % 5];
      if (loss === undefined) throw new Error('there is no such loss');
      const team = await createTeam();
      const { workspaces, workspaceId, storage, clock } = team;
      const { token, invitation } = await workspaces.inviteMember(mia, {
        workspaceId,
        role: 'developer',
        maxUses: 'unlimited',
      });
      const process = processes(team, seed);
      const named = { workspaceId, invitationId: invitation.id };
      const [, ...answers] = await Promise.all([
        loss.by(team, process(0)),
        outcomeOf(process(1).inviteMember(mia, { workspaceId, role: 'developer' })),
        outcomeOf(process(2).reissueInvitation(mia, named)),
        outcomeOf(process(3).acceptInvitation(sam, { token })),
        outcomeOf(process(4).acceptInvitation(eve, { token })),
        outcomeOf(process(5).inviteMember(mia, { workspaceId, role: 'developer', maxUses: 3 })),
      ]);
      answers.forEach((answer) => outcomes.add(answer));
      const world = storage.dump();
      expect(violations(world, { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
      expect(
        world.invitations.filter(
          ({ state, issuedBy }) => state === 'open' && 'userId' in issuedBy && issuedBy.userId === 'mia',
        ),
      ).toEqual([]);
      const trail = trailOf(team);
      const lost = trail.findIndex(({ type }) =>
        ['member.removed', 'member.left', 'member.role-changed'].includes(type),
      );
      const later = trail.slice(lost).map(({ type }) => type);
      expect(later).not.toContain('member.joined');
      expect(later).not.toContain('invitation.created');
      expect(membersOf(team).includes('sam')).toBe(answers[2] === 'ok');
    }
    // Both orders occurred.
    expect([...outcomes]).toEqual(expect.arrayContaining(['ok', 'INVITATION_REVOKED']));
  });
});
