// Removes a member, and revokes the open invitations that the member issued.
import * as z from 'zod/mini';
import { isOperator } from '../../core/actor.js';
import { authorizeInTeam, mayActOn, selfOf } from '../../core/authorization.js';
import { opaqueIdSchema, workspaceIdSchema } from '../../core/ids.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { teamErrors } from '../error-codes.js';
import { linksToClose } from '../invitations/open-links.js';
import { removal } from './changes.js';
import { leave } from './leave-workspace.js';
import { refusedManaged } from './managed.js';

export const removeMember = defineCommand({
  name: 'removeMember',
  input: z.strictObject({
    workspaceId: workspaceIdSchema,
    userId: opaqueIdSchema,
    closeLinks: z.optional(z.boolean()),
  }),
  caller: 'actor',
  errors: [...teamErrors, 'MEMBER_NOT_FOUND', 'OWNER_REQUIRED', 'MEMBER_MANAGED'],
  read: ({ workspaceId, userId }, { actor }) => ({
    workspaceId,
    members: [...selfOf(actor), userId],
    issuedBy: [userId],
    openLinks: true,
    departuresOf: [userId],
  }),
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId, userId, closeLinks }, context) {
    const { actor, matrix } = context;
    // Removing yourself is leaving, which needs no permission.
    if (!isOperator(actor) && actor.userId === userId) {
      return leave(snapshot, { ...context, actor }, { workspaceId, closeLinks });
    }
    const permission = 'member:remove';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'remove-member');
    if (!authorized.ok) return authorized;
    const member = snapshot.members.get(userId);
    if (member === undefined) return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
    if (userId === authorized.workspace.ownerId) return refuse('OWNER_REQUIRED', { workspaceId, userId });
    if (!mayActOn(matrix, authorized.role, member.role)) {
      return refuse('PERMISSION_DENIED', { permission, role: authorized.role, grant: member.role });
    }
    const managed = refusedManaged(member, actor);
    if (managed) return managed;
    const closing = linksToClose(snapshot, context, { closeLinks, role: authorized.role, kept: null });
    if (!closing.ok) return closing;
    return {
      ok: true,
      events: removal(snapshot, member, closing.links, context),
    };
  },
});
