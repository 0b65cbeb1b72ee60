// How a case of the storage suite is registered, and what it may use. The test runner is passed in.
import type { StorageAdapter } from '../../ports/storage.js';

/** Registers a test case: `test` of vitest, jest or node:test. */
export type RegisterTest = (title: string, run: () => Promise<void>) => unknown;

/** What a storage can do beyond the port. A capability that is not claimed is tested as absent. */
export interface StorageCapabilities {
  /** Several adapters can use the same data, from other connections or processes. */
  readonly sharedData: boolean;
  /** It can lock records: it has `withLock`. */
  readonly locks: boolean;
}

/** An empty storage, and how to close it. */
export interface StorageUnderTest {
  readonly storage: StorageAdapter;
  /** Opens another adapter on the same data. Required if, and only if, `sharedData` is claimed. */
  readonly connect?: () => Promise<StorageAdapter>;
  /** Called after the case. */
  readonly close?: () => Promise<void>;
}

/** Options of {@link storageConformance}. */
export interface StorageConformanceOptions {
  /** The `test` function of your test runner. */
  readonly test: RegisterTest;
  /** Creates an empty storage for each case. */
  readonly createStorage: () => Promise<StorageUnderTest>;
  readonly capabilities: StorageCapabilities;
}

/** What a case gets: the storage, and one adapter per parallel caller. */
export interface CaseContext {
  readonly storage: StorageAdapter;
  adapters(count: number): Promise<readonly StorageAdapter[]>;
}

export type RegisterCase = (title: string, run: (context: CaseContext) => Promise<void>) => void;
