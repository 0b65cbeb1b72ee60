// Exact amounts in the notation of Kubernetes: read, printed, compared, added, subtracted. Nothing is ever rounded.
import { NANO_PER_UNIT, unitOf, withSuffix, type QuantityFormat } from './quantity-suffix.js';

export type { QuantityFormat } from './quantity-suffix.js';

/**
 * An exact amount: frozen plain data. Two of equal `nano` are equal, whatever their format: `1Ki` is `1024`.
 * JSON has no bigint, so store and send {@link formatQuantity}'s text.
 */
export interface Quantity {
  /** The amount in units of 10^-9, of either sign: `1500m` is `1_500_000_000n`. */
  readonly nano: bigint;
  /** How it was written, and so how it is printed. */
  readonly format: QuantityFormat;
}

/**
 * Why there is no quantity. The codes are stable.
 *
 * - `TOO_LONG`: more than 64 characters.
 * - `INVALID_NUMBER`: something else where a digit must stand.
 * - `INVALID_SUFFIX`: what follows the number is no suffix and no exponent.
 * - `TOO_FINE`: not a whole multiple of 1n.
 * - `TOO_LARGE`: beyond 2^63-1 units, above or below zero.
 */
export type QuantityProblem = 'TOO_LONG' | 'INVALID_NUMBER' | 'INVALID_SUFFIX' | 'TOO_FINE' | 'TOO_LARGE';

/**
 * What {@link readQuantity} answers. `position` counts from 0 in UTF-16 units: the first character that cannot stand
 * there, or the length of the text where it ends too early; 0 for `TOO_FINE` and `TOO_LARGE`, the amount as a whole.
 */
export type QuantityReading =
  | { readonly ok: true; readonly quantity: Quantity }
  | { readonly ok: false; readonly problem: QuantityProblem; readonly position: number };

const BRAND = Symbol.for('tenantry.QuantityError');

/**
 * What {@link parseQuantity}, {@link addQuantities} and {@link subtractQuantities} throw when there is no quantity.
 *
 * @example
 * ```ts
 * import { isQuantityError, parseQuantity } from 'tenantry/quantity';
 *
 * try {
 *   parseQuantity('1KiB');
 * } catch (error) {
 *   if (!isQuantityError(error, 'INVALID_SUFFIX')) throw error;
 *   error.position; // 1
 * }
 * ```
 */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
  /** Stable; the message is free to improve. */
  readonly code: QuantityProblem;
  /** As in {@link QuantityReading}; `null` for the result of arithmetic, which has no text. */
  readonly position: number | null;

  constructor(code: QuantityProblem, at: { readonly text: string; readonly position: number } | null) {
    super(
      at === null
        ? `the result ${messages[code]}`
        : `quantity ${shown(at.text)} ${messages[code]} (position ${at.position})`,
    );
    this.code = code;
    this.position = at?.position ?? null;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Whether a value is a {@link QuantityError}, of this code where one is given. Works across bundles and copies of the
 * package, where `instanceof` does not.
 *
 * @example
 * ```ts
 * import { isQuantityError } from 'tenantry/quantity';
 *
 * isQuantityError(new Error('no')); // false
 * ```
 */
export function isQuantityError(error: unknown, code?: QuantityProblem): error is QuantityError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || ('code' in error && error.code === code);
}

/**
 * The amount that a text stands for, or what is wrong with it and where. Never throws for a string.
 *
 * Kubernetes `resource.Quantity`: a sign or none; digits, digits with a fraction, or a fraction alone (`.5`); then one of
 * `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`, `e` or `E` with a whole exponent, or nothing. Case matters.
 *
 * Stricter than Kubernetes, where a slip passes for an amount. Refused, though it reads them: `1.`, and what has no digits
 * at all (`Ki`, `-` and `.` are 0 to it); finer than 1n (it rounds up), and beyond 2^63-1 units (it caps binary
 * suffixes, lets the others pass, and wraps exponents at 32 bits); longer than 64 characters, which no amount in
 * range needs. Negative amounts are read: whether one makes sense is for the caller to say.
 *
 * @example
 * ```ts
 * import { readQuantity } from 'tenantry/quantity';
 *
 * readQuantity('1.5Gi'); // { ok: true, quantity: { nano: 1610612736000000000n, format: 'binary' } }
 * readQuantity('1KiB'); // { ok: false, problem: 'INVALID_SUFFIX', position: 1 }
 * ```
 */
export function readQuantity(text: string): QuantityReading {
  if (text.length > MAX_LENGTH) return refused('TOO_LONG', MAX_LENGTH);

  const isNegative = text.startsWith('-');
  const start = isNegative || text.startsWith('+') ? 1 : 0;
  const point = endOfDigits(text, start);
  const hasPoint = text.startsWith('.', point);
  const end = hasPoint ? endOfDigits(text, point + 1) : point;
  if (end === (hasPoint ? point + 1 : start)) return refused('INVALID_NUMBER', end);

  const unit = unitOf(text.slice(end));
  if (unit === undefined) return refused('INVALID_SUFFIX', end);

  const fraction = hasPoint ? text.slice(point + 1, end) : '';
  const scaled = BigInt(text.slice(start, point) + fraction) * unit.nano;
  const divisor = unit.per * 10n ** BigInt(fraction.length);
  if (scaled % divisor !== 0n) return refused('TOO_FINE', 0);

  const size = scaled / divisor;
  if (size > MAX_NANO) return refused('TOO_LARGE', 0);

  // As in Kubernetes, a fraction of one unit counts in decimals from here on, also when it is added to.
  const format = unit.format === 'binary' && size > 0n && size < NANO_PER_UNIT ? 'decimal' : unit.format;
  return { ok: true, quantity: Object.freeze({ nano: isNegative ? -size : size, format }) };
}

