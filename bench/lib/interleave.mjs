// Times contenders side by side: one batch of each per round, every round beginning with another one, so that whatever
// else the machine does meanwhile falls on all of them alike. Awaited and synchronous loops are kept in functions apart.
import { Bench } from 'tinybench';

export const ROUNDS = 21;
/** Long paths are compiled late: a command runs at its full speed after some 10,000 calls. */
const WARM_UP_CALLS = 12_000;
const WARM_UP_ROUNDS = 4;

/** Whether this run only shows that the benchmarks work: its figures are none. */
export const isShort = process.env.BENCH_ROUNDS !== undefined;

/** So many rounds, or `BENCH_ROUNDS` where that is fewer. */
export function atMost(rounds) {
  return isShort ? Math.min(rounds, Number(process.env.BENCH_ROUNDS)) : rounds;
}

/**
 * A contender is `{ name, calls, run, prepare? }`: `run` makes `calls` calls in a loop of its own; `prepare` runs
 * before each batch, untimed. Work that waits for a database is warm after fewer calls: `warmUpCalls`.
 *
 * @returns per contender's name, the nanoseconds of one call in each round
 */
export async function interleave(contenders, { rounds = ROUNDS, warmUpCalls = WARM_UP_CALLS } = {}) {
  const { tasks, samples, record, warmUps } = setUp(contenders, { async: true, warmUpCalls });
  for (let round = -warmUps; round < atMost(rounds); round++) {
    for (const task of rotated(tasks, round + warmUps)) {
      task.reset(); // one that has run is not run again
      await task.run();
      if (round >= 0) record(task);
    }
  }
  return samples;
}

/** As `interleave`, for contenders that await nothing. */
export function interleaveSync(contenders, { rounds = ROUNDS } = {}) {
  const { tasks, samples, record, warmUps } = setUp(contenders, { async: false, warmUpCalls: WARM_UP_CALLS });
  for (let round = -warmUps; round < atMost(rounds); round++) {
    for (const task of rotated(tasks, round + warmUps)) {
      task.reset();
      task.runSync();
      if (round >= 0) record(task);
    }
  }
  return samples;
}

function setUp(contenders, { async, warmUpCalls }) {
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
  for (const { name, run, prepare } of contenders) {
    bench.add(name, run, { async, ...(prepare && { beforeAll: prepare }) });
  }
  const samples = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  const calls = new Map(contenders.map((contender) => [contender.name, contender.calls]));
  const record = ({ name, result }) => samples[name].push((result.latency.mean * 1e6) / calls.get(name));
  const fewest = Math.min(...calls.values());
  const warmUps = atMost(Math.max(WARM_UP_ROUNDS, Math.ceil(warmUpCalls / fewest)));
  return { tasks: bench.tasks, samples, record, warmUps };
}

function rotated(tasks, round) {
  const first = round % tasks.length;
  return [...tasks.slice(first), ...tasks.slice(0, first)];
}
