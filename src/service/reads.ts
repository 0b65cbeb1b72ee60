// Reads of single records: workspaces, memberships, previews, sessions.
import { proves } from '../commands/invitations/proof.js';
import { expired } from '../commands/invitations/seats.js';
import { shownName } from '../core/account.js';
import { isUser, type Actor } from '../core/actor.js';
import type { UserId, WorkspaceId } from '../core/ids.js';
import { seatsHeld, statusAt, type InvitationProof } from '../core/invitation.js';
import { WorkspaceError } from '../errors.js';
import { loadFrom, permitted, readAccess } from './access.js';
import type { ServiceContext } from './context.js';
import { queryLimits } from './limits.js';
import type { InvitationPreview } from './invitation-views.js';
import {
  membershipView,
  offerView,
  operatorAttributesFor,
  workspaceView,
  type ActiveWorkspace,
  type MembershipRecords,
  type RoleOf,
  type WorkspaceDetails,
} from './views.js';

/** One read, so the workspace and the membership are consistent. `null` for a non-member. */
async function findMembership(
  context: ServiceContext,
  userId: UserId,
  workspaceId: WorkspaceId,
): Promise<MembershipRecords | null> {
  const { workspace, members } = await loadFrom(context, { workspaceId, members: [userId] });
  const member = members.get(userId);
  return workspace === null || member === undefined ? null : { workspace, member };
}

/**
 * The workspace with its seats, counted as `inviteMember` counts them: without invitations that have expired.
 *
 * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `UNAVAILABLE`
 */
export async function readWorkspace<Role extends string>(
  context: ServiceContext,
  actor: Actor,
  workspaceId: WorkspaceId,
  roleOf: RoleOf<Role>,
): Promise<WorkspaceDetails<Role>> {
  const now = context.clock.now();
  const { snapshot, workspace, access } = await readAccess(context, actor, workspaceId, { expiredAt: now });
  permitted(context.matrix, access, { actor, workspaceId, permission: 'workspace:view' });
  const { ownerId, kind, memberCount, reservedSeats, openInvitations } = workspace;
  const ended = expired(snapshot, now);
  const reserved = ended.reduce((seats, invitation) => seats - seatsHeld(invitation), reservedSeats);
  const { membersPerWorkspace, openInvitationsPerWorkspace } =
    kind === 'personal' ? ALONE : await queryLimits(context, { ownerId, workspaceId });
  return Object.freeze({
    ...workspaceView(workspace),
    operatorAttributes: operatorAttributesFor(actor, workspace.attributes),
    ownershipOffer: offerView(workspace, now, roleOf),
    seats: Object.freeze({ used: memberCount, reserved, limit: membersPerWorkspace }),
    openInvitations: Object.freeze({
      count: openInvitations - ended.length,
      limit: openInvitationsPerWorkspace,
    }),
  });
}

/** A personal workspace is its owner's alone, with any limits of the app. */
const ALONE = { membersPerWorkspace: 1, openInvitationsPerWorkspace: 0 } as const;

/** @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED` */
export async function readMembership(
  context: ServiceContext,
  userId: UserId,
  workspaceId: WorkspaceId,
): Promise<MembershipRecords> {
  const found = await findMembership(context, userId, workspaceId);
  if (found === null) throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
  permitted(context.matrix, found, { actor: { userId }, workspaceId, permission: 'workspace:view' });
  return found;
}

/** @throws WorkspaceError `ACCOUNT_NOT_FOUND` */
export async function readActiveWorkspace<Role extends string>(
  context: ServiceContext,
  userId: UserId,
  roleOf: RoleOf<Role>,
): Promise<ActiveWorkspace<Role>> {
  const { accounts } = await loadFrom(context, { accounts: [userId] });
  const account = accounts.get(userId);
  if (account === undefined) throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId });
  const { activeWorkspaceId, personalWorkspaceId } = account;
  for (const workspaceId of [activeWorkspaceId, personalWorkspaceId]) {
    const found = await findMembership(context, userId, workspaceId);
    if (found === null) continue;
    const source = workspaceId === activeWorkspaceId ? 'remembered' : 'personal';
    return Object.freeze({ ...membershipView(found, roleOf), source });
  }
  throw new Error('the personal workspace of an account is missing');
}

/** @throws WorkspaceError `INVITATION_INVALID` */
export async function readPreview<Role extends string>(
  context: ServiceContext,
  proof: InvitationProof,
  roleOf: RoleOf<Role>,
): Promise<InvitationPreview<Role>> {
  const { workspaceId, invitationId } = proof;
  const { workspace, invitation, accounts } = await loadFrom(context, { workspaceId, invitationId });
  if (workspace === null || invitation === null || !proves(proof, invitation)) {
    throw new WorkspaceError('INVITATION_INVALID', {});
  }
  const { issuedBy, role, expiresAt } = invitation;
  const issuer = isUser(issuedBy) ? accounts.get(issuedBy.userId) : undefined;
  return Object.freeze({
    workspaceName: workspace.name,
    invitedBy: issuer === undefined ? null : shownName(issuer),
    role: roleOf(role),
    expiresAt: new Date(expiresAt),
    status: statusAt(invitation, context.clock.now()),
  });
}
