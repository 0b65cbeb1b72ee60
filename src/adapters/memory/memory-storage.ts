// Storage in memory: the port's reads, and a commit as one synchronous step, so that it is atomic.
import type { AccountRecord } from '../../core/account.js';
import { isUser } from '../../core/actor.js';
import type { Commit } from '../../core/changes.js';
import type { DepartureRecord } from '../../core/departure.js';
import type { UserId, WorkspaceId } from '../../core/ids.js';
import type { World } from '../../core/invariants/index.js';
import { recipientKey, type OpenInvitationRecord } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { ReadSet, Snapshot } from '../../core/read-set.js';
import type { CommitResult, ExistingPageQuery, PageQuery, StorageAdapter } from '../../ports/storage.js';
import { MembersBy } from './members-by.js';
import { foundAccounts, foundWorkspaces } from './found.js';
import { memoryRecords, required, type WorkspaceEntry } from './memory-records.js';

/** Storage in memory, which can also be read as a whole. */
export interface MemoryStorage extends StorageAdapter {
  /** Everything stored, for tests and for `violations`. */
  dump(): World;
}

/**
 * Storage in the memory of this process: indexed, so that a command costs the same among 10 or 1,000,000 workspaces
 * or members. Deleting a workspace costs as much as it has members.
 *
 * @example
 * ```ts
 * import { defaultMatrix, WorkspaceService } from 'tenantry';
 * import { memoryStorage } from 'tenantry/memory';
 *
 * const workspaces = new WorkspaceService({
 *   storage: memoryStorage(),
 *   permissions: defaultMatrix,
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
  const records = memoryRecords();
  const { accounts, entries, tombstones, memberships, received, byPurgeAt, eventLog } = records;

  return {
    load: (readSet) => settled(() => snapshotOf(readSet)),
    commit: (commit) => settled(() => apply(commit)),
    findMembership: (workspaceId, userId) => {
      const entry = entries.get(workspaceId);
      const member = entry?.members.get(userId);
      return Promise.resolve(entry && member ? { workspace: entry.workspace, member } : null);
    },
    listWorkspaces: (userId, page) =>
      settled(() =>
        (memberships.get(userId)?.after(page.after, page.limit, isShown(page)) ?? []).map((member) => ({
          workspace: required(entries.get(member.workspaceId)).workspace,
          member,
        })),
      ),
    listMembers: (workspaceId, page) =>
      settled(() =>
        membersOf(entries.get(workspaceId), page).map((member) => ({
          member,
          account: required(accounts.get(member.userId)),
        })),
      ),
    listInvitations: (workspaceId, { after, limit, openAt }) =>
      settled(() => {
        const invitations = entries.get(workspaceId)?.invitations;
        if (!invitations) return [];
        return openAt === undefined
          ? invitations.page(after, limit)
          : invitations.pageOpenAt(openAt, after, limit);
      }),
    listInvitationsFor: (recipients, page) =>
      settled(() =>
        received.page(recipients, page, isShown(page)).map((invitation) => {
          const { workspaceId, issuedBy } = invitation;
          return {
            invitation,
            workspace: required(entries.get(workspaceId)).workspace,
            issuer: isUser(issuedBy) ? required(accounts.get(issuedBy.userId)) : null,
          };
        }),
      ),
    findAccounts: (query) => settled(() => foundAccounts(records, query)),
    findWorkspaces: (query) => settled(() => foundWorkspaces(records, query)),
    listPurgeable: (at, { after, limit }) =>
      settled(() =>
        byPurgeAt.after(after, limit, ({ deletion }) => deletion !== null && deletion.purgeAt <= at),
      ),
    listEvents: (workspaceId, page) => settled(() => eventLog.ofWorkspace(workspaceId, page)),
    listInvitationEvents: (emailKey, page) => settled(() => eventLog.naming(emailKey, page)),
    listAccountEvents: (userId, page) => settled(() => eventLog.ofAccount(userId, page)),
    dump: () => ({
      accounts: [...accounts.values()],
      workspaces: [...entries.values()].map(({ workspace }) => workspace),
      members: [...entries.values()].flatMap(({ roster }) => roster.all()),
      invitations: [...entries.values()].flatMap(({ invitations }) => invitations?.all() ?? []),
      departures: [...entries.values()].flatMap(({ departures }) => [...departures.values()]),
      events: eventLog.all(),
      tombstones: [...tombstones],
    }),
  };

  /** Whether a page shows what belongs to a workspace. */
  function isShown({ withDeleted }: ExistingPageQuery) {
    if (withDeleted) return undefined;
    return ({ workspaceId }: { readonly workspaceId: WorkspaceId }): boolean =>
      entries.get(workspaceId)?.workspace.deletion === null;
  }

  function snapshotOf(readSet: ReadSet): Snapshot {
    const found = new Map<UserId, AccountRecord>();
    const read = (userId: UserId): AccountRecord | undefined => {
      const account = accounts.get(userId);
      if (account !== undefined) found.set(userId, account);
      return account;
    };
    readSet.accounts?.forEach(read);
    const workspaceId =
      readSet.workspaceId ??
      (readSet.personalWorkspaceOf === undefined
        ? undefined
        : read(readSet.personalWorkspaceOf)?.personalWorkspaceId);
    const entry = workspaceId === undefined ? undefined : entries.get(workspaceId);
    if (entry === undefined) {
      const tombstone = workspaceId !== undefined && tombstones.has(workspaceId);
      return {
        workspace: null,
        tombstone,
        accounts: found,
        members: new Map(),
        invitation: null,
        openInvitations: [],
        departures: new Map(),
      };
    }

    const { workspace, invitations } = entry;
    const members = new Map<UserId, MemberRecord>();
    const readMember = (userId: UserId): void => {
      const member = entry.members.get(userId);
      if (member !== undefined) members.set(userId, member);
    };
    readSet.members?.forEach(readMember);
    if (readSet.emailKey !== undefined) entry.byEmailKey.get(readSet.emailKey)?.forEach(readMember);
    if (readSet.owner) {
      readMember(workspace.ownerId);
      read(workspace.ownerId);
    }
    const invitation = (readSet.invitationId !== undefined && invitations?.get(readSet.invitationId)) || null;
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
      openInvitations: openInvitationsOf(readSet, entry),
      departures: departuresOf(readSet, entry),
    };
  }

  function apply({ expect, changes, events }: Commit): CommitResult {
    if (!expect.every(records.isCurrent)) return { ok: false, reason: 'conflict' };
    for (const change of changes) {
      const field = records.duplicateOf(change, changes);
      if (field !== null) return { ok: false, reason: 'duplicate', field };
    }
    changes.forEach(records.write);
    for (const event of events) eventLog.append(event);
    return { ok: true };
  }
}

