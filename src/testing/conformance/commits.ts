// S-01, S-02, W-06: commits write everything or nothing, and one of several on the same version succeeds.
import assert from 'node:assert/strict';
import type { CommitResult } from '../../ports/storage.js';
import { SCOPE, race, unchanged } from './attempts.js';
import {
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
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';
import { readWorld } from '../worlds.js';

export function commitCases(test: RegisterCase): void {
  test('S-01 a commit writes records and events together', async ({ storage }) => {
    await putHello(storage);
    const world = await readWorld(storage, SCOPE);
    assert.deepEqual(world.accounts, [account('ada')]);
    assert.deepEqual(world.workspaces, [workspace('hello')]);
    assert.deepEqual(world.members, [member('hello', 'ada', { role: 'owner' })]);
    assert.deepEqual(world.events, [renamed('hello', 1)]);
  });

  test('S-01 a stale workspace version is a conflict and writes nothing', async ({ storage }) => {
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

  test('S-01 a stale account version is a conflict and writes nothing, also if the workspace is current', async ({
    storage,
  }) => {
    const hello = await putHello(storage);
    await unchanged(
      storage,
      { ok: false, reason: 'conflict' },
      commit(
        [
          updateWorkspace({ ...hello, version: 2 }),
          updateAccount(account('ada', { ownedTeams: 1, version: 8 })),
        ],
        {
          expect: [
            { workspace: 'hello', version: 1 },
            { account: 'ada', version: 7 },
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
    await unchanged(storage, conflict, commit(invite, { expect: [{ account: 'unknown', version: 1 }] }));
  });

  test('S-01 an expected version is compared also for a record that the commit does not write', async ({
    storage,
  }) => {
    await putHello(storage);
    const change = [updateAccount(account('ada', { activeWorkspaceId: 'hello', version: 2 }))];
    const expectAccount = { account: 'ada', version: 1 };
    const stale = commit(change, { expect: [{ workspace: 'hello', version: 9 }, expectAccount] });
    await unchanged(storage, { ok: false, reason: 'conflict' }, stale);
    await mustCommit(
      storage,
      commit(change, { expect: [{ workspace: 'hello', version: 1 }, expectAccount] }),
    );
    assert.equal((await mustLoadWorkspace(storage, 'hello')).version, 1);
  });

  test('S-01 a duplicate in the last change rolls back the other changes and the events', async ({
    storage,
  }) => {
    await putHello(storage);
    await mustCommit(storage, commit([insertAccount(account('mia'))]));
    const hello = await mustLoadWorkspace(storage, 'hello');
    await unchanged(
      storage,
      { ok: false, reason: 'duplicate', field: 'username' },
      commit(
        [
          updateWorkspace({ ...hello, name: 'changed', nameKey: 'changed', version: 2 }),
          insertMember(member('hello', 'mia')),
          insertInvitation(invitation('hello', 'i1')),
          insertAccount(account('dev', { username: 'MIA' })),
        ],
        { expect: [{ workspace: 'hello', version: 1 }], events: [renamed('hello', 2)] },
      ),
    );
  });

  test('S-02 of 20 parallel commits on one version exactly one succeeds', async (context) => {
    await putHello(context.storage);
    await race(context, { ok: false, reason: 'conflict' }, (number) => ({
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
    await race(context, { ok: false, reason: 'conflict' }, (number) =>
      commit([updateAccount(account('ada', { ownedTeams: number, version: 2 }))], {
        expect: [{ account: 'ada', version: 1 }],
      }),
    );
  });

  test('W-06 deleting a workspace leaves only its events and the tombstone of its id', async ({
    storage,
  }) => {
    await putHello(storage);
    await mustCommit(
      storage,
      commit([insertInvitation(invitation('hello', 'i1', { recipient: { userId: 'mia' } }))]),
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
    assert.equal(await storage.findMembership('hello', 'ada'), null);
    assert.deepEqual(await storage.listWorkspaces('ada', { after: null, limit: 10 }), []);
    const again = commit([insertWorkspace(workspace('hello', { name: 'again' }))]);
    assert.deepEqual(await storage.commit(again), { ok: false, reason: 'duplicate', field: 'workspaceId' });
    await mustCommit(storage, commit([insertWorkspace(workspace('other', { name: 'hello' }))]));
  });
}
