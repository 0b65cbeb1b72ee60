/**
 * `tenantry/testing`: what tests of a product, of a storage and of this library itself are made of.
 *
 * @packageDocumentation
 */
export { countingIds, fixedClock, type FixedClock } from './runtime.js';
export { createTestWorkspaces, testTokens, type TestWorkspaces } from './test-workspaces.js';
