// Seats: how open invitations reserve them, accepting takes them, and ending frees them.
import { describe, expect, test } from 'vitest';
import { type Limit, type MaxUses } from '../../src/index.js';
import { createTeam, crowd, mia, ada, outcomeOf, refusalOf, unlimited, sam, eve } from './invitation-team.js';

/** A team of three, and a member limit that the test can change. */
async function limitedTeam(membersPerWorkspace: Limit) {
  const plan = { ...unlimited, membersPerWorkspace } as { membersPerWorkspace: Limit } & Omit<
    typeof unlimited,
    'membersPerWorkspace'
  >;
  const team = await createTeam({ limits: () => ({ ...plan }) });
  const { workspaces, workspaceId, storage } = team;
  return {
    ...team,
    setLimit: (limit: Limit) => {
      plan.membersPerWorkspace = limit;
    },
    invite: (maxUses: MaxUses = 1, expiresInSeconds = 3600) =>
      workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses, expiresInSeconds }),
    reserved: () => storage.dump().workspaces.find(({ id }) => id === workspaceId)?.reservedSeats,
  };
}

describe('reserving', () => {
  test('M-08 open invitations reserve their remaining uses as seats; the limit itself is admitted, one more is not', async () => {
    const { invite, reserved } = await limitedTeam(10);
    await invite(4);
    expect(reserved()).toBe(4);
    await invite(2);
    await invite(1);
    expect(reserved()).toBe(7);
    for (const maxUses of [1, 2, 1_000_000]) {
      const refusal = await refusalOf(invite(maxUses));
      expect(refusal.code).toBe('LIMIT_EXCEEDED');
      expect(refusal.details).toEqual({
        which: 'membersPerWorkspace',
        limit: 10,
        current: 10,
        requested: maxUses,
      });
    }
    expect(reserved()).toBe(7);
  });

  test('M-08 one invitation for more seats than are free is refused entirely', async () => {
    const { invite, reserved } = await limitedTeam(5);
    expect(await outcomeOf(invite(3))).toBe('LIMIT_EXCEEDED');
    expect(reserved()).toBe(0);
    expect(await outcomeOf(invite(2))).toBe('ok');
  });

  test('M-08 accepting turns a reserved seat into a member, without needing another', async () => {
    const team = await limitedTeam(5);
    const { token } = await team.invite(2);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(team.workspaces.acceptInvitation(sam, { token }))).toBe('ok');
    expect(team.reserved()).toBe(1);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(team.workspaces.acceptInvitation(eve, { token }))).toBe('ok');
    expect(team.reserved()).toBe(0);
    expect((await team.workspaces.getWorkspace(ada, { workspaceId: team.workspaceId })).memberCount).toBe(5);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
  });

  test('M-08 links with unlimited uses reserve no seat and are checked on acceptance, with reserved seats counted', async () => {
    const team = await limitedTeam(5);
    const link = await team.invite('unlimited');
    expect(team.reserved()).toBe(0);
    const held = await team.invite(1);
    expect(await outcomeOf(team.workspaces.acceptInvitation(sam, { token: link.token }))).toBe('ok');
    const refusal = await refusalOf(team.workspaces.acceptInvitation(eve, { token: link.token }));
    expect(refusal.details).toEqual({ which: 'membersPerWorkspace', limit: 5, current: 5, requested: 1 });
    expect(await outcomeOf(team.invite('unlimited'))).toBe('ok');
    expect(await outcomeOf(team.workspaces.acceptInvitation(eve, { token: held.token }))).toBe('ok');
  });

  test('M-08 reissuing keeps the reserved seats and takes no more', async () => {
    const team = await limitedTeam(5);
    const { invitation } = await team.invite(2);
    const named = { workspaceId: team.workspaceId, invitationId: invitation.id };
    expect(await outcomeOf(team.workspaces.reissueInvitation(ada, named))).toBe('ok');
    expect(team.reserved()).toBe(2);
  });
});

