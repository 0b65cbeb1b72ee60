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

/** A built file with everything of ours that it imports. */
function graph(file: string, seen = new Set<string>()): Set<string> {
  seen.add(file);
  for (const [, next] of read(file).matchAll(/(?:from|import)\s*['"]\.\/([^'"]+)['"]/g)) {
    if (next !== undefined && !seen.has(next)) graph(next, seen);
  }
  return seen;
}

test('the core and the memory storage use no Node module', () => {
  for (const entry of ['index.js', 'memory.js']) {
    for (const file of graph(entry)) {
      expect(read(file)).not.toMatch(/from\s*['"](node:|crypto|fs|path|buffer|util)/);
    }
  }
});

test('the core imports its four dependencies and nothing else', () => {
  const packages = new Set<string>();
  for (const file of graph('index.js')) {
    for (const [, name] of read(file).matchAll(/from\s*['"]([^.'"][^'"]*)['"]/g)) packages.add(name ?? '');
  }
  expect([...packages].sort()).toEqual(['jose', 'mitt', 'nanoid', 'zod/mini']);
});

test('only the SQL adapter imports Kysely, and no driver', () => {
  for (const entry of ['index.js', 'memory.js', 'testing.js', 'quantity.js']) {
    for (const file of graph(entry)) expect(read(file)).not.toMatch(/from\s*['"]kysely/);
  }
  const packages = new Set<string>();
  for (const file of graph('sql.js')) {
    for (const [, name] of read(file).matchAll(/from\s*['"]([^.'"][^'"]*)['"]/g)) packages.add(name ?? '');
  }
  expect([...packages].sort()).toEqual(['kysely', 'zod/mini']);
});

test('the quantities import nothing but their own chunk', () => {
  const files = [...graph('quantity.js')];
  expect(files.length).toBeLessThanOrEqual(2);
  for (const file of files) {
    for (const [, name] of read(file).matchAll(/(?:from|import)\s*['"]([^'"]+)['"]/g)) {
      expect(files).toContain(name?.replace('./', ''));
    }
  }
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
