// S-01, S-02, S-05, W-06: what a commit does, and what it leaves when it does not.
import assert from 'node:assert/strict';
import type { Commit } from '../../domain/changes.js';
import type { CommitResult, DuplicateField, StorageAdapter } from '../../ports/storage.js';
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
  mustLoadWorkspace,
  putHello,
  renamed,
  updateAccount,
  updateInvitation,
  updateWorkspace,
  workspace,
} from './records.js';
import type { CaseContext, RegisterCase } from './suite.js';
import { canonicalWorld, readWorld } from '../worlds.js';

const PARALLEL = 20;
const SCOPE = { users: ['olga', 'mark', 'dana'], workspaces: ['hello', 'other', 'personal-mark'] };

export function commitCases(test: RegisterCase): void {
  test('S-01 a commit writes records and events together', async ({ storage }) => {
    await putHello(storage);
    const world = await readWorld(storage, SCOPE);
    assert.deepEqual(world.accounts, [account('olga')]);
    assert.deepEqual(world.workspaces, [workspace('hello')]);
    assert.deepEqual(world.members, [member('hello', 'olga', { role: 'owner' })]);
    assert.deepEqual(world.events, [renamed('hello', 1)]);
  });

  test('S-01 a stale workspace version leaves no trace', async ({ storage }) => {
    const hello = await putHello(storage);
    await unchanged(
      storage,
      { ok: false, reason: 'conflict' },
      {
        ...commit(
          [updateWorkspace({ ...hello, name: 'x', version: 3 }), insertInvitation(invitation('hello', 'i1'))],
          {
            expect: [{ workspace: 'hello', version: 2 }],
            events: [renamed('hello', 3)],
          },
        ),
      },
    );
  });

  test('S-01 a stale account version leaves no trace, whatever else is current', async ({ storage }) => {
    const hello = await putHello(storage);
    await unchanged(
      storage,
      { ok: false, reason: 'conflict' },
      commit(
        [
          updateWorkspace({ ...hello, version: 2 }),
          updateAccount(account('olga', { ownedTeams: 1, version: 8 })),
        ],
        {
          expect: [
            { workspace: 'hello', version: 1 },
            { account: 'olga', version: 7 },
          ],
          events: [renamed('hello', 2)],
        },
      ),
    );
  });

  test('S-01 an expected record that does not exist is a conflict', async ({ storage }) => {
    await putHello(storage);
    const conflict: CommitResult = { ok: false, reason: 'conflict' };
    const invite = [insertInvitation(invitation('hello', 'i1'))];
    await unchanged(storage, conflict, commit(invite, { expect: [{ workspace: 'other', version: 1 }] }));
    await unchanged(storage, conflict, commit(invite, { expect: [{ account: 'nobody', version: 1 }] }));
  });

  test('S-01 an expectation of a record that is only read is compared, and moves nothing', async ({
    storage,
  }) => {
    await putHello(storage);
    const change = [updateAccount(account('olga', { activeWorkspaceId: 'hello', version: 2 }))];
    const expectAccount = { account: 'olga', version: 1 };
    const stale = commit(change, { expect: [{ workspace: 'hello', version: 9 }, expectAccount] });
    await unchanged(storage, { ok: false, reason: 'conflict' }, stale);
    await mustCommit(
      storage,
      commit(change, { expect: [{ workspace: 'hello', version: 1 }, expectAccount] }),
    );
    assert.equal((await mustLoadWorkspace(storage, 'hello')).version, 1);
  });

  test('S-01 a duplicate in the last change undoes the first ones and the events', async ({ storage }) => {
    await putHello(storage);
    await mustCommit(storage, commit([insertAccount(account('mark'))]));
    const hello = await mustLoadWorkspace(storage, 'hello');
    await unchanged(
      storage,
      { ok: false, reason: 'duplicate', field: 'username' },
      commit(
        [
          updateWorkspace({ ...hello, name: 'changed', nameKey: 'changed', version: 2 }),
          insertMember(member('hello', 'mark')),
          insertInvitation(invitation('hello', 'i1')),
          insertAccount(account('dana', { username: 'MARK' })),
        ],
        { expect: [{ workspace: 'hello', version: 1 }], events: [renamed('hello', 2)] },
      ),
    );
  });

  test('S-02 of 20 parallel commits on one version exactly one succeeds', async (context) => {
    await putHello(context.storage);
    await race(context, 'conflict', (number) => ({
      ...commit([updateWorkspace(workspace('hello', { name: `w${String(number)}`, version: 2 }))], {
        expect: [{ workspace: 'hello', version: 1 }],
        events: [{ ...renamed('hello', 2), id: `event-${String(number)}` }],
      }),
    }));
    const { version, name } = await mustLoadWorkspace(context.storage, 'hello');
    assert.equal(version, 2);
    assert.match(name, /^w\d+$/);
    assert.equal(
      (await context.storage.listEvents('hello', { after: null, limit: 50, order: 'oldest' })).length,
      2,
    );
  });

  test('S-02 of 20 parallel commits on one account version exactly one succeeds', async (context) => {
    await putHello(context.storage);
    await race(context, 'conflict', (number) =>
      commit([updateAccount(account('olga', { ownedTeams: number, version: 2 }))], {
        expect: [{ account: 'olga', version: 1 }],
      }),
    );
  });

  for (const { field, first, take } of duplicates) {
    test(`S-05 a taken ${field} is a duplicate`, async ({ storage }) => {
      await putHello(storage);
      await mustCommit(storage, commit([...first, ...take(99).changes]));
      await unchanged(storage, { ok: false, reason: 'duplicate', field }, take(0));
    });

    test(`S-05 of 20 parallel commits for one ${field} exactly one succeeds`, async (context) => {
      await putHello(context.storage);
      await mustCommit(context.storage, commit(first));
      await race(context, 'duplicate', take);
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

  test('W-06 a deleted workspace leaves its events and the tombstone of its id', async ({ storage }) => {
    await putHello(storage);
    await mustCommit(
      storage,
      commit([insertInvitation(invitation('hello', 'i1', { recipient: { userId: 'mark' } }))]),
    );
    await mustCommit(
      storage,
      commit([{ kind: 'workspace.delete', workspaceId: 'hello' }], {
        expect: [{ workspace: 'hello', version: 1 }],
        events: [renamed('hello', 2)],
      }),
    );
    const world = await readWorld(storage, SCOPE);
    assert.deepEqual([world.workspaces, world.members, world.invitations], [[], [], []]);
    assert.deepEqual(world.tombstones, ['hello']);
    assert.deepEqual(world.events, [renamed('hello', 1), renamed('hello', 2)]);
    assert.equal(await storage.findMember('hello', 'olga'), null);
    assert.deepEqual(await storage.listWorkspaces('olga', { after: null, limit: 10 }), []);
    const again = commit([insertWorkspace(workspace('hello', { name: 'again' }))]);
    assert.deepEqual(await storage.commit(again), { ok: false, reason: 'duplicate', field: 'workspaceId' });
    await mustCommit(storage, commit([insertWorkspace(workspace('other', { name: 'hello' }))]));
  });
}

interface DuplicateCase {
  readonly field: DuplicateField;
  /** What must be there before. */
  readonly first: Commit['changes'];
  readonly take: (number: number) => Commit;
}

const duplicates: readonly DuplicateCase[] = [
  duplicate('userId', (n) => commit([insertAccount(account('mark', { username: `m${String(n)}` }))])),
  duplicate('username', (n) => commit([insertAccount(account(`user${String(n)}`, { username: 'Mark' }))])),
  duplicate('workspaceId', (n) => commit([insertWorkspace(workspace('other', { name: `n${String(n)}` }))])),
  duplicate('name', (n) => commit([insertWorkspace(workspace(`other-${String(n)}`, { name: 'Same' }))])),
  duplicate('member', () => commit([insertMember(member('hello', 'mark'))]), [
    insertAccount(account('mark')),
  ]),
  duplicate('invitationId', () => commit([insertInvitation(invitation('hello', 'i1'))])),
  duplicate('recipient', (n) =>
    commit([insertInvitation(invitation('hello', `i${String(n)}`, { recipient: { email: 'a@b.c' } }))]),
  ),
];

function duplicate(
  field: DuplicateField,
  take: (number: number) => Commit,
  first: Commit['changes'] = [],
): DuplicateCase {
  return { field, first, take };
}

/** The commit is answered as expected, and everything stays as it was. */
async function unchanged(storage: StorageAdapter, expected: CommitResult, what: Commit): Promise<void> {
  const before = canonicalWorld(await readWorld(storage, SCOPE));
  assert.deepEqual(await storage.commit(what), expected);
  assert.equal(canonicalWorld(await readWorld(storage, SCOPE)), before);
}

/** Exactly one of many parallel commits succeeds; all others answer why not. */
async function race(
  context: CaseContext,
  reason: 'conflict' | 'duplicate',
  what: (number: number) => Commit,
): Promise<void> {
  const adapters = await context.adapters(PARALLEL);
  const results = await Promise.all(adapters.map((adapter, number) => adapter.commit(what(number))));
  const winners = results.filter(({ ok }) => ok);
  assert.equal(
    winners.length,
    1,
    `${String(winners.length)} of ${String(PARALLEL)} parallel commits succeeded`,
  );
  for (const result of results) if (!result.ok) assert.equal(result.reason, reason);
}
