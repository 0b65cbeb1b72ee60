// Gives a member another role, and revokes the invitations that the member may no longer issue.
import * as z from 'zod/mini';
import { authorizeInTeam, mayActOn, mayGrant, selfOf } from '../../core/authorization.js';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema } from '../../core/ids.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';
import { linksToClose } from '../invitations/open-links.js';
import { ended } from '../invitations/revocations.js';
import { roleChange } from './changes.js';
import { refusedManaged } from './managed.js';

/** The input for the roles that `role` accepts. */
export function changeRoleInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    userId: opaqueIdSchema,
    role,
    closeLinks: z.optional(z.boolean()),
  });
}

export const changeRole = defineCommand({
  name: 'changeRole',
  input: changeRoleInput(identifierSchema),
  caller: 'actor',
  errors: [...addingErrors, 'MEMBER_NOT_FOUND', 'OWNER_REQUIRED', 'MEMBER_MANAGED'],
  read: ({ workspaceId, userId }, { actor }) => ({
    workspaceId,
    members: [...selfOf(actor), userId],
    issuedBy: [userId],
    openLinks: true,
  }),
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId, userId, role, closeLinks }, context) {
    const permission = 'member:change-role';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'change-role');
    if (!authorized.ok) return authorized;
    const member = snapshot.members.get(userId);
    if (member === undefined) return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
    const denied = (grant: string) =>
      refuse('PERMISSION_DENIED', { permission, role: authorized.role, grant });
    if (!mayGrant(context.matrix, authorized.role, role)) return denied(role);
    if (userId === authorized.workspace.ownerId) return refuse('OWNER_REQUIRED', { workspaceId, userId });
    if (!mayActOn(context.matrix, authorized.role, member.role)) return denied(member.role);
    const managed = refusedManaged(member, context.actor);
    if (managed) return managed;
    const closing = linksToClose(snapshot, context, { closeLinks, role: authorized.role, kept: role });
    if (!closing.ok) return closing;
    const { links } = closing;
    // An earlier call may have changed the role without closing the links.
    if (member.role === role) {
      return { ok: true, events: links.map((link) => ended(link, context.now, 'revoked')) };
    }
    return {
      ok: true,
      events: roleChange(snapshot, member, { role, links }, context),
    };
  },
});
