// Views of ended invitations, of missing records, and of a list whose next page is empty.
import { describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import type { InvitationStatus } from '../../src/index.js';
import { recordingStorage } from './around-storage.js';
import { ada, createTeam, dev, openAccounts, refusal, root, sam, serviceOn, type Team } from './team.js';

interface Link {
  readonly token: string;
  readonly invitationId: string;
}

/** How an invitation of one minute ends, a second after its creation unless it takes longer itself. */
const ends: readonly (readonly [
  InvitationStatus,
  title: string,
  (team: Team, link: Link) => Promise<unknown>,
  seconds: number,
])[] = [
  ['used', 'accepted', ({ workspaces }, { token }) => workspaces.acceptInvitation(sam, { token }), 1],
  ['declined', 'declined', ({ workspaces }, { token }) => workspaces.declineInvitation(sam, { token }), 1],
  [
    'revoked',
    'revoked',
    ({ workspaces, workspaceId }, { invitationId }) =>
      workspaces.revokeInvitation(ada, { workspaceId, invitationId }),
    1,
  ],
  [
    'expired',
    'left to expire',
    ({ clock }) => {
      clock.advance(59_000);
      return Promise.resolve();
    },
    60,
  ],
  [
    'expired',
    'left to expire, and settled by a later command',
    ({ workspaces, workspaceId, clock }) => {
      clock.advance(99_000);
      return workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient: sam });
    },
    60,
  ],
];

describe('an invitation that has ended', () => {
  test.each(ends)('an invitation that is %s shows when: %s', async (status, _, end, seconds) => {
    const team = await createTeam();
    const { workspaces, workspaceId, clock } = team;
    const input = { workspaceId, role: 'developer', recipient: sam, expiresInSeconds: 60 } as const;
    const { invitation, token } = await workspaces.inviteMember(ada, input);
    const made = clock.now();
    expect(invitation).toEqual({
      id: invitation.id,
      workspaceId,
      role: 'developer',
      recipient: sam,
      maxUses: 1,
      uses: 0,
      issuedBy: ada,
      createdAt: new Date(made),
      expiresAt: new Date(made + 60_000),
      status: 'open',
    });
    clock.advance(1_000);
    await end(team, { token, invitationId: invitation.id });
    clock.advance(500);
    const { items } = await workspaces.listInvitations(ada, { workspaceId });
    expect(items.find(({ id }) => id === invitation.id)).toEqual({
      ...invitation,
      uses: status === 'used' ? 1 : 0,
      status,
      endedAt: new Date(made + seconds * 1000),
    });
  });
});

describe('missing records', () => {
  test('T-01 every method names the requested id, to non-members, members of another workspace and operators', async () => {
    const { workspaces } = await createTeam();
    for (const actor of [{ userId: 'nobody' }, sam, root]) {
      for (const workspaceId of ['ws-nowhere', 'ws-elsewhere']) {
        const place = { workspaceId, permission: 'workspace:view' } as const;
        const asked = [
          workspaces.getWorkspace(actor, { workspaceId }),
          workspaces.listMembers(actor, { workspaceId }),
          workspaces.listInvitations(actor, { workspaceId }),
          workspaces.listEvents(actor, { workspaceId }),
          workspaces.authorize(actor, place),
          ...('userId' in actor ? [workspaces.getMembership(actor, { workspaceId })] : []),
        ];
        for (const answer of asked) {
          const { code, details } = await refusal(answer);
          expect([code, details]).toEqual(['WORKSPACE_NOT_FOUND', { workspaceId }]);
        }
      }
    }
    for (const [answer, userId] of [
      [workspaces.listWorkspaces({ userId: 'nobody' }), 'nobody'],
      [workspaces.activeWorkspace({ userId: 'nobody' }), 'nobody'],
      [workspaces.listAccountEvents(root, { userId: 'nobody' }), 'nobody'],
      [workspaces.listAccountEvents(sam, { userId: 'ada' }), 'ada'],
    ] as const) {
      const { code, details } = await refusal(answer);
      expect([code, details]).toEqual(['ACCOUNT_NOT_FOUND', { userId }]);
    }
  });
});

describe('pages', () => {
  test('T-13 if everything after a page of workspaces is removed, the next page is empty, not an error', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { nextCursor } = await workspaces.listWorkspaces(dev, { limit: 1 });
    expect(nextCursor).not.toBeNull();
    await workspaces.leaveWorkspace(dev, { workspaceId });
    expect(await workspaces.listWorkspaces(dev, { cursor: nextCursor })).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  test('the storage is queried with the key of the last item, as numbers and ids', async () => {
    const { storage, calls } = recordingStorage(memoryStorage());
    const workspaces = serviceOn(storage);
    await openAccounts(workspaces, 'ada');
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: '1' });
    await workspaces.renameWorkspace(ada, { workspaceId, name: '2' });
    await workspaces.switchWorkspace(ada, { workspaceId });
    const last = async (page: Promise<{ readonly nextCursor: string | null }>) => (await page).nextCursor;
    calls.length = 0;
    const cursor = await last(workspaces.listEvents(ada, { workspaceId, limit: 1 }));
    await workspaces.listEvents(ada, { workspaceId, cursor });
    const own = await last(workspaces.listWorkspaces(ada, { limit: 1 }));
    await workspaces.listWorkspaces(ada, { cursor: own });
    const asked = calls.filter(({ method }) => method === 'listEvents' || method === 'listWorkspaces');
    expect(asked.map(({ args }) => args[1])).toEqual([
      { after: null, limit: 2, order: 'oldest' },
      { after: [1, 0], limit: 51, order: 'oldest' },
      { after: null, limit: 2 },
      { after: [expect.any(Number), expect.any(String)], limit: 51 },
    ]);
  });
});
