// The conformance suite of storages: the same cases for every adapter, under the runner of its author.
import assert from 'node:assert/strict';
import { commandCases } from './commands.js';
import { commitCases } from './commits.js';
import { exclusiveCases } from './exclusive.js';
import { listCases } from './lists.js';
import { readCases } from './reads.js';
import type { RegisterCase, StorageConformanceOptions } from './suite.js';
import { tenancyCases } from './tenancy.js';
import { trailCases } from './trails.js';
import { uniqueKeyCases } from './unique-keys.js';
import { updateCases } from './updates.js';

/**
 * Registers the cases that every storage must pass, each named by the rule that it proves: commits are all or nothing
 * and what they write is what is read (S-01), of parallel commits on one version one succeeds (S-02), nothing is aliased
 * (S-03), everything comes back exactly (S-04), unique keys hold (S-05), a lost answer and a retry have one effect
 * (S-08), every order in which the steps of any two commands, and of some threes, can interleave ends as a serial order
 * does, and that as it does in memory (S-10), what lies in another workspace is neither read nor written (T-02), a
 * deletion leaves nothing but events and a tombstone (W-06), and pages hold each item once, audit trails from either
 * end (T-13).
 *
 * @example
 * ```ts
 * import test from 'node:test';
 * import { memoryStorage } from 'tenantry/memory';
 * import { storageConformance } from 'tenantry/testing';
 *
 * storageConformance({
 *   test: (title, run) => void test(title, run),
 *   createStorage: () => Promise.resolve({ storage: memoryStorage() }),
 *   capabilities: { sharedData: false, exclusive: false },
 * });
 * ```
 */
export function storageConformance({ test, createStorage, capabilities }: StorageConformanceOptions): void {
  const { sharedData, exclusive } = capabilities;
  const register: RegisterCase = (title, run) => {
    test(title, async () => {
      const { storage, connect, close } = await createStorage();
      const adapters = async (count: number) => {
        const connected = connect === undefined ? [] : await Promise.all([connect(), connect(), connect()]);
        const all = [storage, ...connected];
        return Array.from({ length: count }, (_, number) => all[number % all.length] ?? storage);
      };
      try {
        await run({ storage, adapters });
      } finally {
        await close?.();
      }
    });
  };

  test(`capabilities: adapters ${sharedData ? 'can' : 'cannot'} share their data`, async () => {
    const { connect, close } = await createStorage();
    assert.equal(
      connect !== undefined,
      sharedData,
      'createStorage gives connect if and only if sharedData is claimed',
    );
    await close?.();
  });
  test(`capabilities: records ${exclusive ? 'can' : 'cannot'} be had exclusively`, async () => {
    const { storage, close } = await createStorage();
    assert.equal(
      storage.exclusively !== undefined,
      exclusive,
      'the storage has exclusively if and only if it is claimed',
    );
    await close?.();
  });
  commitCases(register);
  updateCases(register);
  uniqueKeyCases(register);
  if (exclusive) exclusiveCases(register);
  readCases(register);
  tenancyCases(register);
  listCases(register);
  trailCases(register);
  commandCases(register);
}
