// Accepting, declining and previewing: who may, what changes, and that a repetition changes nothing more.
import { describe, expect, test } from 'vitest';
import type { InvitationPreview } from '../../src/index.js';
import { recordingStorage } from './around-storage.js';
import {
  callUntyped,
  createTeam,
  crowd,
  dev,
  mia,
  ada,
  root,
  outcomeOf,
  refusalOf,
  trailOf,
  sam,
  eve,
  type Team,
} from './invitation-team.js';

const recordOf = ({ storage }: Team, invitationId: string) =>
  storage.dump().invitations.find(({ id }) => id === invitationId);

describe('accepting again', () => {
  test.each([1, 2, 'unlimited'] as const)(
    'I-14 accepting twice as one user, of %s uses: the same membership, one use, one set of events',
    async (maxUses) => {
      const team = await createTeam();
      const { workspaces, workspaceId, storage, clock } = team;
      const { token, invitation } = await workspaces.inviteMember(ada, {
        workspaceId,
        role: 'developer',
        maxUses,
      });
      const first = await workspaces.acceptInvitation(sam, { token });
      const after = storage.dump();
      for (let again = 0; again < 3; again++) {
        clock.advance(1000);
        expect(await team.service().acceptInvitation(sam, { token })).toEqual(first);
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

  test('I-14 accepting again stays a no-op after the link is used up, revoked or expired, and returns the present role', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, clock } = team;
    const invite = (maxUses: number) =>
      workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses });
    const { token, invitation } = await invite(3);
    const { member } = await workspaces.acceptInvitation(sam, { token });
    await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
    expect((await workspaces.acceptInvitation(sam, { token })).member).toEqual(member);
    clock.advance(8 * 24 * 60 * 60 * 1000);
    expect((await workspaces.acceptInvitation(sam, { token })).member).toEqual(member);
    await workspaces.changeRole(ada, { workspaceId, userId: 'sam', role: 'manager' });
    expect((await workspaces.acceptInvitation(sam, { token })).member).toEqual({
      ...member,
      role: 'manager',
    });
    expect(recordOf(team, invitation.id)?.uses).toBe(1);
  });

  test('I-14 a former member can join again by a link that is still open, which spends another use', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { token, invitation } = await workspaces.inviteMember(ada, {
      workspaceId,
      role: 'developer',
      maxUses: 2,
    });
    for (const uses of [1, 2]) {
      await workspaces.acceptInvitation(sam, { token });
      expect(recordOf(team, invitation.id)?.uses).toBe(uses);
      await workspaces.leaveWorkspace(sam, { workspaceId });
    }
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('INVITATION_USED');
  });
});

describe('members', () => {
  test.each([
    ['the owner', ada, 'owner'],
    ['a manager', mia, 'manager'],
    ['a developer', dev, 'developer'],
  ] as const)(
    'I-15 %s who accepts another invitation gets ALREADY_MEMBER: the role stays, and no use is spent',
    async (_name, actor, role) => {
      const team = await createTeam();
      const { workspaces, workspaceId, storage } = team;
      for (const invited of ['developer', 'manager'] as const) {
        for (const maxUses of [1, 3, 'unlimited'] as const) {
          const { token } = await workspaces.inviteMember(ada, { workspaceId, role: invited, maxUses });
          const before = storage.dump();
          const refusal = await refusalOf(workspaces.acceptInvitation(actor, { token }));
          expect(refusal.code).toBe('ALREADY_MEMBER');
          expect(refusal.details).toEqual({ workspaceId, userId: actor.userId });
          expect(await outcomeOf(workspaces.declineInvitation(actor, { token }))).toBe('ALREADY_MEMBER');
          expect(storage.dump()).toEqual(before);
          expect(await outcomeOf(workspaces.previewInvitation({ token }))).toBe('ok');
        }
      }
      const { items } = await workspaces.listMembers(ada, { workspaceId });
      expect(items.find(({ userId }) => userId === actor.userId)?.role).toBe(role);
    },
  );

  test('I-15 the refused invitation still admits another user', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    await refusalOf(workspaces.acceptInvitation(ada, { token }));
    expect((await workspaces.acceptInvitation(sam, { token })).member.role).toBe('developer');
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

  test('I-16 1,000 previews change nothing and write nothing', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const before = storage.dump();
    const { storage: recorded, calls } = recordingStorage(storage);
    const reader = team.service({ storage: recorded });
    const previews = [];
    for (let time = 0; time < 1000; time++)
      previews.push(JSON.stringify(await reader.previewInvitation({ token })));
    expect(new Set(previews).size).toBe(1);
    expect(new Set(calls.map(({ method }) => method))).toEqual(new Set(['load']));
    expect(storage.dump()).toEqual(before);
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
  });

  test('I-16 a preview shows workspace name, display name of the inviter, role, expiry and status, and nothing else', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    await workspaces.renameAccount(ada, { userId: 'ada', username: 'ada', displayName: 'Ada Q.' });
    const recipient = { email: 'sam@example.com' };
    const made = await workspaces.inviteMember(ada, {
      workspaceId,
      role: 'manager',
      recipient,
      expiresInSeconds: 90,
    });
    expect(await workspaces.previewInvitation({ token: made.token })).toStrictEqual({
      workspaceName: 'hello',
      invitedBy: 'Ada Q.',
      role: 'manager',
      expiresAt: new Date(team.clock.now() + 90_000),
      status: 'open',
    });
    const byMia = await workspaces.inviteMember(mia, { workspaceId, role: 'developer' });
    expect((await workspaces.previewInvitation({ token: byMia.token })).invitedBy).toBe('mia');
    const byHost = await workspaces.inviteMember(root, { workspaceId, role: 'developer' });
    expect((await workspaces.previewInvitation({ token: byHost.token })).invitedBy).toBeNull();
    await workspaces.renameWorkspace(ada, { workspaceId, name: 'renamed' });
    expect((await workspaces.previewInvitation({ token: byHost.token })).workspaceName).toBe('renamed');
  });

  test.each<[string, (team: Team, token: string, invitationId: string) => Promise<unknown>]>([
    ['open', () => Promise.resolve()],
    ['used', ({ workspaces }, token) => workspaces.acceptInvitation(eve, { token })],
    ['declined', ({ workspaces }, token) => workspaces.declineInvitation(eve, { token })],
    [
      'revoked',
      ({ workspaces, workspaceId }, _token, invitationId) =>
        workspaces.revokeInvitation(ada, { workspaceId, invitationId }),
    ],
    ['expired', ({ clock }) => clock.sleep(7 * 24 * 60 * 60 * 1000)],
  ])(
    'I-16 the preview of an ended invitation has the status %s and shows nothing more',
    async (status, change) => {
      const team = await createTeam();
      const { workspaces, workspaceId, storage } = team;
      const { token, invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
      await change(team, token, invitation.id);
      const before = storage.dump();
      const preview = await workspaces.previewInvitation({ token });
      expect(preview.status).toBe(status);
      expect(Object.keys(preview).sort()).toEqual(shown);
      expect(storage.dump()).toEqual(before);
    },
  );
});

test('I-12 the default is one use; unlimited uses must be stated explicitly', async () => {
  const team = await createTeam();
  const { workspaces, workspaceId } = team;
  const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
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
    expect(await outcomeOf(callUntyped(workspaces, 'inviteMember', [ada, input]))).toBe('INVALID_INPUT');
  }
  const link = await workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses: 'unlimited' });
  for (const actor of await crowd(team, 20)) {
    expect(await outcomeOf(workspaces.acceptInvitation(actor, { token: link.token }))).toBe('ok');
  }
});
