// A plan that stops naming a resource in use, on every quota adapter.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import { sqlQuota } from '../../src/adapters/sql/index.js';
import { defaultMatrix, WorkspaceService, type QuotaAdapter } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { ada, refusal } from '../service/team.js';
import { databaseKinds, type TestDatabase } from '../sql/databases.js';

type Plan = Readonly<Record<string, string>>;
type QuotaOf = (defaults: () => Plan) => QuotaAdapter;

function plans(quotaOf: QuotaOf): void {
  async function start() {
    let plan: Plan = { pods: '5', memory: '4Gi' };
    const workspaces = new WorkspaceService({
      storage: memoryStorage(),
      quota: quotaOf(() => plan),
      permissions: defaultMatrix,
      tokens: testTokens,
    });
    await workspaces.openAccount({ ...ada, username: 'ada' });
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
    const reserve = (reservationId: string, amounts: Plan) =>
      workspaces.reserveQuota(ada, { workspaceId, reservationId, amounts });
    return { workspaces, workspaceId, reserve, change: (next: Plan) => (plan = next) };
  }

  test('Q-17 what is used is reported with the limit 0, refuses increases, and can be released', async () => {
    const { workspaces, workspaceId, reserve, change } = await start();
    await reserve('used', { memory: '1Gi', pods: '1' });
    await workspaces.commitQuota(ada, { workspaceId, reservationId: 'used' });
    await reserve('reserved', { memory: '1Gi' });
    change({ pods: '5' });
    const resourcesNow = async () => (await workspaces.getQuota(ada, { workspaceId })).resources;
    expect((await resourcesNow())['memory']).toMatchObject({ limit: '0', overLimit: true });
    expect(await refusal(reserve('more', { memory: '1' }))).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    await workspaces.commitQuota(ada, { workspaceId, reservationId: 'reserved' });
    await workspaces.releaseQuota(ada, { workspaceId, reservationId: 'used' });
    expect(Object.keys(await resourcesNow())).toEqual(['memory', 'pods']);
    await workspaces.releaseQuota(ada, { workspaceId, reservationId: 'reserved' });
    expect(Object.keys(await resourcesNow())).toEqual(['pods']);
  });

  test('Q-17 a plan that names the resource again has its limit', async () => {
    const { workspaces, workspaceId, reserve, change } = await start();
    await reserve('used', { memory: '1Gi' });
    change({});
    change({ memory: '2Gi' });
    const { resources } = await workspaces.getQuota(ada, { workspaceId });
    expect(resources).toEqual({
      memory: { limit: '2Gi', used: '0', reserved: '1Gi', overLimit: false },
    });
  });
}

describe('memory', () => {
  plans((defaults) => memoryQuota({ defaults }));
});

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await kind.create();
    });
    afterAll(() => database.drop());
    plans((defaults) => sqlQuota({ db: database.db, ...database.tables, defaults }));
  });
}
