// The built package, as its users install it.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import * as esm from 'tenantry';
import { expect, test } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);
/** Without comments, because the examples in them import other packages. */
const read = (file: string): string =>
  readFileSync(new URL(file, dist), 'utf8').replaceAll(/\/\*\*[\s\S]*?\*\//g, '');
const require = createRequire(import.meta.url);
const cjs = require('tenantry') as typeof esm;

/** The packages that a built file imports, directly or through other built files; sorted. */
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

const joseParts = ['base64url', 'errors', 'jwt/sign', 'jwt/verify', 'key/export', 'key/import'].map(
  (part) => `jose/${part}`,
);

test.each([
  ['index', [...joseParts, 'mitt', 'zod/mini']],
  ['http', ['zod/mini']],
  ['memory', ['zod/mini']],
  ['quantity', []],
  ['sql', ['kysely', 'zod/mini']],
  ['testing', [...joseParts, 'mitt', 'node:assert/strict', 'node:timers/promises', 'node:util', 'zod/mini']],
])('%s imports these packages and no others', (entry, packages) => {
  expect(packagesOf(`${entry}.js`)).toEqual(packages);
  expect(packagesOf(`${entry}.cjs`)).toEqual(packages);
});

test('the command is built once, imports no package, and has no declarations', () => {
  expect(packagesOf('cli.js')).toEqual([]);
  expect(readdirSync(dist).filter((name) => /^cli\..*(?<!\.map)$/.test(name))).toEqual(['cli.js']);
});

// Keys are of the types that jose's import functions return.
test('no declaration refers to a type of nanoid or mitt', () => {
  for (const file of readdirSync(dist).filter((name) => /\.d\.c?ts$/.test(name))) {
    expect(read(file)).not.toMatch(/from\s*['"](nanoid|mitt)['"]/);
  }
});

const entries = [
  'tenantry',
  'tenantry/http',
  'tenantry/memory',
  'tenantry/quantity',
  'tenantry/sql',
  'tenantry/testing',
];

// Their declarations are compared with test/api/.
test.each(entries)('%s exports the same values to import and to require', async (entry) => {
  const imported = (await import(entry)) as object;
  expect(Object.keys(imported)).not.toEqual([]);
  expect(Object.keys(require(entry) as object).sort()).toEqual(Object.keys(imported).sort());
});

test('an error of one copy of the package is recognized by another copy', () => {
  const error = new cjs.WorkspaceError('SESSION_INVALID', {});
  expect(error).not.toBeInstanceOf(esm.WorkspaceError);
  expect(esm.isWorkspaceError(error)).toBe(true);
  expect(esm.isWorkspaceError(error, 'SESSION_INVALID')).toBe(true);
  expect(esm.isWorkspaceError(error, 'SESSION_STALE')).toBe(false);
});

test('the conformance suites run under node:test', { timeout: 300_000 }, async () => {
  const file = fileURLToPath(new URL('./conformance.node-test.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
    maxBuffer: 2 ** 26,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' },
  });
  expect(stdout).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(300);
});
