// The records of a memory storage in maps, indexed for every question of the port; and how a commit changes them.
import type { AccountRecord, AccountStatus } from '../../core/account.js';
import type { Change, Expectation } from '../../core/changes.js';
import type { DepartureRecord } from '../../core/departure.js';
import { deepFreeze } from '../../core/frozen.js';
import type { UserId, WorkspaceId } from '../../core/ids.js';
import { recipientKey, type OpenInvitationRecord } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import { statusOf, type WorkspaceRecord } from '../../core/workspace.js';
import type { DuplicateField, PageKey } from '../../ports/storage.js';
import { EventLog } from './event-log.js';
import { InvitationIndex } from './invitation-index.js';
import type { MembersBy } from './members-by.js';
import { OrderedSet } from './ordered-set.js';
import { ReceivedInvitations } from './received-invitations.js';

/** A workspace with its members and invitations. */
export interface WorkspaceEntry {
  workspace: WorkspaceRecord;
  readonly members: Map<UserId, MemberRecord>;
  /** The members by the address with which they joined. */
  readonly byEmailKey: Map<string, Set<UserId>>;
  readonly departures: Map<UserId, DepartureRecord>;
  readonly roster: OrderedSet<MemberRecord>;
  /** Created when the members of a role are first listed: most workspaces are personal. */
  byRole: MembersBy | null;
  /** Created when the members of a directory are first listed. */
  byDirectory: MembersBy | null;
  /** Created with the first invitation: most workspaces are personal. */
  invitations: InvitationIndex | null;
}

/** What a storage reads, and the three steps of a commit. */
export interface MemoryRecords {
  readonly accounts: ReadonlyMap<UserId, AccountRecord>;
  readonly entries: ReadonlyMap<WorkspaceId, WorkspaceEntry>;
  readonly tombstones: ReadonlySet<WorkspaceId>;
  readonly memberships: ReadonlyMap<UserId, OrderedSet<MemberRecord>>;
  /** The accounts of each status, by `usernameKey`. */
  readonly byStatus: Readonly<Record<AccountStatus, OrderedSet<AccountRecord>>>;
  /** The workspaces of each kind and status, by id. */
  readonly byKind: ReadonlyMap<string, OrderedSet<WorkspaceRecord>>;
  /** The deleted workspaces, by (`purgeAt`, id). */
  readonly byPurgeAt: OrderedSet<WorkspaceRecord>;
  /** The workspaces of an owner, in any order. */
  readonly ownedBy: (ownerId: UserId) => readonly WorkspaceRecord[];
  readonly received: ReceivedInvitations;
  readonly eventLog: EventLog;
  readonly isCurrent: (expected: Expectation) => boolean;
  /** The unique key that a change would break. `changes` are all of the commit: one of them may free the key. */
  readonly duplicateOf: (change: Change, changes: readonly Change[]) => DuplicateField | null;
  readonly write: (change: Change) => void;
}

