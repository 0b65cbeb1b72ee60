// Commands inside a transaction of the host's: its tables and ours commit together, or not at all.
import { sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isWorkspaceError, WorkspaceService, type TenantryEvent, type UserActor } from '../../src/index.js';
import { sqlQuota, sqlStorage, type SqlDatabase } from '../../src/adapters/sql/index.js';
import { testTokens } from '../../src/testing/index.js';
import { databaseKinds, type TestDatabase } from './databases.js';

type HostTables = { projects: { workspace_id: string; name: string } };

const ada: UserActor = { userId: 'ada' };
const ben: UserActor = { userId: 'ben' };
const root = { operator: 'root' };
const defaults = { pods: '5' };

class Abandoned extends Error {}

for (const kind of databaseKinds) {
  describe(kind.name, () => {
    let database: TestDatabase;
    let db: Kysely<HostTables>;

    /** Needs a second connection. */
    const testOnServer = (title: string, run: () => Promise<void>): void => {
      if (kind.name === 'PostgreSQL' || kind.name === 'MariaDB') test(title, run);
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

    async function start() {
      await database.empty();
      await db.deleteFrom('projects').execute();
      const workspaces = new WorkspaceService({ ...on(database.db), tokens: testTokens });
      const heard: TenantryEvent['type'][] = [];
      await workspaces.openAccount({ ...ada, username: 'ada' });
      await workspaces.openAccount({ ...ben, username: 'ben' });
      workspaces.on('*', ({ type }) => heard.push(type));
      return { workspaces, heard };
    }

    const projects = async () =>
      (await db.selectFrom('projects').select('name').execute()).map(({ name }) => name);

    test('S-01 what both write is there together, and events are told when the host says so', async () => {
      const { workspaces, heard } = await start();
      const publish = await db.transaction().execute(async (transaction) => {
        const inside = workspaces.inTransaction(on(transaction));
        const { id: workspaceId } = await inside.workspaces.createWorkspace(ada, { name: 'hello' });
        await transaction
          .insertInto('projects')
          .values({ workspace_id: workspaceId, name: 'first' })
          .execute();
        await inside.workspaces.renameWorkspace(ada, { workspaceId, name: 'renamed' });
        const reserving = { workspaceId, reservationId: 'r', amounts: { pods: '2' } };
        expect(await inside.workspaces.withQuota(ada, reserving, () => 'made')).toBe('made');
        return inside.publish;
      });
      expect(heard).toEqual([]);
      publish();
      const types = ['workspace.created', 'workspace.renamed', 'quota.reserved', 'quota.committed'];
      expect(heard).toEqual(types);
      publish();
      expect(heard).toEqual(types);
      const { items } = await workspaces.listWorkspaces(ada);
      expect(items.map(({ workspace }) => workspace.name).sort()).toEqual(['ada', 'renamed']);
      expect(await projects()).toEqual(['first']);
    });

    test('S-01 a host that rolls back leaves nothing of either, and nothing is heard', async () => {
      const { workspaces, heard } = await start();
      let workspaceId = '';
      const abandoned = db.transaction().execute(async (transaction) => {
        const inside = workspaces.inTransaction(on(transaction));
        ({ id: workspaceId } = await inside.workspaces.createWorkspace(ada, { name: 'hello' }));
        await transaction
          .insertInto('projects')
          .values({ workspace_id: workspaceId, name: 'first' })
          .execute();
        const reserving = { workspaceId, reservationId: 'r', amounts: { pods: '2' } };
        await inside.workspaces.reserveQuota(ada, reserving);
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

    test('S-05 after a refusal, and after a taken name, the transaction of the host goes on', async () => {
      const { workspaces } = await start();
      await workspaces.createWorkspace(ada, { name: 'taken' });
      await db.transaction().execute(async (transaction) => {
        const inside = workspaces.inTransaction(on(transaction));
        expect(await codeOf(inside.workspaces.createWorkspace(ada, { name: 'TAKEN' }))).toBe('NAME_TAKEN');
        expect(await codeOf(inside.workspaces.renameAccount(ada, { ...ada, username: 'Ben' }))).toBe(
          'USERNAME_TAKEN',
        );
        const { id: workspaceId } = await inside.workspaces.createWorkspace(ada, { name: 'free' });
        const much = { workspaceId, reservationId: 'r', amounts: { pods: '6' } };
        expect(await codeOf(inside.workspaces.reserveQuota(ada, much))).toBe('QUOTA_EXCEEDED');
        await transaction
          .insertInto('projects')
          .values({ workspace_id: workspaceId, name: 'after' })
          .execute();
      });
      expect(await projects()).toEqual(['after']);
      expect((await workspaces.listWorkspaces(ada)).items).toHaveLength(3);
    });

    test('a command sees what the transaction wrote before it, and nobody else does', async () => {
      const { workspaces } = await start();
      await db.transaction().execute(async (transaction) => {
        const inside = workspaces.inTransaction(on(transaction));
        const { id: workspaceId } = await inside.workspaces.createWorkspace(ada, { name: 'hello' });
        const { token } = await inside.workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
        await inside.workspaces.acceptInvitation(ben, { token });
        const question = { workspaceId, permission: 'resource:create' } as const;
        expect(await inside.workspaces.can(ben, question)).toBe(true);
        await inside.workspaces.removeMember(ada, { workspaceId, ...ben });
        expect(await inside.workspaces.can(ben, question)).toBe(false);
      });
    });

    // One connection cannot lose a race against itself.
    testOnServer(
      'S-02 a race that is lost ends with CONFLICT at once, and the whole transaction can be made again',
      async () => {
        const { workspaces } = await start();
        const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
        let isFirst = true;
        const attempt = () =>
          db.transaction().execute(async (transaction) => {
            const adapters = on(transaction);
            const inside = workspaces.inTransaction({
              ...adapters,
              storage: {
                ...adapters.storage,
                commit: async (commit) => {
                  if (isFirst) await workspaces.renameWorkspace(ada, { workspaceId, name: 'faster' });
                  isFirst = false;
                  return adapters.storage.commit(commit);
                },
              },
            });
            await inside.workspaces.renameWorkspace(ada, { workspaceId, name: 'slower' });
          });
        await expect(attempt()).rejects.toMatchObject({ code: 'CONFLICT', details: { attempts: 1 } });
        expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('faster');
        await attempt();
        expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('slower');
      },
    );

    testOnServer(
      'S-02 a deadlock of two transactions that charge ends one with CONFLICT, and it can be made again',
      async () => {
        const { workspaces } = await start();
        const names = ['one', 'two'];
        const teams = await Promise.all(names.map((name) => workspaces.createWorkspace(ada, { name })));
        for (const { id: workspaceId } of teams) {
          // Their ledgers are there: no more than the two rows is fought for.
          await workspaces.reserveQuota(ada, { workspaceId, reservationId: 'zero', amounts: { pods: '0' } });
        }
        const ids = teams.map(({ id }) => id);
        let begun = 0;
        let bothBegan = (): void => undefined;
        const both = new Promise<void>((resolve) => (bothBegan = resolve));
        // In repeatable read MariaDB locks the gaps between rows, and neither would come to its second workspace.
        const begin = () => db.transaction().setIsolationLevel('read committed');
        const charging = (reservationId: string, inOrder: readonly string[]) => () =>
          begin().execute(async (transaction) => {
            const inside = workspaces.inTransaction(on(transaction));
            for (const workspaceId of inOrder) {
              await inside.workspaces.reserveQuota(ada, {
                workspaceId,
                reservationId,
                amounts: { pods: '1' },
              });
              begun += 1;
              if (begun === 2) bothBegan();
              await both;
            }
          });
        const runs = [charging('a', ids), charging('b', [...ids].reverse())];
        const failures = await Promise.all(
          runs.map((run) =>
            run().then(
              () => null,
              (error: unknown) => ({ run, error }),
            ),
          ),
        );
        const lost = failures.filter((failure) => failure !== null);
        expect(lost).toHaveLength(1);
        expect(lost[0]?.error).toMatchObject({ code: 'CONFLICT', retryable: true, details: { attempts: 1 } });
        await lost[0]?.run();
        for (const workspaceId of ids) {
          const { resources } = await workspaces.getQuota(ada, { workspaceId });
          expect(resources['pods']).toMatchObject({ reserved: '2' });
        }
      },
    );

    // In repeatable read, what the host read first is what it goes on to read: the ledger must not be read that way.
    testOnServer(
      'Q-07 Q-09 a reservation in a transaction that has read before counts what others reserved since',
      async () => {
        const { workspaces } = await start();
        const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
        await workspaces.reserveQuota(ada, { workspaceId, reservationId: 'zero', amounts: { pods: '0' } });
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
          const attempt = db
            .transaction()
            .setIsolationLevel('repeatable read')
            .execute(async (transaction) => {
              const inside = workspaces.inTransaction(on(transaction));
              await inside.workspaces.getQuota(ada, { workspaceId });
              await workspaces.reserveQuota(ada, asking(outer));
              await inside.workspaces.reserveQuota(ada, asking(inner));
            });
          ends.push(await codeOf(attempt));
        }
        // PostgreSQL refuses what it cannot serialize; MariaDB reads what is there now.
        const expected = kind.name === 'PostgreSQL' ? ['CONFLICT', 'CONFLICT'] : ['ok', 'QUOTA_EXCEEDED'];
        expect(ends).toEqual(expected);
        const { resources } = await workspaces.getQuota(ada, { workspaceId });
        expect(resources['pods']).toMatchObject({ used: '0', reserved: '4' });
        for (const reservationId of ['same', 'most', 'zero']) {
          await workspaces.releaseQuota(ada, { workspaceId, reservationId });
        }
        const { resources: after } = await workspaces.getQuota(ada, { workspaceId });
        expect(after['pods']).toMatchObject({ used: '0', reserved: '0' });
      },
    );

    test('S-01 parallel calls in one transaction: whoever succeeded is there, whoever was refused left nothing', async () => {
      const { workspaces } = await start();
      await workspaces.createWorkspace(ben, { name: 'taken' });
      for (let offset = 0; offset < 8; offset++) {
        const ended = await db.transaction().execute(async (transaction) => {
          const inside = workspaces.inTransaction(on(transaction));
          const late = async () => {
            for (let turn = 0; turn < offset; turn++) await new Promise((resolve) => setImmediate(resolve));
            return inside.workspaces.createWorkspace(ben, { name: 'taken' });
          };
          const name = `free ${offset}`;
          return Promise.all([codeOf(inside.workspaces.createWorkspace(ada, { name })), codeOf(late())]);
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

    test('S-07 after an outage the transaction is over: later calls fail, and nothing can be published', async () => {
      const { workspaces, heard } = await start();
      const publish = await db.transaction().execute(async (transaction) => {
        const adapters = on(transaction);
        let isDown = false;
        const inside = workspaces.inTransaction({
          ...adapters,
          storage: {
            ...adapters.storage,
            findMember: (...which) =>
              isDown ? Promise.reject(new Error('cut')) : adapters.storage.findMember(...which),
          },
        });
        const { id: workspaceId } = await inside.workspaces.createWorkspace(ada, { name: 'hello' });
        isDown = true;
        const question = { workspaceId, permission: 'workspace:view' } as const;
        expect(await codeOf(inside.workspaces.authorize(ada, question))).toBe('UNAVAILABLE');
        isDown = false;
        expect(await codeOf(inside.workspaces.authorize(ada, question))).toBe('UNAVAILABLE');
        expect(await codeOf(inside.workspaces.getQuota(ada, { workspaceId }))).toBe('UNAVAILABLE');
        return inside.publish;
      });
      expect(publish).toThrow(TypeError);
      expect(heard).toEqual([]);
    });

    testOnServer(
      'Q-16 a workspace that is forgotten while a transaction looks at what was, is gone inside, too',
      async () => {
        const { workspaces } = await start();
        const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
        const asking = { workspaceId, reservationId: 'r', amounts: { pods: '1' } };
        await workspaces.reserveQuota(ada, { ...asking, reservationId: 'before' });
        await db.transaction().execute(async (transaction) => {
          const inside = workspaces.inTransaction(on(transaction));
          await inside.workspaces.getQuota(ada, { workspaceId });
          await on(database.db).quota.forget(workspaceId);
          expect(await codeOf(inside.workspaces.reserveQuota(ada, asking))).toBe('WORKSPACE_NOT_FOUND');
        });
      },
    );

    test('a service with a quota takes no transaction without one', async () => {
      const { workspaces } = await start();
      const { storage } = on(database.db);
      expect(() => workspaces.inTransaction({ storage })).toThrow(TypeError);
      const without = new WorkspaceService({ storage, tokens: testTokens });
      expect(() => without.inTransaction({ storage })).not.toThrow();
    });

    test('hooks and listeners are those of the service outside', async () => {
      const { workspaces } = await start();
      const undo = workspaces.before('createWorkspace', () => {
        throw new Error('closed today');
      });
      await db.transaction().execute(async (transaction) => {
        const inside = workspaces.inTransaction(on(transaction));
        expect(await codeOf(inside.workspaces.createWorkspace(ada, { name: 'hello' }))).toBe('VETOED');
        undo();
        const heard: string[] = [];
        inside.workspaces.on('workspace.created', ({ data }) => heard.push(data.name));
        await inside.workspaces.createWorkspace(ada, { name: 'hello' });
        expect(heard).toEqual([]);
        inside.publish();
        expect(heard).toEqual(['hello']);
      });
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
