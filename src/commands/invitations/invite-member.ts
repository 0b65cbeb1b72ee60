// Creates an invitation. One with a finite number of uses reserves a seat for each.
import * as z from 'zod/mini';
import { isUser, type Actor } from '../../core/actor.js';
import { authorizeInTeam, isInside, mayGrant, selfOf } from '../../core/authorization.js';
import { exceeds, type Decision, type DecisionContext, type IssuedToken } from '../../core/decision.js';
import {
  identifierSchema,
  invitationIdSchema,
  workspaceIdSchema,
  type InvitationId,
} from '../../core/ids.js';
import {
  DEFAULT_EXPIRY_SECONDS,
  expiryOf,
  maxUsesSchema,
  lifetimeOf,
  lifetimeSchema,
  recipientSchema,
  refusedStatus,
  type InvitationRecord,
} from '../../core/invitation.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';
import { countInvitation, countedInviter } from './inviter.js';
import { isSameRecipient, memberFor, openFor, readRecipient } from './recipients.js';
import { expired, ownersLimits, seatsExceeded, settlements } from './seats.js';

/** The input for the roles that `role` accepts. */
export function inviteMemberInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z
    .strictObject({
      workspaceId: workspaceIdSchema,
      role,
      maxUses: z._default(maxUsesSchema, 1),
      expiresInSeconds: z._default(lifetimeSchema, DEFAULT_EXPIRY_SECONDS),
      recipient: z.optional(recipientSchema),
      invitationId: z.optional(invitationIdSchema),
    })
    .check(
      z.refine(({ recipient, maxUses }) => recipient === undefined || maxUses === 1, {
        path: ['maxUses'],
        error: 'must be 1 for an invitation with a recipient',
      }),
    );
}

const input = inviteMemberInput(identifierSchema);

/** With an id, and the hash of the token that was created for it. */
export type InviteMember = Omit<z.output<typeof input>, 'invitationId'> &
  IssuedToken & {
    readonly invitationId: InvitationId;
    /** Whether the caller chose the id, and so may repeat the call. A generated one names no invitation yet. */
    readonly isOwnId?: boolean;
  };

export const inviteMember = defineCommand({
  name: 'inviteMember',
  input,
  caller: 'actor',
  errors: [
    ...addingErrors,
    'ALREADY_MEMBER',
    'ALREADY_INVITED',
    'LIMIT_EXCEEDED',
    'ID_TAKEN',
    'INVITATION_USED',
    'INVITATION_REVOKED',
    'INVITATION_DECLINED',
    'INVITATION_EXPIRED',
  ],
  read: ({ workspaceId, recipient, invitationId, isOwnId }: InviteMember, context) => ({
    ...countedInviter(context),
    workspaceId,
    ...readRecipient(recipient, selfOf(context.actor)),
    ...(isOwnId && { invitationId }),
    expiredAt: context.now,
  }),
  queueKey: workspaceQueue,
  // Do not query limits for non-members: an error or a delay would reveal that the workspace exists.
  limitedBy: (snapshot, _command, actor) => (isInside(snapshot, actor) ? ownersLimits(snapshot) : null),
  decide(snapshot, command, context) {
    const { workspaceId, role, maxUses, recipient, invitationId, secretHash, issuedAt } = command;
    const permission = 'invitation:create';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'invite');
    if (!authorized.ok) return authorized;
    if (!mayGrant(context.matrix, authorized.role, role)) {
      return refuse('PERMISSION_DENIED', { permission, role: authorized.role, grant: role });
    }
    if (command.isOwnId && snapshot.invitation !== null)
      return repeated(snapshot.invitation, snapshot, command, context);
    const member = recipient && memberFor(snapshot, recipient);
    if (member) return refuse('ALREADY_MEMBER', { workspaceId, userId: member.userId });
    const closed = expired(snapshot, context.now);
    const duplicate = recipient && openFor(snapshot, recipient, context.now);
    if (duplicate) return refuse('ALREADY_INVITED', { workspaceId, invitationId: duplicate.id });
    const open = authorized.workspace.openInvitations - closed.length;
    const tooMany =
      exceeds('openInvitationsPerWorkspace', open, 1, context.limits) ??
      // An unlimited link reserves no seat: each accept checks whether one is free.
      (maxUses === 'unlimited' ? null : seatsExceeded(authorized.workspace, closed, maxUses, context));
    if (tooMany) return tooMany;
    const count = countInvitation(snapshot, context);
    if (!count.ok) return count;
    const expiresAt = new Date(expiryOf(issuedAt, command.expiresInSeconds)).toISOString();
    return {
      ok: true,
      issued: { secretHash, issuedAt },
      counted: count.counted,
      events: [
        ...settlements(closed, recipient ?? null),
        {
          type: 'invitation.created',
          workspaceId,
          data: { invitationId, role, recipient: recipient ?? null, maxUses, expiresAt },
        },
      ],
    };
  },
});

/**
 * The call again, with the id of an invitation that exists: the same one gets another link, because no link can be read
 * again. It reserves no second seat; its link counts for the rate, as that of a reissue, which is the same for whom it is
 * sent to.
 */
function repeated(
  invitation: InvitationRecord,
  snapshot: Snapshot,
  command: InviteMember,
  context: DecisionContext,
): Decision {
  const { workspaceId, invitationId, secretHash, issuedAt, expiresInSeconds } = command;
  if (!isSame(invitation, command, context.actor)) return refuse('ID_TAKEN', { workspaceId, invitationId });
  const ended = refusedStatus(invitation, context.now);
  if (ended) return ended;
  const count = countInvitation(snapshot, context);
  if (!count.ok) return count;
  const expiresAt = new Date(expiryOf(issuedAt, expiresInSeconds)).toISOString();
  return {
    ok: true,
    issued: { secretHash, issuedAt },
    counted: count.counted,
    events: [{ type: 'invitation.reissued', workspaceId, data: { invitationId, expiresAt } }],
  };
}

/** Whether the actor would create the same invitation. */
function isSame(
  invitation: InvitationRecord,
  { role, maxUses, recipient, expiresInSeconds }: InviteMember,
  actor: Actor,
): boolean {
  const { issuedBy } = invitation;
  const isIssuer = isUser(issuedBy)
    ? isUser(actor) && actor.userId === issuedBy.userId
    : !isUser(actor) && actor.operator === issuedBy.operator;
  return (
    isIssuer &&
    invitation.role === role &&
    invitation.maxUses === maxUses &&
    isSameRecipient(invitation.recipient, recipient ?? null) &&
    lifetimeOf(invitation) === expiresInSeconds
  );
}
