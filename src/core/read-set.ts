// What a command reads: the read set it asks for, and the snapshot it receives.
import type { AccountRecord } from './account.js';
import type { DepartureRecord } from './departure.js';
import type { InvitationId, UserId, WorkspaceId } from './ids.js';
import type { InvitationRecord, OpenInvitationRecord, Recipient } from './invitation.js';
import type { MemberRecord } from './member.js';
import type { WorkspaceRecord } from './workspace.js';

/**
 * The records that a decision needs. Everything but `accounts` belongs to the one workspace of the read set: a storage must not
 * read other workspaces.
 */
export interface ReadSet {
  /** The workspace itself, or the tombstone of its id. */
  readonly workspaceId?: WorkspaceId;
  /** Instead of `workspaceId`: the personal workspace of this user, and the account. */
  readonly personalWorkspaceOf?: UserId;
  readonly accounts?: readonly UserId[];
  readonly members?: readonly UserId[];
  /** Also the membership and the account of the workspace's owner. */
  readonly owner?: true;
  /** This invitation, with the membership and the account of its issuer. */
  readonly invitationId?: InvitationId;
  /** The open invitations that these users issued. */
  readonly issuedBy?: readonly UserId[];
  /** The open invitations that the workspace's owner issued. */
  readonly issuedByOwner?: true;
  /** The open invitations for these recipients. */
  readonly recipients?: readonly Recipient[];
  /** The open invitations without a recipient. */
  readonly openLinks?: true;
  /** The open invitations that expired at or before this instant, in milliseconds since the epoch. */
  readonly expiredAt?: number;
  /** The members whose `emailKey` this is. */
  readonly emailKey?: string;
  /** The departures of these users. */
  readonly departuresOf?: readonly UserId[];
}

/** The records of a read set, from one consistent read. */
export interface Snapshot {
  readonly workspace: WorkspaceRecord | null;
  /** The id belonged to a deleted workspace; it is never issued again. */
  readonly tombstone: boolean;
  readonly accounts: ReadonlyMap<UserId, AccountRecord>;
  readonly members: ReadonlyMap<UserId, MemberRecord>;
  /** The invitation of `invitationId`. */
  readonly invitation: InvitationRecord | null;
  /** The invitations of `issuedBy`, `issuedByOwner`, `recipients`, `openLinks` and `expiredAt`, without duplicates. */
  readonly openInvitations: readonly OpenInvitationRecord[];
  /** The departures of `departuresOf`, by user. */
  readonly departures: ReadonlyMap<UserId, DepartureRecord>;
}

/** Without its records if the workspace is deleted: what is left is the id, as after a deletion without a grace period. */
export function withoutDeleted(snapshot: Snapshot): Snapshot {
  if (snapshot.workspace === null || snapshot.workspace.deletion === null) return snapshot;
  return {
    workspace: null,
    tombstone: true,
    accounts: snapshot.accounts,
    members: new Map(),
    invitation: null,
    openInvitations: [],
    departures: new Map(),
  };
}

/**
 * The records without accounts that are closing or closed, and without the memberships of their users: to decisions and
 * queries they do not exist.
 */
export function withOpenAccounts(snapshot: Snapshot): Snapshot {
  const ended = [...snapshot.accounts.values()].filter(({ status }) => status !== 'open');
  if (ended.length === 0) return snapshot;
  const accounts = new Map(snapshot.accounts);
  const members = new Map(snapshot.members);
  for (const { userId } of ended) {
    accounts.delete(userId);
    members.delete(userId);
  }
  return { ...snapshot, accounts, members };
}
