// Opening and renaming an account, and the workspace that is active in it.
import * as z from 'zod/mini';
import { isOperator, type UserActor } from '../actor.js';
import { admitMember, nothingToDo, type CommandSpec } from '../decision.js';
import { opaqueIdSchema, workspaceIdSchema, type WorkspaceId } from '../ids.js';
import { nameKey, nameSchema } from '../names.js';
import { refuse } from '../refusals.js';

export const openAccountInput = z.strictObject({
  userId: opaqueIdSchema,
  username: nameSchema,
  displayName: z.optional(nameSchema),
});

/** Minted: the id of the personal workspace, should one be made. */
export type OpenAccount = z.output<typeof openAccountInput> & { readonly newWorkspaceId: WorkspaceId };

export const openAccount: CommandSpec<OpenAccount, UserActor> = {
  slice: ({ userId }) => ({ personalWorkspaceOf: userId }),
  decide(snapshot, { userId, username, displayName, newWorkspaceId }) {
    const account = snapshot.accounts.get(userId);
    if (account !== undefined) {
      return account.usernameKey === nameKey(username) ? nothingToDo : refuse('ACCOUNT_EXISTS', { userId });
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
};

export const renameAccountInput = z.strictObject({
  userId: opaqueIdSchema,
  username: nameSchema,
  displayName: z.optional(z.nullable(nameSchema)),
});

export type RenameAccount = z.output<typeof renameAccountInput>;

export const renameAccount: CommandSpec<RenameAccount> = {
  slice: ({ userId }) => ({ personalWorkspaceOf: userId }),
  decide({ accounts, workspace }, { userId, username, displayName }, { actor }) {
    const account = accounts.get(userId);
    // To anyone else the account does not exist: ids of others tell nothing.
    if (account === undefined || workspace === null || !(isOperator(actor) || actor.userId === userId)) {
      return refuse('ACCOUNT_NOT_FOUND', { userId });
    }
    const shown = displayName === undefined ? account.displayName : displayName;
    const renamed = account.username !== username;
    if (!renamed && account.displayName === shown) return nothingToDo;
    return {
      ok: true,
      events: [
        {
          type: 'account.renamed',
          userId,
          data: { from: account.username, to: username, displayName: shown },
        },
        ...(renamed
          ? [
              {
                type: 'workspace.renamed' as const,
                workspaceId: workspace.id,
                data: { from: workspace.name, to: username },
              },
            ]
          : []),
      ],
    };
  },
};

export const switchWorkspaceInput = z.strictObject({ workspaceId: workspaceIdSchema });

export type SwitchWorkspace = z.output<typeof switchWorkspaceInput>;

export const switchWorkspace: CommandSpec<SwitchWorkspace, UserActor> = {
  slice: ({ workspaceId }, { actor }) => ({
    workspaceId,
    members: [actor.userId],
    accounts: [actor.userId],
  }),
  decide(snapshot, { workspaceId }, { actor }) {
    const { userId } = actor;
    const admitted = admitMember(snapshot, workspaceId, actor);
    if (!admitted.ok) return admitted;
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
};
