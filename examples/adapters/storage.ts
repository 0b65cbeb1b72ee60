// A storage adapter for a versioned key-value store, to copy. Replace the store in store.ts with your database, and
// adapt the rest until the conformance suite passes. The guide is docs/adapters.md.
import {
  WorkspaceError,
  invitedEmailKey,
  recipientKey,
  workspaceStatusOf,
  workspaceStatuses,
  type AccountEvent,
  type AccountRecord,
  type Change,
  type Commit,
  type CommitResult,
  type DepartureRecord,
  type DuplicateField,
  type EventOrder,
  type Expectation,
  type InvitationRecord,
  type MemberRecord,
  type OpenInvitationRecord,
  type PageQuery,
  type ReadSet,
  type ReceivedInvitation,
  type Snapshot,
  type StorageAdapter,
  type StoredEvent,
  type UserId,
  type WorkspaceEvent,
  type WorkspaceRecord,
} from 'tenantry';
import { areCurrent, everyEntry, keyOf, prefixOf, type Entry, type KeyValueStore } from './store.js';

/** Creates a storage. Several processes can share one store. */
export function keyValueStorage(store: KeyValueStore): StorageAdapter {
  return {
    async load(readSet) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const snapshot = await loadOnce(store, readSet);
        if (snapshot !== null) return snapshot;
      }
      // Other commits interfered and nothing was written: report a conflict, not an outage.
      throw new WorkspaceError('CONFLICT', { attempts: MAX_ATTEMPTS });
    },

    async commit(commit) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const result = await commitOnce(store, commit);
        if (result !== null) return result;
      }
      return CONFLICT;
    },

    // Authorization reads only these entries, so a deletion must remove the members as well.
    async findMembership(workspaceId, userId) {
      const [seat, room] = await store.get([
        keyOf('member', workspaceId, userId),
        keyOf('workspace', workspaceId),
      ]);
      const [{ member }, { workspace }] = [storedIn(seat), storedIn(room)];
      return member && workspace ? { workspace, member } : null;
    },

    // No decision depends on a page, so its entries may come from different times during the call.
    listWorkspaces: (userId, page) =>
      pageOf(store, prefixOf('seat', userId), page, async (entries) => {
        const members = entries.flatMap(({ member }) => member ?? []);
        const rooms = await store.get(members.map(({ workspaceId }) => keyOf('workspace', workspaceId)));
        return members.flatMap((member, place) => {
          const { workspace } = storedIn(rooms[place]);
          // Its records may have been deleted since the seat was read.
          if (workspace === undefined || !isListed(workspace, page)) return [];
          return { workspace, member };
        });
      }),

    listMembers: (workspaceId, { role, managedBy, ...page }) =>
      pageOf(
        store,
        role !== undefined
          ? prefixOf('rank', workspaceId, role)
          : managedBy !== undefined
            ? prefixOf('managed', workspaceId, managedBy)
            : prefixOf('roster', workspaceId),
        page,
        async (entries) => {
          const members = entries.flatMap(({ member }) => member ?? []);
          const people = await store.get(members.map(({ userId }) => keyOf('account', userId)));
          return members.flatMap((member, place) => {
            const { account } = storedIn(people[place]);
            return account === undefined ? [] : { member, account };
          });
        },
      ),

    listInvitations: (workspaceId, { openAt, ...page }) =>
      pageOf(store, prefixOf(openAt === undefined ? 'invited' : 'open', workspaceId), page, async (entries) =>
        entries
          .flatMap(({ invitation }) => invitation ?? [])
          // An expired invitation stays among the open ones until a command settles it.
          .filter(({ expiresAt }) => openAt === undefined || expiresAt > openAt),
      ),

    // A page for each recipient, and of these the page of all. The ids are joined by a comma, as the port says.
    async listInvitationsFor(recipients, { openAt, withDeleted, ...page }) {
      const keys = new Set(recipients.map(recipientKey));
      const pages = await Promise.all(
        [...keys].map((key) =>
          pageOf(store, prefixOf('received', key), page, async (entries) =>
            (
              await receivedOf(
                store,
                entries
                  .flatMap(({ invitation }) => (invitation?.state === 'open' ? invitation : []))
                  .filter(({ expiresAt }) => openAt === undefined || expiresAt > openAt),
              )
            ).filter(({ workspace }) => isListed(workspace, { withDeleted })),
          ),
        ),
      );
      const placeOf = ({ invitation: { createdAt, workspaceId, id } }: ReceivedInvitation): string =>
        keyOf(createdAt, `${workspaceId},${id}`);
      return pages
        .flat()
        .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
        .slice(0, page.limit);
    },

    findAccounts({ prefix = '', status, ...page }) {
      const list = status === undefined ? ['all-accounts'] : ['accounts-of', status];
      return pageOf(
        store,
        prefixOf(...list, 0) + prefix,
        page,
        async (entries) => entries.flatMap(({ account }) => account ?? []),
        prefixOf(...list),
      );
    },

    // A page for each kind and status, and of these the page of all.
    async findWorkspaces({ ownerId, kind, status, ...page }) {
      const owner = ownerId === undefined ? ['all-workspaces'] : ['workspaces-of', ownerId];
      const lists = (kind === undefined ? KINDS : [kind]).flatMap((one) =>
        (status === undefined ? workspaceStatuses : [status]).map((other) => prefixOf(...owner, one, other)),
      );
      const pages = await Promise.all(
        lists.map((list) =>
          pageOf(store, list, page, async (entries) => entries.flatMap(({ workspace }) => workspace ?? [])),
        ),
      );
      return pages
        .flat()
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, page.limit);
    },

    listPurgeable: (at, page) =>
      pageOf(store, prefixOf('purge'), page, async (entries) =>
        entries
          .flatMap(({ workspace }) => workspace ?? [])
          .filter(({ deletion }) => (deletion?.purgeAt ?? at) <= at),
      ),

    listEvents: (workspaceId, page) =>
      pageOf(store, prefixOf('event', workspaceId), page, async (entries) =>
        entries.flatMap(({ event }) => event ?? []),
      ),

    listInvitationEvents: (emailKey, page) =>
      pageOf(store, prefixOf('invited-address', emailKey), page, async (entries) =>
        entries.flatMap(({ event }) => (event?.type === 'invitation.created' ? event : [])),
      ),

    listAccountEvents: (userId, page) =>
      pageOf(store, prefixOf('account-event', userId), page, async (entries) =>
        entries.flatMap(({ accountEvent }) => accountEvent ?? []),
      ),
  };
}