function membersOf(
  entry: WorkspaceEntry | undefined,
  page: PageQuery & { readonly role?: string; readonly managedBy?: string },
): readonly MemberRecord[] {
  if (entry === undefined) return [];
  if (page.role !== undefined) {
    entry.byRole ??= new MembersBy(entry.members.values(), ({ role }) => role);
    return entry.byRole.page(page.role, page);
  }
  if (page.managedBy !== undefined) {
    entry.byDirectory ??= new MembersBy(entry.members.values(), ({ managedBy }) => managedBy);
    return entry.byDirectory.page(page.managedBy, page);
  }
  return entry.roster.after(page.after, page.limit);
}

function departuresOf(
  readSet: ReadSet,
  { departures }: WorkspaceEntry,
): ReadonlyMap<UserId, DepartureRecord> {
  const found = new Map<UserId, DepartureRecord>();
  for (const userId of readSet.departuresOf ?? []) {
    const departure = departures.get(userId);
    if (departure !== undefined) found.set(userId, departure);
  }
  return found;
}

function openInvitationsOf(
  readSet: ReadSet,
  { workspace, invitations }: WorkspaceEntry,
): readonly OpenInvitationRecord[] {
  if (invitations === null) return [];
  const found = new Set<OpenInvitationRecord>();
  for (const issuer of readSet.issuedBy ?? []) invitations.openBy(issuer).forEach((each) => found.add(each));
  if (readSet.issuedByOwner) invitations.openBy(workspace.ownerId).forEach((each) => found.add(each));
  if (readSet.expiredAt !== undefined)
    for (const each of invitations.openExpiredAt(readSet.expiredAt)) found.add(each);
  for (const recipient of readSet.recipients ?? []) {
    const open = invitations.openFor(recipientKey(recipient));
    if (open) found.add(open);
  }
  if (readSet.openLinks) invitations.openLinks().forEach((each) => found.add(each));
  return [...found];
}

/** An exception becomes a rejection, as from any storage. */
function settled<Value>(run: () => Value): Promise<Value> {
  try {
    return Promise.resolve(run());
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
