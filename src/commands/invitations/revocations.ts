// The revocations that follow when an issuer loses the right to an invitation.
import { isUser } from '../../core/actor.js';
import { mayInvite } from '../../core/authorization.js';
import type { DecisionContext } from '../../core/decision.js';
import type { NewEvent, RevocationReason } from '../../core/events.js';
import type { UserId } from '../../core/ids.js';
import { byCreation, statusAt, type OpenInvitationRecord } from '../../core/invitation.js';
import type { Snapshot } from '../../core/read-set.js';
import { expiredEvent } from './seats.js';

/**
 * Revokes the open invitations that a member issued and may no longer issue, in the commit that takes the right.
 * `role` is the member's role afterwards, `null` for none. Also revokes the `links` that the caller closes.
 */
export function revocations(
  snapshot: Snapshot,
  context: DecisionContext,
  issuer: UserId,
  after: {
    readonly role: string | null;
    readonly reason: RevocationReason;
    readonly links: readonly OpenInvitationRecord[];
  },
): NewEvent[] {
  const { role, reason, links } = after;
  const lost = lostInvitations(snapshot, context, issuer, role);
  return [
    ...lost.map((invitation) => ended(invitation, context.now, reason)),
    ...links
      .filter((link) => !lost.includes(link))
      .map((invitation) => ended(invitation, context.now, 'revoked')),
  ];
}

/** The open invitations that a member issued and may not issue with this role, `null` for none. */
export function lostInvitations(
  { openInvitations }: Snapshot,
  { matrix }: DecisionContext,
  issuer: UserId,
  role: string | null,
): OpenInvitationRecord[] {
  return openInvitations
    .filter(({ issuedBy }) => isUser(issuedBy) && issuedBy.userId === issuer)
    .filter((invitation) => role === null || !mayInvite(matrix, role, invitation.role))
    .sort(byCreation);
}

/**
 * Ends an open invitation: as expired if it is past its expiry, else as revoked. It is ended in the record in both cases,
 * because another process, whose clock is behind, may still count it as open.
 */
export function ended(invitation: OpenInvitationRecord, now: number, reason: RevocationReason): NewEvent {
  if (statusAt(invitation, now) === 'expired') return expiredEvent(invitation);
  const { id: invitationId, workspaceId } = invitation;
  return { type: 'invitation.revoked', workspaceId, data: { invitationId, reason } };
}
