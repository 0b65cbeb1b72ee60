// The database interface of these adapters: a minimal versioned key-value store, with an implementation in memory for
// the tests. It gives no more guarantees than the interface promises.

/** A key and its value. */
export interface Entry {
  readonly key: string;
  /** `null` if the key does not exist. */
  readonly value: string | null;
  /** Changes with every write of the key and never repeats, even after a deletion. 0 if the key does not exist. */
  readonly revision: number;
}

/**
 * Selects entries: at most `limit` with keys that start with `prefix`, in the order of their keys. Fewer only if there
 * are no more.
 */
export interface ListQuery {
  readonly prefix: string;
  /** Only keys strictly after this one, in the requested order. The key itself need not exist. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** Descending order. */
  readonly reverse?: boolean;
}

/**
 * The database. Reads return the last commit: a lagging replica does not qualify. After an exception, it is unknown
 * whether the call took effect.
 */
export interface KeyValueStore {
  /**
   * Returns one entry for each key. Each comes from some time during the call; two entries may come from different
   * times.
   */
  get(keys: readonly string[]): Promise<readonly Entry[]>;
  /** As `get`. An entry that exists during the whole call is returned once. */
  list(query: ListQuery): Promise<readonly Entry[]>;
  /**
   * Writes everything atomically if each key of `expected` has that revision. Otherwise writes nothing and returns
   * `false`. `null` deletes a key.
   */
  commit(expected: ReadonlyMap<string, number>, writes: ReadonlyMap<string, string | null>): Promise<boolean>;
}

/**
 * Builds a key that sorts by its parts. The separator sorts before every other character, so `hello` and `hello-1` stay
 * apart; ids of the service contain no control characters. Numbers are never negative and are padded, so that 10 sorts
 * after 9; a cursor can be 10^16, which has 17 digits.
 */
export function keyOf(...parts: readonly (string | number)[]): string {
  return parts
    .map((part) => (typeof part === 'number' ? String(part).padStart(17, '0') : part))
    .join(SEPARATOR);
}

/** The prefix of all keys below these parts. */
export function prefixOf(...parts: readonly (string | number)[]): string {
  return keyOf(...parts) + SEPARATOR;
}

/** Reads all entries below a prefix, page by page. */
export async function* everyEntry(store: KeyValueStore, prefix: string): AsyncGenerator<Entry> {
  for (let after: string | undefined; ; ) {
    const entries: readonly Entry[] = await store.list({ prefix, after, limit: PAGE });
    yield* entries;
    if (entries.length < PAGE) return;
    after = entries.at(-1)?.key;
  }
}

/** Whether entries are unchanged. If so, everything that was read between the two reads is consistent. */
export async function areCurrent(
  store: KeyValueStore,
  revisions: ReadonlyMap<string, number>,
): Promise<boolean> {
  const now = await store.get([...revisions.keys()]);
  return now.every(({ key, revision }) => revisions.get(key) === revision);
}

/** A store in memory. It reads each entry in its own microtask, so that concurrent calls interleave. */
export function memoryStore(): KeyValueStore {
  const entries = new Map<string, Entry>();
  const order: string[] = [];
  let lastRevision = 0;

  const entryOf = (key: string): Entry => entries.get(key) ?? { key, value: null, revision: 0 };

  /** The index of the first key that does not sort before `key`. */
  const placeOf = (key: string): number => {
    let [low, high] = [0, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((order[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    async get(keys) {
      const found: Entry[] = [];
      for (const key of keys) {
        await Promise.resolve();
        found.push(entryOf(key));
      }
      return found;
    },

    async list({ prefix, after, limit, reverse = false }) {
      const found: Entry[] = [];
      for (let from = after; found.length < limit; from = found.at(-1)?.key) {
        await Promise.resolve();
        const place = reverse
          ? placeOf(from ?? prefix.slice(0, -1) + BEHIND) - 1
          : placeOf(from ?? prefix) + (from !== undefined && entries.has(from) ? 1 : 0);
        const key = order[place];
        if (!key?.startsWith(prefix)) break;
        found.push(entryOf(key));
      }
      return found;
    },

    async commit(expected, writes) {
      await Promise.resolve();
      for (const [key, revision] of expected) if (entryOf(key).revision !== revision) return false;
      lastRevision += 1;
      for (const [key, value] of writes) {
        const place = placeOf(key);
        if (value === null) {
          if (entries.delete(key)) order.splice(place, 1);
        } else {
          if (!entries.has(key)) order.splice(place, 0, key);
          entries.set(key, { key, value, revision: lastRevision });
        }
      }
      return true;
    },
  };
}

const SEPARATOR = '\u0000';
/** Replaces the separator at the end of a prefix: sorts after all its keys, and before all others. */
const BEHIND = '\u0001';
const PAGE = 200;
