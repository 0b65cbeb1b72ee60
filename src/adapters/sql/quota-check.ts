// A quota adapter in a transaction of the host application, which can check before the commit that its answers still hold.
import { sameLimits, type QuotaLimit, type QuotaLimits } from '../../core/quota.js';
import type { QuotaAdapter } from '../../ports/quota.js';
import { rowsOf, serialize, type SqlDatabase } from './database.js';
import { ledgerOf, storedCharge } from './quota-ledger.js';
import type { QuotaStatements } from './quota-statements.js';

/** What the last answer about a reservation implies. */
type ChargeState = 'reserved' | 'committed' | 'none';

/** The adapter with `checkTransaction`. */
export function checkedQuota(
  db: SqlDatabase,
  { charge, resources }: Pick<QuotaStatements, 'charge' | 'resources'>,
  quota: QuotaAdapter,
): QuotaAdapter {
  const charges = new Map<string, { readonly key: ChargeKey; readonly state: ChargeState }>();
  const limitsSet = new Map<string, Map<string, QuotaLimit>>();
  const answered = (workspaceId: string, reservationId: string, state: ChargeState): void => {
    charges.set(`${workspaceId} ${reservationId}`, { key: { workspaceId, reservationId }, state });
  };

  const isCharge = async (key: ChargeKey, state: ChargeState): Promise<boolean> => {
    const found = storedCharge(key.reservationId, await rowsOf(db, charge, key));
    return (found?.charge.state ?? 'none') === state;
  };
  const hasLimits = async (workspaceId: string, limits: QuotaLimits): Promise<boolean> => {
    const ledger = ledgerOf(await rowsOf(db, resources, { workspaceId }), []);
    const stored = [...ledger.resources(new Map())].map(([name, { limit }]) => [name, limit] as const);
    return sameLimits(new Map(stored), limits);
  };

  return {
    ...quota,
    async setLimits(subject, limits, now) {
      const result = await quota.setLimits(subject, limits, now);
      if (result.ok && result.changed) {
        limitsSet.set(
          subject.workspaceId,
          new Map([...(limitsSet.get(subject.workspaceId) ?? []), ...limits]),
        );
      }
      return result;
    },
    async reserve(subject, request) {
      const result = await quota.reserve(subject, request);
      if (result.ok) answered(subject.workspaceId, request.reservationId, result.charge.state);
      return result;
    },
    async commit(subject, request) {
      const result = await quota.commit(subject, request);
      if (result.ok) answered(subject.workspaceId, request.reservationId, 'committed');
      return result;
    },
    async release(subject, request) {
      const result = await quota.release(subject, request);
      if (result.ok && result.released) answered(subject.workspaceId, request.reservationId, 'none');
      return result;
    },
    async forget(workspaceId) {
      await quota.forget(workspaceId);
      limitsSet.delete(workspaceId);
      for (const [name, { key }] of charges) if (key.workspaceId === workspaceId) charges.delete(name);
    },
    checkTransaction: () =>
      serialize(db, async () => {
        for (const { key, state } of charges.values()) if (!(await isCharge(key, state))) return false;
        for (const [workspaceId, limits] of limitsSet)
          if (!(await hasLimits(workspaceId, limits))) return false;
        return true;
      }),
  };
}

interface ChargeKey {
  readonly workspaceId: string;
  readonly reservationId: string;
}
