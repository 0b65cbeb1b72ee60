// Records in maps, indexed for every question that the port asks. A commit is one synchronous step, so it is atomic.
import type { AccountRecord } from '../../domain/account.js';
import { isUser } from '../../domain/actor.js';
import type { Change, Commit, Expectation } from '../../domain/changes.js';
import type { AccountEvent, StoredEvent, WorkspaceEvent } from '../../domain/events.js';
import { deepFreeze } from '../../domain/frozen.js';
import type { UserId, WorkspaceId } from '../../domain/ids.js';
import type { World } from '../../domain/invariants.js';
import { recipientKey, type OpenInvitationRecord } from '../../domain/invitation.js';
import type { MemberRecord } from '../../domain/member.js';
import type { Slice, Snapshot } from '../../domain/snapshot.js';
import type { WorkspaceRecord } from '../../domain/workspace.js';
import type { CommitResult, DuplicateField, PageKey, StorageAdapter } from '../../ports/storage.js';
import { trailPage } from './event-trail.js';
import { InvitationShelf } from './invitation-shelf.js';
import { OrderedSet } from './ordered-set.js';

/** Storage in memory, which can also be looked at as a whole. */
export interface MemoryStorage extends StorageAdapter {
  /** Everything stored, for tests and for `violations`. */
  dump(): World;
}

/** A workspace with all that lies in it. */
interface Room {
  workspace: WorkspaceRecord;
  readonly members: Map<UserId, MemberRecord>;
  readonly roster: OrderedSet<MemberRecord>;
  /** Made with the first invitation: most workspaces are personal. */
  invitations: InvitationShelf | null;
}

/**
 * Storage in the memory of this process: indexed, so that a command costs the same among 10 or 1,000,000 workspaces
 * or members. Deleting a workspace costs as much as it has members.
 *
 * @example
 * ```ts
 * import { WorkspaceService } from 'tenantry';
 * import { memoryStorage } from 'tenantry/memory';
 *
 * const workspaces = new WorkspaceService({
 *   storage: memoryStorage(),
 *   tokens: {
 *     keys: [{ kid: '2026-11', alg: 'HS256', secret: 'a secret of at least 32 bytes, from your vault' }],
 *     issuer: 'https://app.example',
 *     invitationUrl: (token) => `https://app.example/join#${token}`,
 *   },
 * });
 * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * ```
 */
