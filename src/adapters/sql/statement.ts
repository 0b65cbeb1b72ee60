// A statement is written once and cached; each call only binds its values.
import { CompiledQuery } from 'kysely';
import type { Dialect } from './dialect.js';
import { RecentlyUsed } from './recently-used.js';
import type { SessionCheck } from './sessions.js';

/** SQL, and how its parameters are read from an input, in order. */
export interface Statement<Input> {
  readonly query: CompiledQuery;
  readonly bind: (input: Input) => readonly unknown[];
  /** What the connection must be set to. */
  readonly session: SessionCheck | null;
}

/** Returns a placeholder for a value that is read from the input at each call. */
export type Bind<Input> = (read: (input: Input) => unknown) => string;

/**
 * Writes a statement. `write` uses `bind(read)` wherever a value belongs, in any order and any number of times. No part of
 * an input ever becomes part of the SQL.
 */
export function statement<Input>(dialect: Dialect, write: (bind: Bind<Input>) => string): Statement<Input> {
  const reads: ((input: Input) => unknown)[] = [];
  const marked = write((read) => `\0${reads.push(read) - 1}\0`);
  const order: ((input: Input) => unknown)[] = [];
  const sql = marked.replace(/\0(\d+)\0/g, (_mark, index: string) => {
    const read = reads[Number(index)];
    if (read === undefined) throw new Error('a statement binds a value that it does not read');
    return dialect.placeholder(order.push(read));
  });
  names.set(sql, nameFor(sql));
  return {
    query: CompiledQuery.raw(sql),
    session: dialect.session,
    bind: (input) => order.map((read) => dialect.parameterOf(read(input))),
  };
}

/** The name of a statement of this library; equal SQL has equal names. `undefined` for other SQL. */
export function nameOfText(sql: string): string | undefined {
  return names.get(sql);
}

/** One entry for each shape of a statement; a set of tables has about 100. */
const names = new RecentlyUsed<string>(5000);

/** A hash of the SQL (FNV-1a, 64 bits), so that two copies of this package on one connection agree on names. */
function nameFor(sql: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < sql.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(sql.charCodeAt(index))) * 0x100000001b3n);
  }
  return `tenantry_${hash.toString(36)}`;
}

/** Caches statements by the shape of their input. Each is written at its first use. */
export function memoizeByShape<Input>(
  write: (input: Input) => Statement<Input>,
): (shape: string, input: Input) => Statement<Input> {
  const kept = new Map<string, Statement<Input>>();
  return (shape, input) => {
    const found = kept.get(shape);
    if (found !== undefined) return found;
    // The service has far fewer shapes; only other callers of the port can exceed this.
    if (kept.size >= MAX_KEPT) kept.clear();
    const written = write(input);
    kept.set(shape, written);
    return written;
  };
}

const MAX_KEPT = 1000;
