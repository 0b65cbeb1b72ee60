// The simplest implementation of the port, over arrays, with one typical fault at a time.
import type { Change, Commit } from '../../src/core/changes.js';
import { invitedEmailKey } from '../../src/core/erase.js';
import type { StoredEvent } from '../../src/core/events.js';
import type { World } from '../../src/core/invariants/index.js';
import { recipientKey } from '../../src/core/invitation.js';
import type {
  CommitResult,
  DuplicateField,
  EventPageQuery,
  PageKey,
  PageQuery,
  StorageAdapter,
} from '../../src/ports/storage.js';
import { statusOf } from '../../src/core/workspace.js';
import { changing, type Fault } from './faults.js';

type Tables = { -readonly [Table in keyof World]: World[Table][number][] };

/** Correct without a fault. */
export function naiveStorage(fault?: Fault): StorageAdapter {
  let tables: Tables = {
    accounts: [],
    workspaces: [],
    members: [],
    invitations: [],
    departures: [],
    events: [],
    tombstones: [],
  };

  const copy = <Value>(value: Value): Value => (fault === 'aliased records' ? value : structuredClone(value));
  const sameId = (one: string, other: string): boolean =>
    fault === 'folds the case of ids' ? one.toLowerCase() === other.toLowerCase() : one === other;
  const inside = (workspaceId: string) => (record: { readonly workspaceId: string }) =>
    fault === 'ignores the workspace' || record.workspaceId === workspaceId;
  const named = (userIds: readonly string[] = []): readonly string[] =>
    fault === 'reads the first of a list' ? userIds.slice(0, 1) : userIds;
  const turn = async (): Promise<void> => {
    await Promise.resolve();
  };

  const storage: StorageAdapter = {
    async load(readSet) {
      await turn();
      const { accounts, workspaces, members, invitations, departures, tombstones } = tables;
      const account = (userId: string) => accounts.find((one) => sameId(one.userId, userId));
      const personal =
        readSet.personalWorkspaceOf === undefined ? undefined : account(readSet.personalWorkspaceOf);
      const workspaceId = readSet.workspaceId ?? personal?.personalWorkspaceId ?? '';
      const workspace = workspaces.find(({ id }) => id === workspaceId) ?? null;
      const here = invitations.filter(inside(workspaceId));
      const invitation = (workspace && here.find(({ id }) => id === readSet.invitationId)) ?? null;
      const issuer = invitation && 'userId' in invitation.issuedBy ? [invitation.issuedBy.userId] : [];
      const owner = readSet.owner && workspace ? [workspace.ownerId] : [];
      const wanted = [
        ...(readSet.accounts ?? []),
        ...(personal ? [personal.userId] : []),
        ...issuer,
        ...owner,
      ];
      const roster = [...(readSet.members ?? []), ...issuer, ...owner];
      const issuers = [...named(readSet.issuedBy), ...(readSet.issuedByOwner ? [workspace?.ownerId] : [])];
      const keys = readSet.recipients?.map(recipientKey) ?? [];
      const { expiredAt = -Infinity } = readSet;
      return copy({
        workspace,
        tombstone: tombstones.includes(workspaceId),
        accounts: new Map(
          accounts
            .filter(({ userId }) => wanted.some((id) => sameId(id, userId)))
            .map((one) => [one.userId, one]),
        ),
        members: new Map(
          members
            .filter(inside(workspaceId))
            .filter(
              ({ userId, emailKey }) =>
                workspace !== null &&
                (roster.some((id) => sameId(id, userId)) ||
                  (emailKey !== null && emailKey === readSet.emailKey && fault !== 'forgets addresses')),
            )
            .map((one) => [one.userId, one]),
        ),
        invitation,
        openInvitations: here
          .filter((one) => one.state === 'open')
          .filter(
            ({ issuedBy, recipient, expiresAt }) =>
              ('userId' in issuedBy && issuers.includes(issuedBy.userId)) ||
              (recipient === null
                ? readSet.openLinks === true && fault !== 'forgets open links'
                : keys.includes(recipientKey(recipient))) ||
              expiresAt <= expiredAt,
          ),
        departures: new Map(
          departures
            .filter(inside(workspaceId))
            .filter(({ userId }) => workspace !== null && named(readSet.departuresOf).includes(userId))
            .map((one) => [one.userId, one]),
        ),
      });
    },

    async commit(commit) {
      await turn();
      if (fault === 'events outside the transaction') tables.events.push(...copy(commit.events));
      if (fault !== 'no version check' && !isCurrent(commit)) return { ok: false, reason: 'conflict' };
      const before = { ...tables };
      tables = {
        accounts: [...tables.accounts],
        workspaces: [...tables.workspaces],
        members: [...tables.members],
        invitations: [...tables.invitations],
        departures: [...tables.departures],
        events: [...tables.events],
        tombstones: [...tables.tombstones],
      };
      for (const change of commit.changes) {
        const field = fault === 'no unique keys' ? null : duplicateOf(change);
        if (field !== null) {
          if (fault !== 'no transaction') tables = before;
          return refusal(change, field);
        }
        write(copy(change));
      }
      if (fault !== 'events outside the transaction') tables.events.push(...copy(commit.events));
      return { ok: true };
    },

    async findMembership(workspaceId, userId) {
      await turn();
      const member = tables.members.filter(inside(workspaceId)).find((one) => sameId(one.userId, userId));
      const workspace = tables.workspaces.find(({ id }) => id === member?.workspaceId);
      return copy(member && workspace ? { workspace, member } : null);
    },
    listWorkspaces: (userId, page) =>
      listed(
        tables.members
          .filter((one) => one.userId === userId)
          .filter((one) => page.withDeleted || fault === 'lists what is deleted' || exists(one))
          .filter((one) => fault !== 'never lists what is deleted' || exists(one))
          .flatMap((member) =>
            tables.workspaces
              .filter(
                ({ id }) => fault === 'lists workspaces with one of anybody' || id === member.workspaceId,
              )
              .slice(0, 1)
              .map((workspace) => ({ workspace, member })),
          ),
        page,
        ({ member }) => [member.joinedAt, member.workspaceId],
      ),
    listMembers: (workspaceId, { role, managedBy, ...page }) =>
      listed(
        tables.members
          .filter(inside(workspaceId))
          .filter((one) => role === undefined || one.role === role || fault === 'lists members of every role')
          .filter(
            (one) =>
              managedBy === undefined ||
              one.managedBy === managedBy ||
              fault === 'lists members of every directory',
          )
          .flatMap((member) =>
            tables.accounts
              .filter(
                ({ userId }) =>
                  fault === 'lists members with an account of anybody' || userId === member.userId,
              )
              .slice(0, 1)
              .map((account) => ({ member, account })),
          ),
        page,
        ({ member }) => [member.joinedAt, member.userId],
      ),
    listInvitations: (workspaceId, { openAt, ...page }) =>
      listed(
        tables.invitations
          .filter(inside(workspaceId))
          .filter(
            ({ state, expiresAt }) =>
              openAt === undefined ||
              ((state === 'open' || fault === 'lists what has ended as open') &&
                (expiresAt > openAt || fault === 'lists what has expired as open')),
          ),
        page,
        ({ createdAt, id }) => [createdAt, id],
      ),
    listInvitationsFor: (recipients, { openAt, withDeleted, ...page }) => {
      const keys = (fault === 'drops a recipient' ? recipients.slice(0, 1) : recipients).map(recipientKey);
      return listed(
        tables.invitations
          .flatMap((one) => {
            if (one.state === 'open') return one;
            return fault === 'lists what has ended for a recipient' ? { ...one, state: 'open' as const } : [];
          })
          .filter(
            ({ recipient }) =>
              recipient !== null &&
              (keys.includes(recipientKey(recipient)) || fault === 'lists what is for others'),
          )
          .filter(
            ({ expiresAt }) =>
              openAt === undefined ||
              expiresAt > openAt ||
              fault === 'lists what has expired for a recipient',
          )
          .filter((one) => withDeleted || fault === 'lists invitations to what is deleted' || exists(one))
          .flatMap((invitation) => {
            const { workspaceId, issuedBy } = invitation;
            const issuer = tables.accounts.find(
              ({ userId }) =>
                fault === 'lists invitations with an issuer of anybody' ||
                ('userId' in issuedBy && userId === issuedBy.userId),
            );
            return tables.workspaces
              .filter(
                ({ id }) => fault === 'lists invitations with a workspace of anybody' || id === workspaceId,
              )
              .slice(0, 1)
              .map((workspace) => ({ invitation, workspace, issuer: issuer ?? null }));
          }),
        page,
        ({ invitation: { createdAt, workspaceId, id } }) => [createdAt, `${workspaceId},${id}`],
      );
    },
    findAccounts: ({ prefix = '', status, ...page }) =>
      listed(
        tables.accounts
          .filter(({ usernameKey }) => fault === 'ignores a prefix' || usernameKey.startsWith(prefix))
          .filter(
            (one) =>
              fault === 'finds accounts of any status' || status === undefined || one.status === status,
          ),
        page,
        ({ usernameKey }) => [0, usernameKey],
      ),
    findWorkspaces: ({ ownerId, kind, status, ...page }) =>
      listed(
        tables.workspaces
          .filter(
            (one) => fault === 'finds what others own' || ownerId === undefined || one.ownerId === ownerId,
          )
          .filter((one) => fault === 'finds either kind' || kind === undefined || one.kind === kind)
          .filter(
            (one) =>
              fault === 'finds what is suspended as active' ||
              status === undefined ||
              statusOf(one) === status,
          ),
        page,
        ({ id }) => [0, id],
      ),
    listPurgeable: (at, page) =>
      listed(
        tables.workspaces.filter(
          ({ deletion }) =>
            deletion !== null &&
            (deletion.purgeAt <= at || fault === 'purges before the grace period is over'),
        ),
        page,
        ({ deletion, id }) => [deletion?.purgeAt ?? 0, id],
      ),
    listEvents: (workspaceId, page) =>
      listed(
        tables.events.filter((event) => 'workspaceId' in event).filter(inside(workspaceId)),
        page,
        ({ version, index }) => [version, index],
      ),
    listInvitationEvents: (emailKey, page) =>
      listed(
        tables.events
          .filter((event) => event.type === 'invitation.created')
          .filter(
            (event) => fault === 'lists events that name others' || invitedEmailKey(event) === emailKey,
          ),
        page,
        ({ at, id }) => [Date.parse(at), id],
      ),
    listAccountEvents: (userId, page) =>
      listed(
        tables.events.filter((event) => 'userId' in event).filter((event) => event.userId === userId),
        page,
        ({ version, index }) => [version, index],
      ),
  };
  return storage;

  function exists({ workspaceId }: { readonly workspaceId: string }): boolean {
    return tables.workspaces.some(({ id, deletion }) => id === workspaceId && deletion === null);
  }

  async function listed<Item>(
    items: Item[],
    { after, limit, order: asked = 'oldest' }: PageQuery & Partial<EventPageQuery>,
    keyOf: (item: Item) => PageKey,
  ): Promise<Item[]> {
    await turn();
    const order = fault === 'ignores the order' ? 'oldest' : asked;
    const sorts = order === 'oldest' || fault === 'turns a page of the oldest around' ? 1 : -1;
    const seeks = fault === 'sorts newest first and seeks as oldest first' ? 1 : sorts;
    const isAfter = (key: PageKey): boolean => {
      if (after === null) return true;
      if (fault === 'skips items of equal times' && key[0] === after[0]) return false;
      return seeks * compare(key, after) > 0;
    };
    const page = items
      .filter((item) => isAfter(keyOf(item)))
      .sort((a, b) => sorts * compare(keyOf(a), keyOf(b)))
      .slice(0, limit);
    const isTurned = order === 'newest' && fault === 'turns a page of the oldest around';
    return copy(isTurned ? page.reverse() : page);
  }

  function isCurrent({ expect }: Commit): boolean {
    return expect.every((expected) =>
      'workspace' in expected
        ? tables.workspaces.some(
            ({ id, version }) => id === expected.workspace && version === expected.version,
          )
        : tables.accounts.some(
            ({ userId, version }) => userId === expected.account && version === expected.version,
          ),
    );
  }

  function refusal(change: Change, field: DuplicateField): CommitResult {
    if (change.kind.endsWith('.update')) {
      if (fault === 'calls a key that an update takes a conflict') return { ok: false, reason: 'conflict' };
      if (fault === 'calls a key that an update takes an id') {
        return { ok: false, reason: 'duplicate', field: 'account' in change ? 'userId' : 'workspaceId' };
      }
    }
    return { ok: false, reason: 'duplicate', field };
  }

  function duplicateOf(change: Change): DuplicateField | null {
    const inserts = change.kind.endsWith('.insert');
    if (!inserts && fault === 'lets updates take a key') return null;
    if ('account' in change) {
      const { userId, usernameKey } = change.account;
      if (inserts && tables.accounts.some((one) => sameId(one.userId, userId))) return 'userId';
      return tables.accounts.some((one) => one.usernameKey === usernameKey && one.userId !== userId)
        ? 'username'
        : null;
    }
    if ('workspace' in change) {
      const { id, ownerId, nameKey } = change.workspace;
      const buried = fault !== 'gives ids out again' && tables.tombstones.includes(id);
      if (inserts && (buried || tables.workspaces.some((one) => one.id === id))) return 'workspaceId';
      const former = tables.workspaces.find((one) => one.id === id)?.ownerId;
      const holder = fault === 'looks for a name under the former owner' ? (former ?? ownerId) : ownerId;
      const twin = tables.workspaces.some(
        (one) => one.ownerId === holder && one.nameKey === nameKey && one.id !== id,
      );
      return twin ? 'name' : null;
    }
    if ('member' in change) {
      const { workspaceId, userId } = change.member;
      const there = tables.members.some(
        (one) => one.workspaceId === workspaceId && sameId(one.userId, userId),
      );
      return inserts && there ? 'member' : null;
    }
    if ('invitation' in change) {
      const { id, workspaceId, recipient, state } = change.invitation;
      const here = tables.invitations.filter((one) => one.workspaceId === workspaceId);
      if (inserts && here.some((one) => one.id === id)) return 'invitationId';
      const key = recipient && recipientKey(recipient);
      const twin = here.some(
        (one) =>
          one.id !== id &&
          one.state === 'open' &&
          one.recipient !== null &&
          recipientKey(one.recipient) === key,
      );
      return state === 'open' && twin ? 'recipient' : null;
    }
    return null;
  }

  function write(change: Change): void {
    if ('account' in change) {
      const { userId } = change.account;
      replace(tables.accounts, change.account, {
        isSame: (one) => sameId(one.userId, userId),
        stale: changing.account.filter((field) => fault === `account.update keeps ${field}`),
      });
    } else if ('workspace' in change) {
      replace(tables.workspaces, change.workspace, {
        isSame: ({ id }) => id === change.workspace.id,
        stale: changing.workspace.filter((field) => fault === `workspace.update keeps ${field}`),
      });
    } else if ('member' in change) {
      const { workspaceId, userId, joinedAt } = change.member;
      const member = {
        ...change.member,
        ...(fault === 'seconds instead of milliseconds' && { joinedAt: Math.floor(joinedAt / 1000) * 1000 }),
        ...(fault === 'forgets by which invitation a member came' && { invitationId: null }),
        ...(fault === 'forgets by which directory a member is managed' && { managedBy: null }),
      };
      if (change.kind === 'member.update' && fault === 'updates members by their user alone') {
        tables.members = tables.members.map((one) =>
          one.userId === userId ? { ...member, workspaceId: one.workspaceId } : one,
        );
        return;
      }
      replace(tables.members, member, {
        isSame: (one) => one.workspaceId === workspaceId && sameId(one.userId, userId),
        stale: changing.member.filter((field) => fault === `member.update keeps ${field}`),
      });
    } else if ('invitation' in change) {
      const { workspaceId, id } = change.invitation;
      if (change.kind === 'invitation.update' && fault === 'updates invitations by their id alone') {
        tables.invitations = tables.invitations.map((one) =>
          one.id === id ? { ...change.invitation, workspaceId: one.workspaceId } : one,
        );
        return;
      }
      replace(tables.invitations, change.invitation, {
        isSame: (one) => one.workspaceId === workspaceId && one.id === id,
        stale: changing.invitation.filter((field) => fault === `invitation.update keeps ${field}`),
      });
    } else if ('departure' in change) {
      const { workspaceId, userId } = change.departure;
      if (fault === 'forgets departures') return;
      replace(tables.departures, change.departure, {
        isSame: (one) => one.workspaceId === workspaceId && one.userId === userId,
        stale: changing.departure.filter((field) => fault === `departure.update keeps ${field}`),
      });
    } else if (change.kind === 'event.erase') {
      const { event } = change;
      if (fault === 'erases no event') return;
      const place = tables.events.findIndex(
        (one) =>
          isSameSubject(one, event, fault === 'erases events by their version alone') &&
          one.version === event.version &&
          one.index === event.index,
      );
      if (place >= 0) tables.events[place] = event;
    } else if (change.kind === 'member.delete') {
      const { workspaceId, userId } = change;
      if (fault === 'does not delete members') return;
      const everywhere = fault === 'deletes members by their user alone';
      tables.members = tables.members.filter(
        (one) => (!everywhere && one.workspaceId !== workspaceId) || one.userId !== userId,
      );
    } else {
      const { workspaceId } = change;
      tables.workspaces = tables.workspaces.filter(({ id }) => id !== workspaceId);
      tables.tombstones.push(workspaceId);
      if (fault === 'keeps rows of deleted workspaces') return;
      const stays = (one: { readonly workspaceId: string }): boolean =>
        fault !== 'empties all workspaces with the one that is deleted' && one.workspaceId !== workspaceId;
      tables.members = tables.members.filter(stays);
      tables.invitations = tables.invitations.filter(stays);
      tables.departures = tables.departures.filter(stays);
    }
  }
}

function isSameSubject(one: StoredEvent, other: StoredEvent, isIgnored: boolean): boolean {
  if ('workspaceId' in one)
    return 'workspaceId' in other && (isIgnored || one.workspaceId === other.workspaceId);
  return 'userId' in other && (isIgnored || one.userId === other.userId);
}

/** Replaces the item with the same key, or appends it; `stale` fields keep their old values. */
function replace<Item extends object>(
  items: Item[],
  item: Item,
  { isSame, stale }: { isSame: (one: Item) => boolean; stale: readonly (keyof Item)[] },
): void {
  const index = items.findIndex(isSame);
  const before = items[index];
  if (before === undefined) {
    items.push(item);
    return;
  }
  if (stale.length === 0) {
    items[index] = item;
    return;
  }
  const mixed = { ...item };
  for (const field of stale) mixed[field] = before[field];
  items[index] = mixed;
}

function compare(one: PageKey, other: PageKey): number {
  if (one[0] !== other[0]) return one[0] - other[0];
  if (one[1] === other[1]) return 0;
  return one[1] < other[1] ? -1 : 1;
}