export function memoryStorage(): MemoryStorage {
  const accounts = new Map<UserId, AccountRecord>();
  const userByUsername = new Map<string, UserId>();
  const rooms = new Map<WorkspaceId, Room>();
  const tombstones = new Set<WorkspaceId>();
  /** Per owner: which workspace bears a name. */
  const names = new Map<UserId, Map<string, WorkspaceId>>();
  const memberships = new Map<UserId, OrderedSet<MemberRecord>>();
  const workspaceEvents = new Map<WorkspaceId, WorkspaceEvent[]>();
  const accountEvents = new Map<UserId, AccountEvent[]>();

  return {
    load: (slice) => settled(() => snapshotOf(slice)),
    commit: (commit) => settled(() => apply(commit)),
    findMember: (workspaceId, userId) => Promise.resolve(rooms.get(workspaceId)?.members.get(userId) ?? null),
    listWorkspaces: (userId, page) =>
      settled(() =>
        (memberships.get(userId)?.after(page.after, page.limit) ?? []).map((member) => ({
          workspace: roomOf(member.workspaceId).workspace,
          member,
        })),
      ),
    listMembers: (workspaceId, page) =>
      settled(() =>
        (rooms.get(workspaceId)?.roster.after(page.after, page.limit) ?? []).map((member) => ({
          member,
          account: stored(accounts.get(member.userId)),
        })),
      ),
    listInvitations: (workspaceId, { after, limit, openAt }) =>
      settled(() => {
        const shelf = rooms.get(workspaceId)?.invitations;
        if (!shelf) return [];
        return openAt === undefined ? shelf.page(after, limit) : shelf.pageOpenAt(openAt, after, limit);
      }),
    listEvents: (workspaceId, page) => settled(() => trailPage(workspaceEvents.get(workspaceId) ?? [], page)),
    listAccountEvents: (userId, page) => settled(() => trailPage(accountEvents.get(userId) ?? [], page)),
    dump: () => ({
      accounts: [...accounts.values()],
      workspaces: [...rooms.values()].map(({ workspace }) => workspace),
      members: [...rooms.values()].flatMap(({ roster }) => roster.all()),
      invitations: [...rooms.values()].flatMap(({ invitations }) => invitations?.all() ?? []),
      events: [...workspaceEvents.values(), ...accountEvents.values()].flat(),
      tombstones: [...tombstones],
    }),
  };

  function snapshotOf(slice: Slice): Snapshot {
    const found = new Map<UserId, AccountRecord>();
    const read = (userId: UserId): AccountRecord | undefined => {
      const account = accounts.get(userId);
      if (account !== undefined) found.set(userId, account);
      return account;
    };
    slice.accounts?.forEach(read);
    const workspaceId =
      slice.workspaceId ??
      (slice.personalWorkspaceOf === undefined
        ? undefined
        : read(slice.personalWorkspaceOf)?.personalWorkspaceId);
    const room = workspaceId === undefined ? undefined : rooms.get(workspaceId);
    if (room === undefined) {
      const tombstone = workspaceId !== undefined && tombstones.has(workspaceId);
      return {
        workspace: null,
        tombstone,
        accounts: found,
        members: new Map(),
        invitation: null,
        openInvitations: [],
      };
    }

    const { workspace, invitations } = room;
    const members = new Map<UserId, MemberRecord>();
    const readMember = (userId: UserId): void => {
      const member = room.members.get(userId);
      if (member !== undefined) members.set(userId, member);
    };
    slice.members?.forEach(readMember);
    if (slice.owner) {
      readMember(workspace.ownerId);
      read(workspace.ownerId);
    }
    const invitation = (slice.invitationId !== undefined && invitations?.get(slice.invitationId)) || null;
    if (invitation !== null && isUser(invitation.issuedBy)) {
      readMember(invitation.issuedBy.userId);
      read(invitation.issuedBy.userId);
    }
    return {
      workspace,
      tombstone: false,
      accounts: found,
      members,
      invitation,
      openInvitations: openInvitationsOf(slice, room),
    };
  }

  function apply({ expect, changes, events }: Commit): CommitResult {
    if (!expect.every(isCurrent)) return { ok: false, reason: 'conflict' };
    for (const change of changes) {
      const field = duplicateOf(change, changes);
      if (field !== null) return { ok: false, reason: 'duplicate', field };
    }
    changes.forEach(write);
    events.forEach(append);
    return { ok: true };
  }

  function isCurrent(expected: Expectation): boolean {
    return 'workspace' in expected
      ? rooms.get(expected.workspace)?.workspace.version === expected.version
      : accounts.get(expected.account)?.version === expected.version;
  }

  function duplicateOf(change: Change, changes: readonly Change[]): DuplicateField | null {
    switch (change.kind) {
      case 'account.insert':
      case 'account.update': {
        const { userId, usernameKey } = change.account;
        if (change.kind === 'account.insert' && accounts.has(userId)) return 'userId';
        return (userByUsername.get(usernameKey) ?? userId) === userId ? null : 'username';
      }
      case 'workspace.insert':
      case 'workspace.update': {
        const { id, ownerId, nameKey } = change.workspace;
        if (change.kind === 'workspace.insert' && (rooms.has(id) || tombstones.has(id))) return 'workspaceId';
        return (names.get(ownerId)?.get(nameKey) ?? id) === id ? null : 'name';
      }
      case 'member.insert': {
        const { workspaceId, userId } = change.member;
        return rooms.get(workspaceId)?.members.has(userId) ? 'member' : null;
      }
      case 'invitation.insert':
      case 'invitation.update': {
        const { id, workspaceId, recipient, state } = change.invitation;
        const shelf = rooms.get(workspaceId)?.invitations;
        if (change.kind === 'invitation.insert' && shelf?.get(id)) return 'invitationId';
        if (recipient === null || state !== 'open') return null;
        const twin = shelf?.openFor(recipientKey(recipient));
        return twin === undefined || twin.id === id || closes(changes, twin) ? null : 'recipient';
      }
      case 'member.update':
      case 'member.delete':
      case 'workspace.delete':
        return null;
      default:
        return change satisfies never;
    }
  }

  function write(change: Change): void {
    switch (change.kind) {
      case 'account.insert':
      case 'account.update': {
        const account = deepFreeze(change.account);
        const before = accounts.get(account.userId);
        accounts.set(account.userId, account);
        if (before?.usernameKey === account.usernameKey) return;
        if (before !== undefined) userByUsername.delete(before.usernameKey);
        userByUsername.set(account.usernameKey, account.userId);
        return;
      }
      case 'workspace.insert': {
        const workspace = deepFreeze(change.workspace);
        rooms.set(workspace.id, {
          workspace,
          members: new Map(),
          roster: new OrderedSet(byJoining),
          invitations: null,
        });
        namesOf(workspace.ownerId).set(workspace.nameKey, workspace.id);
        return;
      }
      case 'workspace.update': {
        const workspace = deepFreeze(change.workspace);
        const room = roomOf(workspace.id);
        const before = room.workspace;
        room.workspace = workspace;
        // Only when the key moves: a Map from which one key is taken and put back for ever gets slow.
        if (before.nameKey === workspace.nameKey && before.ownerId === workspace.ownerId) return;
        unname(before);
        namesOf(workspace.ownerId).set(workspace.nameKey, workspace.id);
        return;
      }
      case 'workspace.delete': {
        const room = roomOf(change.workspaceId);
        for (const member of room.members.values()) memberships.get(member.userId)?.remove(member);
        unname(room.workspace);
        rooms.delete(change.workspaceId);
        tombstones.add(change.workspaceId);
        return;
      }
      case 'member.insert':
      case 'member.update': {
        const member = deepFreeze(change.member);
        const { members, roster } = roomOf(member.workspaceId);
        const before = members.get(member.userId);
        if (before !== undefined && before.joinedAt !== member.joinedAt) unlist(before);
        members.set(member.userId, member);
        roster.put(member);
        membershipsOf(member.userId).put(member);
        return;
      }
      case 'member.delete':
        unlist(change);
        roomOf(change.workspaceId).members.delete(change.userId);
        return;
      case 'invitation.insert':
      case 'invitation.update': {
        const room = roomOf(change.invitation.workspaceId);
        room.invitations ??= new InvitationShelf();
        room.invitations.put(deepFreeze(change.invitation));
        return;
      }
      default:
        change satisfies never;
    }
  }

  function append(event: StoredEvent): void {
    deepFreeze(event);
    if ('workspaceId' in event) listOf(workspaceEvents, event.workspaceId).push(event);
    else listOf(accountEvents, event.userId).push(event);
  }

  function unlist({ workspaceId, userId }: Pick<MemberRecord, 'workspaceId' | 'userId'>): void {
    const room = roomOf(workspaceId);
    const before = room.members.get(userId);
    if (before === undefined) return;
    room.roster.remove(before);
    memberships.get(userId)?.remove(before);
  }

  function unname({ id, ownerId, nameKey }: WorkspaceRecord): void {
    const own = names.get(ownerId);
    if (own?.get(nameKey) === id) own.delete(nameKey);
    if (own?.size === 0) names.delete(ownerId);
  }

  function namesOf(ownerId: UserId): Map<string, WorkspaceId> {
    const own = names.get(ownerId) ?? new Map<string, WorkspaceId>();
    names.set(ownerId, own);
    return own;
  }

  function membershipsOf(userId: UserId): OrderedSet<MemberRecord> {
    const own = memberships.get(userId) ?? new OrderedSet<MemberRecord>(byWorkspace);
    memberships.set(userId, own);
    return own;
  }

  function roomOf(workspaceId: WorkspaceId): Room {
    return stored(rooms.get(workspaceId));
  }
}

