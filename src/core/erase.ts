// What erasing a person does to events: the names and addresses are replaced, everything else stays as it was.
import { isUser } from './actor.js';
import type { StoredEvent } from './events.js';
import { recipientKey, type Recipient } from './invitation.js';

/**
 * Replaces an erased name or e-mail address in records and events. No address equals it, so no one is the recipient of an
 * invitation whose address was erased.
 *
 * @example
 * ```ts
 * import { ERASED } from 'tenantry';
 *
 * ERASED; // '[erased]'
 * ```
 */
export const ERASED = '[erased]';

/** The recipient of an invitation whose address was erased. */
export const ERASED_RECIPIENT: Recipient = Object.freeze({ email: ERASED });

/** Whether the address of this recipient was erased. */
export function isErased(recipient: Recipient | null): boolean {
  return recipient !== null && !isUser(recipient) && recipient.email === ERASED;
}

/**
 * The event without the username, the display name or the address that it holds; `null` if it holds none. The caller knows whose
 * name it is: a workspace's name is a username only if the workspace is personal.
 */
export function erasedEvent(event: StoredEvent): StoredEvent | null {
  switch (event.type) {
    case 'account.opened': {
      const { username, displayName } = event.data;
      if (username === ERASED && displayName === null) return null;
      return { ...event, data: { ...event.data, username: ERASED, displayName: null } };
    }
    case 'account.renamed': {
      const { from, to, displayName } = event.data;
      if (from === ERASED && to === ERASED && displayName === null) return null;
      return { ...event, data: { from: ERASED, to: ERASED, displayName: null } };
    }
    case 'workspace.created':
      return event.data.name === ERASED ? null : { ...event, data: { ...event.data, name: ERASED } };
    case 'workspace.deleted':
      return event.data.name === ERASED ? null : { ...event, data: { ...event.data, name: ERASED } };
    case 'workspace.renamed': {
      const { from, to } = event.data;
      return from === ERASED && to === ERASED ? null : { ...event, data: { from: ERASED, to: ERASED } };
    }
    case 'invitation.created':
      if (invitedEmailKey(event) === null) return null;
      return { ...event, data: { ...event.data, recipient: ERASED_RECIPIENT } };
    default:
      return null;
  }
}

/**
 * The e-mail address that an event names as the recipient of an invitation, as `recipientKey` returns it; `null` without one,
 * also after the address was erased.
 *
 * For storage adapters, which find these events by this key.
 *
 * @example
 * ```ts
 * import { invitedEmailKey, type StoredEvent } from 'tenantry';
 *
 * const event: StoredEvent = {
 *   id: 'e1',
 *   type: 'invitation.created',
 *   workspaceId: 'ws-1',
 *   version: 2,
 *   index: 0,
 *   at: '2026-11-30T12:00:00.000Z',
 *   actor: { userId: 'u1' },
 *   data: {
 *     invitationId: 'i1',
 *     role: 'developer',
 *     recipient: { email: 'Ben@example.com' },
 *     maxUses: 1,
 *     expiresAt: '2026-12-07T12:00:00.000Z',
 *   },
 * };
 * invitedEmailKey(event); // 'email:ben@example.com'
 * ```
 */
export function invitedEmailKey(event: StoredEvent): string | null {
  if (event.type !== 'invitation.created') return null;
  const { recipient } = event.data;
  return recipient === null || isUser(recipient) || isErased(recipient) ? null : recipientKey(recipient);
}
