// What a driver throws, told apart by its code, never by its text; and said so that whoever reads the log can mend it.
import { execute, inTurn, type SqlDatabase } from './database.js';
import type { Failure } from './dialects.js';
import type { SqlNames } from './names.js';
import { TABLE_NAMES } from './tables.js';

export function failureOf(error: unknown, { facts }: SqlNames): Failure {
  return typeof error === 'object' && error !== null ? facts.failureOf(error) : 'outage';
}

/** Whether others were in the way and nothing was done. */
export function isConflict(error: unknown, names: SqlNames): boolean {
  const failure = failureOf(error, names);
  return failure === 'contention' || failure === 'lock-timeout';
}

/**
 * Asks, and asks again soon, up to ten times, where others were in the way and nothing was done.
 *
 * @throws what is thrown on is for logs; a missing table is said to be one, with what the driver threw as its cause.
 */
export async function answerOf<Answer>(
  db: SqlDatabase,
  names: SqlNames,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTurn(db, ask);
    } catch (error) {
      const isLost = failureOf(error, names) === 'contention';
      // A transaction of the host's that met a deadlock is over: only the host can begin it again.
      if (isLost && attempt < MAX_ATTEMPTS && !db.isTransaction) {
        // Full jitter: those who met do not meet again. An adapter has no clock, and nothing that it answers depends on one.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt));
        continue;
      }
      throw await explained(error, db, names);
    }
  }
}

/** What to throw on: the error itself, or one that says how to mend it. */
export async function explained(error: unknown, db: SqlDatabase, names: SqlNames): Promise<unknown> {
  if (!(await isTableMissing(error, db, names))) return error;
  const message =
    'tenantry/sql: a table is missing. Run the migrations of tenantry/sql on this database, with the same schema and prefix';
  return new Error(message, { cause: error });
}

const MAX_ATTEMPTS = 10;

async function isTableMissing(error: unknown, db: SqlDatabase, names: SqlNames): Promise<boolean> {
  const failure = failureOf(error, names);
  if (failure !== 'outage' || !names.facts.saysErrorAlike) return failure === 'missing-table';
  // SQLite has one code for everything that is wrong with a statement: whether it is this, the tables themselves tell.
  if (!(await answers(db, 'select 1 from sqlite_schema limit 0'))) return false;
  for (const name of TABLE_NAMES) {
    if (!(await answers(db, `select 1 from ${names.table(name)} limit 0`))) return true;
  }
  return false;
}

function answers(db: SqlDatabase, sql: string): Promise<boolean> {
  return execute(db, sql).then(
    () => true,
    () => false,
  );
}
