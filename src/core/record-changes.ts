// The records that events change, laid over the snapshot that they were decided on.
import type { AccountRecord } from './account.js';
import type { Change, Expectation } from './changes.js';
import type { DepartureRecord } from './departure.js';
import type { InvitationId, UserId } from './ids.js';
import { seatsHeld, type InvitationRecord } from './invitation.js';
import type { MemberRecord } from './member.js';
import type { Snapshot } from './read-set.js';
import { required } from './values.js';
import type { WorkspaceRecord } from './workspace.js';

/** Changed records by id. `null` marks a deleted record. Versions are incremented once per commit. */
export class RecordChanges {
  readonly before: Snapshot;
  workspace: WorkspaceRecord | null;
  readonly accounts = new Map<UserId, AccountRecord>();
  readonly members = new Map<UserId, MemberRecord | null>();
  readonly departures = new Map<UserId, DepartureRecord>();
  readonly #invitations = new Map<InvitationId, InvitationRecord>();
  #open: ReadonlyMap<InvitationId, InvitationRecord> | undefined;

  constructor(before: Snapshot) {
    this.before = before;
    this.workspace = before.workspace;
  }

  updateWorkspace(fields: Partial<WorkspaceRecord>): void {
    this.workspace = { ...required(this.workspace), ...fields };
  }

  updateAccount(userId: UserId, fields: Partial<AccountRecord>): void {
    const read = required(this.before.accounts.get(userId));
    this.accounts.set(userId, {
      ...read,
      ...this.accounts.get(userId),
      ...fields,
      version: read.version + 1,
    });
  }

  addOwnedTeams(userId: UserId, difference: 1 | -1): void {
    const account = this.accounts.get(userId) ?? required(this.before.accounts.get(userId));
    this.updateAccount(userId, { ownedTeams: account.ownedTeams + difference });
  }

  /** Ends a membership, and records the role held if an open invitation could give another. */
  endMembership(userId: UserId, role: string): void {
    const { id: workspaceId, memberCount, openInvitations, offer } = required(this.workspace);
    this.members.set(userId, null);
    this.updateWorkspace({
      memberCount: memberCount - 1,
      offer: offer?.userId === userId ? null : offer,
    });
    if (openInvitations > 0) {
      this.departures.set(userId, { workspaceId, userId, role, version: this.nextVersion() });
    }
  }

  /** The version of the workspace after the commit. */
  nextVersion(): number {
    return (this.before.workspace?.version ?? 0) + 1;
  }

  addMember(member: MemberRecord): void {
    this.members.set(member.userId, member);
    this.updateWorkspace({ memberCount: required(this.workspace).memberCount + 1 });
  }

  updateMember(userId: UserId, fields: Partial<MemberRecord>): void {
    const member = this.members.get(userId) ?? required(this.before.members.get(userId));
    this.members.set(userId, { ...member, ...fields });
  }

  invitation(invitationId: InvitationId): InvitationRecord | undefined {
    return this.#invitations.get(invitationId) ?? this.#read(invitationId);
  }

  /** Stores the record, and updates the workspace's counts of open invitations and reserved seats. */
  putInvitation(invitation: InvitationRecord): void {
    const { openInvitations, reservedSeats } = required(this.workspace);
    const before = this.invitation(invitation.id);
    const opened = Number(invitation.state === 'open') - Number(before?.state === 'open');
    const held = seatsHeld(invitation) - (before ? seatsHeld(before) : 0);
    this.#invitations.set(invitation.id, invitation);
    this.updateWorkspace({
      openInvitations: openInvitations + opened,
      reservedSeats: reservedSeats + held,
    });
  }

  /** Every version that was read and must still be current when the changes are written. */
  expectations(): Expectation[] {
    return this.#expectationsOf(this.accounts.keys());
  }

  /** Also the versions of the accounts that were only read. */
  allExpectations(): Expectation[] {
    return this.#expectationsOf(this.before.accounts.keys());
  }

  #expectationsOf(userIds: Iterable<UserId>): Expectation[] {
    const { workspace, accounts } = this.before;
    const expected: Expectation[] = [];
    // Also if the workspace was only read: the decision must still be right when the other records are written.
    if (workspace !== null) expected.push({ workspace: workspace.id, version: workspace.version });
    for (const userId of userIds) {
      const read = accounts.get(userId);
      if (read !== undefined) expected.push({ account: userId, version: read.version });
    }
    return expected;
  }

  changes(): Change[] {
    const { before, workspace } = this;
    const changes: Change[] = [];
    for (const account of this.accounts.values()) {
      changes.push({
        kind: before.accounts.has(account.userId) ? 'account.update' : 'account.insert',
        account,
      });
    }
    if (workspace === null) {
      if (before.workspace !== null)
        changes.push({ kind: 'workspace.delete', workspaceId: before.workspace.id });
      return changes;
    }
    if (workspace !== before.workspace) {
      changes.push({ kind: before.workspace === null ? 'workspace.insert' : 'workspace.update', workspace });
    }
    for (const [userId, member] of this.members) {
      if (member === null) changes.push({ kind: 'member.delete', workspaceId: workspace.id, userId });
      else changes.push({ kind: before.members.has(userId) ? 'member.update' : 'member.insert', member });
    }
    for (const departure of this.departures.values()) {
      const kind = before.departures.has(departure.userId) ? 'departure.update' : 'departure.insert';
      changes.push({ kind, departure });
    }
    for (const invitation of this.#invitations.values()) {
      changes.push({
        kind: this.#read(invitation.id) === undefined ? 'invitation.insert' : 'invitation.update',
        invitation,
      });
    }
    return changes;
  }

  /** The snapshot after the changes. A created invitation becomes its `invitation`. */
  after(): Snapshot {
    const { before } = this;
    const created = [...this.#invitations.values()].find(({ id }) => this.#read(id) === undefined);
    const invitation = created ?? before.invitation;
    return {
      ...before,
      workspace: this.workspace,
      accounts: overlaid(before.accounts, this.accounts),
      members: overlaid(before.members, this.members),
      invitation: invitation && required(this.invitation(invitation.id)),
      openInvitations: before.openInvitations.flatMap((open) => {
        const changed = required(this.invitation(open.id));
        return changed.state === 'open' ? changed : [];
      }),
      departures: overlaid(before.departures, this.departures),
    };
  }

  #read(invitationId: InvitationId): InvitationRecord | undefined {
    const { invitation, openInvitations } = this.before;
    if (invitation?.id === invitationId) return invitation;
    this.#open ??= new Map(openInvitations.map((open) => [open.id, open]));
    return this.#open.get(invitationId);
  }
}

/** `null` removes a record. */
function overlaid<Key, Value>(
  under: ReadonlyMap<Key, Value>,
  over: ReadonlyMap<Key, Value | null>,
): ReadonlyMap<Key, Value> {
  if (over.size === 0) return under;
  const result = new Map(under);
  for (const [key, value] of over) {
    if (value === null) result.delete(key);
    else result.set(key, value);
  }
  return result;
}
