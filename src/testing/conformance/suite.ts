// The conformance suite's own words: how a case is registered and what it may use. The runner is injected.
import type { StorageAdapter } from '../../ports/storage.js';

/** Registers a test case: `test` of vitest, jest or node:test. */
export type RegisterTest = (title: string, run: () => Promise<void>) => unknown;

/** What a storage can do beyond the port. A capability that is not claimed is tested as absent. */
export interface StorageCapabilities {
  /** Several adapters can stand on the same data: other connections, other processes. */
  readonly sharedData: boolean;
  /** It can lock: it has `exclusively`. */
  readonly exclusive: boolean;
}

/** A storage with no records, and how to get rid of it. */
export interface StorageUnderTest {
  readonly storage: StorageAdapter;
  /** Another adapter on the same data; given if and only if `sharedData` is claimed. */
  readonly connect?: () => Promise<StorageAdapter>;
  /** Called when the case is over. */
  readonly close?: () => Promise<void>;
}

/** What {@link storageConformance} takes. */
export interface StorageConformanceOptions {
  /** Of the runner that the suite runs under. */
  readonly test: RegisterTest;
  /** Makes an empty storage for each case. */
  readonly createStorage: () => Promise<StorageUnderTest>;
  readonly capabilities: StorageCapabilities;
}

/** What each case is given: the storage, and one adapter for each of so many parallel callers. */
export interface CaseContext {
  readonly storage: StorageAdapter;
  adapters(count: number): Promise<readonly StorageAdapter[]>;
}

export type RegisterCase = (title: string, run: (context: CaseContext) => Promise<void>) => void;
