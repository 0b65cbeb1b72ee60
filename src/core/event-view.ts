// Events as listeners and lists show them: instants are `Date`s, as everywhere at the public edge.
import type { QuotaEvent, StoredEvent, TenantryEvent } from './events.js';
import { deepFreeze } from './frozen.js';

/** An event with its instants as strings. */
export type SerializedEvent = StoredEvent | QuotaEvent<string>;

/** The event that is shown for a serialized one. */
export type EventView<Event extends SerializedEvent> = Extract<
  TenantryEvent,
  { readonly type: Event['type'] }
>;

/** The fields of event data that hold an instant. */
const INSTANTS = ['expiresAt', 'expiredAt', 'purgeAt'];

/** Replaces every instant by a `Date`. */
export function eventView<Event extends SerializedEvent>(event: Event): EventView<Event>;
export function eventView(event: SerializedEvent): object {
  const data: Record<string, unknown> = { ...event.data };
  for (const field of INSTANTS) {
    const instant = data[field];
    if (typeof instant === 'string') data[field] = new Date(instant);
  }
  return deepFreeze({ ...event, at: new Date(event.at), data });
}
