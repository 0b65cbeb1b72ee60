// S-01, S-02 for storages that can lock: attempts by `withLock` wait for each other, and none of them conflicts.
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

export function lockCases(test: RegisterCase): void {
  test('S-02 of 20 attempts with a lock on one workspace each succeeds', async (context) => {
    await putHello(context.storage);
    const adapters = await context.adapters(PARALLEL);
    const results = await Promise.all(
      adapters.map((adapter) => lockOf(adapter)({ workspaceId: 'hello' }, rename)),
    );
    assert.deepEqual(
      results.filter((result) => !result.ok || !result.value.ok),
      [],
      'an attempt failed',
    );
    assert.equal((await mustLoadWorkspace(context.storage, 'hello')).version, PARALLEL + 1);
    const events = await context.storage.listEvents('hello', { after: null, limit: 50, order: 'oldest' });
    assert.equal(events.length, PARALLEL + 1);
  });

  test('S-02 of 20 attempts with a lock on one account each succeeds', async (context) => {
    await putHello(context.storage);
    const adapters = await context.adapters(PARALLEL);
    const results = await Promise.all(
      adapters.map((adapter) =>
        lockOf(adapter)({ accounts: ['ada'] }, async (own) => {
          const { accounts } = await own.load({ accounts: ['ada'] });
          const { version = 0, ownedTeams = 0 } = accounts.get('ada') ?? {};
          return own.commit(
            commit([updateAccount(account('ada', { ownedTeams: ownedTeams + 1, version: version + 1 }))], {
              expect: [{ account: 'ada', version }],
            }),
          );
        }),
      ),
    );
    assert(
      results.every((result) => result.ok && result.value.ok),
      'an attempt failed',
    );
    const { accounts } = await context.storage.load({ accounts: ['ada'] });
    assert.equal(accounts.get('ada')?.ownedTeams, PARALLEL);
  });

  test('S-01 an attempt with a lock that throws writes nothing and releases the lock', async ({
    storage,
  }) => {
    await putHello(storage);
    const attempt = lockOf(storage)({ workspaceId: 'hello' }, async (own) => {
      assert.deepEqual(await rename(own), { ok: true });
      throw new Error('changed my mind');
    });
    await assert.rejects(attempt);
    assert.equal((await mustLoadWorkspace(storage, 'hello')).version, 1);
    assert.equal((await storage.listEvents('hello', { after: null, limit: 50, order: 'oldest' })).length, 1);
    const again = await lockOf(storage)({ workspaceId: 'hello' }, rename);
    assert.deepEqual(again, { ok: true, value: { ok: true } });
  });

  test('S-02 an attempt with a lock reports a stale version as a conflict and a taken key as a duplicate', async ({
    storage,
  }) => {
    await putHello(storage);
    const result = await lockOf(storage)({ workspaceId: 'hello' }, async (own) => [
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
    assert(result.ok, 'the attempt failed');
    assert.deepEqual(result.value, [
      { ok: false, reason: 'conflict' },
      { ok: false, reason: 'duplicate', field: 'name' },
      { ok: true },
    ]);
    assert.equal((await mustLoadWorkspace(storage, 'hello')).version, 2);
  });

  test('S-02 an attempt with a lock on records that do not exist runs', async ({ storage }) => {
    const readSet = { workspaceId: 'nowhere', accounts: ['unknown'] };
    const result = await lockOf(storage)(readSet, (own) => own.load(readSet));
    assert(result.ok, 'the attempt failed');
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

function lockOf(storage: StorageAdapter): NonNullable<StorageAdapter['withLock']> {
  assert(storage.withLock !== undefined, 'the storage has no withLock');
  return (readSet, attempt) =>
    storage.withLock?.(readSet, attempt) ?? Promise.reject(new Error('the storage has lost its withLock'));
}
