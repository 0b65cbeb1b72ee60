// What callers are shown of the records: frozen plain data with Dates, without what only the core needs.
import type { AccountRecord } from '../domain/account.js';
import type { ActorRef } from '../domain/actor.js';
import { deepFreeze } from '../domain/frozen.js';
import type { InvitationId, UserId, WorkspaceId } from '../domain/ids.js';
import {
  statusAt,
  type InvitationEnd,
  type InvitationRecord,
  type MaxUses,
  type Recipient,
} from '../domain/invitation.js';
import type { MemberRecord } from '../domain/member.js';
import type { WorkspaceKind, WorkspaceRecord } from '../domain/workspace.js';

/** What the library keeps of a user. */
export interface Account {
  readonly userId: UserId;
  readonly username: string;
  /** `null` where the username is shown. */
  readonly displayName: string | null;
  readonly personalWorkspaceId: WorkspaceId;
  readonly createdAt: Date;
}

/** The answer to `openAccount`. */
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
  /** Moves by one with every change in the workspace. */
  readonly version: number;
  readonly createdAt: Date;
}

/** A user's role in one workspace. */
export interface Member<Role extends string = string> {
  readonly workspaceId: WorkspaceId;
  readonly userId: UserId;
  readonly role: Role;
  readonly joinedAt: Date;
}

/** A member as others in the workspace see them. */
export interface ListedMember<Role extends string = string> extends Member<Role> {
  readonly username: string;
  /** `null` where the username is shown. */
  readonly displayName: string | null;
}

/** A workspace with the membership through which somebody sees it. */
export interface Membership<Role extends string = string> {
  readonly workspace: Workspace;
  readonly member: Member<Role>;
}

/** Where an invitation stands. */
export type InvitationStatus = 'open' | InvitationEnd;

/** What every invitation shows, however it stands. */
export interface InvitationBase<Role extends string = string> {
  readonly id: InvitationId;
  readonly workspaceId: WorkspaceId;
  readonly role: Role;
  /** `null`: whoever has the link. */
  readonly recipient: Recipient | null;
  readonly maxUses: MaxUses;
  readonly uses: number;
  /** Who vouches for the role: the last to issue a token for it. */
  readonly issuedBy: ActorRef;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** An invitation, without anything that could open it. */
export type Invitation<Role extends string = string> = InvitationBase<Role> &
  (
    | { readonly status: 'open' }
    | {
        readonly status: InvitationEnd;
        readonly endedAt: Date;
      }
  );

/** An invitation just issued: the only time that its token is seen. */
export interface IssuedInvitation<Role extends string = string> {
  readonly invitation: Invitation<Role>;
  /** Whoever has it may accept. Kept nowhere. */
  readonly token: string;
  /** The link, as the host's `invitationUrl` builds it. */
  readonly url: string;
}

/** What anyone with the token may see. */
export interface InvitationPreview<Role extends string = string> {
  readonly workspaceName: string;
  /** The display name of who issued it; `null` where the host itself did. */
  readonly invitedBy: string | null;
  readonly role: Role;
  readonly expiresAt: Date;
  readonly status: InvitationStatus;
}

/** The answer to a switch: where the user is now, and the proof of it for the host's middleware. */
export interface Session<Role extends string = string, Permission extends string = string> {
  readonly workspace: Workspace;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  /** A session token: bearer proof of user, workspace and role until `expiresAt`. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** What a session token proves. */
export interface VerifiedSession<Role extends string = string> {
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
  readonly role: Role;
  /** The version of the workspace when the token was issued. */
  readonly version: number;
  readonly expiresAt: Date;
}

/** Where a user is. */
export interface ActiveWorkspace<Role extends string = string> extends Membership<Role> {
  /** `personal`: the remembered workspace is gone, or was left. */
  readonly source: 'remembered' | 'personal';
}

/** Whether an actor may do something, and what decided. */
export interface Explanation {
  readonly allowed: boolean;
  readonly reason:
    | 'granted'
    | 'operator'
    | 'not-granted'
    | 'not-a-member'
    | 'unknown-role'
    | 'unknown-permission';
  readonly workspaceId: WorkspaceId;
  readonly permission: string;
  /** `null` for operators, and for those who are not members. */
  readonly role: string | null;
}

/** A keyset page. Items that are there throughout are each seen exactly once, whatever else comes and goes. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** For the next page; `null` on the last. */
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

export function workspaceView(record: WorkspaceRecord): Workspace {
  const { id, kind, name, ownerId, memberCount, version, createdAt } = record;
  return Object.freeze({ id, kind, name, ownerId, memberCount, version, createdAt: new Date(createdAt) });
}

export function memberView<Role extends string>(record: MemberRecord, roleOf: RoleOf<Role>): Member<Role> {
  const { workspaceId, userId, role, joinedAt } = record;
  return Object.freeze({ workspaceId, userId, role: roleOf(role), joinedAt: new Date(joinedAt) });
}

export function listedMemberView<Role extends string>(
  { member, account }: { readonly member: MemberRecord; readonly account: AccountRecord },
  roleOf: RoleOf<Role>,
): ListedMember<Role> {
  const { username, displayName } = account;
  return Object.freeze({ ...memberView(member, roleOf), username, displayName });
}

/** What {@link membershipView} shows. */
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

export function invitationView<Role extends string>(
  record: InvitationRecord,
  now: number,
  roleOf: RoleOf<Role>,
): Invitation<Role> {
  const { id, workspaceId, role, recipient, maxUses, uses, issuedBy, createdAt, expiresAt } = record;
  const base = {
    id,
    workspaceId,
    role: roleOf(role),
    recipient,
    maxUses,
    uses,
    issuedBy,
    createdAt: new Date(createdAt),
    expiresAt: new Date(expiresAt),
  };
  const status = statusAt(record, now);
  if (status === 'open') return deepFreeze({ ...base, status });
  // An expired one ended when it expired, and not when a command noticed.
  const endedAt = record.state === 'open' || record.state === 'expired' ? record.expiresAt : record.closedAt;
  return deepFreeze({ ...base, status, endedAt: new Date(endedAt) });
}

/** A stored role as one of the matrix. */
export type RoleOf<Role extends string> = (stored: string) => Role;
