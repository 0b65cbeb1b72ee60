// Builders of stored records: each takes the fields that matter and fills in the others.
import type { AccountRecord } from '../core/account.js';
import type { DepartureRecord } from '../core/departure.js';
import type { OpenInvitationRecord } from '../core/invitation.js';
import type { MemberRecord } from '../core/member.js';
import { nameKey } from '../core/names.js';
import type { WorkspaceRecord } from '../core/workspace.js';

export const START = Date.UTC(2026, 0, 1);

export function account(userId: string, fields: Partial<AccountRecord> = {}): AccountRecord {
  const username = fields.username ?? userId;
  return {
    userId,
    status: 'open',
    username,
    usernameKey: nameKey(username),
    displayName: null,
    personalWorkspaceId: `personal-${userId}`,
    activeWorkspaceId: `personal-${userId}`,
    ownedTeams: 0,
    invitedSince: 0,
    invited: 0,
    version: 1,
    openedVersion: 1,
    createdAt: START,
    ...fields,
  };
}

export function workspace(id: string, fields: Partial<WorkspaceRecord> = {}): WorkspaceRecord {
  const name = fields.name ?? id;
  return {
    id,
    kind: 'team',
    name,
    nameKey: nameKey(name),
    ownerId: 'ada',
    memberCount: 1,
    openInvitations: 0,
    reservedSeats: 0,
    suspendedFor: null,
    offer: null,
    deletion: null,
    attributes: null,
    version: 1,
    createdAt: START,
    ...fields,
  };
}

export function member(
  workspaceId: string,
  userId: string,
  fields: Partial<MemberRecord> = {},
): MemberRecord {
  return {
    workspaceId,
    userId,
    role: 'developer',
    invitationId: null,
    joinedAt: START,
    joinedVersion: 1,
    emailKey: null,
    managedBy: null,
    attributes: null,
    ...fields,
  };
}

export function departure(
  workspaceId: string,
  userId: string,
  fields: Partial<DepartureRecord> = {},
): DepartureRecord {
  return { workspaceId, userId, role: 'developer', version: 1, ...fields };
}

export function invitation(
  workspaceId: string,
  id: string,
  fields: Partial<OpenInvitationRecord> = {},
): OpenInvitationRecord {
  return {
    id,
    workspaceId,
    role: 'developer',
    recipient: null,
    maxUses: 1,
    uses: 0,
    issuedBy: { userId: 'ada' },
    secretHash: '0'.repeat(64),
    createdAt: START,
    issuedAt: START,
    issuedVersion: 1,
    expiresAt: START + 60_000,
    state: 'open',
    ...fields,
  };
}
