// Deletes a team workspace, or hides it for a grace period. The service deletes its quota when the records are gone.
import * as z from 'zod/mini';
import { authorizeInTeam, selfOf } from '../../core/authorization.js';
import { workspaceIdSchema } from '../../core/ids.js';
import { normalName } from '../../core/names.js';
import { refuse } from '../../core/refusals.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { teamErrors } from '../error-codes.js';

export const deleteWorkspace = defineCommand({
  name: 'deleteWorkspace',
  input: z.strictObject({
    workspaceId: workspaceIdSchema,
    // As typed by a person: compare any string, whether or not it is a valid name.
    confirmName: z.optional(z.string().check(z.maxLength(400))),
  }),
  caller: 'actor',
  errors: [...teamErrors, 'CONFIRMATION_MISMATCH'],
  read: ({ workspaceId }, { actor }) => ({ workspaceId, members: selfOf(actor), owner: true }),
  queueKey: workspaceQueue,
  decide(snapshot, { workspaceId, confirmName }, context) {
    const authorized = authorizeInTeam(snapshot, workspaceId, context, 'workspace:delete', 'delete');
    if (!authorized.ok) return authorized;
    const { name, ownerId } = authorized.workspace;
    if (confirmName !== undefined && normalName(confirmName) !== name) {
      return refuse('CONFIRMATION_MISMATCH', { workspaceId });
    }
    const { now, graceSeconds } = context;
    const purgeAt = graceSeconds > 0 && { purgeAt: new Date(now + graceSeconds * 1000).toISOString() };
    const data = { name, ownerId, ...purgeAt };
    return { ok: true, events: [{ type: 'workspace.deleted', workspaceId, data }] };
  },
});
