// What a column holds that this library did not write: refused, never taken for something else.
import { expect, test } from 'vitest';
import { oneOf, text, whole } from '../../src/adapters/sql/rows.js';

test.each([7, 7n, null, undefined, new Uint8Array(1), {}])('%o is no text', (value) => {
  expect(() => text(value)).toThrow(TypeError);
});

test.each<[unknown, number]>([
  [7, 7],
  [7n, 7],
  ['7', 7],
  ['-7', -7],
  [0, 0],
])('%o is a whole number, as a driver has it', (value, number) => {
  expect(whole(value)).toBe(number);
});

test.each(['', ' ', '7 ', '0x7', '7e0', 'seven', '7.5', 7.5, 2 ** 53, 2n ** 53n, null, undefined, true])(
  '%o is no whole number',
  (value) => {
    expect(() => whole(value)).toThrow(TypeError);
  },
);

test('of several words only those are read', () => {
  expect(oneOf(['open', 'revoked'], 'open')).toBe('open');
  expect(() => oneOf(['open', 'revoked'], 'Open')).toThrow('must be one of open, revoked');
  expect(() => oneOf(['open', 'revoked'], null)).toThrow(TypeError);
});
