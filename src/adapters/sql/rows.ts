// Converts records to rows and back. Rows are read through a function, so that one reader serves every kind of statement.
import type { AccountRecord } from '../../core/account.js';
import { isUser, type ActorRef } from '../../core/actor.js';
import type { Attributes } from '../../core/attributes.js';
import type { DepartureRecord } from '../../core/departure.js';
import { deepFreeze } from '../../core/frozen.js';
import { recipientKey, type InvitationRecord, type Recipient } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import { OWNER } from '../../core/permissions.js';
import { statusOf, type WorkspaceRecord } from '../../core/workspace.js';
import type { Row } from './database.js';

/** Returns the value of a column as the driver returned it. */
export type ColumnReader = (column: string) => unknown;

/** Reads columns whose names in the row have a prefix. */
export function prefixed(row: Row, prefix = ''): ColumnReader {
  return (column) => row[prefix + column];
}

export function accountToRow(account: AccountRecord): Row {
  return {
    user_id: account.userId,
    status: account.status,
    username: account.username,
    username_key: account.usernameKey,
    display_name: account.displayName,
    personal_workspace_id: account.personalWorkspaceId,
    active_workspace_id: account.activeWorkspaceId,
    owned_teams: account.ownedTeams,
    invited_since: account.invitedSince,
    invited: account.invited,
    version: account.version,
    created_at: account.createdAt,
    opened_version: account.openedVersion,
  };
}

export function rowToAccount(read: ColumnReader): AccountRecord {
  return Object.freeze({
    userId: text(read('user_id')),
    status: oneOf(['open', 'closing', 'closed'], read('status')),
    username: text(read('username')),
    usernameKey: text(read('username_key')),
    displayName: optional(text, read('display_name')),
    personalWorkspaceId: text(read('personal_workspace_id')),
    activeWorkspaceId: text(read('active_workspace_id')),
    ownedTeams: whole(read('owned_teams')),
    invitedSince: whole(read('invited_since')),
    invited: whole(read('invited')),
    version: whole(read('version')),
    openedVersion: whole(read('opened_version')),
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
    suspended_for: workspace.suspendedFor,
    offer_user_id: workspace.offer?.userId ?? null,
    offer_role: workspace.offer?.formerOwnerRole ?? null,
    offer_expires_at: workspace.offer?.expiresAt ?? null,
    status: statusOf(workspace),
    deleted_at: workspace.deletion?.deletedAt ?? null,
    purge_at: workspace.deletion?.purgeAt ?? null,
    attributes: attributesToText(workspace.attributes),
  };
}

export function rowToWorkspace(read: ColumnReader): WorkspaceRecord {
  return deepFreeze({
    id: text(read('id')),
    kind: oneOf(['personal', 'team'], read('kind')),
    name: text(read('name')),
    nameKey: text(read('name_key')),
    ownerId: text(read('owner_id')),
    memberCount: whole(read('member_count')),
    openInvitations: whole(read('open_invitations')),
    reservedSeats: whole(read('reserved_seats')),
    suspendedFor: optional(text, read('suspended_for')),
    offer: rowToOffer(read),
    deletion: rowToDeletion(read),
    attributes: optional(textToAttributes, read('attributes')),
    version: whole(read('version')),
    createdAt: whole(read('created_at')),
  });
}

function rowToOffer(read: ColumnReader): WorkspaceRecord['offer'] {
  const userId = optional(text, read('offer_user_id'));
  if (userId === null) return null;
  return { userId, formerOwnerRole: text(read('offer_role')), expiresAt: whole(read('offer_expires_at')) };
}

function rowToDeletion(read: ColumnReader): WorkspaceRecord['deletion'] {
  const deletedAt = optional(whole, read('deleted_at'));
  if (deletedAt === null) return null;
  return { deletedAt, purgeAt: whole(read('purge_at')), isPurging: text(read('status')) === 'purging' };
}

/** One column for both audiences: most rows have no attributes. */
function attributesToText(attributes: Attributes | null): string | null {
  return attributes && JSON.stringify(attributes);
}

// Only attributes are written here. The values were checked when they were set: a second check could refuse to read them.
const textToAttributes = (value: unknown): Attributes => deepFreeze(JSON.parse(text(value)) as Attributes);

export function memberToRow(member: MemberRecord): Row {
  return {
    workspace_id: member.workspaceId,
    user_id: member.userId,
    role: member.role,
    owner_mark: member.role === OWNER ? 1 : null,
    invitation_id: member.invitationId,
    joined_at: member.joinedAt,
    joined_version: member.joinedVersion,
    email_key: member.emailKey,
    managed_by: member.managedBy,
    attributes: attributesToText(member.attributes),
  };
}

export function rowToMember(read: ColumnReader): MemberRecord {
  return Object.freeze({
    workspaceId: text(read('workspace_id')),
    userId: text(read('user_id')),
    role: text(read('role')),
    invitationId: optional(text, read('invitation_id')),
    joinedAt: whole(read('joined_at')),
    joinedVersion: whole(read('joined_version')),
    emailKey: optional(text, read('email_key')),
    managedBy: optional(text, read('managed_by')),
    attributes: optional(textToAttributes, read('attributes')),
  });
}

export function departureToRow({ workspaceId, userId, role, version }: DepartureRecord): Row {
  return { workspace_id: workspaceId, user_id: userId, role, version };
}

export function rowToDeparture(read: ColumnReader): DepartureRecord {
  return Object.freeze({
    workspaceId: text(read('workspace_id')),
    userId: text(read('user_id')),
    role: text(read('role')),
    version: whole(read('version')),
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
    open_recipient: state === 'open' ? openKey(invitation) : null,
    max_uses: maxUses === 'unlimited' ? null : maxUses,
    uses: invitation.uses,
    ...actorToRow(invitation.issuedBy, 'issued_by_'),
    secret_hash: invitation.secretHash,
    created_at: invitation.createdAt,
    issued_at: invitation.issuedAt,
    issued_version: invitation.issuedVersion,
    expires_at: invitation.expiresAt,
    state,
    closed_at: state === 'open' ? null : invitation.closedAt,
  };
}

/** Links have keys of their own, so that a range of the unique key holds them and nothing else. */
function openKey({ id, recipient }: InvitationRecord): string {
  return recipient === null ? `link:${id}` : recipientKey(recipient);
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
    issuedVersion: whole(read('issued_version')),
    expiresAt: whole(read('expires_at')),
  };
  const state = oneOf(['open', 'used', 'revoked', 'declined', 'expired'], read('state'));
  return deepFreeze(
    state === 'open' ? { ...base, state } : { ...base, state, closedAt: whole(read('closed_at')) },
  );
}

/** Two columns, one of which is null. */
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
  throw new TypeError(
    `tenantry/sql: expected a string in a text column, but the driver returned a ${typeof value}`,
  );
}

/** Drivers and type parsers return an int8 as a string, a bigint or a number. */
export function whole(value: unknown): number {
  // `Number('')` would be 0.
  const isWritten = typeof value === 'bigint' || (typeof value === 'string' && /^-?[0-9]+$/.test(value));
  const number = isWritten ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new TypeError(
    `tenantry/sql: expected a safe integer in a column, but the driver returned a ${typeof value}`,
  );
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
  if (found === undefined) throw new TypeError(`tenantry/sql: a column must be one of ${words.join(', ')}`);
  return found;
}
