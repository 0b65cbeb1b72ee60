// What a decision about a person does to the invitations by which that person could return.
import { describe, expect, test } from 'vitest';
import { definePermissionMatrix, corePermissions, defaultMatrix } from '../../src/index.js';
import { violations } from '../../src/testing/index.js';
import {
  ada,
  createTeam,
  dev,
  eve,
  mia,
  outcomeOf,
  processes,
  root,
  sam,
  trailOf,
  unlimited,
  type Team,
} from './invitation-team.js';
import { startingLine } from './around-storage.js';

const samAt = { ...sam, email: 'Sam@x.io', emailVerified: true };

const link = (role: 'manager' | 'developer', maxUses: number | 'unlimited' = 'unlimited') => ({
  role,
  maxUses,
});

async function invited(
  team: Team,
  options: Omit<Parameters<Team['workspaces']['inviteMember']>[1], 'workspaceId'>,
) {
  const { workspaces, workspaceId } = team;
  return workspaces.inviteMember(ada, { workspaceId, ...options });
}

const openOf = ({ storage, workspaceId }: Team) =>
  storage.dump().invitations.filter((one) => one.workspaceId === workspaceId && one.state === 'open');

const seatsOf = ({ storage, workspaceId }: Team) =>
  storage.dump().workspaces.find(({ id }) => id === workspaceId)?.reservedSeats;

function expectSound({ storage, clock }: Team): void {
  expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
}

describe('joining settles the other invitations for the joiner', () => {
  test.each([
    ['by id', sam, { userId: 'sam' }],
    ['by verified address', samAt, { email: 'SAM@x.io' }],
  ] as const)(
    'M-10 an invitation %s ends in the commit of the join, and its seat is free',
    async (_, actor, recipient) => {
      const team = await createTeam({ limits: { ...unlimited, membersPerWorkspace: 4 } });
      const { workspaces } = team;
      const own = await invited(team, { role: 'manager', recipient });
      const { token } = await invited(team, link('developer'));
      // The seat that is reserved for the joiner is the last one.
      await workspaces.acceptInvitation(actor, { token });
      expect(openOf(team)).toHaveLength(1);
      expect(seatsOf(team)).toBe(0);
      expect(trailOf(team).slice(-3)).toMatchObject([
        {
          type: 'invitation.revoked',
          index: 0,
          data: { invitationId: own.invitation.id, reason: 'recipient-joined' },
        },
        { type: 'invitation.accepted', index: 1 },
        { type: 'member.joined', index: 2 },
      ]);
      expect(await outcomeOf(workspaces.acceptInvitation(actor, { token: own.token }))).toBe(
        'ALREADY_MEMBER',
      );
      expectSound(team);
    },
  );

  test('M-10 both kinds end together, and those for others stay open', async () => {
    const team = await createTeam();
    const { workspaces } = team;
    for (const recipient of [
      { userId: 'sam' },
      { email: 'sam@x.io' },
      { userId: 'eve' },
      { email: 'eve@x.io' },
    ])
      await invited(team, { role: 'developer', recipient });
    const { token } = await invited(team, link('developer', 1));
    await workspaces.acceptInvitation(samAt, { token });
    expect(openOf(team).map(({ recipient }) => recipient)).toEqual([
      { userId: 'eve' },
      { email: 'eve@x.io' },
    ]);
    expect(seatsOf(team)).toBe(2);
    expectSound(team);
  });

  test('M-10 an address that is not verified settles nothing', async () => {
    const team = await createTeam();
    await invited(team, { role: 'developer', recipient: { email: 'sam@x.io' } });
    const { token } = await invited(team, link('developer', 1));
    await team.workspaces.acceptInvitation({ ...samAt, emailVerified: false }, { token });
    expect(openOf(team)).toHaveLength(1);
  });

  test('M-10 one that has expired is recorded as expired', async () => {
    const team = await createTeam();
    const own = await invited(team, {
      role: 'developer',
      recipient: { userId: 'sam' },
      expiresInSeconds: 60,
    });
    const { token } = await invited(team, link('developer', 1));
    team.clock.advance(60_000);
    await team.workspaces.acceptInvitation(sam, { token });
    expect(trailOf(team).slice(-3)).toMatchObject([
      { type: 'invitation.expired', data: { invitationId: own.invitation.id } },
      { type: 'invitation.accepted' },
      { type: 'member.joined' },
    ]);
    expectSound(team);
  });

  test('M-10 ends among more expired invitations than one commit closes', async () => {
    const team = await createTeam({ limits: unlimited });
    const { workspaces } = team;
    const lasting = await invited(team, link('developer'));
    for (let number = 0; number < 120; number++)
      await invited(team, { ...link('developer', 1), expiresInSeconds: 60 });
    for (const recipient of [{ userId: 'sam' }, { email: 'sam@x.io' }])
      await invited(team, { role: 'developer', recipient, expiresInSeconds: 60 });
    team.clock.advance(60_000);
    await workspaces.acceptInvitation(samAt, { token: lasting.token });
    expect(openOf(team).filter(({ recipient }) => recipient !== null)).toEqual([]);
    expectSound(team);
  });

  test('M-10 in the other order, an address with which a member joined cannot be invited', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { token } = await invited(team, link('developer'));
    await workspaces.acceptInvitation(samAt, { token });
    const again = { workspaceId, role: 'developer', recipient: { email: 'SAM@X.io' } } as const;
    expect(await outcomeOf(workspaces.inviteMember(ada, again))).toBe('ALREADY_MEMBER');
    expect(seatsOf(team)).toBe(0);
    await workspaces.removeMember(ada, { workspaceId, userId: 'sam' });
    expect(await outcomeOf(workspaces.inviteMember(ada, again))).toBe('ok');
    expectSound(team);
  });

  test('M-10 the address of the person who creates a workspace cannot be invited to it', async () => {
    const { workspaces } = await createTeam();
    const { id: workspaceId } = await workspaces.createWorkspace(samAt, { name: 'own' });
    const recipient = { email: 'sam@x.io' };
    const invite = workspaces.inviteMember(samAt, { workspaceId, role: 'developer', recipient });
    expect(await outcomeOf(invite)).toBe('ALREADY_MEMBER');
  });

  test('M-10 whichever commits first, no seat is left reserved for a member', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const team = await createTeam();
      const { workspaceId } = team;
      const { token } = await invited(team, link('developer'));
      const line = startingLine(3);
      const process = processes(team, seed, { line });
      await Promise.all([
        outcomeOf(process(0).acceptInvitation(samAt, { token })),
        outcomeOf(
          process(1).inviteMember(ada, { workspaceId, role: 'manager', recipient: { email: 'sam@x.io' } }),
        ),
        outcomeOf(
          process(2).inviteMember(mia, { workspaceId, role: 'developer', recipient: { userId: 'sam' } }),
        ),
      ]);
      expect(seatsOf(team)).toBe(0);
      expectSound(team);
    }
  });
});

