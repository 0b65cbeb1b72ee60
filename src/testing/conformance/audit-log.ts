// T-13: audit logs page by page, from either end, while events are appended.
import assert from 'node:assert/strict';
import type { Commit, Expectation } from '../../core/changes.js';
import type { StoredEvent } from '../../core/events.js';
import type { EventPageQuery, PageKey, StorageAdapter } from '../../ports/storage.js';
import {
  account,
  commit,
  insertAccount,
  insertWorkspace,
  mustCommit,
  renamed,
  renamedAccount,
  updateAccount,
  updateWorkspace,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

export function auditLogCases(test: RegisterCase): void {
  for (const order of ['oldest', 'newest'] as const) {
    for (const log of auditLogs) {
      const ordered = (events: readonly StoredEvent[]) =>
        order === 'oldest' ? events : [...events].reverse();
      const title = `T-13 the events of ${log.of}, ${order} first`;

      test(`${title}: pages of any size return each event once, in order`, async ({ storage }) => {
        const events = ordered(await putEvents(storage, log));
        for (const limit of [1, 7, events.length, 200]) {
          const seen: StoredEvent[] = [];
          for (let after: PageKey | null = null; ; ) {
            const page = await log.list(storage, { after, limit, order });
            // Only the last page is short.
            assert.equal(page.length, Math.min(limit, events.length - seen.length));
            seen.push(...page);
            const last = page.at(-1);
            if (last === undefined) break;
            after = keyOf(last);
          }
          assert.deepEqual(seen, events);
        }
      });

      test(`${title}: a page begins strictly after its key, even if no event has that key`, async ({
        storage,
      }) => {
        const events = ordered(await putEvents(storage, log));
        // Before and after all events; and for each version the first event, one in the middle, and a missing one.
        const keys: PageKey[] = [
          [0, 0],
          [LAST_VERSION + 1, 0],
          [Number.MAX_SAFE_INTEGER, 0],
        ];
        for (let version = 1; version <= LAST_VERSION; version++) {
          keys.push([version, 0], [version, 4], [version, 100]);
        }
        for (const after of keys) {
          const later = events.filter((event) =>
            order === 'oldest' ? isGreater(keyOf(event), after) : isGreater(after, keyOf(event)),
          );
          assert.deepEqual(await log.list(storage, { after, limit: 5, order }), later.slice(0, 5));
        }
      });

      test(`${title}: pages return each earlier event once while others are appended`, async (context) => {
        const before = await putEvents(context.storage, log);
        const [reader = context.storage, writer = context.storage] = await context.adapters(2);
        const appended: StoredEvent[] = [];
        const seen: StoredEvent[] = [];
        for (let after: PageKey | null = null; ; ) {
          const page = await log.list(reader, { after, limit: 10, order });
          seen.push(...page);
          const last = page.at(-1);
          if (last === undefined) break;
          after = keyOf(last);
          if (appended.length < 8) appended.push(...(await append(writer, log, appended.length / 2)));
        }
        // With the newest first, events appended after the first page come before that page.
        assert.deepEqual(seen, ordered(order === 'oldest' ? [...before, ...appended] : before));
        assert.deepEqual(
          await log.list(reader, { after: null, limit: 200, order }),
          ordered([...before, ...appended]),
        );
      });
    }
  }
}

/** The audit log of one workspace or account, and how its events are written. */
interface AuditLog {
  readonly of: string;
  readonly list: (storage: StorageAdapter, page: EventPageQuery) => Promise<readonly StoredEvent[]>;
  readonly event: (version: number, index: number) => StoredEvent;
  /** Creates the subject at a version, together with two others whose ids sort before and after it. */
  readonly create: (version: number) => Pick<Commit, 'changes' | 'events'>;
  /** Moves the subject from a version to the next. */
  readonly move: (version: number) => Commit;
}

const auditLogs: readonly AuditLog[] = [
  {
    of: 'a workspace',
    list: (storage, page) => storage.listEvents('hello', page),
    event: (version, index) => renamed('hello', version, index),
    create: (version) => ({
      changes: [
        insertAccount(account('ada')),
        ...['hell', 'hello-1'].map((id) => insertWorkspace(workspace(id))),
        insertWorkspace(workspace('hello', { version })),
      ],
      events: ['hell', 'hello-1'].flatMap((id) => [renamed(id, 1), renamed(id, LAST_VERSION + 1)]),
    }),
    move: (version) =>
      moved({ workspace: 'hello', version }, [updateWorkspace(workspace('hello', { version: version + 1 }))]),
  },
  {
    of: 'an account',
    list: (storage, page) => storage.listAccountEvents('ada', page),
    event: (version, index) => renamedAccount('ada', version, index),
    create: (version) => ({
      changes: [
        ...['ad', 'ada-1'].map((userId) => insertAccount(account(userId))),
        insertAccount(account('ada', { version })),
      ],
      events: ['ad', 'ada-1'].flatMap((userId) => [
        renamedAccount(userId, 1),
        renamedAccount(userId, LAST_VERSION + 1),
      ]),
    }),
    move: (version) =>
      moved({ account: 'ada', version }, [updateAccount(account('ada', { version: version + 1 }))]),
  },
];

/** Two digits, as are some indexes, so that numbers sorted as strings are out of order. */
const LAST_VERSION = 12;

/** 72 events, oldest first: 6, 11 or 1 for each version, so that the index decides the order within a version. */
async function putEvents(
  storage: StorageAdapter,
  { create, event }: AuditLog,
): Promise<readonly StoredEvent[]> {
  const versions = Array.from({ length: LAST_VERSION }, (_, index) => index + 1);
  const events = versions.flatMap((version) =>
    Array.from({ length: (version % 3) * 5 + 1 }, (_, index) => event(version, index)),
  );
  const { changes, events: others } = create(LAST_VERSION);
  await mustCommit(storage, commit(changes, { events: [...others, ...events] }));
  return events;
}

/** Appends two events in one commit. */
async function append(
  storage: StorageAdapter,
  { event, move }: AuditLog,
  turn: number,
): Promise<readonly StoredEvent[]> {
  const version = LAST_VERSION + turn;
  const events = [event(version + 1, 0), event(version + 1, 1)];
  await mustCommit(storage, { ...move(version), events });
  return events;
}

function moved(expected: Expectation, changes: Commit['changes']): Commit {
  return commit(changes, { expect: [expected] });
}

function keyOf({ version, index }: StoredEvent): PageKey {
  return [version, index];
}

function isGreater(a: PageKey, b: PageKey): boolean {
  return a[0] === b[0] ? a[1] > b[1] : a[0] > b[0];
}