/**
 * {@link readQuantity} for texts that ought to be right: the quantity, or an exception.
 *
 * @throws QuantityError with the code and position of {@link readQuantity}, and the text's first characters, escaped.
 *
 * @example
 * ```ts
 * import { isQuantityError, parseQuantity } from 'tenantry/quantity';
 *
 * parseQuantity('100m').nano; // 100000000n
 * try {
 *   parseQuantity('5 Gi');
 * } catch (error) {
 *   if (isQuantityError(error)) console.log(error.code, error.position); // INVALID_SUFFIX 1
 * }
 * ```
 */
export function parseQuantity(text: string): Quantity {
  const reading = readQuantity(text);
  if (reading.ok) return reading.quantity;
  throw new QuantityError(reading.problem, { text, position: reading.position });
}

/**
 * The canonical text, as Kubernetes `resource.Quantity` prints one that it computed: a whole number with the largest
 * suffix of its family that keeps it whole, the minus sign if any, `0` for zero. Binary amounts below 1024, or with a
 * fraction, are printed as decimal ones.
 *
 * {@link parseQuantity} of it is the same amount. It has the same format too, unless the text shows no suffix of that
 * format: `976.5625Ki` is printed `1000000`, and that, read again, `1M`. So compare amounts, never texts. An amount out of
 * range, such as a sum of `nano` taken by hand, is printed exactly; {@link readQuantity} refuses the text.
 *
 * @example
 * ```ts
 * import { formatQuantity, parseQuantity } from 'tenantry/quantity';
 *
 * ['1.5', '1.5Gi', '0.5Ki', '100.035Ki', '1.5e6'].map((text) => formatQuantity(parseQuantity(text)));
 * // ['1500m', '1536Mi', '512', '102435840m', '1500e3']
 * ```
 */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const isWhole = nano % NANO_PER_UNIT === 0n;
  const isSmall = nano < 1024n * NANO_PER_UNIT && nano > -1024n * NANO_PER_UNIT;
  return withSuffix(format === 'binary' && (isSmall || !isWhole) ? 'decimal' : format, nano);
}

/**
 * -1, 0 or 1 as `a` is less than, equal to or more than `b`: a total order by amount, for `sort` too.
 *
 * @example
 * ```ts
 * import { compareQuantities, parseQuantity } from 'tenantry/quantity';
 *
 * compareQuantities(parseQuantity('1G'), parseQuantity('1Gi')); // -1
 * compareQuantities(parseQuantity('1Ki'), parseQuantity('1024')); // 0
 * ```
 */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  if (a.nano === b.nano) return 0;
  return a.nano < b.nano ? -1 : 1;
}

/**
 * The exact sum, in the format of `a`, or of `b` where `a` is zero, as in Kubernetes.
 *
 * @throws QuantityError `TOO_LARGE` when the sum is beyond 2^63-1 units (Kubernetes goes on).
 *
 * @example
 * ```ts
 * import { addQuantities, formatQuantity, parseQuantity } from 'tenantry/quantity';
 *
 * const tenths = Array.from({ length: 10 }, () => parseQuantity('0.1'));
 * formatQuantity(tenths.reduce(addQuantities)); // '1'
 * ```
 */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return result(a.nano + b.nano, a.nano === 0n ? b.format : a.format);
}

/**
 * The exact difference `a - b`, which may be negative, in the format of `a`, or of `b` where `a` is zero.
 *
 * @throws QuantityError `TOO_LARGE` when it is beyond 2^63-1 units, above or below zero.
 *
 * @example
 * ```ts
 * import { formatQuantity, parseQuantity, subtractQuantities } from 'tenantry/quantity';
 *
 * formatQuantity(subtractQuantities(parseQuantity('2Gi'), parseQuantity('512Mi'))); // '1536Mi'
 * ```
 */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return result(a.nano - b.nano, a.nano === 0n ? b.format : a.format);
}

// 19 digits, a point and 9 more, a sign and a suffix are 32 characters; the rest is room for zeros.
const MAX_LENGTH = 64;
const MAX_NANO = (2n ** 63n - 1n) * NANO_PER_UNIT;

const messages: Readonly<Record<QuantityProblem, string>> = {
  TOO_LONG: `has more than ${MAX_LENGTH} characters`,
  INVALID_NUMBER: 'lacks a digit',
  INVALID_SUFFIX: 'has an unknown suffix',
  TOO_FINE: 'is finer than 1n',
  TOO_LARGE: 'is beyond 2^63-1 units',
};

function refused(problem: QuantityProblem, position: number): QuantityReading {
  return { ok: false, problem, position };
}

/** Where the digits 0 to 9 that start at `from` end: `from` itself when there are none. */
function endOfDigits(text: string, from: number): number {
  let end = from;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1;
  return end;
}

function result(nano: bigint, format: QuantityFormat): Quantity {
  if (nano > MAX_NANO || nano < -MAX_NANO) throw new QuantityError('TOO_LARGE', null);
  return Object.freeze({ nano, format });
}

/** Quoted, at most 32 characters, and nothing but printable ASCII. */
function shown(text: string): string {
  const start = text.slice(0, 32).replace(/[^ !#-[\]-~]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${start}${text.length > 32 ? '...' : ''}"`;
}
