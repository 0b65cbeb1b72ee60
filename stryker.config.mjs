// `npm run mutants` starts it, for one area after another. Its tests are those of .ci/mutants.vitest.mjs.
const area = process.env['MUTATE'];

export default {
  testRunner: 'vitest',
  vitest: { configFile: '.ci/mutants.vitest.mjs', related: false },
  mutate: [`src/${area}/**/*.ts`],
  ignorePatterns: [
    'bench',
    'dist',
    'site',
    'doctest',
    'examples',
    'test/{browser,dist,examples,http,runtimes,sql}',
  ],
  coverageAnalysis: 'perTest',
  // What has not changed since the last run is not run again.
  incremental: true,
  incrementalFile: `.cache/mutants/${area}.incremental.json`,
  jsonReporter: { fileName: `.cache/mutants/${area}.json` },
  reporters: ['json', 'progress-append-only'],
  tempDirName: '.cache/mutants/sandbox',
  concurrency: 2,
  timeoutMS: 15_000,
};
