// A state of the search, and the records that it describes.
import type { AccountRecord } from '../../core/account.js';
import type { DepartureRecord } from '../../core/departure.js';
import type { InvitationId, UserId, WorkspaceId } from '../../core/ids.js';
import type { InvitationRecord, MaxUses } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import { OWNER } from '../../core/permissions.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import type { Contents, Records } from './records.js';

export const TEAM: WorkspaceId = 'team';
/** The clock is fixed; instead, single invitations expire. A whole second, as expiries are whole seconds. */
export const NOW = Date.UTC(2026, 0, 1);
const JOINED = {
  invitationId: null,
  joinedAt: NOW,
  joinedVersion: 1,
  emailKey: null,
  managedBy: null,
  attributes: null,
};
/** One directory: a second one decides nothing that a member of none does not. */
export const DIRECTORY = 'directory';
export const LIFETIME_SECONDS = 3600;
const LIFETIME = LIFETIME_SECONDS * 1000;

/** A state, as plain JSON. Users are indexes. */
export interface State {
  /**
   * The number of teams that each user owns, by their account; `closing` for an account that is being closed; `null` without
   * an account, and for a closed one, which decides nothing.
   */
  readonly accounts: readonly AccountState[];
  readonly team: Team | 'none' | 'deleted';
}

export type AccountState = number | 'closing' | null;

export interface Team {
  readonly owner: number;
  readonly isSuspended: boolean;
  readonly deletion: 'deleted' | 'purging' | null;
  /** The user to whom the ownership is offered, and the owner's role afterwards. */
  readonly offer: readonly [user: number, formerOwnerRole: string] | null;
  readonly roles: readonly (string | null)[];
  /** The members whom the directory manages. */
  readonly managed: readonly number[];
  /** The counters of the record: members, open invitations, reserved seats. */
  readonly counters: readonly [number, number, number];
  readonly invitations: readonly Invitation[];
  /** What each user held at leaving, and when: the number of issues before which it limits. `null` if it limits none. */
  readonly departures: readonly (readonly [role: string, rank: number] | null)[];
}

export type Invitation = readonly [
  role: string,
  recipient: number | null,
  maxUses: MaxUses,
  /** Always 0 for an unlimited invitation: it would grow without an end. */
  uses: number,
  /** `null` for an operator. */
  issuer: number | null,
  state: 'expired' | InvitationRecord['state'],
  /** The members who joined by it. */
  joined: readonly number[],
  /** Its place among the departures: those of this rank or a greater one limit it. */
  rank: number,
];

export function personalWorkspaceOf(userId: UserId): WorkspaceId {
  return `personal-${userId}`;
}

const LATEST_VERSION = 1000;

/** The id of an invitation that is not in the state yet. */
export const NEW_INVITATION: InvitationId = 'invitation-new';

export function invitationId(index: number): InvitationId {
  return `invitation-${String(index)}`;
}

export function secretHash(index: number): string {
  return `hash-${String(index)}`;
}

/** The records of a state, with these users for its indexes. */
export function recordsOf({ accounts, team }: State, users: readonly UserId[]): Records {
  const workspaces = new Map<WorkspaceId, Contents | null>();
  const records = new Map<UserId, AccountRecord>();
  for (const [index, ownedTeams] of accounts.entries()) {
    if (ownedTeams === null) continue;
    const userId = nameOf(users, index);
    const id = personalWorkspaceOf(userId);
    records.set(userId, {
      userId,
      status: ownedTeams === 'closing' ? 'closing' : 'open',
      username: userId,
      usernameKey: userId,
      displayName: null,
      personalWorkspaceId: id,
      activeWorkspaceId: id,
      ownedTeams: ownedTeams === 'closing' ? 0 : ownedTeams,
      invitedSince: 0,
      invited: 0,
      version: 1,
      openedVersion: 1,
      createdAt: NOW,
    });
    const owner = { workspaceId: id, userId, role: OWNER, ...JOINED };
    workspaces.set(id, {
      workspace: { ...workspaceRecord(id, userId), kind: 'personal', name: userId, nameKey: userId },
      members: new Map([[userId, owner]]),
      invitations: new Map(),
      departures: new Map(),
    });
  }
  if (team === 'deleted') workspaces.set(TEAM, null);
  else if (team !== 'none') workspaces.set(TEAM, contentsOf(team, users));
  return { accounts: records, workspaces };
}

function contentsOf(team: Team, users: readonly UserId[]): Contents {
  const members = new Map<UserId, MemberRecord>();
  const invitations = new Map<InvitationId, InvitationRecord>();
  for (const [index, role] of team.roles.entries()) {
    if (role === null) continue;
    const userId = nameOf(users, index);
    const managedBy = team.managed.includes(index) ? DIRECTORY : null;
    members.set(userId, { workspaceId: TEAM, userId, role, ...JOINED, managedBy });
  }
  for (const [
    index,
    [role, recipient, maxUses, uses, issuer, state, joined, rank],
  ] of team.invitations.entries()) {
    const id = invitationId(index);
    const issuedAt = state === 'expired' ? NOW - LIFETIME : NOW;
    invitations.set(id, {
      id,
      workspaceId: TEAM,
      role,
      recipient: recipient === null ? null : { userId: nameOf(users, recipient) },
      maxUses,
      uses,
      issuedBy: issuer === null ? { operator: 'operator' } : { userId: nameOf(users, issuer) },
      secretHash: secretHash(index),
      createdAt: issuedAt,
      issuedAt,
      issuedVersion: rank,
      expiresAt: issuedAt + LIFETIME,
      state: 'open',
    });
    for (const member of joined) {
      const userId = nameOf(users, member);
      const record = members.get(userId);
      if (record) members.set(userId, { ...record, invitationId: id });
    }
  }
  const departures = new Map<UserId, DepartureRecord>();
  for (const [index, departure] of team.departures.entries()) {
    if (departure === null) continue;
    const [role, version] = departure;
    const userId = nameOf(users, index);
    departures.set(userId, { workspaceId: TEAM, userId, role, version });
  }
  const [memberCount, openInvitations, reservedSeats] = team.counters;
  const ownerId = nameOf(users, team.owner);
  const workspace = {
    ...workspaceRecord(TEAM, ownerId),
    memberCount,
    openInvitations,
    reservedSeats,
    suspendedFor: team.isSuspended ? 'suspended' : null,
    deletion: team.deletion && {
      deletedAt: NOW,
      purgeAt: NOW + 1000,
      isPurging: team.deletion === 'purging',
    },
    offer: offerOf(team, users),
  };
  return { workspace, members, invitations, departures };
}

function offerOf({ offer }: Team, users: readonly UserId[]): WorkspaceRecord['offer'] {
  if (offer === null) return null;
  const [user, formerOwnerRole] = offer;
  return { userId: nameOf(users, user), formerOwnerRole, expiresAt: NOW + LIFETIME };
}

function workspaceRecord(id: WorkspaceId, ownerId: UserId): WorkspaceRecord {
  return {
    id,
    kind: 'team',
    name: TEAM,
    nameKey: TEAM,
    ownerId,
    memberCount: 1,
    openInvitations: 0,
    reservedSeats: 0,
    suspendedFor: null,
    offer: null,
    deletion: null,
    attributes: null,
    // Greater than every rank: what is issued next is issued after all departures.
    version: LATEST_VERSION,
    createdAt: NOW,
  };
}

function nameOf(users: readonly UserId[], index: number): UserId {
  const userId = users[index];
  if (userId === undefined) throw new Error(`there is no user ${String(index)}`);
  return userId;
}
