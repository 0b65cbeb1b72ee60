// Seats: what an open invitation reserves, what accepting takes, and what gives it back.
import { describe, expect, test } from 'vitest';
import { type Limit, type MaxUses } from '../../src/index.js';
import {
  createTeam,
  crowd,
  mark,
  olga,
  outcomeOf,
  refusalOf,
  unlimited,
  xena,
  yuri,
} from './invitation-team.js';

/** A team of three, and a member limit that can be moved. */
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
      workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses, expiresInSeconds }),
    reserved: () => storage.dump().workspaces.find(({ id }) => id === workspaceId)?.reservedSeats,
  };
}

describe('reserving', () => {
  test('M-08 open invitations reserve their remaining seats; equality is admitted, one more is not', async () => {
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

  test('M-08 one invitation for more seats than there are is refused whole', async () => {
    const { invite, reserved } = await limitedTeam(5);
    expect(await outcomeOf(invite(3))).toBe('LIMIT_EXCEEDED');
    expect(reserved()).toBe(0);
    expect(await outcomeOf(invite(2))).toBe('ok');
  });

  test('M-08 accepting turns a reserved seat into a member, without needing another', async () => {
    const team = await limitedTeam(5);
    const { token } = await team.invite(2);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(team.workspaces.acceptInvitation(xena, { token }))).toBe('ok');
    expect(team.reserved()).toBe(1);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(team.workspaces.acceptInvitation(yuri, { token }))).toBe('ok');
    expect(team.reserved()).toBe(0);
    expect((await team.workspaces.getWorkspace(olga, { workspaceId: team.workspaceId })).memberCount).toBe(5);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
  });

  test('M-08 links without a use limit reserve nothing, and are checked at accept, reserved seats counted', async () => {
    const team = await limitedTeam(5);
    const link = await team.invite('unlimited');
    expect(team.reserved()).toBe(0);
    const held = await team.invite(1);
    expect(await outcomeOf(team.workspaces.acceptInvitation(xena, { token: link.token }))).toBe('ok');
    const refusal = await refusalOf(team.workspaces.acceptInvitation(yuri, { token: link.token }));
    expect(refusal.details).toEqual({ which: 'membersPerWorkspace', limit: 5, current: 5, requested: 1 });
    expect(await outcomeOf(team.invite('unlimited'))).toBe('ok');
    expect(await outcomeOf(team.workspaces.acceptInvitation(yuri, { token: held.token }))).toBe('ok');
  });

  test('M-08 reissuing keeps the seats that are reserved, and takes none', async () => {
    const team = await limitedTeam(5);
    const { invitation } = await team.invite(2);
    const named = { workspaceId: team.workspaceId, invitationId: invitation.id };
    expect(await outcomeOf(team.workspaces.reissueInvitation(olga, named))).toBe('ok');
    expect(team.reserved()).toBe(2);
  });
});

