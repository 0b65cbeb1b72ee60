// T-13: operators find accounts and workspaces of all tenants, by every combination of the filters.
import assert from 'node:assert/strict';
import type { AccountRecord, AccountStatus } from '../../core/account.js';
import { statusOf, type WorkspaceRecord } from '../../core/workspace.js';
import type { AccountFilter, PageKey, WorkspaceFilter } from '../../ports/storage.js';
import { everyItem } from '../worlds.js';
import {
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
      return n % 8 < 4 ? one : { ...one, suspendedFor: `reason ${String(n)}`, version: 2 };
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
        for (const status of [undefined, 'active', 'suspended'] as const) {
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
}

function atMost<Item>(limit: number, page: readonly Item[]): readonly Item[] {
  assert.ok(page.length <= limit);
  return page;
}