describe('freeing seats', () => {
  const ways: readonly [
    string,
    MaxUses,
    (team: Awaited<ReturnType<typeof limitedTeam>>, token: string, id: string) => Promise<unknown>,
  ][] = [
    [
      'revoking',
      2,
      ({ workspaces, workspaceId }, _token, invitationId) =>
        workspaces.revokeInvitation(ada, { workspaceId, invitationId }),
    ],
    ['declining', 1, ({ workspaces }, token) => workspaces.declineInvitation(sam, { token })],
    ['expiry', 2, ({ clock }) => clock.sleep(3600_000)],
    [
      'the removal of the issuer',
      2,
      ({ workspaces, workspaceId }) => workspaces.removeMember(ada, { workspaceId, userId: 'mia' }),
    ],
  ];

  test.each(ways)('M-08 %s frees the seats', async (_name, maxUses, end) => {
    const seats = Number(maxUses);
    const team = await limitedTeam(3 + seats);
    const { workspaces, workspaceId } = team;
    const { token, invitation } = await workspaces.inviteMember(mia, {
      workspaceId,
      role: 'developer',
      maxUses,
      expiresInSeconds: 3600,
    });
    const link = await team.invite('unlimited', 7200);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(workspaces.acceptInvitation(eve, { token: link.token }))).toBe('LIMIT_EXCEEDED');
    await end(team, token, invitation.id);
    expect(await outcomeOf(workspaces.acceptInvitation(eve, { token: link.token }))).toBe('ok');
    if (seats > 1) expect(await outcomeOf(team.invite(seats - 1))).toBe('ok');
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toMatch(/^INVITATION_/);
  });

  test('M-08 a partly used invitation frees only its remaining seats', async () => {
    const team = await limitedTeam(6);
    const { workspaces, workspaceId } = team;
    const { token, invitation } = await team.invite(3);
    await workspaces.acceptInvitation(sam, { token });
    await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
    expect(team.reserved()).toBe(0);
    expect(await outcomeOf(team.invite(3))).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(team.invite(2))).toBe('ok');
  });

  test('M-08 declining a link for several users frees no seat, because it stays open for the others', async () => {
    const team = await limitedTeam(5);
    const { token } = await team.invite(2);
    await team.workspaces.declineInvitation(sam, { token });
    expect(team.reserved()).toBe(2);
    expect(await outcomeOf(team.workspaces.acceptInvitation(sam, { token }))).toBe('ok');
  });

  test('M-08 an invitation holds its seats until the second of its expiry', async () => {
    const team = await limitedTeam(4);
    await team.invite();
    team.clock.advance(3600_000 - 1);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    team.clock.advance(1);
    expect(await outcomeOf(team.invite())).toBe('ok');
  });

  test('M-08 a member who leaves frees a seat', async () => {
    const team = await limitedTeam(3);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    await team.workspaces.leaveWorkspace(mia, { workspaceId: team.workspaceId });
    expect(await outcomeOf(team.invite())).toBe('ok');
  });
});

describe('limits', () => {
  test('M-08 0 admits none: no invitation with seats, and no acceptance of an unlimited link', async () => {
    const team = await limitedTeam('unlimited');
    const link = await team.invite('unlimited');
    const held = await team.invite(1);
    team.setLimit(0);
    expect(await outcomeOf(team.invite(1))).toBe('LIMIT_EXCEEDED');
    for (const { token } of [link, held]) {
      const refusal = await refusalOf(team.workspaces.acceptInvitation(sam, { token }));
      expect(refusal.details).toMatchObject({ which: 'membersPerWorkspace', limit: 0, requested: 1 });
    }
    team.setLimit('unlimited');
    expect(await outcomeOf(team.workspaces.acceptInvitation(sam, { token: held.token }))).toBe('ok');
  });

  test('M-08 a limit below the present count admits no one and removes no one; once raised, seats are free again', async () => {
    const team = await limitedTeam(6);
    const { workspaces, workspaceId } = team;
    const { token } = await team.invite(3);
    team.setLimit(4);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
    expect(await outcomeOf(workspaces.acceptInvitation(eve, { token }))).toBe('LIMIT_EXCEEDED');
    team.setLimit(2);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).memberCount).toBe(4);
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
    team.setLimit(6);
    expect(await outcomeOf(workspaces.acceptInvitation(eve, { token }))).toBe('ok');
  });

  test("M-08 'unlimited' has no bound", async () => {
    const team = await limitedTeam('unlimited');
    expect(await outcomeOf(team.invite(1_000_000))).toBe('ok');
    expect(await outcomeOf(team.invite(1_000_000))).toBe('ok');
    const { token } = await team.invite('unlimited');
    for (const actor of await crowd(team, 120)) {
      expect(await outcomeOf(team.workspaces.acceptInvitation(actor, { token }))).toBe('ok');
    }
  });
});

describe('many invitations that expire', () => {
  test('M-08 each command closes at most 100 of them, and counts none of their seats', async () => {
    const { workspaces, workspaceId, clock, invite, reserved, storage } = await limitedTeam(253);
    const recipient = { userId: 'zoe' };
    for (let number = 0; number < 249; number++) await invite(1, 60);
    const old = await workspaces.inviteMember(ada, {
      workspaceId,
      role: 'developer',
      recipient,
      expiresInSeconds: 60,
    });
    expect(reserved()).toBe(250);
    clock.advance(61_000);
    const closed = () =>
      storage.dump().invitations.filter(({ state, id }) => state === 'expired' && id !== old.invitation.id)
        .length;
    // All seats but those of the three members are free.
    await invite(249);
    expect([closed(), reserved()]).toEqual([100, 150 + 249]);
    expect((await refusalOf(invite(2))).details).toMatchObject({ current: 252, requested: 2 });
    await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient });
    // The one for the same recipient is among them.
    expect([closed(), reserved()]).toEqual([199, 50 + 250]);
    expect((await refusalOf(invite())).details).toMatchObject({ current: 253, requested: 1 });
    await workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses: 'unlimited' });
    expect([closed(), reserved()]).toEqual([249, 250]);
  });
});
