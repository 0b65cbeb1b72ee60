// The cast of the tests: ada owns a team, mia is a manager, dev a developer, and sam is not a member.
import * as z from 'zod';
import {
  defaultMatrix,
  isWorkspaceError,
  WorkspaceService,
  type AttributeOptions,
  type CorePermission,
  type DefaultRole,
  type StorageAdapter,
  type UserActor,
  type WorkspaceError,
  type WorkspaceErrorCode,
  type WorkspaceServiceOptions,
} from '../../src/index.js';
import { memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import { countingIds, fixedClock, testTokens, type FixedClock } from '../../src/testing/index.js';

export const ada: { readonly userId: string } = { userId: 'ada' };
export const mia: { readonly userId: string } = { userId: 'mia' };
export const dev: { readonly userId: string } = { userId: 'dev' };
export const sam: { readonly userId: string } = { userId: 'sam' };
export const root = { operator: 'root' } as const;

/** The outcome of a call: `ok`, or the code of the refusal. */
export type Outcome = 'ok' | WorkspaceErrorCode;

/** Any other error fails the test. */
export async function outcome(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (isWorkspaceError(error)) return error.code;
    throw error;
  }
}

/** The refusal itself, for its details. */
export async function refusal(call: Promise<unknown>): Promise<WorkspaceError> {
  try {
    await call;
  } catch (error) {
    if (isWorkspaceError(error)) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

export interface Team {
  readonly workspaces: WorkspaceService;
  readonly storage: MemoryStorage;
  readonly clock: FixedClock;
  readonly workspaceId: string;
}

type Options = Partial<Omit<WorkspaceServiceOptions<DefaultRole, CorePermission>, 'storage' | 'clock'>>;

/** Everyone has an account; the team is called Core. `wrap` wraps the storage of the service. */
export async function createTeam(
  options: Options = {},
  wrap: (storage: StorageAdapter) => StorageAdapter = (storage) => storage,
): Promise<Team> {
  const [storage, clock] = [memoryStorage(), fixedClock()];
  const workspaces = serviceOn(wrap(storage), { ids: countingIds(), ...options, clock });
  return { workspaces, storage, clock, workspaceId: await formTeam(workspaces) };
}

const text = z.string().max(128);

/** What the tests keep with workspaces and members: the alias of a member is set by managers, too. */
export const attributes = {
  workspace: { label: { schema: text }, customer: { schema: text, visibleTo: 'operators' } },
  member: {
    label: { schema: text },
    alias: { schema: text, permission: 'member:remove' },
    note: { schema: text, visibleTo: 'operators' },
  },
} as const satisfies AttributeOptions<CorePermission>;

/** Another service on the same storage, like a second process. */
export function serviceOn(
  storage: StorageAdapter,
  options: Options & { readonly clock?: FixedClock } = {},
): WorkspaceService {
  return new WorkspaceService({
    permissions: defaultMatrix,
    storage,
    tokens: testTokens,
    clock: fixedClock(),
    attributes,
    ...options,
  });
}

/** Creates the same team through any service. */
export async function formTeam(workspaces: WorkspaceService): Promise<string> {
  await openAccounts(workspaces, 'ada', 'mia', 'dev', 'sam');
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
  await join(workspaces, ada, { workspaceId, userId: 'mia', role: 'manager' });
  await join(workspaces, ada, { workspaceId, userId: 'dev', role: 'developer' });
  return workspaceId;
}

/** Opens accounts whose usernames are their user ids. */
export async function openAccounts(workspaces: WorkspaceService, ...userIds: string[]): Promise<void> {
  for (const userId of userIds) await workspaces.openAccount({ userId, username: userId });
}

/** A workspace of ada's, deleted by her with a grace period of a minute. */
export async function createDeleted({ workspaces, storage, clock }: Team): Promise<string> {
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Gone' });
  const options = { clock, ids: countingIds('keeping'), deletion: { graceSeconds: 60 } };
  await serviceOn(storage, options).deleteWorkspace(ada, { workspaceId });
  return workspaceId;
}

/** Invites a user, who accepts. */
export async function join(
  workspaces: WorkspaceService,
  inviter: UserActor,
  {
    workspaceId,
    userId,
    role,
  }: { readonly workspaceId: string; readonly userId: string; readonly role: 'manager' | 'developer' },
): Promise<void> {
  const { token } = await workspaces.inviteMember(inviter, { workspaceId, role, recipient: { userId } });
  await workspaces.acceptInvitation({ userId }, { token });
}

/** All items of a list, page by page. */
export async function everyItem<Item>(
  list: (
    cursor: string | null,
  ) => Promise<{ readonly items: readonly Item[]; readonly nextCursor: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page = await list(cursor);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
