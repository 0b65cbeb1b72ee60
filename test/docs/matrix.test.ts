// README and the guide to permissions show every cell of the default matrix.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultMatrix } from '../../src/index.js';

/** The cells of the first table whose columns are the roles. */
function tableOf(file: string): Map<string, readonly string[]> {
  const lines = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').split('\n');
  const head = lines.findIndex((line) =>
    /^\| permission +\| owner +\| manager +\| developer +\|$/.test(line),
  );
  const rows = lines.slice(head + 2, lines.indexOf('', head)).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return new Map(rows.map(([name = '', ...cells]) => [name, cells]));
}

test.each(['README.md', 'docs/permissions.md'])('%s shows the default matrix', (file) => {
  const table = tableOf(file);
  const granted = [...table].filter(([name]) => name.startsWith('may grant'));
  expect(granted.map(([, cells]) => cells)).toEqual([
    defaultMatrix.roles.map((role) => defaultMatrix.grantsOf(role).join(', ') || 'nobody'),
  ]);
  const shown = new Map(
    [...table]
      .filter(([name]) => !name.startsWith('may grant'))
      .flatMap(([names, cells]) => [...names.matchAll(/`([a-z:-]+)`/g)].map(([, name]) => [name, cells])),
  );
  const held = defaultMatrix.permissions.map((permission) => [
    permission,
    defaultMatrix.roles.map((role) => (defaultMatrix.can(role, permission) ? 'yes' : '')),
  ]);
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(held));
});
