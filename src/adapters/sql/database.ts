// The host's database as this adapter sees it: a Kysely instance, or a transaction of one; and what is done with it.
import { CompiledQuery, sql, type QueryExecutorProvider, type QueryResult } from 'kysely';
import type { DialectFacts } from './dialects.js';
import { namesOf, type SqlNames, type SqlTables } from './names.js';
import type { Statement } from './statement.js';

/**
 * A `Kysely` instance, or a `Transaction` of one, whatever its tables: what is used of it. Its plugins are left out, its
 * pool, its log and its transactions stay the host's.
 */
export interface SqlDatabase extends QueryExecutorProvider {
  /** Whether it is a transaction of the host's: then everything is part of it. */
  readonly isTransaction: boolean;
  /** As Kysely's. */
  withoutPlugins(): SqlDatabase;
  /** As Kysely's. */
  executeQuery<Row>(query: CompiledQuery<Row>): Promise<QueryResult<Row>>;
  /** As Kysely's. */
  transaction(): SqlTransactionBuilder;
}

/** What Kysely's `transaction()` gives, as far as it is used here. */
export interface SqlTransactionBuilder {
  /** As Kysely's. */
  setIsolationLevel(level: 'read committed'): SqlTransactionBuilder;
  /** As Kysely's. */
  execute<Result>(run: (transaction: SqlDatabase) => Promise<Result>): Promise<Result>;
}

/** A row as the driver gives it: numbers may be numbers, bigints or texts. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * The host's instance without its plugins, and the names of its tables.
 *
 * @throws TypeError when the instance writes another dialect: found here, and not by a statement that fails, or worse,
 * by one that does not.
 */
export function connected(
  host: SqlDatabase,
  tables: SqlTables,
): { readonly db: SqlDatabase; readonly names: SqlNames } {
  const names = namesOf(tables);
  const db = host.withoutPlugins();
  const { facts, quoted } = names;
  const written = sql`${sql.id('name')} ${0}`.compile(db).sql;
  const expected = `${quoted('name')} ${facts.placeholder(1)}`;
  if (written !== expected) {
    const { dialect } = tables;
    throw new TypeError(
      `tenantry/sql: the dialect is '${dialect}', which writes ${expected}, but this Kysely instance writes ${written}`,
    );
  }
  takesTurns(db, host);
  return { db, names };
}

/** Runs a statement and answers with its rows. */
export async function rowsOf<Input>(
  db: SqlDatabase,
  statement: Statement<Input>,
  input: Input,
): Promise<readonly Row[]> {
  return (await db.executeQuery(bound(statement, input))).rows;
}

/** Runs a statement whose answer nobody needs. */
export async function run<Input>(db: SqlDatabase, statement: Statement<Input>, input: Input): Promise<void> {
  await db.executeQuery(bound(statement, input));
}

/** Runs a statement that has neither values nor rows. */
export async function execute(db: SqlDatabase, sql: string): Promise<void> {
  await db.executeQuery(CompiledQuery.raw(sql));
}

/**
 * Runs everything or nothing: in a transaction of its own, or, inside one of the host's, behind a savepoint, so that a
 * "no" leaves the host's transaction usable.
 */
export async function atomically<Result>(
  db: SqlDatabase,
  facts: Pick<DialectFacts, 'isolation'>,
  work: (transaction: SqlDatabase) => Promise<Result>,
): Promise<Result> {
  if (!db.isTransaction) return ownTransaction(db, facts).execute(work);
  await execute(db, `savepoint ${SAVEPOINT}`);
  let result: Result;
  try {
    result = await work(db);
  } catch (error) {
    // A deadlock may have ended the whole transaction, and the savepoint with it: the first error says more.
    await execute(db, `rollback to savepoint ${SAVEPOINT}`).catch(() => undefined);
    throw error;
  }
  await execute(db, `release savepoint ${SAVEPOINT}`);
  return result;
}

/** A transaction that nobody else is in. */
export function ownTransaction(
  db: SqlDatabase,
  { isolation }: Pick<DialectFacts, 'isolation'>,
): SqlTransactionBuilder {
  return isolation === null ? db.transaction() : db.transaction().setIsolationLevel(isolation);
}

/**
 * Runs one after the other what belongs to one transaction of the host's, by whatever adapter: savepoints of one
 * transaction lie inside each other, so what ran beside would be undone with it. Elsewhere it runs at once.
 */
export function inTurn<Result>(db: SqlDatabase, work: () => Promise<Result>): Promise<Result> {
  const turn = turns.get(db);
  if (turn === undefined) return work();
  const mine = turn.last.then(work, work);
  turn.last = mine;
  return mine;
}

const turns = new WeakMap<SqlDatabase, { last: Promise<unknown> }>();

const SAVEPOINT = 'tenantry';

/** `db` is `host` without its plugins: what is done by the one and the other takes turns. */
function takesTurns(db: SqlDatabase, host: SqlDatabase): void {
  if (!host.isTransaction) return;
  const turn = turns.get(host) ?? { last: Promise.resolve() };
  turns.set(host, turn);
  turns.set(db, turn);
}

function bound<Input>({ query, bind }: Statement<Input>, input: Input): CompiledQuery<Row> {
  return { ...query, parameters: bind(input) };
}
