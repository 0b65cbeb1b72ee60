// The enumerator by itself: each order of steps once, and none left out, also where what a process does depends on it.
import { expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import type { StorageAdapter } from '../../src/index.js';
import { everyInterleaving, type Process } from '../../src/testing/interleave.js';

/** By the steps of each process: the number of orders is (sum of the steps)! / (product of each one's steps!). */
const orders: readonly (readonly [steps: readonly number[], orders: number])[] = [
  [[3], 1],
  [[1, 1], 2],
  [[2, 2], 6],
  [[3, 2], 10],
  [[1, 4], 5],
  [[4, 4], 70],
  [[2, 2, 2], 90],
  [[0, 2, 1], 3],
];

test.each(orders)('S-10 processes of %j steps have %i orders, each of them once', async (steps, count) => {
  const schedules = await schedulesOf(() => steps.map((many) => (storage) => stepping(storage, many)));
  expect(schedules).toHaveLength(count);
  expect(new Set(schedules).size).toBe(count);
  const inAll = steps.flatMap((many, process) => Array.from({ length: many }, () => process)).join('');
  for (const schedule of schedules) expect([...schedule].sort().join('')).toBe(inAll);
});

test('S-10 a process that takes more steps when it comes second has the orders of both', async () => {
  const schedules = await schedulesOf(() => {
    let others = 0;
    const process: Process<void> = async (storage) => {
      await stepping(storage, 1);
      // What was done before decides what is left to do.
      await stepping(storage, others++ === 0 ? 1 : 3);
    };
    return [process, process];
  });
  // Whose first step is the very first has 1 more to take, and the other 3.
  const onwards = ['0111', '1011', '1101', '1110'];
  expect([...schedules].sort()).toEqual(
    [
      '001111',
      ...onwards.map((rest) => `01${rest}`),
      '110000',
      ...onwards.map((rest) => `10${mirrored(rest)}`),
    ].sort(),
  );
});

test('S-10 processes that start over when they lose a race have every order of their attempts', async () => {
  const schedules = await schedulesOf(() => {
    let version = 0;
    const process: Process<void> = async (storage) => {
      for (;;) {
        await stepping(storage, 1);
        const read = version;
        await stepping(storage, 1);
        if (read !== version) continue;
        version++;
        return;
      }
    };
    return [process, process];
  });
  // One after the other; or both read, one writes, and the other one reads and writes again.
  expect([...schedules].sort()).toEqual(['0011', '010111', '011000', '100111', '101000', '1100']);
});

test('the steps are taken in the order of the schedule, and the end has what each process answered', async () => {
  const seen: string[] = [];
  const told: string[] = [];
  const interleavings = everyInterleaving(() => {
    let taken = '';
    const process =
      (name: string): Process<string> =>
      async (storage) => {
        for (let step = 0; step < 2; step++) {
          await storage.load({ accounts: [] });
          taken += name;
        }
        return `done ${name}`;
      };
    return Promise.resolve({
      storage: memoryStorage(),
      processes: [process('0'), process('1')],
      end: (results: readonly string[]) => {
        seen.push(taken);
        return Promise.resolve(results.join());
      },
    });
  });
  for await (const { schedule, end } of interleavings) {
    told.push(schedule.join(''));
    expect(end).toBe('done 0,done 1');
  }
  expect(seen).toEqual(told);
});

async function stepping(storage: StorageAdapter, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await storage.load({ accounts: [] });
}

/** Each schedule as the numbers of its processes in a row. */
async function schedulesOf(processes: () => readonly Process<void>[]): Promise<string[]> {
  const schedules: string[] = [];
  const interleavings = everyInterleaving(() =>
    Promise.resolve({
      storage: memoryStorage(),
      processes: processes(),
      end: () => Promise.resolve(null),
    }),
  );
  for await (const { schedule } of interleavings) schedules.push(schedule.join(''));
  return schedules;
}

function mirrored(schedule: string): string {
  return [...schedule].map((process) => (process === '0' ? '1' : '0')).join('');
}
