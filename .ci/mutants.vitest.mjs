// The tests that mutants of one area are run against, in one thread. Loading all tests takes longer than most of them
// run, so there are two rounds: only what the near tests do not detect is run against the far ones, too.
import { BaseSequencer } from 'vitest/node';
import { defineConfig } from 'vitest/config';

const decisions = ['test/{core,commands}/**/*.test.ts', 'test/errors.test.ts'];
const callersOfDecisions = [
  'test/service/{accounts,authorization,invitations*,members,quota,tenancy,workspaces}.test.ts',
];
const near = {
  core: decisions,
  commands: decisions,
  tokens: ['test/tokens/*.test.ts'],
  service: ['test/errors.test.ts', 'test/service/{accounts,hooks,members,options,quota,workspaces}.test.ts'],
};
const far = {
  core: callersOfDecisions,
  commands: callersOfDecisions,
  tokens: [],
  service: [
    'test/service/*.test.ts',
    'test/core/schemas.test.ts',
    'test/tokens/{session,authority,lifetime}.test.ts',
  ],
};
const area = process.env['MUTATE'];

class FarFirst extends BaseSequencer {
  // test/service before test/core: the first failure ends a run, and the near tests did not fail in their round
  async sort(files) {
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? 1 : -1));
  }
}

/** Stryker's runner reads results of tests only, so a file that fails to load, or in `beforeAll`, needs one that failed. */
class FailedFiles {
  onInit(vitest) {
    this.vitest = vitest;
  }

  onTestRunEnd() {
    for (const file of this.vitest.state.getFiles()) {
      if (file.result?.state !== 'fail') continue;
      const result = { state: 'fail', errors: file.result.errors };
      file.tasks.push({
        type: 'test',
        id: `${file.id}_file`,
        name: 'the file',
        mode: 'run',
        meta: {},
        file,
        result,
      });
    }
  }
}

export default defineConfig({
  test: {
    include: process.env['ROUND'] === 'near' ? near[area] : [...near[area], ...far[area]],
    // take minutes, and detect no mutant that the others do not
    exclude: ['test/tokens/flips.test.ts', 'test/service/invitations-endings.test.ts'],
    env: { MODE: 'mutation' },
    testTimeout: 60_000,
    isolate: false,
    pool: 'threads',
    maxWorkers: 1,
    sequence: { sequencer: FarFirst },
    reporters: [new FailedFiles()],
  },
});
