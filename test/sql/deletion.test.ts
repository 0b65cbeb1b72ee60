// The quota of a deleted workspace, where storage and quota share a database.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import type { QuotaAdapter } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, outcome, root } from '../service/team.js';
import { databaseKinds, type TestDatabase } from './databases.js';

const TABLES = ['quota_resources', 'quota_charges', 'quota_amounts'] as const;

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await kind.create();
    });
    afterAll(() => database.drop());

    test('Q-16 W-06 is deleted in the commit of the deletion, although the call after it fails', async () => {
      const { db, tables, table } = database;
      const quota = sqlQuota({ db, ...tables, defaults: { pods: '5', cpu: '2' } });
      const down: QuotaAdapter = { ...quota, forget: () => Promise.reject(new Error('down')) };
      const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, ...tables }), quota: down });
      await workspaces.openAccount({ ...ada, username: 'ada' });
      const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
      const { id: other } = await workspaces.createWorkspace(ada, { name: 'other' });
      for (const id of [workspaceId, other]) {
        const amounts = { pods: '1', cpu: '500m' };
        await workspaces.reserveQuota(ada, { workspaceId: id, reservationId: 'held', amounts });
        await workspaces.reserveQuota(ada, { workspaceId: id, reservationId: 'used', amounts });
        await workspaces.commitQuota(ada, { workspaceId: id, reservationId: 'used' });
      }
      const rowsOf = async (id: string) => {
        const counts = TABLES.map(async (name) => {
          const { rows } =
            await sql`select 1 from ${sql.table(table(name))} where workspace_id = ${id}`.execute(db);
          return rows.length;
        });
        return Promise.all(counts);
      };
      const before = await rowsOf(other);
      expect(before).not.toContain(0);
      expect(await outcome(workspaces.deleteWorkspace(ada, { workspaceId }))).toBe('UNAVAILABLE');
      expect(await rowsOf(workspaceId)).toEqual([0, 0, 0]);
      expect(await rowsOf(other)).toEqual(before);
      // Also for a call that is under way: the ledger is closed.
      const subject = { workspaceId, kind: 'team', ownerId: 'ada' } as const;
      expect(await quota.report(subject, 0)).toEqual({ ok: false, reason: 'gone' });
      // An operator's repeat completes it where the quota is elsewhere.
      expect(await outcome(workspaces.deleteWorkspace(root, { workspaceId }))).toBe('UNAVAILABLE');
    });
  });
}