/** Whether a list shows what belongs to a workspace. */
function isListed({ deletion }: WorkspaceRecord, page: { readonly withDeleted?: true | undefined }): boolean {
  return deletion === null || page.withDeleted === true;
}

/** Open invitations with their workspaces and issuers. */
async function receivedOf(
  store: KeyValueStore,
  invitations: readonly OpenInvitationRecord[],
): Promise<readonly ReceivedInvitation[]> {
  const rooms = await store.get(invitations.map(({ workspaceId }) => keyOf('workspace', workspaceId)));
  const issuers = await store.get(
    invitations.map(({ issuedBy }) => keyOf('account', 'userId' in issuedBy ? issuedBy.userId : '')),
  );
  return invitations.flatMap((invitation, place) => {
    const { workspace } = storedIn(rooms[place]);
    const { account: issuer = null } = storedIn(issuers[place]);
    // Deleted since the invitation was read.
    return workspace === undefined ? [] : { invitation, workspace, issuer };
  });
}

/**
 * Reads the records of a read set, or returns `null` if they changed meanwhile. Each change in a workspace increments
 * the workspace's version, and accounts have versions of their own, so this compares the versions before and after.
 */
async function loadOnce(store: KeyValueStore, readSet: ReadSet): Promise<Snapshot | null> {
  const revisions = new Map<string, number>();
  const guarded = async (keys: readonly string[]): Promise<readonly Stored[]> => {
    const entries = await store.get(keys);
    // Use the first version: an account that is read twice must be unchanged in between.
    for (const { key, revision } of entries) if (!revisions.has(key)) revisions.set(key, revision);
    return entries.map(storedIn);
  };
  const accounts = new Map<UserId, AccountRecord>();
  const readAccounts = async (userIds: readonly UserId[]): Promise<void> => {
    for (const { account } of await guarded(userIds.map((userId) => keyOf('account', userId))))
      if (account !== undefined) accounts.set(account.userId, account);
  };
  const ended = async (found: Omit<Snapshot, 'accounts'>): Promise<Snapshot | null> =>
    (await areCurrent(store, revisions)) ? { ...found, accounts } : null;

  const resident = readSet.personalWorkspaceOf;
  await readAccounts([...(readSet.accounts ?? []), ...(resident === undefined ? [] : [resident])]);
  const personal = resident === undefined ? undefined : accounts.get(resident)?.personalWorkspaceId;
  const workspaceId = readSet.workspaceId ?? personal;
  const [room] = workspaceId === undefined ? [] : await guarded([keyOf('workspace', workspaceId)]);
  if (workspaceId === undefined || room?.workspace === undefined) {
    const tombstone = room?.deleted === true;
    return ended({
      workspace: null,
      tombstone,
      members: new Map(),
      invitation: null,
      openInvitations: [],
      departures: new Map(),
    });
  }

  const { workspace } = room;
  const { invitationId } = readSet;
  const [entry] =
    invitationId === undefined ? [] : await store.get([keyOf('invitation', workspaceId, invitationId)]);
  const { invitation = null } = storedIn(entry);
  const issuer = invitation !== null && 'userId' in invitation.issuedBy ? [invitation.issuedBy.userId] : [];
  const named = [...issuer, ...(readSet.owner ? [workspace.ownerId] : [])];
  await readAccounts(named);
  const roster = [...named, ...(readSet.members ?? [])];
  const seats = await store.get(roster.map((userId) => keyOf('member', workspaceId, userId)));
  const members = seats.flatMap((seat) => storedIn(seat).member ?? []);
  if (readSet.emailKey !== undefined) {
    for await (const entry of everyEntry(store, prefixOf('address', workspaceId, readSet.emailKey))) {
      members.push(...[storedIn(entry).member].filter((member) => member !== undefined));
    }
  }
  const left = await store.get(
    (readSet.departuresOf ?? []).map((userId) => keyOf('departure', workspaceId, userId)),
  );
  const departures = left.flatMap((entry) => storedIn(entry).departure ?? []);
  return ended({
    workspace,
    tombstone: false,
    members: new Map(members.map((member) => [member.userId, member])),
    invitation,
    openInvitations: await openInvitationsOf(store, workspace, readSet),
    departures: new Map(departures.map((departure) => [departure.userId, departure])),
  });
}

