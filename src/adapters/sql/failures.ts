// Classifies what a driver throws by its code, never by its message, and adds a hint to a missing table.
import { execute, serialize, type SqlDatabase } from './database.js';
import type { Failure } from './dialect.js';
import type { SqlNames } from './names.js';
import { SetupError } from './setup-error.js';
import { TABLE_NAMES } from './tables.js';

export function failureOf(error: unknown, { dialect }: SqlNames): Failure {
  return typeof error === 'object' && error !== null ? dialect.failureOf(error) : 'outage';
}

/** Whether the call lost to a concurrent transaction and changed nothing. */
export function isConflict(error: unknown, names: SqlNames): boolean {
  const failure = failureOf(error, names);
  return failure === 'contention' || failure === 'lock-timeout';
}

/**
 * Runs `ask`, up to twenty times while it fails by contention and changed nothing.
 *
 * @throws what the driver threw, for logs; or, for a missing table, an error with a hint that has it as its cause.
 */
export async function classifyFailures<Answer>(
  db: SqlDatabase,
  names: SqlNames,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await serialize(db, ask);
    } catch (error) {
      const isLost = failureOf(error, names) === 'contention';
      // A deadlock ends the whole transaction: only the host application can begin it again.
      if (isLost && attempt < MAX_ATTEMPTS && !db.isTransaction) {
        // Full jitter keeps competitors from colliding again. No result depends on this timer, so it is not the service's clock.
        await new Promise((resolve) =>
          setTimeout(resolve, Math.random() * Math.min(2 ** attempt, MAX_PAUSE_MS)),
        );
        continue;
      }
      throw await withHint(error, db, names);
    }
  }
}

/** The error to throw: the original, or one with a hint whose cause is the original. */
export async function withHint(error: unknown, db: SqlDatabase, names: SqlNames): Promise<unknown> {
  const hint = (await isTableMissing(error, db, names)) ? MISSING_TABLE : hintOf(error, names);
  return hint === null ? error : new SetupError(hint, { cause: error });
}

const MISSING_TABLE =
  'a table is missing. Run the migrations on this database, with the same schema and prefix: `npx tenantry migrate`, or `migrate` of tenantry/sql';

function hintOf(error: unknown, { dialect }: SqlNames): string | null {
  return typeof error === 'object' && error !== null ? dialect.hintOf(error) : null;
}

/**
 * The nodes of a Galera cluster do not see each other's locks, so calls on one row compete: with 60 calls on each of three
 * nodes, ten attempts were too few.
 */
const MAX_ATTEMPTS = 20;
const MAX_PAUSE_MS = 256;

async function isTableMissing(error: unknown, db: SqlDatabase, names: SqlNames): Promise<boolean> {
  const failure = failureOf(error, names);
  const { genericErrorProbe } = names.dialect;
  if (failure !== 'outage' || genericErrorProbe === null) return failure === 'missing-table';
  if (!(await succeeds(db, genericErrorProbe))) return false;
  for (const name of TABLE_NAMES) {
    if (!(await succeeds(db, `select 1 from ${names.table(name)} limit 0`))) return true;
  }
  return false;
}

function succeeds(db: SqlDatabase, sql: string): Promise<boolean> {
  return execute(db, sql).then(
    () => true,
    () => false,
  );
}
