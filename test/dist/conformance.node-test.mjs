// Run by package.test.ts under node:test, in a process of its own.
import test from 'node:test';
import { memoryStorage } from 'tenantry/memory';
import { storageConformance } from 'tenantry/testing';

storageConformance({
  test: (title, run) => void test(title, run),
  createStorage: () => Promise.resolve({ storage: memoryStorage() }),
  capabilities: { sharedData: false },
});
