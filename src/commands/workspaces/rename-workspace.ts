// Renames a team workspace.
import * as z from 'zod/mini';
import { authorizeInTeam, selfOf } from '../../core/authorization.js';
import { nothingToDo } from '../../core/decision.js';
import { workspaceIdSchema } from '../../core/ids.js';
import { nameSchema } from '../../core/names.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { addingErrors } from '../error-codes.js';

export const renameWorkspace = defineCommand({
  name: 'renameWorkspace',
  input: z.strictObject({ workspaceId: workspaceIdSchema, name: nameSchema }),
  caller: 'actor',
  errors: [...addingErrors, 'NAME_TAKEN'],
  read: ({ workspaceId }, { actor }) => ({ workspaceId, members: selfOf(actor) }),
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId, name }, context) {
    const authorized = authorizeInTeam(snapshot, workspaceId, context, 'workspace:rename', 'rename');
    if (!authorized.ok) return authorized;
    const from = authorized.workspace.name;
    if (from === name) return nothingToDo;
    return { ok: true, events: [{ type: 'workspace.renamed', workspaceId, data: { from, to: name } }] };
  },
});
