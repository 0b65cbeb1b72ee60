// Every run: its command, its project, and how its output reports the number of checks.
import { join, resolve } from 'node:path';
import { runtime, versionIn } from './install.mjs';

export function runsIn(folder) {
  const [plain, libsql, sql] = ['plain', 'libsql', 'sql'].map((project) => join(folder, project));
  const atHand = { name: 'node', version: process.versions.node, problem: null, command: [process.execPath] };
  const [node22, node24, node26] = ['node22', 'node24', 'node26'].map((name) => kept(name, 'node'));
  const [bun, deno, workerd, jest, next] = ['bun', 'deno', 'workerd', 'jest', 'next'].map((name) =>
    kept(name),
  );
  const denoRun = withWords(deno, 'run', '-A', '--node-modules-dir=manual');
  const memory = { what: 'memory', project: plain, ...checks };
  const tests = { what: 'the conformance suites', form: 'esm', project: plain, unit: 'tests' };

  return [
    ...[atHand, node22, node24, node26, bun, denoRun].flatMap((who) => [
      { ...memory, who, form: 'esm', words: ['esm.mjs'] },
      { ...memory, who, form: 'cjs', words: ['cjs.cjs'] },
    ]),
    { ...memory, who: workerd, form: 'esm', words: ['test', 'worker.capnp'] },
    {
      who: atHand,
      form: 'esm',
      what: 'tenantry schema, without kysely',
      words: ['node_modules/tenantry/dist/cli.js', 'schema', '--dialect', 'sqlite'],
      project: plain,
      said: /create table/g,
      unit: 'tables',
    },
    ...sqlRuns(atHand, 'libsql', libsql),
    ...[node22, node24, node26, denoRun].flatMap((who) => sqlRuns(who, 'node-sqlite', sql)),
    ...sqlRuns(bun, 'bun-sqlite', sql),
    ...jestRuns({ atHand, node24, jest, project: plain }),
    {
      ...tests,
      who: node26,
      words: ['--test', '--test-reporter=tap', 'conformance.mjs'],
      said: /^# pass (\d+)$/m,
    },
    { ...tests, who: bun, words: ['test', './conformance.mjs'], said: /^ *(\d+) pass$/m },
    {
      ...tests,
      who: withWords(deno, 'test', '-A', '--no-check', '--node-modules-dir=manual'),
      words: ['conformance.mjs'],
      said: /^ok \| (\d+) passed/m,
    },
    ...typeRuns({ plain, sql }),
    // the last, so that no other run finds its files in the project
    {
      who: { ...next, command: [process.execPath] },
      form: 'esm',
      what: 'its recipe on nodejs and edge',
      words: ['next.mjs', next.folder],
      project: plain,
      ...checks,
    },
  ];
}

/** As the entries of the story print it. */
const checks = { said: /^(\d+) checks$/m, unit: 'checks' };

function kept(name, command = name) {
  const { version, folder, problem } = runtime(name);
  return { name: command, version, problem, folder, command: [join(folder, 'node_modules/.bin', command)] };
}

function withWords(who, ...words) {
  return { ...who, command: [...who.command, ...words] };
}

function sqlRuns(who, driver, project) {
  const what = `sql on ${driver.replace('-', ':')}, kysely ${versionIn(project, 'kysely')}`;
  return ['esm', 'cjs'].map((form) => ({
    who,
    form,
    what,
    words: ['sql.mjs', driver, form],
    project,
    ...checks,
  }));
}

/** The options of each format are those in the guide to testing. */
function jestRuns({ atHand, node24, jest, project }) {
  const vmModules = '--experimental-vm-modules';
  return [
    { who: withWords(atHand, vmModules), form: 'esm', config: '{}', file: 'jest.mjs' },
    { who: atHand, form: 'cjs', config: join(project, 'jest.config.cjs'), file: 'jest.cjs' },
    { who: withWords(node24, vmModules), form: 'cjs', config: '{}', file: 'jest.cjs' },
  ].map(({ who, form, config, file }) => ({
    who: { ...withWords(who, 'node_modules/jest/bin/jest.js'), problem: who.problem ?? jest.problem },
    form,
    what: `jest ${jest.version}${config === '{}' ? ` ${vmModules}` : ', transforming'}`,
    words: ['--rootDir', project, '--config', config, '--testMatch', join(project, file)],
    // where Babel looks for its plugins
    project: jest.folder,
    said: /^Tests: +(\d+) passed, \d+ total$/m,
    unit: 'tests',
  }));
}

/** The declarations of the dependencies are checked, too. */
function typeRuns({ plain, sql }) {
  const strict = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noUncheckedIndexedAccess',
    '--skipLibCheck',
    'false',
  ];
  const words = ['--noEmit', '--diagnostics', '--target', 'es2022', '--lib', 'es2022,dom', ...strict];
  const who = {
    name: 'typescript',
    version: versionIn('.', 'typescript'),
    problem: null,
    command: [process.execPath, resolve('node_modules/typescript/bin/tsc'), ...words],
  };
  const nodenext = ['--module', 'nodenext'];
  const bundler = ['--module', 'esnext', '--moduleResolution', 'bundler'];
  const counted = { who, said: /^Files: +(\d+)$/m, unit: 'files' };
  const all = ['consumer', 'sql-consumer'];
  return [
    {
      form: 'esm',
      what: 'nodenext, the package alone',
      words: [...nodenext, 'consumer.mts'],
      project: plain,
    },
    {
      form: 'esm',
      what: 'nodenext',
      words: [...nodenext, ...all.map((name) => `${name}.mts`)],
      project: sql,
    },
    {
      form: 'cjs',
      what: 'nodenext',
      words: [...nodenext, ...all.map((name) => `${name}.cts`)],
      project: sql,
    },
    { form: 'esm', what: 'bundler', words: [...bundler, ...all.map((name) => `${name}.ts`)], project: sql },
  ].map((run) => ({ ...counted, ...run }));
}
