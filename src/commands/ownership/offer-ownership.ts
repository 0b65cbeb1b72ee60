// Offers the ownership to another member, who becomes the owner by accepting.
import * as z from 'zod/mini';
import { authorizeInTeam, selfOf } from '../../core/authorization.js';
import { nothingToDo } from '../../core/decision.js';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema } from '../../core/ids.js';
import { DEFAULT_EXPIRY_SECONDS, expiryOf, lifetimeSchema } from '../../core/invitation.js';
import { OWNER } from '../../core/permissions.js';
import { refuse } from '../../core/refusals.js';
import { openOffer } from '../../core/workspace.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';

/** The input for the roles that `role` accepts. */
export function offerOwnershipInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    userId: opaqueIdSchema,
    formerOwnerRole: z.optional(role),
    expiresInSeconds: z._default(lifetimeSchema, DEFAULT_EXPIRY_SECONDS),
  });
}

export const offerOwnership = defineCommand({
  name: 'offerOwnership',
  input: offerOwnershipInput(identifierSchema),
  caller: 'actor',
  errors: [...addingErrors, 'MEMBER_NOT_FOUND', 'OFFER_EXISTS'],
  read: ({ workspaceId, userId }, { actor }) => ({ workspaceId, members: [...selfOf(actor), userId] }),
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId, userId, formerOwnerRole, expiresInSeconds }, context) {
    const permission = 'workspace:transfer';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'transfer');
    if (!authorized.ok) return authorized;
    const { workspace } = authorized;
    // The owner has nothing to accept.
    if (!snapshot.members.has(userId) || userId === workspace.ownerId) {
      return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
    }
    const role = formerOwnerRole ?? context.matrix.grantsOf(OWNER)[0];
    if (role === undefined || !context.matrix.mayGrant(OWNER, role)) {
      return refuse('PERMISSION_DENIED', { permission, role: authorized.role, grant: role ?? OWNER });
    }
    const offer = openOffer(workspace, context.now);
    if (offer !== null) {
      // A retry. An offer with other values must be withdrawn: the member may be about to accept it.
      if (offer.userId === userId && offer.formerOwnerRole === role) return nothingToDo;
      return refuse('OFFER_EXISTS', { workspaceId, userId: offer.userId });
    }
    const expiresAt = new Date(expiryOf(context.now, expiresInSeconds)).toISOString();
    const data = { userId, formerOwnerRole: role, expiresAt };
    return { ok: true, events: [{ type: 'ownership.offered', workspaceId, data }] };
  },
});
