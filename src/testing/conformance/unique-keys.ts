// S-05: keys that one record can have, and how a commit is answered that takes one.
import assert from 'node:assert/strict';
import type { Commit } from '../../domain/changes.js';
import type { WorkspaceRecord } from '../../domain/workspace.js';
import type { CommitResult, DuplicateField } from '../../ports/storage.js';
import { PARALLEL, race, unchanged } from './attempts.js';
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
  updateAccount,
  updateInvitation,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

export function uniqueKeyCases(test: RegisterCase): void {
  for (const { field, by, first = [], take } of duplicates) {
    const duplicate: CommitResult = { ok: false, reason: 'duplicate', field };

    test(`S-05 a taken ${field} is a duplicate${by}`, async ({ storage }) => {
      await putHello(storage);
      await mustCommit(storage, commit(first));
      await mustCommit(storage, take(PARALLEL));
      await unchanged(storage, duplicate, take(0));
    });

    test(`S-05 of 20 parallel commits for one ${field} exactly one succeeds${by}`, async (context) => {
      await putHello(context.storage);
      await mustCommit(context.storage, commit(first));
      await race(context, duplicate, take);
    });
  }

  test('S-05 versions are compared before keys: a stale commit with a duplicate is a conflict', async ({
    storage,
  }) => {
    await putHello(storage);
    const stale = commit([insertAccount(account('mark', { username: 'olga' }))], {
      expect: [{ workspace: 'hello', version: 5 }],
    });
    await unchanged(storage, { ok: false, reason: 'conflict' }, stale);
  });

  test('S-05 a key that was given up can be taken', async ({ storage }) => {
    const hello = await putHello(storage);
    const open = invitation('hello', 'i1', { recipient: { userId: 'mark' } });
    await mustCommit(storage, commit([insertInvitation(open)]));
    await mustCommit(
      storage,
      commit([
        updateAccount(account('olga', { username: 'olga2', version: 2 })),
        updateWorkspace({ ...hello, name: 'new', nameKey: 'new', version: 2 }),
        updateInvitation({ ...open, state: 'expired', closedAt: START }),
      ]),
    );
    await mustCommit(
      storage,
      commit([
        insertAccount(account('mark', { username: 'olga' })),
        insertWorkspace(workspace('other', { name: 'hello' })),
        insertInvitation(invitation('hello', 'i2', { recipient: { userId: 'mark' } })),
      ]),
    );
  });

  test('S-05 whoever a workspace is handed to can no longer take its name, and who gave it can', async ({
    storage,
  }) => {
    const hello = await putHello(storage);
    await mustCommit(storage, commit([insertAccount(account('mark'))]));
    await mustCommit(storage, commit([updateWorkspace({ ...hello, ownerId: 'mark', version: 2 })]));
    const again = insertWorkspace(workspace('other', { name: 'Hello', ownerId: 'mark' }));
    await unchanged(storage, { ok: false, reason: 'duplicate', field: 'name' }, commit([again]));
    await mustCommit(storage, commit([insertWorkspace(workspace('other', { name: 'Hello' }))]));
  });

  test('S-05 a recipient whose invitation ends is free in the same commit', async ({ storage }) => {
    await putHello(storage);
    const first = invitation('hello', 'i1', { recipient: { email: 'a@b.c' } });
    await mustCommit(storage, commit([insertInvitation(first)]));
    await mustCommit(
      storage,
      commit([
        updateInvitation({ ...first, state: 'expired', closedAt: START }),
        insertInvitation({ ...first, id: 'i2' }),
      ]),
    );
    const { openInvitations } = await storage.load({ workspaceId: 'hello', recipient: { email: 'a@b.c' } });
    assert.deepEqual(
      openInvitations.map(({ id }) => id),
      ['i2'],
    );
  });

  test('S-05 names are per owner, recipients and invitation ids per workspace', async ({ storage }) => {
    await putHello(storage);
    const open = (workspaceId: string) => invitation(workspaceId, 'i1', { recipient: { email: 'a@b' } });
    await mustCommit(storage, commit([insertAccount(account('mark')), insertInvitation(open('hello'))]));
    await mustCommit(
      storage,
      commit([
        insertWorkspace(workspace('other', { name: 'hello', ownerId: 'mark' })),
        insertInvitation(open('other')),
      ]),
    );
  });
}

interface DuplicateCase {
  readonly field: DuplicateField;
  /** What the title adds where the key is not taken by an insert. */
  readonly by: string;
  /** What must be there before. */
  readonly first?: Commit['changes'];
  /** Takes the key, from one of as many places as there are parallel commits and one more. */
  readonly take: (number: number) => Commit;
}

const places = Array.from({ length: PARALLEL + 1 }, (_, n) => n);
const user = (n: number): string => `user${String(n)}`;
const other = (n: number): string => `other-${String(n)}`;

const duplicates: readonly DuplicateCase[] = [
  {
    field: 'userId',
    by: '',
    take: (n) => commit([insertAccount(account('mark', { username: `m${String(n)}` }))]),
  },
  {
    field: 'username',
    by: '',
    take: (n) => commit([insertAccount(account(user(n), { username: 'Mark' }))]),
  },
  {
    field: 'username',
    by: ', where accounts are renamed',
    first: places.map((n) => insertAccount(account(user(n)))),
    take: (n) =>
      commit([updateAccount(account(user(n), { username: 'Mark', version: 2 }))], {
        expect: [{ account: user(n), version: 1 }],
      }),
  },
  {
    field: 'workspaceId',
    by: '',
    take: (n) => commit([insertWorkspace(workspace('other', { name: `n${String(n)}` }))]),
  },
  {
    field: 'name',
    by: '',
    take: (n) => commit([insertWorkspace(workspace(other(n), { name: 'Same' }))]),
  },
  {
    field: 'name',
    by: ', where workspaces are renamed',
    first: places.map((n) => insertWorkspace(workspace(other(n)))),
    take: (n) => changed(workspace(other(n), { name: 'Same', version: 2 })),
  },
  {
    field: 'name',
    by: ', where workspaces are handed over',
    first: [
      insertAccount(account('mark')),
      ...places.map((n) => insertAccount(account(user(n)))),
      ...places.map((n) => insertWorkspace(workspace(other(n), { name: 'Same', ownerId: user(n) }))),
    ],
    take: (n) => changed(workspace(other(n), { name: 'Same', ownerId: 'mark', version: 2 })),
  },
  {
    field: 'member',
    by: '',
    first: [insertAccount(account('mark'))],
    take: () => commit([insertMember(member('hello', 'mark'))]),
  },
  {
    field: 'invitationId',
    by: '',
    take: () => commit([insertInvitation(invitation('hello', 'i1'))]),
  },
  {
    field: 'recipient',
    by: '',
    take: (n) =>
      commit([insertInvitation(invitation('hello', `i${String(n)}`, { recipient: { email: 'a@b.c' } }))]),
  },
];

function changed(record: WorkspaceRecord): Commit {
  return commit([updateWorkspace(record)], {
    expect: [{ workspace: record.id, version: record.version - 1 }],
  });
}
