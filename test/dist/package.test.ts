// The built package, as those who install it see it.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import * as esm from 'tenantry';
import { expect, test } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);
/** Without comments: the examples in them import what they like. */
const read = (file: string): string =>
  readFileSync(new URL(file, dist), 'utf8').replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
const require = createRequire(import.meta.url);
const cjs = require('tenantry') as typeof esm;

/** The packages that a built file imports, by itself or by what it imports of ours; sorted. */
function packagesOf(entry: string): string[] {
  const [files, packages] = [new Set([entry]), new Set<string>()];
  for (const file of files) {
    for (const [, name = ''] of read(file).matchAll(/\b(?:from|import|require\()\s*['"]([^'"\s]+)['"]/g)) {
      if (name.startsWith('./')) files.add(name.slice(2));
      else packages.add(name);
    }
  }
  return [...packages].sort();
}

test.each([
  ['index', ['jose', 'mitt', 'nanoid', 'zod/mini']],
  ['http', ['zod/mini']],
  ['memory', ['zod/mini']],
  ['quantity', []],
  ['sql', ['kysely', 'zod/mini']],
  [
    'testing',
    ['jose', 'mitt', 'nanoid', 'node:assert/strict', 'node:timers/promises', 'node:util', 'zod/mini'],
  ],
])('%s imports these packages and no other', (entry, packages) => {
  expect(packagesOf(`${entry}.js`)).toEqual(packages);
  expect(packagesOf(`${entry}.cjs`)).toEqual(packages);
});

test('the command is there in one form, imports no package, and has no declarations', () => {
  expect(packagesOf('cli.js')).toEqual([]);
  expect(readdirSync(dist).filter((name) => /^cli\..*(?<!\.map)$/.test(name))).toEqual(['cli.js']);
});

test('no declaration names a type of jose or nanoid', () => {
  for (const file of readdirSync(dist).filter((name) => /\.d\.c?ts$/.test(name))) {
    expect(read(file)).not.toMatch(/from\s*['"](jose|nanoid|mitt)['"]/);
  }
});

test('the public names are these', () => {
  expect(Object.keys(esm).sort()).toEqual([
    'QuantityError',
    'WorkspaceError',
    'WorkspaceService',
    'addQuantities',
    'commandSchemas',
    'compareQuantities',
    'corePermissions',
    'defaultLimits',
    'definePermissionMatrix',
    'formatQuantity',
    'isQuantityError',
    'isWorkspaceError',
    'nameKey',
    'noQuota',
    'parseQuantity',
    'readQuantity',
    'schemasFor',
    'sealosMatrix',
    'subtractQuantities',
    'violations',
  ]);
  expect(Object.keys(cjs).sort()).toEqual(Object.keys(esm).sort());
});

test('an error of one copy of the package is known to the other', () => {
  const error = new cjs.WorkspaceError('SESSION_INVALID', {});
  expect(error).not.toBeInstanceOf(esm.WorkspaceError);
  expect(esm.isWorkspaceError(error)).toBe(true);
  expect(esm.isWorkspaceError(error, 'SESSION_INVALID')).toBe(true);
  expect(esm.isWorkspaceError(error, 'SESSION_STALE')).toBe(false);
});

test('the conformance suites run under node:test', { timeout: 60_000 }, async () => {
  const file = fileURLToPath(new URL('./conformance.node-test.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
    maxBuffer: 2 ** 26,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' },
  });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(300);
});
