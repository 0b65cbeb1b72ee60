// Converts events to rows and back.
import { isUser, type EventActor } from '../../core/actor.js';
import { invitedEmailKey } from '../../core/erase.js';
import type { AccountEvent, StoredEvent, StoredEventOf, WorkspaceEvent } from '../../core/events.js';
import { deepFreeze } from '../../core/frozen.js';
import type { Row } from './database.js';
import { actorToRow, optional, rowToActor, text, whole, type ColumnReader } from './rows.js';

export function eventToRow(event: StoredEvent): Row {
  return {
    ...('workspaceId' in event ? { workspace_id: event.workspaceId } : { user_id: event.userId }),
    version: event.version,
    position: event.index,
    id: event.id,
    type: event.type,
    at: Date.parse(event.at),
    ...actorToRow(event.actor, 'actor_'),
    data: JSON.stringify(event.data),
    ...behalfToRow(event.actor),
    request_id: event.requestId ?? null,
    ...('workspaceId' in event && { email_key: invitedEmailKey(event) }),
  };
}

export function rowToWorkspaceEvent(read: ColumnReader): WorkspaceEvent<string> {
  // Only events are written here, so type and data match.
  return deepFreeze({
    ...eventFields(read),
    workspaceId: text(read('workspace_id')),
  } as WorkspaceEvent<string>);
}

/** A row that has an `email_key`. */
export function rowToInvitationEvent(read: ColumnReader): StoredEventOf<'invitation.created'> {
  const event = rowToWorkspaceEvent(read);
  if (event.type === 'invitation.created') return event;
  throw new Error('tenantry/sql: an event that creates no invitation is kept with an address');
}

export function rowToAccountEvent(read: ColumnReader): AccountEvent<string> {
  return deepFreeze({ ...eventFields(read), userId: text(read('user_id')) } as AccountEvent<string>);
}

function eventFields(read: ColumnReader) {
  const data: unknown = JSON.parse(text(read('data')));
  const requestId = optional(text, read('request_id'));
  return {
    id: text(read('id')),
    type: text(read('type')),
    version: whole(read('version')),
    index: whole(read('position')),
    at: new Date(whole(read('at'))).toISOString(),
    actor: rowToEventActor(read),
    ...(requestId !== null && { requestId }),
    data,
  };
}

function behalfToRow(actor: EventActor): Row {
  const { onBehalfOf } = isUser(actor) ? actor : {};
  return { behalf_operator: onBehalfOf?.operator ?? null, behalf_reason: onBehalfOf?.reason ?? null };
}

function rowToEventActor(read: ColumnReader): EventActor {
  const actor = rowToActor(read, 'actor_');
  const operator = optional(text, read('behalf_operator'));
  if (operator === null) return actor;
  return { ...actor, onBehalfOf: { operator, reason: text(read('behalf_reason')) } };
}
