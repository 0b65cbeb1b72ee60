// A storage on a versioned key-value store, to be copied. What it needs of a database is in store.ts: put yours there, and
// keep the rest until the conformance suite passes. The guide is docs/adapters.md.
import {
  WorkspaceError,
  type AccountEvent,
  type AccountRecord,
  type Change,
  type Commit,
  type CommitResult,
  type DuplicateField,
  type EventOrder,
  type Expectation,
  type InvitationRecord,
  type MemberRecord,
  type OpenInvitationRecord,
  type PageQuery,
  type Recipient,
  type Slice,
  type Snapshot,
  type StorageAdapter,
  type UserId,
  type WorkspaceEvent,
  type WorkspaceRecord,
} from 'tenantry';
import { areCurrent, everyEntry, keyOf, prefixOf, type Entry, type KeyValueStore } from './store.js';

/** A storage on the store. Any number of processes may stand on one. */
export function keyValueStorage(store: KeyValueStore): StorageAdapter {
  return {
    async load(slice) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const snapshot = await loadOnce(store, slice);
        if (snapshot !== null) return snapshot;
      }
      // Others were in the way and nothing was done: said so, it is no outage to the caller.
      throw new WorkspaceError('CONFLICT', { attempts: MAX_ATTEMPTS });
    },

    async commit(commit) {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const result = await commitOnce(store, commit);
        if (result !== null) return result;
      }
      return CONFLICT;
    },

    // One entry is of one instant. Authorization reads this alone, so a deletion has to take the members along.
    async findMember(workspaceId, userId) {
      const [entry] = await store.get([keyOf('member', workspaceId, userId)]);
      return storedIn(entry).member ?? null;
    },

    // Nothing is decided on a page, so its entries may be of several instants: each is as it was during the call.
    listWorkspaces: (userId, page) =>
      pageOf(store, prefixOf('seat', userId), page, async (entries) => {
        const members = entries.flatMap(({ member }) => member ?? []);
        const rooms = await store.get(members.map(({ workspaceId }) => keyOf('workspace', workspaceId)));
        return members.flatMap((member, place) => {
          const { workspace } = storedIn(rooms[place]);
          // None: it was deleted since the seat was read.
          return workspace === undefined ? [] : { workspace, member };
        });
      }),

    listMembers: (workspaceId, page) =>
      pageOf(store, prefixOf('roster', workspaceId), page, async (entries) => {
        const members = entries.flatMap(({ member }) => member ?? []);
        const people = await store.get(members.map(({ userId }) => keyOf('account', userId)));
        return members.flatMap((member, place) => {
          const { account } = storedIn(people[place]);
          return account === undefined ? [] : { member, account };
        });
      }),

    listInvitations: (workspaceId, { openAt, ...page }) =>
      pageOf(store, prefixOf(openAt === undefined ? 'invited' : 'open', workspaceId), page, async (entries) =>
        entries
          .flatMap(({ invitation }) => invitation ?? [])
          // One that has expired stays among the open until a command settles it.
          .filter(({ expiresAt }) => openAt === undefined || expiresAt > openAt),
      ),

    listEvents: (workspaceId, page) =>
      pageOf(store, prefixOf('event', workspaceId), page, async (entries) =>
        entries.flatMap(({ event }) => event ?? []),
      ),

    listAccountEvents: (userId, page) =>
      pageOf(store, prefixOf('account-event', userId), page, async (entries) =>
        entries.flatMap(({ accountEvent }) => accountEvent ?? []),
      ),
  };
}

/**
 * The records of a slice, or `null` where they did not stand together. The version of a workspace moves with whatever lies
 * in it, and an account has one of its own: so these are looked at before the rest is read, and again at the end.
 */
