import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rounds } from '../campaign.js';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  readQuantity,
  subtractQuantities,
} from '../../src/core/quantity/index.js';
import { arithmetic, readings, refusals, stricter } from './quantity-oracle.js';
import {
  canonicalOf,
  factors,
  formatOf,
  formats,
  fromNano,
  MAX,
  order,
  quantities,
  rationalOf,
  textOf,
  UNIT,
  written,
} from './quantity-model.js';

const tooLarge: unknown = expect.objectContaining({
  name: 'QuantityError',
  code: 'TOO_LARGE',
  position: null,
  message: 'the result is beyond 2^63-1 units',
});

test('Q-01 reads what Kubernetes reads, as the same amount in the same format', () => {
  const expected = readings.map(([text, nano, format]) => [text, { ok: true, quantity: { nano, format } }]);
  expect(readings.map(([text]) => [text, readQuantity(text)])).toStrictEqual(expected);
});

test('Q-01 rejects what Kubernetes rejects, with the reason and the position', () => {
  const expected = refusals.map(([text, reason, position]) => [text, { ok: false, reason, position }]);
  expect(refusals.map(([text]) => [text, readQuantity(text)])).toStrictEqual(expected);
});

test('Q-01 Q-03 rejects strings that Kubernetes rounds, caps or reads as 0', () => {
  const expected = stricter.map(([text, , reason, position]) => [text, { ok: false, reason, position }]);
  expect(stricter.map(([text]) => [text, readQuantity(text)])).toStrictEqual(expected);
});

test('Q-01 suffixes are case-sensitive', () => {
  const known = [...Object.keys(factors.decimal), ...Object.keys(factors.binary)].filter(
    (suffix) => suffix !== '',
  );
  const inAnyCase = known.flatMap((suffix) => [
    suffix.toLowerCase(),
    suffix.toUpperCase(),
    suffix.charAt(0) + suffix.slice(1).toUpperCase(),
  ]);
  expect(inAnyCase.filter((suffix) => readQuantity(`1${suffix}`).ok !== known.includes(suffix))).toEqual([]);
  expect(parseQuantity('1m').nano).not.toBe(parseQuantity('1M').nano);
});

test('Q-01 reads any string that follows the grammar, and rejects any other at its first mistake, without an exception', () => {
  const grammar = /^[+-]?(\d+(\.\d+)?|\.\d+)(n|u|m|k|M|G|T|P|E|[KMGTPE]i|[eE][+-]?\d+)?$/;
  const texts = fc.oneof(
    fc.string({ unit: fc.constantFrom(...Array.from('0019/:.+-eEinumkKMGTP \uff11\ud800')), maxLength: 8 }),
    fc.string({ unit: 'binary' }),
    written.map(textOf),
  );
  const seen = { read: 0, refused: 0 };
  fc.assert(
    fc.property(texts, (text) => {
      const reading = readQuantity(text);
      const isRefused = !reading.ok && ['INVALID_NUMBER', 'INVALID_SUFFIX'].includes(reading.reason);
      expect(isRefused).toBe(!grammar.test(text));
      seen[isRefused ? 'refused' : 'read'] += 1;
      if (reading.ok) return;
      expect(reading.position).toBeGreaterThanOrEqual(0);
      expect(reading.position).toBeLessThanOrEqual(text.length);
      // the part before the position is valid: with a digit appended, it follows the grammar
      if (isRefused) expect(grammar.test(`${text.slice(0, reading.position)}1`)).toBe(true);
    }),
    { numRuns: rounds(10_000, 100_000) },
  );
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(rounds(1_000, 10_000));
});

test('Q-02 prints the canonical form of Kubernetes', () => {
  const expected = readings.map(([text, , , canonical]) => [text, canonical]);
  expect(readings.map(([text]) => [text, formatQuantity(parseQuantity(text))])).toEqual(expected);
});

