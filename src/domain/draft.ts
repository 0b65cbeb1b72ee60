// From events to changes: each event is applied to a draft over the snapshot, and what differs at the end is written.
import type { AccountRecord } from './account.js';
import type { ActorRef } from './actor.js';
import type { Change, Commit, Expectation } from './changes.js';
import type { AccountEvent, Happening, StoredEvent, WorkspaceEvent } from './events.js';
import type { Issued } from './decision.js';
import { deepFreeze } from './frozen.js';
import type { InvitationId, UserId } from './ids.js';
import { seatsHeld, type InvitationEnd, type InvitationRecord } from './invitation.js';
import type { MemberRecord } from './member.js';
import { nameKey } from './names.js';
import { OWNER } from './permissions.js';
import type { Snapshot } from './snapshot.js';
import type { WorkspaceRecord } from './workspace.js';

/** Who, when, and the ids of the events, one for each. */
export interface Stamp {
  readonly actor: ActorRef;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly eventIds: readonly string[];
  readonly issued?: Issued | undefined;
}

/** The commit of what happened, and the snapshot as it is once the commit is applied. */
export function commitOf(
  snapshot: Snapshot,
  happenings: readonly Happening[],
  stamp: Stamp,
): { readonly commit: Commit; readonly after: Snapshot } {
  const draft = new Draft(snapshot, stamp);
  for (const happening of happenings) draft.apply(happening);
  return draft.finish(happenings);
}

/** The records that the events touch, laid over the snapshot. `null` is a record that is gone. */
class Draft {
  readonly #snapshot: Snapshot;
  readonly #stamp: Stamp;
  #workspace: WorkspaceRecord | null;
  #open: ReadonlyMap<InvitationId, InvitationRecord> | undefined;
  readonly #accounts = new Map<UserId, AccountRecord>();
  readonly #members = new Map<UserId, MemberRecord | null>();
  readonly #invitations = new Map<InvitationId, InvitationRecord>();

  constructor(snapshot: Snapshot, stamp: Stamp) {
    this.#snapshot = snapshot;
    this.#stamp = stamp;
    this.#workspace = snapshot.workspace;
  }

