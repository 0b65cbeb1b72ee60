// Makes a user a member without an invitation: for provisioning, which the app does.
import * as z from 'zod/mini';
import type { UserActor } from '../../core/actor.js';
import { authorizeInTeam, mayGrant } from '../../core/authorization.js';
import { nothingToDo } from '../../core/decision.js';
import { emailSchema } from '../../core/emails.js';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema } from '../../core/ids.js';
import { isFor, recipientsOf, verifiedEmailKey } from '../../core/invitation.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';
import { ended } from '../invitations/revocations.js';
import { expired, ownersLimits, seatsExceeded, settlements } from '../invitations/seats.js';

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

/** The user as one who joins: an operator answers for the address. */
function joinerOf({ userId, email }: z.output<typeof input>): UserActor {
  return email === undefined ? { userId } : { userId, email, emailVerified: true };
}

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
    if (!snapshot.accounts.has(userId)) return refuse('ACCOUNT_NOT_FOUND', { userId });
    const member = snapshot.members.get(userId);
    if (member !== undefined) {
      return member.role === role ? nothingToDo : refuse('ALREADY_MEMBER', { workspaceId, userId });
    }
    const joiner = joinerOf(command);
    // As for one who accepts: none may be open for a member, expired or not.
    const own = snapshot.openInvitations.filter((open) => isFor(open.recipient, joiner));
    const closed = expired(snapshot, context.now).filter((open) => !own.includes(open));
    const full = seatsExceeded(authorized.workspace, [...closed, ...own], 1, context);
    if (full) return full;
    return {
      ok: true,
      events: [
        ...settlements(closed),
        ...own.map((open) => ended(open, context.now, 'recipient-joined')),
        { type: 'member.joined', workspaceId, data: { userId, role, invitationId: null } },
      ],
      emailKey: verifiedEmailKey(joiner),
    };
  },
});
