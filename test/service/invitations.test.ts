// Accepting, declining and previewing: who may, what it does, and that doing it again does nothing more.
import { describe, expect, test } from 'vitest';
import type { InvitationPreview } from '../../src/index.js';
import { recordingStorage } from './around-storage.js';
import {
  callUntyped,
  createTeam,
  crowd,
  dana,
  mark,
  olga,
  operator,
  outcomeOf,
  refusalOf,
  trailOf,
  xena,
  yuri,
  type Team,
} from './invitation-team.js';

const recordOf = ({ storage }: Team, invitationId: string) =>
  storage.dump().invitations.find(({ id }) => id === invitationId);

describe('accepting again', () => {
  test.each([1, 2, 'unlimited'] as const)(
    'I-14 twice by one user, of %s uses: the same membership, one use, one set of events',
    async (maxUses) => {
      const team = await createTeam();
      const { workspaces, workspaceId, storage, clock } = team;
      const { token, invitation } = await workspaces.inviteMember(olga, {
        workspaceId,
        role: 'developer',
        maxUses,
      });
      const first = await workspaces.acceptInvitation(xena, { token });
      const after = storage.dump();
      for (let again = 0; again < 3; again++) {
        clock.advance(1000);
        expect(await team.service().acceptInvitation(xena, { token })).toEqual(first);
      }
      expect(storage.dump()).toEqual(after);
      expect(recordOf(team, invitation.id)?.uses).toBe(1);
      const types = trailOf(team)
        .slice(-2)
        .map(({ type }) => type);
      expect(types).toEqual(['invitation.accepted', 'member.joined']);
      expect(trailOf(team).filter(({ type }) => type === 'member.joined')).toHaveLength(3);
    },
  );

  test('I-14 so it is after the link was used up by others, revoked or has expired, and with the role of now', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, clock } = team;
    const invite = (maxUses: number) =>
      workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses });
    const { token, invitation } = await invite(3);
    const { member } = await workspaces.acceptInvitation(xena, { token });
    await workspaces.revokeInvitation(olga, { workspaceId, invitationId: invitation.id });
    expect((await workspaces.acceptInvitation(xena, { token })).member).toEqual(member);
    clock.advance(8 * 24 * 60 * 60 * 1000);
    expect((await workspaces.acceptInvitation(xena, { token })).member).toEqual(member);
    await workspaces.changeRole(olga, { workspaceId, userId: 'xena', role: 'manager' });
    expect((await workspaces.acceptInvitation(xena, { token })).member).toEqual({
      ...member,
      role: 'manager',
    });
    expect(recordOf(team, invitation.id)?.uses).toBe(1);
  });

  test('I-14 who left comes in again by a link that is still open, with a use of its own', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { token, invitation } = await workspaces.inviteMember(olga, {
      workspaceId,
      role: 'developer',
      maxUses: 2,
    });
    for (const uses of [1, 2]) {
      await workspaces.acceptInvitation(xena, { token });
      expect(recordOf(team, invitation.id)?.uses).toBe(uses);
      await workspaces.leaveWorkspace(xena, { workspaceId });
    }
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('INVITATION_USED');
  });
});

describe('members', () => {
  test.each([
    ['the owner', olga, 'owner'],
    ['a manager', mark, 'manager'],
    ['a developer', dana, 'developer'],
  ] as const)(
    'I-15 %s who accepts another invitation is ALREADY_MEMBER: the role stays, no use counts',
    async (_name, actor, role) => {
      const team = await createTeam();
      const { workspaces, workspaceId, storage } = team;
      for (const invited of ['developer', 'manager'] as const) {
        for (const maxUses of [1, 3, 'unlimited'] as const) {
          const { token } = await workspaces.inviteMember(olga, { workspaceId, role: invited, maxUses });
          const before = storage.dump();
          const refusal = await refusalOf(workspaces.acceptInvitation(actor, { token }));
          expect(refusal.code).toBe('ALREADY_MEMBER');
          expect(refusal.details).toEqual({ workspaceId, userId: actor.userId });
          expect(await outcomeOf(workspaces.declineInvitation(actor, { token }))).toBe('ALREADY_MEMBER');
          expect(storage.dump()).toEqual(before);
          expect(await outcomeOf(workspaces.previewInvitation({ token }))).toBe('ok');
        }
      }
      const { items } = await workspaces.listMembers(olga, { workspaceId });
      expect(items.find(({ userId }) => userId === actor.userId)?.role).toBe(role);
    },
  );

  test('I-15 the one invitation still admits somebody else', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { token } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    await refusalOf(workspaces.acceptInvitation(olga, { token }));
    expect((await workspaces.acceptInvitation(xena, { token })).member.role).toBe('developer');
  });
});

