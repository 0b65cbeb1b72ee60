// The paged lists: read a page, then check that the actor may see it.
import type * as z from 'zod/mini';
import type { queries } from '../commands/queries.js';
import { isOperator, isUser, type Actor, type UserActor } from '../core/actor.js';
import { eventView } from '../core/event-view.js';
import type { AccountEvent, EventOrder, WorkspaceEvent } from '../core/events.js';
import type { UserId, WorkspaceId } from '../core/ids.js';
import { isFor, keyAcrossWorkspaces, recipientsOf } from '../core/invitation.js';
import type { CorePermission } from '../core/permissions.js';
import { statusOf } from '../core/workspace.js';
import { WorkspaceError } from '../errors.js';
import type { EventPageQuery, PageKey, ReceivedInvitation } from '../ports/storage.js';
import { findAccess, loadAllFrom, loadFrom, permitted } from './access.js';
import type { ServiceContext } from './context.js';
import { rowsOf } from './answers.js';
import { wrapOutage } from './outages.js';
import { pageOf } from './pages.js';
import { invitationView, myInvitationView, type Invitation, type MyInvitation } from './invitation-views.js';
import {
  deletedWorkspaceView,
  listedMemberView,
  membershipView,
  type DeletedWorkspace,
  type ListedMember,
  type Membership,
  type Page,
  type RoleOf,
} from './views.js';

/** The rows of a page, each of the list that was asked for. */
function listed<Row>(
  call: () => Promise<readonly Row[]>,
  isAsked: (row: Row) => boolean,
): Promise<readonly Row[]> {
  return wrapOutage('storage', async () => rowsOf(await call(), isAsked));
}

type Queries = typeof queries;
type InputOf<Name extends keyof Queries> = z.output<Queries[Name]['input']>;

export async function listWorkspaces<Role extends string>(
  { storage }: ServiceContext,
  userId: UserId,
  page: InputOf<'listWorkspaces'>,
  roleOf: RoleOf<Role>,
): Promise<Page<Membership<Role>>> {
  const found = await pageOf(
    page,
    (query) =>
      listed(
        () => storage.listWorkspaces(userId, query),
        ({ workspace, member }) => member.userId === userId && member.workspaceId === workspace.id,
      ),
    {
      list: { name: 'workspaces', of: userId, kind: 'id' },
      keyOf: ({ member }) => [member.joinedAt, member.workspaceId],
      view: (item) => membershipView(item, roleOf),
    },
  );
  // Every account has a personal workspace, so an empty first page means that there is no account.
  if (found.items.length === 0 && page.cursor == null)
    throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId });
  return found;
}

export async function listDeletedWorkspaces(
  context: ServiceContext,
  ownerId: UserId,
  page: InputOf<'listDeletedWorkspaces'>,
): Promise<Page<DeletedWorkspace>> {
  const filter = { ownerId, kind: 'team', status: 'deleted' } as const;
  const found = await pageOf(
    page,
    (query) =>
      listed(
        () => context.storage.findWorkspaces({ ...query, ...filter }),
        (workspace) => workspace.ownerId === ownerId && statusOf(workspace) === 'deleted',
      ),
    {
      list: { name: 'deletedWorkspaces', of: ownerId, kind: 'id' },
      keyOf: ({ id }) => [0, id],
      view: deletedWorkspaceView,
    },
  );
  const { accounts } = await loadFrom(context, { accounts: [ownerId] });
  if (!accounts.has(ownerId)) throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId: ownerId });
  return found;
}

export async function listMembers<Role extends string>(
  context: ServiceContext,
  actor: Actor,
  { workspaceId, role, managedBy, ...page }: InputOf<'listMembers'>,
  roleOf: RoleOf<Role>,
): Promise<Page<ListedMember<Role>>> {
  const { storage } = context;
  const filter = { ...(role !== undefined && { role }), ...(managedBy !== undefined && { managedBy }) };
  const found = await pageOf(
    page,
    (query) =>
      listed(
        () => storage.listMembers(workspaceId, { ...query, ...filter }),
        ({ member, account }) =>
          member.workspaceId === workspaceId &&
          member.userId === account.userId &&
          (role === undefined || member.role === role) &&
          (managedBy === undefined || member.managedBy === managedBy),
      ),
    {
      list: { name: 'members', of: workspaceId, kind: 'id', ...filter },
      keyOf: ({ member }) => [member.joinedAt, member.userId],
      view: (item) => listedMemberView(item, actor, roleOf),
    },
  );
  await authorizeRead(context, actor, workspaceId, 'member:view');
  return found;
}

export async function listInvitations<Role extends string>(
  context: ServiceContext,
  actor: Actor,
  { workspaceId, status, ...page }: InputOf<'listInvitations'>,
  roleOf: RoleOf<Role>,
): Promise<Page<Invitation<Role>>> {
  const { storage, clock } = context;
  const now = clock.now();
  const filter = status === 'open' ? { openAt: now } : {};
  const found = await pageOf(
    page,
    (query) =>
      listed(
        () => storage.listInvitations(workspaceId, { ...query, ...filter }),
        (invitation) => invitation.workspaceId === workspaceId,
      ),
    {
      list: { name: 'invitations', of: workspaceId, kind: 'id' },
      keyOf: ({ createdAt, id }) => [createdAt, id],
      view: (invitation) => invitationView(invitation, now, roleOf),
    },
  );
  await authorizeRead(context, actor, workspaceId, 'invitation:view');
  return found;
}

