// The condition by which a page begins after its key, for a key of any number of columns.
import type { Dialect } from './dialect.js';

/** Whether a row is beyond a key: `columns` and `values` belong together, the most significant first. */
export function beyondKey(
  { seeksRowValues }: Pick<Dialect, 'seeksRowValues'>,
  columns: readonly string[],
  values: readonly string[],
  beyond: '>' | '<' = '>',
): string {
  if (seeksRowValues) return `(${columns.join(', ')}) ${beyond} (${values.join(', ')})`;
  const [column = '', ...columnsAfter] = columns;
  const [value = '', ...valuesAfter] = values;
  const isBeyond = `${column} ${beyond} ${value}`;
  if (columnsAfter.length === 0) return isBeyond;
  const after = beyondKey({ seeksRowValues }, columnsAfter, valuesAfter, beyond);
  return `(${isBeyond} or (${column} = ${value} and ${after}))`;
}
