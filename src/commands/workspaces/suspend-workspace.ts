// Suspends a workspace: what adds or spends is refused until it is resumed.
import * as z from 'zod/mini';
import { nothingToDo } from '../../core/decision.js';
import { workspaceIdSchema } from '../../core/ids.js';
import { nameSchema } from '../../core/names.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';

export const suspendWorkspace = defineCommand({
  name: 'suspendWorkspace',
  input: z.strictObject({
    workspaceId: workspaceIdSchema,
    // Members see it: in the form of a name, it can be shown everywhere.
    reason: nameSchema.check(z.meta({ description: 'Why, for members', examples: ['unpaid'] })),
  }),
  caller: 'operator',
  errors: ['WORKSPACE_NOT_FOUND'],
  read: ({ workspaceId }) => ({ workspaceId }),
  queueKey: workspaceQueue,
  decide({ workspace }, { workspaceId, reason }) {
    if (workspace === null) return refuse('WORKSPACE_NOT_FOUND', { workspaceId });
    if (workspace.suspendedFor === reason) return nothingToDo;
    return { ok: true, events: [{ type: 'workspace.suspended', workspaceId, data: { reason } }] };
  },
});
