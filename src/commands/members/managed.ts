// Members whom a directory manages: users may not change them, because the next reconciliation would undo it.
import * as z from 'zod/mini';
import { isOperator, type Actor } from '../../core/actor.js';
import { identifierSchema } from '../../core/ids.js';
import type { MemberRecord } from '../../core/member.js';
import { refuse, type Refused } from '../../core/refusals.js';

/** A directory, as `reconcileMembers` names it. */
export const directorySchema = identifierSchema.check(
  z.meta({ description: 'The directory, by a name of yours', examples: ['directory'] }),
);

/** The refusal for a user who changes or ends the membership of a managed member; `null` for operators. */
export function refusedManaged(
  { workspaceId, userId, managedBy }: MemberRecord,
  actor: Actor,
): Refused | null {
  if (managedBy === null || isOperator(actor)) return null;
  return refuse('MEMBER_MANAGED', { workspaceId, userId, managedBy });
}
