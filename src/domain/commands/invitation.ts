// Inviting, issuing anew, revoking, accepting, declining; and the revocations that follow a lost right.
import * as z from 'zod/mini';
import type { UserActor } from '../actor.js';
import {
  admitToTeam,
  exceeds,
  mayGrant,
  nothingToDo,
  selfOf,
  type CommandSpec,
  type Facts,
} from '../decision.js';
import type { Happening, RevocationReason } from '../events.js';
import {
  cellNameSchema,
  invitationIdSchema,
  workspaceIdSchema,
  type InvitationId,
  type UserId,
  type WorkspaceId,
} from '../ids.js';
import {
  DEFAULT_EXPIRY_SECONDS,
  MAX_EXPIRY_SECONDS,
  MIN_EXPIRY_SECONDS,
  expiryOf,
  maxUsesSchema,
  recipientKey,
  recipientSchema,
  refusedRecipient,
  seatsHeld,
  statusAt,
  wholeSecond,
  type InvitationRecord,
} from '../invitation.js';
import { refuse, type Refused } from '../refusals.js';
import type { Snapshot } from '../snapshot.js';
import type { WorkspaceRecord } from '../workspace.js';

export const inviteMemberInput = z
  .strictObject({
    workspaceId: workspaceIdSchema,
    role: cellNameSchema,
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

/** Minted with the token: the id, the hash of the token's secret, and the expiry in milliseconds since the epoch. */
export type InviteMember = z.output<typeof inviteMemberInput> & {
  readonly invitationId: InvitationId;
  readonly secretHash: string;
  readonly expiresAt: number;
};

export const inviteMember: CommandSpec<InviteMember> = {
  slice: ({ workspaceId, recipient }, { actor, now }) => ({
    workspaceId,
    members: [...selfOf(actor), ...(recipient && 'userId' in recipient ? [recipient.userId] : [])],
    ...(recipient && { recipient }),
    expiredAt: now,
  }),
  limitedBy: ownersLimits,
  decide(snapshot, command, facts) {
    const { workspaceId, role, maxUses, recipient, invitationId } = command;
    const permission = 'invitation:create';
    const admitted = admitToTeam(snapshot, workspaceId, facts, permission, 'invite');
    if (!admitted.ok) return admitted;
    if (!mayGrant(facts.matrix, admitted.role, role)) {
      return refuse('PERMISSION_DENIED', { permission, role: admitted.role, grant: role });
    }
    if (recipient && 'userId' in recipient && snapshot.members.has(recipient.userId)) {
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
      secretHash: command.secretHash,
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
            expiresAt: new Date(command.expiresAt).toISOString(),
          },
        },
      ],
    };
  },
};

export const reissueInvitationInput = z.strictObject({
  workspaceId: workspaceIdSchema,
  invitationId: invitationIdSchema,
});

/** Minted: the hash of the new secret. */
export type ReissueInvitation = z.output<typeof reissueInvitationInput> & { readonly secretHash: string };

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
      secretHash,
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

export const revokeInvitationInput = reissueInvitationInput;

export type RevokeInvitation = z.output<typeof revokeInvitationInput>;

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
    if (!mayGrant(facts.matrix, admitted.role, invitation.role)) {
      return refuse('PERMISSION_DENIED', { permission, role: admitted.role, grant: invitation.role });
    }
    const status = statusAt(invitation, facts.now);
    // Whoever revokes must learn that somebody is in already; of any other end there is nothing left to revoke.
    if (status === 'used') return refuse('INVITATION_USED', {});
    if (status !== 'open') return nothingToDo;
    return {
      ok: true,
      events: [{ type: 'invitation.revoked', workspaceId, data: { invitationId, reason: 'revoked' } }],
    };
  },
};

