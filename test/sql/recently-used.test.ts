// The bounded cache of statements: an app with a set of tables for each customer keeps a bounded number of them.
import { expect, test } from 'vitest';
import { keptByNames, namesOf } from '../../src/adapters/sql/names.js';
import { RecentlyUsed } from '../../src/adapters/sql/recently-used.js';

test('keeps the entries that were used last', () => {
  const cache = new RecentlyUsed<number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  expect(cache.get('a')).toBe(1);
  cache.set('c', 3);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
});

test('replaces an entry without dropping another', () => {
  const cache = new RecentlyUsed<number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('b', 3);
  expect([cache.get('a'), cache.get('b')]).toEqual([1, 3]);
});

test('statements are written once for each set of tables, and again for one that was not used for long', () => {
  let written = 0;
  const statementsOf = keptByNames(() => ++written);
  const on = (prefix: string) => statementsOf(namesOf({ dialect: 'sqlite', prefix }));
  expect([on('main_'), on('main_')]).toEqual([1, 1]);
  for (let customer = 0; customer < 500; customer++) {
    on(`c${customer}_`);
    expect(on('main_')).toBe(1);
  }
  expect(on('c0_')).toBe(502);
});
