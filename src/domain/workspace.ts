// The unit of isolation and of consistency: everything in a workspace changes under its version.
import type { UserId, WorkspaceId } from './ids.js';

/** `personal`: one per user, never shared, never deleted. `team`: everything else. */
export type WorkspaceKind = 'personal' | 'team';

/** The stored record of a workspace. Times are milliseconds since the epoch. */
export interface WorkspaceRecord {
  readonly id: WorkspaceId;
  readonly kind: WorkspaceKind;
  readonly name: string;
  /** The name as it is compared: unique among the workspaces of one owner. */
  readonly nameKey: string;
  /** A pointer, not a count over members: so there is exactly one owner. */
  readonly ownerId: UserId;
  readonly memberCount: number;
  /** Invitations whose state is `open`, those past their expiry and not yet settled included. */
  readonly openInvitations: number;
  /** Remaining uses of those of them that have a finite number of uses. */
  readonly reservedSeats: number;
  /** Moved by one in every commit that touches the workspace, its members or its invitations. */
  readonly version: number;
  readonly createdAt: number;
}
