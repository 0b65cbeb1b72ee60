// The rows of a slice, locked until the transaction ends: so that those who lost a race wait in a row instead of racing on.
import type { Slice } from '../../domain/snapshot.js';
import { rowsOf, type Row, type SqlDatabase } from './database.js';
import type { SqlNames } from './names.js';
import { text } from './rows.js';
import { statement, type Statement } from './statement.js';

/**
 * Locks what a slice's versions stand in: the workspace first, then the accounts in the order of their ids, that of the
 * owner among them. It is the order of a commit's guards: whoever locks in it never waits in a circle.
 */
export type Lock = (transaction: SqlDatabase, slice: Slice) => Promise<void>;

export function locker({ facts, table }: SqlNames): Lock {
  const locking = (name: 'workspaces' | 'accounts', where: (id: string) => string): Statement<string> =>
    statement(facts, (bind) => {
      const which = where(bind((id) => id));
      const userId = name === 'workspaces' ? 'owner_id' : 'user_id';
      // Where rows have no locks, a write that changes nothing locks everything.
      return facts.rowLocks === null
        ? `update ${table(name)} set version = version where ${which} returning ${userId}`
        : `select ${userId} from ${table(name)} where ${which}${facts.rowLocks.forWriting}`;
    });
  const workspace = locking('workspaces', (id) => `id = ${id}`);
  const personal = locking(
    'workspaces',
    (id) => `id = (select personal_workspace_id from ${table('accounts')} where user_id = ${id})`,
  );
  const account = locking('accounts', (id) => `user_id = ${id}`);

  const workspaceOf = async (
    transaction: SqlDatabase,
    { workspaceId, personalWorkspaceOf }: Slice,
  ): Promise<readonly Row[]> => {
    if (workspaceId !== undefined) return rowsOf(transaction, workspace, workspaceId);
    if (personalWorkspaceOf !== undefined) return rowsOf(transaction, personal, personalWorkspaceOf);
    return [];
  };

  return async (transaction, slice) => {
    const { accounts = [], personalWorkspaceOf, owner } = slice;
    const ids = new Set(accounts);
    if (personalWorkspaceOf !== undefined) ids.add(personalWorkspaceOf);
    for (const row of await workspaceOf(transaction, slice)) {
      // Who it is stays so from here on: whoever gives the workspace away waits for its row.
      if (owner) ids.add(text(row['owner_id']));
    }
    for (const userId of [...ids].sort()) await rowsOf(transaction, account, userId);
  };
}
