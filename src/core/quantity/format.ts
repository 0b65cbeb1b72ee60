// Formats quantities in the canonical form of Kubernetes.
import type { Quantity } from './quantity.js';
import { NANO_PER_UNIT, withSuffix } from './suffix.js';

/**
 * The canonical string, as Kubernetes `resource.Quantity` prints a computed amount: a whole number with the largest suffix
 * of its family that keeps it whole, with a minus sign if negative; `0` for zero. Binary amounts below 1024, or with a
 * fraction, are formatted as decimal ones.
 *
 * {@link parseQuantity} of the string returns the same amount. It returns the same format, too, unless the string has no
 * suffix of that format: `976.5625Ki` becomes `1000000`, which is then read and formatted as `1M`. So compare amounts,
 * never strings. An amount out of range, such as your own sum of `nano`, is formatted exactly, but
 * {@link readQuantity} rejects the string.
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
