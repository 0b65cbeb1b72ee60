// Errors of quantities: a code, a position, and a message that is safe to log.
import { isBranded } from '../values.js';

/**
 * Why a string is not a quantity, or a result not in range. The codes are stable.
 *
 * - `TOO_LONG`: more than 64 characters.
 * - `INVALID_NUMBER`: a digit is expected.
 * - `INVALID_SUFFIX`: the number is followed by neither a suffix nor an exponent.
 * - `TOO_FINE`: not a whole multiple of 1n.
 * - `TOO_LARGE`: beyond 2^63-1 units, above or below zero.
 */
export type QuantityErrorCode = 'TOO_LONG' | 'INVALID_NUMBER' | 'INVALID_SUFFIX' | 'TOO_FINE' | 'TOO_LARGE';

/** The longest string that is read: 19 digits, a point, 9 digits, a sign and a suffix are 32 characters; the rest allows for zeros. */
export const MAX_LENGTH = 64;

const BRAND = Symbol.for('tenantry.QuantityError');

/**
 * Thrown by `parseQuantity`, and by `addQuantities` and `subtractQuantities` of `tenantry/quantity`.
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
  /** Stable; the message may change. */
  readonly code: QuantityErrorCode;
  /** As in {@link QuantityReading}; `null` for the result of arithmetic, which has no string. */
  readonly position: number | null;

  constructor(code: QuantityErrorCode, at: { readonly text: string; readonly position: number } | null) {
    super(
      at === null
        ? `the result ${messages[code]}`
        : `quantity ${quote(at.text)} ${messages[code]} (position ${at.position})`,
    );
    this.code = code;
    this.position = at?.position ?? null;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Whether a value is a {@link QuantityError}, with this code if one is given. Works across bundles and copies of the
 * package, unlike `instanceof`.
 *
 * @example
 * ```ts
 * import { isQuantityError } from 'tenantry/quantity';
 *
 * isQuantityError(new Error('no')); // false
 * ```
 */
export function isQuantityError(error: unknown, code?: QuantityErrorCode): error is QuantityError {
  return isBranded(error, BRAND, code);
}

const messages: Readonly<Record<QuantityErrorCode, string>> = {
  TOO_LONG: `has more than ${MAX_LENGTH} characters`,
  INVALID_NUMBER: 'lacks a digit',
  INVALID_SUFFIX: 'has an unknown suffix',
  TOO_FINE: 'is finer than 1n',
  TOO_LARGE: 'is beyond 2^63-1 units',
};

/** Quotes at most 32 characters, and escapes everything but printable ASCII. */
export function quote(text: string): string {
  const start = text.slice(0, 32).replace(/[^ !#-[\]-~]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${start}${text.length > 32 ? '...' : ''}"`;
}
