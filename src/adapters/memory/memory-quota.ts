// Quotas in the memory of one process: each call is one synchronous step on the ledger of a workspace, so it is atomic.
import { sameActor } from '../../domain/actor.js';
import type { WorkspaceId } from '../../domain/ids.js';
import type { Quantity } from '../../domain/quantity.js';
import {
  limitsOfDefaults,
  sameAmounts,
  sameLimits,
  shortfallsOf,
  unlistedOf,
  type Charge,
  type LimitTexts,
  type QuotaLimit,
  type QuotaLimits,
  type ResourceUse,
} from '../../domain/quota.js';
import type { QuotaAdapter, QuotaSubject } from '../../ports/quota.js';
import type { PageKey } from '../../ports/storage.js';
import { OrderedSet } from './ordered-set.js';

/** Options of {@link memoryQuota}. */
export interface MemoryQuotaOptions {
  /**
   * What every workspace is limited to from its first instant, or a function of the workspace, as of its owner's plan.
   * Resources that are not named here are refused by name, until `setQuota` names them.
   */
  readonly defaults: LimitTexts | ((subject: QuotaSubject) => LimitTexts | Promise<LimitTexts>);
}

/** For so long an expired reservation is remembered, so that a late commit can be admitted anew. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

interface Ledger {
  /** What `setLimits` said; the defaults hold for the rest. */
  readonly limits: Map<string, QuotaLimit>;
  readonly charges: Map<string, Charge>;
  /** Sums over the charges that are committed, in 10^-9 units. */
  readonly used: Map<string, bigint>;
  /** Sums over the reservations that hold something. */
  readonly reserved: Map<string, bigint>;
  /** Reservations that hold something. */
  readonly held: Set<Charge>;
  /** The same, the first to expire first. */
  readonly expiring: OrderedSet<Charge>;
  /** Reservations that have expired and are remembered, the first to be forgotten first. */
  readonly lapsed: OrderedSet<Charge>;
}

/**
 * Quotas in the memory of this process, for tests, demos and single-process products.
 *
 * @throws TypeError when a default is negative; QuantityError when a default is no quantity.
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

  /** Everything after the defaults are known is synchronous. */
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
    settle(ledger, now);
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
        // What says the same as the default is not pinned: it would be a change that nothing tells of.
        if (changed) for (const [resource, limit] of limits) ledger.limits.set(resource, limit);
        return { ok: true, resources: resourcesOf(ledger, inForce), changed };
      }),

    reserve: (subject, { reservationId, amounts, expiresAt, by, now }) =>
      onLedger(subject, now, (ledger, resources) => {
        const before = ledger.charges.get(reservationId);
        if (before !== undefined && isHeld(ledger, before)) {
          return sameAmounts(before.amounts, amounts)
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
          state: 'reserved',
          expiresAt,
          by,
        });
        put(ledger, charge);
        return { ok: true, charge: copyOf(charge), changed: true };
      }),

    commit: (subject, { reservationId, now }) =>
      onLedger(subject, now, (ledger, resources) => {
        const before = ledger.charges.get(reservationId);
        if (before === undefined) return { ok: false, reason: 'not-found' };
        if (before.state === 'committed') return { ok: true, charge: copyOf(before), changed: false };
        const lapsed = !isHeld(ledger, before);
        if (lapsed && unlistedOf(resources, before.amounts).length > 0)
          return { ok: false, reason: 'expired' };
        if (lapsed && shortfallsOf(resources, before.amounts).length > 0)
          return { ok: false, reason: 'expired' };
        const charge = frozenCharge({ ...before, state: 'committed' });
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
        return { ok: true, released };
      }),

    forget(workspaceId) {
      gone.add(workspaceId);
      ledgers.delete(workspaceId);
      return Promise.resolve();
    },
  };
}

function emptyLedger(): Ledger {
  return {
    limits: new Map(),
    charges: new Map(),
    used: new Map(),
    reserved: new Map(),
    held: new Set(),
    expiring: new OrderedSet(byExpiry),
    lapsed: new OrderedSet(byExpiry),
  };
}

const byExpiry = ({ expiresAt, reservationId }: Charge): PageKey => [expiresAt, reservationId];

/** Takes what has expired out of the sums, and forgets what expired long ago. */
function settle(ledger: Ledger, now: number): void {
  for (const charge of expiredIn(ledger.expiring, now)) {
    take(ledger, charge);
    ledger.lapsed.put(charge);
  }
  for (const charge of expiredIn(ledger.lapsed, now - REMEMBERED_MS)) {
    ledger.lapsed.remove(charge);
    ledger.charges.delete(charge.reservationId);
  }
}

/** One after the other: each is taken out of the set before the next is asked for. */
function* expiredIn(charges: OrderedSet<Charge>, instant: number): Generator<Charge> {
  for (;;) {
    const [first] = charges.after(null, 1);
    if (first === undefined || first.expiresAt > instant) return;
    yield first;
  }
}

/**
 * Whether a charge is in the sums. The ledger says so, not the caller's clock: to one whose clock is behind, or whose
 * call came late, a reservation would still be open whose room was given away.
 */
function isHeld(ledger: Ledger, charge: Charge): boolean {
  return charge.state === 'committed' || ledger.held.has(charge);
}

/** Lays a charge in the place of the one of its id, and moves the sums from the one to the other. */
function put(ledger: Ledger, charge: Charge): void {
  const before = ledger.charges.get(charge.reservationId);
  if (before !== undefined) take(ledger, before);
  ledger.charges.set(charge.reservationId, charge);
  if (charge.state === 'committed') {
    add(ledger.used, charge, 1n);
    return;
  }
  add(ledger.reserved, charge, 1n);
  ledger.held.add(charge);
  ledger.expiring.put(charge);
}

/** Out of the sums, if it is in one: an expired reservation was taken out when it was settled. */
function take(ledger: Ledger, charge: Charge): void {
  if (charge.state === 'committed') add(ledger.used, charge, -1n);
  else if (ledger.held.delete(charge)) {
    ledger.expiring.remove(charge);
    add(ledger.reserved, charge, -1n);
  } else ledger.lapsed.remove(charge);
}

function add(sums: Map<string, bigint>, { amounts }: Charge, sign: 1n | -1n): void {
  for (const [resource, { nano }] of amounts) sums.set(resource, (sums.get(resource) ?? 0n) + sign * nano);
}

function resourcesOf(ledger: Ledger, defaults: QuotaLimits): ReadonlyMap<string, ResourceUse> {
  const resources = new Map<string, ResourceUse>();
  for (const [resource, limit] of [...defaults, ...ledger.limits]) {
    const amount = (sums: ReadonlyMap<string, bigint>): Quantity => ({
      nano: sums.get(resource) ?? 0n,
      format: limit === 'unlimited' ? 'decimal' : limit.format,
    });
    resources.set(resource, { limit, used: amount(ledger.used), reserved: amount(ledger.reserved) });
  }
  return resources;
}

function frozenCharge(charge: Charge): Charge {
  return Object.freeze({ ...charge, by: Object.freeze({ ...charge.by }) });
}

/** A Map cannot be frozen: what is given out is not the ledger's own. */
function copyOf(charge: Charge): Charge {
  return Object.freeze({ ...charge, amounts: new Map(charge.amounts) });
}
