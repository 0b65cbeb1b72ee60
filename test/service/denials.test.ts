// A denied reservation inside a transaction of the app, and contention in a quota adapter.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import { defaultMatrix, WorkspaceError, WorkspaceService, type BeginTransaction } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { ada, refusal } from './team.js';

class Deadlock extends Error {}

async function start() {
  const memory = memoryStorage();
  const storage = { ...memory, isConflict: (error: unknown) => error instanceof Deadlock };
  const quota = memoryQuota({ defaults: { pods: '1' } });
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const serviceWith = (adapter: typeof quota) =>
    new WorkspaceService({ storage, quota: adapter, permissions: defaultMatrix, tokens: testTokens, clock });
  const workspaces = serviceWith(quota);
  await workspaces.openAccount({ ...ada, username: 'ada' });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const heard: string[] = [];
  workspaces.on('*', ({ type }) => heard.push(type));
  const begin: BeginTransaction<null> = (run) => run({ storage, quota }, null);
  const charge = { workspaceId, reservationId: 'x', amounts: { pods: '2' } };
  return { workspaces, quota, serviceWith, begin, heard, charge, workspaceId };
}

describe('Q-20 a denial inside a transaction', () => {
  test('that rolls back is told once; what was rolled back is not', async () => {
    const { workspaces, begin, heard, charge } = await start();
    const ended = workspaces.withTransaction(begin, async (inside) => {
      await inside.createWorkspace(ada, { name: 'rolled back' });
      return inside.withQuota(ada, charge, () => 'made');
    });
    expect(await refusal(ended)).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(heard).toEqual(['quota.denied']);
  });

  test('that the work catches is told once, after the commit, in its order', async () => {
    const { workspaces, begin, heard, charge } = await start();
    await workspaces.withTransaction(begin, async (inside) => {
      await inside.reserveQuota(ada, charge).catch(() => undefined);
      await inside.createWorkspace(ada, { name: 'kept' });
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(['quota.denied', 'workspace.created']);
  });

  test('that the work catches is told, too, where the transaction is rolled back afterwards', async () => {
    const { workspaces, begin, heard, charge } = await start();
    const commit = new Error('the commit failed');
    const failing: BeginTransaction<null> = async (run) => {
      await begin(run);
      throw commit;
    };
    const ended = workspaces.withTransaction(failing, async (inside) => {
      await inside.createWorkspace(ada, { name: 'rolled back' });
      await inside.reserveQuota(ada, charge).catch(() => undefined);
    });
    await expect(ended).rejects.toBe(commit);
    expect(heard).toEqual(['quota.denied']);
  });

  test('of an attempt that lost a race is not told: the next attempt decides again', async () => {
    const { workspaces, begin, heard, charge } = await start();
    let attempts = 0;
    await workspaces.withTransaction(begin, async (inside) => {
      if (++attempts > 1) return;
      await inside.reserveQuota(ada, charge).catch(() => undefined);
      throw new WorkspaceError('CONFLICT', { attempts: 1 });
    });
    expect(attempts).toBe(2);
    expect(heard).toEqual([]);
  });
});

test('Q-19 contention that outlasts the attempts of an adapter is CONFLICT, and no outage', async () => {
  const { quota, serviceWith, heard, charge, workspaceId } = await start();
  const cause = new Deadlock();
  const lost = () => Promise.reject(cause);
  const workspaces = serviceWith({
    ...quota,
    report: lost,
    reserve: lost,
    commit: lost,
    release: lost,
    isConflict: (error) => error === cause,
  });
  const named = { workspaceId, reservationId: 'x' };
  for (const call of [
    workspaces.getQuota(ada, { workspaceId }),
    workspaces.reserveQuota(ada, charge),
    workspaces.commitQuota(ada, named),
    workspaces.releaseQuota(ada, named),
  ]) {
    const error = await refusal(call);
    expect([error.code, error.retryable, error.cause]).toEqual(['CONFLICT', true, cause]);
  }
  expect(heard).toEqual([]);
});
