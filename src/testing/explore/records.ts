// The records of a few users, their personal workspaces and one team: read as a storage reads, changed as commits say.
import type { AccountRecord } from '../../core/account.js';
import { isUser } from '../../core/actor.js';
import type { Change } from '../../core/changes.js';
import type { DepartureRecord } from '../../core/departure.js';
import type { InvitationId, UserId, WorkspaceId } from '../../core/ids.js';
import type { World } from '../../core/invariants/index.js';
import { recipientKey, type InvitationRecord, type OpenInvitationRecord } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { ReadSet, Snapshot } from '../../core/read-set.js';
import type { WorkspaceRecord } from '../../core/workspace.js';

/** A workspace with everything in it. */
export interface Contents {
  readonly workspace: WorkspaceRecord;
  readonly members: ReadonlyMap<UserId, MemberRecord>;
  readonly invitations: ReadonlyMap<InvitationId, InvitationRecord>;
  readonly departures: ReadonlyMap<UserId, DepartureRecord>;
}

export interface Records {
  readonly accounts: ReadonlyMap<UserId, AccountRecord>;
  /** `null` for a workspace that was deleted. */
  readonly workspaces: ReadonlyMap<WorkspaceId, Contents | null>;
}

/** Reads what a read set asks for, and nothing else: a decision must not depend on records that it did not request. */
export function load({ accounts, workspaces }: Records, readSet: ReadSet): Snapshot {
  const { personalWorkspaceOf: person, invitationId } = readSet;
  const workspaceId = person === undefined ? readSet.workspaceId : accounts.get(person)?.personalWorkspaceId;
  const contents = workspaceId === undefined ? undefined : workspaces.get(workspaceId);
  const owner = contents?.workspace.ownerId;
  const invitation = (invitationId !== undefined && contents?.invitations.get(invitationId)) || null;
  const issuer = invitation && isUser(invitation.issuedBy) ? invitation.issuedBy.userId : undefined;

  const read: Pick<Snapshot, 'accounts' | 'members'> & {
    accounts: Map<UserId, AccountRecord>;
    members: Map<UserId, MemberRecord>;
  } = { accounts: new Map(), members: new Map() };
  const addAccount = (userId: UserId | undefined): void => {
    const account = userId === undefined ? undefined : accounts.get(userId);
    if (account) read.accounts.set(account.userId, account);
  };
  const addMember = (userId: UserId | undefined): void => {
    const member = userId === undefined ? undefined : contents?.members.get(userId);
    if (member) read.members.set(member.userId, member);
  };
  for (const userId of readSet.accounts ?? []) addAccount(userId);
  for (const userId of readSet.members ?? []) addMember(userId);
  addAccount(person);
  addAccount(issuer);
  addMember(issuer);
  if (readSet.owner) {
    addAccount(owner);
    addMember(owner);
  }
  return {
    workspace: contents?.workspace ?? null,
    tombstone: contents === null,
    ...read,
    invitation,
    openInvitations: contents ? openInvitations(contents, readSet) : [],
    departures: departuresOf(contents, readSet),
  };
}

function departuresOf(
  contents: Contents | null | undefined,
  { departuresOf: userIds = [] }: ReadSet,
): ReadonlyMap<UserId, DepartureRecord> {
  const found = new Map<UserId, DepartureRecord>();
  for (const userId of userIds) {
    const departure = contents?.departures.get(userId);
    if (departure !== undefined) found.set(userId, departure);
  }
  return found;
}

function openInvitations({ workspace, invitations }: Contents, readSet: ReadSet): OpenInvitationRecord[] {
  const { issuedBy = [], issuedByOwner, recipients = [], openLinks, expiredAt } = readSet;
  const issuers = [...issuedBy, ...(issuedByOwner ? [workspace.ownerId] : [])];
  const wanted = recipients.map(recipientKey);
  const found: OpenInvitationRecord[] = [];
  for (const invitation of invitations.values()) {
    if (invitation.state !== 'open') continue;
    if (
      (isUser(invitation.issuedBy) && issuers.includes(invitation.issuedBy.userId)) ||
      (invitation.recipient === null ? openLinks : wanted.includes(recipientKey(invitation.recipient))) ||
      (expiredAt !== undefined && invitation.expiresAt <= expiredAt)
    ) {
      found.push(invitation);
    }
  }
  return found;
}

/** The records after the changes of a commit. */
export function changed(records: Records, changes: readonly Change[]): Records {
  const accounts = new Map(records.accounts);
  const workspaces = new Map(records.workspaces);
  const copies = new Map<WorkspaceId, Draft>();
  const edit = (workspaceId: WorkspaceId): Draft => {
    const known = copies.get(workspaceId);
    if (known) return known;
    const contents = workspaces.get(workspaceId);
    if (!contents) throw new Error(`a change in ${workspaceId}, which does not exist`);
    const { workspace, members, invitations, departures } = contents;
    const copy = {
      workspace,
      members: new Map(members),
      invitations: new Map(invitations),
      departures: new Map(departures),
    };
    copies.set(workspaceId, copy);
    workspaces.set(workspaceId, copy);
    return copy;
  };
  for (const change of changes) {
    switch (change.kind) {
      case 'account.insert':
      case 'account.update':
        accounts.set(change.account.userId, change.account);
        break;
      case 'workspace.insert': {
        const { workspace } = change;
        workspaces.set(workspace.id, {
          workspace,
          members: new Map(),
          invitations: new Map(),
          departures: new Map(),
        });
        break;
      }
      case 'workspace.update':
        edit(change.workspace.id).workspace = change.workspace;
        break;
      case 'workspace.delete':
        workspaces.set(change.workspaceId, null);
        break;
      case 'member.insert':
      case 'member.update':
        edit(change.member.workspaceId).members.set(change.member.userId, change.member);
        break;
      case 'member.delete':
        edit(change.workspaceId).members.delete(change.userId);
        break;
      case 'departure.insert':
      case 'departure.update':
        edit(change.departure.workspaceId).departures.set(change.departure.userId, change.departure);
        break;
      case 'invitation.insert':
      case 'invitation.update':
        edit(change.invitation.workspaceId).invitations.set(change.invitation.id, change.invitation);
        break;
      case 'event.erase':
        // Events are not part of a state.
        break;
      default:
        change satisfies never;
    }
  }
  return { accounts, workspaces };
}

interface Draft {
  workspace: WorkspaceRecord;
  readonly members: Map<UserId, MemberRecord>;
  readonly invitations: Map<InvitationId, InvitationRecord>;
  readonly departures: Map<UserId, DepartureRecord>;
}

/** For `violations`. The audit log is not part of a state. */
export function worldOf({ accounts, workspaces }: Records): World {
  const contents = [...workspaces.values()].filter((one) => one !== null);
  return {
    accounts: [...accounts.values()],
    workspaces: contents.map(({ workspace }) => workspace),
    members: contents.flatMap(({ members }) => [...members.values()]),
    invitations: contents.flatMap(({ invitations }) => [...invitations.values()]),
    departures: contents.flatMap(({ departures }) => [...departures.values()]),
    events: [],
    tombstones: [],
  };
}
