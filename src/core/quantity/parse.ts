// Parses quantities in the notation of Kubernetes.
import { MAX_LENGTH, QuantityError, type QuantityErrorCode } from './error.js';
import { MAX_NANO, type Quantity } from './quantity.js';
import { NANO_PER_UNIT, unitOf } from './suffix.js';

/**
 * The result of {@link readQuantity}. `position` counts from 0 in UTF-16 units: the first invalid character, or the length
 * of the string if it ends too early; 0 for `TOO_FINE` and `TOO_LARGE`, which concern the whole amount.
 */
export type QuantityReading =
  | { readonly ok: true; readonly quantity: Quantity }
  | { readonly ok: false; readonly reason: QuantityErrorCode; readonly position: number };

/** Sign, digits, point, digits, suffix. Matches every string. */
const PARTS = /^([+-]?)(\d*)(\.?)(\d*)(.*)$/su;

/**
 * Parses a string into a quantity, or returns the reason and the position of the mistake. Never throws for a string.
 *
 * The notation is that of Kubernetes `resource.Quantity`: an optional sign; digits, digits with a fraction, or a fraction
 * alone (`.5`); then one of `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei`, `e` or `E` with a whole exponent, or nothing. Case
 * matters.
 *
 * Stricter than Kubernetes, which accepts some mistakes as amounts. Rejected here, but not there: `1.` and strings without
 * digits (Kubernetes reads `Ki`, `-` and `.` as 0); amounts finer than 1n (it rounds up) and beyond 2^63-1 units (it
 * caps binary suffixes, accepts others, and wraps exponents at 32 bits); more than 64 characters, which no amount in
 * range needs. Negative amounts are accepted: the caller decides whether one makes sense.
 *
 * @example
 * ```ts
 * import { readQuantity } from 'tenantry/quantity';
 *
 * readQuantity('1.5Gi'); // { ok: true, quantity: { nano: 1610612736000000000n, format: 'binary' } }
 * readQuantity('1KiB'); // { ok: false, reason: 'INVALID_SUFFIX', position: 1 }
 * ```
 */
export function readQuantity(text: string): QuantityReading {
  // A number is no quantity: 4.1 as a float is another amount.
  if (typeof text !== 'string') throw new TypeError('a quantity must be a string');
  if (text.length > MAX_LENGTH) return failure('TOO_LONG', MAX_LENGTH);

  const [, sign, whole = '', point, fraction = '', suffix = ''] = PARTS.exec(text) ?? [];
  const end = text.length - suffix.length;
  if ((point ? fraction : whole) === '') return failure('INVALID_NUMBER', end);

  const unit = unitOf(suffix);
  if (unit === undefined) return failure('INVALID_SUFFIX', end);

  const scaled = BigInt(whole + fraction) * unit.nano;
  const divisor = unit.per * 10n ** BigInt(fraction.length);
  if (scaled % divisor !== 0n) return failure('TOO_FINE', 0);

  const size = scaled / divisor;
  if (size > MAX_NANO) return failure('TOO_LARGE', 0);

  // As in Kubernetes, a binary amount below one unit becomes a decimal one.
  const format = unit.format === 'binary' && size > 0n && size < NANO_PER_UNIT ? 'decimal' : unit.format;
  return { ok: true, quantity: Object.freeze({ nano: sign === '-' ? -size : size, format }) };
}

/**
 * Parses a string into a quantity, or throws.
 *
 * @throws QuantityError with the reason and position of {@link readQuantity}. The message quotes the first characters,
 * escaped.
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
  throw new QuantityError(reading.reason, { text, position: reading.position });
}

function failure(reason: QuantityErrorCode, position: number): QuantityReading {
  return { ok: false, reason, position };
}
