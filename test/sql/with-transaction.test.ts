// Transactions of the host's that the service runs: kept or rolled back as a whole, begun anew when they lose, told of once.
import type { Kysely, Transaction } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
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
    const testOnServer = (title: string, run: () => Promise<void>): void => {
      if (isServer) test(title, run);
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
      workspaces = new WorkspaceService({ ...on(database.db), tokens: testTokens });
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

    test('S-01 what both write is there together, and its events are heard once, after the commit', async () => {
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

    test('S-01 a work that throws leaves nothing of either, and nothing is heard', async () => {
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

    test('S-02 of hosts that race for one workspace all come through, each once, however often they are begun', async () => {
      const { version } = await workspaces.getWorkspace(ada, { workspaceId });
      let begun = 0;
      const all = Array.from({ length: CROWD }, (_, number) => `name ${number}`);
      // Where there is one connection, there is one host at a time.
      const together = meeting(isServer ? CROWD : 1);
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
      // All but one lost the first time.
      expect(begun).toBeGreaterThanOrEqual(isServer ? 2 * CROWD - 1 : CROWD);
    });

    testOnServer('S-02 who read before others wrote loses, is rolled back, and is begun anew', async () => {
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
    });

    testOnServer('S-02 who catches the loss does not keep the other half', async () => {
      let begun = 0;
      await workspaces.withTransaction(stumbling(), async (inside, transaction) => {
        begun += 1;
        const renaming = inside.renameWorkspace(ada, { workspaceId, name: 'slower' });
        await renaming.catch(() => insert(transaction, 'in spite of it'));
      });
      expect(begun).toBe(2);
      expect(await projects()).toEqual([]);
    });

    testOnServer('S-02 a deadlock of the host’s own statements begins it anew', async () => {
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

    testOnServer('S-02 so does what the database could not serialize, at the commit, too', async () => {
      const serializable: Begin = (run) =>
        db
          .transaction()
          .setIsolationLevel('serializable')
          .execute((transaction) => run(on(transaction), transaction));
      const together = meeting(2);
      let begun = 0;
      // Each puts down how many there were before it: in no serial order are there two that saw none.
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

    test('S-08 a commit whose answer was lost is there once, and not made again', async () => {
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

    test('a unique key of the host’s own is no conflict', async () => {
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

    /** At the first commit in it, somebody else is faster. */
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

/** Holds up so many until all of them have come; nobody who comes later. */
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
