// The seats of a workspace in words, for pages on which people invite.
import type { WorkspaceDetails } from 'tenantry';

type Taken = Pick<WorkspaceDetails, 'seats' | 'openInvitations'>;

/** As "3 of 5 seats, 1 reserved". Open invitations reserve seats. */
export function seatsText({ used, reserved, limit }: Taken['seats']): string {
  return `${used}${ofLimit(limit)} seats, ${reserved} reserved`;
}

/** As "2 of 100 open invitations". */
export function invitationsText({ count, limit }: Taken['openInvitations']): string {
  return `${count}${ofLimit(limit)} open invitations`;
}

/** Why the next link for one person would be rejected, and what to do; `null` if it would not be. */
export function fullText({ seats, openInvitations }: Taken): string | null {
  if (isReached(openInvitations.count, openInvitations.limit)) {
    return 'The workspace has as many open invitations as it may have. Revoke one first.';
  }
  if (isReached(seats.used + seats.reserved, seats.limit)) {
    return 'The workspace is full. Remove a member or revoke an invitation first. A link without a limit can be created now, and admits people when seats are free.';
  }
  return null;
}

function isReached(current: number, limit: number | 'unlimited'): boolean {
  return limit !== 'unlimited' && current >= limit;
}

function ofLimit(limit: number | 'unlimited'): string {
  return limit === 'unlimited' ? '' : ` of ${limit}`;
}
