import { expect, test, vi } from 'vitest';
import {
  isQuantityError,
  parseQuantity,
  QuantityError,
  readQuantity,
} from '../../src/core/quantity/index.js';

test('Q-01 rejects hostile strings quickly, and quotes them short and in plain ASCII', () => {
  expect(readQuantity('0'.repeat(64))).toMatchObject({ ok: true });
  const hostile: readonly (readonly [string, string, number])[] = [
    ['0'.repeat(65), 'TOO_LONG', 64],
    ['1'.repeat(10_000_000), 'TOO_LONG', 64],
    [`1e${'9'.repeat(62)}`, 'TOO_LARGE', 0],
    [`1e-${'9'.repeat(61)}`, 'TOO_FINE', 0],
    [`${'9'.repeat(59)}e-101`, 'TOO_FINE', 0],
    [`.${'0'.repeat(58)}1e101`, 'TOO_LARGE', 0],
    ['\u202e1', 'INVALID_NUMBER', 0],
    ['1"\\\n\u2028\u{1f600}\udfff<b>', 'INVALID_SUFFIX', 1],
    ['\u{10ffff}'.repeat(32), 'INVALID_NUMBER', 0],
  ];
  for (const [text, code, position] of hostile) {
    const error = thrownBy(() => parseQuantity(text));
    expect(error).toMatchObject({ name: 'QuantityError', code, position });
    expect(error?.message).toMatch(/^[ -~]{20,400}$/);
  }
  expect(thrownBy(() => parseQuantity('1"\u202e\u{1f600}'))?.message).toBe(
    String.raw`quantity "1\u{22}\u{202e}\u{1f600}" has an unknown suffix (position 1)`,
  );
  expect(thrownBy(() => parseQuantity('x'.repeat(33)))?.message).toBe(
    `quantity "${'x'.repeat(32)}..." lacks a digit (position 0)`,
  );
  expect(thrownBy(() => parseQuantity('x'.repeat(32)))?.message).toBe(
    `quantity "${'x'.repeat(32)}" lacks a digit (position 0)`,
  );
  expect(thrownBy(() => parseQuantity('0'.repeat(65)))?.message).toContain('has more than 64 characters');
  expect(thrownBy(() => parseQuantity('0.1n'))?.message).toContain('is finer than 1n');
  expect(parseQuantity(`0e${'9'.repeat(62)}`).nano).toBe(0n);
});

test('Q-03 recognizes an error by its code, also from another copy of the module', async () => {
  vi.resetModules();
  const copy = await import('../../src/core/quantity/index.js');
  const error = new copy.QuantityError('TOO_LARGE', null);
  expect(error).not.toBeInstanceOf(QuantityError);
  expect(Symbol.for('tenantry.QuantityError') in error).toBe(true);
  expect([isQuantityError(error), isQuantityError(error, 'TOO_LARGE')]).toEqual([true, true]);
  expect(isQuantityError(error, 'TOO_FINE')).toBe(false);
  for (const other of [
    new Error('no'),
    { code: 'TOO_LARGE' },
    null,
    undefined,
    'TOO_LARGE',
    1n,
    () => error,
  ]) {
    expect(isQuantityError(other)).toBe(false);
  }
});

function thrownBy(operation: () => unknown): QuantityError | undefined {
  try {
    operation();
  } catch (error) {
    if (isQuantityError(error)) return error;
    throw error;
  }
  return undefined;
}
