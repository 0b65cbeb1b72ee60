// Records to rows and back. A row is read through a function, so that the same reader serves every kind of statement.
import type { AccountRecord } from '../../domain/account.js';
import { isUser, type ActorRef } from '../../domain/actor.js';
import type { AccountEvent, StoredEvent, WorkspaceEvent } from '../../domain/events.js';
import { deepFreeze } from '../../domain/frozen.js';
import { recipientKey, type InvitationRecord, type Recipient } from '../../domain/invitation.js';
import type { MemberRecord } from '../../domain/member.js';
import { OWNER } from '../../domain/permissions.js';
import type { WorkspaceRecord } from '../../domain/workspace.js';
import type { Row } from './database.js';

/** The value of a column, as the driver gave it. */
export type ColumnReader = (column: string) => unknown;

/** Columns of which a row has the names after a prefix. */
export function prefixed(row: Row, prefix = ''): ColumnReader {
  return (column) => row[prefix + column];
}

export function accountToRow(account: AccountRecord): Row {
  return {
    user_id: account.userId,
    username: account.username,
    username_key: account.usernameKey,
    display_name: account.displayName,
    personal_workspace_id: account.personalWorkspaceId,
    active_workspace_id: account.activeWorkspaceId,
    owned_teams: account.ownedTeams,
    version: account.version,
    created_at: account.createdAt,
  };
}

export function rowToAccount(read: ColumnReader): AccountRecord {
  return Object.freeze({
    userId: text(read('user_id')),
    username: text(read('username')),
    usernameKey: text(read('username_key')),
    displayName: optional(text, read('display_name')),
    personalWorkspaceId: text(read('personal_workspace_id')),
    activeWorkspaceId: text(read('active_workspace_id')),
    ownedTeams: whole(read('owned_teams')),
    version: whole(read('version')),
    createdAt: whole(read('created_at')),
  });
}

export function workspaceToRow(workspace: WorkspaceRecord): Row {
  return {
    id: workspace.id,
    kind: workspace.kind,
    name: workspace.name,
    name_key: workspace.nameKey,
    owner_id: workspace.ownerId,
    member_count: workspace.memberCount,
    open_invitations: workspace.openInvitations,
    reserved_seats: workspace.reservedSeats,
    version: workspace.version,
    created_at: workspace.createdAt,
  };
}

export function rowToWorkspace(read: ColumnReader): WorkspaceRecord {
  return Object.freeze({
    id: text(read('id')),
    kind: oneOf(['personal', 'team'], read('kind')),
    name: text(read('name')),
    nameKey: text(read('name_key')),
    ownerId: text(read('owner_id')),
    memberCount: whole(read('member_count')),
    openInvitations: whole(read('open_invitations')),
    reservedSeats: whole(read('reserved_seats')),
    version: whole(read('version')),
    createdAt: whole(read('created_at')),
  });
}

export function memberToRow(member: MemberRecord): Row {
  return {
    workspace_id: member.workspaceId,
    user_id: member.userId,
    role: member.role,
    owner_mark: member.role === OWNER ? 1 : null,
    invitation_id: member.invitationId,
    joined_at: member.joinedAt,
  };
}

export function rowToMember(read: ColumnReader): MemberRecord {
  return Object.freeze({
    workspaceId: text(read('workspace_id')),
    userId: text(read('user_id')),
    role: text(read('role')),
    invitationId: optional(text, read('invitation_id')),
    joinedAt: whole(read('joined_at')),
  });
}

export function invitationToRow(invitation: InvitationRecord): Row {
  const { recipient, maxUses, state } = invitation;
  return {
    workspace_id: invitation.workspaceId,
    id: invitation.id,
    role: invitation.role,
    recipient_user_id: recipient !== null && isUser(recipient) ? recipient.userId : null,
    recipient_email: recipient !== null && !isUser(recipient) ? recipient.email : null,
    open_recipient: state === 'open' && recipient !== null ? recipientKey(recipient) : null,
    max_uses: maxUses === 'unlimited' ? null : maxUses,
    uses: invitation.uses,
    ...actorToRow(invitation.issuedBy, 'issued_by_'),
    secret_hash: invitation.secretHash,
    created_at: invitation.createdAt,
    issued_at: invitation.issuedAt,
    expires_at: invitation.expiresAt,
    state,
    closed_at: state === 'open' ? null : invitation.closedAt,
  };
}

