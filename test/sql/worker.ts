// One of many processes on one database. It runs the jobs that its parent sends, and shares only the keys and the database
// with the others.
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import {
  defaultMatrix,
  WorkspaceService,
  isWorkspaceError,
  type Limits,
  type StorageAdapter,
  type TenantryEvent,
} from '../../src/index.js';
import { outcomeOf, type Outcome } from '../../src/testing/scenario.js';
import { testTokens } from '../../src/testing/test-workspaces.js';
import { stepArbitrary } from '../histories/histories.js';
import { playground, type Playground } from '../histories/playground.js';
import { aroundStorage } from '../service/around-storage.js';
import { connectTo, type Address } from './connections.js';

/** Methods of the service whose arguments are plain data. */
export type Method = Exclude<
  {
    [Name in keyof WorkspaceService]: WorkspaceService[Name] extends (
      ...args: infer _Args
    ) => Promise<unknown>
      ? Name
      : never;
  }[keyof WorkspaceService],
  'withQuota'
>;

/** A call of a method, for a process to make. */
export interface Call {
  readonly method: Method;
  readonly args: readonly unknown[];
}

/** The options of a job's service. */
export interface Making {
  readonly limits?: Limits;
  /** What every workspace may use. */
  readonly quota?: Readonly<Record<string, string>>;
  readonly sabotage?: Sabotage;
  /** The process kills itself when this many calls of the storage have been made: every second time before the call. */
  readonly killAt?: number;
}

/** Storages that break a promise, so that a test can show that it would fail. */
export type Sabotage =
  /** Commits without comparing versions, and without events, whose keys would prevent it. */
  | 'no versions'
  /** From the 13th commit on answers that it is applied, and applies none. */
  | 'lost commits'
  /** Commits the records, and the events after them; the third time the process dies in between. */
  | 'two commits';

export type Job = Making &
  (
    | {
        /** All concurrently. The first commit or reservation waits until every process has reached its own. */
        readonly kind: 'race';
        readonly calls: readonly Call[];
      }
    | {
        /** One after the other, without waiting for other processes. */
        readonly kind: 'calls';
        readonly calls: readonly Call[];
      }
    | {
        /** Reads the owners until it is stopped; one outcome for each wrong reading. */
        readonly kind: 'watch';
        readonly workspaceId: string;
        readonly userIds: readonly string[];
      }
    | {
        /** Concurrent random commands of `actors` users, until the process is killed: it never ends. */
        readonly kind: 'live';
        readonly seed: number;
        readonly actors: number;
      }
  );

/** What the parent sends. */
export type Order =
  | { readonly kind: 'connect'; readonly address: Address; readonly connections: number }
  | { readonly kind: 'start'; readonly job: number; readonly what: Job }
  | { readonly kind: 'go'; readonly job: number };

/** What the process answers. */
export type Report =
  | { readonly kind: 'connected' }
  | { readonly kind: 'at line'; readonly job: number }
  | { readonly kind: 'done'; readonly job: number; readonly outcomes: readonly Outcome[] }
  | { readonly kind: 'failed'; readonly job: number; readonly why: string }
  | Acknowledged;

