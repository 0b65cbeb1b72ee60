// Makes a workspace the user's active one. The service issues the session token afterwards.
import * as z from 'zod/mini';
import { authorizeMember } from '../../core/authorization.js';
import { nothingToDo } from '../../core/decision.js';
import { workspaceIdSchema } from '../../core/ids.js';
import { refuse } from '../../core/refusals.js';
import { accountQueue, defineCommand } from '../define.js';

export const switchWorkspace = defineCommand({
  name: 'switchWorkspace',
  isNotOnBehalf: true,
  input: z.strictObject({ workspaceId: workspaceIdSchema }),
  caller: 'user',
  errors: ['WORKSPACE_NOT_FOUND', 'SESSION_EXPIRED', 'NOT_ON_BEHALF'],
  read: ({ workspaceId }, { actor }) => ({
    workspaceId,
    members: [actor.userId],
    accounts: [actor.userId],
  }),
  queueKey: (_command, actor) => accountQueue(actor),
  decide(snapshot, { workspaceId }, { actor }) {
    const { userId } = actor;
    const authorized = authorizeMember(snapshot, workspaceId, actor);
    if (!authorized.ok) return authorized;
    const account = snapshot.accounts.get(userId);
    if (account === undefined) return refuse('ACCOUNT_NOT_FOUND', { userId });
    if (account.activeWorkspaceId === workspaceId) return nothingToDo;
    return {
      ok: true,
      events: [
        { type: 'account.switched', userId, data: { from: account.activeWorkspaceId, to: workspaceId } },
      ],
    };
  },
});
