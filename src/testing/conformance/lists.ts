// T-13: pages of lists return each item once, in key order, with the records that belong to it.
import assert from 'node:assert/strict';
import type { InvitationRecord } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { PageKey } from '../../ports/storage.js';
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
  });
}

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
