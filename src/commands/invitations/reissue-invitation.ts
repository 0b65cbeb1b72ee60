// Replaces the token of an open or expired invitation, and its role if asked; the actor becomes its issuer.
import * as z from 'zod/mini';
import { authorizeInTeam, isInside, mayGrant, selfOf } from '../../core/authorization.js';
import { exceeds, type DecisionContext } from '../../core/decision.js';
import { isErased } from '../../core/erase.js';
import type { NewEvent } from '../../core/events.js';
import { identifierSchema, invitationIdSchema, workspaceIdSchema } from '../../core/ids.js';
import {
  expiryOf,
  lifetimeOf,
  lifetimeSchema,
  refusedStatus,
  statusAt,
  type InvitationRecord,
  type Recipient,
} from '../../core/invitation.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse, type Refused } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';
import { countInvitation, countedInviter } from './inviter.js';
import { isSameRecipient, memberFor, openFor, readRecipient } from './recipients.js';
import { expired, ownersLimits, seatsExceeded, settlements } from './seats.js';

/** The input for the roles that `role` accepts. */
export function reissueInvitationInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    invitationId: invitationIdSchema,
    role: z.optional(role),
    expiresInSeconds: z.optional(lifetimeSchema),
  });
}

const input = reissueInvitationInput(identifierSchema);

/** With the hash of the new secret. */
export type ReissueInvitation = z.output<typeof input> & {
  readonly secretHash: string;
  /**
   * The recipient of an invitation that has expired: what decides whether it can be opened again is read by it. Without
   * it, an expired invitation is `INVITATION_EXPIRED`. A recipient changes only by being erased, and then the invitation stays
   * expired, so the service may read it before.
   */
  readonly reopenedFor?: Recipient | null;
};

export const reissueInvitation = defineCommand({
  name: 'reissueInvitation',
  input,
  caller: 'actor',
  errors: [
    ...addingErrors,
    'INVITATION_NOT_FOUND',
    'INVITATION_EXPIRED',
    'INVITATION_USED',
    'INVITATION_REVOKED',
    'INVITATION_DECLINED',
    'ALREADY_MEMBER',
    'ALREADY_INVITED',
    'LIMIT_EXCEEDED',
  ],
  read: ({ workspaceId, invitationId, reopenedFor }: ReissueInvitation, context) => ({
    ...countedInviter(context),
    workspaceId,
    invitationId,
    ...readRecipient(reopenedFor, selfOf(context.actor)),
    ...(reopenedFor !== undefined && { expiredAt: context.now }),
  }),
  queueKey: workspaceQueue,
  limitedBy: (snapshot, { reopenedFor }, actor) =>
    reopenedFor !== undefined && isInside(snapshot, actor) ? ownersLimits(snapshot) : null,
  decide(snapshot, command, context) {
    const { workspaceId, invitationId, secretHash } = command;
    const permission = 'invitation:create';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'reissue-invitation');
    if (!authorized.ok) return authorized;
    const { invitation } = snapshot;
    if (invitation === null) return refuse('INVITATION_NOT_FOUND', { workspaceId, invitationId });
    const { role = invitation.role } = command;
    for (const grant of [invitation.role, role]) {
      if (!mayGrant(context.matrix, authorized.role, grant))
        return refuse('PERMISSION_DENIED', { permission, role: authorized.role, grant });
    }
    const reopening = reopened(snapshot, { ...authorized, invitation }, command, context);
    if (!reopening.ok) return reopening;
    const count = countInvitation(snapshot, context);
    if (!count.ok) return count;
    const lifetime = command.expiresInSeconds ?? lifetimeOf(invitation);
    const expiresAt = new Date(expiryOf(context.now, lifetime)).toISOString();
    const changed = role === invitation.role ? {} : { role };
    return {
      ok: true,
      issued: { secretHash, issuedAt: context.now },
      counted: count.counted,
      events: [
        ...reopening.settled,
        { type: 'invitation.reissued', workspaceId, data: { invitationId, expiresAt, ...changed } },
      ],
    };
  },
});

/**
 * Whether the invitation can be accepted again. One that has expired is opened as a new one is: its seats may be taken
 * meanwhile, its recipient invited again or a member. Also answers what else the commit records.
 */
function reopened(
  snapshot: Snapshot,
  { workspace, invitation }: { readonly workspace: WorkspaceRecord; readonly invitation: InvitationRecord },
  { reopenedFor }: ReissueInvitation,
  context: DecisionContext,
): { readonly ok: true; readonly settled: readonly NewEvent[] } | Refused {
  const { workspaceId, recipient, maxUses, uses } = invitation;
  const isFinal = reopenedFor === undefined || isErased(recipient);
  if (isFinal || statusAt(invitation, context.now) !== 'expired') {
    return refusedStatus(invitation, context.now) ?? { ok: true, settled: [] };
  }
  // Another invitation of this id: the service read none.
  if (!isSameRecipient(recipient, reopenedFor)) {
    return refuse('INVITATION_NOT_FOUND', { workspaceId, invitationId: invitation.id });
  }
  const member = recipient && memberFor(snapshot, recipient);
  if (member) return refuse('ALREADY_MEMBER', { workspaceId, userId: member.userId });
  const duplicate = recipient && openFor(snapshot, recipient, context.now);
  if (duplicate) return refuse('ALREADY_INVITED', { workspaceId, invitationId: duplicate.id });
  const closed = expired(snapshot, context.now);
  const open = workspace.openInvitations - closed.length;
  const tooMany =
    exceeds('openInvitationsPerWorkspace', open, 1, context.limits) ??
    (maxUses === 'unlimited' ? null : seatsExceeded(workspace, closed, maxUses - uses, context));
  if (tooMany) return tooMany;
  const others = closed.filter(({ id }) => id !== invitation.id);
  return { ok: true, settled: settlements(others, recipient) };
}
