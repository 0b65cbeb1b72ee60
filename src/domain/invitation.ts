// The stored record of an invitation. Its token is only a proof; what stands here decides.
import * as z from 'zod/mini';
import { isUser, type ActorRef, type UserActor } from './actor.js';
import { opaqueIdSchema, type InvitationId, type UserId, type WorkspaceId } from './ids.js';
import { emailKey, emailSchema } from './names.js';
import { refuse, type Refused } from './refusals.js';

/** Whom an invitation is for: a user by id, or whoever has proved this e-mail address. */
export type Recipient = { readonly userId: UserId } | { readonly email: string };

/** How many people an invitation may admit. */
export type MaxUses = number | 'unlimited';

/** The ways in which an invitation ends. */
export type InvitationEnd = 'used' | 'revoked' | 'declined' | 'expired';

/** What the record of every invitation holds, open or not. Times are milliseconds since the epoch. */
export interface InvitationRecordBase {
  readonly id: InvitationId;
  readonly workspaceId: WorkspaceId;
  readonly role: string;
  readonly recipient: Recipient | null;
  readonly maxUses: MaxUses;
  readonly uses: number;
  /** Who vouches for the role: the last to issue a token for it. */
  readonly issuedBy: ActorRef;
  /** SHA-256 of the token's secret, in hexadecimal. The secret itself is kept nowhere. */
  readonly secretHash: string;
  readonly createdAt: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The record of an invitation that may still be accepted, unless it is past its expiry. */
export type OpenInvitationRecord = InvitationRecordBase & { readonly state: 'open' };
/** The record of an invitation that has ended. */
export type ClosedInvitationRecord = InvitationRecordBase & {
  readonly state: InvitationEnd;
  readonly closedAt: number;
};

/** The stored record of an invitation. Times are milliseconds since the epoch. */
export type InvitationRecord = OpenInvitationRecord | ClosedInvitationRecord;

export const DEFAULT_EXPIRY_SECONDS = 7 * 24 * 60 * 60;
export const MIN_EXPIRY_SECONDS = 60;
export const MAX_EXPIRY_SECONDS = 30 * 24 * 60 * 60;
/** Keeps the sum of reserved seats far from 2^53, and a mistyped number from booking a whole plan. */
const MAX_FINITE_USES = 1_000_000;

export const recipientSchema = z.union([
  z.strictObject({ userId: opaqueIdSchema }),
  z.strictObject({ email: emailSchema }),
]);

export const maxUsesSchema = z.union([
  z.int().check(z.gte(1), z.lte(MAX_FINITE_USES)),
  z.literal('unlimited'),
]);

/** JWT times are whole seconds (RFC 7519 NumericDate): so is every expiry, and record and token agree exactly. */
export function expiryOf(now: number, seconds: number): number {
  return wholeSecond(now) + seconds * 1000;
}

export function wholeSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}

/** Where an invitation stands at an instant: an open one past its expiry is expired, settled or not. */
export function statusAt(invitation: InvitationRecord, now: number): 'open' | InvitationEnd {
  return invitation.state === 'open' && invitation.expiresAt <= now ? 'expired' : invitation.state;
}

/** The seats that an open invitation holds for those still to come. */
export function seatsHeld(invitation: InvitationRecord): number {
  if (invitation.state !== 'open' || invitation.maxUses === 'unlimited') return 0;
  return invitation.maxUses - invitation.uses;
}

/** The form in which recipients are compared: at most one open invitation each per workspace. */
export function recipientKey(recipient: Recipient): string {
  return isUser(recipient) ? `user:${recipient.userId}` : `email:${emailKey(recipient.email)}`;
}

/** Whether a person is whom the invitation is for; `null` when they are, or when it is for anyone. */
export function refusedRecipient(recipient: Recipient | null, actor: UserActor): Refused | null {
  if (recipient === null) return null;
  if (isUser(recipient)) {
    return recipient.userId === actor.userId ? null : refuse('INVITATION_RECIPIENT_MISMATCH', {});
  }
  // Before the comparison: an unproved address must not learn whether it would have matched.
  if (actor.emailVerified !== true || actor.email === undefined) return refuse('RECIPIENT_NOT_VERIFIED', {});
  return emailKey(recipient.email) === emailKey(actor.email)
    ? null
    : refuse('INVITATION_RECIPIENT_MISMATCH', {});
}

/** Why an invitation opens nothing (any more); `null` while it does. */
export function refusedStatus(invitation: InvitationRecord, now: number): Refused | null {
  const status = statusAt(invitation, now);
  switch (status) {
    case 'open':
      return null;
    case 'used':
      return refuse('INVITATION_USED', {});
    case 'revoked':
      return refuse('INVITATION_REVOKED', {});
    case 'declined':
      return refuse('INVITATION_DECLINED', {});
    case 'expired':
      return refuse('INVITATION_EXPIRED', {});
    default:
      return status satisfies never;
  }
}
