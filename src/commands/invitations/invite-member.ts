// Creates an invitation. One with a finite number of uses reserves a seat for each.
import * as z from 'zod/mini';
import { isUser } from '../../core/actor.js';
import { authorizeInTeam, isInside, mayGrant, selfOf } from '../../core/authorization.js';
import { exceeds, type IssuedToken } from '../../core/decision.js';
import { identifierSchema, workspaceIdSchema, type InvitationId } from '../../core/ids.js';
import {
  DEFAULT_EXPIRY_SECONDS,
  MAX_EXPIRY_SECONDS,
  MIN_EXPIRY_SECONDS,
  expiryOf,
  maxUsesSchema,
  recipientKey,
  recipientSchema,
  statusAt,
  type InvitationRecord,
  type Recipient,
} from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';
import { countInvitation, countedInviter } from './inviter.js';
import { expired, ownersLimits, seatsExceeded, settlements } from './seats.js';

/** The input for the roles that `role` accepts. */
export function inviteMemberInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z
    .strictObject({
      workspaceId: workspaceIdSchema,
      role,
      maxUses: z._default(maxUsesSchema, 1),
      expiresInSeconds: z._default(
        z.int().check(z.gte(MIN_EXPIRY_SECONDS), z.lte(MAX_EXPIRY_SECONDS)),
        DEFAULT_EXPIRY_SECONDS,
      ),
      recipient: z.optional(recipientSchema),
    })
    .check(
      z.refine(({ recipient, maxUses }) => recipient === undefined || maxUses === 1, {
        path: ['maxUses'],
        error: 'must be 1 for an invitation with a recipient',
      }),
    );
}

const input = inviteMemberInput(identifierSchema);

/** With a generated id, and the hash of the token that was created for it. */
export type InviteMember = z.output<typeof input> & IssuedToken & { readonly invitationId: InvitationId };

export const inviteMember = defineCommand({
  name: 'inviteMember',
  input,
  caller: 'actor',
  errors: [...addingErrors, 'ALREADY_MEMBER', 'ALREADY_INVITED', 'LIMIT_EXCEEDED'],
  read: ({ workspaceId, recipient }: InviteMember, context) => ({
    ...countedInviter(context),
    workspaceId,
    members: [...selfOf(context.actor), ...(recipient && isUser(recipient) ? [recipient.userId] : [])],
    ...(recipient && { recipients: [recipient] }),
    ...(recipient && !isUser(recipient) && { emailKey: recipientKey(recipient) }),
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
    const member = recipient && memberFor(snapshot, recipient);
    if (member) return refuse('ALREADY_MEMBER', { workspaceId, userId: member.userId });
    const closed = expired(snapshot, context.now);
    const duplicate = recipient && openFor(snapshot, recipientKey(recipient), context.now);
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

/** A member who needs no invitation: with this id, or who joined with this verified address. */
function memberFor({ members }: Snapshot, recipient: Recipient): MemberRecord | undefined {
  if (isUser(recipient)) return members.get(recipient.userId);
  const key = recipientKey(recipient);
  return [...members.values()].find(({ emailKey }) => emailKey === key);
}

function openFor(snapshot: Snapshot, key: string, now: number): InvitationRecord | undefined {
  return snapshot.openInvitations.find(
    (invitation) =>
      invitation.recipient !== null &&
      recipientKey(invitation.recipient) === key &&
      statusAt(invitation, now) === 'open',
  );
}
