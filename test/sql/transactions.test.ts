// Commands inside a transaction of the app: its tables and the library's commit together, or not at all.
import {
  sql,
  type Kysely,
  type KyselyPlugin,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type Transaction,
} from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  defaultMatrix,
  isWorkspaceError,
  WorkspaceService,
  type BeginTransaction,
  type StorageAdapter,
  type TenantryEvent,
  type UserActor,
} from '../../src/index.js';
import { sqlQuota, sqlStorage, type SqlDatabase } from '../../src/adapters/sql/index.js';
import { testTokens } from '../../src/testing/index.js';
import { databaseKinds, type TestDatabase } from './databases.js';

type HostTables = { projects: { workspace_id: string; name: string } };
type Begin = BeginTransaction<Transaction<HostTables>>;

const ada: UserActor = { userId: 'ada' };
const ben: UserActor = { userId: 'ben' };
const root = { operator: 'root' };
const defaults = { pods: '5' };

class Abandoned extends Error {}

class NoPlugin implements KyselyPlugin {
  transformQuery({ node }: PluginTransformQueryArgs) {
    return node;
  }
  transformResult({ result }: PluginTransformResultArgs) {
    return Promise.resolve(result);
  }
}

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let db: Kysely<HostTables>;

    /** Needs a second connection. */
    const testOnServer = (title: string, run: () => Promise<void>): void => {
      if (kind.name === 'PostgreSQL' || kind.name === 'MariaDB') test(title, run);
    };

    const testOnPostgres = (title: string, run: () => Promise<void>): void => {
      if (kind.name === 'PostgreSQL') test(title, run);
    };

    beforeAll(async () => {
      database = await kind.create();
      const { schema } = database.tables;
      db = database.db.withTables<HostTables>();
      if (schema !== undefined) db = db.withSchema(schema);
      await db.schema
        .createTable('projects')
        .addColumn('workspace_id', 'varchar(63)')
        .addColumn('name', 'varchar(63)')
        .execute();
    });
    afterAll(() => database.drop());

    const on = (host: SqlDatabase) => ({
      storage: sqlStorage({ db: host, ...database.tables }),
      quota: sqlQuota({ db: host, ...database.tables, defaults }),
    });

    const begin: Begin = (run) =>
      db.transaction().execute((transaction) => run(on(transaction), transaction));

    async function start() {
      await database.empty();
      await db.deleteFrom('projects').execute();
      const workspaces = new WorkspaceService({
        ...on(database.db),
        permissions: defaultMatrix,
        tokens: testTokens,
      });
      const heard: TenantryEvent['type'][] = [];
      await workspaces.openAccount({ ...ada, username: 'ada' });
      await workspaces.openAccount({ ...ben, username: 'ben' });
      workspaces.on('*', ({ type }) => heard.push(type));
      return { workspaces, heard };
    }

    const projects = async () =>
      (await db.selectFrom('projects').select('name').execute()).map(({ name }) => name);

    test('S-01 rows of the app and of the library commit together, and events follow the commit', async () => {
      const { workspaces, heard } = await start();
      await workspaces.withTransaction(begin, async (inside, transaction) => {
        const { id: workspaceId } = await inside.createWorkspace(ada, { name: 'hello' });
        await transaction
          .insertInto('projects')
          .values({ workspace_id: workspaceId, name: 'first' })
          .execute();
        await inside.renameWorkspace(ada, { workspaceId, name: 'renamed' });
        const reserving = { workspaceId, reservationId: 'r', amounts: { pods: '2' } };
        expect(await inside.withQuota(ada, reserving, () => 'made')).toBe('made');
        expect(heard).toEqual([]);
      });
      expect(heard).toEqual(['workspace.created', 'workspace.renamed', 'quota.reserved', 'quota.committed']);
      const { items } = await workspaces.listWorkspaces(ada);
      expect(items.map(({ workspace }) => workspace.name).sort()).toEqual(['ada', 'renamed']);
      expect(await projects()).toEqual(['first']);
    });

    test('S-01 a rollback of the app removes the rows of both, and emits no events', async () => {
      const { workspaces, heard } = await start();
      let workspaceId = '';
      const abandoned = workspaces.withTransaction(begin, async (inside, transaction) => {
        ({ id: workspaceId } = await inside.createWorkspace(ada, { name: 'hello' }));
        await transaction
          .insertInto('projects')
          .values({ workspace_id: workspaceId, name: 'first' })
          .execute();
        const reserving = { workspaceId, reservationId: 'r', amounts: { pods: '2' } };
        await inside.reserveQuota(ada, reserving);
        throw new Abandoned();
      });
      await expect(abandoned).rejects.toThrow(Abandoned);
      expect(heard).toEqual([]);
      expect(await codeOf(workspaces.getWorkspace(root, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
      expect((await workspaces.listWorkspaces(ada)).items).toHaveLength(1);
      expect(await projects()).toEqual([]);
      await workspaces.createWorkspace(ada, { name: 'hello', workspaceId });
      const { resources } = await workspaces.getQuota(ada, { workspaceId });
      expect(resources['pods']).toMatchObject({ used: '0', reserved: '0' });
    });

    test('S-05 after a refusal or a taken name, the app’s transaction can continue', async () => {
      const { workspaces } = await start();
      await workspaces.createWorkspace(ada, { name: 'taken' });
      await workspaces.withTransaction(begin, async (inside, transaction) => {
        expect(await codeOf(inside.createWorkspace(ada, { name: 'TAKEN' }))).toBe('NAME_TAKEN');
        expect(await codeOf(inside.renameAccount(ada, { ...ada, username: 'Ben' }))).toBe('USERNAME_TAKEN');
        const { id: workspaceId } = await inside.createWorkspace(ada, { name: 'free' });
        const much = { workspaceId, reservationId: 'r', amounts: { pods: '6' } };
        expect(await codeOf(inside.reserveQuota(ada, much))).toBe('QUOTA_EXCEEDED');
        await transaction
          .insertInto('projects')
          .values({ workspace_id: workspaceId, name: 'after' })
          .execute();
      });
      expect(await projects()).toEqual(['after']);
      expect((await workspaces.listWorkspaces(ada)).items).toHaveLength(3);
    });

    test('a command sees what the transaction wrote before it', async () => {
      const { workspaces } = await start();
      await workspaces.withTransaction(begin, async (inside) => {
        const { id: workspaceId } = await inside.createWorkspace(ada, { name: 'hello' });
        const { token } = await inside.inviteMember(ada, { workspaceId, role: 'manager' });
        await inside.acceptInvitation(ben, { token });
        const question = { workspaceId, permission: 'resource:create' } as const;
        expect(await inside.can(ben, question)).toBe(true);
        await inside.removeMember(ada, { workspaceId, ...ben });
        expect(await inside.can(ben, question)).toBe(false);
      });
    });

    // One connection cannot lose a race against itself, and on MariaDB reads inside lock the workspace.
    testOnPostgres('S-02 a lost race starts the whole transaction again', async () => {
      const { workspaces } = await start();
      const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
      let begins = 0;
      const racing: Begin = (run) =>
        begin(({ storage, ...adapters }, transaction) => {
          begins += 1;
          const isFirst = begins === 1;
          const commit: StorageAdapter['commit'] = async (changes) => {
            if (isFirst) await workspaces.renameWorkspace(ada, { workspaceId, name: 'faster' });
            return storage.commit(changes);
          };
          return run({ ...adapters, storage: { ...storage, commit } }, transaction);
        });
      const { name } = await workspaces.withTransaction(racing, (inside) =>
        inside.renameWorkspace(ada, { workspaceId, name: 'slower' }),
      );
      expect([begins, name]).toEqual([2, 'slower']);
      expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('slower');
      const { items } = await workspaces.listEvents(ada, { workspaceId, order: 'newest', limit: 2 });
      expect(items.map(({ data }) => data)).toEqual([
        { from: 'faster', to: 'slower' },
        { from: 'hello', to: 'faster' },
      ]);
    });

    testOnServer('S-02 a deadlock of two transactions that charge starts one of them again', async () => {
      const { workspaces } = await start();
      const names = ['one', 'two'];
      const teams = await Promise.all(names.map((name) => workspaces.createWorkspace(ada, { name })));
      for (const { id: workspaceId } of teams) {
        // Their ledgers exist, so the transactions only compete for the two rows.
        await workspaces.reserveQuota(ada, { workspaceId, reservationId: 'first', amounts: { pods: '1' } });
        await workspaces.releaseQuota(ada, { workspaceId, reservationId: 'first' });
      }
      const ids = teams.map(({ id }) => id);
      let begun = 0;
      let bothBegan = (): void => undefined;
      const both = new Promise<void>((resolve) => (bothBegan = resolve));
      let begins = 0;
      // In repeatable read MariaDB locks the gaps between rows, and neither would reach its second workspace.
      const readCommitted: Begin = (run) => {
        begins += 1;
        return db
          .transaction()
          .setIsolationLevel('read committed')
          .execute((transaction) => run(on(transaction), transaction));
      };
      const charge = (reservationId: string, inOrder: readonly string[]) =>
        workspaces.withTransaction(readCommitted, async (inside) => {
          for (const workspaceId of inOrder) {
            await inside.reserveQuota(ada, { workspaceId, reservationId, amounts: { pods: '1' } });
            begun += 1;
            if (begun === 2) bothBegan();
            await both;
          }
        });
      await Promise.all([charge('a', ids), charge('b', [...ids].reverse())]);
      expect(begins).toBeGreaterThan(2);
      for (const workspaceId of ids) {
        const { resources } = await workspaces.getQuota(ada, { workspaceId });
        expect(resources['pods']).toMatchObject({ reserved: '2' });
      }
    });

    // In repeatable read, plain reads return the snapshot of the first read: the ledger must not be read that way.
    testOnServer(
      'Q-07 Q-09 a reservation counts what others reserved since the first read of its transaction',
      async () => {
        const { workspaces } = await start();
        const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
        await workspaces.reserveQuota(ada, { workspaceId, reservationId: 'first', amounts: { pods: '1' } });
        await workspaces.releaseQuota(ada, { workspaceId, reservationId: 'first' });
        const ends: string[] = [];
        for (const [outer, inner] of [
          [
            ['same', '2'],
            ['same', '2'],
          ],
          [
            ['most', '2'],
            ['other', '2'],
          ],
        ] as const) {
          const asking = ([reservationId, pods]: readonly [string, string]) => ({
            workspaceId,
            reservationId,
            amounts: { pods },
          });
          let begins = 0;
          const repeatableRead: Begin = (run) => {
            begins += 1;
            return db
              .transaction()
              .setIsolationLevel('repeatable read')
              .execute((transaction) => run(on(transaction), transaction));
          };
          const attempt = workspaces.withTransaction(repeatableRead, async (inside) => {
            await inside.getQuota(ada, { workspaceId });
            if (begins === 1) await workspaces.reserveQuota(ada, asking(outer));
            await inside.reserveQuota(ada, asking(inner));
          });
          ends.push(await codeOf(attempt));
          // PostgreSQL fails to serialize the first attempt; MariaDB reads the latest rows.
          expect(begins).toBe(kind.name === 'PostgreSQL' ? 2 : 1);
        }
        expect(ends).toEqual(['ok', 'QUOTA_EXCEEDED']);
        const { resources } = await workspaces.getQuota(ada, { workspaceId });
        expect(resources['pods']).toMatchObject({ used: '0', reserved: '4' });
        for (const reservationId of ['same', 'most']) {
          await workspaces.releaseQuota(ada, { workspaceId, reservationId });
        }
        const { resources: after } = await workspaces.getQuota(ada, { workspaceId });
        expect(after['pods']).toMatchObject({ used: '0', reserved: '0' });
      },
    );

    test('S-01 of parallel calls in one transaction, only the successful ones leave rows', async () => {
      const { workspaces } = await start();
      await workspaces.createWorkspace(ben, { name: 'taken' });
      for (let offset = 0; offset < 8; offset++) {
        const ended = await workspaces.withTransaction(begin, async (inside) => {
          const late = async () => {
            for (let turn = 0; turn < offset; turn++) await new Promise((resolve) => setImmediate(resolve));
            return inside.createWorkspace(ben, { name: 'taken' });
          };
          const name = `free ${offset}`;
          return Promise.all([codeOf(inside.createWorkspace(ada, { name })), codeOf(late())]);
        });
        expect(ended).toEqual(['ok', 'NAME_TAKEN']);
      }
      const { items } = await workspaces.listWorkspaces(ada);
      expect(items).toHaveLength(9);
      expect((await workspaces.listWorkspaces(ben)).items).toHaveLength(2);
      const { rows } = await sql<{ count: unknown }>`
        select count(*) as count from ${sql.table(database.table('workspace_ids'))}`.execute(db);
      expect(Number(rows[0]?.count)).toBe(11);
    });

    const views: readonly (readonly [string, (transaction: Transaction<HostTables>) => SqlDatabase])[] = [
      ['withPlugin', (transaction) => transaction.withPlugin(new NoPlugin())],
      ['withoutPlugins', (transaction) => transaction.withoutPlugins()],
      ['withSchema', (transaction) => transaction.withSchema(database.tables.schema ?? 'main')],
    ];
    test.each(views)('S-01 two views of one transaction take turns: %s', async (_name, viewOf) => {
      const { workspaces } = await start();
      const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'taken' });
      await workspaces.setQuota(root, { workspaceId, limits: { pods: '100' } });
      const mixed: Begin = (run) =>
        db.transaction().execute((transaction) => {
          const { storage } = on(transaction);
          return run({ storage, quota: on(viewOf(transaction)).quota }, transaction);
        });
      for (let round = 0; round < 5; round++) {
        const reserve = (inside: WorkspaceService, id: string) =>
          codeOf(inside.reserveQuota(ada, { workspaceId, reservationId: id, amounts: { pods: '1' } }));
        const ends = await workspaces.withTransaction(mixed, (inside) =>
          Promise.all([
            reserve(inside, `a${round}`),
            codeOf(inside.createWorkspace(ada, { name: 'taken' })),
            reserve(inside, `b${round}`),
          ]),
        );
        expect(ends).toEqual(['ok', 'NAME_TAKEN', 'ok']);
      }
      const { resources } = await workspaces.getQuota(ada, { workspaceId });
      expect(resources['pods']).toMatchObject({ reserved: '10' });
    });

    test('S-07 after an outage every later call fails, and the transaction is rolled back without events', async () => {
      const { workspaces, heard } = await start();
      let isDown = false;
      const failing: Begin = (run) =>
        begin(({ storage, ...adapters }, transaction) => {
          const findMembership: StorageAdapter['findMembership'] = (...which) =>
            isDown ? Promise.reject(new Error('cut')) : storage.findMembership(...which);
          return run({ ...adapters, storage: { ...storage, findMembership } }, transaction);
        });
      const ended = workspaces.withTransaction(failing, async (inside) => {
        const { id: workspaceId } = await inside.createWorkspace(ada, { name: 'hello' });
        isDown = true;
        const question = { workspaceId, permission: 'workspace:view' } as const;
        expect(await codeOf(inside.authorize(ada, question))).toBe('UNAVAILABLE');
        isDown = false;
        expect(await codeOf(inside.authorize(ada, question))).toBe('UNAVAILABLE');
        expect(await codeOf(inside.getQuota(ada, { workspaceId }))).toBe('UNAVAILABLE');
      });
      expect(await codeOf(ended)).toBe('UNAVAILABLE');
      expect(heard).toEqual([]);
      expect((await workspaces.listWorkspaces(ada)).items).toHaveLength(1);
    });

    testOnServer(
      'Q-16 a workspace forgotten after a transaction’s first read is not found inside the transaction',
      async () => {
        const { workspaces } = await start();
        const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
        const asking = { workspaceId, reservationId: 'r', amounts: { pods: '1' } };
        await workspaces.reserveQuota(ada, { ...asking, reservationId: 'before' });
        await workspaces.withTransaction(begin, async (inside) => {
          await inside.getQuota(ada, { workspaceId });
          await on(database.db).quota.forget(workspaceId);
          expect(await codeOf(inside.reserveQuota(ada, asking))).toBe('WORKSPACE_NOT_FOUND');
        });
      },
    );

    test('rejects a transaction without a quota adapter if the service has one', async () => {
      const { workspaces } = await start();
      const bare: Begin = (run) => begin(({ storage }, transaction) => run({ storage }, transaction));
      const work = (inside: WorkspaceService) => inside.createWorkspace(ada, { name: 'hello' });
      await expect(workspaces.withTransaction(bare, work)).rejects.toThrow(TypeError);
      const { storage } = on(database.db);
      const without = new WorkspaceService({ storage, permissions: defaultMatrix, tokens: testTokens });
      expect((await without.withTransaction(bare, work)).name).toBe('hello');
    });

    test('uses the hooks and listeners of the outer service', async () => {
      const { workspaces } = await start();
      const undo = workspaces.before('createWorkspace', () => {
        throw new Error('closed today');
      });
      const heard: string[] = [];
      await workspaces.withTransaction(begin, async (inside) => {
        expect(await codeOf(inside.createWorkspace(ada, { name: 'hello' }))).toBe('VETOED');
        undo();
        inside.on('workspace.created', ({ data }) => heard.push(data.name));
        await inside.createWorkspace(ada, { name: 'hello' });
        expect(heard).toEqual([]);
      });
      expect(heard).toEqual(['hello']);
    });
  });
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (isWorkspaceError(error)) return error.code;
    throw error;
  }
}
