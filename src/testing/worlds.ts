// The content of a storage as plain data: written by one commit, read through the port, and comparable.
import type { Commit } from '../core/changes.js';
import type { StoredEvent, WorkspaceEvent } from '../core/events.js';
import type { UserId, WorkspaceId } from '../core/ids.js';
import type { World } from '../core/invariants/index.js';
import type { PageKey, StorageAdapter } from '../ports/storage.js';

const PAGE = 200;

/** Writes a world into an empty storage. It cannot write tombstones: only a deletion leaves one. */
export async function putWorld(storage: StorageAdapter, world: World): Promise<void> {
  const commit: Commit = {
    expect: [],
    changes: [
      ...world.accounts.map((account) => ({ kind: 'account.insert' as const, account })),
      ...world.workspaces.map((workspace) => ({ kind: 'workspace.insert' as const, workspace })),
      ...world.members.map((member) => ({ kind: 'member.insert' as const, member })),
      ...world.departures.map((departure) => ({ kind: 'departure.insert' as const, departure })),
      ...world.invitations.map((invitation) => ({ kind: 'invitation.insert' as const, invitation })),
    ],
    events: world.events,
  };
  const result = await storage.commit(commit);
  if (!result.ok) throw new Error(`the world could not be written: ${result.reason}`);
}

/** Reads everything of these users and workspaces through the port. */
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
    departures: [] as World['departures'][number][],
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
    const events = await everyItem(
      (after) => storage.listEvents(workspaceId, { after, limit: PAGE, order: 'oldest' }),
      eventKey,
    );
    world.events.push(...events);
    const { departures } = await storage.load({ workspaceId, departuresOf: leaversIn(events) });
    world.departures.push(...departures.values());
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

/** A world as a string, in a fixed order and without event ids: equal worlds have equal strings. */
export function canonicalWorld(world: World): string {
  const lines = [
    ...world.accounts.map((account) => ['account', account]),
    ...world.workspaces.map((workspace) => ['workspace', workspace]),
    ...world.members.map((member) => ['member', member]),
    ...world.invitations.map((invitation) => ['invitation', invitation]),
    ...world.departures.map((departure) => ['departure', departure]),
    ...world.events.map(({ id: _id, ...event }) => ['event', event]),
    ...world.tombstones.map((id) => ['tombstone', id]),
  ];
  return lines
    .map((line) => JSON.stringify(line, sortedKeys))
    .sort()
    .join('\n');
}

/** A replacer for `JSON.stringify`: storages may return the same fields in another order. */
export function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function leaversIn(events: readonly WorkspaceEvent<string>[]): readonly UserId[] {
  const leavers = events.flatMap((event) =>
    event.type === 'member.left' || event.type === 'member.removed' ? event.data.userId : [],
  );
  return [...new Set(leavers)];
}

function eventKey({ version, index }: StoredEvent): PageKey {
  return [version, index];
}

/** Reads every item of a paged list, in order. */
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
