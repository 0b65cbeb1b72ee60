// What callers are told when a database fails them: that it did not answer, or the truth; and that the next call works.
import { sql, type ControlledTransaction, type Kysely, type LogEvent } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import {
  WorkspaceService,
  isWorkspaceError,
  type StorageAdapter,
  type UserActor,
  type WorkspaceError,
} from '../../src/index.js';
import { actions, type Action } from '../../src/testing/actions.js';
import { seededRandom } from '../../src/testing/chaos.js';
import { endOf, processService, putScenario, type Scenario } from '../../src/testing/scenario.js';
import { testTokens } from '../../src/testing/test-workspaces.js';
import { rounds } from '../campaign.js';
import { mariadbWith, postgresWith, sqliteWith } from './connections.js';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy.js';
import {
  MARIADB_URL,
  POSTGRES_URL,
  databaseKinds,
  migrate,
  sqliteFile,
  type TestDatabase,
} from './databases.js';
import { postgresPrograms, privatePostgres, type PrivatePostgres } from './private-postgres.js';
import { unsound, wholeWorld } from './whole-world.js';
import { addressOf } from './workers.js';

/** A server that connections of one test go to, and how it is told what to do to them. */
interface Server {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** An instance with one connection. */
  readonly connect: (options?: Connecting) => Kysely<unknown>;
  readonly settings: {
    readonly statementTimeout: string;
    readonly lockTimeout: string;
    readonly readOnly: string;
    readonly quickDeadlocks: string;
    readonly slowDeadlocks: string;
  };
  /** The number of the instance's connection. */
  readonly connectionOf: (db: Kysely<unknown>) => Promise<number>;
  readonly isWaiting: (db: Kysely<unknown>, connection: number) => Promise<boolean>;
  readonly end: (db: Kysely<unknown>, connection: number) => Promise<unknown>;
  /** How drivers call a deadlock. */
  readonly deadlock: string;
}

interface Connecting {
  readonly url?: string;
  /** Of each connection, in the server's words. */
  readonly settings?: string;
  readonly log?: (event: LogEvent) => void;
  /** Gives up at once, or soon, where there is no connection left. */
  readonly isImpatient?: boolean;
}

const postgresServer: Server = {
  name: 'PostgreSQL',
  url: POSTGRES_URL,
  port: 5432,
  connect: ({ url = POSTGRES_URL, settings = '', log, isImpatient = false } = {}) =>
    postgresWith(
      {
        connectionString: url,
        max: 1,
        options: settings,
        ...(isImpatient && { connectionTimeoutMillis: 50 }),
      },
      log && { log },
    ),
  settings: {
    statementTimeout: '-c statement_timeout=50',
    lockTimeout: '-c lock_timeout=10',
    readOnly: '-c default_transaction_read_only=on',
    quickDeadlocks: '-c deadlock_timeout=1',
    slowDeadlocks: '-c deadlock_timeout=1h',
  },
  connectionOf: (db) => numberOf(sql`select pg_backend_pid() as number`.execute(db)),
  isWaiting: async (db, connection) => {
    const { rows } = await sql`
      select 1 from pg_stat_activity where pid = ${connection} and wait_event_type = 'Lock'`.execute(db);
    return rows.length > 0;
  },
  end: (db, connection) => sql`select pg_terminate_backend(${connection}::int)`.execute(db),
  deadlock: '40P01',
};

const mariadbServer: Server = {
  name: 'MariaDB',
  url: MARIADB_URL,
  port: 3306,
  connect: ({ url = MARIADB_URL, settings = '', log, isImpatient = false } = {}) =>
    mariadbWith(
      { uri: url, connectionLimit: 1, waitForConnections: !isImpatient },
      { ...(settings !== '' && { prepare: settings }), ...(log && { log }) },
    ),
  settings: {
    statementTimeout: 'set session max_statement_time = 0.05',
    lockTimeout: 'set session innodb_lock_wait_timeout = 0',
    readOnly: 'set session transaction read only',
    // It looks for them at each wait, and ends the lighter transaction.
    quickDeadlocks: '',
    slowDeadlocks: '',
  },
  connectionOf: (db) => numberOf(sql`select connection_id() as number`.execute(db)),
  isWaiting: async (db, connection) => {
    // innodb_trx is a copy, which is not renewed while somebody keeps asking.
    const { rows } = await sql<{ Status: string }>`show engine innodb status`.execute(db);
    const transactions = rows[0]?.Status.split('---TRANSACTION') ?? [];
    return transactions.some((one) => one.includes(`thread id ${connection},`) && one.includes('LOCK WAIT'));
  },
  end: (db, connection) => sql`kill ${sql.lit(connection)}`.execute(db),
  deadlock: '1213',
};