/**
 * Reads all open invitations of the workspace; by default, the service allows 100. If you allow many more, index them
 * by issuer, by recipient and by expiry.
 */
async function openInvitationsOf(
  store: KeyValueStore,
  { id, ownerId }: WorkspaceRecord,
  { issuedBy = [], issuedByOwner, recipients = [], openLinks, expiredAt = -Infinity }: ReadSet,
): Promise<readonly OpenInvitationRecord[]> {
  const issuers = [...issuedBy, ...(issuedByOwner ? [ownerId] : [])];
  const wanted = recipients.map(recipientKey);
  if (issuers.length + wanted.length === 0 && !openLinks && expiredAt === -Infinity) return [];
  const found: OpenInvitationRecord[] = [];
  for await (const entry of everyEntry(store, prefixOf('open', id))) {
    const { invitation } = storedIn(entry);
    if (invitation?.state !== 'open') continue;
    const isAskedFor =
      ('userId' in invitation.issuedBy && issuers.includes(invitation.issuedBy.userId)) ||
      (invitation.recipient ? wanted.includes(recipientKey(invitation.recipient)) : openLinks) ||
      invitation.expiresAt <= expiredAt;
    if (isAskedFor) found.push(invitation);
  }
  return found;
}

/** The result of a commit, or `null` if an entry changed between reading and writing. */
async function commitOnce(
  store: KeyValueStore,
  { expect, changes, events }: Commit,
): Promise<CommitResult | null> {
  const puts = changes.flatMap(putBy);
  // Everything that the result depends on, in one read. The store compares the revisions again when it writes.
  const rests = [
    ...expect.map(keyOfExpected),
    ...changes.map(keyOfChanged),
    ...puts.flatMap(({ key, unique }) => (unique === undefined ? [] : key)),
  ];
  const found = new Map((await store.get([...new Set(rests)])).map((entry) => [entry.key, entry]));
  const revisions = new Map([...found].map(([key, { revision }]) => [key, revision]));

  const isCurrent = (expected: Expectation): boolean => {
    const { account, workspace } = storedIn(found.get(keyOfExpected(expected)));
    return (account ?? workspace)?.version === expected.version;
  };
  // Versions never repeat, so this result stays true.
  if (!expect.every(isCurrent)) return CONFLICT;

  // Deletions come first: a key that one record gives up is free for another record of the same commit.
  const writes = new Map<string, string | null>();
  for (const change of changes) {
    const before = storedIn(found.get(keyOfChanged(change)));
    for (const key of await keysFreedBy(store, change, before)) writes.set(key, null);
  }
  for (const { key, value, unique } of puts) {
    const isFree = writes.has(key) ? writes.get(key) === null : found.get(key)?.revision === 0;
    if (unique !== undefined && !isFree) {
      // The result names the duplicate, so it must have existed while the versions were current.
      return (await areCurrent(store, revisions)) ? { ok: false, reason: 'duplicate', field: unique } : null;
    }
    writes.set(key, JSON.stringify(value));
  }
  const erased = changes.flatMap((change) =>
    change.kind === 'event.erase' && found.get(keyOfChanged(change))?.revision !== 0 ? change.event : [],
  );
  for (const event of [...erased, ...events]) {
    for (const { key, value } of entriesOfEvent(event)) writes.set(key, JSON.stringify(value));
  }
  return (await store.commit(revisions, writes)) ? { ok: true } : null;
}

