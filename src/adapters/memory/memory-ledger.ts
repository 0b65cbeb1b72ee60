// The ledger of one workspace in memory: its charges, the sums over them, and the reservations in the order of expiry.
import type { Quantity } from '../../core/quantity/index.js';
import type { Amounts, Charge, QuotaLimit, QuotaLimits, ResourceUse } from '../../core/quota.js';
import type { PageKey } from '../../ports/storage.js';
import { OrderedSet } from './ordered-set.js';

/** A charge with the amounts of its reservation, which a retry of the reservation names. */
export interface LedgerCharge extends Charge {
  readonly requested: Amounts;
}

export interface Ledger {
  /** The limits that `setLimits` set; the defaults apply to all other resources. */
  readonly limits: Map<string, QuotaLimit>;
  readonly charges: Map<string, LedgerCharge>;
  /** Sums over the committed charges, in 10^-9 units. */
  readonly used: Map<string, bigint>;
  /** Sums over the reservations that have not lapsed. */
  readonly reserved: Map<string, bigint>;
  /** The reservations that have not lapsed. */
  readonly held: Set<LedgerCharge>;
  /** The same, in the order of their expiry. */
  readonly expiring: OrderedSet<LedgerCharge>;
  /** Reservations that have expired and are still kept, in the order of their expiry. */
  readonly lapsed: OrderedSet<LedgerCharge>;
}

export function emptyLedger(): Ledger {
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

const byExpiry = ({ expiresAt, reservationId }: LedgerCharge): PageKey => [expiresAt, reservationId];

/** Subtracts expired reservations from the sums, and deletes those that expired long ago. */
export function lapse(ledger: Ledger, now: number): void {
  for (const charge of expiredIn(ledger.expiring, now)) {
    take(ledger, charge);
    ledger.lapsed.put(charge);
  }
  for (const charge of expiredIn(ledger.lapsed, now - REMEMBERED_MS)) {
    ledger.lapsed.remove(charge);
    ledger.charges.delete(charge.reservationId);
  }
}

/** The caller removes each charge from the set before it requests the next. */
function* expiredIn(charges: OrderedSet<LedgerCharge>, instant: number): Generator<LedgerCharge> {
  for (;;) {
    const [first] = charges.after(null, 1);
    if (first === undefined || first.expiresAt > instant) return;
    yield first;
  }
}

/**
 * Whether the sums include a charge. This does not depend on the caller's clock: to a caller whose clock is behind, a
 * reservation would still seem open although its amounts were given to another.
 */
export function isHeld(ledger: Ledger, charge: LedgerCharge): boolean {
  return charge.state === 'committed' || ledger.held.has(charge);
}

/** Replaces the charge with the same id, and adjusts the sums. */
export function put(ledger: Ledger, charge: LedgerCharge): void {
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

/** Subtracts a charge from the sums, unless `lapse` has already subtracted it. */
export function take(ledger: Ledger, charge: LedgerCharge): void {
  if (charge.state === 'committed') add(ledger.used, charge, -1n);
  else if (ledger.held.delete(charge)) {
    ledger.expiring.remove(charge);
    add(ledger.reserved, charge, -1n);
  } else ledger.lapsed.remove(charge);
}

function add(sums: Map<string, bigint>, { amounts }: Charge, sign: 1n | -1n): void {
  for (const [resource, { nano }] of amounts) sums.set(resource, (sums.get(resource) ?? 0n) + sign * nano);
}

export function resourcesOf(ledger: Ledger, defaults: QuotaLimits): ReadonlyMap<string, ResourceUse> {
  const resources = new Map<string, ResourceUse>();
  const list = (resource: string, limit: QuotaLimit): void => {
    const format = limit === 'unlimited' ? 'decimal' : limit.format;
    const amount = (sums: ReadonlyMap<string, bigint>): Quantity => ({
      nano: sums.get(resource) ?? 0n,
      format,
    });
    resources.set(resource, { limit, used: amount(ledger.used), reserved: amount(ledger.reserved) });
  };
  for (const [resource, limit] of defaults) if (!ledger.limits.has(resource)) list(resource, limit);
  for (const [resource, limit] of ledger.limits) list(resource, limit);
  // What is used although no plan names it any more.
  for (const sums of [ledger.used, ledger.reserved]) {
    for (const [resource, nano] of sums) if (nano !== 0n && !resources.has(resource)) list(resource, NONE);
  }
  return resources;
}

const NONE: Quantity = Object.freeze({ nano: 0n, format: 'decimal' });

/** How long an expired reservation is kept, so that a late commit can be admitted again. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;
