// The rows of a slice, locked until the transaction ends: so that those who lost a race wait in a row instead of racing on.
import type { Slice } from '../../domain/snapshot.js';
import { rowsOf, type SqlDatabase } from './database.js';
import type { SqlNames } from './names.js';
import { statement, type Statement } from './statement.js';

/** Locks what a slice's versions stand in: the workspace first, then the accounts in the order of their ids. */
export type Lock = (transaction: SqlDatabase, slice: Slice) => Promise<void>;

export function locker({ facts, table }: SqlNames): Lock {
  const locking = (name: 'workspaces' | 'accounts', where: (id: string) => string): Statement<string> =>
    statement(facts, (bind) => {
      const which = where(bind((id) => id));
      // Where rows have no locks, a write that changes nothing locks everything.
      return facts.rowLocks === null
        ? `update ${table(name)} set version = version where ${which} returning 1 as locked`
        : `select 1 as locked from ${table(name)} where ${which}${facts.rowLocks.forWriting}`;
    });
  const workspace = locking('workspaces', (id) => `id = ${id}`);
  const personal = locking(
    'workspaces',
    (id) => `id = (select personal_workspace_id from ${table('accounts')} where user_id = ${id})`,
  );
  const account = locking('accounts', (id) => `user_id = ${id}`);

  return async (transaction, { workspaceId, personalWorkspaceOf, accounts = [] }) => {
    if (workspaceId !== undefined) await rowsOf(transaction, workspace, workspaceId);
    else if (personalWorkspaceOf !== undefined) await rowsOf(transaction, personal, personalWorkspaceOf);
    const own = personalWorkspaceOf === undefined ? [] : [personalWorkspaceOf];
    const ids = new Set([...accounts, ...own]);
    for (const userId of [...ids].sort()) await rowsOf(transaction, account, userId);
  };
}
