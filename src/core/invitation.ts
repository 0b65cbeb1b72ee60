// The stored record of an invitation. A token is only a proof: the record decides.
import * as z from 'zod/mini';
import { isUser, type ActorRef, type UserActor } from './actor.js';
import { emailKey, recipientEmailSchema } from './emails.js';
import { opaqueIdSchema, type InvitationId, type UserId, type WorkspaceId } from './ids.js';
import { refuse, type Refused } from './refusals.js';

/** The recipient of an invitation: a user by id, or the user with this verified e-mail address. */
export type Recipient = { readonly userId: UserId } | { readonly email: string };

const EMAIL_PREFIX = 'email:';

/** How many users may accept an invitation. */
export type MaxUses = number | 'unlimited';

/** The claims of a verified token. Never part of the caller's input. */
export interface InvitationProof {
  readonly workspaceId: WorkspaceId;
  readonly invitationId: InvitationId;
  readonly secretHash: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** An invitation by its id. Only its recipient may answer it so. */
export interface NamedInvitation {
  /** The workspace of the invitation. */
  readonly workspaceId: WorkspaceId;
  readonly invitationId: InvitationId;
}

/** Which invitation is answered: the one that a token proves, or by its id the one for the caller. */
export type AnsweredInvitation = InvitationProof | NamedInvitation;

/** The ways in which an invitation ends. */
export type InvitationEnd = 'used' | 'revoked' | 'declined' | 'expired';

/** The fields of every invitation record, open or not. Times are milliseconds since the epoch. */
export interface InvitationRecordBase {
  readonly id: InvitationId;
  readonly workspaceId: WorkspaceId;
  readonly role: string;
  readonly recipient: Recipient | null;
  readonly maxUses: MaxUses;
  readonly uses: number;
  /** The actor who issued the current token. The role depends on the issuer's rights. */
  readonly issuedBy: ActorRef;
  /** SHA-256 of the token's secret, in hexadecimal. The secret itself is not stored. */
  readonly secretHash: string;
  readonly createdAt: number;
  readonly issuedAt: number;
  /** The version of the workspace that the issue made. Unlike times, versions of several processes can be compared. */
  readonly issuedVersion: number;
  readonly expiresAt: number;
}

/** The record of an invitation that may still be accepted until its expiry. */
export type OpenInvitationRecord = InvitationRecordBase & { readonly state: 'open' };
/** The record of an invitation that has ended. */
export type ClosedInvitationRecord = InvitationRecordBase & {
  readonly state: InvitationEnd;
  readonly closedAt: number;
};

/** The stored record of an invitation. Times are milliseconds since the epoch. */
export type InvitationRecord = OpenInvitationRecord | ClosedInvitationRecord;

export const DEFAULT_EXPIRY_SECONDS = 7 * 24 * 60 * 60;
const MIN_EXPIRY_SECONDS = 60;
const MAX_EXPIRY_SECONDS = 30 * 24 * 60 * 60;
/** Keeps the sum of reserved seats far below 2^53, and limits the damage of a typo. */
const MAX_FINITE_USES = 1_000_000;

export const recipientSchema = z.union([
  z.strictObject({ userId: opaqueIdSchema }),
  z.strictObject({ email: recipientEmailSchema }),
]);

export const maxUsesSchema = z.union([
  z.int().check(z.gte(1), z.lte(MAX_FINITE_USES)),
  z.literal('unlimited'),
]);

export const lifetimeSchema = z.int().check(z.gte(MIN_EXPIRY_SECONDS), z.lte(MAX_EXPIRY_SECONDS));

/** JWT times are whole seconds (RFC 7519 NumericDate), so every expiry is, and record and token are equal. */
export function expiryOf(now: number, seconds: number): number {
  return wholeSecond(now) + seconds * 1000;
}

function wholeSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}

/** The lifetime with which the current token was issued, in seconds. */
export function lifetimeOf({ expiresAt, issuedAt }: InvitationRecord): number {
  return (expiresAt - wholeSecond(issuedAt)) / 1000;
}

