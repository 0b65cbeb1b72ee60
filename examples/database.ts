// What the example asks of a database, and the one that is no more than the memory of this process.
import type { QuotaAdapter, StorageAdapter } from 'tenantry';
import { memoryQuota, memoryStorage, type LimitTexts } from 'tenantry/memory';
import { beginning, type ProgressStore } from './progress.js';

/** What a host gives to the service, and its own table beside it. */
export interface Adapters {
  readonly storage: StorageAdapter;
  readonly quota: QuotaAdapter;
  readonly progress: ProgressStore;
}

export interface Database {
  /** What people would call it, without passwords. */
  readonly name: string;
  /** What to do to begin anew. */
  readonly afresh: string;
  /** What `work` does on the adapters is kept as one, or, when it throws, not at all. */
  transaction<Result>(work: (adapters: Adapters) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Why there is no database, in one line; `isUsage` where the URL itself is wrong. */
export class DatabaseError extends Error {
  readonly isUsage: boolean;

  constructor(message: string, { isUsage = false, ...options }: ErrorOptions & { isUsage?: boolean } = {}) {
    super(message, options);
    this.isUsage = isUsage;
  }
}

/** Lasts as long as the process. There is nothing to take back: a run that fails is over. */
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
    afresh: 'run it again',
    transaction: (work) => work(adapters),
    close: () => Promise.resolve(),
  };
}
