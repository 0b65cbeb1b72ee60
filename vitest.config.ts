import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const desk = 'examples/desk/test';
const onBuiltPackage = ['test/dist/**/*.test.ts', 'test/examples/**/*.test.ts', `${desk}/*.test.ts`];
const inBrowser = [`${desk}/browser/*.test.ts`];

// `npm run test:quick`: what runs in memory and needs no build, with the random tests at a tenth of their length
const quick = {
  name: 'quick',
  include: ['test/{core,commands,service,tokens}/**/*.test.ts', 'test/errors.test.ts'],
  // thousands of cases each
  exclude: [
    'test/tokens/flips.test.ts',
    'test/service/{input,invitations-endings,pages,quota-faults}.test.ts',
  ],
  // these tests restore every global that they replace
  isolate: false,
  pool: 'threads' as const,
};

export default defineConfig(({ mode }) => ({
  test: {
    reporters: ['default', './.ci/reporter.ts'],
    testTimeout: mode === 'long' ? 30 * 60_000 : 60_000,
    hookTimeout: 60_000,
    // All cores, where the default leaves one free. At most four files in parallel, so that together they use fewer than
    // the 100 connections that PostgreSQL allows by default.
    maxWorkers: Math.min(availableParallelism(), 4),
    // On a CI alone: a run of a single file would fail the thresholds.
    coverage: {
      enabled: process.env['CI'] === 'true',
      provider: 'v8',
      // also files that no test loads
      include: ['src/**/*.ts'],
      // the pattern also fits the folder of the same name in the desk
      exclude: ['examples/**'],
      reporter: [['text', { skipFull: true }], 'html'],
      // as measured, rounded down to a half: the rest is code for cases that cannot happen, and the command, which the
      // tests start as a process
      thresholds: { lines: 98.5, statements: 98, functions: 98, branches: 95 },
    },
    // a project does not inherit the mode
    projects:
      mode === 'quick'
        ? [{ extends: true, mode, test: quick }]
        : [
            {
              extends: true,
              mode,
              test: {
                name: 'unit',
                include: ['test/**/*.test.ts'],
                exclude: onBuiltPackage,
                typecheck: {
                  enabled: true,
                  include: ['test/**/*.test-d.ts'],
                  tsconfig: './tsconfig.json',
                  // `npm run types` reports errors of all files; here they would hide the results of the type tests
                  ignoreSourceErrors: true,
                },
              },
            },
            { extends: true, mode, test: { name: 'dist', include: onBuiltPackage } },
            { extends: true, mode, test: { name: 'browser', include: inBrowser } },
            {
              extends: true,
              mode,
              // Many short files: a process for each would take longer than the examples themselves.
              test: { name: 'doc', include: ['doctest/**/*.test.ts'], isolate: false },
            },
          ],
  },
}));
