// All events, in the past tense: what the audit logs hold, and what listeners receive.
import type { EventActor } from './actor.js';
import type { AttributeAudience } from './attributes.js';
import type { InvitationId, UserId, WorkspaceId } from './ids.js';
import type { MaxUses, Recipient } from './invitation.js';
import type { Shortfall } from './quota.js';
import type { WorkspaceKind } from './workspace.js';

/**
 * Why an invitation was revoked: by a user or operator, because its issuer lost the right to grant its role, because its
 * recipient joined by another one, or because its recipient closed the account.
 */
export type RevocationReason =
  | 'revoked'
  | 'issuer-removed'
  | 'issuer-left'
  | 'issuer-lost-right'
  | 'recipient-joined'
  | 'recipient-closed';

/**
 * The types of the events about an account.
 *
 * @example
 * ```ts
 * import { accountEventTypes } from 'tenantry';
 *
 * accountEventTypes.includes('account.opened'); // true
 * ```
 */
export const accountEventTypes = Object.freeze([
  'account.opened',
  'account.renamed',
  'account.switched',
  'account.close-started',
  'account.closed',
  'account.erased',
] as const);

/**
 * The types of the events in a workspace.
 *
 * @example
 * ```ts
 * import { workspaceEventTypes } from 'tenantry';
 *
 * workspaceEventTypes.includes('member.joined'); // true
 * ```
 */
export const workspaceEventTypes = Object.freeze([
  'workspace.created',
  'workspace.renamed',
  'workspace.attributes-changed',
  'workspace.deleted',
  'workspace.transferred',
  'workspace.suspended',
  'workspace.resumed',
  'workspace.restored',
  'workspace.purge-started',
  'workspace.purged',
  'ownership.offered',
  'ownership.declined',
  'ownership.withdrawn',
  'member.joined',
  'member.left',
  'member.removed',
  'member.role-changed',
  'member.attributes-changed',
  'invitation.created',
  'invitation.reissued',
  'invitation.accepted',
  'invitation.declined',
  'invitation.revoked',
  'invitation.expired',
  'invitation.erased',
] as const);

/**
 * The types of the events about a quota.
 *
 * @example
 * ```ts
 * import { quotaEventTypes } from 'tenantry';
 *
 * quotaEventTypes.includes('quota.denied'); // true
 * ```
 */
export const quotaEventTypes = Object.freeze([
  'quota.limits-set',
  'quota.reserved',
  'quota.committed',
  'quota.resized',
  'quota.released',
  'quota.denied',
] as const);

/** The type of an event about an account. */
export type AccountEventType = (typeof accountEventTypes)[number];
/** The type of an event in a workspace. */
export type WorkspaceEventType = (typeof workspaceEventTypes)[number];
/** The type of an event about a quota. */
export type QuotaEventType = (typeof quotaEventTypes)[number];
/** The type of any event. */
export type EventType = AccountEventType | WorkspaceEventType | QuotaEventType;

/** The data of the events about an account. */
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
  /** From here on the user has no account. The memberships end one by one. */
  'account.close-started': Readonly<Record<string, never>>;
  /** All memberships have ended, and the username is free. */
  'account.closed': Readonly<Record<string, never>>;
  /** The names are erased from the record and from earlier events. Only `account.closed` may follow before the next account. */
  'account.erased': Readonly<Record<string, never>>;
}

/**
 * The data of the events in a workspace. Instants are `Date`s for listeners and in lists, and ISO 8601 strings in a
 * storage.
 */
export interface WorkspaceEventData<Instant = Date> {
  /** The owner is a member from here on: no `member.joined` follows for the owner. */
  'workspace.created': { readonly kind: WorkspaceKind; readonly name: string; readonly ownerId: UserId };
  'workspace.renamed': { readonly from: string; readonly to: string };
  /** The keys that were set or removed, sorted. To users, `listEvents` shows no keys of attributes for operators. */
  'workspace.attributes-changed': {
    readonly keys: readonly string[];
    readonly visibleTo: AttributeAudience;
  };
  /**
   * The members, invitations and quota are deleted with it. With `purgeAt` they are kept for a grace period, and nobody has
   * access: `workspace.restored` or `workspace.purged` follows. A personal workspace is deleted when its account is closed.
   */
  'workspace.deleted': { readonly name: string; readonly ownerId: UserId; readonly purgeAt?: Instant };
  /** All is as it was before its deletion. */
  'workspace.restored': { readonly name: string; readonly ownerId: UserId };
  /** It cannot be restored any more. */
  'workspace.purge-started': Readonly<Record<string, never>>;
  /** The last event of a workspace that was deleted with a grace period: its members, invitations and quota are deleted. */
  'workspace.purged': { readonly name: string; readonly ownerId: UserId };
  /** Both roles changed with it, and an offer of the ownership ended: no `member.role-changed` follows. */
  'workspace.transferred': { readonly from: UserId; readonly to: UserId; readonly formerOwnerRole: string };
  /** Also when the reason of a suspended workspace changed. */
  'workspace.suspended': { readonly reason: string };
  /** `reason` is that of the suspension that ended. */
  'workspace.resumed': { readonly reason: string };
  /** `invitationId`: `null` if an operator added the member. `managedBy`: the directory, if `reconcileMembers` did. */
  'member.joined': {
    readonly userId: UserId;
    readonly role: string;
    readonly invitationId: InvitationId | null;
    readonly managedBy?: string;
  };
  'ownership.offered': {
    readonly userId: UserId;
    readonly formerOwnerRole: string;
    readonly expiresAt: Instant;
  };
  'ownership.declined': { readonly userId: UserId };
  'ownership.withdrawn': { readonly userId: UserId };
  /** With a `reason`, because the account was closed. An offer of the ownership to this user ends with it. */
  'member.left': { readonly userId: UserId; readonly role: string; readonly reason?: 'account-closed' };
  /** An offer of the ownership to this user ends with it. */
  'member.removed': { readonly userId: UserId; readonly role: string };
  'member.role-changed': { readonly userId: UserId; readonly from: string; readonly to: string };
  /** As `workspace.attributes-changed`, for a member. */
  'member.attributes-changed': {
    readonly userId: UserId;
    readonly keys: readonly string[];
    readonly visibleTo: AttributeAudience;
  };
  'invitation.created': {
    readonly invitationId: InvitationId;
    readonly role: string;
    readonly recipient: Recipient | null;
    readonly maxUses: MaxUses;
    readonly expiresAt: Instant;
  };
  /** The previous token stopped working. One that had expired is open again. `role`: the new one, if it changed. */
  'invitation.reissued': {
    readonly invitationId: InvitationId;
    readonly expiresAt: Instant;
    readonly role?: string;
  };
  'invitation.accepted': {
    readonly invitationId: InvitationId;
    readonly userId: UserId;
    readonly uses: number;
  };
  'invitation.declined': { readonly invitationId: InvitationId; readonly userId: UserId };
  'invitation.revoked': { readonly invitationId: InvitationId; readonly reason: RevocationReason };
  /** Recorded by a later command in the workspace; the invitation has not worked since `expiredAt`. */
  'invitation.expired': { readonly invitationId: InvitationId; readonly expiredAt: Instant };
  /** The address of the recipient is erased from the record and from `invitation.created`. The invitation has ended. */
  'invitation.erased': { readonly invitationId: InvitationId };
}

