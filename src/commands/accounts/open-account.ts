// Opens the account of a user with its personal workspace, in one commit; later, brings its display name up to date.
import * as z from 'zod/mini';
import { nothingToDo } from '../../core/decision.js';
import { opaqueIdSchema, type WorkspaceId } from '../../core/ids.js';
import { nameKey, nameSchema, providedNameSchema } from '../../core/names.js';
import { refuse } from '../../core/refusals.js';
import { accountQueue, defineCommand } from '../define.js';

const input = z.strictObject({
  userId: opaqueIdSchema,
  username: nameSchema,
  displayName: z.optional(z.nullable(providedNameSchema)),
});

/** With a generated id, in case the personal workspace is created. */
export type OpenAccount = z.output<typeof input> & { readonly newWorkspaceId: WorkspaceId };

export const openAccount = defineCommand({
  name: 'openAccount',
  input,
  caller: 'subject',
  errors: ['ACCOUNT_EXISTS', 'ACCOUNT_CLOSING', 'USERNAME_TAKEN'],
  seesClosedAccounts: true,
  read: ({ userId }: OpenAccount) => ({ personalWorkspaceOf: userId }),
  queueKey: accountQueue,
  decide(snapshot, { userId, username, displayName, newWorkspaceId }) {
    const account = snapshot.accounts.get(userId);
    if (account?.status === 'closing') return refuse('ACCOUNT_CLOSING', { userId });
    if (account?.status === 'open') {
      if (nameKey(account.username) !== nameKey(username)) return refuse('ACCOUNT_EXISTS', { userId });
      if (displayName === undefined || displayName === account.displayName) return nothingToDo;
      const { username: same } = account;
      const data = { from: same, to: same, displayName };
      return { ok: true, events: [{ type: 'account.renamed', userId, data }] };
    }
    return {
      ok: true,
      events: [
        {
          type: 'account.opened',
          userId,
          data: { username, displayName: displayName ?? null, personalWorkspaceId: newWorkspaceId },
        },
        {
          type: 'workspace.created',
          workspaceId: newWorkspaceId,
          data: { kind: 'personal', name: username, ownerId: userId },
        },
      ],
    };
  },
});
