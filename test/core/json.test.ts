// JSON values of an app: what is taken, what is the same, and how large it is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSameJson, jsonBytes, jsonOf, type JsonValue } from '../../src/core/json.js';

const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => jsonOf(value) !== undefined);

/** The same value with every object's keys in the opposite order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, reordered(inner)] as const)
      .reverse(),
  );
}

describe('jsonOf', () => {
  test('copies and freezes every JSON value', () => {
    fc.assert(
      fc.property(json, (value) => {
        const copy = jsonOf(value);
        expect(copy).toEqual(value);
        expect(Object.isFrozen(copy)).toBe(true);
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  let deep: unknown = 'bottom';
  for (let depth = 0; depth < 40; depth++) deep = [deep];
  test.each([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a bigint', 1n],
    ['a symbol', Symbol('s')],
    ['a function', () => 'called'],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a cycle', cyclic],
    ['40 levels', deep],
    ['an own __proto__', JSON.parse('{"__proto__": 1}') as unknown],
    ['undefined within an object', { a: undefined }],
    ['undefined within an array', [undefined]],
    ['a hole', Array(1)],
  ])('has no value for %s', (_, value) => {
    expect(jsonOf(value)).toBeUndefined();
    expect(jsonOf([{ inner: value }])).toBeUndefined();
  });
});

describe('isSameJson', () => {
  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(isSameJson(jsonOf(value), jsonOf(reordered(value)))).toBe(true);
      }),
    );
  });

  test('is equality of canonical JSON', () => {
    const canonical = (value: unknown): string =>
      JSON.stringify(value, (_, inner: unknown) =>
        typeof inner === 'object' && inner !== null && !Array.isArray(inner)
          ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
          : inner,
      );
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(isSameJson(jsonOf(a), jsonOf(b))).toBe(canonical(a) === canonical(b));
      }),
    );
  });

  test.each<readonly [JsonValue, JsonValue]>([
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: null }, {}],
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [[1], { 0: 1 }],
    ['1', 1],
    [null, false],
  ])('%j and %j differ', (a, b) => {
    expect(isSameJson(a, b)).toBe(false);
    expect(isSameJson(b, a)).toBe(false);
  });
});

test.each<readonly [JsonValue, number]>([
  [{}, 2],
  ['é', 4],
  ['👩', 6],
  [{ a: [1, 'b'] }, 13],
])('%j takes %d bytes', (value, bytes) => {
  expect(jsonBytes(value)).toBe(bytes);
});
