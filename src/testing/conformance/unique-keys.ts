// S-05: unique keys, and how a commit that takes one a second time is answered.
import assert from 'node:assert/strict';
import type { Commit } from '../../core/changes.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
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

    test(`S-05 a taken ${field} is reported as a duplicate${by}`, async ({ storage }) => {
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
    const stale = commit([insertAccount(account('mia', { username: 'ada' }))], {
      expect: [{ workspace: 'hello', version: 5 }],
    });
    await unchanged(storage, { ok: false, reason: 'conflict' }, stale);
  });

  test('S-05 a key is free again once no record has it', async ({ storage }) => {
    const hello = await putHello(storage);
    const open = invitation('hello', 'i1', { recipient: { userId: 'mia' } });
    await mustCommit(storage, commit([insertInvitation(open)]));
    await mustCommit(
      storage,
      commit([
        updateAccount(account('ada', { username: 'ada2', version: 2 })),
        updateWorkspace({ ...hello, name: 'new', nameKey: 'new', version: 2 }),
        updateInvitation({ ...open, state: 'expired', closedAt: START }),
      ]),
    );
    await mustCommit(
      storage,
      commit([
        insertAccount(account('mia', { username: 'ada' })),
        insertWorkspace(workspace('other', { name: 'hello' })),
        insertInvitation(invitation('hello', 'i2', { recipient: { userId: 'mia' } })),
      ]),
    );
  });

  test('S-05 after a change of owner the name is taken for the new owner and free for the former one', async ({
    storage,
  }) => {
    const hello = await putHello(storage);
    await mustCommit(storage, commit([insertAccount(account('mia'))]));
    await mustCommit(storage, commit([updateWorkspace({ ...hello, ownerId: 'mia', version: 2 })]));
    const again = insertWorkspace(workspace('other', { name: 'Hello', ownerId: 'mia' }));
    await unchanged(storage, { ok: false, reason: 'duplicate', field: 'name' }, commit([again]));
    await mustCommit(storage, commit([insertWorkspace(workspace('other', { name: 'Hello' }))]));
  });

  test('S-05 a commit that closes an invitation can open another for the same recipient', async ({
    storage,
  }) => {
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
    const { openInvitations } = await storage.load({
      workspaceId: 'hello',
      recipients: [{ email: 'a@b.c' }],
    });
    assert.deepEqual(
      openInvitations.map(({ id }) => id),
      ['i2'],
    );
  });

  test('S-05 names are unique per owner, recipients and invitation ids per workspace', async ({
    storage,
  }) => {
    await putHello(storage);
    const open = (workspaceId: string) => invitation(workspaceId, 'i1', { recipient: { email: 'a@b' } });
    await mustCommit(storage, commit([insertAccount(account('mia')), insertInvitation(open('hello'))]));
    await mustCommit(
      storage,
      commit([
        insertWorkspace(workspace('other', { name: 'hello', ownerId: 'mia' })),
        insertInvitation(open('other')),
      ]),
    );
  });
}

interface DuplicateCase {
  readonly field: DuplicateField;
  /** Added to the title when the key is not taken by an insert. */
  readonly by: string;
  /** Written before the case. */
  readonly first?: Commit['changes'];
  /** Takes the key. Each number, up to the number of parallel commits, is another record that takes it. */
  readonly take: (number: number) => Commit;
}

const numbers = Array.from({ length: PARALLEL + 1 }, (_, n) => n);
const user = (n: number): string => `user${String(n)}`;
const other = (n: number): string => `other-${String(n)}`;

const duplicates: readonly DuplicateCase[] = [
  {
    field: 'userId',
    by: '',
    take: (n) => commit([insertAccount(account('mia', { username: `m${String(n)}` }))]),
  },
  {
    field: 'username',
    by: '',
    take: (n) => commit([insertAccount(account(user(n), { username: 'Mia' }))]),
  },
  {
    field: 'username',
    by: ' when accounts are renamed',
    first: numbers.map((n) => insertAccount(account(user(n)))),
    take: (n) =>
      commit([updateAccount(account(user(n), { username: 'Mia', version: 2 }))], {
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
    by: ' when workspaces are renamed',
    first: numbers.map((n) => insertWorkspace(workspace(other(n)))),
    take: (n) => changed(workspace(other(n), { name: 'Same', version: 2 })),
  },
  {
    field: 'name',
    by: ' when workspaces are transferred',
    first: [
      insertAccount(account('mia')),
      ...numbers.map((n) => insertAccount(account(user(n)))),
      ...numbers.map((n) => insertWorkspace(workspace(other(n), { name: 'Same', ownerId: user(n) }))),
    ],
    take: (n) => changed(workspace(other(n), { name: 'Same', ownerId: 'mia', version: 2 })),
  },
  {
    field: 'member',
    by: '',
    first: [insertAccount(account('mia'))],
    take: () => commit([insertMember(member('hello', 'mia'))]),
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
