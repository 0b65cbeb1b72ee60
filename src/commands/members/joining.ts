// How a user becomes a member without an invitation, by `addMember` or `reconcileMembers`.
import type { UserActor } from '../../core/actor.js';
import type { DecisionContext } from '../../core/decision.js';
import type { NewEvent } from '../../core/events.js';
import { isFor } from '../../core/invitation.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse, type Refused } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import { ended } from '../invitations/revocations.js';
import { expired, seatsExceeded } from '../invitations/seats.js';

/** The user as one who joins: an operator answers for the address. */
export function joinerOf({
  userId,
  email,
}: {
  readonly userId: string;
  readonly email?: string | undefined;
}): UserActor {
  return email === undefined ? { userId } : { userId, email, emailVerified: true };
}

/** The events of a user with an open account who joins, or the refusal without a seat. */
export function joining(
  snapshot: Snapshot,
  workspace: WorkspaceRecord,
  {
    joiner,
    role,
    managedBy,
  }: { readonly joiner: UserActor; readonly role: string; readonly managedBy?: string },
  context: DecisionContext,
): { readonly ok: true; readonly events: readonly NewEvent[] } | Refused {
  const { userId } = joiner;
  if (!snapshot.accounts.has(userId)) return refuse('ACCOUNT_NOT_FOUND', { userId });
  // As for one who accepts: none may be open for a member, expired or not.
  const own = snapshot.openInvitations.filter((open) => isFor(open.recipient, joiner));
  const closed = expired(snapshot, context.now).filter((open) => !own.includes(open));
  const full = seatsExceeded(workspace, [...closed, ...own], 1, context);
  if (full) return full;
  const data = { userId, role, invitationId: null, ...(managedBy !== undefined && { managedBy }) };
  return {
    ok: true,
    events: [
      ...own.map((open) => ended(open, context.now, 'recipient-joined')),
      { type: 'member.joined', workspaceId: workspace.id, data },
    ],
  };
}
