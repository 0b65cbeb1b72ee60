// The conformance suite for storage adapters, under the test runner of the adapter's author.
import assert from 'node:assert/strict';
import { commandCases } from './commands.js';
import { commitCases } from './commits.js';
import { erasingCases } from './erasing.js';
import { lockCases } from './locks.js';
import { findCases } from './finds.js';
import { listCases } from './lists.js';
import { readCases } from './reads.js';
import type { RegisterCase, StorageConformanceOptions } from './suite.js';
import { tenancyCases } from './tenancy.js';
import { auditLogCases } from './audit-log.js';
import { uniqueKeyCases } from './unique-keys.js';
import { updateCases } from './updates.js';

/**
 * Registers the test cases that every storage must pass. Each title begins with the number of the rule that it proves:
 *
 * - S-01 a commit writes everything or nothing, and every read returns what was written last;
 * - S-02 of parallel commits on one version exactly one succeeds;
 * - S-03 stored records are copies: changing a given or returned object changes nothing;
 * - S-04 every value comes back exactly as it was written;
 * - S-05 unique keys are enforced;
 * - S-08 a retry after a lost acknowledgement has no second effect;
 * - S-10 every interleaving of any two commands, and of some three, ends as a serial order of them does in memory;
 * - T-02 nothing of another workspace is read or changed;
 * - T-13 pages return each item once, and audit logs can be read from either end;
 * - A-10 an event is replaced in its place, and those that name an address are found;
 * - W-06 deleting a workspace leaves only its events and a tombstone.
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
 *   capabilities: { sharedData: false, locks: false },
 * });
 * ```
 */
export function storageConformance({ test, createStorage, capabilities }: StorageConformanceOptions): void {
  const { sharedData, locks } = capabilities;
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
      'createStorage must return connect if, and only if, the capability sharedData is claimed',
    );
    await close?.();
  });
  test(`capabilities: records ${locks ? 'can' : 'cannot'} be locked`, async () => {
    const { storage, close } = await createStorage();
    assert.equal(
      storage.withLock !== undefined,
      locks,
      'the storage must have withLock if, and only if, the capability locks is claimed',
    );
    await close?.();
  });
  commitCases(register);
  updateCases(register);
  uniqueKeyCases(register);
  if (locks) lockCases(register);
  readCases(register);
  tenancyCases(register);
  listCases(register);
  findCases(register);
  auditLogCases(register);
  erasingCases(register);
  commandCases(register);
}
