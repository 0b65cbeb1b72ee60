// The conformance suite of storages, as each database runs it.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import { storageConformance } from '../../src/testing/index.js';
import { shareOfInterleavings } from '../campaign.js';
import { databaseKinds, type TestDatabase } from './databases.js';

/** In this order they share the interleavings in the short form. */
const NAMES = ['SQLite', 'PGlite', 'PostgreSQL', 'MariaDB'] as const;

/** A database whose server is not there has said so, where that is no failure. */
export function storageSuite(name: (typeof NAMES)[number]): void {
  const kind = databaseKinds.find((one) => one.name === name);
  if (kind === undefined) {
    test.skip(`${name} is not there`);
    return;
  }
  describe(name, () => {
    let database: TestDatabase;
    const others: TestDatabase['db'][] = [];
    const isChosen = shareOfInterleavings(NAMES.indexOf(name));
    let turn = 0;

    beforeAll(async () => {
      database = await kind.create();
      for (let number = 0; number < 3; number++) others.push(database.connect());
    });
    afterAll(() => database.drop());

    storageConformance({
      test: (title, run) => {
        if (isChosen(title)) test(title, run);
      },
      createStorage: async () => {
        await database.empty();
        return {
          storage: sqlStorage({ db: database.db, ...database.tables }),
          connect: () => {
            const db = others[turn++ % others.length] ?? database.db;
            return Promise.resolve(sqlStorage({ db, ...database.tables }));
          },
        };
      },
      capabilities: { sharedData: true, locks: true },
    });
  });
}
