// The tables: their columns, keys and indexes. DDL is printed from it, and every statement reads its columns here.
import type { ColumnType } from './dialects.js';

export type Column = ColumnType & { readonly isNullable?: true };

export interface Table {
  readonly columns: Readonly<Record<string, Column>>;
  readonly primaryKey: readonly string[];
  readonly unique?: Readonly<Record<string, readonly string[]>>;
  readonly indexes?: Readonly<Record<string, readonly string[]>>;
  readonly references?: Readonly<Record<string, Reference>>;
  readonly checks?: Readonly<Record<string, string>>;
  /**
   * Kept in the order of its primary key, where a database can be told so. Not where an index begins as the primary key
   * does and a query could take either: SQLite then takes the key, and reads all rows of the workspace.
   */
  readonly isClustered: boolean;
  /**
   * Columns of which a few values can have very many rows. A plan for any value goes by the average, which is one row and
   * makes every index look as good as the best.
   */
  readonly skewed?: readonly string[];
}

export interface Reference {
  readonly columns: readonly string[];
  readonly to: string;
  readonly key: readonly string[];
}

const userId = { type: 'text', length: 256 } as const;
const workspaceId = { type: 'text', length: 63 } as const;
const invitationId = { type: 'text', length: 64 } as const;
const role = { type: 'text', length: 64 } as const;
/** 100 code points in 4 units each: more than any name has. Their keys are no longer (`names.ts`). */
const name = { type: 'text', length: 400 } as const;
const whole = { type: 'whole' } as const;
const nano = { type: 'nano' } as const;
/** As an operator is named, or an event by a host's own source of ids. */
const label = { type: 'text', length: 256 } as const;
const word = { type: 'text', length: 16 } as const;

const event = {
  version: whole,
  place: whole,
  id: label,
  type: { type: 'text', length: 64 },
  at: whole,
  actor_user_id: { ...userId, isNullable: true },
  actor_operator: { ...label, isNullable: true },
  data: { type: 'json' },
} as const;

