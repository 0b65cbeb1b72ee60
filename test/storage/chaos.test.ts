// The chaos wrapper: the same seed gives the same faults, and each fault leaves a defined state.
import { describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import type { Commit, StorageAdapter, UserId, WorkspaceRecord } from '../../src/index.js';
import { chaosStorage, type ChaosOptions } from '../../src/testing/index.js';

const CALLS = 40;

test('chaos: a failed call throws and has done nothing', async () => {
  const { answers, kept } = await rough({ seed: 1, failures: 1 });
  expect(new Set(answers)).toEqual(new Set(['chaos: the storage failed']));
  expect(kept).toEqual([]);
});

test('chaos: a read can fail like a commit', async () => {
  const chaos = chaosStorage(memoryStorage(), { seed: 1, failures: 1 });
  await expect(chaos.load({ workspaceId: 'ws-0' })).rejects.toThrow('chaos: the storage failed');
  await expect(chaos.findMembership('ws-0', 'olga')).rejects.toThrow('chaos: the storage failed');
});

test('chaos: a commit with a lost acknowledgement throws and was applied', async () => {
  const { answers, kept } = await rough({ seed: 1, lostAcknowledgements: 1 });
  expect(new Set(answers)).toEqual(new Set(['chaos: the acknowledgement was lost']));
  expect(kept).toEqual(numbers());
});

test('chaos: only applied commits lose their acknowledgement', async () => {
  const storage = memoryStorage();
  const chaos = chaosStorage(storage, { seed: 1, lostAcknowledgements: 1 });
  await storage.commit(insertion(0));
  expect(await chaos.commit(insertion(0))).toMatchObject({ ok: false, reason: 'duplicate' });
});

test('chaos: a commit that returns a conflict was not applied', async () => {
  const { answers, kept } = await rough({ seed: 1, conflicts: 1 });
  expect(new Set(answers)).toEqual(new Set(['conflict']));
  expect(kept).toEqual([]);
});

test('chaos: with mixed faults, only applied commits are stored, acknowledged or not', async () => {
  const { answers, kept } = await rough({
    seed: 1,
    failures: 0.2,
    conflicts: 0.3,
    lostAcknowledgements: 0.3,
  });
  const done = ['applied', 'chaos: the acknowledgement was lost'];
  expect(new Set(answers)).toEqual(new Set([...done, 'conflict', 'chaos: the storage failed']));
  expect(kept).toEqual(numbers().filter((number) => done.includes(answers[number] ?? '')));
});

test('chaos: the same seed gives the same faults, another seed others', async () => {
  const options = { failures: 0.2, conflicts: 0.3, lostAcknowledgements: 0.3, latency: 3 };
  const first = await rough({ seed: 1, ...options });
  expect(await rough({ seed: 1, ...options })).toEqual(first);
  expect(await rough({ seed: 2, ...options })).not.toEqual(first);
});

test('chaos: without rates every commit is applied', async () => {
  const { answers, kept } = await rough({ seed: 1 });
  expect(new Set(answers)).toEqual(new Set(['applied']));
  expect(kept).toEqual(numbers());
});

describe('latency', () => {
  test('chaos: concurrent calls reach the storage in one random order and return in another', async () => {
    const { reached, answered } = await together({ seed: 1 });
    expect(reached).not.toEqual(numbers());
    expect(answered).not.toEqual(numbers());
    expect(answered).not.toEqual(reached);
    for (const order of [reached, answered]) expect([...order].sort(byValue)).toEqual(numbers());
  });

  test('chaos: the same seed gives the same orders, another seed others', async () => {
    const first = await together({ seed: 1 });
    expect(await together({ seed: 1 })).toEqual(first);
    expect(await together({ seed: 2 })).not.toEqual(first);
  });

  test('chaos: without latency calls return in the order in which they were made', async () => {
    expect(await together({ seed: 1, latency: 0 })).toEqual({ reached: numbers(), answered: numbers() });
  });
});

/** Commits one after the other, so that random numbers are drawn in the same order each time. */
async function rough(options: ChaosOptions): Promise<{ answers: string[]; kept: number[] }> {
  const storage = memoryStorage();
  const chaos = chaosStorage(storage, options);
  const answers: string[] = [];
  for (const number of numbers()) {
    answers.push(
      await chaos.commit(insertion(number)).then(
        (result) => (result.ok ? 'applied' : result.reason),
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      ),
    );
  }
  const ids = new Set(storage.dump().workspaces.map(({ id }) => id));
  return { answers, kept: numbers().filter((number) => ids.has(idOf(number))) };
}

/** Loads concurrently; returns the order of arrival at the storage and the order of the results. */
async function together(options: ChaosOptions): Promise<{ reached: number[]; answered: number[] }> {
  const storage = memoryStorage();
  const reached: number[] = [];
  const answered: number[] = [];
  const noted: StorageAdapter = {
    ...storage,
    load: (readSet) => {
      reached.push(numbers().findIndex((number) => idOf(number) === readSet.workspaceId));
      return storage.load(readSet);
    },
  };
  const chaos = chaosStorage(noted, options);
  await Promise.all(
    numbers().map(async (number) => {
      await chaos.load({ workspaceId: idOf(number) });
      answered.push(number);
    }),
  );
  return { reached, answered };
}

function insertion(number: number): Commit {
  const ownerId: UserId = 'olga';
  const workspace: WorkspaceRecord = {
    id: idOf(number),
    kind: 'team',
    name: `name ${String(number)}`,
    nameKey: `name ${String(number)}`,
    ownerId,
    memberCount: 0,
    openInvitations: 0,
    reservedSeats: 0,
    suspendedFor: null,
    deletion: null,
    attributes: null,
    offer: null,
    version: 1,
    createdAt: Date.UTC(2026, 0, 1),
  };
  return { expect: [], changes: [{ kind: 'workspace.insert', workspace }], events: [] };
}

function numbers(): number[] {
  return Array.from({ length: CALLS }, (_, number) => number);
}

function idOf(number: number): string {
  return `ws-${String(number)}`;
}

function byValue(one: number, other: number): number {
  return one - other;
}
