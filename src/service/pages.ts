// Keyset pages: a cursor is the key of the last item seen, so changes in between skip or repeat nothing. It also names its
// list, because keys of all lists look alike: in another list, the same key would skip items without an error.
import type { EventOrder } from '../core/events.js';
import { hiddenCharacter } from '../core/names.js';
import type { PageKey, PageQuery } from '../ports/storage.js';
import { invalid } from './parse.js';
import type { Page } from './views.js';

interface CheckedPage {
  readonly limit: number;
  readonly cursor?: string | null | undefined;
}

/** A list whose keys end with an id or a `usernameKey`, or an audit log, whose keys end with a number, by its order. */
type Kind = 'id' | 'name' | EventOrder;

/** Which list: what it lists, of which workspace or user. */
interface List {
  readonly name:
    | 'accounts'
    | 'foundWorkspaces'
    | 'workspaces'
    | 'deletedWorkspaces'
    | 'members'
    | 'invitations'
    | 'myInvitations'
    | 'events'
    | 'accountEvents';
  readonly of: string;
  readonly kind: Kind;
  /** Of members with this role alone. */
  readonly role?: string;
  /** Of members of this directory alone. */
  readonly managedBy?: string;
}

/** Reads one item more than the page holds, to know whether it is the last page. */
export async function pageOf<Item, View>(
  { limit, cursor }: CheckedPage,
  read: (page: PageQuery) => Promise<readonly Item[]>,
  show: {
    readonly list: List;
    readonly keyOf: (item: Item) => PageKey;
    readonly view: (item: Item) => View;
  },
): Promise<Page<View>> {
  const after = cursor == null ? null : keyOfCursor(cursor, show.list);
  const found = await read({ after, limit: limit + 1 });
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return Object.freeze({
    items: Object.freeze(items.map(show.view)),
    nextCursor:
      found.length > limit && last !== undefined ? [tagOf(show.list), ...show.keyOf(last)].join('.') : null,
  });
}

const MAX_ID_LENGTH = 256;
const FORM = /^([0-9a-z]{1,7})\.(0|[1-9]\d{0,15})\.(.{1,660})$/su;
const WHOLE = /^(0|[1-9]\d{0,15})$/u;

/** The key of a cursor. Only cursors of this list, in its own spelling, are accepted. */
function keyOfCursor(cursor: string, list: List): PageKey {
  const [, tag, first, second = ''] = FORM.exec(cursor) ?? [];
  const isText = list.kind === 'id' || list.kind === 'name';
  const isKey = isText
    ? hiddenCharacter(second) === undefined && (list.kind === 'name' || second.length <= MAX_ID_LENGTH)
    : WHOLE.test(second);
  if (tag !== tagOf(list) || !isKey) {
    throw invalid([{ path: 'input.cursor', message: 'is not a cursor of this list' }]);
  }
  return [Number(first), isText ? second : Number(second)];
}

/** A checksum (FNV-1a, 32 bits). It finds mistakes; the list itself checks access, for every cursor. */
function tagOf({ name, of, kind, role, managedBy }: List): string {
  let hash = 0x811c9dc5;
  const filters = [role === undefined ? [] : [role], managedBy === undefined ? [] : ['directory', managedBy]];
  for (const unit of JSON.stringify([name, of, kind, ...filters.flat()]))
    hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}
