// The conformance suite of storages on every database.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import { storageConformance } from '../../src/testing/index.js';
import { databaseKinds, type TestDatabase } from './databases.js';

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    const others: (() => ReturnType<typeof sqlStorage>)[] = [];
    let turn = 0;

    beforeAll(async () => {
      database = await kind.create();
      for (let number = 0; number < 3; number++) {
        const db = database.connect();
        others.push(() => sqlStorage({ db, ...database.tables }));
      }
    });
    afterAll(() => database.drop());

    storageConformance({
      test,
      createStorage: async () => {
        await database.empty();
        const storage = sqlStorage({ db: database.db, ...database.tables });
        return {
          storage,
          connect: () => Promise.resolve(others[turn++ % others.length]?.() ?? storage),
        };
      },
      capabilities: { sharedData: true },
    });
  });
}