describe('previews', () => {
  const shown: readonly (keyof InvitationPreview)[] = [
    'expiresAt',
    'invitedBy',
    'role',
    'status',
    'workspaceName',
  ];

  test('I-16 1,000 previews change nothing and ask nobody to write', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const { token } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    const before = storage.dump();
    const { storage: recorded, calls } = recordingStorage(storage);
    const reader = team.service({ storage: recorded });
    const previews = [];
    for (let time = 0; time < 1000; time++)
      previews.push(JSON.stringify(await reader.previewInvitation({ token })));
    expect(new Set(previews).size).toBe(1);
    expect(new Set(calls.map(({ method }) => method))).toEqual(new Set(['load']));
    expect(storage.dump()).toEqual(before);
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
  });

  test('I-16 it shows workspace name, display name of the inviter, role, expiry and status, and nothing else', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    await workspaces.renameAccount(olga, { userId: 'olga', username: 'olga', displayName: 'Olga Q.' });
    const recipient = { email: 'ada@example.com' };
    const made = await workspaces.inviteMember(olga, {
      workspaceId,
      role: 'manager',
      recipient,
      expiresInSeconds: 90,
    });
    expect(await workspaces.previewInvitation({ token: made.token })).toStrictEqual({
      workspaceName: 'hello',
      invitedBy: 'Olga Q.',
      role: 'manager',
      expiresAt: new Date(team.clock.now() + 90_000),
      status: 'open',
    });
    const byMark = await workspaces.inviteMember(mark, { workspaceId, role: 'developer' });
    expect((await workspaces.previewInvitation({ token: byMark.token })).invitedBy).toBe('mark');
    const byHost = await workspaces.inviteMember(operator, { workspaceId, role: 'developer' });
    expect((await workspaces.previewInvitation({ token: byHost.token })).invitedBy).toBeNull();
    await workspaces.renameWorkspace(olga, { workspaceId, name: 'renamed' });
    expect((await workspaces.previewInvitation({ token: byHost.token })).workspaceName).toBe('renamed');
  });

  test.each<[string, (team: Team, token: string, invitationId: string) => Promise<unknown>]>([
    ['open', () => Promise.resolve()],
    ['used', ({ workspaces }, token) => workspaces.acceptInvitation(yuri, { token })],
    ['declined', ({ workspaces }, token) => workspaces.declineInvitation(yuri, { token })],
    [
      'revoked',
      ({ workspaces, workspaceId }, _token, invitationId) =>
        workspaces.revokeInvitation(olga, { workspaceId, invitationId }),
    ],
    ['expired', ({ clock }) => clock.sleep(7 * 24 * 60 * 60 * 1000)],
  ])('I-16 its status is %s, and nothing more is shown then', async (status, change) => {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const { token, invitation } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    await change(team, token, invitation.id);
    const before = storage.dump();
    const preview = await workspaces.previewInvitation({ token });
    expect(preview.status).toBe(status);
    expect(Object.keys(preview).sort()).toEqual(shown);
    expect(storage.dump()).toEqual(before);
  });
});

test('I-12 the default is one use; unlimited is said aloud, and nothing else means it', async () => {
  const team = await createTeam();
  const { workspaces, workspaceId } = team;
  const { invitation } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
  expect(invitation.maxUses).toBe(1);
  for (const maxUses of [
    0,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
    null,
    '1',
    'Unlimited',
    '',
    true,
    [],
  ]) {
    const input = { workspaceId, role: 'developer', maxUses };
    expect(await outcomeOf(callUntyped(workspaces, 'inviteMember', [olga, input]))).toBe('INVALID_INPUT');
  }
  const link = await workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses: 'unlimited' });
  for (const actor of await crowd(team, 20)) {
    expect(await outcomeOf(workspaces.acceptInvitation(actor, { token: link.token }))).toBe('ok');
  }
});
