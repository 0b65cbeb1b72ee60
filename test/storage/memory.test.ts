import { test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { chaosStorage, storageConformance } from '../../src/testing/index.js';
import { shareOfInterleavings } from '../campaign.js';

storageConformance({
  test: (title, run) => {
    test(`memory: ${title}`, run);
  },
  createStorage: () => Promise.resolve({ storage: memoryStorage() }),
  capabilities: { sharedData: false, locks: false },
});

let seed = 0;
const isChosen = shareOfInterleavings(4);
storageConformance({
  test: (title, run) => {
    if (isChosen(title)) test(`memory in chaos: ${title}`, run);
  },
  createStorage: () => Promise.resolve({ storage: chaosStorage(memoryStorage(), { seed: seed++ }) }),
  capabilities: { sharedData: false, locks: false },
});
