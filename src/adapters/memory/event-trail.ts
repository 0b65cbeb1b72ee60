// Pages of an audit trail, an array that only grows at its end: from either end, a page costs no more than its own length.
import type { StoredEvent } from '../../domain/events.js';
import type { EventPageQuery, PageKey } from '../../ports/storage.js';
import { firstWhere, isAfter } from './ordered-set.js';

/** Events are appended in the order of (version, index), so the place of a key is found by halving. */
export function trailPage<Event extends StoredEvent>(
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

function keyOf({ version, index }: StoredEvent): PageKey {
  return [version, index];
}
