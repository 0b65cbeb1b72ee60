// Pages of an audit log, an array that only grows at its end: a page from either end costs a binary search and its length.
import type { StoredEvent } from '../../core/events.js';
import type { EventPageQuery, PageKey } from '../../ports/storage.js';
import { firstWhere, isAfter } from './ordered-set.js';

/** Events are appended in the order of (version, index), so a key is found by binary search. */
export function eventPage<Event extends StoredEvent>(
  events: readonly Event[],
  { after, limit, order }: EventPageQuery,
): Event[] {
  if (order === 'newest') {
    const end = after === null ? events.length : firstWhere(events, (event) => !isAfter(after, keyOf(event)));
    return events.slice(Math.max(0, end - limit), end).reverse();
  }
  const start = after === null ? 0 : firstWhere(events, (event) => isAfter(keyOf(event), after));
  return events.slice(start, start + limit);
}

/** Puts an event in the place of the one with the same version and index, and returns that one; `undefined` without one. */
export function replaceEvent<Event extends StoredEvent>(events: Event[], event: Event): Event | undefined {
  const place = firstWhere(events, (one) => !isAfter(keyOf(event), keyOf(one)));
  const before = events[place];
  if (before === undefined || isAfter(keyOf(before), keyOf(event))) return undefined;
  events[place] = event;
  return before;
}

function keyOf({ version, index }: StoredEvent): PageKey {
  return [version, index];
}
