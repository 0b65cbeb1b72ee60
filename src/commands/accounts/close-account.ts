// Closes an account, step by step: each step is a commit of its own, and the steps may be repeated from the first one.
import * as z from 'zod/mini';
import { isOperator } from '../../core/actor.js';
import { nothingToDo, type Decision, type DecisionContext } from '../../core/decision.js';
import { opaqueIdSchema, type WorkspaceId } from '../../core/ids.js';
import { byCreation, type Recipient } from '../../core/invitation.js';
import { normalName } from '../../core/names.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse } from '../../core/refusals.js';
import { accountQueue, defineCommand, workspaceQueue } from '../define.js';
import { ended, revocations } from '../invitations/revocations.js';

const input = z.strictObject({
  userId: opaqueIdSchema,
  // As typed by a person: compare any string, whether or not it is a valid name.
  confirmUsername: z.optional(z.string().check(z.maxLength(400))),
});

/** A step of closing. `start` takes the access of the user; `finish` frees the username. */
export type CloseStep =
  | { readonly kind: 'start' }
  /** Ends the open invitations for the user in a workspace. */
  | {
      readonly kind: 'end-invitations';
      readonly workspaceId: WorkspaceId;
      readonly recipients: readonly Recipient[];
    }
  /** Ends the membership in a workspace. */
  | { readonly kind: 'leave'; readonly workspaceId: WorkspaceId }
  /** Deletes the personal workspace. All memberships have ended before. */
  | { readonly kind: 'finish' };

/** With the step that the service takes. */
export type CloseAccount = z.output<typeof input> & { readonly step: CloseStep };

export const closeAccount = defineCommand({
  name: 'closeAccount',
  isNotOnBehalf: true,
  input,
  caller: 'actor',
  errors: ['ACCOUNT_NOT_FOUND', 'ACCOUNT_OWNS_WORKSPACES', 'CONFIRMATION_MISMATCH', 'NOT_ON_BEHALF'],
  seesClosedAccounts: true,
  read: ({ userId, step }: CloseAccount) => {
    const accounts = [userId];
    switch (step.kind) {
      case 'start':
        return { accounts };
      case 'end-invitations':
        return { accounts, workspaceId: step.workspaceId, recipients: step.recipients };
      case 'leave': {
        const { workspaceId } = step;
        return { accounts, workspaceId, members: accounts, issuedBy: userId, departureOf: userId };
      }
      case 'finish':
        return { personalWorkspaceOf: userId };
      default:
        return step satisfies never;
    }
  },
  queueKey: ({ userId, step }) => ('workspaceId' in step ? workspaceQueue(step) : accountQueue({ userId })),
  decide(snapshot, { userId, confirmUsername, step }, context) {
    const { actor } = context;
    const account = snapshot.accounts.get(userId);
    // Other users get the same answer as for an unknown id, so that ids cannot be probed.
    if (account === undefined || !(isOperator(actor) || actor.userId === userId)) {
      return refuse('ACCOUNT_NOT_FOUND', { userId });
    }
    const { status, username, ownedTeams: count } = account;
    if (step.kind === 'start') {
      if (status !== 'open') return nothingToDo;
      if (count > 0) return refuse('ACCOUNT_OWNS_WORKSPACES', { userId, count, workspaceId: null });
      if (confirmUsername !== undefined && normalName(confirmUsername) !== username) {
        return refuse('CONFIRMATION_MISMATCH', { userId });
      }
      return { ok: true, events: [{ type: 'account.close-started', userId, data: {} }] };
    }
    // Another call has closed the account. If the user has opened a new one, none of its memberships may end.
    if (status !== 'closing') return nothingToDo;
    return stepOf(snapshot, { userId, step }, context);
  },
});

function stepOf(
  snapshot: Snapshot,
  { userId, step }: { readonly userId: string; readonly step: Exclude<CloseStep, { kind: 'start' }> },
  context: DecisionContext,
): Decision {
  const { workspace, members, openInvitations } = snapshot;
  switch (step.kind) {
    case 'end-invitations':
      return {
        ok: true,
        events: [...openInvitations]
          .sort(byCreation)
          .map((open) => ended(open, context.now, 'recipient-closed')),
      };
    case 'leave': {
      const role = members.get(userId)?.role;
      if (role === undefined || workspace?.kind !== 'team') return nothingToDo;
      const { id: workspaceId } = workspace;
      return {
        ok: true,
        events: [
          { type: 'member.left', workspaceId, data: { userId, role, reason: 'account-closed' } },
          ...revocations(snapshot, context, userId, { role: null, reason: 'issuer-left', links: [] }),
        ],
      };
    }
    case 'finish': {
      const closed = { type: 'account.closed', userId, data: {} } as const;
      if (workspace === null) return { ok: true, events: [closed] };
      const { id: workspaceId, name, ownerId } = workspace;
      return {
        ok: true,
        events: [{ type: 'workspace.deleted', workspaceId, data: { name, ownerId } }, closed],
      };
    }
    default:
      return step satisfies never;
  }
}
