// Closes an account in commits that are each bounded. A call that was interrupted goes on when it is made again.
import type * as z from 'zod/mini';
import type { CloseStep } from '../commands/accounts/close-account.js';
import { commands } from '../commands/index.js';
import { isOperator, isUser, type Actor } from '../core/actor.js';
import type { UserId } from '../core/ids.js';
import {
  keyAcrossWorkspaces,
  recipientKey,
  recipientOfKey,
  recipientsOf,
  type Recipient,
} from '../core/invitation.js';
import type { Snapshot } from '../core/read-set.js';
import { required } from '../core/values.js';
import type { WorkspaceRecord } from '../core/workspace.js';
import { isWorkspaceError, WorkspaceError } from '../errors.js';
import type { ExistingPageQuery, PageKey } from '../ports/storage.js';
import { rowsOf } from './answers.js';
import type { ServiceContext } from './context.js';
import { eraseInvitations, eraseNames } from './erase.js';
import { assertOutside, enqueue } from './execute.js';
import { wrapOutage } from './outages.js';
import { invalid } from './parse.js';
import { forgetQuota } from './quotas.js';
import type { MembershipRecords } from './views.js';
import { purge } from './workspaces.js';

type CloseAccountInput = z.output<typeof commands.closeAccount.input>;

/** How many memberships or invitations are read at a time. */
const PAGE = 50;
/** How many addresses of one person are searched at a time. Nearly everyone has one. */
const RECIPIENTS = 8;
/** Also in workspaces that may be restored. */
const WITH_DELETED = { withDeleted: true } as const;

/**
 * A user must not end or erase the invitations of someone else by an address.
 *
 * @throws WorkspaceError `INVALID_INPUT`
 */
export function checkEmails(actor: Actor, { emails }: CloseAccountInput): void {
  if (emails === undefined || isOperator(actor)) return;
  throw invalid([{ path: 'input.emails', message: 'may be given by operators only' }]);
}

/** @throws WorkspaceError `ACCOUNT_NOT_FOUND`, `ACCOUNT_OWNS_WORKSPACES`, `CONFIRMATION_MISMATCH` */
export async function closeAccount(
  context: ServiceContext,
  actor: Actor,
  input: CloseAccountInput,
): Promise<void> {
  assertOutside(context, 'closeAccount');
  const { userId, erase = false, emails = [] } = input;
  const take = (step: CloseStep): Promise<Snapshot> =>
    enqueue(context, commands.closeAccount, actor, { ...input, step });
  const { accounts } = await take({ kind: 'start' }).catch(async (error: unknown) => {
    throw isWorkspaceError(error, 'ACCOUNT_OWNS_WORKSPACES') ? await withOwned(context, error) : error;
  });
  const { status, personalWorkspaceId } = required(accounts.get(userId));
  const isClosed = status === 'closed';
  if (isClosed && !erase) return;

  // From here on the user cannot join a workspace, so what is read to its end is complete.
  const addresses = new Set<string>();
  /** Memberships that fit on one page are not read again. */
  let all: readonly MembershipRecords[] | null | undefined;
  for await (const page of isClosed ? [] : membershipPages(context, userId, WITH_DELETED)) {
    for (const { member } of page) if (member.emailKey !== null) addresses.add(member.emailKey);
    all = all === undefined && page.length < PAGE ? page : null;
  }
  // Before the memberships end: only these records hold the addresses with which the user joined.
  const self = isOperator(actor) ? { userId } : actor;
  const known = [
    ...recipientsOf(self),
    ...emails.map((email) => ({ email })),
    ...[...addresses].map(recipientOfKey),
  ];
  const recipients = [...new Map(known.map((each) => [recipientKey(each), each])).values()];
  for (let from = 0; from < recipients.length && !isClosed; from += RECIPIENTS) {
    await endInvitations(context, recipients.slice(from, from + RECIPIENTS), take);
  }
  if (erase) {
    for (const recipient of recipients) {
      if (!isUser(recipient)) await eraseInvitations(context, recipientKey(recipient), take);
    }
    await eraseNames(context, userId, take);
  }
  if (!isClosed) {
    for await (const page of all ? [all] : membershipPages(context, userId, WITH_DELETED)) {
      for (const { workspace } of page) await endMembership(context, userId, { workspace, take });
    }
    // Before the last step, because a call after it would not repeat this.
    await forgetQuota(context, personalWorkspaceId);
  }
  await take({ kind: 'finish' });
  // A call without `erase` may have been faster, and have recorded the name of the workspace that it deleted.
  if (erase && !isClosed) await eraseNames(context, userId, take);
}

/** A deleted workspace of the user is purged: nobody could restore it. */
async function endMembership(
  context: ServiceContext,
  userId: UserId,
  {
    workspace,
    take,
  }: { readonly workspace: WorkspaceRecord; readonly take: (step: CloseStep) => Promise<Snapshot> },
): Promise<void> {
  const { id: workspaceId, kind, ownerId } = workspace;
  if (kind === 'personal') return;
  if (ownerId !== userId) await take({ kind: 'leave', workspaceId });
  else await purge(context, workspaceId, (step) => take({ kind: 'purge', workspaceId, step }));
}

async function endInvitations(
  { storage }: ServiceContext,
  recipients: readonly Recipient[],
  take: (step: CloseStep) => Promise<unknown>,
): Promise<void> {
  const keys = new Set(recipients.map(recipientKey));
  for (let after: PageKey | null = null; ; ) {
    const page = { after, limit: PAGE, ...WITH_DELETED };
    const found = await wrapOutage('storage', async () =>
      rowsOf(
        await storage.listInvitationsFor(recipients, page),
        ({ invitation: { recipient } }) => recipient !== null && keys.has(recipientKey(recipient)),
      ),
    );
    for (const workspaceId of new Set(found.map(({ invitation }) => invitation.workspaceId))) {
      await take({ kind: 'end-invitations', workspaceId, recipients });
    }
    const last = found.at(-1)?.invitation;
    if (found.length < PAGE || last === undefined) return;
    after = keyAcrossWorkspaces(last);
  }
}

/** The error with the first workspace that the user owns. */
async function withOwned(
  context: ServiceContext,
  { details: { userId, count } }: WorkspaceError<'ACCOUNT_OWNS_WORKSPACES'>,
): Promise<WorkspaceError> {
  for await (const page of membershipPages(context, userId)) {
    const owned = page.find(({ workspace: { ownerId, kind } }) => ownerId === userId && kind === 'team');
    if (owned === undefined) continue;
    return new WorkspaceError('ACCOUNT_OWNS_WORKSPACES', { userId, count, workspaceId: owned.workspace.id });
  }
  return new WorkspaceError('ACCOUNT_OWNS_WORKSPACES', { userId, count, workspaceId: null });
}

async function* membershipPages(
  { storage }: ServiceContext,
  userId: UserId,
  which: Pick<ExistingPageQuery, 'withDeleted'> = {},
): AsyncGenerator<readonly MembershipRecords[]> {
  for (let after: PageKey | null = null; ; ) {
    const page: ExistingPageQuery = { after, limit: PAGE, ...which };
    const found = await wrapOutage('storage', async () =>
      rowsOf(
        await storage.listWorkspaces(userId, page),
        ({ workspace, member }) => member.userId === userId && member.workspaceId === workspace.id,
      ),
    );
    yield found;
    const last = found.at(-1)?.member;
    if (found.length < PAGE || last === undefined) return;
    after = [last.joinedAt, last.workspaceId];
  }
}
