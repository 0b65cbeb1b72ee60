// The tables: their columns, keys and indexes. DDL is printed from them, and every statement reads its columns here.
import { quotaTables } from './quota-tables.js';
import {
  directory,
  invitationId,
  label,
  name,
  recipientKey,
  role,
  userId,
  whole,
  word,
  workspaceId,
  type Table,
} from './table.js';

const event = {
  version: whole,
  position: whole,
  id: label,
  type: { type: 'text', length: 64 },
  at: whole,
  actor_user_id: { ...userId, isNullable: true },
  actor_operator: { ...label, isNullable: true },
  data: { type: 'json' },
  behalf_operator: { ...label, isNullable: true },
  behalf_reason: { ...name, isNullable: true },
  request_id: { ...label, isNullable: true },
} as const;

/** In the order of creation: referenced tables come first. */
export const tables = {
  accounts: {
    columns: {
      user_id: userId,
      username: name,
      /** A name's key, two spaces and a user id, where usernames need not be unique; two spaces and the user id of a closed account. */
      username_key: { type: 'text', length: 660 },
      display_name: { ...name, isNullable: true },
      personal_workspace_id: workspaceId,
      active_workspace_id: workspaceId,
      owned_teams: whole,
      invited_since: whole,
      invited: whole,
      version: whole,
      created_at: whole,
      status: { ...word, default: 'open' },
      opened_version: { ...whole, default: 1 },
    },
    primaryKey: ['user_id'],
    isClustered: true,
    unique: { username: ['username_key'] },
    indexes: { by_status: ['status', 'username_key'] },
  },

  /** Every id that was ever issued; `deleted` is 1 for the tombstone of a deleted workspace. */
  workspace_ids: {
    columns: { id: workspaceId, deleted: whole },
    primaryKey: ['id'],
    isClustered: true,
    checks: { deleted: 'deleted in (0, 1)' },
  },

  workspaces: {
    columns: {
      id: workspaceId,
      kind: word,
      name,
      name_key: name,
      owner_id: userId,
      member_count: whole,
      open_invitations: whole,
      reserved_seats: whole,
      version: whole,
      created_at: whole,
      suspended_for: { ...name, isNullable: true },
      /** The offer of the ownership: all three, or null. */
      offer_user_id: { ...userId, isNullable: true },
      offer_role: { ...role, isNullable: true },
      offer_expires_at: { ...whole, isNullable: true },
      /** Derived, so that it can be indexed. */
      status: { ...word, default: 'active' },
      deleted_at: { ...whole, isNullable: true },
      purge_at: { ...whole, isNullable: true },
      attributes: { type: 'json', isNullable: true },
    },
    primaryKey: ['id'],
    isClustered: true,
    unique: { name: ['owner_id', 'name_key'] },
    indexes: {
      by_kind: ['kind', 'status', 'id'],
      by_owner: ['owner_id', 'kind', 'status', 'id'],
      by_purge: ['purge_at', 'id'],
    },
    references: {
      id: { columns: ['id'], to: 'workspace_ids', key: ['id'] },
      owner: { columns: ['owner_id'], to: 'accounts', key: ['user_id'] },
    },
    checks: { kind: "kind in ('personal', 'team')" },
  },

  members: {
    columns: {
      workspace_id: workspaceId,
      user_id: userId,
      role,
      /** 1 for the owner and null for others: a unique key treats nulls as distinct. */
      owner_mark: { ...whole, isNullable: true },
      invitation_id: { ...invitationId, isNullable: true },
      joined_at: whole,
      joined_version: whole,
      email_key: { ...recipientKey, isNullable: true },
      managed_by: { ...directory, isNullable: true },
      attributes: { type: 'json', isNullable: true },
    },
    primaryKey: ['workspace_id', 'user_id'],
    isClustered: true,
    skewed: ['workspace_id', 'user_id'],
    unique: { one_owner: ['workspace_id', 'owner_mark'] },
    indexes: {
      by_joining: ['workspace_id', 'joined_at', 'user_id'],
      by_role: ['workspace_id', 'role', 'joined_at', 'user_id'],
      by_user: ['user_id', 'joined_at', 'workspace_id'],
      by_email: ['workspace_id', 'email_key'],
      by_directory: ['workspace_id', 'managed_by', 'joined_at', 'user_id'],
    },
    references: {
      workspace: { columns: ['workspace_id'], to: 'workspaces', key: ['id'] },
      user: { columns: ['user_id'], to: 'accounts', key: ['user_id'] },
    },
    checks: {
      // Two conditions that are never null: a check that evaluates to null accepts the row.
      owner: "(role = 'owner') = (owner_mark is not null) and (owner_mark is null or owner_mark = 1)",
    },
  },

  /** The last membership that a user left, if invitations were open then. */
  departures: {
    columns: { workspace_id: workspaceId, user_id: userId, role, version: whole },
    primaryKey: ['workspace_id', 'user_id'],
    isClustered: true,
    references: { workspace: { columns: ['workspace_id'], to: 'workspaces', key: ['id'] } },
  },

  invitations: {
    columns: {
      workspace_id: workspaceId,
      id: invitationId,
      role,
      recipient_user_id: { ...userId, isNullable: true },
      recipient_email: { type: 'text', length: 320, isNullable: true },
      /** While the invitation is open, the recipient's key, or for a link `link:` and the id; null afterwards. */
      open_recipient: { ...recipientKey, isNullable: true },
      /** Null for unlimited. */
      max_uses: { ...whole, isNullable: true },
      uses: whole,
      issued_by_user_id: { ...userId, isNullable: true },
      issued_by_operator: { ...label, isNullable: true },
      secret_hash: { type: 'text', length: 64 },
      created_at: whole,
      issued_at: whole,
      issued_version: whole,
      expires_at: whole,
      state: word,
      closed_at: { ...whole, isNullable: true },
    },
    primaryKey: ['workspace_id', 'id'],
    isClustered: false,
    skewed: ['workspace_id'],
    unique: { recipient: ['workspace_id', 'open_recipient'] },
    indexes: {
      by_creation: ['workspace_id', 'created_at', 'id'],
      by_state: ['workspace_id', 'state', 'created_at', 'id'],
      by_expiry: ['workspace_id', 'state', 'expires_at', 'id'],
      by_issuer: ['workspace_id', 'issued_by_user_id', 'state', 'id'],
      /** The open invitations for a recipient, in all workspaces. */
      by_recipient: ['open_recipient', 'created_at', 'workspace_id', 'id'],
    },
    references: { workspace: { columns: ['workspace_id'], to: 'workspaces', key: ['id'] } },
    checks: {
      state: "state in ('open', 'used', 'revoked', 'declined', 'expired')",
      closed: "(state = 'open') = (closed_at is null)",
      recipient: "state = 'open' or open_recipient is null",
    },
  },

  workspace_events: {
    columns: {
      workspace_id: workspaceId,
      ...event,
      /** The address that the event names as the recipient of an invitation: erasing a person finds the event by it. */
      email_key: { ...recipientKey, isNullable: true },
    },
    primaryKey: ['workspace_id', 'version', 'position'],
    isClustered: true,
    indexes: { by_email: ['email_key', 'at', 'id'] },
    sparse: ['by_email'],
    references: { workspace: { columns: ['workspace_id'], to: 'workspace_ids', key: ['id'] } },
  },

  account_events: {
    columns: { user_id: userId, ...event },
    primaryKey: ['user_id', 'version', 'position'],
    isClustered: true,
    references: { user: { columns: ['user_id'], to: 'accounts', key: ['user_id'] } },
  },

  ...quotaTables,
} as const satisfies Readonly<Record<string, Table>>;

export type TableName = keyof typeof tables;

/** In the order of creation. */
export const TABLE_NAMES: readonly TableName[] = Object.keys(tables).filter(
  (name): name is TableName => name in tables,
);

/** The names of a table's columns, in order. */
export function columnsOf(table: TableName): readonly string[] {
  return Object.keys(tables[table].columns);
}