export async function listMyInvitations<Role extends string>(
  context: ServiceContext,
  caller: UserActor,
  page: InputOf<'listMyInvitations'>,
  roleOf: RoleOf<Role>,
): Promise<Page<MyInvitation<Role>>> {
  const { storage, clock } = context;
  const { userId } = caller;
  const openAt = clock.now();
  const found = await pageOf(
    page,
    (query) =>
      listed(
        () => storage.listInvitationsFor(recipientsOf(caller), { ...query, openAt }),
        (received) => isReceivedBy(received, caller),
      ),
    {
      list: { name: 'myInvitations', of: userId, kind: 'id' },
      keyOf: ({ invitation }) => keyAcrossWorkspaces(invitation),
      view: (received) => myInvitationView(received, roleOf),
    },
  );
  const { accounts } = await loadFrom(context, { accounts: [userId] });
  if (!accounts.has(userId)) throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId });
  return found;
}

function isReceivedBy({ invitation, workspace, issuer }: ReceivedInvitation, caller: UserActor): boolean {
  const { workspaceId, issuedBy, recipient } = invitation;
  const issuerId = isUser(issuedBy) ? issuedBy.userId : undefined;
  return workspace.id === workspaceId && issuer?.userId === issuerId && isFor(recipient, caller);
}

export async function listEvents(
  context: ServiceContext,
  actor: Actor,
  { workspaceId, ...page }: InputOf<'listEvents'>,
): Promise<Page<WorkspaceEvent>> {
  const { storage } = context;
  const isDeleted = isOperator(actor) && (await loadFrom(context, { workspaceId })).tombstone;
  const list = { name: 'events', of: workspaceId } as const;
  const found = await eventPage<WorkspaceEvent<string>>(list, page, async (query) => {
    const events = await listed(
      () => storage.listEvents(workspaceId, query),
      (event) => event.workspaceId === workspaceId,
    );
    return isOperator(actor) ? events : events.map(withoutOperatorKeys);
  });
  if (!isDeleted) await authorizeRead(context, actor, workspaceId, 'event:view');
  return found;
}

/** To users, attributes for operators have no names. The event stays, so that the audit log has no gap. */
function withoutOperatorKeys(event: WorkspaceEvent<string>): WorkspaceEvent<string> {
  switch (event.type) {
    case 'workspace.attributes-changed':
      return event.data.visibleTo === 'members' ? event : { ...event, data: { ...event.data, keys: [] } };
    case 'member.attributes-changed':
      return event.data.visibleTo === 'members' ? event : { ...event, data: { ...event.data, keys: [] } };
    default:
      return event;
  }
}

export async function listAccountEvents(
  context: ServiceContext,
  actor: Actor,
  { userId, ...page }: InputOf<'listAccountEvents'>,
): Promise<Page<AccountEvent>> {
  const account = (await loadAllFrom(context, { accounts: [userId] })).accounts.get(userId);
  const isSelf = !isOperator(actor) && actor.userId === userId;
  // The audit log outlives the account, for operators.
  if (account === undefined || !(isOperator(actor) || (isSelf && account.status === 'open'))) {
    throw new WorkspaceError('ACCOUNT_NOT_FOUND', { userId });
  }
  // A user sees the events of the present account, operators also those of one that was closed before.
  const first = isOperator(actor) ? 1 : account.openedVersion;
  const beforeFirst: PageKey | null = first > 1 ? [first - 1, Number.MAX_SAFE_INTEGER] : null;
  return eventPage<AccountEvent<string>>({ name: 'accountEvents', of: userId }, page, async (query) => {
    const { order } = query;
    const after = order === 'oldest' ? (query.after ?? beforeFirst) : query.after;
    const found = await listed(
      () => context.storage.listAccountEvents(userId, { ...query, after }),
      (event) => event.userId === userId,
    );
    return found.filter(({ version }) => version >= first);
  });
}

function eventPage<Event extends WorkspaceEvent<string> | AccountEvent<string>>(
  list: { readonly name: 'events' | 'accountEvents'; readonly of: string },
  {
    order,
    ...page
  }: { readonly order: EventOrder; readonly limit: number; readonly cursor?: string | null | undefined },
  read: (query: EventPageQuery) => Promise<readonly Event[]>,
) {
  return pageOf(page, (query) => read({ ...query, order }), {
    list: { ...list, kind: order },
    keyOf: ({ version, index }) => [version, index],
    view: (event) => eventView(event),
  });
}

/** Called after the read, so that no item is newer than the right to see it. */
async function authorizeRead(
  context: ServiceContext,
  actor: Actor,
  workspaceId: WorkspaceId,
  permission: CorePermission,
): Promise<void> {
  const question = { actor, workspaceId, permission };
  permitted(context.matrix, await findAccess(context, question), question);
}
