// Stores that are not as they should be, around one that is.
import { setImmediate } from 'node:timers/promises';
import type { KeyValueStore } from '../../../examples/adapters/store.js';

/** Writes whatever was expected: the guard switched off. */
export function unguarded(store: KeyValueStore): KeyValueStore {
  return { ...store, commit: (_expected, writes) => store.commit(new Map(), writes) };
}

/** Says of everything that is there that it has not moved: a second look finds nothing. */
export function standingStill(store: KeyValueStore): KeyValueStore {
  return {
    ...store,
    get: async (keys) =>
      (await store.get(keys)).map((entry) => ({ ...entry, revision: Math.sign(entry.revision) })),
  };
}

/** Says of every key, at each look, that it has moved since the last. */
export function restless(store: KeyValueStore): KeyValueStore {
  let looks = 0;
  return {
    ...store,
    get: async (keys) => (await store.get(keys)).map((entry) => ({ ...entry, revision: ++looks })),
  };
}

/** Answers late, and not in the order in which it was asked: as it should be, but slow. */
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

/** Lets `intrude` run once, before the read of this number: `0` is the first. */
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
