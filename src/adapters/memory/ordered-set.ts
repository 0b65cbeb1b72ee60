// Items in the order of their page keys: chunks of an array, so that adding, removing and seeking stay cheap at 10^6.
import type { PageKey } from '../../ports/storage.js';

/** Half of it after a split: small enough to shift cheaply, large enough that a million items make few chunks. */
const CHUNK = 512;

/** A class, because there is one for every user and workspace: methods on the prototype cost no memory each. */
export class OrderedSet<Item> {
  readonly #keyOf: (item: Item) => PageKey;
  readonly #chunks: Item[][] = [];

  constructor(keyOf: (item: Item) => PageKey) {
    this.#keyOf = keyOf;
  }

  /** Adds the item, in place of the one of the same key where there is one. */
  put(item: Item): void {
    const key = this.#keyOf(item);
    const { chunk, place } = this.#seek(key);
    const items = this.#chunks[chunk];
    if (items === undefined) {
      this.#chunks.push([item]);
      return;
    }
    const there = items[place];
    if (there !== undefined && !isAfter(this.#keyOf(there), key)) {
      items[place] = item;
      return;
    }
    items.splice(place, 0, item);
    if (items.length > CHUNK) this.#chunks.splice(chunk + 1, 0, items.splice(CHUNK / 2));
  }

  /** Removes the item of the same key. */
  remove(item: Item): void {
    const key = this.#keyOf(item);
    const { chunk, place } = this.#seek(key);
    const items = this.#chunks[chunk];
    const there = items?.[place];
    if (items === undefined || there === undefined || isAfter(this.#keyOf(there), key)) return;
    items.splice(place, 1);
    if (items.length === 0) this.#chunks.splice(chunk, 1);
  }

  /** Up to `limit` items whose keys lie strictly after `after`. */
  after(after: PageKey | null, limit: number): Item[] {
    const found: Item[] = [];
    const start = after === null ? { chunk: 0, place: 0 } : this.#seek(after);
    for (let chunk = start.chunk; chunk < this.#chunks.length && found.length < limit; chunk++) {
      const items = this.#chunks[chunk] ?? [];
      for (let place = chunk === start.chunk ? start.place : 0; place < items.length; place++) {
        const item = items[place];
        if (item === undefined || (after !== null && !isAfter(this.#keyOf(item), after))) continue;
        if (found.push(item) === limit) break;
      }
    }
    return found;
  }

  all(): Item[] {
    return this.#chunks.flat();
  }

  /** The first place whose key is not before `key`, in the last chunk that does not begin after it. */
  #seek(key: PageKey): { readonly chunk: number; readonly place: number } {
    const later = firstWhere(
      this.#chunks,
      ([first]) => first !== undefined && isAfter(this.#keyOf(first), key),
    );
    const chunk = Math.max(0, later - 1);
    return {
      chunk,
      place: firstWhere(this.#chunks[chunk] ?? [], (item) => !isAfter(key, this.#keyOf(item))),
    };
  }
}

export function isAfter(one: PageKey, other: PageKey): boolean {
  return one[0] === other[0] ? one[1] > other[1] : one[0] > other[0];
}

/** The first place where a predicate holds that holds from there on; the length where it never does. */
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
