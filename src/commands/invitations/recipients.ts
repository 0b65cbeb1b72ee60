// The recipient of an invitation: who needs none, and which one is open already.
import { isUser } from '../../core/actor.js';
import type { UserId } from '../../core/ids.js';
import { recipientKey, statusAt, type OpenInvitationRecord, type Recipient } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { ReadSet, Snapshot } from '../../core/read-set.js';

/** What to read besides these members to know whether the recipient is a member, or is invited already. */
export function readRecipient(
  recipient: Recipient | null | undefined,
  members: readonly UserId[],
): Pick<ReadSet, 'members' | 'recipients' | 'emailKey'> {
  if (recipient == null) return { members };
  return isUser(recipient)
    ? { members: [...members, recipient.userId], recipients: [recipient] }
    : { members, recipients: [recipient], emailKey: recipientKey(recipient) };
}

/** A member who needs no invitation: with this id, or who joined with this verified address. */
export function memberFor({ members }: Snapshot, recipient: Recipient): MemberRecord | undefined {
  if (isUser(recipient)) return members.get(recipient.userId);
  const key = recipientKey(recipient);
  return [...members.values()].find(({ emailKey }) => emailKey === key);
}

/** The invitation for this recipient that can still be accepted. */
export function openFor(
  snapshot: Snapshot,
  recipient: Recipient,
  now: number,
): OpenInvitationRecord | undefined {
  return snapshot.openInvitations.find(
    (invitation) => isSameRecipient(invitation.recipient, recipient) && statusAt(invitation, now) === 'open',
  );
}

export function isSameRecipient(one: Recipient | null, other: Recipient | null): boolean {
  if (one === null || other === null) return one === other;
  return recipientKey(one) === recipientKey(other);
}
