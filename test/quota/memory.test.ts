import { test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { chaosQuota, quotaConformance } from '../../src/testing/index.js';

quotaConformance({
  test: (title, run) => {
    test(`memory: ${title}`, run);
  },
  createQuota: (defaults) => Promise.resolve({ quota: memoryQuota({ defaults }) }),
});

quotaConformance({
  test: (title, run) => {
    test(`memory, limits asked for: ${title}`, run);
  },
  createQuota: (defaults) => {
    let plan = defaults;
    const quota = memoryQuota({ defaults: () => Promise.resolve(plan) });
    const changeDefaults = (changed: typeof defaults) => {
      plan = changed;
      return Promise.resolve(quota);
    };
    return Promise.resolve({ quota, changeDefaults });
  },
});

let seed = 0;
quotaConformance({
  test: (title, run) => {
    test(`memory in chaos: ${title}`, run);
  },
  createQuota: (defaults) => {
    const quota = memoryQuota({ defaults });
    const connect = () => chaosQuota(quota, { seed: seed++ });
    return Promise.resolve({ quota: connect(), connect: () => Promise.resolve(connect()) });
  },
});
