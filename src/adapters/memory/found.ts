// The lists of operators over everything.
import type { AccountRecord } from '../../core/account.js';
import { statusOf, type WorkspaceRecord } from '../../core/workspace.js';
import type { AccountsQuery, WorkspacesQuery } from '../../ports/storage.js';
import type { MemoryRecords } from './memory-records.js';

export function foundAccounts(
  { byStatus }: Pick<MemoryRecords, 'byStatus'>,
  { prefix = '', status, after, limit }: AccountsQuery,
): AccountRecord[] {
  const sets = status === undefined ? Object.values(byStatus) : [byStatus[status]];
  return sets
    .flatMap((set) => (after === null ? set.from([0, prefix], limit) : set.after(after, limit)))
    .filter(({ usernameKey }) => usernameKey.startsWith(prefix))
    .sort((a, b) => (a.usernameKey < b.usernameKey ? -1 : 1))
    .slice(0, limit);
}

export function foundWorkspaces(
  { byKind, ownedBy }: Pick<MemoryRecords, 'byKind' | 'ownedBy'>,
  { ownerId, kind, status, after, limit }: WorkspacesQuery,
): WorkspaceRecord[] {
  const found =
    ownerId === undefined
      ? [...byKind.values()].flatMap((set) => {
          // All of a set are of one kind and status.
          const [first] = set.after(null, 1);
          return first !== undefined && isOf(first) ? set.after(after, limit) : [];
        })
      : ownedBy(ownerId).filter(
          (workspace) => isOf(workspace) && (after === null || workspace.id > after[1]),
        );
  return found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);

  function isOf(workspace: WorkspaceRecord): boolean {
    return (
      (kind === undefined || workspace.kind === kind) &&
      (status === undefined || statusOf(workspace) === status)
    );
  }
}
