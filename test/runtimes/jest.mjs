// The story and the conformance suites on memory, by jest with the package as ES modules.
import * as core from 'tenantry';
import * as http from 'tenantry/http';
import { memoryQuota, memoryStorage } from 'tenantry/memory';
import * as quantity from 'tenantry/quantity';
import * as testing from 'tenantry/testing';
import { defaults, play } from './story.mjs';

test('the story', async () => {
  const [storage, quota] = [memoryStorage(), memoryQuota({ defaults })];
  expect(await play({ core, http, quantity, testing, storage, quota })).toBeGreaterThan(40);
});

testing.storageConformance({
  test,
  createStorage: () => Promise.resolve({ storage: memoryStorage() }),
  capabilities: { sharedData: false, locks: false },
});

testing.quotaConformance({
  test,
  createQuota: (defaults) => Promise.resolve({ quota: memoryQuota({ defaults }) }),
});
