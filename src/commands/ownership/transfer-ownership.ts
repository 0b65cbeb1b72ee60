// Makes another member the owner, in one commit with the former owner's new role.
import * as z from 'zod/mini';
import { authorizeInTeam, isInside, selfOf } from '../../core/authorization.js';
import { exceeds, nothingToDo, type Decision, type DecisionContext } from '../../core/decision.js';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema, type UserId } from '../../core/ids.js';
import { OWNER } from '../../core/permissions.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';
import { ended, lostInvitations } from '../invitations/revocations.js';
import { expired, seatsExceeded, settlements } from '../invitations/seats.js';

/** The input for the roles that `role` accepts. */
export function transferOwnershipInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    userId: opaqueIdSchema,
    formerOwnerRole: z.optional(role),
  });
}

export const transferOwnership = defineCommand({
  name: 'transferOwnership',
  input: transferOwnershipInput(identifierSchema),
  caller: 'actor',
  errors: [...addingErrors, 'MEMBER_NOT_FOUND', 'LIMIT_EXCEEDED', 'NAME_TAKEN', 'CONSENT_REQUIRED'],
  read: ({ workspaceId, userId }, { actor, now }) => ({
    workspaceId,
    members: [...selfOf(actor), userId],
    accounts: [userId],
    owner: true,
    issuedByOwner: true,
    issuedBy: [userId],
    expiredAt: now,
  }),
  queueKey: workspaceQueue,
  // Query the limits of members only: other users' plans must not be probed.
  limitedBy: (snapshot, { workspaceId, userId }, actor) =>
    isInside(snapshot, actor) && snapshot.members.has(userId) ? { ownerId: userId, workspaceId } : null,
  decide(snapshot, { workspaceId, userId, formerOwnerRole }, context) {
    const permission = 'workspace:transfer';
    const authorized = authorizeInTeam(snapshot, workspaceId, context, permission, 'transfer');
    if (!authorized.ok) return authorized;
    const { workspace } = authorized;
    if (!snapshot.members.has(userId)) return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
    const role = formerOwnerRole ?? context.matrix.grantsOf(OWNER)[0];
    if (role === undefined || !context.matrix.mayGrant(OWNER, role)) {
      return refuse('PERMISSION_DENIED', { permission, role: authorized.role, grant: role ?? OWNER });
    }
    if (userId === workspace.ownerId) return nothingToDo;
    if (context.ownershipTransfer === 'consent') return refuse('CONSENT_REQUIRED', { workspaceId });
    return transferTo(snapshot, context, { workspace, userId, role });
  },
});

/** Makes a member the owner, if the member's limits admit the workspace. `role` is the former owner's. */
export function transferTo(
  snapshot: Snapshot,
  context: DecisionContext,
  {
    workspace,
    userId,
    role,
  }: { readonly workspace: WorkspaceRecord; readonly userId: UserId; readonly role: string },
): Decision {
  const { id: workspaceId, ownerId } = workspace;
  const account = snapshot.accounts.get(userId);
  if (account === undefined) return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
  const lost = [
    ...lostInvitations(snapshot, context, ownerId, role),
    // The owner's role may not be able to grant what the new owner's previous role could.
    ...lostInvitations(snapshot, context, userId, OWNER),
  ];
  const ids = new Set(lost.map(({ id }) => id));
  const closed = expired(snapshot, context.now).filter(({ id }) => !ids.has(id));
  const freed = [...closed, ...lost];
  const open = workspace.openInvitations - freed.length;
  // From now on, the new owner's limits apply to everything in the workspace.
  const tooMany =
    exceeds('workspacesPerOwner', account.ownedTeams, 1, context.limits) ??
    seatsExceeded(workspace, freed, 0, context) ??
    exceeds('openInvitationsPerWorkspace', open, 0, context.limits);
  if (tooMany) return tooMany;
  return {
    ok: true,
    events: [
      ...settlements(closed),
      {
        type: 'workspace.transferred',
        workspaceId,
        data: { from: ownerId, to: userId, formerOwnerRole: role },
      },
      ...lost.map((invitation) => ended(invitation, context.now, 'issuer-lost-right')),
    ],
  };
}
