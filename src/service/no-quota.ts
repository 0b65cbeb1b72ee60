// The quota adapter of a host that counts nothing: said aloud, and not an empty default.
import type { QuotaAdapter } from '../ports/quota.js';

/**
 * Enforces no quota: every reservation is admitted, none is remembered, and there are no limits to set or show.
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
    report: () => Promise.resolve({ ok: true, resources: new Map() }),
    setLimits: (_subject, limits) =>
      Promise.resolve({ ok: false, reason: 'unlisted', resources: [...limits.keys()].sort() }),
    reserve: (_subject, { reservationId, amounts, expiresAt, by }) =>
      Promise.resolve({
        ok: true,
        changed: false,
        charge: { reservationId, amounts, state: 'reserved', expiresAt, by },
      }),
    commit: (_subject, { reservationId }) =>
      Promise.resolve({
        ok: true,
        changed: false,
        charge: {
          reservationId,
          amounts: new Map(),
          state: 'committed',
          expiresAt: 0,
          by: { operator: 'noQuota' },
        },
      }),
    release: () => Promise.resolve({ ok: true, released: null }),
    forget: () => Promise.resolve(),
  };
}
