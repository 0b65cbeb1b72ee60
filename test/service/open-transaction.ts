// A transaction of the app that a test holds open: the service inside it, and the end of it.
import type { BeginTransaction, TransactionAdapters, WorkspaceService } from '../../src/index.js';

export interface OpenTransaction {
  /** The service inside. */
  readonly inside: WorkspaceService;
  /** Ends the work, and waits for the commit. Rejects if the transaction is rolled back. */
  readonly commit: () => Promise<void>;
}

/** Starts a transaction on the adapters. It is not started again after a lost race. */
export function openTransaction(
  workspaces: WorkspaceService,
  adapters: TransactionAdapters,
): Promise<OpenTransaction> {
  let begun = 0;
  return new Promise((resolve, reject) => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((end) => (finish = end));
    const begin: BeginTransaction<null> = async (run) => {
      begun += 1;
      if (begun > 1) throw new Error('begun again');
      return run(adapters, null);
    };
    const ended = workspaces.withTransaction(begin, (inside): Promise<void> => {
      const commit = (): Promise<void> => {
        finish();
        return ended;
      };
      resolve({ inside, commit });
      return finished;
    });
    ended.catch(reject);
  });
}