describe('who was removed', () => {
  test.each(['userId', 'email'] as const)(
    'M-07 does not return by an older invitation for the %s',
    async (kind) => {
      const team = await createTeam();
      const { workspaces, workspaceId } = team;
      const recipient = kind === 'userId' ? { userId: 'sam' } : { email: 'sam@x.io' };
      const own = await invited(team, { role: 'manager', recipient });
      const { token } = await invited(team, link('developer'));
      await workspaces.acceptInvitation(samAt, { token });
      await workspaces.removeMember(ada, { workspaceId, userId: 'sam' });
      expect(await outcomeOf(workspaces.acceptInvitation(samAt, { token: own.token }))).toBe(
        'INVITATION_REVOKED',
      );
      expectSound(team);
    },
  );

  test('M-09 the answer names the open links, and no others', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, clock } = team;
    const lapsed = await invited(team, { ...link('developer'), expiresInSeconds: 60 });
    clock.advance(60_000);
    const links = [await invited(team, link('developer')), await invited(team, link('manager', 3))];
    await invited(team, { role: 'developer', recipient: { userId: 'eve' } });
    const revoked = await invited(team, link('developer'));
    await workspaces.revokeInvitation(ada, { workspaceId, invitationId: revoked.invitation.id });
    const { openLinks } = await workspaces.removeMember(ada, { workspaceId, userId: 'dev' });
    expect(openLinks).toEqual(links.map(({ invitation }) => invitation));
    expect(openLinks.map(({ id }) => id)).not.toContain(lapsed.invitation.id);
  });

  test('M-09 closeLinks revokes them in the commit of the removal', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const one = await invited(team, link('developer'));
    const two = await invited(team, link('manager', 3));
    const removed = await workspaces.removeMember(ada, { workspaceId, userId: 'dev', closeLinks: true });
    expect(removed.openLinks).toEqual([]);
    expect(trailOf(team).slice(-3)).toMatchObject([
      { type: 'member.removed', index: 0 },
      { type: 'invitation.revoked', index: 1, data: { reason: 'revoked' } },
      { type: 'invitation.revoked', index: 2, data: { reason: 'revoked' } },
    ]);
    for (const { token } of [one, two])
      expect(await outcomeOf(workspaces.acceptInvitation(dev, { token }))).toBe('INVITATION_REVOKED');
    expectSound(team);
  });

  test('M-09 links that the remover may not revoke stay open, and are named', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const high = await invited(team, link('manager'));
    await invited(team, link('developer'));
    const { openLinks } = await workspaces.removeMember(mia, {
      workspaceId,
      userId: 'dev',
      closeLinks: true,
    });
    expect(openLinks.map(({ id }) => id)).toEqual([high.invitation.id]);
    // By that link the removed developer is a developer at most.
    const { member } = await workspaces.acceptInvitation(dev, { token: high.token });
    expect(member.role).toBe('developer');
  });

  test('M-09 closing links needs the right to revoke, and seeing them the right to view', async () => {
    const permissions = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: ['manager', 'developer'] },
        manager: { permissions: ['workspace:view', 'member:remove'], grants: ['developer'] },
        developer: { permissions: ['workspace:view'], grants: [] },
      },
    });
    const team = await createTeam({ permissions });
    const { workspaces, workspaceId } = team;
    await invited(team, link('developer'));
    const input = { workspaceId, userId: 'dev' };
    expect(await outcomeOf(workspaces.removeMember(mia, { ...input, closeLinks: true }))).toBe(
      'PERMISSION_DENIED',
    );
    expect((await workspaces.removeMember(mia, input)).openLinks).toEqual([]);
    expect(openOf(team)).toHaveLength(1);
  });

  test('M-09 leaving by removing oneself names no links, and closes those that one may revoke', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const high = await invited(team, link('manager'));
    await invited(team, link('developer'));
    await workspaces.inviteMember(mia, { workspaceId, ...link('developer') });
    const gone = await workspaces.removeMember(mia, { workspaceId, userId: 'mia', closeLinks: true });
    expect(gone.openLinks).toEqual([]);
    expect(openOf(team).map(({ id }) => id)).toEqual([high.invitation.id]);
    expect(
      await outcomeOf(workspaces.removeMember(dev, { workspaceId, userId: 'dev', closeLinks: true })),
    ).toBe('PERMISSION_DENIED');
    expectSound(team);
  });
});

