// What callers see of a quota: canonical quantities as strings, by resource.
import { deepFreeze } from '../core/frozen.js';
import type { WorkspaceId } from '../core/ids.js';
import { formatQuantity } from '../core/quantity/index.js';
import { isOverLimit, type Charge, type QuotaLimit, type ResourceUse } from '../core/quota.js';

/** One resource of a workspace. Amounts are canonical quantities. */
export interface ResourceReport {
  /** A quantity, or `'unlimited'`. */
  readonly limit: string;
  /** Committed. */
  readonly used: string;
  /** Held by reservations that have not expired. */
  readonly reserved: string;
  /** Use and reservations exceed a lowered limit: nothing more is admitted, everything can be released. */
  readonly overLimit: boolean;
}

/** The quota of a workspace. */
export interface QuotaReport {
  readonly workspaceId: WorkspaceId;
  /** By name, sorted. */
  readonly resources: Readonly<Record<string, ResourceReport>>;
}

/** What one reservation holds or uses. */
export interface Reservation {
  readonly workspaceId: WorkspaceId;
  readonly reservationId: string;
  readonly state: 'reserved' | 'committed';
  /** Canonical quantities, by resource. */
  readonly amounts: Readonly<Record<string, string>>;
  /** `null` after the commit. */
  readonly expiresAt: Date | null;
}

export function quotaView(
  workspaceId: WorkspaceId,
  resources: ReadonlyMap<string, ResourceUse>,
): QuotaReport {
  return deepFreeze({ workspaceId, resources: textsOf(resources, useView) });
}

export function reservationView(workspaceId: WorkspaceId, charge: Charge): Reservation {
  const { reservationId, state, expiresAt } = charge;
  const amounts = textsOf(charge.amounts, formatQuantity);
  return deepFreeze({
    workspaceId,
    reservationId,
    state,
    amounts,
    expiresAt: state === 'committed' ? null : new Date(expiresAt),
  });
}

function useView(use: ResourceUse): ResourceReport {
  return {
    limit: limitText(use.limit),
    used: formatQuantity(use.used),
    reserved: formatQuantity(use.reserved),
    overLimit: isOverLimit(use),
  };
}

export function limitText(limit: QuotaLimit): string {
  return limit === 'unlimited' ? limit : formatQuantity(limit);
}

/** By resource, sorted by name. */
export function textsOf<Value, View>(
  values: ReadonlyMap<string, Value>,
  view: (value: Value) => View,
): Readonly<Record<string, View>> {
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([resource, value]) => [resource, view(value)]));
}
