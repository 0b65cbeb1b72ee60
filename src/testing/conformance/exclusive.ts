// S-01, S-02 of storages that can lock: who asks for records exclusively waits, and then loses no race.
import assert from 'node:assert/strict';
import type { StorageAdapter } from '../../ports/storage.js';
import {
  account,
  commit,
  mustLoadWorkspace,
  putHello,
  renamed,
  updateAccount,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

const PARALLEL = 20;

export function exclusiveCases(test: RegisterCase): void {
  test('S-02 of 20 exclusive attempts on one workspace, read, then written, each succeeds', async (context) => {
    await putHello(context.storage);
    const adapters = await context.adapters(PARALLEL);
    const results = await Promise.all(
      adapters.map((adapter) => mustBeExclusive(adapter)({ workspaceId: 'hello' }, rename)),
    );
    assert.deepEqual(
      results.filter((result) => !result.ok || !result.value.ok),
      [],
      'attempts were lost',
    );
    assert.equal((await mustLoadWorkspace(context.storage, 'hello')).version, PARALLEL + 1);
    const events = await context.storage.listEvents('hello', { after: null, limit: 50, order: 'oldest' });
    assert.equal(events.length, PARALLEL + 1);
  });

  test('S-02 of 20 exclusive attempts on one account each succeeds', async (context) => {
    await putHello(context.storage);
    const adapters = await context.adapters(PARALLEL);
    const results = await Promise.all(
      adapters.map((adapter) =>
        mustBeExclusive(adapter)({ accounts: ['olga'] }, async (own) => {
          const { accounts } = await own.load({ accounts: ['olga'] });
          const { version = 0, ownedTeams = 0 } = accounts.get('olga') ?? {};
          return own.commit(
            commit([updateAccount(account('olga', { ownedTeams: ownedTeams + 1, version: version + 1 }))], {
              expect: [{ account: 'olga', version }],
            }),
          );
        }),
      ),
    );
    assert(
      results.every((result) => result.ok && result.value.ok),
      'attempts were lost',
    );
    const { accounts } = await context.storage.load({ accounts: ['olga'] });
    assert.equal(accounts.get('olga')?.ownedTeams, PARALLEL);
  });

  test('S-01 an exclusive attempt that throws leaves no trace, and the storage is free again', async ({
    storage,
  }) => {
    await putHello(storage);
    const attempt = mustBeExclusive(storage)({ workspaceId: 'hello' }, async (own) => {
      assert.deepEqual(await rename(own), { ok: true });
      throw new Error('changed my mind');
    });
    await assert.rejects(attempt);
    assert.equal((await mustLoadWorkspace(storage, 'hello')).version, 1);
    assert.equal((await storage.listEvents('hello', { after: null, limit: 50, order: 'oldest' })).length, 1);
    const again = await mustBeExclusive(storage)({ workspaceId: 'hello' }, rename);
    assert.deepEqual(again, { ok: true, value: { ok: true } });
  });

  test('S-02 in an exclusive attempt a stale version is a conflict and a taken key a duplicate, as outside', async ({
    storage,
  }) => {
    await putHello(storage);
    const result = await mustBeExclusive(storage)({ workspaceId: 'hello' }, async (own) => [
      await own.commit(
        commit([updateWorkspace(workspace('hello', { name: 'stale', version: 8 }))], {
          expect: [{ workspace: 'hello', version: 7 }],
        }),
      ),
      await own.commit(
        commit([{ kind: 'workspace.insert', workspace: workspace('other', { name: 'HELLO' }) }]),
      ),
      await rename(own),
    ]);
    assert(result.ok, 'the attempt was lost');
    assert.deepEqual(result.value, [
      { ok: false, reason: 'conflict' },
      { ok: false, reason: 'duplicate', field: 'name' },
      { ok: true },
    ]);
    assert.equal((await mustLoadWorkspace(storage, 'hello')).version, 2);
  });

  test('S-02 an exclusive attempt on what is not there is an attempt like any other', async ({ storage }) => {
    const slice = { workspaceId: 'nowhere', accounts: ['nobody'] };
    const result = await mustBeExclusive(storage)(slice, (own) => own.load(slice));
    assert(result.ok, 'the attempt was lost');
    assert.equal(result.value.workspace, null);
  });
}

async function rename(own: StorageAdapter) {
  const { version } = await mustLoadWorkspace(own, 'hello');
  const next = version + 1;
  return own.commit(
    commit([updateWorkspace(workspace('hello', { name: `name ${String(next)}`, version: next }))], {
      expect: [{ workspace: 'hello', version }],
      events: [{ ...renamed('hello', next), id: `event-${String(next)}` }],
    }),
  );
}

function mustBeExclusive(storage: StorageAdapter): NonNullable<StorageAdapter['exclusively']> {
  assert(storage.exclusively !== undefined, 'the storage cannot be had exclusively');
  return (slice, attempt) => storage.exclusively?.(slice, attempt) ?? Promise.reject(new Error('it is gone'));
}
