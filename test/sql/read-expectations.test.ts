// A commit that expects a version of a row that another transaction is changing waits for it, and then compares.
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import {
  account,
  commit,
  putHello,
  renamed,
  renamedAccount,
  updateAccount,
  updateWorkspace,
  workspace,
} from '../../src/testing/conformance/records.js';
import { createStage, letGo, servers, type Holder, type Stage } from './servers.js';
import { rowsIn } from './table-rows.js';

type Table = 'workspaces' | 'accounts';

/** Each reads the version of the one record, and writes nothing but the other. */
const commits = {
  workspaces: commit([updateAccount(account('ada', { username: 'Other', version: 2 }))], {
    expect: [
      { workspace: 'hello', version: 1 },
      { account: 'ada', version: 1 },
    ],
    events: [renamedAccount('ada', 2)],
  }),
  accounts: commit([updateWorkspace(workspace('hello', { name: 'Other', version: 2 }))], {
    expect: [
      { workspace: 'hello', version: 1 },
      { account: 'ada', version: 1 },
    ],
    events: [renamed('hello', 2)],
  }),
} as const;

const ids = { workspaces: 'hello', accounts: 'ada' } as const;

for (const { server, kind } of servers) {
  describe(server.name, () => {
    let stage: Stage;

    beforeAll(async () => {
      stage = await createStage(server, kind);
    });
    afterAll(() => stage.drop());
    afterEach(() => stage.tidy());
    beforeEach(async () => {
      await stage.database.empty();
      await putHello(sqlStorage({ db: stage.database.db, ...stage.database.tables }));
    });

    /** A transaction that has changed the version of a row and is still open. */
    const changing = async (table: Table): Promise<Holder> => {
      const holder = await stage.begin((await stage.storageWith()).db);
      await move(holder.transaction, table);
      return holder;
    };

    const move = (db: Holder['transaction'], table: Table) => {
      const key = sql.id(table === 'workspaces' ? 'id' : 'user_id');
      const name = sql.table(stage.database.table(table));
      return sql`update ${name} set version = version + 1 where ${key} = ${ids[table]}`.execute(db);
    };

    /** Resolves once the answer is waiting for a lock. An answer that comes without waiting fails the test. */
    const untilWaiting = async (connection: number, answer: Promise<unknown>): Promise<void> => {
      const ends = { count: 0 };
      const ended = (): void => {
        ends.count += 1;
      };
      answer.then(ended, ended);
      while (ends.count === 0 && !(await server.isWaiting(stage.database.db, connection)));
      expect(ends.count).toBe(0);
    };

    test.each(['workspaces', 'accounts'] as const)(
      'S-02 waits for a concurrent change of an expected version in %s, and is a conflict if it commits',
      async (table) => {
        const holder = await changing(table);
        const { storage, connection } = await stage.storageWith();
        const answer = storage.commit(commits[table]);
        await untilWaiting(connection, answer);
        await holder.transaction.commit().execute();
        const before = await rowsIn(stage.database);
        expect(await answer).toEqual({ ok: false, reason: 'conflict' });
        expect(await rowsIn(stage.database)).toEqual(before);
      },
    );

    test.each(['workspaces', 'accounts'] as const)(
      'S-02 waits for a concurrent change of an expected version in %s, and succeeds if it rolls back',
      async (table) => {
        const holder = await changing(table);
        const { storage, connection } = await stage.storageWith();
        const answer = storage.commit(commits[table]);
        await untilWaiting(connection, answer);
        await letGo(holder);
        expect(await answer).toEqual({ ok: true });
      },
    );

    test('S-02 an expected version cannot change until the commit is done', async () => {
      // It has locked the workspace, and waits for the account that it writes.
      const holder = await stage.holding('accounts', 'ada');
      const { storage, connection } = await stage.storageWith();
      const answer = storage.commit(commits.workspaces);
      await untilWaiting(connection, answer);
      const next = await stage.begin((await stage.storageWith()).db);
      const moved = move(next.transaction, 'workspaces');
      await untilWaiting(next.connection, moved);
      await letGo(holder);
      expect(await answer).toEqual({ ok: true });
      await moved;
    });
  });
}