async function loadOnce(store: KeyValueStore, slice: Slice): Promise<Snapshot | null> {
  const revisions = new Map<string, number>();
  const guarded = async (keys: readonly string[]): Promise<readonly Stored[]> => {
    const entries = await store.get(keys);
    // The first look counts: an account that is read twice must have stood still in between.
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

  const resident = slice.personalWorkspaceOf;
  await readAccounts([...(slice.accounts ?? []), ...(resident === undefined ? [] : [resident])]);
  const personal = resident === undefined ? undefined : accounts.get(resident)?.personalWorkspaceId;
  const workspaceId = slice.workspaceId ?? personal;
  const [room] = workspaceId === undefined ? [] : await guarded([keyOf('workspace', workspaceId)]);
  if (workspaceId === undefined || room?.workspace === undefined) {
    const tombstone = room?.deleted === true;
    return ended({
      workspace: null,
      tombstone,
      members: new Map(),
      invitation: null,
      openInvitations: [],
    });
  }

  const { workspace } = room;
  const { invitationId } = slice;
  const [entry] =
    invitationId === undefined ? [] : await store.get([keyOf('invitation', workspaceId, invitationId)]);
  const { invitation = null } = storedIn(entry);
  const issuer = invitation !== null && 'userId' in invitation.issuedBy ? [invitation.issuedBy.userId] : [];
  const named = [...issuer, ...(slice.owner ? [workspace.ownerId] : [])];
  await readAccounts(named);
  const roster = [...named, ...(slice.members ?? [])];
  const seats = await store.get(roster.map((userId) => keyOf('member', workspaceId, userId)));
  const members = seats.flatMap((seat) => storedIn(seat).member ?? []);
  return ended({
    workspace,
    tombstone: false,
    members: new Map(members.map((member) => [member.userId, member])),
    invitation,
    openInvitations: await openInvitationsOf(store, workspace, slice),
  });
}

/**
 * Reads all open invitations of the workspace, of which a limit of the service allows 100 unless it is told otherwise. Who
 * allows any number keeps them by issuer, by recipient and by expiry, too.
 */
async function openInvitationsOf(
  store: KeyValueStore,
  { id, ownerId }: WorkspaceRecord,
  { issuedBy, issuedByOwner, recipient, expiredAt = -Infinity }: Slice,
): Promise<readonly OpenInvitationRecord[]> {
  if (issuedBy === undefined && !issuedByOwner && !recipient && expiredAt === -Infinity) return [];
  const issuers = [issuedBy, ...(issuedByOwner ? [ownerId] : [])];
  const found: OpenInvitationRecord[] = [];
  for await (const entry of everyEntry(store, prefixOf('open', id))) {
    const { invitation } = storedIn(entry);
    if (invitation?.state !== 'open') continue;
    const isAskedFor =
      ('userId' in invitation.issuedBy && issuers.includes(invitation.issuedBy.userId)) ||
      (recipient && invitation.recipient && recipientKey(invitation.recipient) === recipientKey(recipient)) ||
      invitation.expiresAt <= expiredAt;
    if (isAskedFor) found.push(invitation);
  }
  return found;
}

/** The answer to a commit, or `null` where something moved between reading and writing. */
async function commitOnce(
  store: KeyValueStore,
  { expect, changes, events }: Commit,
): Promise<CommitResult | null> {
  const puts = changes.flatMap(putBy);
  // Everything that the answer rests on, read at once: it is compared again by the store, at the instant of the writes.
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
  // A version never comes back, so this answer stays true whatever happens meanwhile.
  if (!expect.every(isCurrent)) return CONFLICT;

  // What goes comes first: a key that is given up is free for another record of the same commit, in whatever order.
  const writes = new Map<string, string | null>();
  for (const change of changes) {
    const before = storedIn(found.get(keyOfChanged(change)));
    for (const key of await keysFreedBy(store, change, before)) writes.set(key, null);
  }
  for (const { key, value, unique } of puts) {
    const isFree = writes.has(key) ? writes.get(key) === null : found.get(key)?.revision === 0;
    if (unique !== undefined && !isFree) {
      // Who asked is told so: then it must have been true while the versions were.
      return (await areCurrent(store, revisions)) ? { ok: false, reason: 'duplicate', field: unique } : null;
    }
    writes.set(key, JSON.stringify(value));
  }
  for (const event of events) {
    const [subject, value]: [string, Stored] =
      'workspaceId' in event
        ? [prefixOf('event', event.workspaceId), { event }]
        : [prefixOf('account-event', event.userId), { accountEvent: event }];
    writes.set(subject + keyOf(event.version, event.index), JSON.stringify(value));
  }
  return (await store.commit(revisions, writes)) ? { ok: true } : null;
}

/** What an entry holds, one of these: a record, alone or in the order of a list; an event; or the tombstone of an id. */
interface Stored {
  readonly account?: AccountRecord;
  readonly workspace?: WorkspaceRecord;
  readonly deleted?: true;
  readonly member?: MemberRecord;
  readonly invitation?: InvitationRecord;
  readonly event?: WorkspaceEvent;
  readonly accountEvent?: AccountEvent;
}

/** An entry that a record needs. What is unique must be free: a key can be there once, and that is the whole rule. */
interface Put {
  readonly key: string;
  readonly value: Stored;
  readonly unique?: DuplicateField;
}

/** Every entry of a record, the one that it is found by first. */
function entriesOf(record: Stored): readonly Put[] {
  const { account, workspace, member, invitation } = record;
  if (account !== undefined) {
    return [
      { key: keyOf('account', account.userId), value: { account }, unique: 'userId' },
      { key: keyOf('username', account.usernameKey), value: {}, unique: 'username' },
    ];
  }
  if (workspace !== undefined) {
    const { id, ownerId, nameKey } = workspace;
    return [
      { key: keyOf('workspace', id), value: { workspace }, unique: 'workspaceId' },
      { key: keyOf('name', ownerId, nameKey), value: {}, unique: 'name' },
    ];
  }
  if (member !== undefined) {
    const { workspaceId, userId, joinedAt } = member;
    return [
      { key: keyOf('member', workspaceId, userId), value: { member }, unique: 'member' },
      { key: keyOf('roster', workspaceId, joinedAt, userId), value: { member } },
      { key: keyOf('seat', userId, joinedAt, workspaceId), value: { member } },
    ];
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
  }
  return entries;
}

function putBy(change: Change): readonly Put[] {
  switch (change.kind) {
    case 'member.delete':
      return [];
    case 'workspace.delete':
      // In the place of the workspace, where an insert would have to find nothing.
      return [{ key: keyOf('workspace', change.workspaceId), value: { deleted: true } }];
    default:
      return entriesOf(change);
  }
}

/**
 * The keys of what a change replaces or takes away. With a workspace goes all that lies in it: nobody adds to that
 * meanwhile, for they would move the workspace, too.
 */
async function keysFreedBy(store: KeyValueStore, change: Change, before: Stored): Promise<readonly string[]> {
  if (change.kind.endsWith('.insert')) return [];
  const records = [before];
  if (change.kind === 'workspace.delete') {
    for (const kind of ['member', 'invitation']) {
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
  if ('invitation' in change) return keyOf('invitation', change.invitation.workspaceId, change.invitation.id);
  return change.kind === 'member.delete'
    ? keyOf('member', change.workspaceId, change.userId)
    : keyOf('workspace', change.workspaceId);
}

function keyOfExpected(expected: Expectation): string {
  return 'workspace' in expected
    ? keyOf('workspace', expected.workspace)
    : keyOf('account', expected.account);
}

/** The form in which recipients are compared: by id, or by the address in lower case. */
function recipientKey(recipient: Recipient): string {
  return 'userId' in recipient
    ? keyOf('user', recipient.userId)
    : keyOf('email', recipient.email.trim().toLowerCase());
}

/** At most `limit` items, and fewer only where there are no more: the service takes a short page for the last one. */
async function pageOf<Item>(
  store: KeyValueStore,
  prefix: string,
  { after, limit, order }: PageQuery & { readonly order?: EventOrder },
  itemsOf: (page: readonly Stored[]) => Promise<readonly Item[]>,
): Promise<readonly Item[]> {
  const reverse = order === 'newest';
  const items: Item[] = [];
  for (let from = after === null ? undefined : prefix + keyOf(...after); ; ) {
    const entries: readonly Entry[] = await store.list({ prefix, after: from, limit, reverse });
    items.push(...(await itemsOf(entries.map(storedIn))));
    if (entries.length < limit || items.length >= limit) return items.slice(0, limit);
    from = entries.at(-1)?.key;
  }
}

/** Read anew each time, so the caller's to keep. Nothing but this adapter writes these entries. */
function storedIn(entry: Entry | undefined): Stored {
  return entry?.value == null ? {} : (JSON.parse(entry.value) as Stored);
}

const CONFLICT = Object.freeze({ ok: false, reason: 'conflict' } as const);
/** Each attempt that is lost is a commit of somebody else's; the service tries again, too. */
const MAX_ATTEMPTS = 20;
