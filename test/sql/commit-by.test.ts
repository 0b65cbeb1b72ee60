// Both suites on PostgreSQL with transactions instead of single statements, as a database without its `with` commits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage, type SqlTables } from '../../src/adapters/sql/index.js';
import { namesOf } from '../../src/adapters/sql/names.js';
import { quotaConformance, storageConformance } from '../../src/testing/index.js';
import { shareOfInterleavings } from '../campaign.js';
import { databaseKinds, postgres, type TestDatabase } from './databases.js';

// A missing server is reported where the databases are listed.
describe.runIf(databaseKinds.includes(postgres))("PostgreSQL with commitBy: 'transaction'", () => {
  let database: TestDatabase;
  const others: TestDatabase['db'][] = [];
  let turn = 0;
  const isInShare = shareOfInterleavings(6);
  let interleavings = 0;
  // The other suites on PostgreSQL and MariaDB take most interleavings, and all of three commands.
  const isChosen = (title: string): boolean =>
    !title.startsWith('S-10') ||
    (isInShare(title) && title.split('|').length < 3 && interleavings++ % 3 === 0);

  beforeAll(async () => {
    database = await postgres.create();
    for (let number = 0; number < 3; number++) others.push(database.connect());
  });
  afterAll(() => database.drop());

  const tables = (): SqlTables => ({ ...database.tables, commitBy: 'transaction' });
  const next = () => others[turn++ % others.length] ?? database.db;

  storageConformance({
    test: (title, run) => {
      if (isChosen(title)) test(title, run);
    },
    createStorage: async () => {
      await database.empty();
      return {
        storage: sqlStorage({ db: database.db, ...tables() }),
        connect: () => Promise.resolve(sqlStorage({ db: next(), ...tables() })),
      };
    },
    capabilities: { sharedData: true, locks: true },
  });

  quotaConformance({
    test,
    createQuota: async (defaults) => {
      await database.empty();
      return {
        quota: sqlQuota({ db: database.db, ...tables(), defaults }),
        changeDefaults: (changed) =>
          Promise.resolve(sqlQuota({ db: next(), ...tables(), defaults: changed })),
        connect: () => Promise.resolve(sqlQuota({ db: next(), ...tables(), defaults })),
      };
    },
  });
});

test('commitBy takes its one value, and is part of what statements are kept by', () => {
  const tables: SqlTables = { dialect: 'postgres' };
  expect(() => namesOf({ ...tables, commitBy: JSON.parse('"statement"') as 'transaction' })).toThrow(
    new TypeError("tenantry/sql: `commitBy` must be 'transaction', or left out"),
  );
  const [one, other] = [namesOf(tables), namesOf({ ...tables, commitBy: 'transaction' })];
  expect(one.key).not.toBe(other.key);
  expect([one.dialect.writingCtes === null, other.dialect.writingCtes]).toEqual([false, null]);
});
