// Faulty stores, each around a correct one.
import { setImmediate } from 'node:timers/promises';
import type { KeyValueStore } from '../../../examples/adapters/store.js';

/** Ignores the expected revisions when it writes. */
export function unguarded(store: KeyValueStore): KeyValueStore {
  return { ...store, commit: (_expected, writes) => store.commit(new Map(), writes) };
}

/** Reports every existing entry as unchanged, so that a second read notices nothing. */
export function standingStill(store: KeyValueStore): KeyValueStore {
  return {
    ...store,
    get: async (keys) =>
      (await store.get(keys)).map((entry) => ({ ...entry, revision: Math.sign(entry.revision) })),
  };
}

/** Reports every key as changed at each read. */
export function restless(store: KeyValueStore): KeyValueStore {
  let looks = 0;
  return {
    ...store,
    get: async (keys) => (await store.get(keys)).map((entry) => ({ ...entry, revision: ++looks })),
  };
}

/** Correct, but answers late and out of order. */
export function late(store: KeyValueStore): KeyValueStore {
  let calls = 0;
  const wait = async (): Promise<void> => {
    for (let turns = (calls++ * 7) % 5; turns > 0; turns--) await setImmediate();
  };
  const slowly = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    await wait();
    const answer = await call();
    await wait();
    return answer;
  };
  return {
    get: (keys) => slowly(() => store.get(keys)),
    list: (query) => slowly(() => store.list(query)),
    commit: (expected, writes) => slowly(() => store.commit(expected, writes)),
  };
}

/** Runs `intrude` once, before the read with this index. */
export function intruded(
  store: KeyValueStore,
  place: number,
  intrude: () => Promise<unknown>,
): { readonly store: KeyValueStore; readonly reads: () => number } {
  let reads = 0;
  const read = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    if (reads++ === place) await intrude();
    return call();
  };
  return {
    store: {
      ...store,
      get: (keys) => read(() => store.get(keys)),
      list: (query) => read(() => store.list(query)),
    },
    reads: () => reads,
  };
}
