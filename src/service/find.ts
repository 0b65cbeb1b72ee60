// What operators find: accounts and workspaces of all tenants.
import type * as z from 'zod/mini';
import type { queries } from '../commands/queries.js';
import type { AccountRecord } from '../core/account.js';
import { nameKey } from '../core/names.js';
import { statusOf, type WorkspaceRecord } from '../core/workspace.js';
import type { AccountFilter, PageQuery, WorkspaceFilter } from '../ports/storage.js';
import { loadAllFrom } from './access.js';
import { rowsOf } from './answers.js';
import type { ServiceContext } from './context.js';
import { wrapOutage } from './outages.js';
import { pageOf } from './pages.js';
import {
  foundAccountView,
  foundWorkspaceView,
  type FoundAccount,
  type FoundWorkspace,
  type Page,
} from './views.js';

type Queries = typeof queries;
type InputOf<Name extends keyof Queries> = z.output<Queries[Name]['input']>;

export function findAccounts(
  context: ServiceContext,
  { userId, usernamePrefix, status, ...page }: InputOf<'findAccounts'>,
): Promise<Page<FoundAccount>> {
  const prefix = usernamePrefix === undefined ? undefined : nameKey(usernamePrefix);
  const filter: AccountFilter = { ...(prefix !== undefined && { prefix }), ...(status && { status }) };
  const isFound = (account: AccountRecord): boolean =>
    (userId === undefined || account.userId === userId) &&
    (prefix === undefined || account.usernameKey.startsWith(prefix)) &&
    (status === undefined || account.status === status);
  const of = JSON.stringify([userId, prefix, status]);
  return pageOf(page, (query) => read(query), {
    list: { name: 'accounts', of, kind: 'name' },
    keyOf: ({ usernameKey }) => [0, usernameKey],
    view: foundAccountView,
  });

  async function read(query: PageQuery): Promise<readonly AccountRecord[]> {
    if (userId !== undefined) {
      const { accounts } = await loadAllFrom(context, { accounts: [userId] });
      return query.after === null ? [...accounts.values()].filter(isFound) : [];
    }
    return wrapOutage('storage', async () =>
      rowsOf(await context.storage.findAccounts({ ...filter, ...query }), isFound),
    );
  }
}

export function findWorkspaces(
  context: ServiceContext,
  { workspaceId, ownerId, kind, status, ...page }: InputOf<'findWorkspaces'>,
): Promise<Page<FoundWorkspace>> {
  const filter: WorkspaceFilter = {
    ...(ownerId !== undefined && { ownerId }),
    ...(kind && { kind }),
    ...(status && { status }),
  };
  const isFound = (workspace: WorkspaceRecord): boolean =>
    (workspaceId === undefined || workspace.id === workspaceId) &&
    (ownerId === undefined || workspace.ownerId === ownerId) &&
    (kind === undefined || workspace.kind === kind) &&
    (status === undefined || statusOf(workspace) === status);
  const of = JSON.stringify([workspaceId, ownerId, kind, status]);
  return pageOf(page, (query) => read(query), {
    list: { name: 'foundWorkspaces', of, kind: 'id' },
    keyOf: ({ id }) => [0, id],
    view: foundWorkspaceView,
  });

  async function read(query: PageQuery): Promise<readonly WorkspaceRecord[]> {
    if (workspaceId !== undefined) {
      const { workspace } = await loadAllFrom(context, { workspaceId });
      return query.after === null && workspace !== null && isFound(workspace) ? [workspace] : [];
    }
    return wrapOutage('storage', async () =>
      rowsOf(await context.storage.findWorkspaces({ ...filter, ...query }), isFound),
    );
  }
}
