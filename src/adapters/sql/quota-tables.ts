// The tables of quotas: one ledger for each workspace, its resources, and the charges on it.
import { label, nano, userId, whole, word, workspaceId, type Table } from './table.js';

export const quotaTables = {
  /** One row for each workspace that was ever charged. Calls on one workspace queue for it. */
  quota_ledgers: {
    columns: { workspace_id: workspaceId, gone: whole },
    primaryKey: ['workspace_id'],
    isClustered: true,
    checks: { gone: 'gone in (0, 1)' },
  },

  /** A limit is in the same row as its sums, so that one row lock covers both. */
  quota_resources: {
    columns: {
      workspace_id: workspaceId,
      resource: { type: 'text', length: 256 },
      /** `default`: the default limit of each call applies. */
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
      /** `lapsed`: expired, and not counted in the sums. */
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
      /** What was reserved, since the amounts changed: -1 for a resource that was not. Before, `null`: the amount. */
      requested: { ...nano, isNullable: true },
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
