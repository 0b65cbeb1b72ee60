// Run by package.test.ts under node:test, in a separate process.
import test from 'node:test';
import { memoryQuota, memoryStorage } from 'tenantry/memory';
import { quotaConformance, storageConformance } from 'tenantry/testing';

storageConformance({
  test: (title, run) => void test(title, run),
  createStorage: () => Promise.resolve({ storage: memoryStorage() }),
  capabilities: { sharedData: false, locks: false },
});

quotaConformance({
  test: (title, run) => void test(title, run),
  createQuota: (defaults) => Promise.resolve({ quota: memoryQuota({ defaults }) }),
});
