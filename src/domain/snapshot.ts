// What a command looks at: the slice it asks for, and the snapshot it gets.
import type { AccountRecord } from './account.js';
import type { InvitationId, UserId, WorkspaceId } from './ids.js';
import type { InvitationRecord, OpenInvitationRecord, Recipient } from './invitation.js';
import type { MemberRecord } from './member.js';
import type { WorkspaceRecord } from './workspace.js';

/**
 * Which records a decision needs. Everything but `accounts` lies in the one workspace of the slice;
 * a storage looks there and nowhere else.
 */
export interface Slice {
  /** The workspace itself, or the tombstone of its id. */
  readonly workspaceId?: WorkspaceId;
  /** Instead of `workspaceId`: the personal workspace of this user, and their account. */
  readonly personalWorkspaceOf?: UserId;
  readonly accounts?: readonly UserId[];
  readonly members?: readonly UserId[];
  /** Also the membership and the account of the workspace's owner. */
  readonly owner?: true;
  /** This invitation, with the membership and the account of its issuer. */
  readonly invitationId?: InvitationId;
  /** The open invitations that this user issued. */
  readonly issuedBy?: UserId;
  /** The open invitations that the workspace's owner issued. */
  readonly issuedByOwner?: true;
  /** The open invitation for this recipient. */
  readonly recipient?: Recipient;
  /** The open invitations that expired at or before this instant, in milliseconds since the epoch. */
  readonly expiredAt?: number;
}

/** The records of a slice, as they stood together at one instant. */
export interface Snapshot {
  readonly workspace: WorkspaceRecord | null;
  /** The id belonged to a workspace that was deleted; it is never given out again. */
  readonly tombstone: boolean;
  readonly accounts: ReadonlyMap<UserId, AccountRecord>;
  readonly members: ReadonlyMap<UserId, MemberRecord>;
  /** The one of `invitationId`. */
  readonly invitation: InvitationRecord | null;
  /** Those of `issuedBy`, `issuedByOwner`, `recipient` and `expiredAt`, each once. */
  readonly openInvitations: readonly OpenInvitationRecord[];
}
