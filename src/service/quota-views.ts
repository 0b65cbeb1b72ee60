// What callers are shown of a quota: canonical quantities as text, by resource.
import type { WorkspaceId } from '../domain/ids.js';

/** One resource of a workspace. Amounts are canonical quantities. */
export interface ResourceReport {
  /** A quantity, or `'unlimited'`. */
  readonly limit: string;
  /** Committed. */
  readonly used: string;
  /** Held by reservations that have not expired. */
  readonly reserved: string;
  /** More is taken than the limit allows, since it was lowered: nothing more is admitted, everything may be released. */
  readonly overLimit: boolean;
}

/** The quota of a workspace. */
export interface QuotaReport {
  readonly workspaceId: WorkspaceId;
  /** By name, sorted. */
  readonly resources: Readonly<Record<string, ResourceReport>>;
}

/** What one reservation takes. */
export interface Reservation {
  readonly workspaceId: WorkspaceId;
  readonly reservationId: string;
  readonly state: 'reserved' | 'committed';
  /** Canonical quantities, by resource. */
  readonly amounts: Readonly<Record<string, string>>;
  /** `null` once it is committed. */
  readonly expiresAt: Date | null;
}