/** A command on a quota, what happened before it, and what is used and reserved before and after it. */
interface Charging {
  readonly title: string;
  readonly before: Charge;
  readonly run: Charge;
  readonly from: readonly [string, string];
  readonly to: readonly [string, string];
}

type Charge = (
  workspaces: WorkspaceService,
  by: UserActor,
  charge: { readonly workspaceId: string; readonly reservationId: string },
) => Promise<unknown>;

const rename = actionOf('Olga renames the team as a workspace of Mark');
const transfer = actionOf('Olga hands the team to Mark');

/** These are cut at every point in the short form, too. */
const cutEverywhere: readonly Action[] = [transfer, actionOf('Xena accepts the single link')];

for (const kind of databaseKinds) {
  for (const server of [postgresServer, mariadbServer].filter(({ name }) => name === kind.name)) {
    describe(server.name, () => {
      let database: TestDatabase;
      let direct: StorageAdapter;
      const opened: Kysely<unknown>[] = [];
      const held: Holder[] = [];

      beforeAll(async () => {
        database = await kind.create();
        direct = sqlStorage({ db: database.db, ...database.tables });
      });
      afterEach(async () => {
        // Also after a failure: an instance is not closed before its transactions are.
        for (const holder of held.splice(0)) await letGo(holder);
        await Promise.all(opened.splice(0).map((db) => db.destroy()));
      });
      afterAll(() => database.drop());

      /** A storage on one connection of its own, which is there already. */
      async function storageWith(options: Connecting = {}) {
        const db = server.connect(options);
        opened.push(db);
        const connection = await server.connectionOf(db);
        return { db, connection, storage: sqlStorage({ db, ...database.tables }) };
      }

      /** Somebody else, who has locked rows of a table, and lets go of them at the end. */
      async function holding(table: 'workspaces' | 'accounts', id: string, settings = ''): Promise<Holder> {
        const { db, connection } = await storageWith({ settings });
        const holder = { transaction: await db.startTransaction().execute(), connection };
        held.push(holder);
        await lock(holder.transaction, table, id);
        return holder;
      }

      const lock = (db: Kysely<unknown>, table: 'workspaces' | 'accounts', id: string) => {
        const key = sql.id(table === 'workspaces' ? 'id' : 'user_id');
        return sql`select 1 from ${sql.table(database.table(table))} where ${key} = ${id} for update`.execute(
          db,
        );
      };

      async function untilWaiting(connection: number): Promise<void> {
        while (!(await server.isWaiting(database.db, connection)));
      }

      const start = () => putScenario(direct, nextPrefix());
      const stateOf = (scenario: Scenario) => endOf(direct, scenario, []);

      /** How the world looks after an action that nothing disturbed. */
      async function undisturbed(
        action: Action,
      ): Promise<{ readonly before: string; readonly after: string }> {
        const scenario = await start();
        const before = await stateOf(scenario);
        await act(action, direct, scenario);
        return { before, after: await stateOf(scenario) };
      }

      describe('a connection that is cut', () => {
        let proxy: CuttingProxy;

        beforeAll(async () => {
          proxy = await cuttingProxy(server.url, server.port);
        });
        afterAll(() => proxy.close());

        /** How many questions an action asks the database. */
        async function questionsOf(action: Action): Promise<number> {
          const { db, storage } = await storageWith({ url: proxy.url });
          const scenario = await start();
          proxy.arm(0, 'before');
          await act(action, storage, scenario);
          const questions = proxy.questions();
          await db.destroy();
          return questions;
        }

        /** Cuts once, says what was wrong about the end, and sends the command again. */
        async function cutAt(
          action: Action,
          [question, when]: readonly [number, 'before' | 'after'],
          sabotage = (storage: StorageAdapter): StorageAdapter => storage,
        ) {
          const { db, storage } = await storageWith({ url: proxy.url });
          const scenario = await start();
          proxy.arm(question, when);
          const error = await errorOf(act(action, sabotage(storage), scenario));
          const hasCut = proxy.hasCut();
          const left = await stateOf(scenario);
          // The same command on the same pool; refused or not, it must not be done twice.
          const again = await errorOf(act(action, storage, scenario));
          await db.destroy();
          return { hasCut, error, left, again, end: await stateOf(scenario) };
        }

        // A link is given out anew each time: that is what it is for.
        const canRepeat = actions.filter(({ title }) => title !== 'Mark reissues the single link');

        test.each(canRepeat.map((action) => [action.title, action] as const))(
          'S-08 cut after the commit of: %s: UNAVAILABLE, and sent again it has its effect once',
          async (_title, action) => {
            const { after } = await undisturbed(action);
            const { error, hasCut, left, again, end } = await cutAt(action, [
              await questionsOf(action),
              'after',
            ]);
            expect(hasCut).toBe(true);
            expectUnavailable(error);
            expect(left).toBe(after);
            expect(again?.code).not.toBe('UNAVAILABLE');
            expect(end).toBe(after);
          },
        );

        test.each(
          canRepeat
            .filter((action) => cutEverywhere.includes(action) || rounds(0, 1) === 1)
            .map((action) => [action.title, action] as const),
        )(
          'S-07 S-08 cut at every question and answer of: %s: nothing or all of it is done, and in the end once',
          async (_title, action) => {
            const { before, after } = await undisturbed(action);
            const questions = await questionsOf(action);
            for (let question = 1; question <= questions; question++) {
              for (const when of ['before', 'after'] as const) {
                const { error, hasCut, left, again, end } = await cutAt(action, [question, when]);
                expect(hasCut).toBe(true);
                expectUnavailable(error);
                expect(left).toBe(question === questions && when === 'after' ? after : before);
                expect(again === null || left === after).toBe(true);
                expect(end).toBe(after);
              }
            }
          },
        );

        const charges: readonly Charging[] = [
          {
            title: 'reserveQuota',
            before: () => Promise.resolve(),
            run: (workspaces, by, charge) =>
              workspaces.reserveQuota(by, { ...charge, amounts: { pods: '2' } }),
            from: ['0', '0'],
            to: ['0', '2'],
          },
          {
            title: 'commitQuota',
            before: (workspaces, by, charge) =>
              workspaces.reserveQuota(by, { ...charge, amounts: { pods: '2' } }),
            run: (workspaces, by, charge) => workspaces.commitQuota(by, charge),
            from: ['0', '2'],
            to: ['2', '0'],
          },
          {
            title: 'releaseQuota',
            before: (workspaces, by, charge) =>
              workspaces.withQuota(by, { ...charge, amounts: { pods: '2' } }, () => undefined),
            run: (workspaces, by, charge) => workspaces.releaseQuota(by, charge),
            from: ['2', '0'],
            to: ['0', '0'],
          },
        ];

        test.each(charges.map((charging) => [charging.title, charging] as const))(
          'S-07 S-08 Q-09 cut at every question and answer of %s: charged or not, and in the end once',
          async (_title, { before, run, from, to }) => {
            const serviceOn = (db: Kysely<unknown>) =>
              new WorkspaceService({
                storage: sqlStorage({ db, ...database.tables }),
                quota: sqlQuota({ db, ...database.tables, defaults: { pods: '9' } }),
                tokens: testTokens,
              });
            const straight = serviceOn(database.db);
            // The first question is counted by a round that cuts nothing.
            for (let [question, questions] = [0, 1]; question <= questions; question++) {
              for (const when of ['before', 'after'] as const) {
                const { db } = await storageWith({ url: proxy.url });
                const { team: workspaceId, actor } = await start();
                const charge = { workspaceId, reservationId: 'r' };
                const taken = async () => {
                  const { resources } = await straight.getQuota(actor('olga'), { workspaceId });
                  return [resources['pods']?.used, resources['pods']?.reserved];
                };
                await before(straight, actor('olga'), charge);
                expect(await taken()).toEqual(from);
                proxy.arm(question, when);
                const error = await errorOf(run(serviceOn(db), actor('olga'), charge));
                const hasCut = proxy.hasCut();
                if (question === 0) questions = proxy.questions();
                const left = await taken();
                if (hasCut) expectUnavailable(error, question === 1 ? 'storage' : 'quota');
                expect(hasCut).toBe(question > 0);
                expect([from, to]).toContainEqual(left);
                if (question === 0 || (question === questions && when === 'after')) expect(left).toEqual(to);
                for (const workspaces of [serviceOn(db), straight]) {
                  await run(workspaces, actor('olga'), charge);
                  expect(await taken()).toEqual(to);
                }
                await db.destroy();
              }
            }
          },
        );

        test('S-07 the check can fail: a storage that takes a broken connection for a success is found out', async () => {
          const { before } = await undisturbed(rename);
          const careless = (storage: StorageAdapter): StorageAdapter => ({
            ...storage,
            commit: (commit) => storage.commit(commit).catch(() => ({ ok: true })),
          });
          const { error, left } = await cutAt(rename, [await questionsOf(rename), 'before'], careless);
          expect([error, left]).toEqual([null, before]);
        });

        test('S-07 reads over a connection that is cut are UNAVAILABLE, and the next ones answer', async () => {
          for (const when of ['before', 'after'] as const) {
            const { storage } = await storageWith({ url: proxy.url });
            const scenario = await start();
            const workspaces = processService(storage, scenario.prefix, 0);
            const { team, actor } = scenario;
            for (const read of [
              () => workspaces.getWorkspace(actor('olga'), { workspaceId: team }),
              () => workspaces.listMembers(actor('olga'), { workspaceId: team }),
              () => workspaces.listEvents(actor('olga'), { workspaceId: team }),
              () => workspaces.authorize(actor('mark'), { workspaceId: team, permission: 'resource:create' }),
              () => workspaces.can(actor('mark'), { workspaceId: team, permission: 'resource:create' }),
            ]) {
              proxy.arm(1, when);
              expectUnavailable(await errorOf(read()));
              expect(proxy.hasCut()).toBe(true);
              await read();
            }
          }
        });
      });

      test('S-07 a connection that the server ends in the middle of a commit', async () => {
        const scenario = await start();
        const before = await stateOf(scenario);
        const holder = await holding('workspaces', scenario.team);
        const { storage, connection } = await storageWith();
        const answer = errorOf(act(rename, storage, scenario));
        await untilWaiting(connection);
        await server.end(database.db, connection);
        expectUnavailable(await answer);
        await letGo(holder);
        expect(await stateOf(scenario)).toBe(before);
        await act(rename, storage, scenario);
        expect(await stateOf(scenario)).not.toBe(before);
      });

      test('S-07 a pool that is exhausted', async () => {
        const scenario = await start();
        const before = await stateOf(scenario);
        const { db, connection, storage } = await storageWith({ isImpatient: true });
        const only = { transaction: await db.startTransaction().execute(), connection };
        held.push(only);
        expectUnavailable(await errorOf(act(rename, storage, scenario)));
        expect(await stateOf(scenario)).toBe(before);
        await letGo(only);
        await act(rename, storage, scenario);
        expect(await stateOf(scenario)).not.toBe(before);
      });

      test('S-07 a statement that takes longer than it may', async () => {
        const scenario = await start();
        const before = await stateOf(scenario);
        const holder = await holding('workspaces', scenario.team);
        const { storage } = await storageWith({ settings: server.settings.statementTimeout });
        expectUnavailable(await errorOf(act(rename, storage, scenario)));
        await letGo(holder);
        expect(await stateOf(scenario)).toBe(before);
        await act(rename, storage, scenario);
        expect(await stateOf(scenario)).not.toBe(before);
      });

      test('S-07 a database that is read only: reads answer, and nothing is written', async () => {
        const scenario = await start();
        const before = await stateOf(scenario);
        const { storage } = await storageWith({ settings: server.settings.readOnly });
        const workspaces = processService(storage, scenario.prefix, 0);
        expectUnavailable(await errorOf(act(rename, storage, scenario)));
        const found = await workspaces.getWorkspace(scenario.actor('olga'), { workspaceId: scenario.team });
        expect(found.name).toBe('hello');
        expect(await stateOf(scenario)).toBe(before);
        // As after a failover, to where it may be written.
        await act(rename, (await storageWith()).storage, scenario);
        expect(await stateOf(scenario)).not.toBe(before);
      });

      test('S-07 a lock that somebody keeps: CONFLICT, which may be tried again, and nothing is written', async () => {
        const scenario = await start();
        const before = await stateOf(scenario);
        const holder = await holding('workspaces', scenario.team);
        const { storage } = await storageWith({ settings: server.settings.lockTimeout });
        const error = await errorOf(act(rename, storage, scenario));
        expect([error?.code, error?.retryable]).toEqual(['CONFLICT', true]);
        await letGo(holder);
        expect(await stateOf(scenario)).toBe(before);
        await act(rename, storage, scenario);
        expect(await stateOf(scenario)).not.toBe(before);
      });

      test('S-07 a lock that somebody lets go of: tried again, and done once', async () => {
        const { after } = await undisturbed(rename);
        const scenario = await start();
        const holder = await holding('workspaces', scenario.team);
        const { storage } = await storageWith({ settings: server.settings.lockTimeout });
        let conflicts = 0;
        const noticed: StorageAdapter = {
          ...storage,
          async commit(commit) {
            const result = await storage.commit(commit);
            if (!result.ok && ++conflicts === 1) await letGo(holder);
            return result;
          },
        };
        await act(rename, noticed, scenario);
        expect(conflicts).toBe(1);
        expect(await stateOf(scenario)).toBe(after);
      });

      test('S-07 a deadlock: whoever is chosen to lose tries again, and it is done once', async () => {
        const { after } = await undisturbed(transfer);
        const scenario = await start();
        const [mark, olga] = [scenario.actor('mark').userId, scenario.actor('olga').userId];
        const codes: string[] = [];
        const { storage, connection } = await storageWith({
          settings: server.settings.quickDeadlocks,
          log: (event) => event.level === 'error' && codes.push(codeOf(event.error)),
        });
        // The command locks the team, then Mark, then Olga.
        const first = await holding('accounts', mark);
        const second = await holding('accounts', olga, server.settings.slowDeadlocks);
        const ids = [...Array(20).keys()].map((place) => sql`(${`${scenario.prefix}-${place}`}, 0)`);
        await sql`insert into ${sql.table(database.table('workspace_ids'))} (id, deleted) values ${sql.join(ids)}`.execute(
          second.transaction,
        );
        const answer = act(transfer, storage, scenario);
        await untilWaiting(connection);
        const team = lock(second.transaction, 'workspaces', scenario.team);
        await untilWaiting(second.connection);
        await letGo(first);
        await team;
        await letGo(second);
        await answer;
        expect(codes).toEqual([server.deadlock]);
        expect(await stateOf(scenario)).toBe(after);
      });

      if (server === postgresServer) {
        test('S-07 a serialization failure: tried again, and done once', async () => {
          const { after } = await undisturbed(rename);
          for (const level of ['repeatable read', 'serializable']) {
            const scenario = await start();
            const codes: string[] = [];
            const { storage, connection } = await storageWith({
              settings: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
              log: (event) => event.level === 'error' && codes.push(codeOf(event.error)),
            });
            const { transaction } = await holding('workspaces', scenario.team);
            const table = sql.table(database.table('workspaces'));
            await sql`update ${table} set version = version where id = ${scenario.team}`.execute(transaction);
            const answer = act(rename, storage, scenario);
            await untilWaiting(connection);
            await transaction.commit().execute();
            await answer;
            expect(codes).toEqual(['40001']);
            expect(await stateOf(scenario)).toBe(after);
          }
        });
      }
    });
  }
}