const byJoining = ({ joinedAt, userId }: MemberRecord): PageKey => [joinedAt, userId];
const byWorkspace = ({ joinedAt, workspaceId }: MemberRecord): PageKey => [joinedAt, workspaceId];

function openInvitationsOf(slice: Slice, { workspace, invitations }: Room): readonly OpenInvitationRecord[] {
  if (invitations === null) return [];
  const found = new Set<OpenInvitationRecord>();
  if (slice.issuedBy !== undefined) invitations.openBy(slice.issuedBy).forEach((one) => found.add(one));
  if (slice.issuedByOwner) invitations.openBy(workspace.ownerId).forEach((one) => found.add(one));
  if (slice.expiredAt !== undefined)
    for (const one of invitations.openExpiredAt(slice.expiredAt)) found.add(one);
  const twin = slice.recipient && invitations.openFor(recipientKey(slice.recipient));
  if (twin) found.add(twin);
  return [...found];
}

/** Whether an open invitation ends in the same commit: then its recipient is free for another. */
function closes(changes: readonly Change[], { id, workspaceId }: OpenInvitationRecord): boolean {
  return changes.some(
    (change) =>
      change.kind === 'invitation.update' &&
      change.invitation.id === id &&
      change.invitation.workspaceId === workspaceId &&
      change.invitation.state !== 'open',
  );
}

/** An exception becomes a rejection, as from any storage. */
function settled<Value>(run: () => Value): Promise<Value> {
  try {
    return Promise.resolve(run());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/** What a guarded commit relies on is there; if not, the caller of the port broke its contract. */
function stored<Value>(value: Value | undefined): Value {
  if (value === undefined)
    throw new Error('memory storage: a commit or index names a record that is not stored');
  return value;
}

function listOf<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
