// Joins the workspace of an invitation.
import { isUser, type UserActor } from '../../core/actor.js';
import { mayInvite } from '../../core/authorization.js';
import { exceeds, nothingToDo } from '../../core/decision.js';
import { roleGiven } from '../../core/departure.js';
import {
  isFor,
  recipientsOf,
  refusedRecipient,
  refusedStatus,
  emailKeysOf,
  type AnsweredInvitation,
} from '../../core/invitation.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue, type ReadContext } from '../define.js';
import { answerErrors } from '../error-codes.js';
import { answerInput, matchInvitation } from './proof.js';
import { ended } from './revocations.js';
import { expired, ownersLimits, seatsExceeded, settlements } from './seats.js';

export const acceptInvitation = defineCommand({
  name: 'acceptInvitation',
  input: answerInput,
  caller: 'user',
  errors: [...answerErrors, 'INVITATION_DECLINED', 'LIMIT_EXCEEDED', 'WORKSPACE_SUSPENDED'],
  read: ({ workspaceId, invitationId }: AnsweredInvitation, { actor, now }: ReadContext<UserActor>) => ({
    workspaceId,
    members: [actor.userId],
    accounts: [actor.userId],
    invitationId,
    recipients: recipientsOf(actor),
    departuresOf: [actor.userId],
    expiredAt: now,
  }),
  queueKey: workspaceQueue,
  limitedBy: ownersLimits,
  decide(snapshot, answered, context) {
    const match = matchInvitation(snapshot, answered, context);
    if (!match.ok) return match;
    const { workspace, invitation } = match;
    const { workspaceId } = answered;
    const { userId } = context.actor;
    const member = snapshot.members.get(userId);
    // Before the recipient is compared: a member who joined by it stays a member after a change of e-mail address.
    if (member?.invitationId === invitation.id) return nothingToDo;
    const mismatch = refusedRecipient(invitation.recipient, context.actor);
    if (mismatch) return mismatch;
    if (member !== undefined) return refuse('ALREADY_MEMBER', { workspaceId, userId });
    const over = refusedStatus(invitation, context.now);
    if (over) return over;
    // Without the reason, which is for members.
    if (workspace.suspendedFor !== null) return refuse('WORKSPACE_SUSPENDED', { workspaceId, reason: null });
    const issuer = isUser(invitation.issuedBy) ? invitation.issuedBy.userId : null;
    const issuerRole = issuer === null ? null : snapshot.members.get(issuer)?.role;
    const role = roleGiven(context.matrix, invitation, snapshot.departures.get(userId) ?? null);
    // The matrix may have changed since the invitation was issued: then its issuer may no longer issue it.
    if (
      issuerRole === undefined ||
      role === null ||
      !mayInvite(context.matrix, issuerRole, invitation.role) ||
      !mayInvite(context.matrix, issuerRole, role)
    ) {
      return refuse('INVITATION_REVOKED', {});
    }
    // The others for this user, who needs one seat alone. All end here, expired or not: none may be open for a member.
    const own = snapshot.openInvitations.filter(
      (open) => open.id !== invitation.id && isFor(open.recipient, context.actor),
    );
    const closed = expired(snapshot, context.now).filter((open) => !own.includes(open));
    const full =
      invitation.maxUses === 'unlimited'
        ? seatsExceeded(workspace, [...closed, ...own], 1, context)
        : // The seat is reserved; only a limit that was lowered since then can refuse it.
          exceeds('membersPerWorkspace', workspace.memberCount, 1, context.limits);
    if (full) return full;
    return {
      ok: true,
      events: [
        ...settlements(closed),
        ...own.map((open) => ended(open, context.now, 'recipient-joined')),
        {
          type: 'invitation.accepted',
          workspaceId,
          data: { invitationId: invitation.id, userId, uses: invitation.uses + 1 },
        },
        {
          type: 'member.joined',
          workspaceId,
          data: { userId, role, invitationId: invitation.id },
        },
      ],
      emailKeys: emailKeysOf(context.actor),
    };
  },
});
