// Restores a deleted workspace as it was, in its grace period.
import * as z from 'zod/mini';
import { isOperator } from '../../core/actor.js';
import { authorizeHolder, selfOf } from '../../core/authorization.js';
import { exceeds, nothingToDo } from '../../core/decision.js';
import { workspaceIdSchema } from '../../core/ids.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, deletedQueue } from '../define.js';
import { workspaceErrors } from '../error-codes.js';
import { ownersLimits } from '../invitations/seats.js';

export const restoreWorkspace = defineCommand({
  name: 'restoreWorkspace',
  input: z.strictObject({ workspaceId: workspaceIdSchema }),
  caller: 'actor',
  errors: [...workspaceErrors, 'ACCOUNT_NOT_FOUND', 'LIMIT_EXCEEDED'],
  seesDeletedWorkspaces: true,
  read: ({ workspaceId }, { actor }) => ({ workspaceId, members: selfOf(actor), owner: true }),
  queueKey: deletedQueue,
  limitedBy: ownersLimits,
  decide(snapshot, { workspaceId }, context) {
    const { actor, limits } = context;
    const { workspace, accounts } = snapshot;
    const gone = refuse('WORKSPACE_NOT_FOUND', { workspaceId });
    if (workspace === null || workspace.deletion?.isPurging === true) return gone;
    const { name, ownerId, deletion } = workspace;
    // To all but its owner and operators it does not exist.
    if (deletion !== null && !isOperator(actor) && actor.userId !== ownerId) return gone;
    const authorized = authorizeHolder(snapshot, workspaceId, context, 'workspace:delete');
    if (!authorized.ok) return authorized;
    if (deletion === null) return nothingToDo;
    const owner = accounts.get(ownerId);
    if (owner === undefined) return refuse('ACCOUNT_NOT_FOUND', { userId: ownerId });
    return (
      exceeds('workspacesPerOwner', owner.ownedTeams, 1, limits) ?? {
        ok: true,
        events: [{ type: 'workspace.restored', workspaceId, data: { name, ownerId } }],
      }
    );
  },
});
