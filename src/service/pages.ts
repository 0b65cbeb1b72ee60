// Keyset pages: a cursor is the key of the last item seen, so nothing is skipped or repeated while others come and go.
import type { EventOrder } from '../domain/events.js';
import { hiddenCharacter } from '../domain/names.js';
import type { PageKey, PageQuery } from '../ports/storage.js';
import { invalid } from './parse.js';
import type { Page } from './views.js';

interface CheckedPage {
  readonly limit: number;
  readonly cursor?: string | null | undefined;
}

/** A list whose keys end with an id; or one of events, whose keys end with a number, by the end that it is read from. */
type Kind = 'id' | EventOrder;

/** Asks for one item more than the page holds: so the last page is known to be the last. */
export async function pageOf<Item, View>(
  { limit, cursor }: CheckedPage,
  read: (page: PageQuery) => Promise<readonly Item[]>,
  show: {
    readonly kind: Kind;
    readonly keyOf: (item: Item) => PageKey;
    readonly view: (item: Item) => View;
  },
): Promise<Page<View>> {
  const after = cursor == null ? null : keyOfCursor(cursor, show.kind);
  const found = await read({ after, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return Object.freeze({
    items: Object.freeze(items.map(show.view)),
    nextCursor: found.length > limit && last !== undefined ? show.keyOf(last).join(SIGNS[show.kind]) : null,
  });
}

/**
 * Between the parts of a cursor: a cursor of one kind of list is none of another. A key stands in both orders of a trail,
 * so without its sign a cursor of one would be taken for the other, and answer with what was seen already.
 */
const SIGNS: Readonly<Record<Kind, string>> = { id: '.=', oldest: '.#', newest: '.~' };
const WHOLE = '(?:0|[1-9]\\d{0,15})';
const FORMS: Readonly<Record<Kind, RegExp>> = {
  id: new RegExp(`^(${WHOLE})\\.=(.{1,256})$`, 'su'),
  oldest: new RegExp(`^(${WHOLE})\\.#(${WHOLE})$`, 'u'),
  newest: new RegExp(`^(${WHOLE})\\.~(${WHOLE})$`, 'u'),
};

/** The key that a cursor stands for: as this list writes it, in its one spelling. */
function keyOfCursor(cursor: string, kind: Kind): PageKey {
  const [, first, second] = FORMS[kind].exec(cursor) ?? [];
  if (first === undefined || second === undefined || hiddenCharacter(second) !== undefined) {
    throw invalid([{ path: 'input.cursor', message: 'is not a cursor of this list in this order' }]);
  }
  return [Number(first), kind === 'id' ? second : Number(second)];
}