/** The value of an entry: a record, alone or as an item of a sorted list; an event; or the tombstone of an id. */
interface Stored {
  readonly account?: AccountRecord;
  readonly workspace?: WorkspaceRecord;
  readonly deleted?: true;
  readonly member?: MemberRecord;
  readonly departure?: DepartureRecord;
  readonly invitation?: InvitationRecord;
  readonly event?: WorkspaceEvent<string>;
  readonly accountEvent?: AccountEvent<string>;
}

/** An entry of a record. A unique entry must not exist yet: keys are unique, so no other rule is needed. */
interface Put {
  readonly key: string;
  readonly value: Stored;
  readonly unique?: DuplicateField;
}

/** All entries of a record. The first is the one by which it is found. */
function entriesOf(record: Stored): readonly Put[] {
  const { account, workspace, member, departure, invitation } = record;
  if (account !== undefined) {
    return [
      { key: keyOf('account', account.userId), value: { account }, unique: 'userId' },
      { key: keyOf('username', account.usernameKey), value: {}, unique: 'username' },
      { key: keyOf('all-accounts', 0, account.usernameKey), value: { account } },
      { key: keyOf('accounts-of', account.status, 0, account.usernameKey), value: { account } },
    ];
  }
  if (workspace !== undefined) {
    const { id, kind, ownerId, nameKey } = workspace;
    const { deletion } = workspace;
    const status = workspaceStatusOf(workspace);
    return [
      { key: keyOf('workspace', id), value: { workspace }, unique: 'workspaceId' },
      { key: keyOf('name', ownerId, nameKey), value: {}, unique: 'name' },
      { key: keyOf('all-workspaces', kind, status, 0, id), value: { workspace } },
      { key: keyOf('workspaces-of', ownerId, kind, status, 0, id), value: { workspace } },
      ...(deletion === null ? [] : [{ key: keyOf('purge', deletion.purgeAt, id), value: { workspace } }]),
    ];
  }
  if (member !== undefined) {
    const { workspaceId, userId, role, joinedAt, emailKey, managedBy } = member;
    return [
      { key: keyOf('member', workspaceId, userId), value: { member }, unique: 'member' },
      { key: keyOf('roster', workspaceId, joinedAt, userId), value: { member } },
      { key: keyOf('rank', workspaceId, role, joinedAt, userId), value: { member } },
      { key: keyOf('seat', userId, joinedAt, workspaceId), value: { member } },
      ...(emailKey === null
        ? []
        : [{ key: keyOf('address', workspaceId, emailKey, userId), value: { member } }]),
      ...(managedBy === null
        ? []
        : [{ key: keyOf('managed', workspaceId, managedBy, joinedAt, userId), value: { member } }]),
    ];
  }
  if (departure !== undefined) {
    return [{ key: keyOf('departure', departure.workspaceId, departure.userId), value: { departure } }];
  }
  if (invitation === undefined) return [];
  const { id, workspaceId, createdAt, recipient, state } = invitation;
  const value = { invitation };
  const entries: Put[] = [
    { key: keyOf('invitation', workspaceId, id), value, unique: 'invitationId' },
    { key: keyOf('invited', workspaceId, createdAt, id), value },
  ];
  if (state !== 'open') return entries;
  entries.push({ key: keyOf('open', workspaceId, createdAt, id), value });
  if (recipient !== null) {
    entries.push({
      key: keyOf('recipient', workspaceId, recipientKey(recipient)),
      value: {},
      unique: 'recipient',
    });
    entries.push({
      key: keyOf('received', recipientKey(recipient), createdAt, `${workspaceId},${id}`),
      value,
    });
  }
  return entries;
}

