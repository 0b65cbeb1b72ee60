// What a database is to the adapter: every difference from the others, each with a name.
import type { SessionCheck } from './sessions.js';

/**
 * The kind of database. `postgres` is PostgreSQL and databases that accept the same SQL. `mariadb` and `mysql` differ only
 * in the names of their collations.
 */
export type SqlDialect = 'sqlite' | 'postgres' | 'mariadb' | 'mysql';

/** What a driver's error means, by its code. */
export type Failure =
  /** A violated unique or primary key. */
  | 'duplicate'
  /** A deadlock or a serialization failure: nothing was done, and an immediate retry may succeed. */
  | 'contention'
  /** Another transaction held a lock for longer than the configured timeout: nothing was done. */
  | 'lock-timeout'
  | 'missing-table'
  /** Anything else: whether something was done is unknown. */
  | 'outage';

/** A column's type, independent of the database. */
export type ColumnType =
  /** Compared byte by byte; `length` is the maximum in UTF-16 units. */
  | { readonly type: 'text'; readonly length: number }
  /** From -(2^53-1) to 2^53-1. */
  | { readonly type: 'whole' }
  /** A whole number of 10^-9 units, of any size. */
  | { readonly type: 'nano' }
  /** A JSON string that no statement looks into. */
  | { readonly type: 'json' };

export interface Dialect {
  readonly quote: '"' | '`';
  /** The placeholder of a parameter, counted from 1. */
  readonly placeholder: (number: number) => string;
  readonly columnType: (type: ColumnType) => string;
  /** Follows the closing parenthesis of `create table`. */
  readonly tableOptions: (table: { readonly isClustered: boolean }) => string;
  /** A statement that makes the planner expect 100 rows for each value of a column; `null` where the database has no such statement. */
  readonly statisticsHint: ((table: string, column: string) => string) | null;
  /** Whether an index can have a `where` clause. */
  readonly partialIndexes: boolean;
  /** Whether `create table` includes the indexes, because `create index` has no `if not exists`. */
  readonly indexesInTable: boolean;
  /** A `null` of type text, or of type whole, in a union. */
  readonly nullText: string;
  readonly nullWhole: string;
  /** Whether the planner seeks `(a, b) > (x, y)` in an index. */
  readonly seeksRowValues: boolean;
  /** Prefix of a column whose comparison must not determine the index, because the order of the list does. */
  readonly indexHintPrefix: string;
  /**
   * Whether a `with` can insert, update and delete: then a commit is one statement, and any number of rows is bound as one
   * JSON array of objects, which `jsonRows` reads as a table of typed columns. `null` where it cannot.
   */
  readonly writingCtes: WritingCtes | null;
  /** Follows an insert: an existing row with this key is updated and locked. Returns the row where the database can. */
  readonly upsertClause: (taken: {
    readonly key: string;
    readonly set: string;
    readonly back: string;
  }) => string;
  /** Selects a `nano` column as a string. */
  readonly nanoAsText: (column: string) => string;
  /**
   * Follows a select, and locks its rows until the transaction ends. `null` where rows cannot be locked and the first
   * write of a transaction locks the whole database.
   */
  readonly rowLocks: {
    readonly forWriting: string;
    readonly forReading: string;
    /** Locks the rows of one table of a join for reading. The other must be a subquery. */
    readonly forReadingOf: (alias: string) => string;
  } | null;
  /**
   * The isolation level of the library's own transactions; `null` where there is only one. In read committed, a read after
   * a lock sees the latest commit, and a lock on a missing row does not block its insertion.
   */
  readonly isolation: 'read committed' | null;
  /**
   * How a read in a transaction of the host application returns the latest commit, where plain reads may return an older
   * snapshot:
   * - `by locks`: every row that is read is locked, because such reads ignore the snapshot at every level;
   * - `by level`: plain reads are of the latest commit in read committed. In other levels the rows that hold the versions
   *   are locked first, which fails if they changed after the snapshot;
   * - `by writing`: a write that changes nothing fails if the snapshot is not the latest, and keeps others from writing.
   */
  readonly latestReads: 'by locks' | 'by level' | 'by writing';
  readonly failureOf: (error: object) => Failure;
  /** What to do about an error that comes from the way the database is set up; `null` for every other. */
  readonly hintOf: (error: object) => string | null;
  /**
   * A statement that succeeds on a working connection. For drivers that report a missing table by the same code as any
   * other faulty statement: if the probe succeeds, the table is missing. `null` where missing tables have their own code.
   */
  readonly genericErrorProbe: string | null;
  /** Whether a table's name can be qualified by a schema. */
  readonly hasSchemas: boolean;
  /**
   * What `savepoint` does where a transaction has ended without the knowledge of its client, as after a deadlock. Lost
   * savepoints are noticed by rolling back to them immediately.
   */
  readonly savepointOutside: 'fails' | 'is lost' | 'begins a transaction';
  /** How a value is passed to the driver: as it is, if the driver sends it apart from the text of the statement. */
  readonly parameterOf: (value: unknown) => unknown;
  /**
   * What lets one connection run migrations and makes others wait: a transaction where it can include `create table`. A row
   * with `is_locked` other than 1 says that the lock was not acquired.
   */
  readonly migrationLock: {
    readonly begin: readonly string[];
    readonly commit: string;
    readonly rollback: string;
  };
  /** Statements that return the `name` of each column of a table, and of each of its indexes that is complete. */
  readonly catalog: {
    readonly columns: (table: CatalogTable) => string;
    readonly indexes: (table: CatalogTable) => string;
  };
  /** Where building an index on a table with rows would keep others from writing: how to build it while they write. */
  readonly onlineIndexes: OnlineIndexes | null;
  /** The settings that every connection must have; `null` if none can break a rule. */
  readonly session: SessionCheck | null;
}

/** A table by its name, its schema (`null`: the connection's) and its quoted name. */
export interface CatalogTable {
  readonly name: string;
  readonly schema: string | null;
  readonly quoted: string;
}

export interface OnlineIndexes {
  /** Between `create index` and the name. Such a statement cannot be in a transaction. */
  readonly keyword: string;
  /** Returns `is_locked`: 1 if this connection has the lock. It must not wait: an index waits for statements that do. */
  readonly tryLock: string;
  readonly unlock: string;
}

export interface WritingCtes {
  readonly jsonRows: (json: string, table: string) => string;
}
