// Every domain error: its code, details, kind and message. A refusal is a value; only the service throws.
import type { InvitationId, UserId, WorkspaceId } from './ids.js';
import type { LimitName } from './limits.js';
import type { Shortfall } from './quota.js';

/** The details of a code that needs none. */
export type NoDetails = Readonly<Record<string, never>>;

/** The details of each domain error, by code. */
export interface RefusalDetails {
  ACCOUNT_NOT_FOUND: { readonly userId: UserId };
  /** The workspace does not exist, or the caller is not a member: the answer is the same. */
  WORKSPACE_NOT_FOUND: { readonly workspaceId: WorkspaceId };
  /** An operator suspended the workspace: nothing can be added or spent. `reason` is `null` to non-members. */
  WORKSPACE_SUSPENDED: { readonly workspaceId: WorkspaceId; readonly reason: string | null };
  MEMBER_NOT_FOUND: { readonly workspaceId: WorkspaceId; readonly userId: UserId };
  INVITATION_NOT_FOUND: { readonly workspaceId: WorkspaceId; readonly invitationId: InvitationId };
  /** `role` is the caller's. `grant` is the role that the caller may not assign, revoke, or act on. */
  PERMISSION_DENIED: {
    readonly permission: string;
    readonly role: string | null;
    readonly grant?: string;
  };
  /** A personal workspace has one member, keeps the username as its name, and cannot be deleted. */
  PERSONAL_WORKSPACE: { readonly workspaceId: WorkspaceId; readonly operation: string };
  /** The owner cannot leave, be removed or be demoted: call `transferOwnership` first. */
  OWNER_REQUIRED: { readonly workspaceId: WorkspaceId; readonly userId: UserId };
  /** A directory manages the member: only `reconcileMembers` for `managedBy`, and operators, may change or remove it. */
  MEMBER_MANAGED: {
    readonly workspaceId: WorkspaceId;
    readonly userId: UserId;
    readonly managedBy: string;
  };
  ALREADY_MEMBER: { readonly workspaceId: WorkspaceId; readonly userId: UserId };
  /** `invitationId` is the open invitation: `reissueInvitation` creates a new token for it. */
  ALREADY_INVITED: { readonly workspaceId: WorkspaceId; readonly invitationId: InvitationId };
  /** This userId has an account with another username. */
  ACCOUNT_EXISTS: { readonly userId: UserId };
  /** The account is being closed. Call `closeAccount` again if it was interrupted; then this user can open a new account. */
  ACCOUNT_CLOSING: { readonly userId: UserId };
  /** `count` team workspaces belong to the account. `workspaceId` is one of them, `null` if it has changed hands meanwhile. */
  ACCOUNT_OWNS_WORKSPACES: {
    readonly userId: UserId;
    readonly count: number;
    readonly workspaceId: WorkspaceId | null;
  };
  /** The owner has another workspace of this name, compared without case and width. */
  NAME_TAKEN: { readonly name: string };
  USERNAME_TAKEN: { readonly username: string };
  /** With `invitationId`: the id of an invitation that has other values, or another issuer. */
  ID_TAKEN: { readonly workspaceId: WorkspaceId; readonly invitationId?: InvitationId };
  /** `current` counts what exists: to invite or transfer, members and the seats of open invitations; to accept, members alone; of the invitations of a user, those within 24 hours. */
  LIMIT_EXCEEDED: {
    readonly which: LimitName;
    readonly limit: number;
    readonly current: number;
    readonly requested: number;
  };
  /** Unknown, malformed, wrong signature, wrong kind: one code for all, so that nothing can be probed. */
  INVITATION_INVALID: NoDetails;
  INVITATION_EXPIRED: NoDetails;
  INVITATION_REVOKED: NoDetails;
  INVITATION_USED: NoDetails;
  INVITATION_DECLINED: NoDetails;
  INVITATION_RECIPIENT_MISMATCH: NoDetails;
  RECIPIENT_NOT_VERIFIED: NoDetails;
  /** Every resource that is short, sorted by name, in canonical quantities. Nothing was charged. */
  QUOTA_EXCEEDED: { readonly shortfalls: readonly Shortfall[] };
  RESERVATION_NOT_FOUND: { readonly reservationId: string };
  /** The reservation expired, and its amounts do not fit any more. Nothing is charged. */
  RESERVATION_EXPIRED: { readonly reservationId: string };
  /** A reservation of this id holds other amounts. */
  RESERVATION_MISMATCH: { readonly reservationId: string };
  /** An operator may not call this method on behalf of a user. */
  NOT_ON_BEHALF: { readonly method: string };
  /** There is no open offer of the ownership to the caller: it expired, was withdrawn or declined, or is for another. */
  OFFER_NOT_FOUND: { readonly workspaceId: WorkspaceId };
  /** The ownership is offered to `userId` already: withdraw that offer first. */
  OFFER_EXISTS: { readonly workspaceId: WorkspaceId; readonly userId: UserId };
  /** Ownership moves by consent here: call `offerOwnership`, and let the member accept. */
  CONSENT_REQUIRED: { readonly workspaceId: WorkspaceId };
  /** The name of a workspace to delete, or the username of an account to close. */
  CONFIRMATION_MISMATCH: { readonly workspaceId: WorkspaceId } | { readonly userId: UserId };
  SESSION_INVALID: NoDetails;
  SESSION_EXPIRED: NoDetails;
  /** The signature is valid, but the membership has ended or has another role. */
  SESSION_STALE: NoDetails;
}

