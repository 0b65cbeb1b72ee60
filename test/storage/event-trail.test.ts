// What a page of a trail in memory costs: counted in events that are looked at, whatever the length of the trail.
import { describe, expect, test } from 'vitest';
import { trailPage } from '../../src/adapters/memory/event-trail.js';
import type { EventOf, PageKey } from '../../src/index.js';

const LENGTH = 100_000;
const LIMIT = 51;

/** Halving 100,000 takes 17 looks. */
const MOST_LOOKS = LIMIT + 17;

const trail = Array.from({ length: LENGTH }, (_, place) => event(place + 1));

describe.each(['oldest', 'newest'] as const)('%s first', (order) => {
  test.each<[string, PageKey | null]>([
    ['the first page', null],
    ['after the first event', [1, 0]],
    ['in the middle', [LENGTH / 2, 0]],
    ['after the last event', [LENGTH, 0]],
  ])('T-13 a page costs no more than its length: %s', (_title, after) => {
    let looks = 0;
    const counted = new Proxy(trail, {
      get(events, key, receiver): unknown {
        if (typeof key === 'string' && /^\d+$/.test(key)) looks += 1;
        return Reflect.get(events, key, receiver);
      },
    });
    const page = trailPage(counted, { after, limit: LIMIT, order });
    expect(looks).toBeGreaterThanOrEqual(page.length);
    expect(looks).toBeLessThanOrEqual(MOST_LOOKS);
  });
});

function event(version: number): EventOf<'workspace.renamed'> {
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
