// A user's role in one workspace.
import type { InvitationId, UserId, WorkspaceId } from './ids.js';

/** The stored record of a membership: one role, never a list. Times are milliseconds since the epoch. */
export interface MemberRecord {
  readonly workspaceId: WorkspaceId;
  readonly userId: UserId;
  readonly role: string;
  /** The invitation that was accepted; `null` for who created the workspace. */
  readonly invitationId: InvitationId | null;
  readonly joinedAt: number;
}
