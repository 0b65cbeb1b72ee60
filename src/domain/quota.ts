// Admission arithmetic: what is used, held and asked for, against the limits. All resources, or none.
import type { ActorRef } from './actor.js';
import { formatQuantity, parseQuantity, type Quantity } from './quantity.js';

/** How much of each resource. */
export type Amounts = ReadonlyMap<string, Quantity>;

/** A limit of 0 means none; no limit is said aloud. */
export type QuotaLimit = Quantity | 'unlimited';

/** The limit of each resource. */
export type QuotaLimits = ReadonlyMap<string, QuotaLimit>;

/** Limits as text: quantities, or `'unlimited'`. */
export type LimitTexts = Readonly<Record<string, string>>;

/** What one resource is limited to, and what of it is taken. */
export interface ResourceUse {
  readonly limit: QuotaLimit;
  /** Committed. */
  readonly used: Quantity;
  /** Held by reservations that have not expired. */
  readonly reserved: Quantity;
}

/** What one reservation takes. */
export interface Charge {
  readonly reservationId: string;
  readonly amounts: Amounts;
  readonly state: 'reserved' | 'committed';
  /** Milliseconds since the epoch; tells nothing once it is committed. */
  readonly expiresAt: number;
  readonly by: ActorRef;
}

/** Why one resource does not suffice. Amounts are canonical strings. */
export interface Shortfall {
  readonly resource: string;
  readonly requested: string;
  readonly used: string;
  readonly reserved: string;
  readonly limit: string;
  /** How much more than the limit it would be. */
  readonly exceededBy: string;
}

/** Every resource that lacks, sorted by name; empty when all amounts are admitted. Equality is. */
export function shortfallsOf(resources: ReadonlyMap<string, ResourceUse>, amounts: Amounts): Shortfall[] {
  const found: Shortfall[] = [];
  for (const [resource, requested] of amounts) {
    const use = resources.get(resource);
    // Nothing asked for is always admitted, even where a limit was lowered below use: it increases nothing.
    if (use === undefined || requested.nano === 0n) continue;
    const { used, reserved } = use;
    // Sums are never quantities on the way: three of them may pass what a quantity can hold.
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

/** The resources asked for that have no limit, sorted. */
export function unlistedOf(
  resources: ReadonlyMap<string, unknown>,
  amounts: ReadonlyMap<string, unknown>,
): string[] {
  return [...amounts.keys()].filter((resource) => !resources.has(resource)).sort();
}

/** Whether two reservations ask for the same. */
export function sameAmounts(one: Amounts, other: Amounts): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([resource, amount]) => {
    const twin = other.get(resource);
    return twin !== undefined && twin.nano === amount.nano;
  });
}

/** Whether limits say the same as those before, of every resource that they name. */
export function sameLimits(before: QuotaLimits, limits: QuotaLimits): boolean {
  return [...limits].every(([resource, limit]) => sizeOf(before.get(resource)) === sizeOf(limit));
}

/** What tells one limit from another. */
function sizeOf(limit: QuotaLimit | undefined): bigint | 'unlimited' | undefined {
  return typeof limit === 'object' ? limit.nano : limit;
}

/**
 * The limits that a host's texts stand for.
 *
 * @throws TypeError when a limit is negative; QuantityError when it is no quantity.
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

/** Whether more is taken than the limit allows: after it was lowered. */
export function isOverLimit({ limit, used, reserved }: ResourceUse): boolean {
  return limit !== 'unlimited' && used.nano + reserved.nano > limit.nano;
}

/** What `'unlimited'` comes to: more than this no quantity can say. */
const LARGEST = parseQuantity(String(2n ** 63n - 1n));

/** The same in 10^-9 units, for adapters that compare where the sums are. */
export const LARGEST_NANO: bigint = LARGEST.nano;

function byResource(one: Shortfall, other: Shortfall): number {
  return one.resource < other.resource ? -1 : 1;
}
