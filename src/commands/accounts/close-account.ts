// Closes an account, step by step: each step is a commit of its own, and the steps may be repeated from the first one.
import * as z from 'zod/mini';
import type { AccountRecord } from '../../core/account.js';
import { isOperator } from '../../core/actor.js';
import { nothingToDo, type Decision, type DecisionContext } from '../../core/decision.js';
import { emailSchema } from '../../core/emails.js';
import { ERASED } from '../../core/erase.js';
import type { NewEvent, StoredEvent } from '../../core/events.js';
import { opaqueIdSchema, type WorkspaceId } from '../../core/ids.js';
import { byCreation, type Recipient } from '../../core/invitation.js';
import { normalName } from '../../core/names.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse } from '../../core/refusals.js';
import { accountQueue, defineCommand, workspaceQueue } from '../define.js';
import { ended, revocations } from '../invitations/revocations.js';
import { purgeStep, type PurgeStep } from '../workspaces/purge-workspaces.js';
import { erase } from './erase.js';

/** More than anyone has. Each is searched in all workspaces. */
const MAX_EMAILS = 20;

const input = z.strictObject({
  userId: opaqueIdSchema,
  // As typed by a person: compare any string, whether or not it is a valid name.
  confirmUsername: z.optional(z.string().check(z.maxLength(400))),
  erase: z.optional(z.boolean()),
  emails: z.optional(z.readonly(z.array(emailSchema).check(z.maxLength(MAX_EMAILS)))),
});

/** A step of closing. `start` takes the access of the user; `finish` frees the username. With `erase`, also of a closed account. */
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
  /** Purges a deleted workspace of the user: without its owner it cannot be restored. */
  | { readonly kind: 'purge'; readonly workspaceId: WorkspaceId; readonly step: PurgeStep }
  /** Erases the names or the address from an event, and the address from the record of the invitation. */
  | { readonly kind: 'erase'; readonly event: StoredEvent }
  /** Deletes the personal workspace. All memberships have ended, and everything but the account is erased. */
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
  seesDeletedWorkspaces: true,
  read: ({ userId, step }: CloseAccount) => {
    const accounts = [userId];
    switch (step.kind) {
      case 'start':
        return { accounts };
      case 'end-invitations':
        return { accounts, workspaceId: step.workspaceId, recipients: step.recipients };
      case 'leave': {
        const { workspaceId } = step;
        return { accounts, workspaceId, members: accounts, issuedBy: accounts, departuresOf: accounts };
      }
      case 'erase': {
        const { event } = step;
        if (event.type !== 'invitation.created') return { accounts };
        return { accounts, workspaceId: event.workspaceId, invitationId: event.data.invitationId };
      }
      case 'purge':
        return { accounts, workspaceId: step.workspaceId };
      case 'finish':
        return { personalWorkspaceOf: userId };
      default:
        return step satisfies never;
    }
  },
  queueKey: ({ userId, step }) => {
    const of = step.kind === 'erase' ? step.event : step;
    return 'workspaceId' in of ? workspaceQueue(of) : accountQueue({ userId });
  },
  decide(snapshot, { userId, confirmUsername, step, ...command }, context) {
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
    // Another call has closed the account. If the user has opened a new one, nothing of it may end or be erased.
    if (step.kind === 'erase') {
      return mayErase(account, step.event) ? erase(snapshot, step.event, context) : nothingToDo;
    }
    if (status === 'open') return nothingToDo;
    if (step.kind === 'finish') return finish(snapshot, account, command.erase === true);
    return status === 'closing' ? stepOf(snapshot, { userId, step }, context) : nothingToDo;
  },
});

/** Everything of an account that has ended. Of an open one, only the names in the events of those before it. */
function mayErase(
  { status, openedVersion, personalWorkspaceId }: AccountRecord,
  event: StoredEvent,
): boolean {
  if (status !== 'open') return true;
  if ('userId' in event) return event.version < openedVersion;
  return event.type !== 'invitation.created' && event.workspaceId !== personalWorkspaceId;
}

function stepOf(
  snapshot: Snapshot,
  {
    userId,
    step,
  }: {
    readonly userId: string;
    readonly step: Extract<CloseStep, { kind: 'end-invitations' | 'leave' | 'purge' }>;
  },
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
      // Its owner has purged a deleted workspace before.
      if (role === undefined || workspace?.kind !== 'team' || workspace.ownerId === userId)
        return nothingToDo;
      const { id: workspaceId } = workspace;
      return {
        ok: true,
        events: [
          { type: 'member.left', workspaceId, data: { userId, role, reason: 'account-closed' } },
          ...revocations(snapshot, context, userId, { role: null, reason: 'issuer-left', links: [] }),
        ],
      };
    }
    case 'purge':
      return workspace?.ownerId === userId ? purgeStep(workspace, step.step) : nothingToDo;
    default:
      return step satisfies never;
  }
}

function finish(
  { workspace }: Snapshot,
  { userId, status, username, displayName }: AccountRecord,
  isErasing: boolean,
): Decision {
  const erased: NewEvent = { type: 'account.erased', userId, data: {} };
  if (status === 'closed') {
    const isErased = username === ERASED && displayName === null;
    return isErasing && !isErased ? { ok: true, events: [erased] } : nothingToDo;
  }
  const events: NewEvent[] = [];
  if (workspace !== null) {
    const { id: workspaceId, ownerId } = workspace;
    const name = isErasing ? ERASED : workspace.name;
    events.push({ type: 'workspace.deleted', workspaceId, data: { name, ownerId } });
  }
  if (isErasing) events.push(erased);
  return { ok: true, events: [...events, { type: 'account.closed', userId, data: {} }] };
}
