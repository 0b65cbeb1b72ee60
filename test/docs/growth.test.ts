// Growth of the tables, and a shortened audit log, as docs/operations.md describes.
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { TABLE_NAMES } from '../../src/adapters/sql/tables.js';
import { defaultMatrix, WorkspaceService } from '../../src/index.js';
import { violations, fixedClock, testTokens, type FixedClock } from '../../src/testing/index.js';
import { sqliteFile, type TestDatabase } from '../sql/databases.js';
import { wholeWorld } from '../sql/whole-world.js';

const ada = { userId: 'ada' };

let database: TestDatabase;
let workspaces: WorkspaceService;
let clock: FixedClock;

beforeEach(async () => {
  database = await sqliteFile.create();
  const { db, tables } = database;
  clock = fixedClock();
  workspaces = new WorkspaceService({
    permissions: defaultMatrix,
    storage: sqlStorage({ db, ...tables }),
    quota: sqlQuota({ db, ...tables, defaults: { pods: '1000' } }),
    tokens: testTokens,
    clock,
  });
  await workspaces.openAccount({ ...ada, username: 'ada' });
});

afterEach(async () => {
  await database.drop();
});

async function rowsOf(): Promise<Record<string, number>> {
  const counts: [string, number][] = [];
  for (const name of TABLE_NAMES) {
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from ${sql.table(database.table(name))}`.execute(database.db);
    counts.push([name, rows[0]?.n ?? 0]);
  }
  return Object.fromEntries(counts);
}

test('a deleted workspace leaves one row for its id, one for its ledger, and its events', async () => {
  const before = await rowsOf();
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  await workspaces.reserveQuota(ada, { workspaceId, reservationId: 'web', amounts: { pods: '1' } });
  await workspaces.deleteWorkspace(ada, { workspaceId });
  const after = await rowsOf();
  const grown = Object.entries(after).filter(([table, rows]) => rows !== before[table]);
  expect(grown.map(([table, rows]) => [table, rows - (before[table] ?? 0)])).toEqual([
    ['workspace_ids', 1],
    ['workspace_events', 3],
    ['quota_ledgers', 1],
  ]);
});

test('ended invitations stay; expired reservations are deleted a day later, at the next call that opens the ledger', async () => {
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
  const reserve = (reservationId: string) =>
    workspaces.reserveQuota(ada, { workspaceId, reservationId, amounts: { pods: '1' } });
  await reserve('one');
  clock.advance(25 * 60 * 60 * 1000);
  await workspaces.getQuota(ada, { workspaceId });
  expect(await rowsOf()).toMatchObject({ invitations: 1, quota_charges: 1 });
  await reserve('two');
  expect(await rowsOf()).toMatchObject({ invitations: 1, quota_charges: 1 });
});

test('commands continue after the oldest events were deleted, and violations reports the gap', async () => {
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  for (const name of ['two', 'three']) await workspaces.renameWorkspace(ada, { workspaceId, name });
  await sql`delete from ${sql.table(database.table('workspace_events'))}
    where workspace_id = ${workspaceId} and version < 3`.execute(database.db);
  await workspaces.renameWorkspace(ada, { workspaceId, name: 'four' });
  const { items } = await workspaces.listEvents(ada, { workspaceId });
  expect(items.map(({ version }) => version)).toEqual([3, 4]);
  const found = violations(await wholeWorld(database), { matrix: defaultMatrix, now: clock.now() });
  expect(found).toEqual([{ rule: 'T-09', message: `${workspaceId}: a gap before event (3, 0)` }]);
});
