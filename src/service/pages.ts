// Keyset pages: a cursor is the key of the last item seen, so nothing is skipped or repeated while others come and go.
import type { PageKey, PageQuery } from '../ports/storage.js';
import { invalid } from './parse.js';
import type { Page } from './views.js';

interface CheckedPage {
  readonly limit: number;
  readonly cursor?: string | null | undefined;
}

/** Asks for one item more than the page holds: so the last page is known to be the last. */
export async function pageOf<Item, View>(
  { limit, cursor }: CheckedPage,
  read: (page: PageQuery) => Promise<readonly Item[]>,
  show: { readonly keyOf: (item: Item) => PageKey; readonly view: (item: Item) => View },
): Promise<Page<View>> {
  const found = await read({ after: cursor == null ? null : keyOfCursor(cursor), limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return Object.freeze({
    items: Object.freeze(items.map(show.view)),
    nextCursor: found.length > limit && last !== undefined ? cursorOfKey(show.keyOf(last)) : null,
  });
}

function cursorOfKey([first, second]: PageKey): string {
  return `${String(first)}.${typeof second === 'number' ? `#${String(second)}` : `=${second}`}`;
}

function keyOfCursor(cursor: string): PageKey {
  const [, first, sign, second] = /^(\d{1,16})\.([#=])(.+)$/su.exec(cursor) ?? [];
  const numeric = sign === '#' && /^\d{1,16}$/.test(second ?? '');
  if (first === undefined || second === undefined || (sign === '#' && !numeric)) {
    throw invalid([{ path: 'input.cursor', message: 'is not a cursor' }]);
  }
  return [Number(first), numeric ? Number(second) : second];
}