export function memoryRecords(): MemoryRecords {
  const accounts = new Map<UserId, AccountRecord>();
  const userByUsername = new Map<string, UserId>();
  const entries = new Map<WorkspaceId, WorkspaceEntry>();
  const tombstones = new Set<WorkspaceId>();
  /** The workspaces of each owner by the key of their name. */
  const names = new Map<UserId, Map<string, WorkspaceId>>();
  const memberships = new Map<UserId, OrderedSet<MemberRecord>>();
  const received = new ReceivedInvitations();
  const eventLog = new EventLog();

  const byStatus = { open: byName(), closing: byName(), closed: byName() };
  const byKind = new Map<string, OrderedSet<WorkspaceRecord>>();
  const byPurgeAt = new OrderedSet<WorkspaceRecord>(({ deletion, id }) => [deletion?.purgeAt ?? 0, id]);
  const ownedBy = (ownerId: UserId): WorkspaceRecord[] =>
    [...(names.get(ownerId)?.values() ?? [])].map((id) => entryOf(id).workspace);

  return {
    accounts,
    entries,
    tombstones,
    memberships,
    received,
    eventLog,
    byStatus,
    byKind,
    byPurgeAt,
    ownedBy,
    isCurrent,
    duplicateOf,
    write,
  };

  function isCurrent(expected: Expectation): boolean {
    return 'workspace' in expected
      ? entries.get(expected.workspace)?.workspace.version === expected.version
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
        if (change.kind === 'workspace.insert' && (entries.has(id) || tombstones.has(id)))
          return 'workspaceId';
        return (names.get(ownerId)?.get(nameKey) ?? id) === id ? null : 'name';
      }
      case 'member.insert': {
        const { workspaceId, userId } = change.member;
        return entries.get(workspaceId)?.members.has(userId) ? 'member' : null;
      }
      case 'invitation.insert':
      case 'invitation.update': {
        const { id, workspaceId, recipient, state } = change.invitation;
        const invitations = entries.get(workspaceId)?.invitations;
        if (change.kind === 'invitation.insert' && invitations?.get(id)) return 'invitationId';
        if (recipient === null || state !== 'open') return null;
        const duplicate = invitations?.openFor(recipientKey(recipient));
        return duplicate === undefined || duplicate.id === id || closes(changes, duplicate)
          ? null
          : 'recipient';
      }
      case 'member.update':
      case 'member.delete':
      case 'departure.insert':
      case 'departure.update':
      case 'workspace.delete':
      case 'event.erase':
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
        if (
          before !== undefined &&
          (before.status !== account.status || before.usernameKey !== account.usernameKey)
        )
          byStatus[before.status].remove(before);
        byStatus[account.status].put(account);
        if (before?.usernameKey === account.usernameKey) return;
        if (before !== undefined) userByUsername.delete(before.usernameKey);
        userByUsername.set(account.usernameKey, account.userId);
        return;
      }
      case 'workspace.insert': {
        const workspace = deepFreeze(change.workspace);
        entries.set(workspace.id, {
          workspace,
          members: new Map(),
          byEmailKey: new Map(),
          departures: new Map(),
          roster: new OrderedSet(byJoining),
          byRole: null,
          byDirectory: null,
          invitations: null,
        });
        namesOf(workspace.ownerId).set(workspace.nameKey, workspace.id);
        ofKind(workspace).put(workspace);
        if (workspace.deletion !== null) byPurgeAt.put(workspace);
        return;
      }
      case 'workspace.update': {
        const workspace = deepFreeze(change.workspace);
        const entry = entryOf(workspace.id);
        const before = entry.workspace;
        entry.workspace = workspace;
        if (kindOf(before) !== kindOf(workspace)) ofKind(before).remove(before);
        ofKind(workspace).put(workspace);
        if (before.deletion !== null) byPurgeAt.remove(before);
        if (workspace.deletion !== null) byPurgeAt.put(workspace);
        // Only when the key changes: a Map gets slow when one key is deleted and added many times.
        if (before.nameKey === workspace.nameKey && before.ownerId === workspace.ownerId) return;
        unname(before);
        namesOf(workspace.ownerId).set(workspace.nameKey, workspace.id);
        return;
      }
      case 'workspace.delete': {
        const entry = entryOf(change.workspaceId);
        entry.invitations?.allOpenBound().forEach((open) => {
          received.remove(open);
        });
        for (const member of entry.members.values()) memberships.get(member.userId)?.remove(member);
        unname(entry.workspace);
        ofKind(entry.workspace).remove(entry.workspace);
        if (entry.workspace.deletion !== null) byPurgeAt.remove(entry.workspace);
        entries.delete(change.workspaceId);
        tombstones.add(change.workspaceId);
        return;
      }
      case 'member.insert':
      case 'member.update': {
        const member = deepFreeze(change.member);
        const { members, byEmailKey, byRole, byDirectory, roster } = entryOf(member.workspaceId);
        const before = members.get(member.userId);
        byRole?.replace(before, member);
        byDirectory?.replace(before, member);
        if (before !== undefined && before.joinedAt !== member.joinedAt) unlist(before);
        if (before?.emailKey !== member.emailKey) {
          if (before !== undefined) forgetEmailKey(byEmailKey, before);
          if (member.emailKey !== null) setOf(byEmailKey, member.emailKey).add(member.userId);
        }
        members.set(member.userId, member);
        roster.put(member);
        membershipsOf(member.userId).put(member);
        return;
      }
      case 'member.delete': {
        unlist(change);
        const { members, byEmailKey, byRole, byDirectory } = entryOf(change.workspaceId);
        const before = members.get(change.userId);
        byRole?.replace(before, undefined);
        byDirectory?.replace(before, undefined);
        if (before !== undefined) forgetEmailKey(byEmailKey, before);
        members.delete(change.userId);
        return;
      }
      case 'departure.insert':
      case 'departure.update': {
        const departure = deepFreeze(change.departure);
        entryOf(departure.workspaceId).departures.set(departure.userId, departure);
        return;
      }
      case 'invitation.insert':
      case 'invitation.update': {
        const entry = entryOf(change.invitation.workspaceId);
        entry.invitations ??= new InvitationIndex();
        const before = entry.invitations.get(change.invitation.id);
        // The record before: its recipient may have been erased.
        if (before !== null) received.remove(before);
        entry.invitations.put(deepFreeze(change.invitation));
        received.put(change.invitation);
        return;
      }
      case 'event.erase':
        eventLog.erase(change.event);
        return;
      default:
        change satisfies never;
    }
  }

  function unlist({ workspaceId, userId }: Pick<MemberRecord, 'workspaceId' | 'userId'>): void {
    const entry = entryOf(workspaceId);
    const before = entry.members.get(userId);
    if (before === undefined) return;
    entry.roster.remove(before);
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

  function ofKind(workspace: WorkspaceRecord): OrderedSet<WorkspaceRecord> {
    const kind = kindOf(workspace);
    const same = byKind.get(kind) ?? new OrderedSet<WorkspaceRecord>(({ id }) => [0, id]);
    byKind.set(kind, same);
    return same;
  }

  function entryOf(workspaceId: WorkspaceId): WorkspaceEntry {
    return required(entries.get(workspaceId));
  }
}

