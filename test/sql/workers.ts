// Operating system processes that work on one database. They are always ended, even if a test fails.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { build } from 'tsup';
import type { WorkspaceService } from '../../src/index.js';
import type { Outcome } from '../../src/testing/scenario.js';
import type { Address } from './connections.js';
import { MARIADB_URL, POSTGRES_URL, type TestDatabase } from './databases.js';
import type { Acknowledged, Call, Job, Making, Method, Order, Report } from './worker.js';

export interface Worker {
  /** Opens connections of its own; those that it had are closed. */
  readonly connect: (address: Address, connections: number) => Promise<void>;
  readonly start: (what: Job) => Started;
  /** Sends SIGKILL: the process does nothing more. Resolves when it is gone, and all that it had said is heard. */
  readonly kill: () => Promise<void>;
  /** Hears of each command of a `live` job that succeeded. */
  onAcknowledged: (what: Acknowledged) => void;
}

export interface Started {
  readonly atLine: Promise<void>;
  readonly go: () => void;
  readonly outcomes: Promise<readonly Outcome[]>;
}

export interface Program {
  readonly start: () => Promise<Worker>;
  /** Kills what is still there, and removes the program. */
  readonly remove: () => Promise<void>;
}

/** Types out a call, which another process is to make. */
export function call<Name extends Method>(method: Name, ...args: Parameters<WorkspaceService[Name]>): Call {
  return { method, args };
}

/** Translates the worker once, for each process that did so would take seconds to start. */
export async function workerProgram(): Promise<Program> {
  // Within the repository, where it finds its packages.
  await mkdir('.cache', { recursive: true });
  const folder = await mkdtemp(join('.cache', 'worker-'));
  await build({
    config: false,
    entry: ['test/sql/worker.ts'],
    outDir: folder,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: [/^[a-z@]/],
    outExtension: () => ({ js: '.mjs' }),
    removeNodeProtocol: false,
    splitting: false,
    silent: true,
  });
  const processes = new Set<ChildProcess>();
  return {
    async start() {
      const child = fork(join(folder, 'worker.mjs'), { execArgv: [], serialization: 'advanced' });
      processes.add(child);
      const worker = workerOf(child);
      await once(child, 'spawn');
      return worker;
    },
    async remove() {
      await Promise.all([...processes].map(ended));
      await rm(folder, { recursive: true });
    },
  };
}

/** Where another process finds this database. */
export async function addressOf({ db, tables }: TestDatabase): Promise<Address> {
  if (tables.dialect === 'sqlite') {
    const { rows } = await sql<{ file: string }>`select file from pragma_database_list`.execute(db);
    return { tables, location: rows[0]?.file ?? '' };
  }
  return { tables, location: tables.dialect === 'postgres' ? POSTGRES_URL : MARIADB_URL };
}

/**
 * Makes the calls in parallel, spread evenly over the workers, each of which first comes to the point where it would
 * write. The outcomes are in the order of the calls.
 */
export async function race(
  workers: readonly Worker[],
  calls: readonly Call[],
  making: Making = {},
): Promise<Outcome[]> {
  const places = calls.map((_, index) => index);
  const shares = workers.map((_, number) => places.filter((index) => index % workers.length === number));
  const jobs = workers.map((worker, number) =>
    worker.start({ kind: 'race', calls: callsAt(calls, shares[number]), ...making }),
  );
  // A job that fails never comes to the line.
  await Promise.all(jobs.map(({ atLine, outcomes }) => Promise.race([atLine, outcomes])));
  for (const { go } of jobs) go();
  const answers = await Promise.all(jobs.map(({ outcomes }) => outcomes));
  const inOrder: Outcome[] = [];
  for (const [number, share] of shares.entries()) {
    for (const [turn, index] of share.entries()) {
      const outcome = answers[number]?.[turn];
      if (outcome !== undefined) inOrder[index] = outcome;
    }
  }
  return inOrder;
}

/** How often each outcome came about. */
export function tallyOf(outcomes: readonly Outcome[]): Record<string, number> {
  const tally: Record<string, number> = {};
  for (const outcome of outcomes) {
    const what = outcome.ok ? 'ok' : outcome.code;
    tally[what] = (tally[what] ?? 0) + 1;
  }
  return tally;
}

function callsAt(calls: readonly Call[], places: readonly number[] = []): Call[] {
  return places.flatMap((index) => calls[index] ?? []);
}

function workerOf(child: ChildProcess): Worker {
  const jobs = new Map<
    number,
    {
      readonly atLine: () => void;
      readonly done: (outcomes: readonly Outcome[]) => void;
      readonly failed: (error: Error) => void;
    }
  >();
  let connected = (): void => undefined;
  let number = 0;
  const send = (order: Order): void => {
    // A message to a process that is being killed is lost; its exit event reports the end.
    if (child.connected) child.send(order, () => undefined);
  };
  const worker: Worker = {
    onAcknowledged: () => undefined,
    connect(address, connections) {
      const answer = new Promise<void>((resolve) => (connected = resolve));
      send({ kind: 'connect', address, connections });
      return answer;
    },
    start(what) {
      const job = number++;
      let atLine = (): void => undefined;
      const line = new Promise<void>((resolve) => (atLine = resolve));
      const outcomes = new Promise<readonly Outcome[]>((done, failed) =>
        jobs.set(job, { atLine, done, failed }),
      );
      // A caller that only kills the process does not await the result.
      outcomes.catch(() => undefined);
      send({ kind: 'start', job, what });
      return { atLine: line, go: () => send({ kind: 'go', job }), outcomes };
    },
    kill: () => ended(child),
  };
  child.on('message', (report: Report) => {
    switch (report.kind) {
      case 'connected':
        connected();
        return;
      case 'acknowledged':
        worker.onAcknowledged(report);
        return;
      case 'at line':
        jobs.get(report.job)?.atLine();
        return;
      case 'done':
        jobs.get(report.job)?.done(report.outcomes);
        jobs.delete(report.job);
        return;
      case 'failed':
        jobs.get(report.job)?.failed(new Error(report.why));
        jobs.delete(report.job);
        return;
      default:
        report satisfies never;
    }
  });
  child.on('exit', (code, signal) => {
    for (const { failed } of jobs.values()) failed(new Error(`the process ended: ${signal ?? String(code)}`));
  });
  return worker;
}

/** Resolves when the process is gone, and its last message was read. */
async function ended(child: ChildProcess): Promise<void> {
  const hasExited = child.exitCode !== null || child.signalCode !== null;
  const exit = hasExited ? Promise.resolve() : once(child, 'exit');
  const silence = child.connected ? once(child, 'disconnect') : Promise.resolve();
  child.kill('SIGKILL');
  await Promise.all([exit, silence]);
}
