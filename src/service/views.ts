// What callers see of the records: frozen plain data with Dates, without internal fields.
import type { AccountRecord, AccountStatus } from '../core/account.js';
import { isOperator, type Actor } from '../core/actor.js';
import { attributesFor, type Attributes } from '../core/attributes.js';
import type { JsonObject } from '../core/json.js';
import type { UserId, WorkspaceId } from '../core/ids.js';
import type { Limit } from '../core/limits.js';
import type { MemberRecord } from '../core/member.js';
import { required } from '../core/values.js';
import {
  openOffer,
  statusOf,
  type WorkspaceKind,
  type WorkspaceRecord,
  type WorkspaceStatus,
} from '../core/workspace.js';

/** An account. */
export interface Account {
  readonly userId: UserId;
  readonly username: string;
  /** `null`: show the username. */
  readonly displayName: string | null;
  readonly personalWorkspaceId: WorkspaceId;
  readonly createdAt: Date;
}

/** An account as operators find it. */
export interface FoundAccount extends Account {
  /** `closing`: `closeAccount` has not finished. `closed`: only the record and the audit log are left. */
  readonly status: AccountStatus;
  /** The team workspaces that the user owns. */
  readonly ownedTeams: number;
}

/** The result of `openAccount`. */
export interface OpenedAccount {
  readonly account: Account;
  /** The personal workspace. */
  readonly workspace: Workspace;
}

/** A workspace. */
export interface Workspace {
  readonly id: WorkspaceId;
  readonly kind: WorkspaceKind;
  readonly name: string;
  readonly ownerId: UserId;
  readonly memberCount: number;
  /**
   * `suspended`: nothing can be added or spent, until an operator resumes the workspace. `deleted`: it can be restored, and
   * only its owner and operators see it. `purging`: it cannot be restored any more, and only operators see it.
   */
  readonly status: WorkspaceStatus;
  /** The reason of the suspension, which a deleted workspace keeps; `null` without one. */
  readonly suspendedFor: string | null;
  /** Increments with every change in the workspace. */
  readonly version: number;
  readonly createdAt: Date;
  /** What the app keeps with the workspace, without the attributes for operators; empty without any. */
  readonly attributes: JsonObject;
}

/** A workspace as operators find it. */
export interface FoundWorkspace extends Workspace {
  /** `null` unless it is deleted. */
  readonly deletedAt: Date | null;
  /** From then on `purgeWorkspaces` deletes it for good; `null` unless it is deleted. */
  readonly purgeAt: Date | null;
  /** The attributes that only operators see. */
  readonly operatorAttributes: JsonObject;
}

/** A deleted workspace that its owner can restore. */
export interface DeletedWorkspace extends Workspace {
  readonly deletedAt: Date;
  /** From then on `purgeWorkspaces` deletes it for good. Until it does, it can be restored. */
  readonly purgeAt: Date;
}

/** The result of `purgeWorkspaces`. */
export interface PurgedWorkspaces {
  /** The workspaces that this call has deleted for good, in the order of their `purgeAt`. */
  readonly purged: readonly WorkspaceId[];
  /** Whether more are due: call again. */
  readonly hasMore: boolean;
}

/** The result of `getWorkspace`: a workspace with what it holds of the limits, as for a page that invites members. */
export interface WorkspaceDetails<Role extends string = string> extends Workspace {
  /** The attributes that only operators see; `null` to users. */
  readonly operatorAttributes: JsonObject | null;
  /** The open offer of the ownership; `null` without one. */
  readonly ownershipOffer: OwnershipOffer<Role> | null;
  /** As `LIMIT_EXCEEDED` counts them: an invitation needs `used + reserved` and its own uses to be within `limit`. */
  readonly seats: {
    /** Members. */
    readonly used: number;
    /** Uses that are left of open invitations. An invitation with unlimited uses reserves none. */
    readonly reserved: number;
    /** `membersPerWorkspace` of the owner; 1 for a personal workspace. */
    readonly limit: Limit;
  };
  readonly openInvitations: {
    /** Invitations that can still be accepted. */
    readonly count: number;
    /** `openInvitationsPerWorkspace` of the owner; 0 for a personal workspace. */
    readonly limit: Limit;
  };
}

/** An open offer of the ownership of a workspace to one of its members. */
export interface OwnershipOffer<Role extends string = string> {
  readonly workspaceId: WorkspaceId;
  /** The member who may accept it. */
  readonly userId: UserId;
  /** The role that the present owner gets when it is accepted. */
  readonly formerOwnerRole: Role;
  readonly expiresAt: Date;
}

/** A user's role in one workspace. */
export interface Member<Role extends string = string> {
  readonly workspaceId: WorkspaceId;
  readonly userId: UserId;
  readonly role: Role;
  readonly joinedAt: Date;
  /** The directory that manages the member, by `reconcileMembers`; `null` for all other members. */
  readonly managedBy: string | null;
  /** What the app keeps with the membership, without the attributes for operators; empty without any. */
  readonly attributes: JsonObject;
}

/** A member as other members see it. */
export interface ListedMember<Role extends string = string> extends Member<Role> {
  readonly username: string;
  /** `null`: show the username. */
  readonly displayName: string | null;
  /** The attributes that only operators see; `null` to users. */
  readonly operatorAttributes: JsonObject | null;
}

/** The attributes after `updateAttributes`. */
export interface UpdatedAttributes {
  /** Those that members see. */
  readonly attributes: JsonObject;
  /** Those that only operators see; `null` to users. */
  readonly operatorAttributes: JsonObject | null;
}