describe('giving back', () => {
  const ways: readonly [
    string,
    MaxUses,
    (team: Awaited<ReturnType<typeof limitedTeam>>, token: string, id: string) => Promise<unknown>,
  ][] = [
    [
      'revoking',
      2,
      ({ workspaces, workspaceId }, _token, invitationId) =>
        workspaces.revokeInvitation(olga, { workspaceId, invitationId }),
    ],
    ['declining', 1, ({ workspaces }, token) => workspaces.declineInvitation(xena, { token })],
    ['expiry', 2, ({ clock }) => clock.sleep(3600_000)],
    [
      'the removal of the issuer',
      2,
      ({ workspaces, workspaceId }) => workspaces.removeMember(olga, { workspaceId, userId: 'mark' }),
    ],
  ];

  test.each(ways)('M-08 %s frees the seats', async (_name, maxUses, end) => {
    const seats = Number(maxUses);
    const team = await limitedTeam(3 + seats);
    const { workspaces, workspaceId } = team;
    const { token, invitation } = await workspaces.inviteMember(mark, {
      workspaceId,
      role: 'developer',
      maxUses,
      expiresInSeconds: 3600,
    });
    const link = await team.invite('unlimited', 7200);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(workspaces.acceptInvitation(yuri, { token: link.token }))).toBe('LIMIT_EXCEEDED');
    await end(team, token, invitation.id);
    expect(await outcomeOf(workspaces.acceptInvitation(yuri, { token: link.token }))).toBe('ok');
    if (seats > 1) expect(await outcomeOf(team.invite(seats - 1))).toBe('ok');
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toMatch(/^INVITATION_/);
  });

  test('M-08 of an invitation used in part only what is left is freed', async () => {
    const team = await limitedTeam(6);
    const { workspaces, workspaceId } = team;
    const { token, invitation } = await team.invite(3);
    await workspaces.acceptInvitation(xena, { token });
    await workspaces.revokeInvitation(olga, { workspaceId, invitationId: invitation.id });
    expect(team.reserved()).toBe(0);
    expect(await outcomeOf(team.invite(3))).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(team.invite(2))).toBe('ok');
  });

  test('M-08 declining a link for several frees nothing: it is not one person’s to close', async () => {
    const team = await limitedTeam(5);
    const { token } = await team.invite(2);
    await team.workspaces.declineInvitation(xena, { token });
    expect(team.reserved()).toBe(2);
    expect(await outcomeOf(team.workspaces.acceptInvitation(xena, { token }))).toBe('ok');
  });

  test('M-08 a second before its expiry it still holds its seats', async () => {
    const team = await limitedTeam(4);
    await team.invite();
    team.clock.advance(3600_000 - 1);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    team.clock.advance(1);
    expect(await outcomeOf(team.invite())).toBe('ok');
  });

  test('M-08 who leaves gives back a seat', async () => {
    const team = await limitedTeam(3);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    await team.workspaces.leaveWorkspace(mark, { workspaceId: team.workspaceId });
    expect(await outcomeOf(team.invite())).toBe('ok');
  });
});

describe('limits', () => {
  test('M-08 0 means none: no invitation with seats, and no way in by a link without', async () => {
    const team = await limitedTeam('unlimited');
    const link = await team.invite('unlimited');
    const held = await team.invite(1);
    team.setLimit(0);
    expect(await outcomeOf(team.invite(1))).toBe('LIMIT_EXCEEDED');
    for (const { token } of [link, held]) {
      const refusal = await refusalOf(team.workspaces.acceptInvitation(xena, { token }));
      expect(refusal.details).toMatchObject({ which: 'membersPerWorkspace', limit: 0, requested: 1 });
    }
    team.setLimit('unlimited');
    expect(await outcomeOf(team.workspaces.acceptInvitation(xena, { token: held.token }))).toBe('ok');
  });

  test('M-08 a limit lowered below what is there refuses every way in and sends nobody out; raised, the seats are there', async () => {
    const team = await limitedTeam(6);
    const { workspaces, workspaceId } = team;
    const { token } = await team.invite(3);
    team.setLimit(4);
    expect(await outcomeOf(team.invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
    expect(await outcomeOf(workspaces.acceptInvitation(yuri, { token }))).toBe('LIMIT_EXCEEDED');
    team.setLimit(2);
    expect((await workspaces.getWorkspace(olga, { workspaceId })).memberCount).toBe(4);
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
    team.setLimit(6);
    expect(await outcomeOf(workspaces.acceptInvitation(yuri, { token }))).toBe('ok');
  });

  test("M-08 'unlimited' is unlimited", async () => {
    const team = await limitedTeam('unlimited');
    expect(await outcomeOf(team.invite(1_000_000))).toBe('ok');
    expect(await outcomeOf(team.invite(1_000_000))).toBe('ok');
    const { token } = await team.invite('unlimited');
    for (const actor of await crowd(team, 120)) {
      expect(await outcomeOf(team.workspaces.acceptInvitation(actor, { token }))).toBe('ok');
    }
  });
});
