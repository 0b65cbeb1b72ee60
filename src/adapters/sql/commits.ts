// Commits: all write steps in one statement where the database can, and in a transaction of short statements elsewhere.
import type { Commit } from '../../core/changes.js';
import type { CommitResult } from '../../ports/storage.js';
import { atomically, rowsOf, type SqlDatabase } from './database.js';
import { duplicateFinder } from './duplicates.js';
import { classifyFailures, failureOf, isConflict } from './failures.js';
import type { SqlNames } from './names.js';
import { memoizeByShape, statement, type Statement } from './statement.js';
import type { TableName } from './tables.js';
import { writeSteps, type WriteStep } from './write-steps.js';
import { writesOf } from './writes.js';

export type CommitOn = (db: SqlDatabase, commit: Commit) => Promise<CommitResult>;

export const CONFLICT = Object.freeze({ ok: false, reason: 'conflict' } as const);

export function commitOn(names: SqlNames): CommitOn {
  const stepsOf = writeSteps(names);
  const run = names.dialect.writingCtes === null ? oneByOne(names) : inOneStatement(names);
  const findDuplicate = duplicateFinder(names);
  return async (db, commit) => {
    const steps = stepsOf(writesOf(commit));
    try {
      // Each attempt compares the guards again, so an outdated decision is never written.
      return (await classifyFailures(db, names, () => run(db, steps))) ? { ok: true } : CONFLICT;
    } catch (error) {
      if (error instanceof GuardFailed || isConflict(error, names)) return CONFLICT;
      if (failureOf(error, names) !== 'duplicate') throw error;
      const field = await classifyFailures(db, names, () => findDuplicate(db, commit));
      // The key was released meanwhile, or belongs to no field: a second decision succeeds or gives the reason.
      return field === null ? CONFLICT : { ok: false, reason: 'duplicate', field };
    }
  };
}

/** Resolves with `false` when a guard failed and nothing was written. */
type Run = (db: SqlDatabase, steps: readonly WriteStep[]) => Promise<boolean>;

/** One round trip. A statement is a transaction by itself. */
function inOneStatement(names: SqlNames): Run {
  const statementOf = memoizeByShape<readonly WriteStep[]>((steps) => joined(names, steps));
  return async (db, steps) => {
    const query = statementOf(steps.map(({ shape }) => shape).join(), steps);
    const send = async (on: SqlDatabase): Promise<boolean> => (await rowsOf(on, query, steps)).length > 0;
    // Behind a savepoint, an error leaves the host's transaction usable.
    return db.isTransaction ? atomically(db, names.dialect, send) : send(db);
  };
}

/**
 * The steps as common table expressions of one statement. Each guard runs only if the guard before it returned its row; a
 * row that another transaction is changing is waited for and then compared again (PostgreSQL 13.2.1, Read Committed).
 * Writes run only if the last guard returned its row.
 *
 * All parts see the database as it was when the statement began, and PostgreSQL runs them in any order. So a write counts
 * the rows of the earlier writes to its table, which makes it run after them.
 */
function joined(names: SqlNames, steps: readonly WriteStep[]): Statement<readonly WriteStep[]> {
  return statement(names.dialect, (bind) => {
    const guards: string[] = [];
    const writes: string[] = [];
    const written = new Map<TableName, readonly string[]>();
    for (const [index, { table, isGuard, sql }] of steps.entries()) {
      const text = (also: string): string => sql((read) => bind((all) => read(all[index]?.rows ?? [])), also);
      if (isGuard) {
        const before = guards.length === 0 ? '' : ` and exists (select 1 from guard${guards.length - 1})`;
        guards.push(`guard${guards.length} as (${text(before)})`);
        continue;
      }
      const earlier = written.get(table) ?? [];
      const after = earlier.map((name) => ` and (select count(*) from ${name}) >= 0`).join('');
      const name = `write${writes.length}`;
      writes.push(`${name} as (${text(` and exists (select 1 from go)${after}`)} returning 1)`);
      written.set(table, [...earlier, name]);
    }
    const last = guards.length === 0 ? '' : ` from guard${guards.length - 1}`;
    const go = `go as materialized (select 1 as found${last})`;
    return `with ${[...guards, go, ...writes].join(',\n')}\nselect found from go`;
  });
}

/** One statement for each step, in a transaction. */
function oneByOne(names: SqlNames): Run {
  const statementOf = memoizeByShape<WriteStep>((step) =>
    statement(names.dialect, (bind) => step.sql((read) => bind(({ rows }) => read(rows)), '')),
  );
  return (db, steps) =>
    atomically(db, names.dialect, async (transaction) => {
      for (const step of steps) {
        const rows = await rowsOf(transaction, statementOf(step.shape, step), step);
        // Rolls back, which releases the locks of the guards before it.
        if (step.isGuard && rows.length === 0) throw new GuardFailed();
      }
      return true;
    });
}

/** Ends a transaction; never leaves this file. */
class GuardFailed extends Error {}
