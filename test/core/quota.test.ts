// Quota arithmetic: shortfalls, equality of amounts and limits, and the parsing of default limits.
import { expect, test } from 'vitest';
import {
  isOverLimit,
  LARGEST_NANO,
  limitsOfDefaults,
  sameAmounts,
  sameLimits,
  shortfallsOf,
  unlistedOf,
  type QuotaLimit,
} from '../../src/core/quota.js';
import { parseQuantity } from '../../src/core/quantity/index.js';

type Texts = Readonly<Record<string, string>>;

const limitOf = (text: string): QuotaLimit => (text === 'unlimited' ? text : parseQuantity(text));
const limitsOf = (texts: Texts) =>
  new Map(Object.entries(texts).map(([resource, text]) => [resource, limitOf(text)]));
const amountsOf = (texts: Texts) =>
  new Map(Object.entries(texts).map(([resource, text]) => [resource, parseQuantity(text)]));
const use = (limit: string, used = '0', reserved = '0') => ({
  limit: limitOf(limit),
  used: parseQuantity(used),
  reserved: parseQuantity(reserved),
});
const lack = (resource: string, exceededBy: string, limit = '1') => ({
  resource,
  requested: '2',
  used: '0',
  reserved: '0',
  limit,
  exceededBy,
});

test('Q-12 shortfalls are sorted by resource name whatever the order of the request, without unlimited resources', () => {
  const resources = new Map(['gpu', 'cpu', 'memory', 'pods'].map((name) => [name, use('1')]));
  const sorted = ['cpu', 'gpu', 'memory'].map((resource) => lack(resource, '1'));
  for (const order of [
    ['cpu', 'gpu', 'memory'],
    ['memory', 'gpu', 'cpu'],
    ['gpu', 'memory', 'cpu'],
  ]) {
    const amounts = amountsOf(Object.fromEntries([...order, 'disk'].map((name) => [name, '2'])));
    expect(shortfallsOf(resources, amounts)).toEqual(sorted);
  }
  const asked = new Map([...['pods', 'z', 'b', 'cpu', 'a'].entries()].map(([place, name]) => [name, place]));
  expect(unlistedOf(resources, asked)).toEqual(['a', 'b', 'z']);
});

test('Q-06 the whole limit is admitted and 1n more is not, even if the limit is called unlimited', () => {
  const largest = '9223372036854775807';
  const cases = [
    [use('4', '1', '1'), '2', []],
    [use('4', '1', '1'), '2000000001n', ['1n']],
    [use('unlimited', largest), '0', []],
    [use('unlimited', '1', '1'), '9223372036854775805', []],
    [use('unlimited', largest), '1n', ['1n']],
    [use('0', '5'), '0', []],
  ] as const;
  expect(
    cases.map(([cpu, text]) =>
      shortfallsOf(new Map([['cpu', cpu]]), amountsOf({ cpu: text })).map(({ exceededBy }) => exceededBy),
    ),
  ).toEqual(cases.map(([, , beyond]) => beyond));
  expect(LARGEST_NANO).toBe(parseQuantity(largest).nano);
});

test.each<[Texts, Texts, boolean]>([
  [{ cpu: '1', pods: '2' }, { pods: '2', cpu: '1000m' }, true],
  [{ cpu: '1', pods: '2' }, { cpu: '1', pods: '3' }, false],
  [{ cpu: '1', pods: '2' }, { cpu: '1', disk: '2' }, false],
  [{ cpu: '1', pods: '2' }, { cpu: '1' }, false],
  [{ cpu: '1' }, { cpu: '1', pods: '2' }, false],
])('Q-09 the amounts %j equal %j: %s', (one, other, same) => {
  expect(sameAmounts(amountsOf(one), amountsOf(other))).toBe(same);
});

test.each<[Texts, Texts, boolean]>([
  [{ cpu: '1', pods: '2' }, { cpu: '1000m' }, true],
  [{ cpu: '1', pods: '2' }, { cpu: '1', pods: '3' }, false],
  [{ cpu: '1' }, { cpu: 'unlimited' }, false],
  [{ cpu: 'unlimited' }, { cpu: '1' }, false],
  [{ cpu: 'unlimited' }, { cpu: 'unlimited' }, true],
  [{ cpu: '1' }, { pods: '1' }, false],
  [{ cpu: '1' }, { pods: 'unlimited' }, false],
])('with the limits %j, setting %j is a no-op: %s', (before, limits, same) => {
  expect(sameLimits(limitsOf(before), limitsOf(limits))).toBe(same);
});

test.each([
  ['4', '2', '2', false],
  ['4', '2', '2000000001n', true],
  ['0', '1n', '0', true],
  ['unlimited', '9223372036854775807', '1', false],
])('Q-11 a limit of %s with %s used and %s reserved is exceeded: %s', (limit, used, reserved, isOver) => {
  expect(isOverLimit(use(limit, used, reserved))).toBe(isOver);
});

test('Q-05 default limits are non-negative quantities or the word unlimited', () => {
  expect(limitsOfDefaults({ cpu: '0', memory: '1Gi', pods: 'unlimited' })).toEqual(
    limitsOf({ cpu: '0', memory: '1Gi', pods: 'unlimited' }),
  );
  expect(() => limitsOfDefaults({ cpu: '1', memory: '-1n' })).toThrow(
    new TypeError("quota: the default of 'memory' is negative"),
  );
  expect(() => limitsOfDefaults({ cpu: 'Unlimited' })).toThrow('lacks a digit');
});
