/**
 * `tenantry/quantity`: exact amounts in the notation of Kubernetes. Nothing is ever rounded. Without dependencies.
 *
 * @packageDocumentation
 */
export { addQuantities, compareQuantities, subtractQuantities, type Quantity } from './quantity.js';
export { isQuantityError, QuantityError, type QuantityErrorCode } from './error.js';
export { formatQuantity } from './format.js';
export { parseQuantity, readQuantity, type QuantityReading } from './parse.js';
export type { QuantityFormat } from './suffix.js';
