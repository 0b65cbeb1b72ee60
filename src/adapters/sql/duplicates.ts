// Finds the unique key that a commit violates. Drivers name it only in an error's message, so this queries the tables.
import type { Change, Commit } from '../../core/changes.js';
import { recipientKey } from '../../core/invitation.js';
import type { DuplicateField } from '../../ports/storage.js';
import { rowsOf, type SqlDatabase } from './database.js';
import type { SqlNames } from './names.js';
import { statement } from './statement.js';
import type { TableName } from './tables.js';

/** Returns the first key of a commit that is taken; `null` if all have become free. */
export type FindDuplicate = (db: SqlDatabase, commit: Commit) => Promise<DuplicateField | null>;

export function duplicateFinder(names: SqlNames): FindDuplicate {
  const lookups = lookupStatements(names);
  return async (db, { changes }) => {
    const ended = new Set(
      changes.flatMap((change) =>
        change.kind === 'invitation.update' && change.invitation.state !== 'open'
          ? [change.invitation.id]
          : [],
      ),
    );
    for (const change of changes) {
      for (const { field, key, own } of keysOf(change)) {
        const rows = await rowsOf(db, lookups[field], key);
        // Ignore the row that the commit writes itself, and invitations that it ends.
        if (rows.some(({ id }) => id !== own && !(field === 'recipient' && ended.has(String(id)))))
          return field;
      }
    }
    return null;
  };
}

interface TakenKey {
  readonly field: DuplicateField;
  readonly key: readonly [string, string];
  /** The id of the row that may have the key. */
  readonly own: string | null;
}

function keysOf(change: Change): TakenKey[] {
  switch (change.kind) {
    case 'account.insert':
    case 'account.update': {
      const { userId, usernameKey } = change.account;
      const username: TakenKey = { field: 'username', key: [usernameKey, ''], own: userId };
      return change.kind === 'account.update'
        ? [username]
        : [{ field: 'userId', key: [userId, ''], own: null }, username];
    }
    case 'workspace.insert':
    case 'workspace.update': {
      const { id, ownerId, nameKey } = change.workspace;
      const name: TakenKey = { field: 'name', key: [ownerId, nameKey], own: id };
      return change.kind === 'workspace.update'
        ? [name]
        : [{ field: 'workspaceId', key: [id, ''], own: null }, name];
    }
    case 'member.insert': {
      const { workspaceId, userId } = change.member;
      return [{ field: 'member', key: [workspaceId, userId], own: null }];
    }
    case 'invitation.insert':
    case 'invitation.update': {
      const { id, workspaceId, recipient, state } = change.invitation;
      const isBound = recipient !== null && state === 'open';
      return [
        ...(change.kind === 'invitation.insert'
          ? [{ field: 'invitationId', key: [workspaceId, id], own: null } as const]
          : []),
        ...(isBound
          ? [{ field: 'recipient', key: [workspaceId, recipientKey(recipient)], own: id } as const]
          : []),
      ];
    }
    case 'member.update':
    case 'member.delete':
    case 'departure.insert':
    case 'departure.update':
    case 'workspace.delete':
    case 'event.erase':
      return [];
    default:
      return change satisfies never;
  }
}

function lookupStatements({ table, dialect }: SqlNames) {
  const lookup = (name: TableName, id: string, ...keys: readonly string[]) =>
    statement<readonly [string, string]>(dialect, (bind) => {
      const where = keys.map((key, index) => `${key} = ${bind((values) => values[index])}`);
      return `select ${id} as id from ${table(name)} where ${where.join(' and ')}`;
    });
  return {
    userId: lookup('accounts', 'user_id', 'user_id'),
    username: lookup('accounts', 'user_id', 'username_key'),
    workspaceId: lookup('workspace_ids', 'id', 'id'),
    name: lookup('workspaces', 'id', 'owner_id', 'name_key'),
    member: lookup('members', 'user_id', 'workspace_id', 'user_id'),
    invitationId: lookup('invitations', 'id', 'workspace_id', 'id'),
    recipient: lookup('invitations', 'id', 'workspace_id', 'open_recipient'),
  };
}
