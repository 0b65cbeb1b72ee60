// Quotas in the memory of one process. Each call is one synchronous step on the ledger of a workspace, so it is atomic.
import { sameActor } from '../../core/actor.js';
import type { WorkspaceId } from '../../core/ids.js';
import {
  limitsOfDefaults,
  sameAmounts,
  sameLimits,
  shortfallsOf,
  unlistedOf,
  type Charge,
  type LimitTexts,
  type QuotaLimit,
  type ResourceUse,
} from '../../core/quota.js';
import { resizeOf, settlementOf } from '../../core/settlement.js';
import type { QuotaAdapter, QuotaSubject } from '../../ports/quota.js';
import {
  emptyLedger,
  isHeld,
  lapse,
  put,
  resourcesOf,
  take,
  type Ledger,
  type LedgerCharge,
} from './memory-ledger.js';

/** Options of {@link memoryQuota}. */
export interface MemoryQuotaOptions {
  /**
   * The limits of every workspace, or a function that returns them for a workspace, for example by its owner's plan.
   * Reservations of other resources are rejected until `setQuota` sets a limit for them.
   */
  readonly defaults: LimitTexts | ((subject: QuotaSubject) => LimitTexts | Promise<LimitTexts>);
}

/**
 * Quotas in the memory of this process, for tests, demos and single-process products.
 *
 * @throws TypeError when a default is negative; QuantityError when a default is not a quantity.
 *
 * @example
 * ```ts
 * import { memoryQuota } from 'tenantry/memory';
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * const quota = memoryQuota({ defaults: { 'limits.cpu': '16', 'limits.memory': '64Gi', pods: 'unlimited' } });
 * const { workspaces } = createTestWorkspaces({ quota });
 * const { workspace } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * await workspaces.reserveQuota(
 *   { userId: 'u1' },
 *   { workspaceId: workspace.id, reservationId: 'db-1', amounts: { 'limits.cpu': '500m' } },
 * );
 * ```
 */
export function memoryQuota({ defaults }: MemoryQuotaOptions): QuotaAdapter {
  const ledgers = new Map<WorkspaceId, Ledger>();
  const gone = new Set<WorkspaceId>();
  const fixed = typeof defaults === 'function' ? null : limitsOfDefaults(defaults);
  const GONE = Object.freeze({ ok: false, reason: 'gone' } as const);

  /** Everything after the `await` of the defaults is synchronous. */
  const onLedger = async <Result>(
    subject: QuotaSubject,
    now: number,
    step: (ledger: Ledger, resources: ReadonlyMap<string, ResourceUse>) => Result,
  ): Promise<Result | typeof GONE> => {
    const base =
      fixed ?? limitsOfDefaults(typeof defaults === 'function' ? await defaults(subject) : defaults);
    const { workspaceId } = subject;
    if (gone.has(workspaceId)) return GONE;
    const ledger = ledgers.get(workspaceId) ?? emptyLedger();
    ledgers.set(workspaceId, ledger);
    lapse(ledger, now);
    return step(ledger, resourcesOf(ledger, base));
  };

  return {
    report: (subject, now) => onLedger(subject, now, (_ledger, resources) => ({ ok: true, resources })),

    setLimits: (subject, limits, now) =>
      onLedger(subject, now, (ledger, resources) => {
        const inForce = new Map(
          [...resources].map(([resource, { limit }]): [string, QuotaLimit] => [resource, limit]),
        );
        const changed = !sameLimits(inForce, limits);
        // A limit equal to the default is not stored: there is no event for it, so it must not change anything.
        if (changed) for (const [resource, limit] of limits) ledger.limits.set(resource, limit);
        return { ok: true, resources: resourcesOf(ledger, inForce), changed };
      }),

    reserve: (subject, { reservationId, amounts, expiresAt, by, now }) =>
      onLedger(subject, now, (ledger, resources) => {
        const before = ledger.charges.get(reservationId);
        if (before !== undefined && isHeld(ledger, before)) {
          return sameAmounts(before.requested, amounts)
            ? { ok: true, charge: copyOf(before), changed: false }
            : { ok: false, reason: 'mismatch' };
        }
        const unlisted = unlistedOf(resources, amounts);
        if (unlisted.length > 0) return { ok: false, reason: 'unlisted', resources: unlisted };
        const shortfalls = shortfallsOf(resources, amounts);
        if (shortfalls.length > 0) return { ok: false, reason: 'exceeded', shortfalls };
        const charge = frozenCharge({
          reservationId,
          amounts: new Map(amounts),
          requested: new Map(amounts),
          state: 'reserved',
          expiresAt,
          by,
        });
        put(ledger, charge);
        return { ok: true, charge: copyOf(charge), changed: true };
      }),

    commit: (subject, { reservationId, now, ...settlement }) =>
      onLedger(subject, now, (ledger, resources) => {
        const before = ledger.charges.get(reservationId);
        if (before === undefined) return { ok: false, reason: 'not-found' };
        const held = { charge: before, isHeld: isHeld(ledger, before) };
        const result = settlementOf(resources, held, settlement);
        if (!result.ok) return result;
        if (!result.changed) return { ok: true, charge: copyOf(before), changed: false };
        const charge = frozenCharge({ ...before, amounts: result.amounts, state: 'committed' });
        put(ledger, charge);
        return { ok: true, charge: copyOf(charge), changed: true };
      }),

    resize: (subject, { reservationId, now, ...settlement }) =>
      onLedger(subject, now, (ledger, resources) => {
        const before = ledger.charges.get(reservationId);
        if (before?.state !== 'committed') return { ok: false, reason: 'not-found' };
        const result = resizeOf(resources, before, settlement);
        if (!result.ok) return result;
        if (!result.changed) return { ok: true, charge: copyOf(before), changed: false };
        const charge = frozenCharge({ ...before, amounts: result.amounts });
        put(ledger, charge);
        return { ok: true, charge: copyOf(charge), changed: true };
      }),

    release: (subject, { reservationId, onlyBy, onlyReserved, now }) =>
      onLedger(subject, now, (ledger) => {
        const before = ledger.charges.get(reservationId);
        if (before === undefined) return { ok: true, released: null };
        if (onlyBy !== undefined && !sameActor(before.by, onlyBy)) return { ok: false, reason: 'not-yours' };
        if (onlyReserved && before.state === 'committed') return { ok: true, released: null };
        const released = isHeld(ledger, before) ? before : null;
        take(ledger, before);
        ledger.charges.delete(reservationId);
        return { ok: true, released: released && copyOf(released) };
      }),

    forget(workspaceId) {
      gone.add(workspaceId);
      ledgers.delete(workspaceId);
      return Promise.resolve();
    },
  };
}

function frozenCharge(charge: LedgerCharge): LedgerCharge {
  return Object.freeze({ ...charge, by: Object.freeze({ ...charge.by }) });
}

/** A Map cannot be frozen, so callers get a copy. */
function copyOf({ reservationId, amounts, state, expiresAt, by }: LedgerCharge): Charge {
  return Object.freeze({ reservationId, amounts: new Map(amounts), state, expiresAt, by });
}
