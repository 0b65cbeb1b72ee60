// An exact amount, and its arithmetic.
import { QuantityError } from './error.js';
import { NANO_PER_UNIT, type QuantityFormat } from './suffix.js';

/**
 * An exact amount: frozen plain data. Quantities with equal `nano` are equal, in any format: `1Ki` is `1024`.
 * JSON has no bigint, so store and send the string of {@link formatQuantity}.
 */
export interface Quantity {
  /** The amount in units of 10^-9, of either sign: `1500m` is `1_500_000_000n`. */
  readonly nano: bigint;
  /** The family of suffixes in which the amount was written, and is formatted. */
  readonly format: QuantityFormat;
}

/** The largest amount: 2^63-1 units. */
export const MAX_NANO = (2n ** 63n - 1n) * NANO_PER_UNIT;

/**
 * Returns -1, 0 or 1 if `a` is less than, equal to or more than `b`: a total order by amount, usable in `sort`.
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
 * The exact sum, in the format of `a`, or of `b` if `a` is zero, as in Kubernetes.
 *
 * @throws QuantityError `TOO_LARGE` if the sum is beyond 2^63-1 units (Kubernetes has no limit here).
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
 * The exact difference `a - b`, which may be negative, in the format of `a`, or of `b` if `a` is zero.
 *
 * @throws QuantityError `TOO_LARGE` if it is beyond 2^63-1 units, above or below zero.
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

function result(nano: bigint, format: QuantityFormat): Quantity {
  if (nano > MAX_NANO || nano < -MAX_NANO) throw new QuantityError('TOO_LARGE', null);
  return Object.freeze({ nano, format });
}
