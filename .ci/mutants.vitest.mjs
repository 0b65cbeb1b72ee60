// The tests that mutants of an area are run against, one file after another in one thread.
import { BaseSequencer } from 'vitest/node';
import { defineConfig } from 'vitest/config';

// The first failure ends a run, so what is near the rules comes first, and what takes long last.
const inOrder = [
  /test\/(domain|tokens)\//,
  /test\/errors\.test/,
  /service\/(members|workspaces|accounts|quota|hooks|options|with-transaction|in-row)\.test/,
  /service\/invitations/,
  /service\/(tenancy|reads|pages|authorization)\.test/,
];
const placeOf = ({ moduleId }) => {
  const place = inOrder.findIndex((pattern) => pattern.test(moduleId));
  return place === -1 ? inOrder.length : place;
};

class QuickFirst extends BaseSequencer {
  async sort(files) {
    return files.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.moduleId < b.moduleId ? -1 : 1));
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

const tests = {
  tokens: ['test/tokens/**/*.test.ts'],
  domain: ['test/{domain,service}/**/*.test.ts', 'test/quota/ledger.test.ts', 'test/errors.test.ts'],
  service: ['test/{domain,service}/**/*.test.ts', 'test/quota/ledger.test.ts', 'test/errors.test.ts'],
};

export default defineConfig({
  test: {
    include: tests[process.env['MUTATE']],
    // minutes in all, for mutants that the others find as well
    exclude: ['test/tokens/flips.test.ts', 'test/service/invitations-endings.test.ts'],
    env: { MODE: 'mutation' },
    testTimeout: 60_000,
    isolate: false,
    pool: 'threads',
    maxWorkers: 1,
    sequence: { sequencer: QuickFirst },
    reporters: [new FailedFiles()],
  },
});
