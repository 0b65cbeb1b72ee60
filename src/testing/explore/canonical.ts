// One text for all records that differ only in ids, versions, times, or in which user is which.
import type { AccountRecord } from '../../core/account.js';
import { isUser } from '../../core/actor.js';
import type { UserId } from '../../core/ids.js';
import type { InvitationRecord } from '../../core/invitation.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import type { Contents, Records } from './records.js';
import { NOW, TEAM, type AccountState, type Invitation, type State, type Team } from './state.js';

/** A state as text, and the users in the order in which it numbers them. */
export interface Encoded {
  readonly text: string;
  readonly users: readonly UserId[];
}

/**
 * Encodes the state of the records. Users are interchangeable, because decisions only compare user ids for equality. Of
 * the texts that differ only in the numbering of the users, this is the first. `ended` includes closed invitations.
 */
export function encode(
  { accounts, workspaces }: Records,
  users: readonly UserId[],
  { ended }: { readonly ended: boolean },
): Encoded {
  const contents = workspaces.get(TEAM);
  const invitations = contents
    ? [...contents.invitations.values()].filter(({ state }) => ended || state === 'open')
    : [];
  const limits = contents ? limitsOf(contents, invitations) : new Map<UserId, number>();
  let first: Encoded | undefined;
  for (const order of ordersOf(users, (userId) => {
    const account = stateOfAccount(accounts.get(userId));
    return contents ? profileOf(contents, invitations, limits, userId, account) : String(account);
  })) {
    const owned = order.map((userId) => stateOfAccount(accounts.get(userId)));
    const state: State = {
      accounts: owned,
      team: contents ? teamOf(contents, invitations, order) : contents === null ? 'deleted' : 'none',
    };
    const text = JSON.stringify(state);
    if (first === undefined || text < first.text) first = { text, users: order };
  }
  if (first === undefined) throw new Error('there is no order of the users');
  return first;
}

function deletionOf({ deletion }: WorkspaceRecord): Team['deletion'] {
  if (deletion === null) return null;
  return deletion.isPurging ? 'purging' : 'deleted';
}

function stateOfAccount(account: AccountRecord | undefined): AccountState {
  if (account === undefined || account.status === 'closed') return null;
  return account.status === 'closing' ? 'closing' : account.ownedTeams;
}

function teamOf(
  contents: Contents,
  records: readonly InvitationRecord[],
  users: readonly UserId[],
): State['team'] {
  const { workspace, members, departures } = contents;
  const limits = limitsOf(contents, records);
  const invitations = records.map((record): Invitation => {
    const { id, role, recipient, maxUses, issuedBy, issuedVersion } = record;
    return [
      role,
      recipient && isUser(recipient) ? users.indexOf(recipient.userId) : null,
      maxUses,
      usesOf(record),
      isUser(issuedBy) ? users.indexOf(issuedBy.userId) : null,
      stateOf(record),
      users.flatMap((userId, index) => (members.get(userId)?.invitationId === id ? [index] : [])),
      rankOf(limits, issuedVersion),
    ];
  });
  if (invitations.length > 1) invitations.sort((a, b) => (String(a) < String(b) ? -1 : 1));
  return {
    owner: users.indexOf(workspace.ownerId),
    isSuspended: workspace.suspendedFor !== null,
    deletion: deletionOf(workspace),
    offer: workspace.offer && [users.indexOf(workspace.offer.userId), workspace.offer.formerOwnerRole],
    roles: users.map((userId) => members.get(userId)?.role ?? null),
    managed: users.flatMap((userId, index) => (members.get(userId)?.managedBy == null ? [] : [index])),
    counters: [workspace.memberCount, workspace.openInvitations, workspace.reservedSeats],
    invitations,
    departures: users.map((userId) => {
      const [departure, limit] = [departures.get(userId), limits.get(userId)];
      return departure && limit !== undefined ? [departure.role, rankOf(limits, limit)] : null;
    }),
  };
}

