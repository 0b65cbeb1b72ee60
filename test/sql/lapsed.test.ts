// Deleting lapsed reservations finds, locks and deletes only their own rows.
import { sql, type Kysely, type RawBuilder } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlQuota, type SqlDatabase, type SqlTables } from '../../src/adapters/sql/index.js';
import { parseQuantity } from '../../src/core/quantity/index.js';
import type { QuotaAdapter, QuotaSubject } from '../../src/ports/quota.js';
import { databaseKinds } from './databases.js';
import { tableName } from './filled.js';
import { recordedDatabase, type RecordedDatabase } from './recorded.js';
import { createStage, servers, type Stage } from './servers.js';

const NOW = Date.UTC(2026, 0, 1);
const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const team: QuotaSubject = { workspaceId: 'team', kind: 'team', ownerId: 'ada' };
const others: QuotaSubject = { workspaceId: 'others', kind: 'team', ownerId: 'ada' };

const quotaOn = (db: SqlDatabase, tables: SqlTables): QuotaAdapter =>
  sqlQuota({ db, ...tables, defaults: { cpu: 'unlimited', pods: 'unlimited' } });

async function reserve(
  quota: QuotaAdapter,
  reservationIds: readonly string[],
  {
    subject = team,
    expiresAt = NOW + HOUR,
  }: { readonly subject?: QuotaSubject; readonly expiresAt?: number } = {},
): Promise<void> {
  const amounts = new Map(['cpu', 'pods'].map((resource) => [resource, parseQuantity('1')]));
  for (const reservationId of reservationIds) {
    const by = { userId: 'ada' };
    const made = await quota.reserve(subject, { reservationId, amounts, by, now: NOW, expiresAt });
    expect(made.ok).toBe(true);
  }
}

/** Any call that opens the ledger settles what has expired. */
async function settle(quota: QuotaAdapter, now: number): Promise<void> {
  expect((await quota.release(team, { reservationId: 'nothing', now })).ok).toBe(true);
}

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: RecordedDatabase;
    let quota: QuotaAdapter;
    beforeAll(async () => {
      database = await recordedDatabase(kind);
      quota = quotaOn(database.db, database.tables);
    });
    afterAll(() => database.drop());

    test('deletes all reservations that lapsed a day ago, and none that lapsed later', async () => {
      const { aside: db, tables } = database;
      const old = Array.from({ length: 40 }, (_, index) => `old ${index}`);
      await reserve(quota, old);
      await reserve(quota, ['old 0', 'old 39'], { subject: others });
      await reserve(quota, ['later'], { expiresAt: NOW + 2 * HOUR });
      await reserve(quota, ['last'], { expiresAt: NOW + DAY });
      const everything = [...old, 'later', 'last'];
      const { sent } = await database.during(() => settle(quota, NOW + 3 * HOUR));
      expect(await rowsIn({ db, tables }, team)).toEqual(rowsFor(everything));
      expect(sent.filter(({ sql: text }) => text.startsWith('delete'))).toEqual([]);

      await settle(quota, NOW + DAY + HOUR);
      expect(await rowsIn({ db, tables }, team)).toEqual(rowsFor(['later', 'last']));
      expect(await rowsIn({ db, tables }, others)).toEqual(rowsFor(['old 0', 'old 39']));
    });
  });
}

for (const { server, kind } of servers) {
  describe(server.name, () => {
    let stage: Stage;
    beforeAll(async () => {
      stage = await createStage(server, kind);
    });
    afterAll(() => stage.drop());
    afterEach(() => stage.tidy());
    beforeEach(() => stage.database.empty());

    test('a transaction that deletes lapsed reservations locks no other amounts', async () => {
      const { db, tables } = stage.database;
      const kept = Array.from({ length: 40 }, (_, index) => `kept ${index}`);
      const quota = quotaOn(db, tables);
      await reserve(quota, kept);
      for (const reservationId of kept) await quota.commit(team, { reservationId, now: NOW });
      await reserve(quota, ['old']);

      const { transaction } = await stage.begin((await stage.storageWith()).db);
      await settle(quotaOn(transaction, tables), NOW + HOUR + DAY);
      expect(await rowsIn({ db: transaction, tables }, team)).toEqual(rowsFor(kept));
      const unlocked = await rowsIn({ db, tables, behind: sql`for update skip locked` }, team);
      expect(unlocked.amounts).toEqual(rowsFor(kept).amounts);
    });
  });
}

/** The reservation of each row of a workspace, sorted; `behind` is appended to the query. */
async function rowsIn(
  {
    db,
    tables,
    behind = sql``,
  }: { readonly db: Kysely<unknown>; readonly tables: SqlTables; readonly behind?: RawBuilder<unknown> },
  { workspaceId }: QuotaSubject,
) {
  const reservationsIn = async (name: string): Promise<string[]> => {
    const table = sql.raw(tableName(tables, name));
    const { rows } = await sql<{ readonly reservation_id: string }>`
      select reservation_id from ${table} where workspace_id = ${workspaceId} ${behind}`.execute(db);
    return rows.map((row) => row.reservation_id).sort();
  };
  return { charges: await reservationsIn('quota_charges'), amounts: await reservationsIn('quota_amounts') };
}

/** Each charge has two resources. */
function rowsFor(reservationIds: readonly string[]) {
  const charges = [...reservationIds].sort();
  return { charges, amounts: charges.flatMap((id) => [id, id]) };
}
