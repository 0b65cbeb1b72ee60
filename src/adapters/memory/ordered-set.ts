// Items in the order of their page keys, as an array in chunks, so that adding, removing and seeking are cheap at 10^6 items.
import type { PageKey } from '../../ports/storage.js';

/** A larger chunk is split in halves: small enough to shift cheaply, large enough that 10^6 items make few chunks. */
const CHUNK = 512;

/** A class, because there is one instance for every user and workspace, and methods on a prototype need no memory in each. */
export class OrderedSet<Item> {
  readonly #keyOf: (item: Item) => PageKey;
  readonly #chunks: Item[][] = [];

  constructor(keyOf: (item: Item) => PageKey) {
    this.#keyOf = keyOf;
  }

  /** Adds the item, or replaces the item of the same key. */
  put(item: Item): void {
    const key = this.#keyOf(item);
    const { chunk, index } = this.#seek(key);
    const items = this.#chunks[chunk];
    if (items === undefined) {
      this.#chunks.push([item]);
      return;
    }
    const there = items[index];
    if (there !== undefined && !isAfter(this.#keyOf(there), key)) {
      items[index] = item;
      return;
    }
    items.splice(index, 0, item);
    if (items.length > CHUNK) this.#chunks.splice(chunk + 1, 0, items.splice(CHUNK / 2));
  }

  /** Removes the item of the same key. */
  remove(item: Item): void {
    const key = this.#keyOf(item);
    const { chunk, index } = this.#seek(key);
    const items = this.#chunks[chunk];
    const there = items?.[index];
    if (items === undefined || there === undefined || isAfter(this.#keyOf(there), key)) return;
    items.splice(index, 1);
    if (items.length === 0) this.#chunks.splice(chunk, 1);
  }

  /** Up to `limit` items, from the one of this key on. */
  from(key: PageKey, limit: number): Item[] {
    const { chunk, index } = this.#seek(key);
    const first = this.#chunks[chunk]?.[index];
    // `seek` may stop at the end of a chunk, before the first item that is not smaller.
    const isAt =
      first !== undefined && !isAfter(this.#keyOf(first), key) && !isAfter(key, this.#keyOf(first));
    return isAt ? [first, ...this.after(key, limit - 1)] : this.after(key, limit);
  }

  /** Up to `limit` items whose keys are strictly after `after`, of those that are wanted. */
  after(after: PageKey | null, limit: number, isWanted?: (item: Item) => boolean): Item[] {
    const found: Item[] = [];
    const start = after === null ? { chunk: 0, index: 0 } : this.#seek(after);
    for (let chunk = start.chunk; chunk < this.#chunks.length && found.length < limit; chunk++) {
      const items = this.#chunks[chunk] ?? [];
      for (let index = chunk === start.chunk ? start.index : 0; index < items.length; index++) {
        const item = items[index];
        if (item === undefined || (after !== null && !isAfter(this.#keyOf(item), after))) continue;
        if (isWanted?.(item) === false) continue;
        if (found.push(item) === limit) break;
      }
    }
    return found;
  }

  isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  all(): Item[] {
    return this.#chunks.flat();
  }

  /** The last chunk that does not begin after `key`, and the first index in it whose key is not before `key`. */
  #seek(key: PageKey): { readonly chunk: number; readonly index: number } {
    const later = firstWhere(
      this.#chunks,
      ([first]) => first !== undefined && isAfter(this.#keyOf(first), key),
    );
    const chunk = Math.max(0, later - 1);
    return {
      chunk,
      index: firstWhere(this.#chunks[chunk] ?? [], (item) => !isAfter(key, this.#keyOf(item))),
    };
  }
}

export function isAfter(a: PageKey, b: PageKey): boolean {
  return a[0] === b[0] ? a[1] > b[1] : a[0] > b[0];
}

/** The first index for which a monotonic predicate is true; the length if it is true for no index. */
export function firstWhere<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && holds(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
