/**
 * `tenantry/memory`: storage in the memory of one process. For tests, demos and products that need no more;
 * it holds the same rules as a database and passes the same conformance suite.
 *
 * @packageDocumentation
 */
export type { LimitTexts } from '../../core/quota.js';
export { memoryQuota, type MemoryQuotaOptions } from './memory-quota.js';
export { memoryStorage, type MemoryStorage } from './memory-storage.js';
