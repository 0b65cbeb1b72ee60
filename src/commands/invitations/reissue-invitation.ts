// Replaces the token of an open invitation; the actor becomes its issuer.
import type * as z from 'zod/mini';
import { authorizeInTeam, mayGrant } from '../../core/authorization.js';
import { expiryOf, refusedStatus, wholeSecond } from '../../core/invitation.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';
import { countInvitation, countedInviter } from './inviter.js';
import { namedInvitationInput, readNamedInvitation } from './named-invitation.js';

/** With the hash of the new secret. */
export type ReissueInvitation = z.output<typeof namedInvitationInput> & { readonly secretHash: string };

export const reissueInvitation = defineCommand({
  name: 'reissueInvitation',
  input: namedInvitationInput,
  caller: 'actor',
  errors: [
    ...addingErrors,
    'INVITATION_NOT_FOUND',
    'INVITATION_USED',
    'INVITATION_REVOKED',
    'INVITATION_DECLINED',
    'INVITATION_EXPIRED',
    'LIMIT_EXCEEDED',
  ],
  read: (command: ReissueInvitation, context) => ({
    ...countedInviter(context),
    ...readNamedInvitation(command, context),
  }),
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId, invitationId, secretHash }, context) {
    const permission = 'invitation:create';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'reissue-invitation');
    if (!authorized.ok) return authorized;
    const { invitation } = snapshot;
    if (invitation === null) return refuse('INVITATION_NOT_FOUND', { workspaceId, invitationId });
    if (!mayGrant(context.matrix, authorized.role, invitation.role)) {
      return refuse('PERMISSION_DENIED', { permission, role: authorized.role, grant: invitation.role });
    }
    const closed = refusedStatus(invitation, context.now);
    if (closed) return closed;
    const count = countInvitation(snapshot, context);
    if (!count.ok) return count;
    const lifetime = (invitation.expiresAt - wholeSecond(invitation.issuedAt)) / 1000;
    const expiresAt = new Date(expiryOf(context.now, lifetime)).toISOString();
    return {
      ok: true,
      issued: { secretHash, issuedAt: context.now },
      counted: count.counted,
      events: [{ type: 'invitation.reissued', workspaceId, data: { invitationId, expiresAt } }],
    };
  },
});
