// What a reservation becomes when it is committed with the amounts that were really taken, and a charge that is resized.
import { sameActor, type ActorRef } from './actor.js';
import type { Quantity } from './quantity/index.js';
import {
  sameCharges,
  shortfallsOf,
  unlistedOf,
  type Amounts,
  type Charge,
  type ResourceUse,
  type Shortfall,
} from './quota.js';

/** A charge, and whether the sums include its amounts: those of an expired reservation are not held any more. */
export interface HeldCharge {
  readonly charge: Charge;
  readonly isHeld: boolean;
}

/** What to make of a charge. */
export interface Settlement {
  /** The new amounts. Without them, the amounts stay. */
  readonly amounts?: Amounts | undefined;
  /** Only a charge of this actor. */
  readonly onlyBy?: ActorRef | undefined;
  /** Take no more than before. */
  readonly onlyDecrease?: true | undefined;
}

/** The amounts to store if `changed`, or why they are refused. */
export type SettlementResult =
  | { readonly ok: true; readonly amounts: Amounts; readonly changed: boolean }
  | { readonly ok: false; readonly reason: 'mismatch' | 'expired' }
  | { readonly ok: false; readonly reason: 'not-yours' | 'increase' }
  | { readonly ok: false; readonly reason: 'exceeded'; readonly shortfalls: readonly Shortfall[] }
  | { readonly ok: false; readonly reason: 'unlisted'; readonly resources: readonly string[] };

/** Decides the commit of a reservation. */
export function settlementOf(
  resources: ReadonlyMap<string, ResourceUse>,
  { charge, isHeld }: HeldCharge,
  { amounts, onlyBy, onlyDecrease }: Settlement,
): SettlementResult {
  const { amounts: before, state, by } = charge;
  if (onlyBy !== undefined && !sameActor(by, onlyBy)) return { ok: false, reason: 'not-yours' };
  if (state === 'committed') {
    return amounts === undefined || sameCharges(before, amounts)
      ? { ok: true, amounts: before, changed: false }
      : { ok: false, reason: 'mismatch' };
  }
  const wanted = amounts ?? before;
  if (onlyDecrease && isIncrease(before, wanted)) return { ok: false, reason: 'increase' };
  const result = changeOf(resources, { before, held: isHeld ? before : new Map(), wanted });
  if (isHeld || result.ok) return result;
  // What was reserved does not fit any more. A name that was not reserved is an error of the caller.
  const isUnknown =
    result.reason === 'unlisted' && result.resources.some((resource) => !before.has(resource));
  return isUnknown ? result : { ok: false, reason: 'expired' };
}

/** Decides the new amounts of a committed charge: the difference to what it uses now. */
export function resizeOf(
  resources: ReadonlyMap<string, ResourceUse>,
  { amounts: before, by }: Charge,
  { amounts: wanted, onlyBy, onlyDecrease }: Settlement & { readonly amounts: Amounts },
): ResizeOutcome {
  if (onlyBy !== undefined && !sameActor(by, onlyBy)) return { ok: false, reason: 'not-yours' };
  if (sameCharges(before, wanted)) return { ok: true, amounts: before, changed: false };
  if (onlyDecrease && isIncrease(before, wanted)) return { ok: false, reason: 'increase' };
  return changeOf(resources, { before, held: before, wanted });
}

/** A charge that is resized neither expires nor mismatches. */
export type ResizeOutcome = Exclude<SettlementResult, { readonly reason: 'mismatch' | 'expired' }>;

interface Change {
  readonly before: Amounts;
  /** The part of `before` that the sums include. */
  readonly held: Amounts;
  readonly wanted: Amounts;
}

/** Only what grows must fit, so a decrease is admitted above a lowered limit. */
function changeOf(
  resources: ReadonlyMap<string, ResourceUse>,
  { before, held, wanted }: Change,
): Exclude<ResizeOutcome, { readonly reason: 'not-yours' | 'increase' }> {
  const increase = increaseOf(held, wanted);
  const unlisted = unlistedOf(resources, increase);
  if (unlisted.length > 0) return { ok: false, reason: 'unlisted', resources: unlisted };
  const shortfalls = shortfallsOf(resources, increase);
  if (shortfalls.length > 0) return { ok: false, reason: 'exceeded', shortfalls };
  return { ok: true, amounts: withRest(before, wanted), changed: true };
}

/** By how much each resource grows, and 0 of a resource that was not reserved. */
function increaseOf(held: Amounts, wanted: Amounts): Amounts {
  const increase = new Map<string, Quantity>();
  for (const [resource, { nano, format }] of wanted) {
    const before = held.get(resource);
    const more = nano - (before?.nano ?? 0n);
    if (before === undefined || more > 0n) increase.set(resource, { nano: more, format });
  }
  return increase;
}

function isIncrease(before: Amounts, wanted: Amounts): boolean {
  return [...increaseOf(before, wanted).values()].some(({ nano }) => nano > 0n);
}

/** The wanted amounts, and 0 of every other resource. */
function withRest(before: Amounts, wanted: Amounts): Amounts {
  const rest = [...before].map(([resource, { format }]): [string, Quantity] => [
    resource,
    { nano: 0n, format },
  ]);
  return new Map([...rest, ...wanted]);
}