test('Q-02 formats every amount as a whole number with the largest suffix that fits', () => {
  fc.assert(
    fc.property(quantities, (q) => {
      expect(formatQuantity(q)).toBe(canonicalOf(fromNano(q.nano), q.format));
    }),
    { numRuns: rounds(10_000, 100_000) },
  );
});

test('Q-02 formats an amount out of range exactly', () => {
  const printed = (['decimal', 'exponent', 'binary'] as const).flatMap((format) => [
    formatQuantity({ nano: 1000n ** 4n * 10n ** 18n, format }),
    formatQuantity({ nano: -(1024n ** 7n) * UNIT, format }),
    formatQuantity({ nano: 2n * MAX + 1n, format }),
  ]);
  expect(printed).toEqual([
    ...['1000E', '-1180591620717411303424', '18446744073709551614000000001n'],
    ...['1000e18', '-1180591620717411303424', '18446744073709551614000000001e-9'],
    ...['953674316406250Mi', '-1024Ei', '18446744073709551614000000001n'],
  ]);
});

test('Q-02 adds, subtracts and compares as Kubernetes does', () => {
  const found = arithmetic.map(([left, right]) => {
    const [a, b] = [parseQuantity(left), parseQuantity(right)];
    const results = [addQuantities(a, b), subtractQuantities(a, b)].map(formatQuantity);
    return [left, right, ...results, compareQuantities(a, b)];
  });
  expect(found).toEqual(arithmetic);
});

test('Q-02 ten times 0.1 is 1, and 100.035Ki is 102435.84', () => {
  const tenths = Array.from({ length: 10 }, () => parseQuantity('0.1'));
  expect(tenths.reduce(addQuantities)).toStrictEqual(parseQuantity('1'));
  expect(compareQuantities(parseQuantity('100.035Ki'), parseQuantity('102435.84'))).toBe(0);
});

test('Q-02 Q-03 reads every amount exactly, or rejects it as too fine or too large', () => {
  const seen = { ok: 0, TOO_FINE: 0, TOO_LARGE: 0 };
  fc.assert(
    fc.property(written, (parts) => {
      const amount = rationalOf(parts);
      const reading = readQuantity(textOf(parts));
      const isFine = (amount.top * UNIT) % amount.bottom !== 0n;
      const isLarge = amount.top * UNIT > MAX * amount.bottom || -amount.top * UNIT > MAX * amount.bottom;
      expect(reading.ok).toBe(!isFine && !isLarge);
      if (!reading.ok) {
        expect(reading.reason).toBe(isFine ? 'TOO_FINE' : 'TOO_LARGE');
        if (reading.reason === 'TOO_FINE' || reading.reason === 'TOO_LARGE') seen[reading.reason] += 1;
        return;
      }
      seen.ok += 1;
      const { nano, format } = reading.quantity;
      expect(order(fromNano(nano), amount)).toBe(0);
      const isPart = formatOf(parts.suffix) === 'binary' && nano !== 0n && nano < UNIT && nano > -UNIT;
      expect(format).toBe(isPart ? 'decimal' : formatOf(parts.suffix));
      expect(formatQuantity(reading.quantity)).toBe(canonicalOf(amount, format));
    }),
    { numRuns: rounds(20_000, 200_000) },
  );
  expect(Math.min(seen.ok, seen.TOO_FINE, seen.TOO_LARGE)).toBeGreaterThan(rounds(500, 5_000));
});

test('Q-02 Q-03 sums and differences are exact, in the format of the first operand that is not zero, or rejected', () => {
  const seen = { exact: 0, refused: 0 };
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      const format = a.nano === 0n ? b.format : a.format;
      for (const [operate, nano] of [
        [addQuantities, a.nano + b.nano],
        [subtractQuantities, a.nano - b.nano],
      ] as const) {
        const isLarge = nano > MAX || nano < -MAX;
        seen[isLarge ? 'refused' : 'exact'] += 1;
        if (isLarge) expect(() => operate(a, b)).toThrow(tooLarge);
        else expect(operate(a, b)).toStrictEqual({ nano, format });
      }
    }),
    { numRuns: rounds(10_000, 100_000) },
  );
  expect(Math.min(seen.exact, seen.refused)).toBeGreaterThan(rounds(500, 5_000));
});

