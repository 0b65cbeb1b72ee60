// Seats: what members occupy, what open invitations reserve, and what expiry returns.
import { exceeds, type DecisionContext } from '../../core/decision.js';
import type { NewEvent } from '../../core/events.js';
import {
  recipientKey,
  seatsHeld,
  statusAt,
  type InvitationRecord,
  type OpenInvitationRecord,
  type Recipient,
} from '../../core/invitation.js';
import type { LimitSubject } from '../../core/limits.js';
import type { Snapshot } from '../../core/read-set.js';
import type { Refused } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';

/** The limits of a workspace are those of its owner. */
export function ownersLimits({ workspace }: Snapshot): LimitSubject | null {
  return workspace && { ownerId: workspace.ownerId, workspaceId: workspace.id };
}

/** Invitations that are open in the record and past their expiry. A command that counts seats counts none of them. */
export function expired(snapshot: Snapshot, now: number): OpenInvitationRecord[] {
  return snapshot.openInvitations.filter((invitation) => statusAt(invitation, now) === 'expired');
}

/** More in one commit would delay the command and those behind it. */
const MOST_SETTLED = 100;

/**
 * Closes expired invitations in the records: the first ones, and the one for a recipient who is invited again. Later commands
 * close the rest.
 */
export function settlements(
  closed: readonly InvitationRecord[],
  recipient: Recipient | null = null,
): NewEvent[] {
  const key = recipient && recipientKey(recipient);
  const isFor = (invitation: InvitationRecord): boolean =>
    key !== null && invitation.recipient !== null && recipientKey(invitation.recipient) === key;
  const [same, others] = [closed.filter(isFor), closed.filter((invitation) => !isFor(invitation))];
  return [...same, ...others].slice(0, MOST_SETTLED).map(expiredEvent);
}

export function expiredEvent({ id: invitationId, workspaceId, expiresAt }: InvitationRecord): NewEvent {
  const expiredAt = new Date(expiresAt).toISOString();
  return { type: 'invitation.expired', workspaceId, data: { invitationId, expiredAt } };
}

export function seatsExceeded(
  workspace: WorkspaceRecord,
  closed: readonly InvitationRecord[],
  requested: number,
  { limits }: DecisionContext,
): Refused | null {
  const freed = closed.reduce((seats, invitation) => seats + seatsHeld(invitation), 0);
  const current = workspace.memberCount + workspace.reservedSeats - freed;
  return exceeds('membersPerWorkspace', current, requested, limits);
}
