// Declines an invitation for one person, which ends it.
import type { UserActor } from '../../core/actor.js';
import { nothingToDo } from '../../core/decision.js';
import { refusedRecipient, refusedStatus, type AnsweredInvitation } from '../../core/invitation.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue, type ReadContext } from '../define.js';
import { answerErrors } from '../error-codes.js';
import { answerInput, matchInvitation } from './proof.js';

export const declineInvitation = defineCommand({
  name: 'declineInvitation',
  input: answerInput,
  caller: 'user',
  errors: answerErrors,
  read: ({ workspaceId, invitationId }: AnsweredInvitation, { actor }: ReadContext<UserActor>) => ({
    workspaceId,
    members: [actor.userId],
    accounts: [actor.userId],
    invitationId,
  }),
  queueKey: workspaceQueue,
  decide(snapshot, answered, context) {
    const match = matchInvitation(snapshot, answered, context);
    if (!match.ok) return match;
    const { invitation } = match;
    const { workspaceId } = answered;
    const { userId } = context.actor;
    const mismatch = refusedRecipient(invitation.recipient, context.actor);
    if (mismatch) return mismatch;
    if (snapshot.members.has(userId)) return refuse('ALREADY_MEMBER', { workspaceId, userId });
    if (invitation.state === 'declined') return nothingToDo;
    const ended = refusedStatus(invitation, context.now);
    if (ended) return ended;
    // A link for several people stays open: one person must not close it for the others.
    if (invitation.maxUses !== 1) return nothingToDo;
    return {
      ok: true,
      events: [{ type: 'invitation.declined', workspaceId, data: { invitationId: invitation.id, userId } }],
    };
  },
});
