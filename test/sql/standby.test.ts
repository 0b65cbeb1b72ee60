// Commits that wait for a lost standby, and connections that hang: no call outlives its limit or reports a false success.
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { preparedPool, sqlQuota, sqlStorage, type SqlDatabase } from '../../src/adapters/sql/index.js';
import {
  defaultMatrix,
  WorkspaceService,
  type BeginTransaction,
  type WorkspaceServiceOptions,
} from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { outcome } from '../service/team.js';
import { cuttingProxy, type CuttingProxy } from './cutting-proxy.js';
import { migrate } from './databases.js';
import { lostStandby, type LostStandby } from './lost-standby.js';
import { errorOf, expectUnavailable } from './outages.js';
import { postgresPrograms, privatePostgres, type PrivatePostgres } from './private-postgres.js';
import { unsound, wholeWorld } from './whole-world.js';

const programs = await postgresPrograms();
if ('missing' in programs) {
  const why = `no PostgreSQL server can be started here, so no standby is lost: ${programs.missing}`;
  if (process.env['CI'] === 'true') throw new Error(why);
  console.warn(why);
}

const dialect = 'postgres';
const ada = { userId: 'ada' };
const ben = { userId: 'ben' };
const root = { operator: 'root' };
const LIMIT = 60_000;

type Options = Pick<WorkspaceServiceOptions<string, string>, 'storageTimeout' | 'quotaTimeout'>;

