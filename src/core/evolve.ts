// What each event changes in the records.
import { closedKeyOf, usernameKeyOf } from './account.js';
import { isUser, type EventActor } from './actor.js';
import type { UnloggedData } from './decision.js';
import { ERASED, ERASED_RECIPIENT } from './erase.js';
import type { NewEvent } from './events.js';
import type { UserId } from './ids.js';
import type { InvitationEnd, InvitationRecord, OpenInvitationRecord } from './invitation.js';
import { nameKey } from './names.js';
import { OWNER } from './permissions.js';
import type { RecordChanges } from './record-changes.js';
import { required } from './values.js';

/** Who, when, and the ids of the events, one for each. */
export interface EventMetadata extends UnloggedData {
  readonly actor: EventActor;
  readonly requestId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly eventIds: readonly string[];
  /** @default true */
  readonly uniqueUsernames?: boolean;
}

const ENDS = {
  'invitation.declined': 'declined',
  'invitation.revoked': 'revoked',
  'invitation.expired': 'expired',
} as const;

/** Applies one event to the records. */
export function evolve(records: RecordChanges, event: NewEvent, metadata: EventMetadata): void {
  const { now, uniqueUsernames = true } = metadata;
  switch (event.type) {
    case 'account.opened': {
      const { username, displayName, personalWorkspaceId } = event.data;
      // A closed account of the same user: versions and the count of invitations go on, everything else is new.
      const closed = records.before.accounts.get(event.userId);
      const version = (closed?.version ?? 0) + 1;
      records.accounts.set(event.userId, {
        userId: event.userId,
        status: 'open',
        username,
        usernameKey: usernameKeyOf(username, event.userId, uniqueUsernames),
        displayName,
        personalWorkspaceId,
        activeWorkspaceId: personalWorkspaceId,
        ownedTeams: 0,
        invitedSince: closed?.invitedSince ?? 0,
        invited: closed?.invited ?? 0,
        version,
        openedVersion: version,
        createdAt: now,
      });
      return;
    }
    case 'account.renamed': {
      const { to, displayName } = event.data;
      const usernameKey = usernameKeyOf(to, event.userId, uniqueUsernames);
      records.updateAccount(event.userId, { username: to, usernameKey, displayName });
      return;
    }
    case 'account.switched':
      records.updateAccount(event.userId, { activeWorkspaceId: event.data.to });
      return;
    case 'account.close-started':
      records.updateAccount(event.userId, { status: 'closing' });
      return;
    case 'account.closed':
      records.updateAccount(event.userId, { status: 'closed', usernameKey: closedKeyOf(event.userId) });
      return;
    case 'account.erased':
      records.updateAccount(event.userId, { username: ERASED, displayName: null });
      return;
    case 'workspace.created': {
      const { workspaceId } = event;
      const { kind, name, ownerId } = event.data;
      records.workspace = {
        id: workspaceId,
        kind,
        name,
        nameKey: nameKey(name),
        ownerId,
        memberCount: 1,
        openInvitations: 0,
        reservedSeats: 0,
        suspendedFor: null,
        offer: null,
        deletion: null,
        attributes: null,
        version: 1,
        createdAt: now,
      };
      records.members.set(ownerId, {
        workspaceId,
        userId: ownerId,
        role: OWNER,
        invitationId: null,
        joinedAt: now,
        joinedVersion: 1,
        emailKey: emailKeyOf(metadata, ownerId),
        managedBy: null,
        attributes: null,
      });
      if (kind === 'team') records.addOwnedTeams(ownerId, 1);
      return;
    }
    case 'workspace.renamed':
      records.updateWorkspace({ name: event.data.to, nameKey: nameKey(event.data.to) });
      return;
    case 'workspace.deleted': {
      const { ownerId, purgeAt } = event.data;
      if (records.workspace?.kind === 'team') records.addOwnedTeams(ownerId, -1);
      if (purgeAt === undefined) records.workspace = null;
      else {
        const deletion = { deletedAt: now, purgeAt: Date.parse(purgeAt), isPurging: false };
        records.updateWorkspace({ deletion });
      }
      return;
    }
    case 'workspace.restored':
      records.updateWorkspace({ deletion: null });
      records.addOwnedTeams(event.data.ownerId, 1);
      return;
    case 'workspace.purge-started': {
      const { deletion } = required(records.workspace);
      records.updateWorkspace({ deletion: { ...required(deletion), isPurging: true } });
      return;
    }
    case 'workspace.purged':
      records.workspace = null;
      return;
    case 'workspace.transferred': {
      const { from, to, formerOwnerRole } = event.data;
      records.updateWorkspace({ ownerId: to, offer: null });
      records.updateMember(from, { role: formerOwnerRole });
      records.updateMember(to, { role: OWNER });
      records.addOwnedTeams(from, -1);
      records.addOwnedTeams(to, 1);
      return;
    }
    case 'workspace.suspended':
      records.updateWorkspace({ suspendedFor: event.data.reason });
      return;
    case 'workspace.resumed':
      records.updateWorkspace({ suspendedFor: null });
      return;
    case 'workspace.attributes-changed':
      records.updateWorkspace({ attributes: metadata.attributes ?? null });
      return;
    case 'ownership.offered': {
      const { userId, formerOwnerRole, expiresAt } = event.data;
      records.updateWorkspace({ offer: { userId, formerOwnerRole, expiresAt: Date.parse(expiresAt) } });
      return;
    }
    case 'ownership.declined':
    case 'ownership.withdrawn':
      records.updateWorkspace({ offer: null });
      return;
    case 'member.joined': {
      const { workspaceId } = event;
      const { userId, role, invitationId, managedBy = null } = event.data;
      records.addMember({
        workspaceId,
        userId,
        role,
        invitationId,
        joinedAt: now,
        joinedVersion: records.nextVersion(),
        emailKey: emailKeyOf(metadata, userId),
        managedBy,
        attributes: null,
      });
      // Closing the account and joining write the same record, so one of them loses a race.
      records.updateAccount(userId, {});
      return;
    }
    case 'member.left':
    case 'member.removed':
      records.endMembership(event.data.userId, event.data.role);
      return;
    case 'member.role-changed':
      records.updateMember(event.data.userId, { role: event.data.to });
      return;
    case 'member.attributes-changed':
      records.updateMember(event.data.userId, { attributes: metadata.attributes ?? null });
      return;
    case 'invitation.created': {
      const { invitationId: id, role, recipient, maxUses, expiresAt } = event.data;
      records.putInvitation({
        id,
        workspaceId: event.workspaceId,
        role,
        recipient,
        maxUses,
        uses: 0,
        createdAt: now,
        state: 'open',
        issuedVersion: records.nextVersion(),
        ...issuedBy(metadata, expiresAt),
      });
      countInvitation(records, metadata);
      return;
    }
    case 'invitation.reissued': {
      const { invitationId, expiresAt } = event.data;
      const invitation = opened(required(records.invitation(invitationId)));
      const { role = invitation.role } = event.data;
      const issuedVersion = records.nextVersion();
      records.putInvitation({ ...invitation, role, issuedVersion, ...issuedBy(metadata, expiresAt) });
      countInvitation(records, metadata);
      return;
    }
    case 'invitation.accepted': {
      const { invitationId, uses } = event.data;
      const invitation = { ...required(records.invitation(invitationId)), uses };
      records.putInvitation(uses === invitation.maxUses ? closed(invitation, 'used', now) : invitation);
      return;
    }
    case 'invitation.declined':
    case 'invitation.revoked':
    case 'invitation.expired': {
      const invitation = required(records.invitation(event.data.invitationId));
      records.putInvitation(closed(invitation, ENDS[event.type], now));
      return;
    }
    case 'invitation.erased': {
      const invitation = required(records.invitation(event.data.invitationId));
      records.putInvitation({ ...invitation, recipient: ERASED_RECIPIENT });
      return;
    }
    default:
      event satisfies never;
  }
}

function emailKeyOf({ emailKeys }: EventMetadata, userId: UserId): string | null {
  return emailKeys?.get(userId) ?? null;
}

function closed(invitation: InvitationRecord, state: InvitationEnd, now: number): InvitationRecord {
  return { ...invitation, state, closedAt: now };
}

function opened(invitation: InvitationRecord): OpenInvitationRecord {
  if (invitation.state === 'open') return invitation;
  const { closedAt: _closedAt, ...rest } = invitation;
  return { ...rest, state: 'open' };
}

function countInvitation(records: RecordChanges, { actor, counted }: EventMetadata): void {
  if (isUser(actor) && counted) records.updateAccount(actor.userId, counted);
}

/** What an invitation record keeps of the token issued last. */
function issuedBy({ actor, issued }: EventMetadata, expiresAt: string) {
  const { secretHash, issuedAt } = required(issued);
  return {
    issuedBy: isUser(actor) ? { userId: actor.userId } : actor,
    secretHash,
    issuedAt,
    expiresAt: Date.parse(expiresAt),
  };
}