  apply(happening: Happening): void {
    const { now } = this.#stamp;
    switch (happening.type) {
      case 'account.opened': {
        const { username, displayName, personalWorkspaceId } = happening.data;
        this.#accounts.set(happening.userId, {
          userId: happening.userId,
          username,
          usernameKey: nameKey(username),
          displayName,
          personalWorkspaceId,
          activeWorkspaceId: personalWorkspaceId,
          ownedTeams: 0,
          version: 1,
          createdAt: now,
        });
        return;
      }
      case 'account.renamed': {
        const { to, displayName } = happening.data;
        this.#account(happening.userId, { username: to, usernameKey: nameKey(to), displayName });
        return;
      }
      case 'account.switched':
        this.#account(happening.userId, { activeWorkspaceId: happening.data.to });
        return;
      case 'workspace.created': {
        const { kind, name, ownerId } = happening.data;
        const workspaceId = happening.workspaceId;
        this.#workspace = {
          id: workspaceId,
          kind,
          name,
          nameKey: nameKey(name),
          ownerId,
          memberCount: 1,
          openInvitations: 0,
          reservedSeats: 0,
          version: 1,
          createdAt: now,
        };
        this.#members.set(ownerId, {
          workspaceId,
          userId: ownerId,
          role: OWNER,
          invitationId: null,
          joinedAt: now,
        });
        if (kind === 'team') this.#owns(ownerId, 1);
        return;
      }
      case 'workspace.renamed':
        this.#update({ name: happening.data.to, nameKey: nameKey(happening.data.to) });
        return;
      case 'workspace.deleted':
        this.#owns(happening.data.ownerId, -1);
        this.#workspace = null;
        return;
      case 'workspace.transferred': {
        const { from, to, formerOwnerRole } = happening.data;
        this.#update({ ownerId: to });
        this.#role(from, formerOwnerRole);
        this.#role(to, OWNER);
        this.#owns(from, -1);
        this.#owns(to, 1);
        return;
      }
      case 'member.joined': {
        const { workspaceId, data } = happening;
        this.#members.set(data.userId, { workspaceId, ...data, joinedAt: now });
        this.#update({ memberCount: this.#current().memberCount + 1 });
        return;
      }
      case 'member.left':
      case 'member.removed':
        this.#members.set(happening.data.userId, null);
        this.#update({ memberCount: this.#current().memberCount - 1 });
        return;
      case 'member.role-changed':
        this.#role(happening.data.userId, happening.data.to);
        return;
      case 'invitation.created': {
        const { invitationId, role, recipient, maxUses, expiresAt } = happening.data;
        this.#put({
          id: invitationId,
          workspaceId: happening.workspaceId,
          role,
          recipient,
          maxUses,
          uses: 0,
          issuedBy: this.#stamp.actor,
          ...this.#issued(),
          createdAt: now,
          expiresAt: Date.parse(expiresAt),
          state: 'open',
        });
        return;
      }
      case 'invitation.reissued':
        this.#put({
          ...this.#invitation(happening.data.invitationId),
          issuedBy: this.#stamp.actor,
          ...this.#issued(),
          expiresAt: Date.parse(happening.data.expiresAt),
        });
        return;
      case 'invitation.accepted': {
        const { invitationId, uses } = happening.data;
        const invitation = { ...this.#invitation(invitationId), uses };
        if (uses === invitation.maxUses) this.#close(invitation, 'used');
        else this.#put(invitation);
        return;
      }
      case 'invitation.declined':
        this.#close(this.#invitation(happening.data.invitationId), 'declined');
        return;
      case 'invitation.revoked':
        this.#close(this.#invitation(happening.data.invitationId), 'revoked');
        return;
      case 'invitation.expired':
        this.#close(this.#invitation(happening.data.invitationId), 'expired');
        return;
      default:
        happening satisfies never;
    }
  }

  finish(happenings: readonly Happening[]): { commit: Commit; after: Snapshot } {
    const before = this.#snapshot;
    const inWorkspace = happenings.some((happening) => 'workspaceId' in happening);
    if (before.workspace !== null && this.#workspace !== null && inWorkspace) {
      this.#workspace = { ...this.#workspace, version: before.workspace.version + 1 };
    }
    const created = [...this.#invitations.values()].find(({ id }) => this.#read(id) === undefined);
    const invitation = created ?? before.invitation;
    return {
      commit: {
        expect: this.#expectations(),
        changes: this.#changes(),
        events: this.#events(happenings),
      },
      after: {
        ...before,
        workspace: this.#workspace,
        accounts: overlaid(before.accounts, this.#accounts),
        members: overlaid(before.members, this.#members),
        invitation: invitation && (this.#invitations.get(invitation.id) ?? invitation),
      },
    };
  }

  #expectations(): Expectation[] {
    const { workspace, accounts } = this.#snapshot;
    const expected: Expectation[] = [];
    // Also when the workspace is only read: what was decided on it must still hold when the rest is written.
    if (workspace !== null) expected.push({ workspace: workspace.id, version: workspace.version });
    for (const userId of this.#accounts.keys()) {
      const read = accounts.get(userId);
      if (read !== undefined) expected.push({ account: userId, version: read.version });
    }
    return expected;
  }

  #changes(): Change[] {
    const before = this.#snapshot;
    const changes: Change[] = [];
    for (const account of this.#accounts.values()) {
      changes.push({
        kind: before.accounts.has(account.userId) ? 'account.update' : 'account.insert',
        account,
      });
    }
    if (this.#workspace === null) {
      if (before.workspace !== null)
        changes.push({ kind: 'workspace.delete', workspaceId: before.workspace.id });
      return changes;
    }
    const workspace = this.#workspace;
    if (workspace !== before.workspace) {
      changes.push({ kind: before.workspace === null ? 'workspace.insert' : 'workspace.update', workspace });
    }
    for (const [userId, member] of this.#members) {
      if (member === null) changes.push({ kind: 'member.delete', workspaceId: workspace.id, userId });
      else changes.push({ kind: before.members.has(userId) ? 'member.update' : 'member.insert', member });
    }
    for (const invitation of this.#invitations.values()) {
      changes.push({
        kind: this.#read(invitation.id) === undefined ? 'invitation.insert' : 'invitation.update',
        invitation,
      });
    }
    return changes;
  }

  #events(happenings: readonly Happening[]): StoredEvent[] {
    const { now, actor, eventIds } = this.#stamp;
    const at = new Date(now).toISOString();
    let inWorkspace = 0;
    const inAccount = new Map<UserId, number>();
    return happenings.map((happening, place) => {
      const id = eventIds[place];
      if (id === undefined) throw new Error('fewer event ids than events');
      if ('workspaceId' in happening) {
        const before = this.#snapshot.workspace;
        const version = this.#workspace?.version ?? found(before, 'workspace').version + 1;
        const event: WorkspaceEvent = { id, ...happening, version, index: inWorkspace++, at, actor };
        return deepFreeze(event);
      }
      const { userId } = happening;
      const version = found(this.#accounts.get(userId), 'account').version;
      const index = inAccount.get(userId) ?? 0;
      inAccount.set(userId, index + 1);
      const event: AccountEvent = { id, ...happening, version, index, at, actor };
      return deepFreeze(event);
    });
  }

  #current(): WorkspaceRecord {
    return found(this.#workspace, 'workspace');
  }

  #update(fields: Partial<WorkspaceRecord>): void {
    this.#workspace = { ...this.#current(), ...fields };
  }

  #account(userId: UserId, fields: Partial<AccountRecord>): void {
    const read = found(this.#snapshot.accounts.get(userId), 'account');
    this.#accounts.set(userId, {
      ...read,
      ...this.#accounts.get(userId),
      ...fields,
      version: read.version + 1,
    });
  }

  #owns(userId: UserId, difference: 1 | -1): void {
    const account = this.#accounts.get(userId) ?? found(this.#snapshot.accounts.get(userId), 'account');
    this.#account(userId, { ownedTeams: account.ownedTeams + difference });
  }

  #role(userId: UserId, role: string): void {
    this.#members.set(userId, { ...found(this.#snapshot.members.get(userId), 'member'), role });
  }

  #read(invitationId: InvitationId): InvitationRecord | undefined {
    const { invitation, openInvitations } = this.#snapshot;
    if (invitation?.id === invitationId) return invitation;
    this.#open ??= new Map(openInvitations.map((open) => [open.id, open]));
    return this.#open.get(invitationId);
  }

  #invitation(invitationId: InvitationId): InvitationRecord {
    return found(this.#invitations.get(invitationId) ?? this.#read(invitationId), 'invitation');
  }

  #close(invitation: InvitationRecord, state: InvitationEnd): void {
    this.#put({ ...invitation, state, closedAt: this.#stamp.now });
  }

  /** Lays the record over the snapshot, and moves the workspace's two counters by what changed. */
  #put(invitation: InvitationRecord): void {
    const { openInvitations, reservedSeats } = this.#current();
    const before = this.#invitations.get(invitation.id) ?? this.#read(invitation.id);
    const opened = Number(invitation.state === 'open') - Number(before?.state === 'open');
    const held = seatsHeld(invitation) - (before === undefined ? 0 : seatsHeld(before));
    this.#invitations.set(invitation.id, invitation);
    this.#update({ openInvitations: openInvitations + opened, reservedSeats: reservedSeats + held });
  }

  #issued(): Issued {
    const { secretHash, issuedAt } = found(this.#stamp.issued, 'token');
    return { secretHash, issuedAt };
  }
}

/** `null` takes a record away. */
function overlaid<Key, Value>(
  under: ReadonlyMap<Key, Value>,
  over: ReadonlyMap<Key, Value | null>,
): ReadonlyMap<Key, Value> {
  if (over.size === 0) return under;
  const laid = new Map(under);
  for (const [key, value] of over) {
    if (value === null) laid.delete(key);
    else laid.set(key, value);
  }
  return laid;
}

/** An event about a record that its decision never looked at is a defect of the decision. */
function found<Value>(value: Value | null | undefined, noun: string): Value {
  if (value === null || value === undefined)
    throw new Error(`the ${noun} of an event is not in its snapshot`);
  return value;
}
