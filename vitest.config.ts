import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const onBuiltPackage = ['test/dist/**/*.test.ts', 'test/examples/**/*.test.ts'];
const inBrowser = ['test/browser/**/*.test.ts'];

export default defineConfig(({ mode }) => ({
  test: {
    reporters: ['default', './.ci/reporter.ts'],
    testTimeout: mode === 'long' ? 30 * 60_000 : 60_000,
    hookTimeout: 60_000,
    // All cores: by default one would only watch. No more than four files at once, though, for together they must stay
    // below the 100 connections that a PostgreSQL lets in.
    maxWorkers: Math.min(availableParallelism(), 4),
    // A CI counts it with the tests that it runs anyway. Elsewhere it would fail whoever runs one file.
    coverage: {
      enabled: process.env['CI'] === 'true',
      provider: 'v8',
      // files that no test loads, too
      include: ['src/**/*.ts'],
      reporter: [['text', { skipFull: true }], 'html'],
      // as reached, rounded down to a half: what is left are sentences for what cannot happen, and the command, which
      // the tests start as a process
      thresholds: { lines: 98.5, statements: 98, functions: 98, branches: 95 },
    },
    // each project has to be told the mode: it does not inherit it
    projects: [
      {
        extends: true,
        mode,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...onBuiltPackage, ...inBrowser],
          typecheck: {
            enabled: true,
            include: ['test/**/*.test-d.ts'],
            tsconfig: './tsconfig.json',
            // `npm run types` reports the errors of all other files; here they would hide the tests' own result
            ignoreSourceErrors: true,
          },
        },
      },
      { extends: true, mode, test: { name: 'dist', include: onBuiltPackage } },
      { extends: true, mode, test: { name: 'browser', include: inBrowser } },
      {
        extends: true,
        mode,
        // Many, and each done in no time: a process for each would take longer than the examples do.
        test: { name: 'doc', include: ['doctest/**/*.test.ts'], isolate: false },
      },
    ],
  },
}));