export function rowToInvitation(read: ColumnReader): InvitationRecord {
  const base = {
    id: text(read('id')),
    workspaceId: text(read('workspace_id')),
    role: text(read('role')),
    recipient: rowToRecipient(read),
    maxUses: optional(whole, read('max_uses')) ?? ('unlimited' as const),
    uses: whole(read('uses')),
    issuedBy: rowToActor(read, 'issued_by_'),
    secretHash: text(read('secret_hash')),
    createdAt: whole(read('created_at')),
    issuedAt: whole(read('issued_at')),
    expiresAt: whole(read('expires_at')),
  };
  const state = oneOf(['open', 'used', 'revoked', 'declined', 'expired'], read('state'));
  return deepFreeze(
    state === 'open' ? { ...base, state } : { ...base, state, closedAt: whole(read('closed_at')) },
  );
}

export function eventToRow(event: StoredEvent): Row {
  return {
    ...('workspaceId' in event ? { workspace_id: event.workspaceId } : { user_id: event.userId }),
    version: event.version,
    place: event.index,
    id: event.id,
    type: event.type,
    at: Date.parse(event.at),
    ...actorToRow(event.actor, 'actor_'),
    data: JSON.stringify(event.data),
  };
}

export function rowToWorkspaceEvent(read: ColumnReader): WorkspaceEvent {
  // What was written was an event: its type and its data belong together.
  return deepFreeze({ ...eventFields(read), workspaceId: text(read('workspace_id')) } as WorkspaceEvent);
}

export function rowToAccountEvent(read: ColumnReader): AccountEvent {
  return deepFreeze({ ...eventFields(read), userId: text(read('user_id')) } as AccountEvent);
}

/** Two columns, one of them null. */
export function actorToRow(actor: ActorRef, prefix: string): Row {
  return {
    [`${prefix}user_id`]: isUser(actor) ? actor.userId : null,
    [`${prefix}operator`]: isUser(actor) ? null : actor.operator,
  };
}

export function rowToActor(read: ColumnReader, prefix: string): ActorRef {
  const userId = optional(text, read(`${prefix}user_id`));
  return userId === null ? { operator: text(read(`${prefix}operator`)) } : { userId };
}

export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`tenantry/sql: a text column holds a ${typeof value}`);
}

/** int8 comes as text, bigint or number, as the driver or the host's type parsers have it. */
export function whole(value: unknown): number {
  // Number would take the empty text for 0.
  const isWritten = typeof value === 'bigint' || (typeof value === 'string' && /^-?[0-9]+$/.test(value));
  const number = isWritten ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new TypeError(`tenantry/sql: a whole column holds a ${typeof value}`);
}

function eventFields(read: ColumnReader) {
  const data: unknown = JSON.parse(text(read('data')));
  return {
    id: text(read('id')),
    type: text(read('type')),
    version: whole(read('version')),
    index: whole(read('place')),
    at: new Date(whole(read('at'))).toISOString(),
    actor: rowToActor(read, 'actor_'),
    data,
  };
}

function rowToRecipient(read: ColumnReader): Recipient | null {
  const userId = optional(text, read('recipient_user_id'));
  if (userId !== null) return { userId };
  const email = optional(text, read('recipient_email'));
  return email === null ? null : { email };
}

export function optional<Value>(read: (value: unknown) => Value, value: unknown): Value | null {
  return value === null || value === undefined ? null : read(value);
}

export function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new TypeError(`tenantry/sql: a column holds none of ${words.join(', ')}`);
  return found;
}
