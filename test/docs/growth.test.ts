// What grows, what it weighs, and what a trail that was cut is still good for: as docs/operations.md says it.
import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { TABLE_NAMES } from '../../src/adapters/sql/tables.js';
import { sealosMatrix, violations, WorkspaceService } from '../../src/index.js';
import { fixedClock, testTokens, type FixedClock } from '../../src/testing/index.js';
import { sqliteFile, type TestDatabase } from '../sql/databases.js';
import { wholeWorld } from '../sql/whole-world.js';

const ada = { userId: 'ada' };
/** As hosts have them: what weighs is text. */
const users = Array.from({ length: 5 }, () => crypto.randomUUID());

let database: TestDatabase;
let workspaces: WorkspaceService;
let clock: FixedClock;

beforeEach(async () => {
  database = await sqliteFile.create();
  const { db, tables } = database;
  clock = fixedClock();
  workspaces = new WorkspaceService({
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

async function kilobytes(): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select page_count * page_size as bytes from pragma_page_count, pragma_page_size`.execute(database.db);
  return (rows[0]?.bytes ?? 0) / 1000;
}

/** A team of five, by one link for four. */
async function team(name: string): Promise<void> {
  const [owner = ''] = users;
  const { id: workspaceId } = await workspaces.createWorkspace({ userId: owner }, { name });
  const { token } = await workspaces.inviteMember(
    { userId: owner },
    { workspaceId, role: 'developer', maxUses: 4 },
  );
  for (const userId of users.slice(1)) await workspaces.acceptInvitation({ userId }, { token });
}

test('of a deleted workspace there is one row for its id, one for its ledger, and its events', async () => {
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

test('ended invitations stay; expired reservations go a day later, when the ledger is next opened', async () => {
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

test('a team of 5 with its link and its events, and an event, weigh on SQLite what the guide says', async () => {
  for (const userId of users) await workspaces.openAccount({ userId, username: userId });
  const before = await kilobytes();
  for (let number = 0; number < 100; number++) await team(`team ${number}`);
  const teams = await kilobytes();
  expectAbout((teams - before) / 100, said('with its link'));

  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  for (let number = 0; number < 1_500; number++) {
    await workspaces.renameWorkspace(ada, { workspaceId, name: `name ${number}` });
  }
  expectAbout(((await kilobytes()) - teams) / 1_500, said('one event more'));
});

/** Roughly: ids are random, so pages split and fill up differently from run to run. */
function expectAbout(seen: number, guide: number): void {
  expect(seen / guide).toBeGreaterThan(0.75);
  expect(seen / guide).toBeLessThan(1.25);
}

/** What the guide says in the row of a table. */
function said(row: string): number {
  const guide = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  return Number(new RegExp(`^\\|[^|]*${row}[^|]*\\| about ([\\d.]+) kB`, 'm').exec(guide)?.[1]);
}

test('commands go on where the oldest events were deleted, and violations names the gap', async () => {
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  for (const name of ['two', 'three']) await workspaces.renameWorkspace(ada, { workspaceId, name });
  await sql`delete from ${sql.table(database.table('workspace_events'))}
    where workspace_id = ${workspaceId} and version < 3`.execute(database.db);
  await workspaces.renameWorkspace(ada, { workspaceId, name: 'four' });
  const { items } = await workspaces.listEvents(ada, { workspaceId });
  expect(items.map(({ version }) => version)).toEqual([3, 4]);
  const found = violations(await wholeWorld(database), { matrix: sealosMatrix, now: clock.now() });
  expect(found).toEqual([{ rule: 'T-09', message: `${workspaceId}: a gap before event (3, 0)` }]);
});
