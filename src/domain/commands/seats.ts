// Seats: what members take, what open invitations hold, and what their expiry gives back.
import { exceeds, type Facts } from '../decision.js';
import type { Happening } from '../events.js';
import { seatsHeld, statusAt, type InvitationRecord } from '../invitation.js';
import type { LimitSubject } from '../limits.js';
import type { Refused } from '../refusals.js';
import type { Snapshot } from '../snapshot.js';
import type { WorkspaceRecord } from '../workspace.js';

/** The limits of a workspace are those of its owner. */
export function ownersLimits({ workspace }: Snapshot): LimitSubject | null {
  return workspace && { ownerId: workspace.ownerId, workspaceId: workspace.id };
}

/** Open in the record and past their expiry: a command that counts seats settles them all. */
export function expired(snapshot: Snapshot, now: number): InvitationRecord[] {
  return snapshot.openInvitations.filter((invitation) => statusAt(invitation, now) === 'expired');
}

export function expiredEvent({ id: invitationId, workspaceId, expiresAt }: InvitationRecord): Happening {
  const expiredAt = new Date(expiresAt).toISOString();
  return { type: 'invitation.expired', workspaceId, data: { invitationId, expiredAt } };
}

export function seatsExceeded(
  workspace: WorkspaceRecord,
  settled: readonly InvitationRecord[],
  requested: number,
  { limits }: Facts,
): Refused | null {
  const freed = settled.reduce((seats, invitation) => seats + seatsHeld(invitation), 0);
  const current = workspace.memberCount + workspace.reservedSeats - freed;
  return exceeds('membersPerWorkspace', current, requested, limits);
}
