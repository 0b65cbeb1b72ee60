// Makes a user a member without an invitation: for provisioning, which the app does.
import * as z from 'zod/mini';
import { authorizeInTeam, mayGrant } from '../../core/authorization.js';
import { nothingToDo } from '../../core/decision.js';
import { emailSchema } from '../../core/emails.js';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema } from '../../core/ids.js';
import { emailKeysOf, isFor, recipientsOf } from '../../core/invitation.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';
import { expired, ownersLimits, settlements } from '../invitations/seats.js';
import { joinerOf, joining } from './joining.js';

/** The input for the roles that `role` accepts. */
export function addMemberInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    userId: opaqueIdSchema,
    role,
    email: z.optional(emailSchema.check(z.meta({ description: 'The verified e-mail address of the user' }))),
  });
}

const input = addMemberInput(identifierSchema);

export const addMember = defineCommand({
  name: 'addMember',
  input,
  caller: 'operator',
  errors: [...addingErrors, 'ACCOUNT_NOT_FOUND', 'ALREADY_MEMBER', 'LIMIT_EXCEEDED'],
  read: (command: z.output<typeof input>, { now }) => ({
    workspaceId: command.workspaceId,
    members: [command.userId],
    accounts: [command.userId],
    recipients: recipientsOf(joinerOf(command)),
    expiredAt: now,
  }),
  queueKey: workspaceQueue,
  limitedBy: ownersLimits,
  decide(snapshot, command, context) {
    const { workspaceId, userId, role } = command;
    const permission = 'invitation:create';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'add-member');
    if (!authorized.ok) return authorized;
    if (!mayGrant(context.matrix, null, role)) {
      return refuse('PERMISSION_DENIED', { permission, role: null, grant: role });
    }
    const member = snapshot.members.get(userId);
    if (member !== undefined) {
      return member.role === role ? nothingToDo : refuse('ALREADY_MEMBER', { workspaceId, userId });
    }
    const joiner = joinerOf(command);
    const joined = joining(snapshot, authorized.workspace, { joiner, role }, context);
    if (!joined.ok) return joined;
    const others = expired(snapshot, context.now).filter((open) => !isFor(open.recipient, joiner));
    return {
      ok: true,
      events: [...settlements(others), ...joined.events],
      emailKeys: emailKeysOf(joiner),
    };
  },
});
