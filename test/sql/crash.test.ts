// Processes that are killed at random points of a random workload: what was acknowledged is there, and no half of
// anything.
import { setImmediate } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantryEvent, World } from '../../src/index.js';
import { seededRandom } from '../../src/testing/chaos.js';
import { rounds } from '../campaign.js';
import { databaseKinds, type TestDatabase } from './databases.js';
import { unsound, wholeWorld } from './whole-world.js';
import type { Making } from './worker.js';
import { addressOf, workerProgram, type Program, type Worker } from './workers.js';

const ACTORS = 4;
const CONNECTIONS = 5;
const quota = { pods: '1000' };

let program: Program;

beforeAll(async () => {
  program = await workerProgram();
});
afterAll(() => program.remove());

/** What was acknowledged by processes that are dead by now. */
type Heard = Map<string, TenantryEvent>;

for (const kind of databaseKinds.filter(({ name }) => name === 'SQLite' || name === 'PostgreSQL')) {
  describe(kind.name, { timeout: 1_800_000 }, () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await kind.create();
    });
    afterAll(() => database.drop());

    /** A process is there before the one before it dies: so the next goes on at once. */
    async function connected(): Promise<Worker> {
      const worker = await program.start();
      await worker.connect(await addressOf(database), CONNECTIONS);
      return worker;
    }

    /**
     * Lets a process live for so many acknowledged commits and some turns of the loop after them, and kills it.
     * Whether it fell by itself is told by `job`.
     */
    async function killed(
      worker: Worker,
      life: Making & { readonly seed: number; readonly commands: number; readonly turns: number },
    ): Promise<Heard> {
      const { commands, turns, ...making } = life;
      const heard: Heard = new Map();
      let left = commands;
      const livedEnough = new Promise<void>((resolve) => {
        worker.onAcknowledged = ({ events }) => {
          for (const event of events) heard.set(event.id, event);
          if (events.length > 0 && --left === 0) resolve();
        };
      });
      const job = worker.start({ kind: 'live', actors: ACTORS, ...making });
      // It never ends by itself: an end is a failure, and is thrown.
      await Promise.race([livedEnough, job.outcomes]);
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      await worker.kill();
      return heard;
    }

    /** Everything at one instant: on a server, what the dead process had sent may still be under way. */
    const standstill = <Told>(look: (db: Kysely<unknown>) => Promise<Told>): Promise<Told> => {
      const transaction = database.db.transaction();
      return (
        kind.dialect === 'postgres' ? transaction.setIsolationLevel('repeatable read') : transaction
      ).execute(look);
    };

    const chargesIn = async (db: Kysely<unknown>) => {
      const table = (name: 'quota_charges' | 'quota_amounts' | 'quota_resources') =>
        sql.table(database.table(name));
      const charges = await sql<{ readonly id: string; readonly state: string }>`
        select reservation_id as id, state from ${table('quota_charges')}`.execute(db);
      // Each charge is of 1 pod.
      const wrong = await sql`
        select r.workspace_id from ${table('quota_resources')} r
        where cast(r.used as bigint) / 1000000000 <> (
          select count(*) from ${table('quota_charges')} c join ${table('quota_amounts')} a
            on a.workspace_id = c.workspace_id and a.reservation_id = c.reservation_id
          where c.workspace_id = r.workspace_id and c.state = 'committed' and a.resource = r.resource)`.execute(
        db,
      );
      return { states: new Map(charges.rows.map(({ id, state }) => [id, state])), wrong: wrong.rows };
    };

    test('S-06 kill -9 at random points: what was acknowledged is there, no half commit is, and the next process goes on', async () => {
      const random = seededRandom(6);
      const acknowledged: Heard = new Map();
      let next = connected();
      for (let kill = 1; kill <= rounds(10, 100); kill++) {
        const worker = await next;
        next = connected();
        const heard = await killed(worker, {
          seed: kill,
          quota,
          commands: 1 + Math.floor(random() * 40),
          turns: Math.floor(random() * 20),
        });
        for (const [id, event] of heard) acknowledged.set(id, event);
        const { world, charges } = await standstill(async (db) => ({
          world: await wholeWorld(database, db),
          charges: await chargesIn(db),
        }));
        expect(missing(acknowledged, world)).toEqual([]);
        expect(unsound(world)).toEqual([]);
        expect(untold(acknowledged, charges.states)).toEqual([]);
        expect(charges.wrong).toEqual([]);
        if (kind.dialect === 'sqlite') {
          const { rows } = await sql`pragma integrity_check`.execute(database.db);
          expect(rows).toEqual([{ integrity_check: 'ok' }]);
        }
      }
      await (await next).kill();
      // Every process had something to say, of the workspaces and of the quotas.
      expect(acknowledged.size).toBeGreaterThan(rounds(10, 100) * 2);
      expect([...acknowledged.values()].some(({ type }) => type === 'quota.committed')).toBe(true);
    });

    test('S-06 the check can fail: it misses a commit that was only said to be', async () => {
      await database.empty();
      const heard = await killed(await connected(), {
        seed: 1,
        sabotage: 'lost commits',
        commands: 30,
        turns: 0,
      });
      expect(missing(heard, await wholeWorld(database))).not.toEqual([]);
    });

    test('S-06 the check can fail: it finds the half of a commit', async () => {
      await database.empty();
      const life = { seed: 1, sabotage: 'two commits', commands: Infinity, turns: 0 } as const;
      await expect(killed(await connected(), life)).rejects.toThrow('SIGKILL');
      expect(unsound(await wholeWorld(database))).not.toEqual([]);
    });
  });
}

/** Events that were acknowledged and are not there, as they were told. Those of quotas are kept nowhere. */
function missing(heard: Heard, world: World): TenantryEvent[] {
  const kept = new Map(world.events.map((event) => [event.id, JSON.stringify(event, inOrder)]));
  return [...heard.values()].filter(
    (event) => 'version' in event && kept.get(event.id) !== JSON.stringify(event, inOrder),
  );
}

/**
 * Reservations that are not where their last acknowledged step left them, nor one step further: the next one may have
 * been done and not acknowledged.
 */
function untold(heard: Heard, states: ReadonlyMap<string, string>): string[] {
  const last = new Map<string, TenantryEvent['type']>();
  for (const event of heard.values()) {
    if ('reservationId' in event.data) last.set(event.data.reservationId, event.type);
  }
  return [...last].flatMap(([id, step]) => {
    const state = states.get(id) ?? 'released';
    const allowed = STEPS[step] ?? [];
    return allowed.includes(state) ? [] : [`${id} is ${state} after ${step}`];
  });
}

const STEPS: Readonly<Record<string, readonly string[]>> = {
  'quota.reserved': ['reserved', 'committed'],
  'quota.committed': ['committed', 'released'],
  'quota.released': ['released'],
};

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
