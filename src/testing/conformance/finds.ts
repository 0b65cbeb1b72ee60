// T-13: operators find accounts and workspaces of all tenants, by every combination of the filters.
import assert from 'node:assert/strict';
import type { AccountRecord, AccountStatus } from '../../core/account.js';
import { statusOf, workspaceStatuses, type WorkspaceRecord } from '../../core/workspace.js';
import type { AccountFilter, PageKey, WorkspaceFilter } from '../../ports/storage.js';
import { everyItem } from '../worlds.js';
import {
  START,
  account,
  commit,
  insertAccount,
  insertWorkspace,
  mustCommit,
  updateAccount,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

const STATUSES: readonly AccountStatus[] = ['open', 'closing', 'closed'];
const LIMITS = [1, 3, 50];
const EARLY = Date.UTC(2000, 0, 1);

export function findCases(test: RegisterCase): void {
  test('T-13 accounts are found once each, by username, with every combination of filters', async ({
    storage,
  }) => {
    // Prefixes of each other, and neighbours in the order of keys.
    const names = ['a', 'ad', 'ada', 'ada z', 'ada-b', 'adam', 'ae', 'b', 'é', 'z'];
    const accounts = names.flatMap((name, n) =>
      STATUSES.map((status, s) => {
        const userId = `${String((n * 7) % 10)}${status}`;
        const username = status === 'open' ? name : `${name}${String(s)}`;
        const usernameKey = status === 'closed' ? `  ${userId}` : username;
        return account(userId, { username, usernameKey, status: 'open' });
      }),
    );
    await mustCommit(storage, commit(accounts.map(insertAccount)));
    // By updates, as services write them.
    const ended = accounts.map((one): AccountRecord => {
      const status = STATUSES.find((each) => one.userId.endsWith(each)) ?? 'open';
      return { ...one, status, version: 2 };
    });
    await mustCommit(storage, commit(ended.map(updateAccount)));
    ended.sort((a, b) => (a.usernameKey < b.usernameKey ? -1 : 1));
    for (const prefix of [undefined, 'a', 'ad', 'ada', 'é', 'x', '  ']) {
      for (const status of [undefined, ...STATUSES]) {
        const filter: AccountFilter = { ...(prefix !== undefined && { prefix }), ...(status && { status }) };
        const expected = ended.filter(
          (one) =>
            one.usernameKey.startsWith(prefix ?? '') && (status === undefined || one.status === status),
        );
        for (const limit of LIMITS) {
          const found = await everyItem(
            async (after) => atMost(limit, await storage.findAccounts({ ...filter, after, limit })),
            ({ usernameKey }): PageKey => [0, usernameKey],
          );
          assert.deepEqual(found, expected);
        }
      }
    }
  });

  test('T-13 workspaces are found once each, by id, with every combination of filters', async ({
    storage,
  }) => {
    await mustCommit(storage, commit(['ada', 'mia'].map((userId) => insertAccount(account(userId)))));
    const workspaces = Array.from({ length: 16 }, (_, n) =>
      workspace(`w${String((n * 5) % 16)}`, {
        kind: n % 2 === 0 ? 'team' : 'personal',
        ownerId: n % 4 < 2 ? 'ada' : 'mia',
      }),
    );
    await mustCommit(storage, commit(workspaces.map(insertWorkspace)));
    const suspended = workspaces.map((one, n): WorkspaceRecord => {
      const changed = { ...one, version: 2 };
      if (n % 8 < 3) return one;
      if (n % 8 < 5) return { ...changed, suspendedFor: `reason ${String(n)}` };
      return { ...changed, deletion: { deletedAt: START, purgeAt: START, isPurging: n % 8 === 7 } };
    });
    await mustCommit(storage, commit(suspended.filter(({ version }) => version === 2).map(updateWorkspace)));
    suspended.sort((a, b) => (a.id < b.id ? -1 : 1));
    const check = async (all: readonly WorkspaceRecord[], filter: WorkspaceFilter): Promise<void> => {
      const { ownerId, kind, status } = filter;
      const expected = all.filter(
        (one) =>
          (ownerId === undefined || one.ownerId === ownerId) &&
          (kind === undefined || one.kind === kind) &&
          (status === undefined || statusOf(one) === status),
      );
      for (const limit of LIMITS) {
        const found = await everyItem(
          async (after) => atMost(limit, await storage.findWorkspaces({ ...filter, after, limit })),
          ({ id }): PageKey => [0, id],
        );
        assert.deepEqual(found, expected);
      }
    };
    for (const ownerId of [undefined, 'ada', 'mia', 'eve']) {
      for (const kind of [undefined, 'team', 'personal'] as const) {
        for (const status of [undefined, ...workspaceStatuses]) {
          const by = ownerId === undefined ? {} : { ownerId };
          await check(suspended, { ...by, ...(kind && { kind }), ...(status && { status }) });
        }
      }
    }
    // What is resumed, has another owner, or is deleted.
    const [first, second, third] = suspended.filter((one) => one.suspendedFor !== null);
    assert.ok(first && second && third);
    const changed = [
      { ...first, suspendedFor: null, version: 3 },
      { ...second, ownerId: second.ownerId === 'ada' ? 'mia' : 'ada', version: 3 },
    ];
    await mustCommit(
      storage,
      commit([...changed.map(updateWorkspace), { kind: 'workspace.delete', workspaceId: third.id }]),
    );
    const left = suspended
      .filter(({ id }) => id !== third.id)
      .map((one) => changed.find(({ id }) => id === one.id) ?? one);
    for (const filter of [{}, { ownerId: 'ada' }, { ownerId: 'mia' }, { status: 'suspended' }] as const) {
      await check(left, filter);
    }
  });

  test('T-13 deleted workspaces are listed from the instant from which they may be purged', async ({
    storage,
  }) => {
    await mustCommit(storage, commit([insertAccount(account('ada'))]));
    const rooms = Array.from({ length: 12 }, (_, n) => workspace(`w${String((n * 5) % 12)}`));
    await mustCommit(storage, commit(rooms.map(insertWorkspace)));
    const deleted = rooms.map((room, n): WorkspaceRecord => {
      // Far from those of other cases in the same database.
      const purgeAt = EARLY + (n % 4);
      return { ...room, deletion: { deletedAt: EARLY - 1, purgeAt, isPurging: n % 3 === 0 }, version: 2 };
    });
    const [active] = deleted;
    assert.ok(active);
    await mustCommit(storage, commit(deleted.filter((room) => room !== active).map(updateWorkspace)));
    const keyOf = ({ deletion, id }: WorkspaceRecord): PageKey => [deletion?.purgeAt ?? 0, id];
    const inOrder = deleted
      .filter((room) => room !== active)
      .sort((a, b) => keyOf(a)[0] - keyOf(b)[0] || (a.id < b.id ? -1 : 1));
    const check = async (all: readonly WorkspaceRecord[]): Promise<void> => {
      for (const at of [EARLY - 1, EARLY, EARLY + 2, EARLY + 9]) {
        for (const limit of LIMITS) {
          const found = await everyItem(
            async (after) => atMost(limit, await storage.listPurgeable(at, { after, limit })),
            keyOf,
          );
          assert.deepEqual(
            found,
            all.filter((room) => keyOf(room)[0] <= at),
          );
        }
      }
    };
    await check(inOrder);
    // One is restored, one is purged, one is deleted again, later.
    const [restored, purged, later, ...others] = inOrder;
    assert.ok(restored && purged && later);
    const again = {
      ...later,
      deletion: { deletedAt: EARLY, purgeAt: EARLY + 9, isPurging: false },
      version: 3,
    };
    await mustCommit(
      storage,
      commit([
        updateWorkspace({ ...restored, deletion: null, version: 3 }),
        updateWorkspace(again),
        { kind: 'workspace.delete', workspaceId: purged.id },
      ]),
    );
    await check([...others, again]);
  });
}

function atMost<Item>(limit: number, page: readonly Item[]): readonly Item[] {
  assert.ok(page.length <= limit);
  return page;
}
