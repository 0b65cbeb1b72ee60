// Inviting, issuing anew, revoking, accepting, declining; and the revocations that follow a lost right.
import * as z from 'zod/mini';
import { isUser } from '../actor.js';
import {
  admitToTeam,
  exceeds,
  isInside,
  mayActOn,
  mayGrant,
  mayInvite,
  nothingToDo,
  selfOf,
  type CommandSpec,
  type Issued,
  type Facts,
} from '../decision.js';
import type { Happening, RevocationReason } from '../events.js';
import {
  cellNameSchema,
  invitationIdSchema,
  workspaceIdSchema,
  type InvitationId,
  type UserId,
} from '../ids.js';
import {
  DEFAULT_EXPIRY_SECONDS,
  MAX_EXPIRY_SECONDS,
  MIN_EXPIRY_SECONDS,
  expiryOf,
  maxUsesSchema,
  recipientKey,
  recipientSchema,
  refusedStatus,
  statusAt,
  wholeSecond,
  type InvitationRecord,
  type OpenInvitationRecord,
} from '../invitation.js';
import { refuse } from '../refusals.js';
import type { Snapshot } from '../snapshot.js';
import { expired, expiredEvent, ownersLimits, seatsExceeded } from './seats.js';

/** With the roles that the schema of a role takes. */
export function inviteMemberInputOf<Role extends string>(role: z.ZodMiniType<Role, Role>) {
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

export const inviteMemberInput = inviteMemberInputOf(cellNameSchema);

/** Minted with the token: the id, and what is kept of it. */
export type InviteMember = z.output<typeof inviteMemberInput> &
  Issued & { readonly invitationId: InvitationId };

export const inviteMember: CommandSpec<InviteMember> = {
  slice: ({ workspaceId, recipient }, { actor, now }) => ({
    workspaceId,
    members: [...selfOf(actor), ...(recipient && isUser(recipient) ? [recipient.userId] : [])],
    ...(recipient && { recipient }),
    expiredAt: now,
  }),
  // Asked for nobody to whom the workspace is not there: a source that is down, or slow, would tell them that it is.
  limitedBy: (snapshot, _command, actor) => (isInside(snapshot, actor) ? ownersLimits(snapshot) : null),
  decide(snapshot, command, facts) {
    const { workspaceId, role, maxUses, recipient, invitationId, secretHash, issuedAt } = command;
    const permission = 'invitation:create';
    const admitted = admitToTeam(snapshot, workspaceId, facts, permission, 'invite');
    if (!admitted.ok) return admitted;
    if (!mayGrant(facts.matrix, admitted.role, role)) {
      return refuse('PERMISSION_DENIED', { permission, role: admitted.role, grant: role });
    }
    if (recipient && isUser(recipient) && snapshot.members.has(recipient.userId)) {
      return refuse('ALREADY_MEMBER', { workspaceId, userId: recipient.userId });
    }
    const settled = expired(snapshot, facts.now);
    const twin = recipient && openFor(snapshot, recipientKey(recipient), facts.now);
    if (twin) return refuse('ALREADY_INVITED', { workspaceId, invitationId: twin.id });
    const open = admitted.workspace.openInvitations - settled.length;
    const tooMany =
      exceeds('openInvitationsPerWorkspace', open, 1, facts.limits) ??
      // A link without a use limit reserves no seat: whether there is one is asked at each accept.
      (maxUses === 'unlimited' ? null : seatsExceeded(admitted.workspace, settled, maxUses, facts));
    if (tooMany) return tooMany;
    return {
      ok: true,
      issued: { secretHash, issuedAt },
      events: [
        ...settled.map(expiredEvent),
        {
          type: 'invitation.created',
          workspaceId,
          data: {
            invitationId,
            role,
            recipient: recipient ?? null,
            maxUses,
            expiresAt: new Date(expiryOf(issuedAt, command.expiresInSeconds)).toISOString(),
          },
        },
      ],
    };
  },
};

export const namedInvitationInput = z.strictObject({
  workspaceId: workspaceIdSchema,
  invitationId: invitationIdSchema,
});

/** Minted: the hash of the new secret. */
export type ReissueInvitation = z.output<typeof namedInvitationInput> & { readonly secretHash: string };

export const reissueInvitation: CommandSpec<ReissueInvitation> = {
  slice: ({ workspaceId, invitationId }, { actor }) => ({
    workspaceId,
    members: selfOf(actor),
    invitationId,
  }),
  decide(snapshot, { workspaceId, invitationId, secretHash }, facts) {
    const permission = 'invitation:create';
    const admitted = admitToTeam(snapshot, workspaceId, facts, permission, 'reissue-invitation');
    if (!admitted.ok) return admitted;
    const { invitation } = snapshot;
    if (invitation === null) return refuse('INVITATION_NOT_FOUND', { workspaceId, invitationId });
    if (!mayGrant(facts.matrix, admitted.role, invitation.role)) {
      return refuse('PERMISSION_DENIED', { permission, role: admitted.role, grant: invitation.role });
    }
    const closed = refusedStatus(invitation, facts.now);
    if (closed) return closed;
    const lifetime = (invitation.expiresAt - wholeSecond(invitation.issuedAt)) / 1000;
    return {
      ok: true,
      issued: { secretHash, issuedAt: facts.now },
      events: [
        {
          type: 'invitation.reissued',
          workspaceId,
          data: { invitationId, expiresAt: new Date(expiryOf(facts.now, lifetime)).toISOString() },
        },
      ],
    };
  },
};

export type RevokeInvitation = z.output<typeof namedInvitationInput>;

export const revokeInvitation: CommandSpec<RevokeInvitation> = {
  slice: ({ workspaceId, invitationId }, { actor }) => ({
    workspaceId,
    members: selfOf(actor),
    invitationId,
  }),
  decide(snapshot, { workspaceId, invitationId }, facts) {
    const permission = 'invitation:revoke';
    const admitted = admitToTeam(snapshot, workspaceId, facts, permission, 'revoke-invitation');
    if (!admitted.ok) return admitted;
    const { invitation } = snapshot;
    if (invitation === null) return refuse('INVITATION_NOT_FOUND', { workspaceId, invitationId });
    if (!mayActOn(facts.matrix, admitted.role, invitation.role)) {
      return refuse('PERMISSION_DENIED', { permission, role: admitted.role, grant: invitation.role });
    }
    // Whoever revokes must learn that somebody is in already; of any other end there is nothing left to revoke.
    if (invitation.state === 'used') return refuse('INVITATION_USED', {});
    if (invitation.state !== 'open') return nothingToDo;
    return { ok: true, events: [ended(invitation, facts.now, 'revoked')] };
  },
};

/**
 * The open invitations that a member issued and may no longer vouch for, revoked with the change that took the right.
 * `role` is the one that the member holds afterwards, `null` for none.
 */
export function revocations(
  snapshot: Snapshot,
  facts: Facts,
  issuer: UserId,
  after: { readonly role: string | null; readonly reason: RevocationReason },
): Happening[] {
  const { role, reason } = after;
  return snapshot.openInvitations
    .filter(({ issuedBy }) => isUser(issuedBy) && issuedBy.userId === issuer)
    .filter((invitation) => role === null || !mayInvite(facts.matrix, role, invitation.role))
    .map((invitation) => ended(invitation, facts.now, reason));
}

/**
 * One that is past its expiry is settled rather than revoked, but it is ended in the record: by the clock of another
 * process it may still be open.
 */
function ended(invitation: OpenInvitationRecord, now: number, reason: RevocationReason): Happening {
  if (statusAt(invitation, now) === 'expired') return expiredEvent(invitation);
  const { id: invitationId, workspaceId } = invitation;
  return { type: 'invitation.revoked', workspaceId, data: { invitationId, reason } };
}

function openFor(snapshot: Snapshot, key: string, now: number): InvitationRecord | undefined {
  return snapshot.openInvitations.find(
    (invitation) =>
      invitation.recipient !== null &&
      recipientKey(invitation.recipient) === key &&
      statusAt(invitation, now) === 'open',
  );
}
