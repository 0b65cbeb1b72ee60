// T-02: what lies in another workspace is not there to a read, and is not touched by a write.
import assert from 'node:assert/strict';
import type { Change } from '../../domain/changes.js';
import type { WorkspaceId } from '../../domain/ids.js';
import type { Slice } from '../../domain/snapshot.js';
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
  renamed,
  updateInvitation,
  updateMember,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

const USERS = ['olga', 'mark', 'dana'] as const;

/** One of them written before `hello` and one after it, and so sorted: whichever a careless search comes upon first. */
const NEIGHBOURS = ['hell', 'hello-1'] as const;

const YURI = { userId: 'yuri' } as const;

export function tenancyCases(test: RegisterCase): void {
  test('T-02 an id of another workspace is not there', async ({ storage }) => {
    await putNeighbourhood(storage);
    await mustCommit(storage, commit([insertWorkspace(workspace('other'))]));
    const { members, invitation: found, openInvitations } = await storage.load(sliceOf('other'));
    assert.deepEqual([...members.keys()], []);
    assert.equal(found, null);
    assert.deepEqual(openInvitations, []);
    for (const userId of USERS) assert.equal(await storage.findMember('other', userId), null);
    const page = { after: null, limit: 10 };
    assert.deepEqual(await storage.listMembers('other', page), []);
    assert.deepEqual(await storage.listInvitations('other', page), []);
    for (const order of ['oldest', 'newest'] as const)
      assert.deepEqual(await storage.listEvents('other', { ...page, order }), []);
  });

  for (const [title, write] of Object.entries(writes)) {
    test(`T-02 a write leaves the workspaces beside its own alone: ${title}`, async ({ storage }) => {
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

/** Each in `hello`, of what the neighbours have under the same ids. */
const writes: Readonly<Record<string, Change>> = {
  'member.insert': insertMember(member('hello', 'dana', { role: 'manager', joinedAt: START + 1 })),
  'member.update': updateMember(member('hello', 'mark', { role: 'manager' })),
  'member.delete': { kind: 'member.delete', workspaceId: 'hello', userId: 'mark' },
  'invitation.insert': insertInvitation(
    invitation('hello', 'i2', { role: 'manager', recipient: YURI, createdAt: START + 1 }),
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

/** All three are Olga's, with Mark in them; Dana and Yuri's invitation are beside `hello` only. */
async function putNeighbourhood(storage: StorageAdapter): Promise<void> {
  const [first, last] = NEIGHBOURS;
  await mustCommit(storage, commit(USERS.map((userId) => insertAccount(account(userId)))));
  for (const id of [first, 'hello', last]) {
    await mustCommit(
      storage,
      commit(
        [
          insertWorkspace(workspace(id)),
          insertMember(member(id, 'olga', { role: 'owner' })),
          insertMember(member(id, 'mark')),
          insertInvitation(invitation(id, 'i1')),
          ...(id === 'hello'
            ? []
            : [
                insertMember(member(id, 'dana')),
                insertInvitation(invitation(id, 'i2', { recipient: YURI, issuedBy: { userId: 'mark' } })),
              ]),
        ],
        { events: [renamed(id, 1)] },
      ),
    );
  }
}

/** Whatever a slice can ask for. */
function sliceOf(workspaceId: WorkspaceId) {
  return {
    workspaceId,
    accounts: USERS,
    members: USERS,
    owner: true,
    invitationId: 'i1',
    issuedBy: 'mark',
    issuedByOwner: true,
    recipient: YURI,
    expiredAt: START + 10 ** 9,
  } as const satisfies Slice;
}

/** Everything that any read answers of a workspace. */
async function allOf(storage: StorageAdapter, workspaceId: WorkspaceId) {
  const page = { after: null, limit: 10 };
  const { openInvitations, ...found } = await storage.load(sliceOf(workspaceId));
  return {
    found,
    openInvitations: [...openInvitations].sort((one, other) => (one.id < other.id ? -1 : 1)),
    single: await Promise.all(USERS.map((userId) => storage.findMember(workspaceId, userId))),
    members: await storage.listMembers(workspaceId, page),
    invitations: await storage.listInvitations(workspaceId, page),
    open: await storage.listInvitations(workspaceId, { ...page, openAt: START }),
    oldest: await storage.listEvents(workspaceId, { ...page, order: 'oldest' }),
    newest: await storage.listEvents(workspaceId, { ...page, order: 'newest' }),
    listed: (await Promise.all(USERS.map((userId) => storage.listWorkspaces(userId, page))))
      .flat()
      .filter(({ workspace: { id } }) => id === workspaceId),
  };
}
