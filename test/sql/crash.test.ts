// Kills processes at random points of a random workload: acknowledged commits are stored, partial commits are not.
import { setImmediate } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantryEvent } from '../../src/index.js';
import type { World } from '../../src/testing/index.js';
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

/** What processes acknowledged before they were killed. */
type Heard = Map<string, TenantryEvent>;

for (const kind of databaseKinds.filter(({ name }) => name === 'SQLite' || name === 'PostgreSQL')) {
  describe(kind.name, { timeout: 1_800_000 }, () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await kind.create();
    });
    afterAll(() => database.drop());

    /** Started before its predecessor is killed, so that it continues immediately. */
    async function connected(): Promise<Worker> {
      const worker = await program.start();
      await worker.connect(await addressOf(database), CONNECTIONS);
      return worker;
    }

    /**
     * Kills a process after a number of acknowledged commits and some turns of the event loop. `job` rejects if the process
     * fails by itself.
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
      // The job never ends by itself: an end is a failure.
      await Promise.race([livedEnough, job.outcomes]);
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      await worker.kill();
      return heard;
    }

    /** A consistent snapshot: on a server, statements of the killed process may still be running. */
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

    test('S-06 after kill -9 at random points, acknowledged commits are stored, partial ones are not, and the next process continues', async () => {
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
      // Every process acknowledged commands and quota calls.
      expect(acknowledged.size).toBeGreaterThan(rounds(10, 100) * 2);
      expect([...acknowledged.values()].some(({ type }) => type === 'quota.committed')).toBe(true);
    });

    test('S-06 the check can fail: it finds a commit that was acknowledged and not stored', async () => {
      await database.empty();
      const heard = await killed(await connected(), {
        seed: 1,
        sabotage: 'lost commits',
        commands: 30,
        turns: 0,
      });
      expect(missing(heard, await wholeWorld(database))).not.toEqual([]);
    });

    test('S-06 the check can fail: it finds a partial commit', async () => {
      await database.empty();
      const life = { seed: 1, sabotage: 'two commits', commands: Infinity, turns: 0 } as const;
      await expect(killed(await connected(), life)).rejects.toThrow('SIGKILL');
      expect(unsound(await wholeWorld(database))).not.toEqual([]);
    });
  });
}

/** Acknowledged events that are not stored. Quota events are never stored. */
function missing(heard: Heard, world: World): TenantryEvent[] {
  const kept = new Map(world.events.map((event) => [event.id, JSON.stringify(event, inOrder)]));
  return [...heard.values()].filter(
    (event) => 'version' in event && kept.get(event.id) !== JSON.stringify(event, inOrder),
  );
}

/**
 * Reservations in another state than after their last acknowledged step, or the step after it, which may be done and not
 * acknowledged.
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
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
