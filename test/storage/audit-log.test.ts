// The cost of a page of the audit log in memory, counted in events that are read.
import { describe, expect, test } from 'vitest';
import { eventPage } from '../../src/adapters/memory/audit-log.js';
import type { PageKey, StoredEvent } from '../../src/index.js';

const LENGTH = 100_000;
const LIMIT = 51;

/** A binary search in 100,000 events reads 17. */
const MOST_READS = LIMIT + 17;

const log = Array.from({ length: LENGTH }, (_, index) => event(index + 1));

describe.each(['oldest', 'newest'] as const)('%s first', (order) => {
  test.each<[string, PageKey | null]>([
    ['the first page', null],
    ['after the first event', [1, 0]],
    ['in the middle', [LENGTH / 2, 0]],
    ['after the last event', [LENGTH, 0]],
  ])('T-13 a page costs no more than its length: %s', (_title, after) => {
    let reads = 0;
    const counted = new Proxy(log, {
      get(events, key, receiver): unknown {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
        return Reflect.get(events, key, receiver);
      },
    });
    const page = eventPage(counted, { after, limit: LIMIT, order });
    expect(reads).toBeGreaterThanOrEqual(page.length);
    expect(reads).toBeLessThanOrEqual(MOST_READS);
  });
});

function event(version: number): StoredEvent {
  return {
    id: `event-${version}`,
    type: 'workspace.renamed',
    workspaceId: 'hello',
    version,
    index: 0,
    at: '2026-01-01T00:00:00.000Z',
    actor: { userId: 'olga' },
    data: { from: 'before', to: 'after' },
  };
}
