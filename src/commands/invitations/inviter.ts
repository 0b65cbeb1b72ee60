// The rate of a user's invitations: how many the user issued within 24 hours, in all workspaces together.
import type { AccountRecord, InvitationCount } from '../../core/account.js';
import { isOperator } from '../../core/actor.js';
import { exceedsLimit, type DecisionContext } from '../../core/decision.js';
import type { ReadSet, Snapshot } from '../../core/read-set.js';
import type { Refused } from '../../core/refusals.js';
import { required } from '../../core/values.js';
import type { ReadContext } from '../define.js';

const WINDOW_MS = 24 * 60 * 60 * 1000;

/** The account that counts the actor's invitations, if they are counted. Operators act for the app, so theirs are not. */
export function countedInviter({ actor, invitationsPerActorPerDay: limit }: ReadContext): ReadSet {
  return isOperator(actor) || limit === 'unlimited' ? {} : { accounts: [actor.userId] };
}

/** The count of the actor's invitations with one more, `null` if they are not counted, or the refusal. */
export function countInvitation(
  { accounts }: Snapshot,
  { actor, now, invitationsPerActorPerDay: limit }: DecisionContext,
): { readonly ok: true; readonly counted: InvitationCount | null } | Refused {
  if (isOperator(actor) || limit === 'unlimited') return { ok: true, counted: null };
  const { invitedSince, invited } = countAt(required(accounts.get(actor.userId)), now);
  const refused = exceedsLimit('invitationsPerActorPerDay', limit, { current: invited, requested: 1 });
  return refused ?? { ok: true, counted: { invitedSince, invited: invited + 1 } };
}

/**
 * The count in the window that `now` is in; a new window begins with its first invitation. A window from the future, which
 * another process with a fast clock began, stays as it is: if it were moved back, the two clocks could take turns, and each
 * turn would begin a new window.
 */
function countAt({ invitedSince, invited }: AccountRecord, now: number): InvitationCount {
  const isOver = invited === 0 || now - invitedSince >= WINDOW_MS;
  return isOver ? { invitedSince: now, invited: 0 } : { invitedSince, invited };
}