/**
 * The departures that limit an invitation, each with the version of the last one that it limits. A member's limits none:
 * leaving again replaces it.
 */
function limitsOf(
  { members, departures }: Contents,
  invitations: readonly InvitationRecord[],
): ReadonlyMap<UserId, number> {
  const limits = new Map<UserId, number>();
  for (const { userId, role, version } of departures.values()) {
    if (members.has(userId)) continue;
    for (const invitation of invitations) {
      const { issuedVersion } = invitation;
      if (
        issuedVersion <= version &&
        invitation.role !== role &&
        issuedVersion > (limits.get(userId) ?? -1)
      ) {
        limits.set(userId, issuedVersion);
      }
    }
  }
  return limits;
}

/** How many of the limits are smaller: only the order of issues and departures decides. */
function rankOf(limits: ReadonlyMap<UserId, number>, version: number): number {
  if (limits.size === 0) return 0;
  const smaller = [...limits.values()].filter((limit) => limit < version);
  return new Set(smaller).size;
}

/** The uses of an unlimited invitation change no decision, and would grow without end. */
function usesOf({ maxUses, uses }: InvitationRecord): number {
  return maxUses === 'unlimited' ? 0 : uses;
}

function stateOf({ state, expiresAt }: InvitationRecord): Invitation[5] {
  return state === 'open' && expiresAt <= NOW ? 'expired' : state;
}

/**
 * The orders of the users among which the first text is. Users are sorted by their profiles; those with equal profiles
 * are tried in every order, unless their profiles name no invitation: exchanging these changes nothing.
 */
function ordersOf(users: readonly UserId[], profileOfUser: (userId: UserId) => string): UserId[][] {
  const sorted = users
    .map((userId) => ({ userId, profile: profileOfUser(userId) }))
    .sort((a, b) => (a.profile < b.profile ? -1 : 1));
  let orders: UserId[][] = [[]];
  for (let start = 0; start < sorted.length; ) {
    const profile = sorted[start]?.profile ?? '';
    const alike = sorted.filter((user) => user.profile === profile).map(({ userId }) => userId);
    const arrangements = alike.length > 1 && profile.includes(RELATED) ? permutations(alike) : [alike];
    orders = orders.flatMap((order) => arrangements.map((arrangement) => [...order, ...arrangement]));
    start += alike.length;
  }
  return orders;
}

const RELATED = '\n';

/** What the records say of one user, without naming another. */
function profileOf(
  { workspace, members, departures }: Contents,
  invitations: readonly InvitationRecord[],
  limits: ReadonlyMap<UserId, number>,
  userId: UserId,
  account: AccountState,
): string {
  const member = members.get(userId);
  const limit = limits.get(userId);
  const left =
    limit === undefined ? '' : `${departures.get(userId)?.role ?? ''} ${String(rankOf(limits, limit))}`;
  let profile = `${String(account)} ${member?.role ?? ''} ${member?.managedBy ?? ''} ${String(workspace.ownerId === userId)} ${String(workspace.offer?.userId === userId)} ${left}`;
  if (invitations.length === 0) return profile;
  const related: string[] = [];
  for (const invitation of invitations) {
    const { id, role, recipient, maxUses, issuedBy, issuedVersion } = invitation;
    const relation =
      (isUser(issuedBy) && issuedBy.userId === userId ? 1 : 0) +
      (recipient && isUser(recipient) && recipient.userId === userId ? 2 : 0) +
      (member?.invitationId === id ? 4 : 0);
    if (relation === 0) continue;
    related.push(
      `${RELATED}${String(relation)} ${role} ${String(maxUses)} ${String(usesOf(invitation))} ${stateOf(invitation)} ${String(rankOf(limits, issuedVersion))}`,
    );
  }
  if (related.length > 1) related.sort();
  for (const each of related) profile += each;
  return profile;
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