/** The status of an invitation at an instant. An open one past its expiry is expired, recorded or not. */
export function statusAt(invitation: InvitationRecord, now: number): 'open' | InvitationEnd {
  return invitation.state === 'open' && invitation.expiresAt <= now ? 'expired' : invitation.state;
}

/** Invitations in the order in which they were created. A storage may return those of a read set in any order. */
export function byCreation(a: InvitationRecord, b: InvitationRecord): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** The seats that an open invitation reserves. */
export function seatsHeld(invitation: InvitationRecord): number {
  if (invitation.state !== 'open' || invitation.maxUses === 'unlimited') return 0;
  return invitation.maxUses - invitation.uses;
}

/**
 * A recipient as it is compared: each has at most one open invitation per workspace. An address that has no form to compare
 * equals itself alone.
 *
 * For storage adapters, which find the open invitation for a recipient by this key.
 *
 * @example
 * ```ts
 * import { recipientKey } from 'tenantry';
 *
 * recipientKey({ userId: 'u1' }); // 'user:u1'
 * recipientKey({ email: 'Ben@München.example' }); // 'email:ben@xn--mnchen-3ya.example'
 * ```
 */
export function recipientKey(recipient: Recipient): string {
  if (isUser(recipient)) return `user:${recipient.userId}`;
  return `${EMAIL_PREFIX}${emailKey(recipient.email) ?? recipient.email}`;
}

/**
 * The key of an invitation among those of all workspaces: when it was created, then its workspace and its id. A comma sorts
 * before every character of a workspace's id, so the joined ids sort as the pair does.
 */
export function keyAcrossWorkspaces({
  createdAt,
  workspaceId,
  id,
}: InvitationRecord): readonly [number, string] {
  return [createdAt, `${workspaceId},${id}`];
}

/** The recipient of the `emailKey` of a member. */
export function recipientOfKey(key: string): Recipient {
  return { email: key.slice(EMAIL_PREFIX.length) };
}

/** A user as the recipient of invitations: by id and, if there is one, by verified address. */
export function recipientsOf(actor: UserActor): readonly Recipient[] {
  const { userId, email } = actor;
  return email !== undefined && verifiedEmailKey(actor) !== null ? [{ userId }, { email }] : [{ userId }];
}

/** Whether an invitation is for this user, by id or by verified address, and for no one else. */
export function isFor(recipient: Recipient | null, actor: UserActor): boolean {
  return recipient !== null && refusedRecipient(recipient, actor) === null;
}

/** The verified e-mail address of a user as it is compared; `null` without one. */
export function verifiedEmailKey({ email, emailVerified }: UserActor): string | null {
  const isVerified = emailVerified === true && email !== undefined && emailKey(email) !== null;
  return isVerified ? recipientKey({ email }) : null;
}

/** {@link verifiedEmailKey} of a user who joins, as a commit takes it. */
export function emailKeysOf(actor: UserActor): ReadonlyMap<UserId, string> {
  const key = verifiedEmailKey(actor);
  return new Map(key === null ? [] : [[actor.userId, key]]);
}

/** The refusal for a user who is not the recipient; `null` for the recipient, or without a recipient. */
export function refusedRecipient(recipient: Recipient | null, actor: UserActor): Refused | null {
  if (recipient === null) return null;
  if (isUser(recipient)) {
    return recipient.userId === actor.userId ? null : refuse('INVITATION_RECIPIENT_MISMATCH', {});
  }
  // Before the comparison: an unverified address must not learn whether it matches.
  if (actor.emailVerified !== true || actor.email === undefined) return refuse('RECIPIENT_NOT_VERIFIED', {});
  return recipientKey(recipient) === verifiedEmailKey(actor)
    ? null
    : refuse('INVITATION_RECIPIENT_MISMATCH', {});
}

/** The refusal for an invitation that has ended; `null` while it is open. */
export function refusedStatus(invitation: InvitationRecord, now: number): Refused | null {
  const status = statusAt(invitation, now);
  return status === 'open' ? null : refuse(ENDED[status], {});
}

const ENDED = {
  used: 'INVITATION_USED',
  revoked: 'INVITATION_REVOKED',
  declined: 'INVITATION_DECLINED',
  expired: 'INVITATION_EXPIRED',
} as const;
