// A storage's state as plain data: put in by one commit, read out through the port, comparable.
import type { Commit } from '../domain/changes.js';
import type { StoredEvent } from '../domain/events.js';
import type { UserId, WorkspaceId } from '../domain/ids.js';
import type { World } from '../domain/invariants.js';
import type { PageKey, StorageAdapter } from '../ports/storage.js';

const PAGE = 200;

/** Writes a world into a storage that holds none of it. Tombstones cannot be written: a deletion leaves them. */
export async function putWorld(storage: StorageAdapter, world: World): Promise<void> {
  const commit: Commit = {
    expect: [],
    changes: [
      ...world.accounts.map((account) => ({ kind: 'account.insert' as const, account })),
      ...world.workspaces.map((workspace) => ({ kind: 'workspace.insert' as const, workspace })),
      ...world.members.map((member) => ({ kind: 'member.insert' as const, member })),
      ...world.invitations.map((invitation) => ({ kind: 'invitation.insert' as const, invitation })),
    ],
    events: world.events,
  };
  const result = await storage.commit(commit);
  if (!result.ok) throw new Error(`the world could not be written: ${result.reason}`);
}

/** Reads what a storage holds of these users and workspaces, through the port alone. */
export async function readWorld(
  storage: StorageAdapter,
  scope: { readonly users: readonly UserId[]; readonly workspaces: readonly WorkspaceId[] },
): Promise<World> {
  const { accounts } = await storage.load({ accounts: scope.users });
  const world = {
    accounts: [...accounts.values()],
    workspaces: [] as World['workspaces'][number][],
    members: [] as World['members'][number][],
    invitations: [] as World['invitations'][number][],
    events: [] as StoredEvent[],
    tombstones: [] as WorkspaceId[],
  };
  for (const workspaceId of scope.workspaces) {
    const { workspace, tombstone } = await storage.load({ workspaceId });
    if (workspace !== null) world.workspaces.push(workspace);
    if (tombstone) world.tombstones.push(workspaceId);
    const members = await everyItem(
      (after) => storage.listMembers(workspaceId, { after, limit: PAGE }),
      ({ member }) => [member.joinedAt, member.userId],
    );
    world.members.push(...members.map(({ member }) => member));
    world.invitations.push(
      ...(await everyItem(
        (after) => storage.listInvitations(workspaceId, { after, limit: PAGE }),
        ({ createdAt, id }) => [createdAt, id],
      )),
    );
    world.events.push(
      ...(await everyItem(
        (after) => storage.listEvents(workspaceId, { after, limit: PAGE, order: 'oldest' }),
        eventKey,
      )),
    );
  }
  for (const userId of scope.users) {
    world.events.push(
      ...(await everyItem(
        (after) => storage.listAccountEvents(userId, { after, limit: PAGE, order: 'oldest' }),
        eventKey,
      )),
    );
  }
  return world;
}

/** A world as text that is equal for equal states: in a fixed order, without the ids of events. */
export function canonicalWorld(world: World): string {
  const lines = [
    ...world.accounts.map((account) => ['account', account]),
    ...world.workspaces.map((workspace) => ['workspace', workspace]),
    ...world.members.map((member) => ['member', member]),
    ...world.invitations.map((invitation) => ['invitation', invitation]),
    ...world.events.map(({ id: _id, ...event }) => ['event', event]),
    ...world.tombstones.map((id) => ['tombstone', id]),
  ];
  return lines
    .map((line) => JSON.stringify(line, sortedKeys))
    .sort()
    .join('\n');
}

/** For `JSON.stringify`: storages may answer with the same fields in another order. */
export function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function eventKey({ version, index }: StoredEvent): PageKey {
  return [version, index];
}

/** Every item of a paged list, in its order. */
export async function everyItem<Item>(
  read: (after: PageKey | null) => Promise<readonly Item[]>,
  keyOf: (item: Item) => PageKey,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let after: PageKey | null = null; ; ) {
    const items: readonly Item[] = await read(after);
    all.push(...items);
    const last = items.at(-1);
    if (last === undefined) return all;
    after = keyOf(last);
  }
}
