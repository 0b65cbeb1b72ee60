// Reservations that expired before their commit, after a change of the plan or without further calls.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { sqlQuota } from '../../src/adapters/sql/index.js';
import { parseQuantity } from '../../src/core/quantity/index.js';
import type { LimitTexts } from '../../src/core/quota.js';
import type { QuotaAdapter, QuotaSubject } from '../../src/ports/quota.js';
import { sqliteFile, type TestDatabase } from '../sql/databases.js';

const NOW = Date.UTC(2026, 0, 1);
const DAY = 24 * 60 * 60 * 1000;
const team: QuotaSubject = { workspaceId: 'team', kind: 'team', ownerId: 'olga' };

let database: TestDatabase;
beforeAll(async () => {
  database = await sqliteFile.create();
});
afterAll(() => database.drop());

type Plan = (subject: QuotaSubject) => LimitTexts;
const adapters: Readonly<Record<string, (defaults: Plan) => Promise<QuotaAdapter>>> = {
  memory: async (defaults) => memoryQuota({ defaults }),
  SQLite: async (defaults) => {
    await database.empty();
    return sqlQuota({ db: database.db, ...database.tables, defaults });
  },
};

describe.each(Object.entries(adapters))('on %s', (_name, create) => {
  const reserve = (quota: QuotaAdapter) =>
    quota.reserve(team, {
      reservationId: 'r1',
      amounts: new Map([['pods', parseQuantity('3')]]),
      by: { userId: 'olga' },
      now: NOW,
      expiresAt: NOW + 1000,
    });

  test('Q-10 a lapsed reservation is not admitted again once the plan has no limit for its resource', async () => {
    let limits: LimitTexts = { pods: '10' };
    const asked: QuotaSubject[] = [];
    const quota = await create((subject) => {
      asked.push(subject);
      return limits;
    });
    expect((await reserve(quota)).ok).toBe(true);
    limits = { cpu: '10' };
    expect(await quota.commit(team, { reservationId: 'r1', now: NOW + 2000 })).toEqual({
      ok: false,
      reason: 'expired',
    });
    expect(asked).toContainEqual(team);
  });

  test('keeps a lapsed reservation for a day, and deletes it afterwards', async () => {
    const quota = await create(() => ({ pods: '10' }));
    expect((await reserve(quota)).ok).toBe(true);
    const later = NOW + 1000 + DAY;
    // any call settles expired reservations
    await quota.report(team, later - 1);
    expect((await quota.commit(team, { reservationId: 'r1', now: later - 1 })).ok).toBe(true);
    expect((await quota.release(team, { reservationId: 'r1', now: later - 1 })).ok).toBe(true);
    expect((await reserve(quota)).ok).toBe(true);
    await quota.report(team, later);
    expect(await quota.commit(team, { reservationId: 'r1', now: later })).toEqual({
      ok: false,
      reason: 'not-found',
    });
  });
});
