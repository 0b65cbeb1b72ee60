// From the events of a decision to the commit that stores them with the records they change.
import type { Commit } from './changes.js';
import type { NewEvent, StoredEvent } from './events.js';
import { evolve, type EventMetadata } from './evolve.js';
import { deepFreeze } from './frozen.js';
import type { UserId } from './ids.js';
import type { Snapshot } from './read-set.js';
import { RecordChanges } from './record-changes.js';
import { required } from './values.js';

/** The commit of the events, and the snapshot after it. */
export function applyEvents(
  snapshot: Snapshot,
  events: readonly NewEvent[],
  metadata: EventMetadata,
): { readonly commit: Commit; readonly after: Snapshot } {
  const records = new RecordChanges(snapshot);
  for (const event of events) evolve(records, event, metadata);
  const { workspace } = records;
  const { erased } = metadata;
  if (snapshot.workspace !== null && workspace !== null && events.some((event) => 'workspaceId' in event)) {
    records.workspace = { ...workspace, version: snapshot.workspace.version + 1 };
  }
  return {
    commit: {
      // Erasing may change no record: everything that the decision was made on is expected.
      expect: erased === undefined ? records.expectations() : records.allExpectations(),
      changes: [
        ...records.changes(),
        ...(erased === undefined ? [] : [{ kind: 'event.erase' as const, event: erased }]),
      ],
      events: storedEvents(records, events, metadata),
    },
    after: records.after(),
  };
}

/** The events with id, version, position, time and actor. */
function storedEvents(
  records: RecordChanges,
  events: readonly NewEvent[],
  { now, actor, requestId, eventIds }: EventMetadata,
): StoredEvent[] {
  const at = new Date(now).toISOString();
  const indexes = new Map<UserId | null, number>();
  return events.map((event, position) => {
    const userId = 'userId' in event ? event.userId : null;
    const index = indexes.get(userId) ?? 0;
    indexes.set(userId, index + 1);
    const version =
      userId === null ? workspaceVersion(records) : required(records.accounts.get(userId)).version;
    const envelope = { version, index, at, actor, ...(requestId !== undefined && { requestId }) };
    const stored: StoredEvent = { id: required(eventIds[position]), ...event, ...envelope };
    return deepFreeze(stored);
  });
}

/** The version after the commit, also of a deleted workspace. */
function workspaceVersion({ before, workspace }: RecordChanges): number {
  return workspace?.version ?? required(before.workspace).version + 1;
}
