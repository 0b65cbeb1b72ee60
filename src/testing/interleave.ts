// Enumerates every order in which the storage calls of concurrent processes can interleave.
import type { StorageAdapter } from '../ports/storage.js';
import { wrapStorage } from './wrapped-storage.js';

/** One process. Each call of the storage that it gets is a step of the schedule. */
export type Process<Result> = (storage: StorageAdapter) => Promise<Result>;

/** The start of one run: the processes, the storage that they share, and a function that describes the end. */
export interface Start<Result, End> {
  readonly storage: StorageAdapter;
  readonly processes: readonly Process<Result>[];
  end(results: readonly Result[]): Promise<End>;
}

/**
 * Runs the processes once for every order of their steps. A step is one call of the storage port, so any number of
 * steps of other processes can come between two steps of one. `prepare` creates the start of each run; `schedule` lists
 * which process took each step.
 */
export async function* everyInterleaving<Result, End>(
  prepare: () => Promise<Start<Result, End>>,
): AsyncGenerator<{ readonly schedule: readonly number[]; readonly end: End }> {
  for (let choices: number[] | null = []; choices !== null; ) {
    const start = await prepare();
    const { steps, results } = await runSchedule(start.storage, start.processes, choices);
    yield { schedule: steps.map(({ process }) => process), end: await start.end(results) };
    choices = nextChoices(steps);
  }
}

interface Step {
  readonly process: number;
  /** The index, among the processes that could take this step, of the one that did. */
  readonly choice: number;
  readonly options: number;
}

async function runSchedule<Result>(
  storage: StorageAdapter,
  processes: readonly Process<Result>[],
  choices: readonly number[],
): Promise<{ steps: Step[]; results: Result[] }> {
  const started = processes.map((process) => startProcess(storage, process));
  const steps: Step[] = [];
  for (const process of started) await process.pausedOrDone();
  for (;;) {
    const able = started.flatMap((process, number) => (process.isDone() ? [] : [{ process, number }]));
    const choice = choices[steps.length] ?? 0;
    const next = able[choice];
    if (next === undefined) break;
    steps.push({ process: next.number, choice, options: able.length });
    await next.process.step();
  }
  return { steps, results: await Promise.all(started.map(({ result }) => result)) };
}

/** The next schedule in the order of a depth-first search; `null` after the last. */
function nextChoices(steps: readonly Step[]): number[] | null {
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index];
    if (step === undefined || step.choice + 1 >= step.options) continue;
    return [...steps.slice(0, index).map(({ choice }) => choice), step.choice + 1];
  }
  return null;
}

/** Starts a process that pauses before each storage call, until `step` lets it make the call. */
function startProcess<Result>(storage: StorageAdapter, process: Process<Result>) {
  let go: () => void = () => undefined;
  let notify: () => void = () => undefined;
  let state: 'running' | 'paused' | 'done' = 'running';
  let changed = new Promise<void>((resolve) => (notify = resolve));

  const pause = async (): Promise<void> => {
    const released = new Promise<void>((resolve) => (go = resolve));
    state = 'paused';
    notify();
    await released;
  };
  const gated = wrapStorage(storage, async (call) => {
    await pause();
    return call();
  });
  const result = process(gated);
  const finish = (): void => {
    state = 'done';
    notify();
  };
  result.then(finish, finish);

  const pausedOrDone = async (): Promise<void> => {
    while (state === 'running') await changed;
  };
  return {
    result,
    isDone: () => state === 'done',
    pausedOrDone,
    async step(): Promise<void> {
      state = 'running';
      changed = new Promise<void>((resolve) => (notify = resolve));
      go();
      await pausedOrDone();
    },
  };
}