/** The data of the events about a quota. Amounts and limits are canonical quantities, by resource. */
export interface QuotaEventData<Instant = Date> {
  'quota.limits-set': { readonly limits: Readonly<Record<string, string>> };
  'quota.reserved': {
    readonly reservationId: string;
    readonly amounts: Readonly<Record<string, string>>;
    readonly expiresAt: Instant;
  };
  'quota.committed': { readonly reservationId: string; readonly amounts: Readonly<Record<string, string>> };
  /** The new total of a committed charge. */
  'quota.resized': { readonly reservationId: string; readonly amounts: Readonly<Record<string, string>> };
  'quota.released': { readonly reservationId: string; readonly amounts: Readonly<Record<string, string>> };
  /** Nothing was charged. Use it to show that the plan is full. */
  'quota.denied': { readonly reservationId: string; readonly shortfalls: readonly Shortfall[] };
}

/** What every event has besides its data. */
export interface EventEnvelope<Instant = Date> {
  readonly id: string;
  /** The subject's version after the commit. */
  readonly version: number;
  /** The position among the subject's events of that commit, from 0. In a workspace, without gaps. */
  readonly index: number;
  readonly at: Instant;
  readonly actor: EventActor;
  /** The `requestId` of the actor, if it had one. */
  readonly requestId?: string | undefined;
}

/** An event whose subject is a user. */
export type AccountEvent<Instant = Date> = {
  readonly [Type in AccountEventType]: EventEnvelope<Instant> & {
    readonly type: Type;
    readonly userId: UserId;
    readonly data: AccountEventData[Type];
  };
}[AccountEventType];

/** An event whose subject is a workspace. */
export type WorkspaceEvent<Instant = Date> = {
  readonly [Type in WorkspaceEventType]: EventEnvelope<Instant> & {
    readonly type: Type;
    readonly workspaceId: WorkspaceId;
    readonly data: WorkspaceEventData<Instant>[Type];
  };
}[WorkspaceEventType];

/**
 * An event about a quota. Only listeners receive it: it is not in the workspace's audit log, because the ledger belongs to
 * the quota adapter, and a reservation must not change the workspace's version.
 */
export type QuotaEvent<Instant = Date> = {
  readonly [Type in QuotaEventType]: Omit<EventEnvelope<Instant>, 'version' | 'index'> & {
    readonly type: Type;
    readonly workspaceId: WorkspaceId;
    readonly data: QuotaEventData<Instant>[Type];
  };
}[QuotaEventType];

/** An event as a storage keeps it with the records that it changed: plain JSON, instants as ISO 8601 in UTC. */
export type StoredEvent = AccountEvent<string> | WorkspaceEvent<string>;

/** From which end an audit log is read: the oldest event first, or the newest. */
export type EventOrder = 'oldest' | 'newest';

/** Any event. */
export type TenantryEvent = AccountEvent | WorkspaceEvent | QuotaEvent;

/** The event of one type. */
export type EventOf<Type extends EventType> = Extract<TenantryEvent, { readonly type: Type }>;

/** The stored event of one type. */
export type StoredEventOf<Type extends StoredEvent['type']> = Extract<StoredEvent, { readonly type: Type }>;

/** What a decision returns: an event without actor, time and version, which the service adds. */
export type NewEvent = WithoutEnvelope<StoredEvent>;

/** An event about a quota, before the service adds actor and time. */
export type NewQuotaEvent = WithoutEnvelope<QuotaEvent<string>>;

type WithoutEnvelope<Event> = Event extends unknown ? Omit<Event, keyof EventEnvelope> : never;