const byName = () => new OrderedSet<AccountRecord>(({ usernameKey }) => [0, usernameKey]);
const kindOf = (workspace: WorkspaceRecord): string => `${workspace.kind} ${statusOf(workspace)}`;
const byJoining = ({ joinedAt, userId }: MemberRecord): PageKey => [joinedAt, userId];
const byWorkspace = ({ joinedAt, workspaceId }: MemberRecord): PageKey => [joinedAt, workspaceId];

function setOf(sets: Map<string, Set<UserId>>, key: string): Set<UserId> {
  const set = sets.get(key) ?? new Set<UserId>();
  sets.set(key, set);
  return set;
}

function forgetEmailKey(byEmailKey: Map<string, Set<UserId>>, { emailKey, userId }: MemberRecord): void {
  if (emailKey === null) return;
  const users = byEmailKey.get(emailKey);
  users?.delete(userId);
  if (users?.size === 0) byEmailKey.delete(emailKey);
}

/** Whether the same commit ends this open invitation, which frees its recipient for another. */
function closes(changes: readonly Change[], { id, workspaceId }: OpenInvitationRecord): boolean {
  return changes.some(
    (change) =>
      change.kind === 'invitation.update' &&
      change.invitation.id === id &&
      change.invitation.workspaceId === workspaceId &&
      change.invitation.state !== 'open',
  );
}

/** A record that a commit or an index names; it is missing only if the caller of the port broke the contract. */
export function required<Value>(value: Value | undefined): Value {
  if (value === undefined)
    throw new Error('memory storage: a commit or index names a record that is not stored');
  return value;
}
