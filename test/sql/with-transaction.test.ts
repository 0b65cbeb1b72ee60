// Transactions of the app that the service runs: committed or rolled back as a whole, retried after a lost race, with events
// once.
import type { Kysely, Transaction } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  defaultMatrix,
  WorkspaceService,
  type BeginTransaction,
  type TenantryEvent,
  type TransactionAdapters,
  type UserActor,
} from '../../src/index.js';
import { sqlQuota, sqlStorage, type SqlDatabase } from '../../src/adapters/sql/index.js';
import { testTokens } from '../../src/testing/index.js';
import { databaseKinds, type TestDatabase } from './databases.js';

type HostTables = { projects: { name: string; counter: number } };
type Begin = BeginTransaction<Transaction<HostTables>>;

const ada: UserActor = { userId: 'ada' };
const CROWD = 8;

class Abandoned extends Error {}

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let db: Kysely<HostTables>;
    let workspaces: WorkspaceService;
    let workspaceId: string;
    let heard: TenantryEvent[];

    /** Needs a second connection. */
    const isServer = kind.name === 'PostgreSQL' || kind.name === 'MariaDB';
    const isPostgres = kind.name === 'PostgreSQL';
    const testOnServer = (title: string, run: () => Promise<void>): void => {
      if (isServer) test(title, run);
    };

    /** Needs reads that lock nothing, so that another call can commit between them and the write. */
    const testOnPostgres = (title: string, run: () => Promise<void>): void => {
      if (isPostgres) test(title, run);
    };

    beforeAll(async () => {
      database = await kind.create();
      const { schema } = database.tables;
      db = database.db.withTables<HostTables>();
      if (schema !== undefined) db = db.withSchema(schema);
      await db.schema
        .createTable('projects')
        .addColumn('name', 'varchar(63)', (column) => column.primaryKey())
        .addColumn('counter', 'integer')
        .execute();
    });
    afterAll(() => database.drop());

    beforeEach(async () => {
      await database.empty();
      await db.deleteFrom('projects').execute();
      heard = [];
      workspaces = new WorkspaceService({
        ...on(database.db),
        permissions: defaultMatrix,
        tokens: testTokens,
      });
      await workspaces.openAccount({ ...ada, username: 'ada' });
      ({ id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' }));
      workspaces.on('*', (event) => heard.push(event));
    });

    const on = (host: SqlDatabase) => ({
      storage: sqlStorage({ db: host, ...database.tables }),
      quota: sqlQuota({ db: host, ...database.tables, defaults: { pods: '5' } }),
    });

    const begin: Begin = (run) =>
      db.transaction().execute((transaction) => run(on(transaction), transaction));

    const projects = async () =>
      (await db.selectFrom('projects').select('name').orderBy('name').execute()).map(({ name }) => name);

    test('S-01 rows of the app and of the library commit together, and events are emitted once, after the commit', async () => {
      const answer = await workspaces.withTransaction(begin, async (inside, transaction) => {
        await inside.renameWorkspace(ada, { workspaceId, name: 'renamed' });
        const reserving = { workspaceId, reservationId: 'r', amounts: { pods: '2' } };
        await inside.withQuota(ada, reserving, () => insert(transaction, 'first'));
        expect(heard).toEqual([]);
        return 'done';
      });
      expect(answer).toBe('done');
      expect(heard.map(({ type }) => type)).toEqual([
        'workspace.renamed',
        'quota.reserved',
        'quota.committed',
      ]);
      expect(await projects()).toEqual(['first']);
      expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('renamed');
    });

    test('S-01 work that throws leaves no rows and emits no events', async () => {
      let begun = 0;
      const abandoned = workspaces.withTransaction(begin, async (inside, transaction) => {
        begun += 1;
        await inside.renameWorkspace(ada, { workspaceId, name: 'renamed' });
        await insert(transaction, 'first');
        throw new Abandoned();
      });
      await expect(abandoned).rejects.toThrow(Abandoned);
      expect(begun).toBe(1);
      expect(heard).toEqual([]);
      expect(await projects()).toEqual([]);
      expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('hello');
    });

    test('S-02 concurrent transactions on one workspace all commit exactly once, however often they are retried', async () => {
      const { version } = await workspaces.getWorkspace(ada, { workspaceId });
      let begun = 0;
      const all = Array.from({ length: CROWD }, (_, number) => `name ${number}`);
      // With one connection there is one transaction at a time. On MariaDB, reads inside lock the workspace.
      const together = meeting(isPostgres ? CROWD : 1);
      const racing: Begin = (run) =>
        begin((adapters, transaction) => {
          begun += 1;
          return run(beforeCommit(adapters, together), transaction);
        });
      await Promise.all(
        all.map((name) =>
          workspaces.withTransaction(racing, async (inside, transaction) => {
            await insert(transaction, name);
            await inside.renameWorkspace(ada, { workspaceId, name });
          }),
        ),
      );
      expect(await projects()).toEqual(all);
      expect((await workspaces.getWorkspace(ada, { workspaceId })).version).toBe(version + CROWD);
      expect(heard).toHaveLength(CROWD);
      expect(new Set(heard.map(({ id }) => id)).size).toBe(CROWD);
      // All but one lost their first attempt.
      expect(begun).toBeGreaterThanOrEqual(isPostgres ? 2 * CROWD - 1 : CROWD);
    });

    testOnPostgres(
      'S-02 a transaction that read before others wrote is rolled back and retried',
      async () => {
        const begun: string[] = [];
        await workspaces.withTransaction(stumbling(), async (inside, transaction) => {
          const { name } = await inside.getWorkspace(ada, { workspaceId });
          begun.push(name);
          await insert(transaction, `after ${name}`);
          await inside.renameWorkspace(ada, { workspaceId, name: 'slower' });
        });
        expect(begun).toEqual(['hello', 'faster']);
        expect(await projects()).toEqual(['after faster']);
        expect(heard.map(({ data }) => data)).toEqual([
          { from: 'hello', to: 'faster' },
          { from: 'faster', to: 'slower' },
        ]);
      },
    );

    testOnPostgres('S-02 work that catches the CONFLICT is rolled back all the same', async () => {
      let begun = 0;
      await workspaces.withTransaction(stumbling(), async (inside, transaction) => {
        begun += 1;
        const renaming = inside.renameWorkspace(ada, { workspaceId, name: 'slower' });
        await renaming.catch(() => insert(transaction, 'in spite of it'));
      });
      expect(begun).toBe(2);
      expect(await projects()).toEqual([]);
    });

    if (kind.name === 'MariaDB')
      test('S-02 a read inside keeps other commands on the workspace waiting until the commit', async () => {
        const ends: string[] = [];
        let renaming: Promise<unknown> = Promise.resolve();
        await workspaces.withTransaction(begin, async (inside) => {
          const { name } = await inside.getWorkspace(ada, { workspaceId });
          renaming = workspaces
            .renameWorkspace(ada, { workspaceId, name: 'later' })
            .then(() => ends.push('later'));
          await inside.renameWorkspace(ada, { workspaceId, name: `${name}, renamed` });
          ends.push('inside');
        });
        await renaming;
        expect(ends).toEqual(['inside', 'later']);
        expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('later');
      });

    testOnServer('S-02 a deadlock of the app’s own statements retries the transaction', async () => {
      await insert(db, 'one');
      await insert(db, 'two');
      const together = meeting(2);
      let begun = 0;
      const counting = (first: string, second: string) =>
        workspaces.withTransaction(begin, async (inside, transaction) => {
          begun += 1;
          await inside.authorize(ada, { workspaceId, permission: 'workspace:view' });
          await count(transaction, first);
          await together();
          await count(transaction, second);
        });
      await Promise.all([counting('one', 'two'), counting('two', 'one')]);
      expect(begun).toBeGreaterThan(2);
      const counters = await db.selectFrom('projects').select('counter').execute();
      expect(counters.map(({ counter }) => counter)).toEqual([2, 2]);
    });

    testOnServer('S-02 a serialization failure retries the transaction, at its commit too', async () => {
      const serializable: Begin = (run) =>
        db
          .transaction()
          .setIsolationLevel('serializable')
          .execute((transaction) => run(on(transaction), transaction));
      const together = meeting(2);
      let begun = 0;
      // Each stores the number of rows before it: in no serial order do two see none.
      const adding = (name: string) =>
        workspaces.withTransaction(serializable, async (inside, transaction) => {
          begun += 1;
          await inside.authorize(ada, { workspaceId, permission: 'workspace:view' });
          const before = await transaction.selectFrom('projects').select('name').execute();
          await together();
          await transaction.insertInto('projects').values({ name, counter: before.length }).execute();
          await written();
        });
      const written = kind.name === 'PostgreSQL' ? meeting(2) : () => Promise.resolve();
      await Promise.all([adding('one'), adding('two')]);
      expect(begun).toBeGreaterThan(2);
      const counters = await db.selectFrom('projects').select('counter').orderBy('counter').execute();
      expect(counters.map(({ counter }) => counter)).toEqual([0, 1]);
    });

    test('S-08 a commit with a lost acknowledgement is not retried', async () => {
      const cut = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      let begun = 0;
      const losingAnswers: Begin = async (run) => {
        begun += 1;
        await begin(run);
        throw cut;
      };
      const ended = workspaces.withTransaction(losingAnswers, async (inside, transaction) => {
        await inside.renameWorkspace(ada, { workspaceId, name: 'renamed' });
        await insert(transaction, 'first');
      });
      await expect(ended).rejects.toBe(cut);
      expect([begun, heard]).toEqual([1, []]);
      expect(await projects()).toEqual(['first']);
      expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('renamed');
    });

    test('a violated unique key of the app is not a conflict', async () => {
      let begun = 0;
      const ended = workspaces.withTransaction(begin, async (_, transaction) => {
        begun += 1;
        await insert(transaction, 'first');
        await insert(transaction, 'first');
      });
      await expect(ended).rejects.toThrow();
      expect(begun).toBe(1);
      expect(await projects()).toEqual([]);
    });

    /** Another call commits before the first commit in the transaction. */
    function stumbling(): Begin {
      let isFirst = true;
      const stumble = async (): Promise<void> => {
        if (isFirst) await workspaces.renameWorkspace(ada, { workspaceId, name: 'faster' });
        isFirst = false;
      };
      return (run) => begin((adapters, transaction) => run(beforeCommit(adapters, stumble), transaction));
    }
  });
}

async function insert(db: Kysely<HostTables>, name: string): Promise<void> {
  await db.insertInto('projects').values({ name, counter: 0 }).execute();
}

async function count(db: Kysely<HostTables>, name: string): Promise<void> {
  await db
    .updateTable('projects')
    .set(({ eb }) => ({ counter: eb('counter', '+', 1) }))
    .where('name', '=', name)
    .execute();
}

function beforeCommit(
  { storage, ...rest }: TransactionAdapters,
  wait: () => Promise<void>,
): TransactionAdapters {
  const commit: typeof storage.commit = async (changes) => {
    await wait();
    return storage.commit(changes);
  };
  return { ...rest, storage: { ...storage, commit } };
}

/** Holds callers until `count` of them have arrived; later callers pass. */
function meeting(size: number): () => Promise<void> {
  let missing = size;
  let open: () => void = () => undefined;
  const complete = new Promise<void>((resolve) => (open = resolve));
  return () => {
    missing -= 1;
    if (missing === 0) open();
    return complete;
  };
}
