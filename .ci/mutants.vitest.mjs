// The tests that mutants of an area are run against, one file after another in one thread. There are two rounds, for
// loading all tests takes longer than most of them: what the near ones do not notice is run against the far ones, too.
import { BaseSequencer } from 'vitest/node';
import { defineConfig } from 'vitest/config';

const near = {
  tokens: ['test/tokens/*.test.ts'],
  domain: ['test/domain/*.test.ts', 'test/errors.test.ts'],
  service: ['test/errors.test.ts', 'test/service/{accounts,hooks,members,options,quota,workspaces}.test.ts'],
};
const far = {
  tokens: [],
  domain: ['test/service/{accounts,authorization,invitations*,members,quota,tenancy,workspaces}.test.ts'],
  service: [
    'test/service/*.test.ts',
    'test/domain/schemas.test.ts',
    'test/tokens/{session,authority,lifetime}.test.ts',
  ],
};
const area = process.env['MUTATE'];

class FarFirst extends BaseSequencer {
  // test/service before test/domain: the first failure ends a run, and the near ones have had their turn
  async sort(files) {
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? 1 : -1));
  }
}

/** Stryker's runner asks tests alone: a file that cannot be loaded, or whose `beforeAll` fails, would pass for green. */
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
    // minutes in all, for mutants that the others notice as well
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
