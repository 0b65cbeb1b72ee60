// Ends an open invitation and frees its seats.
import { authorizeInTeam, mayActOn } from '../../core/authorization.js';
import { nothingToDo } from '../../core/decision.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { teamErrors } from '../error-codes.js';
import { namedInvitationInput, readNamedInvitation } from './named-invitation.js';
import { ended } from './revocations.js';

export const revokeInvitation = defineCommand({
  name: 'revokeInvitation',
  input: namedInvitationInput,
  caller: 'actor',
  errors: [...teamErrors, 'INVITATION_NOT_FOUND', 'INVITATION_USED'],
  read: readNamedInvitation,
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId, invitationId }, context) {
    const permission = 'invitation:revoke';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'revoke-invitation');
    if (!authorized.ok) return authorized;
    const { invitation } = snapshot;
    if (invitation === null) return refuse('INVITATION_NOT_FOUND', { workspaceId, invitationId });
    if (!mayActOn(context.matrix, authorized.role, invitation.role)) {
      return refuse('PERMISSION_DENIED', { permission, role: authorized.role, grant: invitation.role });
    }
    // If it was used, say so: a person has joined. If it ended otherwise, revoking is a no-op.
    if (invitation.state === 'used') return refuse('INVITATION_USED', {});
    if (invitation.state !== 'open') return nothingToDo;
    return { ok: true, events: [ended(invitation, context.now, 'revoked')] };
  },
});
