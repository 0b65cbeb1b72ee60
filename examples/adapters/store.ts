// What the adapters beside this file need of a database: a versioned key-value store, as small as it can be. Below it, one
// in memory for the tests, which gives no more than the interface promises.

/** A key, and what it holds. */
export interface Entry {
  readonly key: string;
  /** `null` where there is nothing. */
  readonly value: string | null;
  /** Moves with every write of the key and never comes back, not even after a deletion; 0 where there is nothing. */
  readonly revision: number;
}

/**
 * Which entries: at most `limit` of those whose keys begin with `prefix`, in the order of the keys. Fewer only where there
 * are no more.
 */
export interface ListQuery {
  readonly prefix: string;
  /** The key that they come strictly after, in the order asked for, whether it is still there or not. */
  readonly after?: string | undefined;
  readonly limit: number;
  /** From the greatest key down. */
  readonly reverse?: boolean;
}

/**
 * The database. An entry that is read is the one that the last commit left: a replica that lags is none. An exception
 * means that nobody knows whether a call took effect.
 */
export interface KeyValueStore {
  /** One entry for each key, each as it was at some instant of the call; two of them may be of two instants. */
  get(keys: readonly string[]): Promise<readonly Entry[]>;
  /** Likewise: what is there during the whole call is in it, once. */
  list(query: ListQuery): Promise<readonly Entry[]>;
  /**
   * Writes everything at one instant, at which every key of `expected` had that revision; or nothing, and answers `false`.
   * A `null` deletes.
   */
  commit(expected: ReadonlyMap<string, number>, writes: ReadonlyMap<string, string | null>): Promise<boolean>;
}

/**
 * A key of parts, in whose order the keys are ordered. Nothing that the service hands out has a control character, so no
 * part holds the separator, and it comes before every other character: `hello` and `hello-1` stay apart. Numbers are
 * never negative and are padded, or 10 would come before 9; a cursor may say 10^16, which has 17 digits.
 */
export function keyOf(...parts: readonly (string | number)[]): string {
  return parts
    .map((part) => (typeof part === 'number' ? String(part).padStart(17, '0') : part))
    .join(SEPARATOR);
}

/** What the keys of everything below these parts begin with. */
export function prefixOf(...parts: readonly (string | number)[]): string {
  return keyOf(...parts) + SEPARATOR;
}

/** Everything below a prefix, page by page. */
export async function* everyEntry(store: KeyValueStore, prefix: string): AsyncGenerator<Entry> {
  for (let after: string | undefined; ; ) {
    const entries: readonly Entry[] = await store.list({ prefix, after, limit: PAGE });
    yield* entries;
    if (entries.length < PAGE) return;
    after = entries.at(-1)?.key;
  }
}

/** Whether entries are as they were: what was read between two looks then stood together at one instant between them. */
export async function areCurrent(
  store: KeyValueStore,
  revisions: ReadonlyMap<string, number>,
): Promise<boolean> {
  const now = await store.get([...revisions.keys()]);
  return now.every(({ key, revision }) => revisions.get(key) === revision);
}

/** A store in the memory of this process. Each entry is read in a turn of its own, so that others come in between. */
export function memoryStore(): KeyValueStore {
  const entries = new Map<string, Entry>();
  const order: string[] = [];
  let lastRevision = 0;

  const entryOf = (key: string): Entry => entries.get(key) ?? { key, value: null, revision: 0 };

  /** The first place whose key is not before `key`. */
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
/** In the place of the separator at the end of a prefix: behind all its keys, and before what follows them. */
const BEHIND = '\u0001';
const PAGE = 200;
