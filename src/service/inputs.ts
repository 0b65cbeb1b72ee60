// What each method takes, after the actor. The zod schemas of `commandSchemas` check the same shapes at run time.
import type { EventOrder } from '../domain/events.js';
import type { InvitationId, UserId, WorkspaceId } from '../domain/ids.js';
import type { MaxUses, Recipient } from '../domain/invitation.js';
import type { GrantableRole } from '../domain/permissions.js';

/** Input of `openAccount`. */
export interface OpenAccountInput {
  /** The host's own id of the person, 1 to 256 UTF-16 units. */
  readonly userId: UserId;
  /** 1 to 100 characters; unique among all accounts, compared without case and width. */
  readonly username: string;
  /** What others are shown; the username where it is left out. */
  readonly displayName?: string | undefined;
}

/** Input of `renameAccount`. */
export interface RenameAccountInput {
  /** Whose account. */
  readonly userId: UserId;
  /** The new username; the personal workspace's name follows in the same commit. */
  readonly username: string;
  /** The new display name; `null` takes it away, leaving it out keeps it. */
  readonly displayName?: string | null | undefined;
}

/** Input of `createWorkspace`. */
export interface CreateWorkspaceInput {
  /** 1 to 100 characters; unique among the owner's workspaces, compared without case and width. */
  readonly name: string;
  /** A DNS label of the caller's own making: makes a retry safe. Minted where it is left out. */
  readonly workspaceId?: WorkspaceId | undefined;
}

/** Input of the methods that need no more than a workspace. */
export interface WorkspaceInput {
  /** Which workspace. */
  readonly workspaceId: WorkspaceId;
}

/** Input of `renameWorkspace`. */
export interface RenameWorkspaceInput extends WorkspaceInput {
  /** 1 to 100 characters. */
  readonly name: string;
}

/** Input of `deleteWorkspace`. */
export interface DeleteWorkspaceInput extends WorkspaceInput {
  /** The name, as typed by the person to confirm; compared where it is given. */
  readonly confirmName?: string | undefined;
}

/** Input of the methods that act on a member. */
export interface MemberInput extends WorkspaceInput {
  /** Which member. */
  readonly userId: UserId;
}

/** Input of `changeRole`. */
export interface ChangeRoleInput<Role extends string> extends MemberInput {
  /** The role from now on. */
  readonly role: GrantableRole<Role>;
}

/** Input of `transferOwnership`. */
export interface TransferOwnershipInput<Role extends string> extends MemberInput {
  /**
   * What the former owner becomes.
   * @default the first role that the owner grants, in the order of the matrix: `manager` in the Sealos matrix
   */
  readonly formerOwnerRole?: GrantableRole<Role> | undefined;
}

/** Input of `inviteMember`. */
export interface InviteMemberInput<Role extends string> extends WorkspaceInput {
  /** The role that whoever accepts will have. */
  readonly role: GrantableRole<Role>;
  /**
   * How many may accept: 1 to 1,000,000, each with a reserved seat; or `'unlimited'`, with no seat reserved.
   * @default 1
   */
  readonly maxUses?: MaxUses | undefined;
  /**
   * The life of the link in seconds, from 60 to 2,592,000 (30 days).
   * @default 604800 (7 days)
   */
  readonly expiresInSeconds?: number | undefined;
  /** Only this person may accept; at most one open invitation per recipient and workspace. */
  readonly recipient?: Recipient | undefined;
}

/** Input of the methods that act on an invitation by its id. */
export interface InvitationInput extends WorkspaceInput {
  /** Which invitation. */
  readonly invitationId: InvitationId;
}

/** Input of the methods that take an invitation token. */
export interface TokenInput {
  /** The token, as it stands in the link. */
  readonly token: string;
}

/** Input of `verifySession`. */
export interface VerifySessionInput extends TokenInput {
  /**
   * Also ask the storage whether the membership and its role still stand.
   * @default false
   */
  readonly fresh?: boolean | undefined;
}

/** Input of `can`, `authorize` and `explain`. */
export interface PermissionInput<Permission extends string> extends WorkspaceInput {
  /** What the actor would do. */
  readonly permission: Permission;
}

/** Which page of a list. */
export interface PageInput {
  /**
   * How many items at most, from 1 to 200.
   * @default 50
   */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before; the first page where it is left out or `null`. */
  readonly cursor?: string | null | undefined;
}

/** Input of `listMembers`; the other lists of one workspace take more. */
export interface WorkspacePageInput extends WorkspaceInput, PageInput {}

/** Input of `listInvitations`. */
export interface ListInvitationsInput extends WorkspacePageInput {
  /**
   * `open`: only those that can still be accepted.
   * @default 'all'
   */
  readonly status?: 'open' | 'all' | undefined;
}

/** Which page of an audit trail. */
export interface EventPageInput extends PageInput {
  /**
   * Which event comes first. With `newest`, what happens after the first page was read is in none of the later ones. A
   * cursor belongs to the order that it came from.
   * @default 'oldest'
   */
  readonly order?: EventOrder | undefined;
}

/** Input of `listEvents`. */
export interface ListEventsInput extends WorkspaceInput, EventPageInput {}

/** Input of `listAccountEvents`. */
export interface ListAccountEventsInput extends EventPageInput {
  /** Whose account. */
  readonly userId: UserId;
}

/** Input of `setQuota`. */
export interface SetQuotaInput extends WorkspaceInput {
  /** By resource: a Kubernetes quantity from 0, where 0 means none, or `'unlimited'`. Resources not named keep theirs. */
  readonly limits: Readonly<Record<string, string>>;
}

/** Input of `commitQuota` and `releaseQuota`. */
export interface ReservationInput extends WorkspaceInput {
  /** Which reservation. */
  readonly reservationId: string;
}

/** Input of `reserveQuota` and `withQuota`. */
export interface ReserveQuotaInput extends ReservationInput {
  /** By resource: a Kubernetes quantity from 0, as `500m` or `1Gi`. All are held, or none. */
  readonly amounts: Readonly<Record<string, string>>;
  /**
   * After so many seconds the reservation holds nothing any more: 1 to 86,400.
   * @default 300
   */
  readonly ttlSeconds?: number | undefined;
}
