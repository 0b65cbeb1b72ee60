// Locks the rows of a read set until the transaction ends, so that commands that lost a race queue instead of racing again.
import type { ReadSet } from '../../core/read-set.js';
import { rowsOf, type Row, type SqlDatabase } from './database.js';
import type { SqlNames } from './names.js';
import { text } from './rows.js';
import { statement, type Statement } from './statement.js';

/**
 * Locks the rows that hold the versions of a read set: the workspace, then the accounts in the order of their ids, the
 * owner's included. Commits lock in the same order, so the two never deadlock.
 */
export type Lock = (transaction: SqlDatabase, readSet: ReadSet) => Promise<void>;

export function createLocker({ dialect, table }: SqlNames): Lock {
  const locking = (name: 'workspaces' | 'accounts', where: (id: string) => string): Statement<string> =>
    statement(dialect, (bind) => {
      const which = where(bind((id) => id));
      const userId = name === 'workspaces' ? 'owner_id' : 'user_id';
      // Without row locks, a write that changes nothing locks the whole database.
      return dialect.rowLocks === null
        ? `update ${table(name)} set version = version where ${which} returning ${userId}`
        : `select ${userId} from ${table(name)} where ${which}${dialect.rowLocks.forWriting}`;
    });
  const workspace = locking('workspaces', (id) => `id = ${id}`);
  const personal = locking(
    'workspaces',
    (id) => `id = (select personal_workspace_id from ${table('accounts')} where user_id = ${id})`,
  );
  const account = locking('accounts', (id) => `user_id = ${id}`);

  const workspaceOf = async (
    transaction: SqlDatabase,
    { workspaceId, personalWorkspaceOf }: ReadSet,
  ): Promise<readonly Row[]> => {
    if (workspaceId !== undefined) return rowsOf(transaction, workspace, workspaceId);
    if (personalWorkspaceOf !== undefined) return rowsOf(transaction, personal, personalWorkspaceOf);
    return [];
  };

  return async (transaction, readSet) => {
    const { accounts = [], personalWorkspaceOf, owner } = readSet;
    const ids = new Set(accounts);
    if (personalWorkspaceOf !== undefined) ids.add(personalWorkspaceOf);
    for (const row of await workspaceOf(transaction, readSet)) {
      // The owner cannot change from here on: a transfer waits for the workspace's row.
      if (owner) ids.add(text(row['owner_id']));
    }
    for (const userId of [...ids].sort()) await rowsOf(transaction, account, userId);
  };
}
