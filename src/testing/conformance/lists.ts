// T-13: pages of lists return each item once, in key order, with the records that belong to it.
import assert from 'node:assert/strict';
import {
  keyAcrossWorkspaces,
  type InvitationRecord,
  type OpenInvitationRecord,
  type Recipient,
} from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import type { PageKey, ReceivedInvitation } from '../../ports/storage.js';
import { everyItem } from '../worlds.js';
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
  putHello,
  renamed,
  updateInvitation,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

const OPEN_AT = START + 1000;

export function listCases(test: RegisterCase): void {
  test('T-13 pages of any size return each item once, in key order', async ({ storage }) => {
    await putHello(storage);
    // Many equal times, so that the id decides the order.
    const joined = Array.from({ length: 45 }, (_, n) =>
      member('hello', `u${String(n)}`, { joinedAt: START + (n % 3), role: `role${String(n)}` }),
    );
    const invited = Array.from({ length: 45 }, (_, n) => invitationOf(n));
    const events = Array.from({ length: 45 }, (_, n) => renamed('hello', 2 + Math.floor(n / 3), n % 3));
    await mustCommit(
      storage,
      commit(
        [
          ...joined.map(({ userId }) => insertAccount(account(userId))),
          ...joined.map(insertMember),
          ...invited.map(insertInvitation),
        ],
        { events },
      ),
    );
    const members = [member('hello', 'ada', { role: 'owner' }), ...joined]
      .map((one) => ({ member: one, account: account(one.userId) }))
      .sort(by(rosterKey));
    const invitations = [...invited].sort(by(invitationKey));
    const open = invitations.filter(({ state, expiresAt }) => state === 'open' && expiresAt > OPEN_AT);
    // The others are closed, expired, or both: a storage that returns any of them as open is found.
    assert.equal(open.length, 8);
    for (const limit of [1, 7, 45, 200]) {
      assert.deepEqual(
        await pages((after) => storage.listMembers('hello', { after, limit }), rosterKey, limit),
        members,
      );
      assert.deepEqual(
        await pages((after) => storage.listInvitations('hello', { after, limit }), invitationKey, limit),
        invitations,
      );
      assert.deepEqual(
        await pages(
          (after) => storage.listInvitations('hello', { after, limit, openAt: OPEN_AT }),
          invitationKey,
          limit,
        ),
        open,
      );
      assert.deepEqual(
        await pages(
          (after) => storage.listEvents('hello', { after, limit, order: 'oldest' }),
          ({ version, index }) => [version, index],
          limit,
        ),
        [renamed('hello', 1), ...events],
      );
    }
  });

  test("T-13 a user's workspaces are listed once each, with the user's membership", async ({ storage }) => {
    await putHello(storage);
    const rooms = Array.from({ length: 20 }, (_, n) => workspace(`w${String(n)}`, { memberCount: n }));
    const seats = rooms.map(({ id }, n) =>
      member(id, 'mia', { joinedAt: START + (n % 3), role: `role${String(n)}` }),
    );
    await mustCommit(
      storage,
      commit([insertAccount(account('mia')), ...rooms.map(insertWorkspace), ...seats.map(insertMember)]),
    );
    const expected = rooms
      .flatMap((room, n) => {
        const seat = seats[n];
        return seat === undefined ? [] : { workspace: room, member: seat };
      })
      .sort(by(seatKey));
    for (const limit of [1, 6, 20, 200]) {
      assert.deepEqual(
        await pages((after) => storage.listWorkspaces('mia', { after, limit }), seatKey, limit),
        expected,
      );
    }
    // Until they are restored, deleted ones are listed only if they are asked for.
    const deleted = rooms.map((room, n): WorkspaceRecord => {
      if (n % 3 === 2) return room;
      return { ...room, deletion: { ...DELETION, isPurging: n % 3 === 1 }, version: 2 };
    });
    await mustCommit(storage, commit(deleted.filter(({ version }) => version === 2).map(updateWorkspace)));
    const now = expected.map(({ workspace: { id }, member: seat }) => ({
      workspace: deleted.find((room) => room.id === id) ?? workspace(id),
      member: seat,
    }));
    for (const limit of [1, 6, 200]) {
      const read = (which: { readonly withDeleted?: true }) =>
        pages((after) => storage.listWorkspaces('mia', { after, limit, ...which }), seatKey, limit);
      assert.deepEqual(
        await read({}),
        now.filter((own) => own.workspace.deletion === null),
      );
      assert.deepEqual(await read({ withDeleted: true }), now);
    }
    await mustCommit(storage, commit(rooms.map((room) => updateWorkspace({ ...room, version: 3 }))));
    assert.equal((await storage.listWorkspaces('mia', { after: null, limit: 200 })).length, rooms.length);
  });

  test('T-13 the members with a role, also after a change of the role', async ({ storage }) => {
    await putHello(storage);
    const roles = ['manager', 'developer', 'Manager', 'manage'];
    const joined = Array.from({ length: 40 }, (_, n) =>
      member('hello', `u${String(n)}`, { joinedAt: START + (n % 3), role: roles[n % 4] ?? '' }),
    );
    const elsewhere = member('other', 'ada', { role: 'manager' });
    await mustCommit(
      storage,
      commit([
        insertWorkspace(workspace('other')),
        ...joined.map(({ userId }) => insertAccount(account(userId))),
        ...[...joined, elsewhere].map(insertMember),
      ]),
    );
    const read = (role: string, limit: number) =>
      pages((after) => storage.listMembers('hello', { after, limit, role }), rosterKey, limit);
    const withRole = (records: readonly MemberRecord[], role: string) =>
      records
        .filter((one) => one.role === role)
        .map((one) => ({ member: one, account: account(one.userId) }))
        .sort(by(rosterKey));
    for (const role of [...roles, 'nobody has it']) {
      for (const limit of [1, 3, 200]) assert.deepEqual(await read(role, limit), withRole(joined, role));
    }
    const [promoted, gone] = [joined[1], joined[0]];
    assert.ok(promoted && gone);
    const after = [{ ...promoted, role: 'manager' }, ...joined.slice(2)];
    await mustCommit(
      storage,
      commit([
        { kind: 'member.update', member: { ...promoted, role: 'manager' } },
        { kind: 'member.delete', workspaceId: 'hello', userId: gone.userId },
      ]),
    );
    for (const role of ['manager', 'developer']) assert.deepEqual(await read(role, 3), withRole(after, role));
  });

  test('T-13 the members of a directory, also after one of them has left or is managed otherwise', async ({
    storage,
  }) => {
    await putHello(storage);
    const directories = ['entra', null, 'Entra', 'okta'];
    const joined = Array.from({ length: 40 }, (_, n) =>
      member('hello', `u${String(n)}`, { joinedAt: START + (n % 3), managedBy: directories[n % 4] ?? null }),
    );
    const elsewhere = member('other', 'ada', { managedBy: 'entra' });
    await mustCommit(
      storage,
      commit([
        insertWorkspace(workspace('other')),
        ...joined.map(({ userId }) => insertAccount(account(userId))),
        ...[...joined, elsewhere].map(insertMember),
      ]),
    );
    const read = (managedBy: string, limit: number) =>
      pages((after) => storage.listMembers('hello', { after, limit, managedBy }), rosterKey, limit);
    const managed = (records: readonly MemberRecord[], managedBy: string) =>
      records
        .filter((one) => one.managedBy === managedBy)
        .map((one) => ({ member: one, account: account(one.userId) }))
        .sort(by(rosterKey));
    for (const managedBy of ['entra', 'Entra', 'okta', 'none', '']) {
      for (const limit of [1, 3, 200])
        assert.deepEqual(await read(managedBy, limit), managed(joined, managedBy));
    }
    const [gone, taken] = joined;
    assert.ok(gone && taken);
    const after = [{ ...taken, managedBy: 'okta' }, ...joined.slice(2)];
    await mustCommit(
      storage,
      commit([
        { kind: 'member.update', member: { ...taken, managedBy: 'okta' } },
        { kind: 'member.delete', workspaceId: 'hello', userId: gone.userId },
      ]),
    );
    for (const managedBy of ['entra', 'okta'])
      assert.deepEqual(await read(managedBy, 3), managed(after, managedBy));
  });

  test('T-13 received invitations: those for a user id and an address, in all workspaces', async ({
    storage,
  }) => {
    await putHello(storage);
    const records: InvitationRecord[] = [];
    // A search that joins ids by a later character, or sorts by the workspace alone, gets these out of order.
    const rooms = ['a', 'a-1', 'b', 'b-c', 'hello'];
    for (const [n, room] of rooms.entries()) {
      const bound = (id: string, fields: Partial<OpenInvitationRecord>): OpenInvitationRecord =>
        invitation(room, id, { createdAt: START + ((n * 7) % 3), ...fields });
      records.push(
        bound('same', { recipient: EVE, issuedBy: { userId: n === 0 ? 'mia' : 'ada' } }),
        bound('by-mail', {
          recipient: { email: n === 1 ? 'Eve@B.c' : 'eve@b.c' },
          issuedBy: { operator: 'support' },
          expiresAt: n % 2 === 0 ? OPEN_AT : START + 60_000,
        }),
        bound('other', { recipient: { userId: 'eva' }, createdAt: START }),
        bound('other-mail', { recipient: { email: 'eve@b.d' } }),
        bound('named-link', { recipient: null }),
        { ...bound('ended', { recipient: EVE }), state: 'revoked', closedAt: START },
        { ...bound('ended-mail', { recipient: EVE_MAIL }), state: 'declined', closedAt: START },
      );
    }
    await mustCommit(
      storage,
      commit([
        insertAccount(account('mia', { displayName: 'Mia' })),
        ...rooms
          .filter((id) => id !== 'hello')
          .map((id) => insertWorkspace(workspace(id, { name: `N ${id}` }))),
        ...records.map(insertInvitation),
      ]),
    );
    const received = records
      .flatMap((record): ReceivedInvitation[] => {
        if (record.state !== 'open' || !['same', 'by-mail'].includes(record.id)) return [];
        const { workspaceId, issuedBy } = record;
        const own = workspaceId === 'hello' ? {} : { name: `N ${workspaceId}` };
        const issuers = { ada: account('ada'), mia: account('mia', { displayName: 'Mia' }) };
        const issuer = 'operator' in issuedBy ? null : issuedBy.userId === 'mia' ? issuers.mia : issuers.ada;
        return [{ invitation: record, workspace: workspace(workspaceId, own), issuer }];
      })
      .sort(by(receivedKey));
    assert.equal(received.length, 10);
    const [byId, byMail] = ['same', 'by-mail'].map((id) =>
      received.filter((one) => one.invitation.id === id),
    );
    const open = received.filter((one) => one.invitation.expiresAt > OPEN_AT);
    for (const limit of [1, 3, 10, 200]) {
      const read = (recipients: readonly Recipient[], filter: { readonly openAt?: number } = {}) =>
        pages(
          (after) => storage.listInvitationsFor(recipients, { after, limit, ...filter }),
          receivedKey,
          limit,
        );
      assert.deepEqual(await read([EVE, EVE_MAIL]), received);
      assert.deepEqual(await read([EVE_MAIL, EVE, { email: 'EVE@b.C' }, { userId: 'no one' }]), received);
      assert.deepEqual(await read([EVE]), byId);
      assert.deepEqual(await read([EVE_MAIL]), byMail);
      assert.deepEqual(await read([EVE, EVE_MAIL], { openAt: OPEN_AT }), open);
      assert.deepEqual(await read([{ userId: 'eve@b.c' }, { email: 'e@b.c' }]), []);
      assert.deepEqual(await read([]), []);
    }
    // What is in a deleted workspace is not received unless it is asked for.
    const hidden = workspace('a', { name: 'N a', deletion: DELETION, version: 2 });
    await mustCommit(storage, commit([updateWorkspace(hidden)]));
    for (const limit of [1, 200]) {
      const read = (which: { readonly withDeleted?: true }) =>
        pages(
          (after) => storage.listInvitationsFor([EVE, EVE_MAIL], { after, limit, ...which }),
          receivedKey,
          limit,
        );
      const now = received.map((one) => (one.workspace.id === 'a' ? { ...one, workspace: hidden } : one));
      assert.deepEqual(await read({ withDeleted: true }), now);
      assert.deepEqual(
        await read({}),
        now.filter((one) => one.workspace !== hidden),
      );
    }
    const restored = workspace('a', { name: 'N a', version: 3 });
    await mustCommit(storage, commit([updateWorkspace(restored)]));
    // What has ended, and what is in a workspace without records, is not received any more.
    const [ended] = records;
    assert.ok(ended);
    await mustCommit(
      storage,
      commit([
        updateInvitation({ ...ended, state: 'declined', closedAt: START + 5 }),
        { kind: 'workspace.delete', workspaceId: 'b' },
      ]),
    );
    assert.deepEqual(
      await storage.listInvitationsFor([EVE, EVE_MAIL], { after: null, limit: 50 }),
      received
        .filter((one) => one.invitation !== ended && one.workspace.id !== 'b')
        .map((one) => (one.workspace.id === 'a' ? { ...one, workspace: restored } : one)),
    );
  });
}

