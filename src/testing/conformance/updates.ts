// S-01: what an update writes is what every way to read it answers. A storage that copies records has to write them all.
import assert from 'node:assert/strict';
import type { ClosedInvitationRecord, InvitationEnd, OpenInvitationRecord } from '../../domain/invitation.js';
import type { StorageAdapter } from '../../ports/storage.js';
import {
  START,
  account,
  commit,
  insertAccount,
  insertInvitation,
  insertMember,
  insertWorkspace,
  invitation,
  member,
  mustCommit,
  updateAccount,
  updateInvitation,
  updateMember,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

const FIRST = { after: null, limit: 10 } as const;
const ENDS: readonly InvitationEnd[] = ['used', 'revoked', 'declined', 'expired'];

export function updateCases(test: RegisterCase): void {
  test('S-01 an account is read as its last update wrote it', async ({ storage }) => {
    await putTeam(storage);
    // There and back: a field that is only ever set would do for the first.
    for (const olga of [
      account('olga', {
        username: 'Olga II',
        displayName: 'The Second',
        activeWorkspaceId: 'hello',
        ownedTeams: 3,
        version: 2,
      }),
      account('olga', { version: 3 }),
    ]) {
      await mustCommit(
        storage,
        commit([updateAccount(olga)], { expect: [{ account: 'olga', version: olga.version - 1 }] }),
      );
      assert.deepEqual((await storage.load({ accounts: ['olga'] })).accounts.get('olga'), olga);
      for (const slice of [
        { personalWorkspaceOf: 'olga' },
        { workspaceId: 'hello', owner: true },
        { workspaceId: 'hello', invitationId: 'by-olga' },
      ] as const) {
        assert.deepEqual((await storage.load(slice)).accounts.get('olga'), olga, JSON.stringify(slice));
      }
      const listed = await storage.listMembers('hello', FIRST);
      assert.deepEqual(
        listed.map((item) => item.account),
        [account('mark'), olga],
      );
    }
  });

  test('S-01 a workspace is read as its last update wrote it', async ({ storage }) => {
    await putTeam(storage);
    for (const hello of [
      workspace('hello', {
        name: 'Handed over',
        ownerId: 'mark',
        memberCount: 7,
        openInvitations: 5,
        reservedSeats: 4,
        version: 2,
      }),
      workspace('hello', { memberCount: 2, version: 3 }),
    ]) {
      const { ownerId, version } = hello;
      await mustCommit(
        storage,
        commit(
          [
            updateWorkspace(hello),
            updateMember(seat('olga', ownerId === 'olga' ? 'owner' : 'manager')),
            updateMember(seat('mark', ownerId === 'mark' ? 'owner' : 'manager')),
          ],
          { expect: [{ workspace: 'hello', version: version - 1 }] },
        ),
      );
      const found = await storage.load({ workspaceId: 'hello', owner: true, issuedByOwner: true });
      assert.deepEqual(found.workspace, hello);
      assert.deepEqual([...found.members.keys()], [ownerId]);
      assert.deepEqual([...found.accounts.keys()], [ownerId]);
      assert.deepEqual(
        found.openInvitations.map(({ id }) => id),
        [`by-${ownerId}`],
      );
      for (const userId of ['olga', 'mark']) {
        const [own] = await storage.listWorkspaces(userId, FIRST);
        assert.deepEqual(own?.workspace, hello);
      }
    }
  });

  test('S-01 a member is read as the last update wrote it', async ({ storage }) => {
    await putTeam(storage);
    for (const [place, role] of ['manager', 'developer'].entries()) {
      const mark = seat('mark', role);
      await mustCommit(
        storage,
        commit([updateWorkspace(workspace('hello', { version: place + 2 })), updateMember(mark)], {
          expect: [{ workspace: 'hello', version: place + 1 }],
        }),
      );
      assert.deepEqual(await storage.findMember('hello', 'mark'), mark);
      for (const slice of [{ members: ['mark'] }, { invitationId: 'by-mark' }]) {
        const { members } = await storage.load({ workspaceId: 'hello', ...slice });
        assert.deepEqual(members.get('mark'), mark, JSON.stringify(slice));
      }
      const listed = await storage.listMembers('hello', FIRST);
      assert.deepEqual(
        listed.map((item) => item.member),
        [mark, seat('olga', 'owner')],
      );
      const [own] = await storage.listWorkspaces('mark', FIRST);
      assert.deepEqual(own?.member, mark);
    }
  });

  test('S-01 a member who is deleted is nowhere, and can come back as another', async ({ storage }) => {
    await putTeam(storage);
    await mustCommit(
      storage,
      commit([
        updateWorkspace(workspace('hello', { version: 2 })),
        { kind: 'member.delete', workspaceId: 'hello', userId: 'mark' },
      ]),
    );
    assert.equal(await storage.findMember('hello', 'mark'), null);
    assert.equal((await storage.load({ workspaceId: 'hello', members: ['mark'] })).members.size, 0);
    const left = await storage.listMembers('hello', FIRST);
    assert.deepEqual(
      left.map((item) => item.member),
      [seat('olga', 'owner')],
    );
    assert.deepEqual(await storage.listWorkspaces('mark', FIRST), []);

    const back = member('hello', 'mark', { role: 'manager', invitationId: 'other', joinedAt: START + 1 });
    await mustCommit(
      storage,
      commit([updateWorkspace(workspace('hello', { version: 3 })), insertMember(back)]),
    );
    assert.deepEqual(await storage.findMember('hello', 'mark'), back);
    assert.deepEqual(
      (await storage.listWorkspaces('mark', FIRST)).map((item) => item.member),
      [back],
    );
  });

  test('S-01 an open invitation is read as its last update wrote it', async ({ storage }) => {
    await putTeam(storage);
    const reissued: OpenInvitationRecord = {
      ...byMark,
      issuedBy: { userId: 'olga' },
      secretHash: 'f'.repeat(64),
      issuedAt: START + 5000,
      expiresAt: START + 90_000,
    };
    const used: OpenInvitationRecord = { ...reissued, uses: 2 };
    const operated: OpenInvitationRecord = {
      ...used,
      issuedBy: { operator: 'mark' },
      issuedAt: START + 6000,
      // Sooner than before: an index of expiries has to follow in either direction.
      expiresAt: START + 30_000,
    };
    for (const record of [reissued, used, operated, byMark]) {
      await mustCommit(storage, commit([updateInvitation(record)]));
      const here = { workspaceId: 'hello' };
      assert.deepEqual((await storage.load({ ...here, invitationId: 'by-mark' })).invitation, record);
      for (const page of [FIRST, { ...FIRST, openAt: record.expiresAt - 1 }]) {
        const listed = await storage.listInvitations('hello', page);
        assert.deepEqual(
          listed.find(({ id }) => id === 'by-mark'),
          record,
        );
      }
      for (const userId of ['olga', 'mark']) {
        const { openInvitations } = await storage.load({ ...here, issuedBy: userId });
        const isIssuer = 'userId' in record.issuedBy && record.issuedBy.userId === userId;
        assert.deepEqual(
          openInvitations.filter(({ id }) => id === 'by-mark'),
          isIssuer ? [record] : [],
        );
      }
      for (const [expiredAt, expected] of [
        [record.expiresAt, [record]],
        [record.expiresAt - 1, []],
      ] as const) {
        const { openInvitations } = await storage.load({ ...here, expiredAt });
        assert.deepEqual(
          openInvitations.filter(({ id }) => id === 'by-mark'),
          expected,
        );
      }
    }
  });

  for (const state of ENDS) {
    test(`S-01 an invitation that is ${state} is read so, and is open nowhere`, async ({ storage }) => {
      await putTeam(storage);
      const closed: ClosedInvitationRecord = { ...byMark, uses: 3, state, closedAt: START + 321 };
      await mustCommit(storage, commit([updateInvitation(closed)]));
      const found = await storage.load({
        workspaceId: 'hello',
        invitationId: 'by-mark',
        issuedBy: 'mark',
        recipient: YURI,
        expiredAt: closed.expiresAt,
      });
      assert.deepEqual(found.invitation, closed);
      assert.ok(!found.openInvitations.some(({ id }) => id === 'by-mark'));
      const listed = await storage.listInvitations('hello', FIRST);
      assert.deepEqual(
        listed.find(({ id }) => id === 'by-mark'),
        closed,
      );
      const open = await storage.listInvitations('hello', { ...FIRST, openAt: START });
      assert.ok(!open.some(({ id }) => id === 'by-mark'));
    });
  }
}

const YURI = { userId: 'yuri' } as const;
const byMark = invitation('hello', 'by-mark', {
  recipient: YURI,
  maxUses: 3,
  issuedBy: { userId: 'mark' },
});

/** Mark came by an invitation, so that what an update must leave alone is not null. */
function seat(userId: 'olga' | 'mark', role: string) {
  return member('hello', userId, { role, invitationId: userId === 'mark' ? 'his' : null });
}

/** Olga's personal workspace, and `hello`, which is hers, with Mark in it and an invitation of each. */
async function putTeam(storage: StorageAdapter): Promise<void> {
  await mustCommit(
    storage,
    commit([
      insertAccount(account('olga')),
      insertAccount(account('mark')),
      insertWorkspace(workspace('personal-olga', { kind: 'personal' })),
      insertWorkspace(workspace('hello')),
      insertMember(seat('olga', 'owner')),
      insertMember(seat('mark', 'developer')),
      insertInvitation(invitation('hello', 'by-olga')),
      insertInvitation(byMark),
    ]),
  );
}
