// A user's role in one workspace.
import type { Attributes } from './attributes.js';
import type { InvitationId, UserId, WorkspaceId } from './ids.js';

/** The stored record of a membership: one role, never a list. Times are milliseconds since the epoch. */
export interface MemberRecord {
  readonly workspaceId: WorkspaceId;
  readonly userId: UserId;
  readonly role: string;
  /** The accepted invitation; `null` for the user who created the workspace, and for whom an operator added. */
  readonly invitationId: InvitationId | null;
  readonly joinedAt: number;
  /** The version of the workspace with which this membership began: another one after a removal and a return. */
  readonly joinedVersion: number;
  /**
   * The verified e-mail address that the user had at joining, as `recipientKey` returns it; `null` if there was none. An
   * invitation to this address is for this member.
   */
  readonly emailKey: string | null;
  /** The directory that added the member and alone may change or remove it; `null` for all other members. */
  readonly managedBy: string | null;
  /** What the app keeps with the membership; `null` without any. */
  readonly attributes: Attributes | null;
}
