// T-02: no read returns records of another workspace, and no change affects them.
import assert from 'node:assert/strict';
import type { Change } from '../../core/changes.js';
import type { WorkspaceId } from '../../core/ids.js';
import type { ReadSet } from '../../core/read-set.js';
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
  renamed,
  updateDeparture,
  updateInvitation,
  updateMember,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

const USERS = ['ada', 'mia', 'dev'] as const;

/** One is written, and sorts, before `hello`, the other after it, so a search without the workspace id finds one first. */
const NEIGHBOURS = ['hell', 'hello-1'] as const;

const EVE = { userId: 'eve' } as const;

export function tenancyCases(test: RegisterCase): void {
  test('T-02 no read returns a record of another workspace', async ({ storage }) => {
    await putNeighbourhood(storage);
    await mustCommit(storage, commit([insertWorkspace(workspace('other'))]));
    const { members, invitation: found, openInvitations } = await storage.load(fullReadSet('other'));
    assert.deepEqual([...members.keys()], []);
    assert.equal(found, null);
    assert.deepEqual(openInvitations, []);
    for (const userId of USERS) assert.equal(await storage.findMembership('other', userId), null);
    const page = { after: null, limit: 10 };
    assert.deepEqual(await storage.listMembers('other', page), []);
    assert.deepEqual(await storage.listInvitations('other', page), []);
    for (const order of ['oldest', 'newest'] as const)
      assert.deepEqual(await storage.listEvents('other', { ...page, order }), []);
  });

  for (const [title, write] of Object.entries(writes)) {
    test(`T-02 a change affects no other workspace: ${title}`, async ({ storage }) => {
      await putNeighbourhood(storage);
      const before = await Promise.all(NEIGHBOURS.map((id) => allOf(storage, id)));
      await mustCommit(
        storage,
        commit([write], { expect: [{ workspace: 'hello', version: 1 }], events: [renamed('hello', 2)] }),
      );
      assert.deepEqual(await Promise.all(NEIGHBOURS.map((id) => allOf(storage, id))), before);
    });
  }
}

/** Changes in `hello` of records that have the same ids in its neighbours. */
const writes: Readonly<Record<string, Change>> = {
  'member.insert': insertMember(member('hello', 'dev', { role: 'manager', joinedAt: START + 1 })),
  'member.update': updateMember(member('hello', 'mia', { role: 'manager' })),
  'member.delete': { kind: 'member.delete', workspaceId: 'hello', userId: 'mia' },
  'departure.insert': insertDeparture(departure('hello', 'dev')),
  'departure.update': updateDeparture(departure('hello', 'eve', { role: 'manager', version: 9 })),
  'invitation.insert': insertInvitation(
    invitation('hello', 'i2', { role: 'manager', recipient: EVE, createdAt: START + 1 }),
  ),
  'invitation.update of one that stays open': updateInvitation(
    invitation('hello', 'i1', { secretHash: 'f'.repeat(64), issuedBy: { operator: 'support' } }),
  ),
  'invitation.update of one that ends': updateInvitation({
    ...invitation('hello', 'i1'),
    state: 'revoked',
    closedAt: START + 1,
  }),
  'workspace.update': updateWorkspace(workspace('hello', { name: 'changed', memberCount: 9, version: 2 })),
  'workspace.delete': { kind: 'workspace.delete', workspaceId: 'hello' },
};

/**
 * Writes `hello` and its neighbours. Ada owns all three and Mia is in them; Dev and Eve's invitation are only in the
 * neighbours.
 */
async function putNeighbourhood(storage: StorageAdapter): Promise<void> {
  const [first, last] = NEIGHBOURS;
  await mustCommit(storage, commit(USERS.map((userId) => insertAccount(account(userId)))));
  for (const id of [first, 'hello', last]) {
    await mustCommit(
      storage,
      commit(
        [
          insertWorkspace(workspace(id)),
          insertMember(member(id, 'ada', { role: 'owner' })),
          insertMember(member(id, 'mia', { emailKey: 'email:mia@b.c' })),
          insertDeparture(departure(id, 'eve', { version: 5 })),
          insertInvitation(invitation(id, 'i1')),
          ...(id === 'hello'
            ? []
            : [
                insertMember(member(id, 'dev', { emailKey: 'email:mia@b.c' })),
                insertInvitation(invitation(id, 'i2', { recipient: EVE, issuedBy: { userId: 'mia' } })),
              ]),
        ],
        { events: [renamed(id, 1)] },
      ),
    );
  }
}

/** A read set with every field. */
function fullReadSet(workspaceId: WorkspaceId) {
  return {
    workspaceId,
    accounts: USERS,
    members: USERS,
    owner: true,
    invitationId: 'i1',
    issuedBy: ['mia', 'ada'],
    issuedByOwner: true,
    recipients: [EVE],
    openLinks: true,
    expiredAt: START + 10 ** 9,
    emailKey: 'email:mia@b.c',
    departuresOf: ['eve', 'mia'],
  } as const satisfies ReadSet;
}

/** Everything that any read returns from a workspace. */
async function allOf(storage: StorageAdapter, workspaceId: WorkspaceId) {
  const page = { after: null, limit: 10 };
  const { openInvitations, ...found } = await storage.load(fullReadSet(workspaceId));
  return {
    found,
    openInvitations: [...openInvitations].sort((a, b) => (a.id < b.id ? -1 : 1)),
    single: await Promise.all(USERS.map((userId) => storage.findMembership(workspaceId, userId))),
    members: await storage.listMembers(workspaceId, page),
    managed: await storage.listMembers(workspaceId, { ...page, managedBy: 'directory' }),
    invitations: await storage.listInvitations(workspaceId, page),
    open: await storage.listInvitations(workspaceId, { ...page, openAt: START }),
    oldest: await storage.listEvents(workspaceId, { ...page, order: 'oldest' }),
    newest: await storage.listEvents(workspaceId, { ...page, order: 'newest' }),
    listed: (await Promise.all(USERS.map((userId) => storage.listWorkspaces(userId, page))))
      .flat()
      .filter(({ workspace: { id } }) => id === workspaceId),
  };
}
