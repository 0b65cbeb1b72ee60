// Creating, renaming, deleting and handing over a workspace.
import * as z from 'zod/mini';
import type { UserActor } from '../actor.js';
import { admitToTeam, exceeds, isInside, nothingToDo, selfOf, type CommandSpec } from '../decision.js';
import { cellNameSchema, opaqueIdSchema, workspaceIdSchema, type WorkspaceId } from '../ids.js';
import { nameSchema, normalName } from '../names.js';
import { OWNER } from '../permissions.js';
import { refuse } from '../refusals.js';
import { revocations } from './invitation.js';

export const createWorkspaceInput = z.strictObject({
  name: nameSchema,
  workspaceId: z.optional(workspaceIdSchema),
});

/** The id is the caller's or minted. */
export interface CreateWorkspace {
  readonly name: string;
  readonly workspaceId: WorkspaceId;
}

export const createWorkspace: CommandSpec<CreateWorkspace, UserActor> = {
  slice: ({ workspaceId }, { actor }) => ({ workspaceId, accounts: [actor.userId] }),
  limitedBy: (_snapshot, _command, { userId }) => ({ ownerId: userId, workspaceId: null }),
  decide({ workspace, tombstone, accounts }, { name, workspaceId }, { actor, limits }) {
    const { userId: ownerId } = actor;
    const account = accounts.get(ownerId);
    if (account === undefined) return refuse('ACCOUNT_NOT_FOUND', { userId: ownerId });
    if (workspace?.kind === 'team' && workspace.ownerId === ownerId && workspace.name === name) {
      return nothingToDo;
    }
    if (workspace !== null || tombstone) return refuse('ID_TAKEN', { workspaceId });
    return (
      exceeds('workspacesPerOwner', account.ownedTeams, 1, limits) ??
      exceeds('membersPerWorkspace', 0, 1, limits) ?? {
        ok: true,
        events: [{ type: 'workspace.created', workspaceId, data: { kind: 'team', name, ownerId } }],
      }
    );
  },
};

export const renameWorkspaceInput = z.strictObject({ workspaceId: workspaceIdSchema, name: nameSchema });

export type RenameWorkspace = z.output<typeof renameWorkspaceInput>;

export const renameWorkspace: CommandSpec<RenameWorkspace> = {
  slice: ({ workspaceId }, { actor }) => ({ workspaceId, members: selfOf(actor) }),
  decide(snapshot, { workspaceId, name }, facts) {
    const admitted = admitToTeam(snapshot, workspaceId, facts, 'workspace:rename', 'rename');
    if (!admitted.ok) return admitted;
    const from = admitted.workspace.name;
    if (from === name) return nothingToDo;
    return { ok: true, events: [{ type: 'workspace.renamed', workspaceId, data: { from, to: name } }] };
  },
};

export const deleteWorkspaceInput = z.strictObject({
  workspaceId: workspaceIdSchema,
  // As typed by a person: any text may be compared, whether or not it could be a name.
  confirmName: z.optional(z.string().check(z.maxLength(400))),
});

export type DeleteWorkspace = z.output<typeof deleteWorkspaceInput>;

export const deleteWorkspace: CommandSpec<DeleteWorkspace> = {
  slice: ({ workspaceId }, { actor }) => ({ workspaceId, members: selfOf(actor), owner: true }),
  decide(snapshot, { workspaceId, confirmName }, facts) {
    const admitted = admitToTeam(snapshot, workspaceId, facts, 'workspace:delete', 'delete');
    if (!admitted.ok) return admitted;
    const { name, ownerId } = admitted.workspace;
    if (confirmName !== undefined && normalName(confirmName) !== name) {
      return refuse('CONFIRMATION_MISMATCH', { workspaceId });
    }
    return { ok: true, events: [{ type: 'workspace.deleted', workspaceId, data: { name, ownerId } }] };
  },
};

/** With the roles that the schema of a role takes. */
export function transferOwnershipInputOf<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    userId: opaqueIdSchema,
    formerOwnerRole: z.optional(role),
  });
}

export const transferOwnershipInput = transferOwnershipInputOf(cellNameSchema);

export type TransferOwnership = z.output<typeof transferOwnershipInput>;

export const transferOwnership: CommandSpec<TransferOwnership> = {
  slice: ({ workspaceId, userId }, { actor }) => ({
    workspaceId,
    members: [...selfOf(actor), userId],
    accounts: [userId],
    owner: true,
    issuedByOwner: true,
    issuedBy: userId,
  }),
  // Of nobody who cannot become the owner: whether somebody has a plan is not for everybody to ask.
  limitedBy: (snapshot, { workspaceId, userId }, actor) =>
    isInside(snapshot, actor) && snapshot.members.has(userId) ? { ownerId: userId, workspaceId } : null,
  decide(snapshot, { workspaceId, userId, formerOwnerRole }, facts) {
    const admitted = admitToTeam(snapshot, workspaceId, facts, 'workspace:transfer', 'transfer');
    if (!admitted.ok) return admitted;
    const { ownerId } = admitted.workspace;
    const account = snapshot.accounts.get(userId);
    if (!snapshot.members.has(userId) || account === undefined) {
      return refuse('MEMBER_NOT_FOUND', { workspaceId, userId });
    }
    const role = formerOwnerRole ?? facts.matrix.grantsOf(OWNER)[0];
    if (role === undefined || !facts.matrix.mayGrant(OWNER, role)) {
      return refuse('PERMISSION_DENIED', {
        permission: 'workspace:transfer',
        role: admitted.role,
        grant: role ?? OWNER,
      });
    }
    if (userId === ownerId) return nothingToDo;
    const tooMany = exceeds('workspacesPerOwner', account.ownedTeams, 1, facts.limits);
    if (tooMany) return tooMany;
    return {
      ok: true,
      events: [
        {
          type: 'workspace.transferred',
          workspaceId,
          data: { from: ownerId, to: userId, formerOwnerRole: role },
        },
        ...revocations(snapshot, facts, ownerId, { role, reason: 'issuer-lost-right' }),
        // An owner need not grant what a role below grants.
        ...revocations(snapshot, facts, userId, { role: OWNER, reason: 'issuer-lost-right' }),
      ],
    };
  },
};