/** The entry of an event in its audit log, and one by the address that it names. */
function entriesOfEvent(event: StoredEvent): readonly Put[] {
  const key = keyOfEvent(event);
  if (!('workspaceId' in event)) return [{ key, value: { accountEvent: event } }];
  const address = invitedEmailKey(event);
  const value = { event };
  if (address === null) return [{ key, value }];
  return [
    { key, value },
    { key: keyOf('invited-address', address, Date.parse(event.at), event.id), value },
  ];
}

function keyOfEvent(event: StoredEvent): string {
  const subject = 'workspaceId' in event ? ['event', event.workspaceId] : ['account-event', event.userId];
  return keyOf(...subject, event.version, event.index);
}

function putBy(change: Change): readonly Put[] {
  switch (change.kind) {
    case 'member.delete':
      return [];
    case 'event.erase':
      // Written with the new events, if it is stored.
      return [];
    case 'workspace.delete':
      // Replaces the workspace; an insert would require that the key is free.
      return [{ key: keyOf('workspace', change.workspaceId), value: { deleted: true } }];
    default:
      return entriesOf(change);
  }
}

/**
 * The keys that a change replaces or deletes. Deleting a workspace deletes everything in it. No other commit can add to
 * it meanwhile, because that would change the workspace's version.
 */
async function keysFreedBy(store: KeyValueStore, change: Change, before: Stored): Promise<readonly string[]> {
  if (change.kind.endsWith('.insert')) return [];
  if (change.kind === 'event.erase') {
    const event = before.event ?? before.accountEvent;
    return event === undefined ? [] : entriesOfEvent(event).map(({ key }) => key);
  }
  const records = [before];
  if (change.kind === 'workspace.delete') {
    for (const kind of ['member', 'departure', 'invitation']) {
      for await (const entry of everyEntry(store, prefixOf(kind, change.workspaceId))) {
        records.push(storedIn(entry));
      }
    }
  }
  return records.flatMap(entriesOf).map(({ key }) => key);
}

function keyOfChanged(change: Change): string {
  if ('account' in change) return keyOf('account', change.account.userId);
  if ('workspace' in change) return keyOf('workspace', change.workspace.id);
  if ('member' in change) return keyOf('member', change.member.workspaceId, change.member.userId);
  if ('departure' in change) return keyOf('departure', change.departure.workspaceId, change.departure.userId);
  if ('invitation' in change) return keyOf('invitation', change.invitation.workspaceId, change.invitation.id);
  if ('event' in change) return keyOfEvent(change.event);
  return change.kind === 'member.delete'
    ? keyOf('member', change.workspaceId, change.userId)
    : keyOf('workspace', change.workspaceId);
}

function keyOfExpected(expected: Expectation): string {
  return 'workspace' in expected
    ? keyOf('workspace', expected.workspace)
    : keyOf('account', expected.account);
}

/** At most `limit` items, and fewer only at the end of the list: the service treats a short page as the last one. */
async function pageOf<Item>(
  store: KeyValueStore,
  prefix: string,
  { after, limit, order }: PageQuery & { readonly order?: EventOrder },
  itemsOf: (page: readonly Stored[]) => Promise<readonly Item[]>,
  /** What the keys of the list begin with, if the prefix is longer. */
  list = prefix,
): Promise<readonly Item[]> {
  const reverse = order === 'newest';
  const items: Item[] = [];
  for (let from = after === null ? undefined : list + keyOf(...after); ; ) {
    const entries: readonly Entry[] = await store.list({ prefix, after: from, limit, reverse });
    items.push(...(await itemsOf(entries.map(storedIn))));
    if (entries.length < limit || items.length >= limit) return items.slice(0, limit);
    from = entries.at(-1)?.key;
  }
}

/** Each read returns a new object, which the caller owns. Only this adapter writes these entries. */
function storedIn(entry: Entry | undefined): Stored {
  return entry?.value == null ? {} : (JSON.parse(entry.value) as Stored);
}

const KINDS = ['personal', 'team'] as const;

const CONFLICT = Object.freeze({ ok: false, reason: 'conflict' } as const);
/** A failed attempt means that another commit succeeded. The service retries as well. */
const MAX_ATTEMPTS = 20;
