// A quota adapter in a transaction of the host application, which can check before the commit that its answers still hold.
import { sameAmounts, sameLimits, type Charge, type QuotaLimit, type QuotaLimits } from '../../core/quota.js';
import type { QuotaAdapter } from '../../ports/quota.js';
import { rowsOf, serialize, type SqlDatabase } from './database.js';
import { ledgerOf, storedCharge } from './quota-ledger.js';
import type { QuotaStatements } from './quota-statements.js';

/** What the last answer about a reservation implies: its state and amounts, or `null` after a release. */
type Expected = Pick<Charge, 'state' | 'amounts'> | null;

/** The adapter with `checkTransaction`. */
export function checkedQuota(
  db: SqlDatabase,
  { charge, resources }: Pick<QuotaStatements, 'charge' | 'resources'>,
  quota: QuotaAdapter,
): QuotaAdapter {
  const charges = new Map<string, { readonly key: ChargeKey; readonly expected: Expected }>();
  const limitsSet = new Map<string, Map<string, QuotaLimit>>();
  const answered = (workspaceId: string, reservationId: string, expected: Expected): void => {
    charges.set(`${workspaceId} ${reservationId}`, { key: { workspaceId, reservationId }, expected });
  };

  const isCharge = async (key: ChargeKey, expected: Expected): Promise<boolean> => {
    const found = storedCharge(key.reservationId, await rowsOf(db, charge, key));
    if (found === null || expected === null) return found === expected;
    const { state, amounts } = found.charge;
    return state === expected.state && sameAmounts(amounts, expected.amounts);
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
      if (result.ok) answered(subject.workspaceId, request.reservationId, result.charge);
      return result;
    },
    async commit(subject, request) {
      const result = await quota.commit(subject, request);
      if (result.ok) answered(subject.workspaceId, request.reservationId, result.charge);
      return result;
    },
    async resize(subject, request) {
      const result = await quota.resize(subject, request);
      if (result.ok) answered(subject.workspaceId, request.reservationId, result.charge);
      return result;
    },
    async release(subject, request) {
      const result = await quota.release(subject, request);
      if (result.ok && result.released) answered(subject.workspaceId, request.reservationId, null);
      return result;
    },
    async forget(workspaceId) {
      await quota.forget(workspaceId);
      limitsSet.delete(workspaceId);
      for (const [name, { key }] of charges) if (key.workspaceId === workspaceId) charges.delete(name);
    },
    checkTransaction: () =>
      serialize(db, async () => {
        for (const { key, expected } of charges.values()) if (!(await isCharge(key, expected))) return false;
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
