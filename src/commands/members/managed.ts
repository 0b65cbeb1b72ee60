// Members whom a directory manages: users may not change them, because the next reconciliation would undo it.
import { isOperator, type Actor } from '../../core/actor.js';
import type { MemberRecord } from '../../core/member.js';
import { refuse, type Refused } from '../../core/refusals.js';

/** The refusal for a user who changes or ends the membership of a managed member; `null` for operators. */
export function refusedManaged(
  { workspaceId, userId, managedBy }: MemberRecord,
  actor: Actor,
): Refused | null {
  if (managedBy === null || isOperator(actor)) return null;
  return refuse('MEMBER_MANAGED', { workspaceId, userId, managedBy });
}
