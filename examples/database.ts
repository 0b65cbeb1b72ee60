// The database interface of the quick start, and its implementation in memory.
import type { QuotaAdapter, StorageAdapter } from 'tenantry';
import { memoryQuota, memoryStorage, type LimitTexts } from 'tenantry/memory';
import { beginning, type ProgressStore } from './progress.js';

/** The adapters of the service, and the quick start's own table. */
export interface Adapters {
  readonly storage: StorageAdapter;
  readonly quota: QuotaAdapter;
  readonly progress: ProgressStore;
}

export interface Database {
  /** A name for people, without credentials. */
  readonly name: string;
  /** How to start again with an empty database. */
  readonly resetHint: string;
  /** Commits everything that `work` does with the adapters, or nothing if it throws. */
  transaction<Result>(work: (adapters: Adapters) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Lasts as long as the process. It cannot roll back, but a failed run ends the process anyway. */
export function memoryDatabase(defaults: LimitTexts = {}): Database {
  const adapters: Adapters = {
    storage: memoryStorage(),
    quota: memoryQuota({ defaults }),
    progress: {
      begin: () => Promise.resolve(beginning()),
      claim: () => Promise.resolve(true),
      keep: () => Promise.resolve(),
    },
  };
  return {
    name: 'memory',
    resetHint: 'run it again',
    transaction: (work) => work(adapters),
    close: () => Promise.resolve(),
  };
}
