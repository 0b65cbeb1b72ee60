// Creates a team workspace with the actor as its owner and only member.
import * as z from 'zod/mini';
import { exceeds, nothingToDo } from '../../core/decision.js';
import { workspaceIdSchema, type WorkspaceId } from '../../core/ids.js';
import { emailKeysOf } from '../../core/invitation.js';
import { nameSchema } from '../../core/names.js';
import { refuse } from '../../core/refusals.js';
import { accountQueue, defineCommand } from '../define.js';

const input = z.strictObject({ name: nameSchema, workspaceId: z.optional(workspaceIdSchema) });

/** With the caller's id, or a generated one. */
export interface CreateWorkspace {
  readonly name: string;
  readonly workspaceId: WorkspaceId;
}

export const createWorkspace = defineCommand({
  name: 'createWorkspace',
  input,
  caller: 'user',
  errors: ['ACCOUNT_NOT_FOUND', 'NAME_TAKEN', 'ID_TAKEN', 'LIMIT_EXCEEDED'],
  read: ({ workspaceId }: CreateWorkspace, { actor }) => ({ workspaceId, accounts: [actor.userId] }),
  queueKey: (_command, actor) => accountQueue(actor),
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
        emailKeys: emailKeysOf(actor),
      }
    );
  },
});
