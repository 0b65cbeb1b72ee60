// Ends the suspension of a workspace.
import * as z from 'zod/mini';
import { nothingToDo } from '../../core/decision.js';
import { workspaceIdSchema } from '../../core/ids.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';

export const resumeWorkspace = defineCommand({
  name: 'resumeWorkspace',
  input: z.strictObject({ workspaceId: workspaceIdSchema }),
  caller: 'operator',
  errors: ['WORKSPACE_NOT_FOUND'],
  read: ({ workspaceId }) => ({ workspaceId }),
  queueKey: workspaceQueue,
  decide({ workspace }, { workspaceId }) {
    if (workspace === null) return refuse('WORKSPACE_NOT_FOUND', { workspaceId });
    const { suspendedFor: reason } = workspace;
    if (reason === null) return nothingToDo;
    return { ok: true, events: [{ type: 'workspace.resumed', workspaceId, data: { reason } }] };
  },
});
