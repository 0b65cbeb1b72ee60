// A slow and simple model of quantities, as fractions; and generators of random amounts and strings.
import fc from 'fast-check';
import type { Quantity, QuantityFormat } from '../../src/core/quantity/index.js';

export const UNIT = 1_000_000_000n;
export const MAX = 9_223_372_036_854_775_807n * UNIT;

/** `top / bottom` units; `bottom` is above 0. */
export interface Rational {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** The parts of a string that follows the grammar. */
export interface Written {
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string | undefined;
  readonly suffix: string;
}

export const factors: Readonly<Record<QuantityFormat, Readonly<Record<string, Rational>>>> = {
  decimal: {
    n: { top: 1n, bottom: 1_000_000_000n },
    u: { top: 1n, bottom: 1_000_000n },
    m: { top: 1n, bottom: 1_000n },
    '': { top: 1n, bottom: 1n },
    k: { top: 1_000n, bottom: 1n },
    M: { top: 1_000_000n, bottom: 1n },
    G: { top: 1_000_000_000n, bottom: 1n },
    T: { top: 1_000_000_000_000n, bottom: 1n },
    P: { top: 1_000_000_000_000_000n, bottom: 1n },
    E: { top: 1_000_000_000_000_000_000n, bottom: 1n },
  },
  binary: {
    Ki: { top: 1_024n, bottom: 1n },
    Mi: { top: 1_048_576n, bottom: 1n },
    Gi: { top: 1_073_741_824n, bottom: 1n },
    Ti: { top: 1_099_511_627_776n, bottom: 1n },
    Pi: { top: 1_125_899_906_842_624n, bottom: 1n },
    Ei: { top: 1_152_921_504_606_846_976n, bottom: 1n },
  },
  exponent: Object.fromEntries(
    Array.from({ length: 41 }, (_, step) => step - 20).map((power) => [
      `e${power}`,
      {
        top: BigInt(`1${'0'.repeat(Math.max(power, 0))}`),
        bottom: BigInt(`1${'0'.repeat(Math.max(-power, 0))}`),
      },
    ]),
  ),
};

export function formatOf(suffix: string): QuantityFormat {
  if (suffix.endsWith('i')) return 'binary';
  return /^[eE]./.test(suffix) ? 'exponent' : 'decimal';
}

export function rationalOf({ sign, whole, fraction = '', suffix }: Written): Rational {
  const format = formatOf(suffix);
  const plain = format === 'exponent' ? `e${Number(suffix.slice(1))}` : suffix;
  const factor = factors[format][plain];
  if (factor === undefined) throw new TypeError(`the model has no suffix ${suffix}`);
  const digits = [...whole, ...fraction].reduce((sum, digit) => sum * 10n + BigInt(digit), 0n);
  return {
    top: (sign === '-' ? -digits : digits) * factor.top,
    bottom: BigInt(`1${'0'.repeat(fraction.length)}`) * factor.bottom,
  };
}

/** Compares two fractions. */
export function order(a: Rational, b: Rational): -1 | 0 | 1 {
  const difference = a.top * b.bottom - b.top * a.bottom;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

/** Tries every suffix of the family, and returns the shortest whole number. */
export function canonicalOf(amount: Rational, format: QuantityFormat): string {
  if (amount.top === 0n) return '0';
  const isWhole = amount.top % amount.bottom === 0n;
  const size = (amount.top < 0n ? -amount.top : amount.top) / amount.bottom;
  if (format === 'binary' && (!isWhole || size < 1024n)) return canonicalOf(amount, 'decimal');

  const candidates = Object.entries({ '': { top: 1n, bottom: 1n }, ...factors[format] })
    .filter(([suffix]) => format !== 'exponent' || Number(suffix.slice(1)) % 3 === 0)
    .map(([suffix, factor]) => ({
      suffix: suffix === 'e0' ? '' : suffix,
      top: amount.top * factor.bottom,
      bottom: amount.bottom * factor.top,
    }))
    .filter(({ top, bottom }) => top % bottom === 0n)
    .map(({ top, bottom, suffix }) => ({ number: String(top / bottom), suffix }));
  candidates.sort((a, b) => a.number.length - b.number.length);
  const [best] = candidates;
  if (best === undefined) throw new TypeError('no suffix keeps this amount whole');
  return best.number + best.suffix;
}

export function fromNano(nano: bigint): Rational {
  return { top: nano, bottom: UNIT };
}

export const formats = fc.constantFrom<QuantityFormat>('decimal', 'binary', 'exponent');
const suffixes = fc.oneof(
  fc.constantFrom(...Object.keys(factors.decimal), ...Object.keys(factors.binary)),
  fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-', 'E-', 'e0'), fc.nat(12)).map(([e, power]) => `${e}${power}`),
);
const digits = (minLength: number) =>
  fc.oneof(
    fc.nat(2048).map(String),
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength, maxLength: 20 }),
  );
/** Strings of the grammar, in parts: in range, too fine and too large. */
export const written: fc.Arbitrary<Written> = fc
  .record({
    sign: fc.constantFrom('', '+', '-'),
    whole: digits(0),
    fraction: fc.option(fc.oneof(fc.constantFrom('5', '25', '0009765625'), digits(1)), { nil: undefined }),
    suffix: suffixes,
  })
  .filter(({ whole, fraction }) => whole !== '' || fraction !== undefined);
export const textOf = ({ sign, whole, fraction, suffix }: Written) =>
  `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${suffix}`;

// Half of them with a round suffix, from one nano to the limits.
const amounts = fc.oneof(
  fc.bigInt({ min: -MAX, max: MAX }),
  fc
    .tuple(
      fc.bigInt({ min: -2050n, max: 2050n }),
      fc.constantFrom(1n, UNIT),
      fc.constantFrom(1000n, 1024n),
      fc.nat(9),
    )
    .map(([count, unit, base, power]) => count * unit * base ** BigInt(power))
    .filter((nano) => nano <= MAX && nano >= -MAX),
);
export const quantities: fc.Arbitrary<Quantity> = fc.record({ nano: amounts, format: formats });
