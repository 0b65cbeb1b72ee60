// Renames an account, and its personal workspace with it.
import * as z from 'zod/mini';
import { isOperator } from '../../core/actor.js';
import { nothingToDo } from '../../core/decision.js';
import { opaqueIdSchema } from '../../core/ids.js';
import { nameSchema } from '../../core/names.js';
import { refuse } from '../../core/refusals.js';
import { accountQueue, defineCommand } from '../define.js';

export const renameAccount = defineCommand({
  name: 'renameAccount',
  input: z.strictObject({
    userId: opaqueIdSchema,
    username: nameSchema,
    displayName: z.optional(z.nullable(nameSchema)),
  }),
  caller: 'actor',
  errors: ['ACCOUNT_NOT_FOUND', 'USERNAME_TAKEN', 'NAME_TAKEN'],
  read: ({ userId }) => ({ personalWorkspaceOf: userId }),
  queueKey: accountQueue,
  decide({ accounts, workspace }, { userId, username, displayName }, { actor }) {
    const account = accounts.get(userId);
    // Other users get the same answer as for an unknown id, so that ids cannot be probed.
    if (account === undefined || workspace === null || !(isOperator(actor) || actor.userId === userId)) {
      return refuse('ACCOUNT_NOT_FOUND', { userId });
    }
    const shown = displayName === undefined ? account.displayName : displayName;
    const renamed = account.username !== username;
    if (!renamed && account.displayName === shown) return nothingToDo;
    const { id: workspaceId, name: from } = workspace;
    return {
      ok: true,
      events: [
        {
          type: 'account.renamed',
          userId,
          data: { from: account.username, to: username, displayName: shown },
        },
        ...(renamed
          ? [{ type: 'workspace.renamed' as const, workspaceId, data: { from, to: username } }]
          : []),
      ],
    };
  },
});
