// The suffixes of quantities: three families, the factor of each suffix, and the largest suffix that fits an amount.

/** Amounts are counted in units of 10^-9. */
export const NANO_PER_UNIT = 10n ** 9n;

/**
 * The family of suffixes in which an amount is formatted: `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`, or `e` with a power of
 * ten. Source: the `Format` of Kubernetes `resource.Quantity` (`DecimalSI`, `BinarySI`, `DecimalExponent`).
 */
export type QuantityFormat = 'decimal' | 'binary' | 'exponent';

/** The factor of a suffix: `nano / per` times 10^-9 units. */
export interface Unit {
  readonly format: QuantityFormat;
  readonly nano: bigint;
  readonly per: bigint;
}

/** The unit of a suffix; `undefined` if the string is not a suffix. Case matters, and no suffix is a decimal one. */
export function unitOf(suffix: string): Unit | undefined {
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal >= 0) return { format: 'decimal', nano: 1000n ** BigInt(decimal), per: 1n };
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { format: 'binary', nano: NANO_PER_UNIT * 1024n ** BigInt(binary), per: 1n };
  return exponentUnit(suffix);
}

/**
 * Formats an amount other than 0 with the largest suffix of its family that keeps it whole. A binary amount must be whole.
 * Beyond `E`, `Ei` and `e18` the number gets longer.
 */
export function withSuffix(format: QuantityFormat, nano: bigint): string {
  switch (format) {
    case 'decimal':
      return withLargest(DECIMAL, nano, 1000n);
    case 'exponent':
      return withLargest(EXPONENT, nano, 1000n);
    case 'binary':
      return withLargest(BINARY, nano / NANO_PER_UNIT, 1024n);
    default:
      return format satisfies never;
  }
}

// Each suffix is 1000, or 1024, times the previous one.
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const EXPONENT = ['e-9', 'e-6', 'e-3', '', 'e3', 'e6', 'e9', 'e12', 'e15', 'e18'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

// A larger power moves no number of 64 digits except 0 into range, so 10^1000000 need not be computed.
const MAX_POWER = 100n;

function exponentUnit(suffix: string): Unit | undefined {
  const [, sign, digits] = /^[eE]([+-]?)([0-9]+)$/.exec(suffix) ?? [];
  if (digits === undefined) return undefined;
  const written = BigInt(digits);
  const power = 10n ** (written > MAX_POWER ? MAX_POWER : written);
  return sign === '-'
    ? { format: 'exponent', nano: NANO_PER_UNIT, per: power }
    : { format: 'exponent', nano: NANO_PER_UNIT * power, per: 1n };
}

function withLargest(suffixes: readonly string[], finest: bigint, base: bigint): string {
  let amount = finest;
  let [largest = ''] = suffixes;
  for (const suffix of suffixes.slice(1)) {
    if (amount % base !== 0n) break;
    amount /= base;
    largest = suffix;
  }
  return `${amount}${largest}`;
}
