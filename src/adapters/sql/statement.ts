// A statement is written once and kept; each call only binds its values.
import { CompiledQuery } from 'kysely';
import type { DialectFacts } from './dialects.js';

/** SQL text, and how its values are read from an input, in the order of their places. */
export interface Statement<Input> {
  readonly query: CompiledQuery;
  readonly bind: (input: Input) => readonly unknown[];
}

/** Stands for a value in the text; the value is read from the input at each call. */
export type Bind<Input> = (read: (input: Input) => unknown) => string;

/**
 * Writes a statement. `write` puts `bind(read)` wherever a value belongs, in any order and as often as it likes; nothing
 * of an input ever becomes part of the text.
 */
export function statement<Input>(
  facts: DialectFacts,
  write: (bind: Bind<Input>) => string,
): Statement<Input> {
  const reads: ((input: Input) => unknown)[] = [];
  const marked = write((read) => `\0${reads.push(read) - 1}\0`);
  const order: ((input: Input) => unknown)[] = [];
  const sql = marked.replace(/\0(\d+)\0/g, (_mark, index: string) => {
    const read = reads[Number(index)];
    if (read === undefined) throw new Error('a statement binds a value that it does not read');
    return facts.placeholder(order.push(read));
  });
  names.set(sql, nameFor(sql));
  return { query: CompiledQuery.raw(sql), bind: (input) => order.map((read) => read(input)) };
}

/** A name for the text of a statement that was written here: the same text, the same name. */
export function nameOfText(sql: string): string | undefined {
  return names.get(sql);
}

/** As many as there are shapes of statements. */
const names = new Map<string, string>();

/** By the text, so that two copies of this package on one connection never mean two texts by one name: FNV-1a, 64 bits. */
function nameFor(sql: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let place = 0; place < sql.length; place++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(sql.charCodeAt(place))) * 0x100000001b3n);
  }
  return `tenantry_${hash.toString(36)}`;
}

/** Statements by the shape of what they do, each written when it is first needed. */
export function keptByShape<Input>(
  write: (input: Input) => Statement<Input>,
): (shape: string, input: Input) => Statement<Input> {
  const kept = new Map<string, Statement<Input>>();
  return (shape, input) => {
    const found = kept.get(shape);
    if (found !== undefined) return found;
    // Far more than the service has shapes: only callers of the port that make up their own can pass it.
    if (kept.size >= MAX_KEPT) kept.clear();
    const written = write(input);
    kept.set(shape, written);
    return written;
  };
}

const MAX_KEPT = 1000;
