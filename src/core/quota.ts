// Admission arithmetic: use, reservations and request against the limits. All resources, or none.
import type { ActorRef } from './actor.js';
import { formatQuantity, parseQuantity, type Quantity } from './quantity/index.js';
import { MAX_NANO } from './quantity/quantity.js';

/** How much of each resource. */
export type Amounts = ReadonlyMap<string, Quantity>;

/** A limit of 0 means none. An unlimited resource is listed explicitly as `'unlimited'`. */
export type QuotaLimit = Quantity | 'unlimited';

/** The limit of each resource. */
export type QuotaLimits = ReadonlyMap<string, QuotaLimit>;

/** Limits as strings: quantities, or `'unlimited'`. */
export type LimitTexts = Readonly<Record<string, string>>;

/** The limit of one resource, and what of it is used and reserved. */
export interface ResourceUse {
  readonly limit: QuotaLimit;
  /** Committed. */
  readonly used: Quantity;
  /** Held by unexpired reservations. */
  readonly reserved: Quantity;
}

/** What one reservation holds or uses. */
export interface Charge {
  readonly reservationId: string;
  readonly amounts: Amounts;
  readonly state: 'reserved' | 'committed';
  /** Milliseconds since the epoch; without meaning after the commit. */
  readonly expiresAt: number;
  readonly by: ActorRef;
}

/** Why a resource is short. Amounts are canonical strings. */
export interface Shortfall {
  readonly resource: string;
  readonly requested: string;
  readonly used: string;
  readonly reserved: string;
  readonly limit: string;
  /** By how much the request exceeds the limit. */
  readonly exceededBy: string;
}

/** Every resource that is short, sorted by name; empty if all amounts are admitted. Use equal to the limit is admitted. */
export function shortfallsOf(resources: ReadonlyMap<string, ResourceUse>, amounts: Amounts): Shortfall[] {
  const found: Shortfall[] = [];
  for (const [resource, requested] of amounts) {
    const use = resources.get(resource);
    // A request of 0 is always admitted, even above a lowered limit: it increases nothing.
    if (use === undefined || requested.nano === 0n) continue;
    const { used, reserved } = use;
    // Add raw nanos: the sum of three quantities can overflow the Quantity range.
    const limit = use.limit === 'unlimited' ? LARGEST : use.limit;
    const beyond = used.nano + reserved.nano + requested.nano - limit.nano;
    if (beyond <= 0n) continue;
    found.push({
      resource,
      requested: formatQuantity(requested),
      used: formatQuantity(used),
      reserved: formatQuantity(reserved),
      limit: formatQuantity(limit),
      exceededBy: formatQuantity({ nano: beyond, format: limit.format }),
    });
  }
  return found.sort(byResource);
}

/** The requested resources that have no limit, sorted. */
export function unlistedOf(
  resources: ReadonlyMap<string, unknown>,
  amounts: ReadonlyMap<string, unknown>,
): string[] {
  return [...amounts.keys()].filter((resource) => !resources.has(resource)).sort();
}

/** Whether two reservations request the same amounts. */
export function sameAmounts(a: Amounts, b: Amounts): boolean {
  return a.size === b.size && [...a.keys()].every((resource) => b.has(resource)) && sameCharges(a, b);
}

/** Whether amounts charge the same. A resource that one of them does not name is 0. */
export function sameCharges(a: Amounts, b: Amounts): boolean {
  const nanoIn = (amounts: Amounts, resource: string): bigint => amounts.get(resource)?.nano ?? 0n;
  return [...a.keys(), ...b.keys()].every((resource) => nanoIn(a, resource) === nanoIn(b, resource));
}

/** Whether limits equal the previous ones, for every resource that they name. */
export function sameLimits(before: QuotaLimits, limits: QuotaLimits): boolean {
  return [...limits].every(
    ([resource, limit]) => comparableLimit(before.get(resource)) === comparableLimit(limit),
  );
}

/** A limit as it is compared. */
function comparableLimit(limit: QuotaLimit | undefined): bigint | 'unlimited' | undefined {
  return typeof limit === 'object' ? limit.nano : limit;
}

/**
 * The limits of the app's strings.
 *
 * @throws TypeError if a limit is negative; QuantityError if it is not a quantity.
 */
export function limitsOfDefaults(texts: LimitTexts): QuotaLimits {
  return new Map(
    Object.entries(texts).map(([resource, text]): [string, QuotaLimit] => {
      if (text === 'unlimited') return [resource, text];
      const limit = parseQuantity(text);
      if (limit.nano < 0n) throw new TypeError(`quota: the default of '${resource}' is negative`);
      return [resource, limit];
    }),
  );
}

/** Whether use and reservations exceed the limit, as after it was lowered. */
export function isOverLimit({ limit, used, reserved }: ResourceUse): boolean {
  return limit !== 'unlimited' && used.nano + reserved.nano > limit.nano;
}

/** The limit for `'unlimited'`: the largest quantity. */
const LARGEST: Quantity = { nano: MAX_NANO, format: 'decimal' };

/** The same in 10^-9 units, for adapters that compare inside the database. */
export const LARGEST_NANO = MAX_NANO;

function byResource(a: Shortfall, b: Shortfall): number {
  return a.resource < b.resource ? -1 : 1;
}
