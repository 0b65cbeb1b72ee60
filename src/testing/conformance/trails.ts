// T-13: audit trails page by page, from either end, while more is appended.
import assert from 'node:assert/strict';
import type { Commit, Expectation } from '../../domain/changes.js';
import type { StoredEvent } from '../../domain/events.js';
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

export function trailCases(test: RegisterCase): void {
  for (const order of ['oldest', 'newest'] as const) {
    for (const trail of trails) {
      const ordered = (events: readonly StoredEvent[]) =>
        order === 'oldest' ? events : [...events].reverse();
      const title = `T-13 the events of ${trail.of}, ${order} first`;

      test(`${title}: pages of every size hold each once, in order`, async ({ storage }) => {
        const events = ordered(await putTrail(storage, trail));
        for (const limit of [1, 7, events.length, 200]) {
          const seen: StoredEvent[] = [];
          for (let after: PageKey | null = null; ; ) {
            const page = await trail.list(storage, { after, limit, order });
            // As many as there are: a short page is the last.
            assert.equal(page.length, Math.min(limit, events.length - seen.length));
            seen.push(...page);
            const last = page.at(-1);
            if (last === undefined) break;
            after = keyOf(last);
          }
          assert.deepEqual(seen, events);
        }
      });

      test(`${title}: a page begins strictly after its key, wherever that lies`, async ({ storage }) => {
        const events = ordered(await putTrail(storage, trail));
        // Before all, behind all; and of each version the first event, one in the middle, and one that there never was.
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
          assert.deepEqual(await trail.list(storage, { after, limit: 5, order }), later.slice(0, 5));
        }
      });

      test(`${title}: those that were there are seen once, whatever is appended`, async (context) => {
        const before = await putTrail(context.storage, trail);
        const [reader = context.storage, writer = context.storage] = await context.adapters(2);
        const appended: StoredEvent[] = [];
        const seen: StoredEvent[] = [];
        for (let after: PageKey | null = null; ; ) {
          const page = await trail.list(reader, { after, limit: 10, order });
          seen.push(...page);
          const last = page.at(-1);
          if (last === undefined) break;
          after = keyOf(last);
          if (appended.length < 8) appended.push(...(await append(writer, trail, appended.length / 2)));
        }
        // With the newest first, what happened since the first page is before it.
        assert.deepEqual(seen, ordered(order === 'oldest' ? [...before, ...appended] : before));
        assert.deepEqual(
          await trail.list(reader, { after: null, limit: 200, order }),
          ordered([...before, ...appended]),
        );
      });
    }
  }
}

/** The trail of one subject, and how its subject comes to be and moves on. */
interface Trail {
  readonly of: string;
  readonly list: (storage: StorageAdapter, page: EventPageQuery) => Promise<readonly StoredEvent[]>;
  readonly event: (version: number, index: number) => StoredEvent;
  /** Puts it there, at a version, between two neighbours whose trails are others. */
  readonly put: (version: number) => Pick<Commit, 'changes' | 'events'>;
  /** Moves it on, from a version to the next. */
  readonly move: (version: number) => Commit;
}

const trails: readonly Trail[] = [
  {
    of: 'a workspace',
    list: (storage, page) => storage.listEvents('hello', page),
    event: (version, index) => renamed('hello', version, index),
    put: (version) => ({
      changes: [
        insertAccount(account('olga')),
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
    list: (storage, page) => storage.listAccountEvents('olga', page),
    event: (version, index) => renamedAccount('olga', version, index),
    put: (version) => ({
      changes: [
        ...['olg', 'olga-1'].map((userId) => insertAccount(account(userId))),
        insertAccount(account('olga', { version })),
      ],
      events: ['olg', 'olga-1'].flatMap((userId) => [
        renamedAccount(userId, 1),
        renamedAccount(userId, LAST_VERSION + 1),
      ]),
    }),
    move: (version) =>
      moved({ account: 'olga', version }, [updateAccount(account('olga', { version: version + 1 }))]),
  },
];

/** Two digits, and so are places: numbers that are sorted as texts are out of order. */
const LAST_VERSION = 12;

/** 72 events: 6, 11 or 1 of a version, so that the second part of the key decides within. Oldest first. */
async function putTrail(storage: StorageAdapter, { put, event }: Trail): Promise<readonly StoredEvent[]> {
  const versions = Array.from({ length: LAST_VERSION }, (_, place) => place + 1);
  const events = versions.flatMap((version) =>
    Array.from({ length: (version % 3) * 5 + 1 }, (_, index) => event(version, index)),
  );
  const { changes, events: others } = put(LAST_VERSION);
  await mustCommit(storage, commit(changes, { events: [...others, ...events] }));
  return events;
}

/** Two events more, in one commit. */
async function append(
  storage: StorageAdapter,
  { event, move }: Trail,
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

function isGreater(one: PageKey, other: PageKey): boolean {
  return one[0] === other[0] ? one[1] > other[1] : one[0] > other[0];
}
