// Conditions that pages share: after which key, and of which workspaces.
import type { PageKey, PageQuery } from '../../ports/storage.js';
import type { Dialect } from './dialect.js';
import { beyondKey } from './seek.js';
import type { Bind } from './statement.js';

export interface Direction {
  /** Follows a column in `order by`. */
  readonly sorted: '' | ' desc';
  /** The operator by which a later key compares with an earlier one. */
  readonly beyond: '>' | '<';
}

export const FORWARDS: Direction = { sorted: '', beyond: '>' };
export const BACKWARDS: Direction = { sorted: ' desc', beyond: '<' };

export function afterKey<Query extends PageQuery>(
  dialect: Dialect,
  bind: Bind<Query>,
  {
    key: [first, second],
    direction: { beyond },
  }: { readonly key: readonly [string, string]; readonly direction: Direction },
): string {
  const a = bind(({ after }) => after?.[0]);
  const b = bind(({ after }) => keyPart(after));
  return beyondKey(dialect, [first, second], [a, b], beyond);
}

function keyPart(after: PageKey | null): string | number | undefined {
  return after?.[1];
}

/** Of workspaces that are not deleted. */
export function existing(status: string): string {
  return `${status} in ('active', 'suspended')`;
}
