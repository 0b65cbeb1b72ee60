// The unit of isolation and consistency: every change in a workspace increments its version.
import type { Attributes } from './attributes.js';
import type { UserId, WorkspaceId } from './ids.js';

/** `personal`: one per user, never shared, and deleted with its account alone. `team`: every other workspace. */
export type WorkspaceKind = 'personal' | 'team';

/** An offer of the ownership to a member. */
export interface OwnershipOfferRecord {
  readonly userId: UserId;
  /** The role that the owner gets when it is accepted. */
  readonly formerOwnerRole: string;
  /** Milliseconds since the epoch. From then on it cannot be accepted. */
  readonly expiresAt: number;
}

/** The offer that can be accepted at an instant; `null` without one. */
export function openOffer(
  { offer }: Pick<WorkspaceRecord, 'offer'>,
  now: number,
): OwnershipOfferRecord | null {
  return offer !== null && now < offer.expiresAt ? offer : null;
}

/** The deletion of a workspace that still has its records. */
export interface DeletionRecord {
  /** Milliseconds since the epoch. */
  readonly deletedAt: number;
  /** Milliseconds since the epoch. From then on it may be purged; until it is, it can be restored. */
  readonly purgeAt: number;
  /** The purge has begun: it cannot be restored any more. */
  readonly isPurging: boolean;
}

/**
 * Every status of a workspace.
 *
 * @example
 * ```ts
 * import { workspaceStatuses } from 'tenantry';
 *
 * workspaceStatuses.includes('suspended'); // true
 * ```
 */
export const workspaceStatuses = Object.freeze(['active', 'suspended', 'deleted', 'purging'] as const);

/**
 * What may be done in a workspace. `active`: everything. `suspended`: only what neither adds nor spends. `deleted`: nothing
 * but restoring it. `purging`: nothing; its records are about to be deleted.
 */
export type WorkspaceStatus = (typeof workspaceStatuses)[number];

/**
 * The status of a stored workspace, by which operators find it.
 *
 * For storage adapters.
 *
 * @example
 * ```ts
 * import { workspaceStatusOf } from 'tenantry';
 *
 * workspaceStatusOf({ suspendedFor: 'unpaid', deletion: null }); // 'suspended'
 * ```
 */
export function statusOf({
  suspendedFor,
  deletion,
}: Pick<WorkspaceRecord, 'suspendedFor' | 'deletion'>): WorkspaceStatus {
  if (deletion !== null) return deletion.isPurging ? 'purging' : 'deleted';
  return suspendedFor === null ? 'active' : 'suspended';
}

/** The stored record of a workspace. Times are milliseconds since the epoch. */
export interface WorkspaceRecord {
  readonly id: WorkspaceId;
  readonly kind: WorkspaceKind;
  readonly name: string;
  /** The name as it is compared; unique among the workspaces of one owner. */
  readonly nameKey: string;
  /** A pointer, not a role count, so that there is exactly one owner. */
  readonly ownerId: UserId;
  readonly memberCount: number;
  /** Invitations in state `open`, including expired ones that are not yet recorded as expired. */
  readonly openInvitations: number;
  /** The sum of remaining uses over open invitations with a finite `maxUses`. */
  readonly reservedSeats: number;
  /** Why an operator suspended the workspace; `null` while it is active. */
  readonly suspendedFor: string | null;
  /** The owner's offer of the ownership; `null` without one. An expired one is no longer open. */
  readonly offer: OwnershipOfferRecord | null;
  /** Set while a deleted workspace can be restored, and while it is purged; otherwise `null`. */
  readonly deletion: DeletionRecord | null;
  /** What the app keeps with the workspace; `null` without any. */
  readonly attributes: Attributes | null;
  /** Incremented by every commit that changes the workspace, its members or its invitations. */
  readonly version: number;
  readonly createdAt: number;
}
