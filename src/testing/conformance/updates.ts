// S-01: every read returns a record as last updated. A storage that keeps copies of a record has to update them all.
import assert from 'node:assert/strict';
import type { Attributes } from '../../core/attributes.js';
import { MAX_JSON_DEPTH, type JsonValue } from '../../core/json.js';
import type { ClosedInvitationRecord, InvitationEnd, OpenInvitationRecord } from '../../core/invitation.js';
import type { StorageAdapter } from '../../ports/storage.js';
import {
  START,
  account,
  commit,
  departure,
  insertAccount,
  insertDeparture,
  insertInvitation,
  insertMember,
  insertWorkspace,
  invitation,
  member,
  mustCommit,
  updateAccount,
  updateDeparture,
  updateInvitation,
  updateMember,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

const FIRST = { after: null, limit: 10 } as const;
const ENDS: readonly InvitationEnd[] = ['used', 'revoked', 'declined', 'expired'];

/** As deep as the service accepts a value. */
function nested(depth: number): JsonValue {
  return depth === 0 ? 'bottom' : [nested(depth - 1)];
}

/** Every kind of JSON value, and characters that a text column or an escape could change. */
const ATTRIBUTES: Attributes = {
  members: {
    alias: 'Ada "\\" \u0000 \ud83d\udc69\u200d\ud83d\ude80 Ω',
    list: [1, 0.5, true, null, {}],
    nested: { a: { b: [] } },
  },
  operators: {
    deepest: nested(MAX_JSON_DEPTH),
    customer: 'c-1',
    score: 1e21,
    empty: '',
  },
};

export function updateCases(test: RegisterCase): void {
  test('S-01 every read returns an account as last updated', async ({ storage }) => {
    await putTeam(storage);
    // Update and restore: a storage that can set a field, but not clear it, passes only the first.
    for (const ada of [
      account('ada', {
        username: 'Ada II',
        displayName: 'The Second',
        activeWorkspaceId: 'hello',
        ownedTeams: 3,
        status: 'closing',
        invitedSince: START + 1,
        invited: 4,
        version: 2,
        openedVersion: 2,
      }),
      account('ada', { version: 3 }),
    ]) {
      await mustCommit(
        storage,
        commit([updateAccount(ada)], { expect: [{ account: 'ada', version: ada.version - 1 }] }),
      );
      assert.deepEqual((await storage.load({ accounts: ['ada'] })).accounts.get('ada'), ada);
      for (const readSet of [
        { personalWorkspaceOf: 'ada' },
        { workspaceId: 'hello', owner: true },
        { workspaceId: 'hello', invitationId: 'by-ada' },
      ] as const) {
        assert.deepEqual((await storage.load(readSet)).accounts.get('ada'), ada, JSON.stringify(readSet));
      }
      const listed = await storage.listMembers('hello', FIRST);
      assert.deepEqual(
        listed.map((item) => item.account),
        [ada, account('mia')],
      );
    }
  });

  test('S-01 every read returns a workspace as last updated', async ({ storage }) => {
    await putTeam(storage);
    for (const hello of [
      workspace('hello', {
        name: 'Transferred',
        ownerId: 'mia',
        memberCount: 7,
        openInvitations: 5,
        reservedSeats: 4,
        suspendedFor: 'unpaid',
        offer: { userId: 'ada', formerOwnerRole: 'manager', expiresAt: START + 1 },
        attributes: ATTRIBUTES,
        version: 2,
      }),
      workspace('hello', { memberCount: 2, version: 3 }),
      workspace('hello', {
        deletion: { deletedAt: START + 2, purgeAt: START + 3, isPurging: false },
        version: 4,
      }),
      workspace('hello', {
        deletion: { deletedAt: START + 2, purgeAt: START + 3, isPurging: true },
        version: 5,
      }),
      workspace('hello', { version: 6 }),
    ]) {
      const { ownerId, version } = hello;
      await mustCommit(
        storage,
        commit(
          [
            updateWorkspace(hello),
            updateMember(seat('ada', ownerId === 'ada' ? 'owner' : 'manager')),
            updateMember(seat('mia', ownerId === 'mia' ? 'owner' : 'manager')),
          ],
          { expect: [{ workspace: 'hello', version: version - 1 }] },
        ),
      );
      assert.deepEqual((await storage.findMembership('hello', 'mia'))?.workspace, hello);
      const found = await storage.load({ workspaceId: 'hello', owner: true, issuedByOwner: true });
      assert.deepEqual(found.workspace, hello);
      assert.deepEqual([...found.members.keys()], [ownerId]);
      assert.deepEqual([...found.accounts.keys()], [ownerId]);
      assert.deepEqual(
        found.openInvitations.map(({ id }) => id),
        [`by-${ownerId}`],
      );
      for (const userId of ['ada', 'mia']) {
        const [own] = await storage.listWorkspaces(userId, { ...FIRST, withDeleted: true });
        assert.deepEqual(own?.workspace, hello);
      }
    }
  });

  test('S-01 every read returns a member as last updated', async ({ storage }) => {
    await putTeam(storage);
    for (const [index, role] of ['manager', 'developer'].entries()) {
      const mia = {
        ...seat('mia', role),
        managedBy: index === 0 ? 'entra' : null,
        attributes: index === 0 ? ATTRIBUTES : null,
      };
      await mustCommit(
        storage,
        commit([updateWorkspace(workspace('hello', { version: index + 2 })), updateMember(mia)], {
          expect: [{ workspace: 'hello', version: index + 1 }],
        }),
      );
      assert.deepEqual((await storage.findMembership('hello', 'mia'))?.member, mia);
      for (const readSet of [{ members: ['mia'] }, { invitationId: 'by-mia' }]) {
        const { members } = await storage.load({ workspaceId: 'hello', ...readSet });
        assert.deepEqual(members.get('mia'), mia, JSON.stringify(readSet));
      }
      const listed = await storage.listMembers('hello', FIRST);
      assert.deepEqual(
        listed.map((item) => item.member),
        [seat('ada', 'owner'), mia],
      );
      const [own] = await storage.listWorkspaces('mia', FIRST);
      assert.deepEqual(own?.member, mia);
    }
  });

  test('S-01 every read returns a departure as last updated, and none of a deleted workspace', async ({
    storage,
  }) => {
    await putTeam(storage);
    const of = async (workspaceId: string) =>
      (await storage.load({ workspaceId, departuresOf: ['eve'] })).departures;
    for (const record of [
      departure('hello', 'eve', { role: 'developer', version: 2 }),
      departure('hello', 'eve', { role: 'manager', version: 3 }),
    ]) {
      const change = record.version === 2 ? insertDeparture(record) : updateDeparture(record);
      await mustCommit(storage, commit([change]));
      assert.deepEqual([...(await of('hello'))], [['eve', record]]);
      assert.equal((await of('personal-ada')).size, 0);
    }
    await mustCommit(storage, commit([{ kind: 'workspace.delete', workspaceId: 'hello' }]));
    assert.equal((await of('hello')).size, 0);
  });

  test('S-01 every read returns a member by the address of the last update, and not after the deletion', async ({
    storage,
  }) => {
    await putTeam(storage);
    const found = async (emailKey: string) =>
      [...(await storage.load({ workspaceId: 'hello', emailKey })).members.keys()].sort();
    const [first, second] = ['email:first@b.c', 'email:second@b.c'];
    await mustCommit(storage, commit([updateMember({ ...seat('mia', 'developer'), emailKey: first })]));
    assert.deepEqual(await found(first), ['mia']);
    await mustCommit(storage, commit([updateMember({ ...seat('mia', 'developer'), emailKey: second })]));
    assert.deepEqual([await found(first), await found(second)], [[], ['mia']]);
    await mustCommit(storage, commit([{ kind: 'member.delete', workspaceId: 'hello', userId: 'mia' }]));
    assert.deepEqual(await found(second), []);
  });

  test('S-01 a deleted member is returned by no read, and can join again', async ({ storage }) => {
    await putTeam(storage);
    await mustCommit(
      storage,
      commit([
        updateWorkspace(workspace('hello', { version: 2 })),
        { kind: 'member.delete', workspaceId: 'hello', userId: 'mia' },
      ]),
    );
    assert.equal(await storage.findMembership('hello', 'mia'), null);
    assert.equal((await storage.load({ workspaceId: 'hello', members: ['mia'] })).members.size, 0);
    const left = await storage.listMembers('hello', FIRST);
    assert.deepEqual(
      left.map((item) => item.member),
      [seat('ada', 'owner')],
    );
    assert.deepEqual(await storage.listWorkspaces('mia', FIRST), []);

    const back = member('hello', 'mia', { role: 'manager', invitationId: 'other', joinedAt: START + 1 });
    await mustCommit(
      storage,
      commit([updateWorkspace(workspace('hello', { version: 3 })), insertMember(back)]),
    );
    assert.deepEqual((await storage.findMembership('hello', 'mia'))?.member, back);
    assert.deepEqual(
      (await storage.listWorkspaces('mia', FIRST)).map((item) => item.member),
      [back],
    );
  });

  test('S-01 every read returns an open invitation as last updated', async ({ storage }) => {
    await putTeam(storage);
    const reissued: OpenInvitationRecord = {
      ...byMia,
      issuedBy: { userId: 'ada' },
      secretHash: 'f'.repeat(64),
      issuedAt: START + 5000,
      issuedVersion: 7,
      expiresAt: START + 90_000,
    };
    const used: OpenInvitationRecord = { ...reissued, uses: 2 };
    const operated: OpenInvitationRecord = {
      ...used,
      issuedBy: { operator: 'mia' },
      issuedAt: START + 6000,
      // Earlier than before: an index of expiries has to move in both directions.
      expiresAt: START + 30_000,
    };
    for (const record of [reissued, used, operated, byMia]) {
      await mustCommit(storage, commit([updateInvitation(record)]));
      const here = { workspaceId: 'hello' };
      assert.deepEqual((await storage.load({ ...here, invitationId: 'by-mia' })).invitation, record);
      for (const page of [FIRST, { ...FIRST, openAt: record.expiresAt - 1 }]) {
        const listed = await storage.listInvitations('hello', page);
        assert.deepEqual(
          listed.find(({ id }) => id === 'by-mia'),
          record,
        );
      }
      for (const userId of ['ada', 'mia']) {
        const { openInvitations } = await storage.load({ ...here, issuedBy: [userId] });
        const isIssuer = 'userId' in record.issuedBy && record.issuedBy.userId === userId;
        assert.deepEqual(
          openInvitations.filter(({ id }) => id === 'by-mia'),
          isIssuer ? [record] : [],
        );
      }
      for (const [expiredAt, expected] of [
        [record.expiresAt, [record]],
        [record.expiresAt - 1, []],
      ] as const) {
        const { openInvitations } = await storage.load({ ...here, expiredAt });
        assert.deepEqual(
          openInvitations.filter(({ id }) => id === 'by-mia'),
          expected,
        );
      }
    }
  });

  for (const state of ENDS) {
    test(`S-01 every read returns an invitation closed as ${state}, and none returns it as open`, async ({
      storage,
    }) => {
      await putTeam(storage);
      const closed: ClosedInvitationRecord = { ...byMia, uses: 3, state, closedAt: START + 321 };
      await mustCommit(storage, commit([updateInvitation(closed)]));
      const found = await storage.load({
        workspaceId: 'hello',
        invitationId: 'by-mia',
        issuedBy: ['mia'],
        recipients: [EVE],
        expiredAt: closed.expiresAt,
      });
      assert.deepEqual(found.invitation, closed);
      assert.ok(!found.openInvitations.some(({ id }) => id === 'by-mia'));
      const listed = await storage.listInvitations('hello', FIRST);
      assert.deepEqual(
        listed.find(({ id }) => id === 'by-mia'),
        closed,
      );
      const open = await storage.listInvitations('hello', { ...FIRST, openAt: START });
      assert.ok(!open.some(({ id }) => id === 'by-mia'));
    });
  }
}

const EVE = { userId: 'eve' } as const;
const byMia = invitation('hello', 'by-mia', {
  recipient: EVE,
  maxUses: 3,
  issuedBy: { userId: 'mia' },
});

/** Mia joined by an invitation, so that the field that an update must keep is not null. */
function seat(userId: 'ada' | 'mia', role: string) {
  return member('hello', userId, { role, invitationId: userId === 'mia' ? 'hers' : null });
}

/** Ada's personal workspace and her workspace `hello`, with Mia as a member and one invitation by each of them. */
async function putTeam(storage: StorageAdapter): Promise<void> {
  await mustCommit(
    storage,
    commit([
      insertAccount(account('ada')),
      insertAccount(account('mia')),
      insertWorkspace(workspace('personal-ada', { kind: 'personal' })),
      insertWorkspace(workspace('hello')),
      insertMember(seat('ada', 'owner')),
      insertMember(seat('mia', 'developer')),
      insertInvitation(invitation('hello', 'by-ada')),
      insertInvitation(byMia),
    ]),
  );
}