/** A command of a `live` job was answered with success. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly events: readonly TenantryEvent[];
}

let database: { readonly address: Address; readonly db: ReturnType<typeof connectTo> } | undefined;
const waiting = new Map<number, () => void>();

process.on('message', (order: Order) => {
  void obey(order);
});
process.on('disconnect', () => process.exit());

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'connect':
      await database?.db.destroy();
      database = { address: order.address, db: connectTo(order.address, order.connections) };
      report({ kind: 'connected' });
      return;
    case 'go':
      waiting.get(order.job)?.();
      waiting.delete(order.job);
      return;
    case 'start':
      try {
        report({ kind: 'done', job: order.job, outcomes: await run(order.job, order.what) });
      } catch (error) {
        report({ kind: 'failed', job: order.job, why: reasonOf(error) });
      }
      return;
    default:
      order satisfies never;
  }
}

async function run(job: number, what: Job): Promise<readonly Outcome[]> {
  const go = new Promise<void>((resolve) => waiting.set(job, resolve));
  switch (what.kind) {
    case 'race': {
      let isAtLine = false;
      const line = (): Promise<void> => {
        if (!isAtLine) report({ kind: 'at line', job });
        isAtLine = true;
        return go;
      };
      const workspaces = serviceOf(what, line);
      const outcomes = await Promise.all(what.calls.map((call) => called(workspaces, call)));
      // Calls that are refused never commit: do not hold up the other processes.
      await line();
      return outcomes;
    }
    case 'calls': {
      const workspaces = serviceOf(what);
      const outcomes: Outcome[] = [];
      for (const call of what.calls) outcomes.push(await called(workspaces, call));
      return outcomes;
    }
    case 'watch':
      report({ kind: 'at line', job });
      return watch(what, go);
    case 'live':
      return live(what);
    default:
      return what satisfies never;
  }
}

function serviceOf(
  { limits, quota, sabotage, killAt }: Making,
  line: () => Promise<void> = () => Promise.resolve(),
): WorkspaceService {
  const { db, tables } = opened();
  const storage = mortal(sabotaged(sqlStorage({ db, ...tables }), sabotage), killAt);
  const ledger = quota && sqlQuota({ db, ...tables, defaults: quota });
  return new WorkspaceService({
    permissions: defaultMatrix,
    tokens: testTokens,
    storage: {
      ...storage,
      async commit(commit) {
        await line();
        return storage.commit(commit);
      },
    },
    ...(limits && { limits }),
    ...(ledger && {
      // Those who wait for hundreds of others must not give up.
      quotaTimeout: 60_000,
      quota: {
        ...ledger,
        async reserve(subject, request) {
          await line();
          return ledger.reserve(subject, request);
        },
      },
    }),
  });
}

function mortal(storage: StorageAdapter, killAt: number | undefined): StorageAdapter {
  if (killAt === undefined) return storage;
  const die = (): void => void process.kill(process.pid, 'SIGKILL');
  let calls = 0;
  return aroundStorage(storage, async (run) => {
    const isLast = ++calls === killAt;
    if (isLast && killAt % 2 === 0) die();
    const answer = await run();
    if (isLast) die();
    return answer;
  });
}

function sabotaged(storage: StorageAdapter, sabotage: Sabotage | undefined): StorageAdapter {
  let commits = 0;
  switch (sabotage) {
    case undefined:
      return storage;
    case 'no versions':
      return { ...storage, commit: (commit) => storage.commit({ ...commit, expect: [], events: [] }) };
    case 'lost commits':
      return {
        ...aroundStorage(storage, (call) => call()),
        commit: (commit) => (++commits > 12 ? Promise.resolve({ ok: true }) : storage.commit(commit)),
      };
    case 'two commits':
      return {
        ...aroundStorage(storage, (call) => call()),
        async commit({ events, ...commit }) {
          const result = await storage.commit({ ...commit, events: [] });
          if (++commits === 3) process.kill(process.pid, 'SIGKILL');
          return result.ok ? storage.commit({ expect: [], changes: [], events }) : result;
        },
      };
    default:
      return sabotage satisfies never;
  }
}

function called(workspaces: WorkspaceService, { method, args }: Call): Promise<Outcome> {
  const run: unknown = Reflect.get(workspaces, method);
  if (typeof run !== 'function') throw new Error(`there is no ${method}`);
  return made(async () => {
    const answer: unknown = await Reflect.apply(run, workspaces, args);
    return answer;
  });
}

/** An outcome, or an error with the reason for it: nothing is down here, so an outage is a failure of the test. */
function made(run: () => Promise<unknown>): Promise<Outcome> {
  return outcomeOf(async () => {
    try {
      return await run();
    } catch (error) {
      if (isWorkspaceError(error, 'UNAVAILABLE')) throw new Error(reasonOf(error.cause), { cause: error });
      throw error;
    }
  });
}

