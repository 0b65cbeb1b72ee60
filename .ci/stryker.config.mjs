// The configuration of Stryker for one area of src, which `npm run mutants` names. The tests are those of
// mutants.vitest.mjs.
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
  // mutants of unchanged code keep the result of the last run
  incremental: true,
  incrementalFile: `.cache/mutants/${area}.incremental.json`,
  jsonReporter: { fileName: `.cache/mutants/${area}.json` },
  reporters: ['json', 'progress-append-only'],
  tempDirName: '.cache/mutants/sandbox',
  concurrency: 2,
  timeoutMS: 15_000,
};