describe.skipIf('missing' in programs)('a synchronous standby', () => {
  let server: PrivatePostgres;
  let standby: LostStandby;
  let proxy: CuttingProxy;
  let direct: Kysely<unknown>;
  let workspaces: WorkspaceService;
  let opened: Kysely<unknown>[] = [];
  let teams = 0;

  beforeAll(async () => {
    server = await privatePostgres('folder' in programs ? programs.folder : '');
    standby = await lostStandby(server.url);
    proxy = await cuttingProxy(server.url, 5432);
    direct = connect({ max: 4 });
    opened = [];
    await migrate(direct, { dialect });
    workspaces = serviceOn(direct);
    for (const { userId } of [ada, ben]) await workspaces.openAccount({ userId, username: userId });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await standby.restore();
    await Promise.all(opened.splice(0).map((db) => db.destroy()));
    expect(unsound(await wholeWorld({ db: direct, tables: { dialect }, table }))).toEqual([]);
  });
  afterAll(async () => {
    await direct.destroy();
    await standby.close();
    await proxy.close();
    await server.remove();
  });

  /** One connection, so that a later call shows what became of it. */
  function connect(options: pg.PoolConfig = {}): Kysely<unknown> {
    const pool = new pg.Pool({ connectionString: server.url, max: 1, ...options });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
    opened.push(db);
    return db;
  }

  function serviceOn(db: Kysely<unknown>, options: Options = {}): WorkspaceService {
    return new WorkspaceService({
      ...adaptersOn(db),
      permissions: defaultMatrix,
      tokens: testTokens,
      ...options,
    });
  }

  async function createTeam(): Promise<string> {
    return (await workspaces.createWorkspace(ada, { name: `team ${teams++}` })).id;
  }

  async function nameOf(service: WorkspaceService, workspaceId: string): Promise<string> {
    return (await service.getWorkspace(ada, { workspaceId })).name;
  }

  /** The outcome of a call that is still waiting for the server when its limit is over. */
  async function lateOf(call: () => Promise<unknown>, isWaiting: () => Promise<unknown>) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const answer = errorOf(call());
    await isWaiting();
    await vi.advanceTimersByTimeAsync(LIMIT);
    const error = await answer;
    vi.useRealTimers();
    return error;
  }

  const limits: readonly (readonly [string, pg.PoolConfig, Options])[] = [
    ['storageTimeout', {}, { storageTimeout: LIMIT, quotaTimeout: LIMIT }],
    ['query_timeout', { query_timeout: LIMIT }, { quotaTimeout: LIMIT }],
  ];

  test.each(limits)(
    'G-03 a commit that waits for a lost standby is UNAVAILABLE after %s, and no one sees it',
    async (_, pool, options) => {
      const workspaceId = await createTeam();
      const before = await nameOf(workspaces, workspaceId);
      const limited = serviceOn(connect(pool), options);
      await standby.lose();
      const rename = () => limited.renameWorkspace(ada, { workspaceId, name: `late ${workspaceId}` });
      expectUnavailable(await lateOf(rename, standby.untilWaiting));
      expect(await nameOf(workspaces, workspaceId)).toBe(before);
      await standby.restore();
      await rename();
      expect(await nameOf(workspaces, workspaceId)).toBe(`late ${workspaceId}`);
      const { items } = await workspaces.listEvents(ada, { workspaceId });
      expect(items.filter(({ type }) => type === 'workspace.renamed')).toHaveLength(1);
    },
  );

  test('G-03 after query_timeout the pool has another connection, which answers reads', async () => {
    const workspaceId = await createTeam();
    const limited = serviceOn(connect({ query_timeout: LIMIT }));
    await standby.lose();
    const rename = () => limited.renameWorkspace(ada, { workspaceId, name: `pool ${workspaceId}` });
    expectUnavailable(await lateOf(rename, standby.untilWaiting));
    await standby.untilWaiting();
    expect(await nameOf(limited, workspaceId)).not.toBe(`pool ${workspaceId}`);
  });

  test('G-03 after a lost standby, retries answer as the table of retries states', async () => {
    const limited = serviceOn(connect({ query_timeout: LIMIT }));
    const workspaceId = await createTeam();
    const retried = async (call: () => Promise<unknown>, source = 'storage'): Promise<string> => {
      await standby.lose();
      expectUnavailable(await lateOf(call, standby.untilWaiting), { source });
      await standby.restore();
      return outcome(call());
    };
    const cleo = { userId: 'cleo' };
    const team = { workspaceId };
    const role = 'developer';
    expect(await retried(() => limited.openAccount({ ...cleo, username: 'cleo' }))).toBe('ok');
    const chosen = { name: 'chosen', workspaceId: 'chosen' };
    expect(await retried(() => limited.createWorkspace(ada, chosen))).toBe('ok');
    expect(await retried(() => limited.createWorkspace(ada, { name: 'twice' }))).toBe('NAME_TAKEN');
    const invitation = { ...team, role, recipient: { userId: cleo.userId } } as const;
    expect(await retried(() => limited.inviteMember(ada, invitation))).toBe('ALREADY_INVITED');
    const { token } = await workspaces.inviteMember(ada, { ...team, role });
    expect(await retried(() => limited.acceptInvitation(ben, { token }))).toBe('ok');
    expect(await retried(() => limited.removeMember(ada, { ...team, ...ben }))).toBe('MEMBER_NOT_FOUND');
    const reservation = { ...team, reservationId: 'r1', amounts: { pods: '2' } };
    expect(await retried(() => limited.reserveQuota(ada, reservation), 'quota')).toBe('ok');
    const { resources } = await workspaces.getQuota(ada, team);
    expect(resources['pods']).toMatchObject({ reserved: '2' });
    expect(await retried(() => limited.deleteWorkspace(ada, team))).toBe('WORKSPACE_NOT_FOUND');
  });

  const cancelled: readonly (readonly [string, string, (workspaceId: string) => Promise<unknown>])[] = [
    [
      'one statement',
      'storage',
      (workspaceId) => workspaces.renameWorkspace(ada, { workspaceId, name: 'new' }),
    ],
    [
      'a transaction',
      'quota',
      (workspaceId) => workspaces.setQuota(root, { workspaceId, limits: { pods: '9' } }),
    ],
  ];

  test.each(cancelled)(
    'G-03 a commit of %s whose wait is cancelled is UNAVAILABLE, and emits no event',
    async (_, source, call) => {
      const workspaceId = await createTeam();
      const { events, stop } = listen();
      await standby.lose();
      const answer = errorOf(call(workspaceId));
      await standby.cancel(await standby.untilWaiting());
      const error = await answer;
      stop();
      expectUnavailable(error, { source });
      expect(error?.cause).toHaveProperty('message', expect.stringContaining('a failover may lose it'));
      expect(events).toEqual([]);
    },
  );

  test('G-03 withTransaction rejects when the wait of its commit is cancelled, and emits no event', async () => {
    const workspaceId = await createTeam();
    const { events, stop } = listen();
    const begin: BeginTransaction<Transaction<unknown>> = (run) =>
      direct.transaction().execute((transaction) => run(adaptersOn(transaction), transaction));
    await standby.lose();
    const [error] = await Promise.all([
      workspaces
        .withTransaction(begin, (inside) => inside.renameWorkspace(ada, { workspaceId, name: workspaceId }))
        .catch((reason: unknown) => reason),
      standby.untilWaiting().then(standby.cancel),
    ]);
    expect(error).toHaveProperty('message', expect.stringContaining('a failover may lose it'));
    stop();
    expect(events).toEqual([]);
  });

  test('G-03 the next commit on the connection of a cancelled wait succeeds', async () => {
    const workspaceId = await createTeam();
    const single = serviceOn(connect());
    await standby.lose();
    const answer = errorOf(single.renameWorkspace(ada, { workspaceId, name: `first ${workspaceId}` }));
    await standby.cancel(await standby.untilWaiting());
    expectUnavailable(await answer);
    await standby.restore();
    await single.renameWorkspace(ada, { workspaceId, name: `second ${workspaceId}` });
    expect(await nameOf(workspaces, workspaceId)).toBe(`second ${workspaceId}`);
  });

  test('G-03 a commit whose connection is ended during the wait is UNAVAILABLE', async () => {
    const workspaceId = await createTeam();
    await standby.lose();
    const answer = errorOf(workspaces.renameWorkspace(ada, { workspaceId, name: workspaceId }));
    await standby.terminate(await standby.untilWaiting());
    expectUnavailable(await answer);
  });

  test('G-03 a hung connection is UNAVAILABLE after query_timeout, and the next call has another one', async () => {
    const workspaceId = await createTeam();
    const limited = serviceOn(connect({ connectionString: proxy.url, query_timeout: LIMIT }));
    await nameOf(limited, workspaceId);
    for (const question of [1, 2]) {
      const rename = () => limited.renameWorkspace(ada, { workspaceId, name: `hung ${question}` });
      proxy.arm(question, 'hung');
      expectUnavailable(await lateOf(rename, untilHung));
      await rename();
      expect(await nameOf(workspaces, workspaceId)).toBe(`hung ${question}`);
    }
  });

  test('G-03 after query_timeout in a transaction, later calls do not write into that transaction', async () => {
    const workspaceId = await createTeam();
    const limited = serviceOn(connect({ query_timeout: LIMIT }), { quotaTimeout: LIMIT });
    const holder = await direct.startTransaction().execute();
    await sql`lock table tenantry_quota_ledgers`.execute(holder);
    const set = () => limited.setQuota(root, { workspaceId, limits: { pods: '9' } });
    expectUnavailable(await lateOf(set, untilLocked), { source: 'quota' });
    await holder.rollback().execute();
    await limited.renameWorkspace(ada, { workspaceId, name: `after ${workspaceId}` });
    expect(await nameOf(workspaces, workspaceId)).toBe(`after ${workspaceId}`);
  });

  function listen() {
    const events: string[] = [];
    const stop = workspaces.on('*', ({ type }) => {
      events.push(type);
    });
    return { events, stop };
  }

  async function untilLocked(): Promise<void> {
    const waiting = sql`select 1 from pg_stat_activity where wait_event_type = 'Lock'`;
    while ((await waiting.execute(direct)).rows.length === 0);
  }

  async function untilHung(): Promise<void> {
    while (!proxy.hasCut()) await nameOf(workspaces, 'none').catch(() => undefined);
  }
});

function adaptersOn(db: SqlDatabase) {
  return { storage: sqlStorage({ db, dialect }), quota: sqlQuota({ db, dialect, defaults: { pods: '5' } }) };
}

function table(name: string): string {
  return `tenantry_${name}`;
}