async function watch(
  { workspaceId, userIds }: Extract<Job, { readonly kind: 'watch' }>,
  stop: Promise<void>,
): Promise<readonly Outcome[]> {
  const { db, tables } = opened();
  const storage = sqlStorage({ db, ...tables });
  const wrong: Outcome[] = [];
  const told = { toStop: false };
  void stop.then(() => (told.toStop = true));
  // Once more after the stop: the final state counts too.
  for (let isLast = false; !isLast; ) {
    isLast = told.toStop;
    const { workspace, members } = await storage.load({ workspaceId, members: userIds, owner: true });
    const listed = await storage.listMembers(workspaceId, { after: null, limit: 200 });
    const owners = [...members.values()].filter(({ role }) => role === 'owner').map(({ userId }) => userId);
    const listedOwners = listed.filter(({ member }) => member.role === 'owner');
    if (owners.length !== 1 || owners[0] !== workspace?.ownerId || listedOwners.length !== 1) {
      wrong.push({ ok: true, value: { owners, workspace, listed } });
    }
    // A driver without input and output of its own leaves the loop no turn to hear of the stop.
    await setImmediate();
  }
  return wrong;
}

async function live({ seed, actors, ...making }: Extract<Job, { readonly kind: 'live' }>): Promise<never> {
  const workspaces = serviceOf(making);
  const happened: TenantryEvent[] = [];
  workspaces.on('*', (event) => happened.push(event));
  const acknowledge = (): void => report({ kind: 'acknowledged', events: happened.splice(0) });
  const people = playground();
  await remember(people, workspaces);
  const tills = await openTills(workspaces);
  acknowledge();

  const person = async (number: number): Promise<never> => {
    for (let turn = 0; ; turn++) {
      const sample = { seed: (seed * actors + number) * 1000 + turn, numRuns: 100 };
      for (const step of fc.sample(stepArbitrary(), sample)) {
        people.observe(await made(() => people.callOf(step).run(workspaces)));
        acknowledge();
        await setImmediate();
      }
    }
  };
  /** In personal workspaces of users whom the people do not know: no one suspends them or closes their accounts. Every fourth charge stays. */
  const charger = async (): Promise<never> => {
    for (let turn = 0; ; turn++) {
      const [userId, workspaceId] = tills[turn % tills.length] ?? ['', ''];
      const reservation = { workspaceId, reservationId: `${seed}-${turn}` };
      await workspaces.reserveQuota(
        { userId },
        { ...reservation, amounts: { pods: '1' }, ttlSeconds: 86_400 },
      );
      acknowledge();
      await workspaces.commitQuota({ userId }, reservation);
      acknowledge();
      if (turn % 4 !== 0) await workspaces.releaseQuota({ userId }, reservation);
      acknowledge();
      await setImmediate();
    }
  };
  const lives = Array.from({ length: actors }, (_, number) => person(number));
  return Promise.race(making.quota ? [...lives, charger()] : lives);
}

/** What processes before this one have left; with a personal workspace for everyone who has not begun to close the account. */
async function remember(people: Playground, workspaces: WorkspaceService): Promise<void> {
  for (const userId of people.users) {
    const opened = await made(() => workspaces.openAccount({ userId, username: userId }));
    people.observe(opened);
    if (!opened.ok) continue;
    const { items } = await workspaces.listWorkspaces({ userId }, { limit: 200 });
    for (const { workspace } of items) {
      if (workspace.kind === 'team') people.observe({ ok: true, value: workspace });
    }
  }
}

/** The personal workspaces that are charged, with their owners. */
async function openTills(workspaces: WorkspaceService): Promise<(readonly [string, string])[]> {
  const tills: (readonly [string, string])[] = [];
  for (const userId of ['till-1', 'till-2', 'till-3']) {
    const { workspace } = await workspaces.openAccount({ userId, username: userId });
    tills.push([userId, workspace.id]);
  }
  return tills;
}

function opened(): { readonly db: ReturnType<typeof connectTo>; readonly tables: Address['tables'] } {
  if (database === undefined) throw new Error('the process is told to work before it is told to connect');
  return { db: database.db, tables: database.address.tables };
}

function report(what: Report): void {
  process.send?.(what);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