const programs = await postgresPrograms();
if ('missing' in programs) {
  const why = `no PostgreSQL server can be started here, so none is stopped: ${programs.missing}`;
  if (process.env['CI'] === 'true') throw new Error(why);
  console.warn(why);
} else {
  const { folder } = programs;
  describe('a PostgreSQL server that is stopped', { timeout: 1_800_000 }, () => {
    let server: PrivatePostgres;

    beforeAll(async () => {
      server = await privatePostgres(folder);
    });
    afterAll(() => server.remove());

    test('S-07 in the middle of commands, and started again: UNAVAILABLE or the truth, and the next calls work', async () => {
      const db = postgresWith({ connectionString: server.url, max: 4 });
      const tables = { dialect: 'postgres' } as const;
      await migrate(db, tables);
      const random = seededRandom(7);
      const workspaces = new WorkspaceService({ storage: sqlStorage({ db, ...tables }), tokens: testTokens });
      const acknowledged = new Set<string>();
      workspaces.on('*', ({ id }) => acknowledged.add(id));
      const people = [...Array(4).keys()].map((place) => ({ userId: `user-${place}` }));
      const [olga = { userId: '' }] = people;
      for (const { userId } of people) await workspaces.openAccount({ userId, username: userId });
      const { id: workspaceId } = await workspaces.createWorkspace(olga, { name: 'team' });
      let names = 0;
      const commands = [
        () => workspaces.renameWorkspace(olga, { workspaceId, name: `name ${names++}` }),
        () => workspaces.createWorkspace(olga, { name: `team ${names++}` }),
        () => workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses: 'unlimited' }),
        () => workspaces.renameAccount(olga, { ...olga, username: `olga ${names++}` }),
      ];
      for (let round = 0; round < rounds(2, 20); round++) {
        let left = 5 + Math.floor(random() * 40);
        let enough = (): void => undefined;
        const livedEnough = new Promise<void>((resolve) => (enough = resolve));
        /** Until the server is gone. */
        const actor = async (command: () => Promise<unknown>): Promise<void> => {
          for (;;) {
            const error = await errorOf(command());
            if (error === null && --left === 0) enough();
            if (error === null) continue;
            expectUnavailable(error);
            return;
          }
        };
        const lives = commands.map(actor);
        await livedEnough;
        await server.stop();
        await Promise.all(lives);
        for (const command of commands) expectUnavailable(await errorOf(command()));
        await server.start();
        for (const command of commands) await command();
      }
      const table = (name: string) => `tenantry_${name}`;
      const world = await wholeWorld({ db, tables, table });
      const kept = new Set(world.events.map(({ id }) => id));
      expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
      expect(unsound(world)).toEqual([]);
      await db.destroy();
    });
  });
}

