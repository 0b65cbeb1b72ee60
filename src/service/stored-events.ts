// Whether the events that a transaction of the app will emit are still in it.
import type { SerializedEvent } from '../core/event-view.js';
import type { StoredEvent } from '../core/events.js';
import type { EventPageQuery, StorageAdapter } from '../ports/storage.js';

const PAGE = 100;

/**
 * Whether the storage still has every event. It has not if the app rolled back to a savepoint of its own that it set before a
 * command. No one else adds events to these audit logs meanwhile: the transaction has locked them.
 */
export async function areStored(
  storage: StorageAdapter,
  events: readonly SerializedEvent[],
): Promise<boolean> {
  for (const log of logsOf(events)) {
    for (let start = 0; start < log.length; start += PAGE) {
      const expected = log.slice(start, start + PAGE);
      const found = await readFrom(storage, expected);
      if (found.length < expected.length) return false;
      if (!expected.every(({ id }, index) => found[index]?.id === id)) return false;
    }
  }
  return true;
}

/** The stored events by their audit logs, in the order of each. Events of quotas are in none. */
function logsOf(events: readonly SerializedEvent[]): Iterable<readonly StoredEvent[]> {
  const logs = new Map<string, StoredEvent[]>();
  for (const event of events) {
    if (!('version' in event)) continue;
    const key = 'workspaceId' in event ? `workspace ${event.workspaceId}` : `account ${event.userId}`;
    const log = logs.get(key);
    if (log) log.push(event);
    else logs.set(key, [event]);
  }
  return logs.values();
}

async function readFrom(
  storage: StorageAdapter,
  expected: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  const [first] = expected;
  if (first === undefined) return [];
  const page: EventPageQuery = {
    after: [first.version, first.index - 1],
    limit: expected.length,
    order: 'oldest',
  };
  return 'workspaceId' in first
    ? storage.listEvents(first.workspaceId, page)
    : storage.listAccountEvents(first.userId, page);
}