/** The code of a domain error. */
export type RefusalCode = keyof RefusalDetails;

/** What sort of error a code is. HTTP derives the status from it. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'denied'
  | 'not-found'
  | 'conflict'
  | 'gone'
  | 'unavailable';

/** The kind of a code, and its message. */
export interface ErrorText<Details> {
  readonly kind: ErrorKind;
  /** States what is wrong and, if it is not obvious, what to do. */
  readonly message: (details: Details) => string;
}

export const refusals: { readonly [Code in RefusalCode]: ErrorText<RefusalDetails[Code]> } = {
  ACCOUNT_NOT_FOUND: { kind: 'not-found', message: () => 'the account does not exist' },
  WORKSPACE_NOT_FOUND: {
    kind: 'not-found',
    message: () => 'the workspace does not exist, or you are not a member of it',
  },
  WORKSPACE_SUSPENDED: {
    kind: 'denied',
    message: ({ reason }) => `the workspace is suspended${reason === null ? '' : `: ${reason}`}`,
  },
  MEMBER_NOT_FOUND: { kind: 'not-found', message: () => 'the user is not a member of the workspace' },
  INVITATION_NOT_FOUND: {
    kind: 'not-found',
    message: () => 'the invitation does not exist in this workspace',
  },
  PERMISSION_DENIED: {
    kind: 'denied',
    message: ({ role, permission, grant }) =>
      `${role === null ? 'an operator' : `role '${role}'`} ${
        grant === undefined ? `does not hold '${permission}'` : `may not assign or act on role '${grant}'`
      }`,
  },
  PERSONAL_WORKSPACE: {
    kind: 'conflict',
    message: ({ operation }) => `a personal workspace does not allow: ${operation}`,
  },
  OWNER_REQUIRED: {
    kind: 'conflict',
    message: () => 'the owner cannot leave, be removed or be demoted; transfer the ownership first',
  },
  MEMBER_MANAGED: {
    kind: 'conflict',
    message: ({ managedBy }) => `the directory '${managedBy}' manages this member; make the change there`,
  },
  ALREADY_MEMBER: { kind: 'conflict', message: () => 'the user is already a member of the workspace' },
  ALREADY_INVITED: {
    kind: 'conflict',
    message: () => 'this recipient already has an open invitation; reissue it for a new link',
  },
  ACCOUNT_EXISTS: {
    kind: 'conflict',
    message: () => 'this user already has an account with another username',
  },
  ACCOUNT_CLOSING: { kind: 'conflict', message: () => 'this account is being closed' },
  ACCOUNT_OWNS_WORKSPACES: {
    kind: 'conflict',
    message: ({ count }) => `the user owns ${String(count)} team workspaces; transfer or delete them first`,
  },
  NAME_TAKEN: { kind: 'conflict', message: () => 'the owner already has a workspace of this name' },
  USERNAME_TAKEN: { kind: 'conflict', message: () => 'this username is already in use' },
  ID_TAKEN: {
    kind: 'conflict',
    message: ({ invitationId }) =>
      invitationId === undefined
        ? 'this workspace id is or was in use'
        : 'this invitation id is in use for another invitation',
  },
  LIMIT_EXCEEDED: {
    kind: 'conflict',
    message: ({ which, limit, current }) =>
      `${which} is limited to ${String(limit)}, and ${String(current)} are in use`,
  },
  INVITATION_INVALID: { kind: 'invalid', message: () => 'the invitation is not valid' },
  INVITATION_EXPIRED: { kind: 'gone', message: () => 'the invitation has expired' },
  INVITATION_REVOKED: { kind: 'gone', message: () => 'the invitation was revoked' },
  INVITATION_USED: { kind: 'gone', message: () => 'the invitation has already been used' },
  INVITATION_DECLINED: { kind: 'gone', message: () => 'the invitation was declined' },
  INVITATION_RECIPIENT_MISMATCH: { kind: 'denied', message: () => 'the invitation is for another recipient' },
  RECIPIENT_NOT_VERIFIED: {
    kind: 'denied',
    message: () => 'the invitation is for an e-mail address; verify yours first',
  },
  QUOTA_EXCEEDED: {
    kind: 'conflict',
    message: ({ shortfalls }) =>
      `the quota is exceeded: ${shortfalls.map(({ resource, exceededBy }) => `${resource} by ${exceededBy}`).join(', ')}`,
  },
  RESERVATION_NOT_FOUND: {
    kind: 'not-found',
    message: () => 'the reservation does not exist in this workspace',
  },
  RESERVATION_EXPIRED: {
    kind: 'conflict',
    message: () => 'the reservation has expired, and its amounts do not fit any more',
  },
  RESERVATION_MISMATCH: {
    kind: 'conflict',
    message: () => 'a reservation of this id exists with other amounts',
  },
  NOT_ON_BEHALF: {
    kind: 'denied',
    message: ({ method }) => `an operator may not call ${method} on behalf of a user`,
  },
  OFFER_NOT_FOUND: {
    kind: 'not-found',
    message: () => 'there is no open offer of the ownership to you',
  },
  OFFER_EXISTS: {
    kind: 'conflict',
    message: () => 'the ownership is offered to another member already; withdraw that offer first',
  },
  CONSENT_REQUIRED: {
    kind: 'conflict',
    message: () => 'the new owner must consent; offer the ownership instead',
  },
  CONFIRMATION_MISMATCH: {
    kind: 'conflict',
    message: () => 'the confirmed name is not the current name',
  },
  SESSION_INVALID: { kind: 'unauthenticated', message: () => 'the session token is not valid' },
  SESSION_EXPIRED: { kind: 'unauthenticated', message: () => 'the session token has expired' },
  SESSION_STALE: {
    kind: 'unauthenticated',
    message: () => 'the membership has changed since the session token was issued',
  },
};

/** A domain error as a value: a stable code with its typed details. */
export interface Refusal<Code extends RefusalCode = RefusalCode> {
  readonly code: Code;
  readonly details: RefusalDetails[Code];
}

/** The result of a decision that refuses. */
export interface Refused<Code extends RefusalCode = RefusalCode> {
  readonly ok: false;
  readonly refusal: Refusal<Code>;
}

export function refuse<Code extends RefusalCode>(code: Code, details: RefusalDetails[Code]): Refused<Code> {
  return { ok: false, refusal: { code, details } };
}
