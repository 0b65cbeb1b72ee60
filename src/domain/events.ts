// Everything that can happen, in the past tense: the audit trail, and what listeners receive.
import type { ActorRef } from './actor.js';
import type { InvitationId, UserId, WorkspaceId } from './ids.js';
import type { MaxUses, Recipient } from './invitation.js';
import type { Shortfall } from './quota.js';
import type { WorkspaceKind } from './workspace.js';

/** Why an invitation was revoked: by somebody, or because its issuer lost the right to give its role. */
export type RevocationReason = 'revoked' | 'issuer-removed' | 'issuer-left' | 'issuer-lost-right';

/** What happened to an account: the subject is a user. */
export interface AccountEventData {
  'account.opened': {
    readonly username: string;
    readonly displayName: string | null;
    readonly personalWorkspaceId: WorkspaceId;
  };
  'account.renamed': {
    readonly from: string;
    readonly to: string;
    readonly displayName: string | null;
  };
  'account.switched': { readonly from: WorkspaceId; readonly to: WorkspaceId };
}

/** What happened in a workspace. */
export interface WorkspaceEventData {
  /** The owner is a member from here on: no `member.joined` follows for them. */
  'workspace.created': { readonly kind: WorkspaceKind; readonly name: string; readonly ownerId: UserId };
  'workspace.renamed': { readonly from: string; readonly to: string };
  /** Its members, invitations and quota are gone with it. */
  'workspace.deleted': { readonly name: string; readonly ownerId: UserId };
  /** Both roles changed with it: no `member.role-changed` follows. */
  'workspace.transferred': { readonly from: UserId; readonly to: UserId; readonly formerOwnerRole: string };
  'member.joined': { readonly userId: UserId; readonly role: string; readonly invitationId: InvitationId };
  'member.left': { readonly userId: UserId; readonly role: string };
  'member.removed': { readonly userId: UserId; readonly role: string };
  'member.role-changed': { readonly userId: UserId; readonly from: string; readonly to: string };
  /** `expiresAt` is ISO 8601. */
  'invitation.created': {
    readonly invitationId: InvitationId;
    readonly role: string;
    readonly recipient: Recipient | null;
    readonly maxUses: MaxUses;
    readonly expiresAt: string;
  };
  /** The token before this one died; `expiresAt` is ISO 8601. */
  'invitation.reissued': { readonly invitationId: InvitationId; readonly expiresAt: string };
  'invitation.accepted': {
    readonly invitationId: InvitationId;
    readonly userId: UserId;
    readonly uses: number;
  };
  'invitation.declined': { readonly invitationId: InvitationId; readonly userId: UserId };
  'invitation.revoked': { readonly invitationId: InvitationId; readonly reason: RevocationReason };
  /** Settled by a later command in the workspace; it opened nothing since `expiredAt` (ISO 8601). */
  'invitation.expired': { readonly invitationId: InvitationId; readonly expiredAt: string };
}

/** What happened to a quota. Amounts and limits are canonical quantities, by resource. */
export interface QuotaEventData {
  'quota.limits-set': { readonly limits: Readonly<Record<string, string>> };
  /** `expiresAt` is ISO 8601. */
  'quota.reserved': {
    readonly reservationId: string;
    readonly amounts: Readonly<Record<string, string>>;
    readonly expiresAt: string;
  };
  'quota.committed': { readonly reservationId: string; readonly amounts: Readonly<Record<string, string>> };
  'quota.released': { readonly reservationId: string; readonly amounts: Readonly<Record<string, string>> };
  /** Nothing was charged: the moment to show that the plan is full. */
  'quota.denied': { readonly reservationId: string; readonly shortfalls: readonly Shortfall[] };
}

/** The type of an event about a quota. */
export type QuotaEventType = keyof QuotaEventData;

/** The type of an event whose subject is a user. */
export type AccountEventType = keyof AccountEventData;
/** The type of an event whose subject is a workspace. */
export type WorkspaceEventType = keyof WorkspaceEventData;
/** The type of any event. */
export type EventType = AccountEventType | WorkspaceEventType | QuotaEventType;

/** What every event says besides its data. Plain JSON. */
export interface EventEnvelope {
  readonly id: string;
  /** The subject's version after the commit. */
  readonly version: number;
  /** The place among the subject's events of that commit, from 0. Ordered; in a workspace, without gaps. */
  readonly index: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly actor: ActorRef;
}

/** An event whose subject is a user. */
export type AccountEvent = {
  readonly [Type in AccountEventType]: EventEnvelope & {
    readonly type: Type;
    readonly userId: UserId;
    readonly data: AccountEventData[Type];
  };
}[AccountEventType];

/** An event whose subject is a workspace. */
export type WorkspaceEvent = {
  readonly [Type in WorkspaceEventType]: EventEnvelope & {
    readonly type: Type;
    readonly workspaceId: WorkspaceId;
    readonly data: WorkspaceEventData[Type];
  };
}[WorkspaceEventType];

/** What a storage keeps with the records that it changed: the audit trail. */
export type StoredEvent = AccountEvent | WorkspaceEvent;

/** From which end an audit trail is read: the oldest event first, or the newest. */
export type EventOrder = 'oldest' | 'newest';

/**
 * An event about a quota. Listeners hear it; it is not in the workspace's version chain, for the ledger is the quota
 * adapter's, and reserving must not touch the workspace.
 */
export type QuotaEvent = {
  readonly [Type in QuotaEventType]: Omit<EventEnvelope, 'version' | 'index'> & {
    readonly type: Type;
    readonly workspaceId: WorkspaceId;
    readonly data: QuotaEventData[Type];
  };
}[QuotaEventType];

/** Anything that happened. */
export type TenantryEvent = StoredEvent | QuotaEvent;

/** The event of one type. */
export type EventOf<Type extends EventType> = Extract<TenantryEvent, { readonly type: Type }>;

/** What a decision says happened, before the shell stamps who, when and under which version. */
export type Happening = {
  readonly [Type in AccountEventType | WorkspaceEventType]: Omit<EventOf<Type>, keyof EventEnvelope>;
}[AccountEventType | WorkspaceEventType];

/** What happened to a quota, before the shell stamps who and when. */
export type QuotaHappening = {
  readonly [Type in QuotaEventType]: Omit<EventOf<Type>, keyof EventEnvelope>;
}[QuotaEventType];