test('Q-03 the largest amount is 2^63-1 units and the smallest 1n, on both sides of zero', () => {
  for (const sign of ['', '-']) {
    const last = parseQuantity(`${sign}9223372036854775807`);
    const least = parseQuantity(`${sign}1n`);
    const none = parseQuantity('0');
    expect(addQuantities(last, none)).toStrictEqual(last);
    expect(() => addQuantities(last, least)).toThrow(tooLarge);
    expect(() => subtractQuantities(subtractQuantities(none, last), least)).toThrow(tooLarge);
    expect(formatQuantity(subtractQuantities(last, least))).toBe(`${sign}9223372036854775806999999999n`);
  }
});

test('Q-04 parse(format(q)) = q for 100,000 random q, in the same format if the string has a suffix', () => {
  const seen = { shown: 0, plain: 0 };
  fc.assert(
    fc.property(quantities, (q) => {
      const { nano, format } = q;
      const text = formatQuantity(q);
      const back = parseQuantity(text);
      const isShown =
        nano !== 0n &&
        (format === 'binary'
          ? nano % (1024n * UNIT) === 0n
          : format === 'exponent' && (nano % UNIT !== 0n || nano % (1000n * UNIT) === 0n));
      seen[isShown ? 'shown' : 'plain'] += 1;
      // a binary amount formatted without suffix, such as 1000000, is read as decimal: 1M
      const again = formatQuantity(back);
      const once = parseQuantity(again);
      return (
        back.nano === nano &&
        back.format === (isShown ? format : 'decimal') &&
        (again === text || (format === 'binary' && /^-?\d+000$/.test(text))) &&
        once.nano === nano &&
        once.format === back.format
      );
    }),
    { numRuns: rounds(100_000, 1_000_000) },
  );
  expect(Math.min(seen.shown, seen.plain)).toBeGreaterThan(rounds(10_000, 100_000));
});

test('Q-04 comparison is a total order by amount, in any format', () => {
  fc.assert(
    fc.property(quantities, quantities, formats, (a, b, format) => {
      expect(compareQuantities(a, b)).toBe(order(fromNano(a.nano), fromNano(b.nano)));
      expect(compareQuantities(b, a) + compareQuantities(a, b)).toBe(0);
      expect(compareQuantities(a, { nano: a.nano, format })).toBe(0);
    }),
    { numRuns: rounds(10_000, 100_000) },
  );
  const sorted = ['1E', '1Gi', '-1', '1G', '0', '-1n', '1e9', '1n']
    .map(parseQuantity)
    .sort(compareQuantities);
  expect(sorted.map(formatQuantity)).toEqual(['-1', '-1n', '0', '1n', '1G', '1e9', '1Gi', '1E']);
});

test('Q-05 reads negative amounts; rejecting them is up to the caller', () => {
  fc.assert(
    fc.property(written, (parts) => {
      const [above, below] = ['+', '-'].map((sign) => readQuantity(textOf({ ...parts, sign })));
      expect(below).toStrictEqual(
        above?.ok === true
          ? { ok: true, quantity: { nano: -above.quantity.nano, format: above.quantity.format } }
          : above,
      );
    }),
    { numRuns: rounds(2_000, 20_000) },
  );
  expect(compareQuantities(parseQuantity('-1n'), parseQuantity('-0'))).toBe(-1);
});

test('Q-02 quantities are frozen', () => {
  const one = parseQuantity('1');
  expect([one, addQuantities(one, one), subtractQuantities(one, one)].every(Object.isFrozen)).toBe(true);
});

test.each([4, 4n, ['4'], null, undefined, {}])('Q-01 %o is no quantity: only a string is', (value) => {
  expect(() => readQuantity(value as never)).toThrow(TypeError);
  expect(() => parseQuantity(value as never)).toThrow(TypeError);
});
