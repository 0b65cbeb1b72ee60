// The conformance suite of quota adapters on every database.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { sqlQuota } from '../../src/adapters/sql/index.js';
import { quotaConformance } from '../../src/testing/index.js';
import { databaseKinds, type TestDatabase } from './databases.js';

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    const others: TestDatabase['db'][] = [];
    let turn = 0;

    beforeAll(async () => {
      database = await kind.create();
      for (let number = 0; number < 3; number++) others.push(database.connect());
    });
    afterAll(() => database.drop());

    quotaConformance({
      test,
      createQuota: async (defaults) => {
        await database.empty();
        return {
          quota: sqlQuota({ db: database.db, ...database.tables, defaults }),
          changeDefaults: (changed) =>
            Promise.resolve(sqlQuota({ db: database.db, ...database.tables, defaults: changed })),
          connect: () => {
            const db = others[turn++ % others.length] ?? database.db;
            return Promise.resolve(sqlQuota({ db, ...database.tables, defaults }));
          },
        };
      },
    });
  });
}