const DELETION = { deletedAt: START, purgeAt: START + 1, isPurging: false } as const;
const EVE = { userId: 'eve' } as const;
const EVE_MAIL = { email: 'eve@b.c' } as const;

/** Open, revoked or used, combined with expired at {@link OPEN_AT} or not. */
function invitationOf(n: number): InvitationRecord {
  const open = invitation('hello', `i${String(n)}`, {
    createdAt: START + (n % 5),
    expiresAt: n % 2 === 0 ? START + 60_000 : OPEN_AT,
  });
  if (n % 3 === 0) return open;
  return { ...open, state: n % 3 === 1 ? 'revoked' : 'used', closedAt: START + n };
}

const rosterKey = ({ member: { joinedAt, userId } }: { readonly member: MemberRecord }): PageKey => [
  joinedAt,
  userId,
];
const seatKey = ({ member: { joinedAt, workspaceId } }: { readonly member: MemberRecord }): PageKey => [
  joinedAt,
  workspaceId,
];
const receivedKey = (received: ReceivedInvitation): PageKey => keyAcrossWorkspaces(received.invitation);
const invitationKey = ({ createdAt, id }: InvitationRecord): PageKey => [createdAt, id];

/** Reads a whole list in pages, none of which may be larger than requested. */
function pages<Item>(
  read: (after: PageKey | null) => Promise<readonly Item[]>,
  keyOf: (item: Item) => PageKey,
  limit: number,
): Promise<Item[]> {
  return everyItem(async (after) => {
    const page = await read(after);
    assert.ok(page.length <= limit);
    return page;
  }, keyOf);
}

function by<Item>(keyOf: (item: Item) => PageKey): (a: Item, b: Item) => number {
  return (a, b) => {
    const [aKey, bKey] = [keyOf(a), keyOf(b)];
    if (aKey[0] !== bKey[0]) return aKey[0] - bKey[0];
    return aKey[1] < bKey[1] ? -1 : 1;
  };
}
