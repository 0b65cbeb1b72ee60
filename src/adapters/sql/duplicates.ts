// Which unique key stands in the way of a commit. Drivers say it in the text of an error, so the tables are asked instead.
import type { Change, Commit } from '../../domain/changes.js';
import { recipientKey } from '../../domain/invitation.js';
import type { DuplicateField } from '../../ports/storage.js';
import { rowsOf, type SqlDatabase } from './database.js';
import type { SqlNames } from './names.js';
import { statement } from './statement.js';
import type { TableName } from './tables.js';

/** Tells the first key of a commit that is taken; `null` when by now none is. */
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
        // Rows of this commit itself are not in the way, nor is one that it moves out of it.
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
    case 'workspace.delete':
      return [];
    default:
      return change satisfies never;
  }
}

function lookupStatements({ table, facts }: SqlNames) {
  const lookup = (name: TableName, id: string, ...keys: readonly string[]) =>
    statement<readonly [string, string]>(facts, (bind) => {
      const where = keys.map((key, place) => `${key} = ${bind((values) => values[place])}`);
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
