// Three Galera nodes, with connections spread over all of them: each node applies the writes of the others a little later.
import { Kysely, MysqlDialect, sql } from 'kysely';
import { createPool } from 'mysql2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { galeraSession, migrate, sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { namesOf } from '../../src/adapters/sql/names.js';
import { TABLE_NAMES } from '../../src/adapters/sql/tables.js';
import {
  defaultMatrix,
  isWorkspaceError,
  WorkspaceService,
  type Page,
  type WorkspaceEvent,
} from '../../src/index.js';
import { quotaConformance, storageConformance, testTokens } from '../../src/testing/index.js';
import { shareOfInterleavings } from '../campaign.js';
import { ada, dev, formTeam } from '../service/team.js';
import { missingForGalera, startGalera, type GaleraCluster } from './galera.js';

const missing = await missingForGalera();
if (missing !== null) {
  if (process.env['CI'] === 'true') throw new Error(`Galera is missing: ${missing}`);
  console.warn(`The tests on Galera are skipped: ${missing}`);
}

const dialect = 'mariadb';
const defaults = { pods: '5' };

describe.skipIf(missing !== null)('Galera', () => {
  let cluster: GaleraCluster;
  const opened: Kysely<unknown>[] = [];
  /** One instance for each node. */
  const nodes: Kysely<unknown>[] = [];

  beforeAll(async () => {
    cluster = await startGalera();
    const [first] = cluster.nodes;
    if (first === undefined) throw new Error('there is no node');
    for (const { url } of cluster.nodes) nodes.push(connect(url));
    await migrate({ db: on(0), dialect });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(opened.map((db) => db.destroy()));
    await cluster.remove();
  });

  function connect(uri: string, { max = 10, waits = true } = {}): Kysely<unknown> {
    const pool = createPool({ uri, connectionLimit: max });
    const db = new Kysely<unknown>({
      dialect: new MysqlDialect({ pool, ...(waits && { onCreateConnection: galeraSession }) }),
    });
    opened.push(db);
    return db;
  }

  function on(index: number): Kysely<unknown> {
    const db = nodes[index % nodes.length];
    if (db === undefined) throw new Error('there is no such node');
    return db;
  }

  function serviceOn(db: Kysely<unknown>): WorkspaceService {
    return new WorkspaceService({
      storage: sqlStorage({ db, dialect }),
      quota: sqlQuota({ db, dialect, defaults }),
      permissions: defaultMatrix,
      tokens: testTokens,
    });
  }

  async function empty(): Promise<void> {
    const names = namesOf({ dialect });
    for (const name of [...TABLE_NAMES].reverse()) {
      await sql.raw(`delete from ${names.table(name)}`).execute(on(0));
    }
  }

  describe('G-01 the storage suite, with its connections spread over three nodes', () => {
    const isInShare = shareOfInterleavings(5);
    let interleavings = 0;
    const isChosen = (title: string): boolean => {
      // Row locks are those of one node: between nodes the versions decide, and an attempt may lose in spite of its lock.
      if (title.startsWith('S-02 of 20 attempts with a lock')) return false;
      // Other databases take most interleavings, and all of three commands, which take long here.
      if (!title.startsWith('S-10')) return true;
      return isInShare(title) && title.split('|').length < 3 && interleavings++ % 3 === 0;
    };
    let turn = 0;
    storageConformance({
      test: (title, run) => {
        if (isChosen(title)) test(title, run);
      },
      createStorage: async () => {
        await empty();
        return {
          storage: sqlStorage({ db: on(0), dialect }),
          connect: () => Promise.resolve(sqlStorage({ db: on(turn++), dialect })),
        };
      },
      capabilities: { sharedData: true, locks: true },
    });
  });

  describe('G-01 the quota suite, with its connections spread over three nodes', () => {
    let turn = 0;
    quotaConformance({
      test,
      createQuota: async (limits) => {
        await empty();
        return {
          quota: sqlQuota({ db: on(0), dialect, defaults: limits }),
          changeDefaults: (changed) =>
            Promise.resolve(sqlQuota({ db: on(turn++), dialect, defaults: changed })),
          connect: () => Promise.resolve(sqlQuota({ db: on(turn++), dialect, defaults: limits })),
        };
      },
    });
  });

  test('G-01 without the setting, the first use is refused, with the fix', async () => {
    for (const { url } of cluster.nodes) {
      const workspaces = serviceOn(connect(url, { max: 1, waits: false }));
      const calls = [
        () => workspaces.authorize(ada, { workspaceId: 'ws-1', permission: 'workspace:view' }),
        () => workspaces.openAccount({ ...ada, username: 'ada' }),
        () => workspaces.getQuota({ operator: 'root' }, { workspaceId: 'ws-1' }),
      ];
      for (const call of calls) {
        const error: unknown = await call().catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: false });
        const fix = expect.stringMatching(/set wsrep_sync_wait = 1 .*galeraSession/) as unknown;
        expect(error).toHaveProperty('cause.message', fix);
      }
    }
  });

  describe('a member who was removed through another node', () => {
    const question = { permission: 'workspace:view' } as const;

    test('G-01 would remain authorized without the setting, and with it the answer waits', async () => {
      await empty();
      const [first, second] = [serviceOn(on(0)), cluster.nodes[1]];
      const workspaceId = await formTeam(first);
      // Both connections pass the check; then one loses the setting.
      const careless = connect(second?.url ?? '', { max: 1 });
      const carelessService = serviceOn(careless);
      expect(await carelessService.can(dev, { workspaceId, ...question })).toBe(true);
      await sql`set session wsrep_sync_wait = 0`.execute(careless);
      const waiting = serviceOn(connect(second?.url ?? '', { max: 1 }));
      expect(await waiting.can(dev, { workspaceId, ...question })).toBe(true);

      // The node applies nothing until it is unlocked, as under a load that it cannot keep up with.
      const paused = connect(second?.url ?? '', { max: 1 });
      await sql`flush tables with read lock`.execute(paused);
      await first.removeMember(ada, { workspaceId, userId: dev.userId });
      expect(await carelessService.can(dev, { workspaceId, ...question })).toBe(true);
      let isAnswered = false;
      const answer = waiting.can(dev, { workspaceId, ...question }).finally(() => (isAnswered = true));
      expect(await carelessService.can(dev, { workspaceId, ...question })).toBe(true);
      expect(isAnswered).toBe(false);
      await sql`unlock tables`.execute(paused);
      expect(await answer).toBe(false);
    });

    test('M-06 G-01 is never authorized again, on any node, while others write in bulk', async () => {
      await empty();
      const services = [0, 1, 2].map((index) => serviceOn(on(index)));
      const [first] = services;
      if (first === undefined) throw new Error('there is no node');
      const workspaceId = await formTeam(first);
      await sql`create table if not exists bulk (id int primary key auto_increment, text varchar(200))`.execute(
        on(2),
      );
      let isLoading = true;
      const load = async (): Promise<void> => {
        while (isLoading) {
          const rows = sql`select repeat('x', 200) from seq_1_to_5000`;
          await sql`insert into bulk (text) ${rows}`.execute(on(2));
          await sql`delete from bulk`.execute(on(2));
        }
      };
      const loads = [load()];
      let stale = 0;
      for (let round = 0; round < 60; round++) {
        const { token } = await first.inviteMember(ada, { workspaceId, role: 'developer' });
        const member = { userId: 'visitor' };
        if (round === 0) await first.openAccount({ ...member, username: 'visitor' });
        await first.acceptInvitation(member, { token });
        await first.removeMember(ada, { workspaceId, ...member });
        const answers = await Promise.all(
          services.flatMap((service) =>
            Array.from({ length: 4 }, () => service.can(member, { workspaceId, ...question })),
          ),
        );
        stale += answers.filter(Boolean).length;
      }
      isLoading = false;
      await Promise.all(loads);
      expect(stale).toBe(0);
    });
  });

  // The last test: a node is gone after it.
  test('G-02 a node that is killed under load loses nothing that was acknowledged', async () => {
    await empty();
    const services = [0, 1, 2].map((index) => serviceOn(on(index)));
    const [first, , third] = services;
    if (first === undefined || third === undefined) throw new Error('there is no node');
    const teams: string[] = [];
    for (const index of [0, 1, 2]) {
      const owner = { userId: `owner-${index}` };
      await first.openAccount({ ...owner, username: `owner-${index}` });
      teams.push((await first.createWorkspace(owner, { name: 'team' })).id);
    }
    const operator = { operator: 'root' };
    for (const workspaceId of teams)
      await first.setQuota(operator, { workspaceId, limits: { pods: '10000' } });

    const acknowledged: { readonly team: string; readonly userId: string; readonly charge: string }[] = [];
    const unknown = new Set<string>();
    let isKilled = false;
    const work = async (index: number): Promise<void> => {
      const [service, team = ''] = [services[index] ?? first, teams[index]];
      const owner = { userId: `owner-${index}` };
      for (let turn = 0; turn < 40; turn++) {
        const userId = `member-${index}-${turn}`;
        const charge = `charge-${index}-${turn}`;
        try {
          await service.openAccount({ userId, username: userId });
          const { token } = await service.inviteMember(owner, { workspaceId: team, role: 'developer' });
          await service.acceptInvitation({ userId }, { token });
          await service.reserveQuota(owner, {
            workspaceId: team,
            reservationId: charge,
            amounts: { pods: '1' },
          });
          acknowledged.push({ team, userId, charge });
        } catch (error) {
          if (!isWorkspaceError(error, 'UNAVAILABLE') && !isWorkspaceError(error, 'CONFLICT')) throw error;
          unknown.add(charge);
        }
        if (index === 2 && turn === 10 && !isKilled) {
          isKilled = true;
          await cluster.nodes[2]?.kill();
        }
      }
    };
    await Promise.all([0, 1, 2].map(work));
    expect(unknown.size).toBeGreaterThan(0);

    const survivor = services[1] ?? first;
    for (const { team, userId } of acknowledged) {
      const member = { workspaceId: team, permission: 'workspace:view' } as const;
      expect(await survivor.can({ userId }, member)).toBe(true);
    }
    for (const [index, team] of teams.entries()) {
      const events = await eventsOf(survivor, team);
      const own = acknowledged.filter((one) => one.team === team);
      expect(events.filter(({ type }) => type === 'member.joined').length).toBeGreaterThanOrEqual(own.length);
      // A commit is whole: each new member has its event, and the versions have no gap.
      expect(new Set(events.map(({ version }) => version)).size).toBe(events.at(-1)?.version);
      const { resources } = await survivor.getQuota(operator, { workspaceId: team });
      const charged = Number(resources['pods']?.reserved);
      expect(charged).toBeGreaterThanOrEqual(own.length);
      expect(charged).toBeLessThanOrEqual(own.length + unknown.size);
      // The callers of the other nodes go on without a restart.
      const owner = { userId: `owner-${index}` };
      await survivor.renameWorkspace(owner, { workspaceId: team, name: 'after' });
    }
  });

  async function eventsOf(service: WorkspaceService, workspaceId: string): Promise<WorkspaceEvent[]> {
    const events: WorkspaceEvent[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: Page<WorkspaceEvent> = await service.listEvents(
        { operator: 'root' },
        { workspaceId, cursor, limit: 200 },
      );
      events.push(...page.items);
      if (page.nextCursor === null) return events;
      cursor = page.nextCursor;
    }
  }
});