interface Holder {
  readonly transaction: ControlledTransaction<unknown>;
  readonly connection: number;
}

async function letGo({ transaction }: Holder): Promise<void> {
  if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute();
}

describe('SQLite', () => {
  let database: TestDatabase;
  let direct: StorageAdapter;

  beforeAll(async () => {
    database = await sqliteFile.create();
    direct = sqlStorage({ db: database.db, ...database.tables });
  });
  afterAll(() => database.drop());

  /** Runs `look` with a storage on a connection of its own. */
  async function connected<Told>(
    look: (storage: StorageAdapter, db: Kysely<unknown>) => Promise<Told>,
    pragmas = '',
  ): Promise<Told> {
    const db = sqliteWith((await addressOf(database)).location, { pragmas });
    try {
      return await look(sqlStorage({ db, ...database.tables }), db);
    } finally {
      await db.destroy();
    }
  }

  test('S-07 a disk that is full: UNAVAILABLE, nothing is written, and it goes on when there is room', async () => {
    await connected(async (storage, db) => {
      const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
      await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 0)}`.execute(db);
      const scenario = await putScenario(direct, nextPrefix());
      const workspaces = processService(storage, scenario.prefix, 0);
      let names = 0;
      let error: WorkspaceError | null = null;
      while (error === null) {
        const name = `${names++}`.padStart(100, 'x');
        error = await errorOf(
          workspaces.renameWorkspace(scenario.actor('olga'), { workspaceId: scenario.team, name }),
        );
      }
      expectUnavailable(error);
      const { items } = await workspaces.listEvents(scenario.actor('olga'), {
        workspaceId: scenario.team,
        limit: 200,
      });
      expect(items.filter(({ type }) => type === 'workspace.renamed')).toHaveLength(names - 1);
      await sql`pragma max_page_count = 1000000`.execute(db);
      await act(rename, storage, scenario);
      const found = await workspaces.getWorkspace(scenario.actor('olga'), { workspaceId: scenario.team });
      expect(found.name).toBe('Aside');
    });
  });

  test('S-07 a file that is read only: reads answer, and nothing is written', async () => {
    const scenario = await putScenario(direct, nextPrefix());
    const before = await endOf(direct, scenario, []);
    await connected(async (storage) => {
      expectUnavailable(await errorOf(act(rename, storage, scenario)));
      expect(await endOf(storage, scenario, [])).toBe(before);
    }, 'pragma query_only = on');
    expect(await endOf(direct, scenario, [])).toBe(before);
  });

  test('S-07 a file that somebody keeps locked: CONFLICT, which may be tried again; and done once they let go', async () => {
    const scenario = await putScenario(direct, nextPrefix());
    const before = await endOf(direct, scenario, []);
    await connected(async (storage) => {
      await sql`begin immediate`.execute(database.db);
      const error = await errorOf(act(rename, storage, scenario));
      expect([error?.code, error?.retryable]).toEqual(['CONFLICT', true]);
      await sql`rollback`.execute(database.db);
      expect(await endOf(direct, scenario, [])).toBe(before);
    }, 'pragma busy_timeout = 0');
    // On a new connection: libsql 0.5.29 leaves a statement that met a lock unfinished, and nothing can be committed
    // where it was until it is collected.
    await connected((storage) => act(rename, storage, scenario));
    expect(await endOf(direct, scenario, [])).not.toBe(before);
  });
});

function act(action: Action, storage: StorageAdapter, scenario: Scenario): Promise<unknown> {
  return action.run(processService(storage, scenario.prefix, 0), scenario);
}

/** What a call is refused with; `null` for a success. Anything but a `WorkspaceError` fails the test. */
async function errorOf(answer: Promise<unknown>): Promise<WorkspaceError | null> {
  try {
    await answer;
    return null;
  } catch (error) {
    if (isWorkspaceError(error)) return error;
    throw error;
  }
}

/** The caller learns what can be done about it, and nothing of the database: that is in the cause, for the log. */
function expectUnavailable(error: WorkspaceError | null, source = 'storage'): void {
  expect([error?.code, error?.retryable, error?.details]).toEqual(['UNAVAILABLE', true, { source }]);
  expect(error?.cause).toBeInstanceOf(Error);
  expect(error?.message).toBe(`the ${source} did not answer; try again`);
  expect(Object.keys(error ?? {}).sort()).toEqual(['code', 'details', 'name']);
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const errno: unknown = Reflect.get(error, 'errno');
  const code: unknown = Reflect.get(error, 'code');
  return String(typeof errno === 'number' ? errno : code);
}

async function numberOf(answer: Promise<{ readonly rows: readonly unknown[] }>): Promise<number> {
  const [row] = (await answer).rows;
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'number') : undefined;
  return Number(value);
}

function actionOf(title: string): Action {
  const action = actions.find((one) => one.title === title);
  if (action === undefined) throw new Error(`there is no action: ${title}`);
  return action;
}

let scenarios = 0;

/** Letters that no other scenario of this file has in its ids. */
function nextPrefix(): string {
  return `f${(scenarios++).toString(36).padStart(5, '0')}`;
}
