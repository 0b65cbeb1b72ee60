/**
 * `tenantry/testing`: what tests of a product, of a storage and of this library itself are made of.
 *
 * @packageDocumentation
 */
export { countingIds, fixedClock, type FixedClock } from './runtime.js';
export {
  createTestWorkspaces,
  testTokens,
  type TestWorkspaces,
  type TestWorkspacesOptions,
} from './test-workspaces.js';
export { chaosStorage, type ChaosOptions } from './chaos.js';
export { chaosQuota, type ChaosQuotaOptions } from './chaos-quota.js';
export { quotaConformance } from './conformance/quota-conformance.js';
export type { QuotaConformanceOptions, QuotaUnderTest } from './conformance/quota-suite.js';
export { storageConformance } from './conformance/storage-conformance.js';
export type {
  RegisterTest,
  StorageCapabilities,
  StorageConformanceOptions,
  StorageUnderTest,
} from './conformance/suite.js';
export {
  modelCommands,
  playground,
  settle,
  stepArbitrary,
  type Call,
  type FastCheckModule,
  type Playground,
  type RealWorkspaces,
  type Step,
} from './histories.js';
export type { Outcome } from './scenario.js';
