// The quota adapter that enforces nothing: an explicit choice.
import type { Amounts, Charge } from '../core/quota.js';
import type { QuotaAdapter } from '../ports/quota.js';

/**
 * Enforces no quota: admits every reservation, stores none, and has no limits to set or show.
 *
 * @example
 * ```ts
 * import { noQuota } from 'tenantry';
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * createTestWorkspaces({ quota: noQuota() });
 * ```
 */
export function noQuota(): QuotaAdapter {
  return {
    report: async () => ({ ok: true, resources: new Map() }),
    setLimits: async (_subject, limits) => ({
      ok: false,
      reason: 'unlisted',
      resources: [...limits.keys()].sort(),
    }),
    reserve: async (_subject, { reservationId, amounts, expiresAt, by }) => ({
      ok: true,
      changed: false,
      charge: { reservationId, amounts, state: 'reserved', expiresAt, by },
    }),
    commit: async (_subject, { reservationId, amounts = new Map() }) => charged(reservationId, amounts),
    resize: async (_subject, { reservationId, amounts }) => charged(reservationId, amounts),
    release: async () => ({ ok: true, released: null }),
    forget: async () => undefined,
  };
}

function charged(reservationId: string, amounts: Amounts) {
  const by = { operator: 'noQuota' };
  const charge: Charge = { reservationId, amounts, state: 'committed', expiresAt: 0, by };
  return { ok: true, changed: false, charge } as const;
}