/** A workspace and the user's membership in it. */
export interface Membership<Role extends string = string> {
  readonly workspace: Workspace;
  readonly member: Member<Role>;
}

/** The result of `switchWorkspace`: the active workspace, and a session token for your middleware. */
export interface Session<Role extends string = string, Permission extends string = string> {
  readonly workspace: Workspace;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  /** A bearer token for user, workspace and role, valid until `expiresAt`. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** The claims of a session token. */
export interface VerifiedSession<Role extends string = string> {
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
  readonly role: Role;
  /** The version of the workspace when the token was issued. */
  readonly version: number;
  /** When the user signed in. Pass it on in the actor, so that no switch extends the session. */
  readonly signedInAt: Date;
  readonly expiresAt: Date;
}

/** The active workspace of a user. */
export interface ActiveWorkspace<Role extends string = string> extends Membership<Role> {
  /** `personal`: the workspace last switched to was deleted or left. */
  readonly source: 'remembered' | 'personal';
}

/** Whether an actor holds a permission, and why. */
export interface Explanation {
  readonly allowed: boolean;
  readonly reason:
    | 'granted'
    | 'operator'
    | 'not-granted'
    | 'not-a-member'
    | 'unknown-role'
    | 'unknown-permission'
    | 'suspended'
    | 'not-on-behalf';
  readonly workspaceId: WorkspaceId;
  readonly permission: string;
  /** `null` for operators and non-members. */
  readonly role: string | null;
  /** Why the workspace is suspended; `null` if it is not, and for non-members. */
  readonly suspendedFor: string | null;
}

/** A keyset page. An item that exists throughout is returned exactly once, even if others change in between. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; `null` on the last page. */
  readonly nextCursor: string | null;
}

export function accountView(record: AccountRecord): Account {
  const { userId, username, displayName, personalWorkspaceId, createdAt } = record;
  return Object.freeze({
    userId,
    username,
    displayName,
    personalWorkspaceId,
    createdAt: new Date(createdAt),
  });
}

export function foundAccountView(record: AccountRecord): FoundAccount {
  const { status, ownedTeams } = record;
  return Object.freeze({ ...accountView(record), status, ownedTeams });
}

export function workspaceView(record: WorkspaceRecord): Workspace {
  const { id, kind, name, ownerId, memberCount, suspendedFor, version, createdAt, attributes } = record;
  return Object.freeze({
    id,
    kind,
    name,
    ownerId,
    memberCount,
    status: statusOf(record),
    suspendedFor,
    version,
    createdAt: new Date(createdAt),
    attributes: attributesFor(attributes, 'members'),
  });
}

export function foundWorkspaceView(record: WorkspaceRecord): FoundWorkspace {
  const { deletion, attributes } = record;
  return Object.freeze({
    ...workspaceView(record),
    deletedAt: deletion && new Date(deletion.deletedAt),
    purgeAt: deletion && new Date(deletion.purgeAt),
    operatorAttributes: attributesFor(attributes, 'operators'),
  });
}

export function deletedWorkspaceView(record: WorkspaceRecord): DeletedWorkspace {
  const { deletedAt, purgeAt } = required(record.deletion);
  return Object.freeze({
    ...workspaceView(record),
    deletedAt: new Date(deletedAt),
    purgeAt: new Date(purgeAt),
  });
}

export function offerView<Role extends string>(
  workspace: WorkspaceRecord,
  now: number,
  roleOf: RoleOf<Role>,
): OwnershipOffer<Role> | null {
  const offer = openOffer(workspace, now);
  if (offer === null) return null;
  const { userId, formerOwnerRole, expiresAt } = offer;
  return Object.freeze({
    workspaceId: workspace.id,
    userId,
    formerOwnerRole: roleOf(formerOwnerRole),
    expiresAt: new Date(expiresAt),
  });
}

export function memberView<Role extends string>(record: MemberRecord, roleOf: RoleOf<Role>): Member<Role> {
  const { workspaceId, userId, role, joinedAt, managedBy, attributes } = record;
  return Object.freeze({
    workspaceId,
    userId,
    role: roleOf(role),
    joinedAt: new Date(joinedAt),
    managedBy,
    attributes: attributesFor(attributes, 'members'),
  });
}

export function listedMemberView<Role extends string>(
  { member, account }: { readonly member: MemberRecord; readonly account: AccountRecord },
  actor: Actor,
  roleOf: RoleOf<Role>,
): ListedMember<Role> {
  const { username, displayName } = account;
  return Object.freeze({
    ...memberView(member, roleOf),
    username,
    displayName,
    operatorAttributes: operatorAttributesFor(actor, member.attributes),
  });
}

/** The records of a {@link Membership}. */
export interface MembershipRecords {
  readonly workspace: WorkspaceRecord;
  readonly member: MemberRecord;
}

export function membershipView<Role extends string>(
  { workspace, member }: MembershipRecords,
  roleOf: RoleOf<Role>,
): Membership<Role> {
  return Object.freeze({ workspace: workspaceView(workspace), member: memberView(member, roleOf) });
}

/** The attributes for operators alone; `null` for users. */
export function operatorAttributesFor(actor: Actor, attributes: Attributes | null): JsonObject | null {
  return isOperator(actor) ? attributesFor(attributes, 'operators') : null;
}

/** Types a stored role as a role of the matrix. */
export type RoleOf<Role extends string> = (stored: string) => Role;
