// What may follow the number of a quantity: three families of suffixes, what each stands for, and the largest that fits.

/** 10^-9 units, in which amounts are counted, to one unit. */
export const NANO_PER_UNIT = 10n ** 9n;

/**
 * Which family of suffixes an amount is printed with: `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`, or `e` with a power of
 * ten. Source: the `Format` of Kubernetes `resource.Quantity` (`DecimalSI`, `BinarySI`, `DecimalExponent`).
 */
export type QuantityFormat = 'decimal' | 'binary' | 'exponent';

/** What a suffix stands for: `nano / per` times 10^-9 units. */
export interface Unit {
  readonly format: QuantityFormat;
  readonly nano: bigint;
  readonly per: bigint;
}

/** The unit of a suffix; `undefined` for a text that is none. Case matters, and no suffix at all is a decimal one. */
export function unitOf(suffix: string): Unit | undefined {
  return units.get(suffix) ?? exponentUnit(suffix);
}

/**
 * An amount other than 0 with the largest suffix of its family that keeps it whole; a binary one must be whole already.
 * Beyond `E`, `Ei` and `e18` the number grows.
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

// Each stands for 1000, or 1024, of the one before.
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const EXPONENT = ['e-9', 'e-6', 'e-3', '', 'e3', 'e6', 'e9', 'e12', 'e15', 'e18'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const units: ReadonlyMap<string, Unit> = new Map([
  ...BINARY.map((suffix, step): [string, Unit] => [
    suffix,
    { format: 'binary', nano: NANO_PER_UNIT * 1024n ** BigInt(step), per: 1n },
  ]),
  // after the binary ones, because '' is in both lists
  ...DECIMAL.map((suffix, step): [string, Unit] => [
    suffix,
    { format: 'decimal', nano: 1000n ** BigInt(step), per: 1n },
  ]),
]);

// No number of 64 digits that is not 0 comes into range by more powers of ten than this: 10^1000000 need not be computed.
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
