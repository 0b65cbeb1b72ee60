// Every reason to say no: a stable code with typed details. A refusal is a value; only the shell throws.
import type { InvitationId, UserId, WorkspaceId } from './ids.js';
import type { LimitName } from './limits.js';
import type { Shortfall } from './quota.js';

/** The details of a code that says everything by itself. */
export type NoDetails = Readonly<Record<string, never>>;

/** The details that come with each code that a decision can answer. */
export interface RefusalDetails {
  ACCOUNT_NOT_FOUND: { readonly userId: UserId };
  /** The workspace does not exist, or the caller is not a member: the answer is the same. */
  WORKSPACE_NOT_FOUND: { readonly workspaceId: WorkspaceId };
  MEMBER_NOT_FOUND: { readonly workspaceId: WorkspaceId; readonly userId: UserId };
  INVITATION_NOT_FOUND: { readonly workspaceId: WorkspaceId; readonly invitationId: InvitationId };
  /** `role` is the caller's; with `grant`, the role that it may not give, take back, or act upon. */
  PERMISSION_DENIED: {
    readonly permission: string;
    readonly role: string | null;
    readonly grant?: string;
  };
  /** A personal workspace keeps its one member, its name and its life. */
  PERSONAL_WORKSPACE: { readonly workspaceId: WorkspaceId; readonly operation: string };
  /** The owner cannot leave, be removed or be demoted: `transferOwnership` first. */
  OWNER_REQUIRED: { readonly workspaceId: WorkspaceId; readonly userId: UserId };
  ALREADY_MEMBER: { readonly workspaceId: WorkspaceId; readonly userId: UserId };
  /** `invitationId` is the open one: `reissueInvitation` makes a new token for it. */
  ALREADY_INVITED: { readonly workspaceId: WorkspaceId; readonly invitationId: InvitationId };
  /** This userId has an account under another username. */
  ACCOUNT_EXISTS: { readonly userId: UserId };
  /** The owner has another workspace of this name, compared without case and width. */
  NAME_TAKEN: { readonly name: string };
  USERNAME_TAKEN: { readonly username: string };
  ID_TAKEN: { readonly workspaceId: WorkspaceId };
  /** `current` counts what is there already: to invite, with the seats that open invitations hold; to accept, members alone. */
  LIMIT_EXCEEDED: {
    readonly which: LimitName;
    readonly limit: number;
    readonly current: number;
    readonly requested: number;
  };
  /** Unknown, malformed, wrong signature, wrong kind: all alike, so that nothing can be probed. */
  INVITATION_INVALID: NoDetails;
  INVITATION_EXPIRED: NoDetails;
  INVITATION_REVOKED: NoDetails;
  INVITATION_USED: NoDetails;
  INVITATION_DECLINED: NoDetails;
  INVITATION_RECIPIENT_MISMATCH: NoDetails;
  RECIPIENT_NOT_VERIFIED: NoDetails;
  /** Every resource that lacks, sorted by name, in canonical quantities. Nothing was charged. */
  QUOTA_EXCEEDED: { readonly shortfalls: readonly Shortfall[] };
  RESERVATION_NOT_FOUND: { readonly reservationId: string };
  /** It expired, and what it held does not fit any more. Nothing is charged. */
  RESERVATION_EXPIRED: { readonly reservationId: string };
  /** A reservation of this id holds other amounts. */
  RESERVATION_MISMATCH: { readonly reservationId: string };
  CONFIRMATION_MISMATCH: { readonly workspaceId: WorkspaceId };
}

/** A code that a decision can answer. */
export type RefusalCode = keyof RefusalDetails;

/** A domain "no": a stable code with its typed details. */
export interface Refusal<Code extends RefusalCode = RefusalCode> {
  readonly code: Code;
  readonly details: RefusalDetails[Code];
}

/** What a decision returns when it says no. */
export interface Refused<Code extends RefusalCode = RefusalCode> {
  readonly ok: false;
  readonly refusal: Refusal<Code>;
}

export function refuse<Code extends RefusalCode>(code: Code, details: RefusalDetails[Code]): Refused<Code> {
  return { ok: false, refusal: { code, details } };
}