describe('who was demoted', () => {
  test('M-09 does not return higher after leaving, by any link that was open before', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const before = await invited(team, link('manager'));
    const bound = await invited(team, { role: 'manager', recipient: { email: 'mia@x.io' } });
    await workspaces.changeRole(ada, { workspaceId, userId: 'mia', role: 'developer' });
    const between = await invited(team, link('manager'));
    await workspaces.leaveWorkspace(mia, { workspaceId });
    const after = await invited(team, link('manager'));
    const miaAt = { ...mia, email: 'mia@x.io', emailVerified: true };
    for (const [actor, { token }] of [
      [mia, before],
      [mia, between],
      [miaAt, bound],
    ] as const) {
      const { member } = await workspaces.acceptInvitation(actor, { token });
      expect(member.role).toBe('developer');
      await workspaces.leaveWorkspace(mia, { workspaceId });
      const joined = trailOf(team)
        .filter(({ type }) => type === 'member.joined')
        .at(-1);
      expect(joined?.data).toMatchObject({ userId: 'mia', role: 'developer' });
    }
    // Others are not limited, and a link from afterwards gives what it says. It is older than the last departure now.
    const { member } = await workspaces.acceptInvitation(sam, { token: after.token });
    expect(member.role).toBe('manager');
    const fresh = await invited(team, link('manager'));
    expect((await workspaces.acceptInvitation(mia, { token: fresh.token })).member.role).toBe('manager');
    expectSound(team);
  });

  test('M-09 a reissued link counts from its reissue', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { invitation } = await invited(team, link('manager'));
    await workspaces.leaveWorkspace(dev, { workspaceId });
    const { token } = await workspaces.reissueInvitation(ada, { workspaceId, invitationId: invitation.id });
    expect((await workspaces.acceptInvitation(dev, { token })).member.role).toBe('manager');
  });

  test('M-09 a lower link gives its own role, also to a former manager', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { token } = await invited(team, link('developer'));
    await workspaces.leaveWorkspace(mia, { workspaceId });
    expect((await workspaces.acceptInvitation(mia, { token })).member.role).toBe('developer');
  });

  test('M-09 a role that the matrix no longer has gives no way back by an older link', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { token } = await invited(team, link('manager'));
    await workspaces.leaveWorkspace(dev, { workspaceId });
    const permissions = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: ['manager'] },
        manager: { permissions: ['workspace:view', 'member:view'], grants: [] },
      },
    });
    // As after a deploy with another matrix.
    const service = team.service({ permissions });
    expect(await outcomeOf(service.acceptInvitation(dev, { token }))).toBe('INVITATION_REVOKED');
    expect(await outcomeOf(service.acceptInvitation(eve, { token }))).toBe('ok');
  });

  test('M-09 the answer names the links that offer more than the new role, and closeLinks revokes them', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const high = await invited(team, link('manager'));
    const low = await invited(team, link('developer'));
    const input = { workspaceId, userId: 'mia', role: 'developer' } as const;
    const demoted = await workspaces.changeRole(ada, input);
    expect(demoted).toMatchObject({ userId: 'mia', role: 'developer' });
    expect(demoted.openLinks).toEqual([high.invitation]);
    // Again, with the request to close them: the role stays, so there is no event about it.
    const closed = await workspaces.changeRole(ada, { ...input, closeLinks: true });
    expect(closed.openLinks).toEqual([]);
    expect(trailOf(team).at(-1)).toMatchObject({
      type: 'invitation.revoked',
      index: 0,
      data: { invitationId: high.invitation.id, reason: 'revoked' },
    });
    expect(openOf(team).map(({ id }) => id)).toEqual([low.invitation.id]);
    expectSound(team);
  });

  test('M-04 to the role already held nothing happens, also after the matrix has changed', async () => {
    const team = await createTeam();
    const { workspaceId, storage } = team;
    await team.workspaces.inviteMember(mia, { workspaceId, ...link('developer') });
    const permissions = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: ['manager', 'developer'] },
        manager: { permissions: ['workspace:view'], grants: [] },
        developer: { permissions: ['workspace:view'], grants: [] },
      },
    });
    const before = storage.dump();
    const input = { workspaceId, userId: 'mia', role: 'manager' } as const;
    await team.service({ permissions }).changeRole(ada, input);
    expect(storage.dump()).toEqual(before);
  });

  test('M-09 a promotion names only what offers still more', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    await invited(team, link('manager'));
    const { openLinks } = await workspaces.changeRole(root, { workspaceId, userId: 'dev', role: 'manager' });
    expect(openLinks).toEqual([]);
  });

  test('M-09 demotion, leaving and returning in parallel never give the former role back', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const team = await createTeam();
      const { workspaces, workspaceId } = team;
      const { token } = await invited(team, link('manager'));
      await workspaces.changeRole(ada, { workspaceId, userId: 'mia', role: 'developer' });
      const process = processes(team, seed, { line: startingLine(3) });
      await Promise.all([
        outcomeOf(process(0).leaveWorkspace(mia, { workspaceId })),
        outcomeOf(process(1).acceptInvitation(mia, { token })),
        outcomeOf(process(2).acceptInvitation(sam, { token })),
      ]);
      await outcomeOf(workspaces.acceptInvitation(mia, { token }));
      const seat = team.storage
        .dump()
        .members.find((one) => one.workspaceId === workspaceId && one.userId === 'mia');
      expect(seat?.role).toBe('developer');
      expectSound(team);
    }
  });
});
