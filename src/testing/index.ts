/**
 * `tenantry/testing`: test services, fakes, conformance suites for adapters, and a model checker for matrices.
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
export { violations, type InvariantOptions, type Violation, type World } from '../core/invariants/index.js';
export { explore, type ExploreOptions } from './explore.js';
export type { ExploreReport, ExploreViolation } from './explore/report.js';
export { quotaConformance } from './conformance/quota-conformance.js';
export type { QuotaConformanceOptions, QuotaUnderTest } from './conformance/quota-suite.js';
export { storageConformance } from './conformance/storage-conformance.js';
export type {
  RegisterTest,
  StorageCapabilities,
  StorageConformanceOptions,
  StorageUnderTest,
} from './conformance/suite.js';
