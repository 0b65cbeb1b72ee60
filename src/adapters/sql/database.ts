// The host application's database, a Kysely instance or one of its transactions, and how this adapter uses it.
import {
  CompiledQuery,
  sql,
  type DatabaseConnection,
  type QueryExecutorProvider,
  type QueryResult,
} from 'kysely';
import type { Dialect } from './dialect.js';
import { namesOf, type SqlNames, type SqlTables } from './names.js';
import type { SessionCheck } from './sessions.js';
import { SetupError } from './setup-error.js';
import type { Statement } from './statement.js';

/**
 * What the adapter needs from a `Kysely` instance, or a `Transaction`, of any table types. It ignores the plugins of the
 * instance; pool, log and transactions remain those of your app.
 */
export interface SqlDatabase extends QueryExecutorProvider {
  /** Whether this is a transaction: then everything that the adapter does is part of it. */
  readonly isTransaction: boolean;
  /** As Kysely's. */
  withoutPlugins(): SqlDatabase;
  /** As Kysely's. */
  transaction(): SqlTransactionBuilder;
}

/** What the adapter needs from the result of Kysely's `transaction()`. */
export interface SqlTransactionBuilder {
  /** As Kysely's. */
  setIsolationLevel(level: 'read committed'): SqlTransactionBuilder;
  /** As Kysely's. */
  execute<Result>(run: (transaction: SqlDatabase) => Promise<Result>): Promise<Result>;
}

/** A row as the driver returns it: a number may be a number, a bigint or a string. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * The instance without its plugins, and the names of the tables.
 *
 * @throws TypeError when the instance compiles to another dialect. Checked here, because a statement in the wrong dialect
 * may fail late, or not at all.
 */
export function connected(
  host: SqlDatabase,
  tables: SqlTables,
): { readonly db: SqlDatabase; readonly names: SqlNames } {
  const names = namesOf(tables);
  const db = host.withoutPlugins();
  const { dialect, quoted } = names;
  const written = sql`${sql.id('name')} ${0}`.compile(db).sql;
  const expected = `${quoted('name')} ${dialect.placeholder(1)}`;
  if (written !== expected) {
    throw new TypeError(
      `tenantry/sql: the dialect is '${tables.dialect}', which writes ${expected}, but this Kysely instance writes ${written}`,
    );
  }
  return { db, names };
}

/** Runs a statement and returns its rows. */
export async function rowsOf<Input>(
  db: SqlDatabase,
  statement: Statement<Input>,
  input: Input,
): Promise<readonly Row[]> {
  return (await send(db, bound(statement, input), statement.session)).rows;
}

/** Runs a statement whose rows are not needed. */
export async function run<Input>(db: SqlDatabase, statement: Statement<Input>, input: Input): Promise<void> {
  await send(db, bound(statement, input), statement.session);
}

/** Runs a statement that has neither parameters nor rows. */
export async function execute(db: SqlDatabase, sql: string): Promise<void> {
  await send(db, CompiledQuery.raw(sql), null);
}

/** Sends on a connection that is set as it must be. */
function send<Result>(
  db: SqlDatabase,
  query: CompiledQuery<Result>,
  session: SessionCheck | null,
): Promise<QueryResult<Result>> {
  return db.getExecutor().provideConnection(async (connection) => {
    await checkSession(connection, session);
    return connection.executeQuery(query);
  });
}

/** Connections that are as they must be. Kysely has one object for each. */
const checked = new WeakSet<DatabaseConnection>();

/**
 * Checks a connection at its first use.
 *
 * @throws Error that names the setting and the fix; again at each use, until the connection is set right
 */
async function checkSession(connection: DatabaseConnection, check: SessionCheck | null): Promise<void> {
  if (check === null || checked.has(connection)) return;
  const { rows } = await connection.executeQuery<object>(CompiledQuery.raw(check.sql));
  const settings = new Map(
    rows.map((row) => {
      const [name, value] = Object.values(row) as readonly unknown[];
      return [String(name).toLowerCase(), String(value)];
    }),
  );
  const problem = check.problemOf(settings);
  if (problem !== null) throw new SetupError(`this connection would break a promise. ${problem}`);
  checked.add(connection);
}

/**
 * Runs `work` completely or not at all: in a transaction, or, if `db` is one already, behind a savepoint. After an error,
 * the host's transaction is still usable.
 */
export async function atomically<Result>(
  db: SqlDatabase,
  dialect: Pick<Dialect, 'isolation' | 'savepointOutside'>,
  work: (transaction: SqlDatabase) => Promise<Result>,
): Promise<Result> {
  if (!db.isTransaction) return ownTransaction(db, dialect, work);
  await setSavepoint(db, dialect);
  let result: Result;
  try {
    result = await work(db);
  } catch (error) {
    // A deadlock may have ended the transaction and its savepoint. The first error is the one to report.
    await execute(db, `rollback to savepoint ${SAVEPOINT}`).catch(() => undefined);
    throw error;
  }
  await execute(db, `release savepoint ${SAVEPOINT}`);
  return result;
}

/**
 * Sets a savepoint in a transaction of the host application. After a deadlock or another error that the application caught,
 * the transaction may have ended: on MariaDB, what follows would take effect immediately, and a rollback would not undo it.
 *
 * @throws the driver's error where the transaction has ended or can only be rolled back
 */
export async function setSavepoint(
  db: SqlDatabase,
  { savepointOutside }: Pick<Dialect, 'savepointOutside'>,
): Promise<void> {
  await execute(db, `savepoint ${SAVEPOINT}`);
  if (savepointOutside === 'is lost') await execute(db, `rollback to savepoint ${SAVEPOINT}`);
}

/**
 * Runs `work` in a transaction of the library, not of the host application.
 *
 * @throws what `work` threw; if the rollback fails, too, an error with that as its cause: what the transaction did is then
 * unknown, and the first error says why
 */
export async function ownTransaction<Result>(
  db: SqlDatabase,
  { isolation }: Pick<Dialect, 'isolation'>,
  work: (transaction: SqlDatabase) => Promise<Result>,
): Promise<Result> {
  const builder = isolation === null ? db.transaction() : db.transaction().setIsolationLevel(isolation);
  const failures: unknown[] = [];
  try {
    return await builder.execute(async (transaction) => {
      try {
        return await work(transaction);
      } catch (error) {
        failures.push(error);
        throw error;
      }
    });
  } catch (error) {
    if (failures.length === 0 || failures[0] === error) throw error;
  }
  throw new Error('tenantry/sql: a statement failed, and then its rollback', { cause: failures[0] });
}

/**
 * Inside a transaction of the host application, runs one call after the other, for all adapters on that transaction.
 * Savepoints of one transaction are nested, so a rollback would also undo a call that ran concurrently. Outside of a
 * transaction, calls run immediately.
 */
export async function serialize<Result>(db: SqlDatabase, work: () => Promise<Result>): Promise<Result> {
  if (!db.isTransaction) return work();
  // By the connection, because `withSchema` and the like return another instance on the same transaction.
  const connection = await db.getExecutor().provideConnection((own) => Promise.resolve(own));
  const result = (lastCalls.get(connection) ?? Promise.resolve()).then(work, work);
  lastCalls.set(connection, result);
  return result;
}

const lastCalls = new WeakMap<DatabaseConnection, Promise<unknown>>();

const SAVEPOINT = 'tenantry';

function bound<Input>({ query, bind }: Statement<Input>, input: Input): CompiledQuery<Row> {
  return { ...query, parameters: bind(input) };
}