/** What a verified token proves: read from its claims, never from the caller's input. */
export interface InvitationProof {
  readonly workspaceId: WorkspaceId;
  readonly invitationId: InvitationId;
  readonly secretHash: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export const acceptInvitation: CommandSpec<InvitationProof, UserActor> = {
  slice: ({ workspaceId, invitationId }, { actor, now }) => ({
    workspaceId,
    members: [actor.userId],
    accounts: [actor.userId],
    invitationId,
    expiredAt: now,
  }),
  limitedBy: ownersLimits,
  decide(snapshot, proof, facts) {
    const answered = answer(snapshot, proof, facts);
    if (!answered.ok) return answered;
    const { workspace, invitation } = answered;
    const { workspaceId } = proof;
    const { userId } = facts.actor;
    const member = snapshot.members.get(userId);
    if (member !== undefined) {
      return member.invitationId === invitation.id
        ? nothingToDo
        : refuse('ALREADY_MEMBER', { workspaceId, userId });
    }
    const closed = refusedStatus(invitation, facts.now);
    if (closed) return closed;
    const issuer = 'operator' in invitation.issuedBy ? null : invitation.issuedBy.userId;
    const issuerRole = issuer === null ? null : snapshot.members.get(issuer)?.role;
    // The matrix may have changed since: then nobody vouches for the role any more.
    if (issuerRole === undefined || !mayGrant(facts.matrix, issuerRole, invitation.role)) {
      return refuse('INVITATION_REVOKED', {});
    }
    const settled = expired(snapshot, facts.now);
    const full =
      invitation.maxUses === 'unlimited'
        ? seatsExceeded(workspace, settled, 1, facts)
        : // Its seat is reserved; only a limit lowered since then can stand in the way.
          exceeds('membersPerWorkspace', workspace.memberCount, 1, facts.limits);
    if (full) return full;
    return {
      ok: true,
      events: [
        ...settled.map(expiredEvent),
        {
          type: 'invitation.accepted',
          workspaceId,
          data: { invitationId: invitation.id, userId, uses: invitation.uses + 1 },
        },
        {
          type: 'member.joined',
          workspaceId,
          data: { userId, role: invitation.role, invitationId: invitation.id },
        },
      ],
    };
  },
};

export const declineInvitation: CommandSpec<InvitationProof, UserActor> = {
  slice: ({ workspaceId, invitationId }, { actor }) => ({
    workspaceId,
    members: [actor.userId],
    accounts: [actor.userId],
    invitationId,
  }),
  decide(snapshot, proof, facts) {
    const answered = answer(snapshot, proof, facts);
    if (!answered.ok) return answered;
    const { invitation } = answered;
    const { workspaceId } = proof;
    const { userId } = facts.actor;
    if (snapshot.members.has(userId)) return refuse('ALREADY_MEMBER', { workspaceId, userId });
    if (invitation.state === 'declined') return nothingToDo;
    const closed = refusedStatus(invitation, facts.now);
    if (closed) return closed;
    // A link for several people is not one person's to close.
    if (invitation.maxUses !== 1) return nothingToDo;
    return {
      ok: true,
      events: [{ type: 'invitation.declined', workspaceId, data: { invitationId: invitation.id, userId } }],
    };
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
    .filter(({ issuedBy }) => 'userId' in issuedBy && issuedBy.userId === issuer)
    .filter((invitation) => statusAt(invitation, facts.now) === 'open')
    .filter((invitation) => role === null || !facts.matrix.mayGrant(role, invitation.role))
    .map(({ id: invitationId, workspaceId }) => ({
      type: 'invitation.revoked',
      workspaceId,
      data: { invitationId, reason },
    }));
}

/** Who may answer an invitation at all: the proof agrees with the record, the person is meant and has an account. */
function answer(
  { workspace, invitation, accounts }: Snapshot,
  proof: InvitationProof,
  { actor }: Facts<UserActor>,
):
  | { readonly ok: true; readonly workspace: WorkspaceRecord; readonly invitation: InvitationRecord }
  | Refused {
  if (workspace === null) return refuse('INVITATION_INVALID', {});
  if (workspace.kind === 'personal') {
    return refuse('PERSONAL_WORKSPACE', { workspaceId: workspace.id, operation: 'join' });
  }
  if (invitation === null || !proves(proof, invitation)) return refuse('INVITATION_INVALID', {});
  const mismatch = refusedRecipient(invitation.recipient, actor);
  if (mismatch) return mismatch;
  if (!accounts.has(actor.userId)) return refuse('ACCOUNT_NOT_FOUND', { userId: actor.userId });
  return { ok: true, workspace, invitation };
}

/** Whether the token is the last one issued for the record. */
export function proves(proof: InvitationProof, invitation: InvitationRecord): boolean {
  return (
    equalInConstantTime(proof.secretHash, invitation.secretHash) &&
    proof.workspaceId === invitation.workspaceId &&
    proof.expiresAt === invitation.expiresAt
  );
}

function equalInConstantTime(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let place = 0; place < one.length; place++) {
    difference |= one.charCodeAt(place) ^ other.charCodeAt(place);
  }
  return difference === 0;
}

/** Why an invitation opens nothing (any more); `null` while it does. */
function refusedStatus(invitation: InvitationRecord, now: number): Refused | null {
  const status = statusAt(invitation, now);
  switch (status) {
    case 'open':
      return null;
    case 'used':
      return refuse('INVITATION_USED', {});
    case 'revoked':
      return refuse('INVITATION_REVOKED', {});
    case 'declined':
      return refuse('INVITATION_DECLINED', {});
    case 'expired':
      return refuse('INVITATION_EXPIRED', {});
    default:
      return status satisfies never;
  }
}

function ownersLimits({ workspace }: Snapshot) {
  return workspace && { ownerId: workspace.ownerId, workspaceId: workspace.id };
}

/** Open in the record and past their expiry: they are settled with the next command that counts seats. */
function expired(snapshot: Snapshot, now: number): InvitationRecord[] {
  return snapshot.openInvitations.filter((invitation) => statusAt(invitation, now) === 'expired');
}

function expiredEvent({ id: invitationId, workspaceId, expiresAt }: InvitationRecord): Happening {
  const expiredAt = new Date(expiresAt).toISOString();
  return { type: 'invitation.expired', workspaceId, data: { invitationId, expiredAt } };
}

function openFor(snapshot: Snapshot, key: string, now: number): InvitationRecord | undefined {
  return snapshot.openInvitations.find(
    (invitation) =>
      invitation.recipient !== null &&
      recipientKey(invitation.recipient) === key &&
      statusAt(invitation, now) === 'open',
  );
}

function seatsExceeded(
  workspace: WorkspaceRecord,
  settled: readonly InvitationRecord[],
  requested: number,
  { limits }: Facts,
): Refused | null {
  const freed = settled.reduce((seats, invitation) => seats + seatsHeld(invitation), 0);
  const current = workspace.memberCount + workspace.reservedSeats - freed;
  return exceeds('membersPerWorkspace', current, requested, limits);
}
