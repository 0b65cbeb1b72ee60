// The story and the conformance suites on memory, by jest with the package as CommonJS.
const core = require('tenantry');
const http = require('tenantry/http');
const { memoryQuota, memoryStorage } = require('tenantry/memory');
const quantity = require('tenantry/quantity');
const testing = require('tenantry/testing');
const { defaults, play } = require('./story.cjs');

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
