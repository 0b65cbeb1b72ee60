// Accepting and declining: what a verified token proves, held against the record.
import { isUser, type UserActor } from '../actor.js';
import { exceeds, mayInvite, nothingToDo, type CommandSpec, type Facts } from '../decision.js';
import type { InvitationId, WorkspaceId } from '../ids.js';
import { refusedRecipient, refusedStatus, type InvitationRecord } from '../invitation.js';
import { refuse, type Refused } from '../refusals.js';
import type { Snapshot } from '../snapshot.js';
import type { WorkspaceRecord } from '../workspace.js';
import { expired, expiredEvent, ownersLimits, seatsExceeded } from './seats.js';

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
    // Before the recipient is compared: who came in by it is in, also under a new e-mail address.
    if (member?.invitationId === invitation.id) return nothingToDo;
    const mismatch = refusedRecipient(invitation.recipient, facts.actor);
    if (mismatch) return mismatch;
    if (member !== undefined) return refuse('ALREADY_MEMBER', { workspaceId, userId });
    const closed = refusedStatus(invitation, facts.now);
    if (closed) return closed;
    const issuer = isUser(invitation.issuedBy) ? invitation.issuedBy.userId : null;
    const issuerRole = issuer === null ? null : snapshot.members.get(issuer)?.role;
    // The matrix may have changed since: then nobody vouches for the role any more.
    if (issuerRole === undefined || !mayInvite(facts.matrix, issuerRole, invitation.role)) {
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
    const mismatch = refusedRecipient(invitation.recipient, facts.actor);
    if (mismatch) return mismatch;
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

/** Who may answer an invitation at all: the proof agrees with the record, and the person has an account. */
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