/** In the order in which they are made: what is referred to comes first. */
export const tables = {
  accounts: {
    columns: {
      user_id: userId,
      username: name,
      username_key: name,
      display_name: { ...name, isNullable: true },
      personal_workspace_id: workspaceId,
      active_workspace_id: workspaceId,
      owned_teams: whole,
      version: whole,
      created_at: whole,
    },
    primaryKey: ['user_id'],
    isClustered: true,
    unique: { username: ['username_key'] },
  },

  /** Every id that was ever given out; a tombstone is one whose workspace was deleted. */
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
    },
    primaryKey: ['id'],
    isClustered: true,
    unique: { name: ['owner_id', 'name_key'] },
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
      /** 1 for the owner and null for everybody else: unique keys hold nulls apart. */
      owner_mark: { ...whole, isNullable: true },
      invitation_id: { ...invitationId, isNullable: true },
      joined_at: whole,
    },
    primaryKey: ['workspace_id', 'user_id'],
    isClustered: true,
    skewed: ['workspace_id', 'user_id'],
    unique: { one_owner: ['workspace_id', 'owner_mark'] },
    indexes: {
      by_joining: ['workspace_id', 'joined_at', 'user_id'],
      by_user: ['user_id', 'joined_at', 'workspace_id'],
    },
    references: {
      workspace: { columns: ['workspace_id'], to: 'workspaces', key: ['id'] },
      user: { columns: ['user_id'], to: 'accounts', key: ['user_id'] },
    },
    checks: {
      // In two parts that are never null: a check that is null lets a row in.
      owner: "(role = 'owner') = (owner_mark is not null) and (owner_mark is null or owner_mark = 1)",
    },
  },

  invitations: {
    columns: {
      workspace_id: workspaceId,
      id: invitationId,
      role,
      recipient_user_id: { ...userId, isNullable: true },
      recipient_email: { type: 'text', length: 320, isNullable: true },
      /** The recipient as it is compared while the invitation is open; null ever after. */
      open_recipient: { type: 'text', length: 326, isNullable: true },
      /** Null for no limit. */
      max_uses: { ...whole, isNullable: true },
      uses: whole,
      issued_by_user_id: { ...userId, isNullable: true },
      issued_by_operator: { ...label, isNullable: true },
      secret_hash: { type: 'text', length: 64 },
      created_at: whole,
      issued_at: whole,
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
    },
    references: { workspace: { columns: ['workspace_id'], to: 'workspaces', key: ['id'] } },
    checks: {
      state: "state in ('open', 'used', 'revoked', 'declined', 'expired')",
      closed: "(state = 'open') = (closed_at is null)",
      recipient: "state = 'open' or open_recipient is null",
    },
  },

  workspace_events: {
    columns: { workspace_id: workspaceId, ...event },
    primaryKey: ['workspace_id', 'version', 'place'],
    isClustered: true,
    references: { workspace: { columns: ['workspace_id'], to: 'workspace_ids', key: ['id'] } },
  },

  account_events: {
    columns: { user_id: userId, ...event },
    primaryKey: ['user_id', 'version', 'place'],
    isClustered: true,
    references: { user: { columns: ['user_id'], to: 'accounts', key: ['user_id'] } },
  },

  /** One for each workspace that was ever charged: the row that calls on one workspace wait for. */
  quota_ledgers: {
    columns: { workspace_id: workspaceId, gone: whole },
    primaryKey: ['workspace_id'],
    isClustered: true,
    checks: { gone: 'gone in (0, 1)' },
  },

  /** A limit stands beside the sums that it is compared with, so that one locked row has all of them. */
  quota_resources: {
    columns: {
      workspace_id: workspaceId,
      resource: { type: 'text', length: 256 },
      /** `default`: as the host says at each call. */
      limited: word,
      limit_nano: { ...nano, isNullable: true },
      limit_format: { ...word, isNullable: true },
      used: nano,
      reserved: nano,
    },
    primaryKey: ['workspace_id', 'resource'],
    isClustered: true,
    references: { ledger: { columns: ['workspace_id'], to: 'quota_ledgers', key: ['workspace_id'] } },
    checks: {
      limited: "limited in ('default', 'unlimited', 'limited')",
      limit: "(limited = 'limited') = (limit_nano is not null)",
    },
  },

  quota_charges: {
    columns: {
      workspace_id: workspaceId,
      reservation_id: { type: 'text', length: 256 },
      /** `lapsed`: it has expired, and holds nothing. */
      state: word,
      expires_at: whole,
      by_user_id: { ...userId, isNullable: true },
      by_operator: { ...label, isNullable: true },
    },
    primaryKey: ['workspace_id', 'reservation_id'],
    isClustered: false,
    indexes: { by_expiry: ['workspace_id', 'state', 'expires_at', 'reservation_id'] },
    references: { ledger: { columns: ['workspace_id'], to: 'quota_ledgers', key: ['workspace_id'] } },
    checks: { state: "state in ('reserved', 'lapsed', 'committed')" },
  },

  quota_amounts: {
    columns: {
      workspace_id: workspaceId,
      reservation_id: { type: 'text', length: 256 },
      resource: { type: 'text', length: 256 },
      amount: nano,
      format: word,
    },
    primaryKey: ['workspace_id', 'reservation_id', 'resource'],
    isClustered: true,
    references: {
      charge: {
        columns: ['workspace_id', 'reservation_id'],
        to: 'quota_charges',
        key: ['workspace_id', 'reservation_id'],
      },
    },
  },
} as const satisfies Readonly<Record<string, Table>>;

export type TableName = keyof typeof tables;

/** In the order in which they are made. */
export const TABLE_NAMES: readonly TableName[] = Object.keys(tables).filter(
  (name): name is TableName => name in tables,
);

/** The names of a table's columns, in their order. */
export function columnsOf(table: TableName): readonly string[] {
  return Object.keys(tables[table].columns);
}
