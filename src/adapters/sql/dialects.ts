// Where databases differ: every difference is a named fact here, and nowhere else is it asked which database it is.

/**
 * Which database it is. `postgres` is PostgreSQL and what speaks its language; `mariadb` and `mysql` differ in the
 * names of their collations alone.
 */
export type SqlDialect = 'sqlite' | 'postgres' | 'mariadb' | 'mysql';

/** What an error of a driver means, by its code. */
export type Failure =
  /** A unique key or a primary key stands in the way. */
  | 'duplicate'
  /** A deadlock or a serialization failure: nothing was done, and trying again at once may help. */
  | 'contention'
  /** Somebody else held a lock for longer than the database was set to wait: nothing was done. */
  | 'lock-timeout'
  | 'missing-table'
  /** Anything else: whether something was done is not known. */
  | 'outage';

/** A column's type, before it is a database's. */
export type ColumnType =
  /** Compared byte by byte; at most so many UTF-16 units. */
  | { readonly type: 'text'; readonly length: number }
  /** From -(2^53-1) to 2^53-1. */
  | { readonly type: 'whole' }
  /** A whole number of 10^-9 units, of any size. */
  | { readonly type: 'nano' }
  /** JSON text, never looked into. */
  | { readonly type: 'json' };

export interface DialectFacts {
  readonly quote: '"' | '`';
  /** The place of a value, counted from 1. */
  readonly placeholder: (number: number) => string;
  readonly columnType: (type: ColumnType) => string;
  /** After the closing parenthesis of a table. */
  readonly tableOptions: (table: { readonly isClustered: boolean }) => string;
  /** A statement by which the planner expects 100 rows of each value of a column; `null` where there is none. */
  readonly expectMany: ((table: string, column: string) => string) | null;
  /** Whether indexes are part of the table, where `create index` knows no `if not exists`. */
  readonly indexesInTable: boolean;
  /** A `null` that stands for a text, or a number, in a union. */
  readonly nullText: string;
  readonly nullWhole: string;
  /** Whether `(a, b) > (x, y)` is sought in an index. */
  readonly seeksRowValues: boolean;
  /** Before a column whose comparison must not choose the index: the order of the list does. */
  readonly notSought: string;
  /** Whether a `with` may hold inserts, updates and deletes: then a commit is one statement. */
  readonly hasWritingCtes: boolean;
  /** Behind an insert: a row of this key that is there already is set instead, and locked. Its row is given back, if it can be. */
  readonly onTaken: (taken: { readonly key: string; readonly set: string; readonly back: string }) => string;
  /** A `nano` column as text. */
  readonly nanoAsText: (column: string) => string;
  /**
   * Behind a select: the rows stay as they are until the transaction ends. `null` where rows cannot be locked, and
   * the first write of a transaction locks everything.
   */
  readonly rowLocks: { readonly forWriting: string; readonly forReading: string } | null;
  /**
   * What a transaction of the library's own runs in, `null` for the only one there is. Read committed: what is read after
   * a lock is what is there then, and a lock on what is not there keeps nobody from putting it there.
   */
  readonly isolation: 'read committed' | null;
  readonly failureOf: (error: object) => Failure;
  /** Whether one code stands for all that is wrong with a statement, a missing table among them. */
  readonly saysErrorAlike: boolean;
}

export function factsOf(dialect: SqlDialect): DialectFacts {
  const facts: DialectFacts | undefined = Object.hasOwn(dialects, dialect) ? dialects[dialect] : undefined;
  if (facts !== undefined) return facts;
  const known = Object.keys(dialects).join(', ');
  throw new TypeError(`tenantry/sql: the dialect is ${JSON.stringify(dialect)}, and must be one of ${known}`);
}

const sqlite: DialectFacts = {
  quote: '"',
  placeholder: () => '?',
  columnType: ({ type }) => (type === 'whole' ? 'integer' : 'text'),
  // strict: a column holds what its type says, as in every other database
  tableOptions: ({ isClustered }) => (isClustered ? ' strict, without rowid' : ' strict'),
  expectMany: null,
  indexesInTable: false,
  nullText: 'null',
  nullWhole: 'null',
  seeksRowValues: true,
  // https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
  notSought: '+',
  hasWritingCtes: false,
  onTaken: ({ key, set, back }) => `on conflict (${key}) do update set ${set} returning ${back}`,
  // 64 bits are too few: texts are kept, and the arithmetic is the caller's
  nanoAsText: (column) => column,
  rowLocks: null,
  isolation: null,
  failureOf: (error) => {
    const code = fieldOf(error, 'code');
    const number = ['errcode', 'rawCode', 'errno'].map((name) => fieldOf(error, name)).find(isNumber);
    if (typeof code === 'string' && Object.hasOwn(SQLITE_NAMES, code)) return SQLITE_NAMES[code] ?? 'outage';
    // SQLITE_BUSY_SNAPSHOT and the like; https://www.sqlite.org/rescode.html: the low byte is the primary code
    if (typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code)) return 'lock-timeout';
    if (number === undefined) return 'outage';
    if (number === 1555 || number === 2067) return 'duplicate';
    return (number & 0xff) === 5 || (number & 0xff) === 6 ? 'lock-timeout' : 'outage';
  },
  saysErrorAlike: true,
};

/** better-sqlite3, libsql and bun:sqlite name extended codes; node:sqlite and others give numbers. */
const SQLITE_NAMES: Readonly<Record<string, Failure>> = {
  SQLITE_CONSTRAINT_PRIMARYKEY: 'duplicate',
  SQLITE_CONSTRAINT_UNIQUE: 'duplicate',
};

const postgres: DialectFacts = {
  quote: '"',
  placeholder: (number) => `$${number}`,
  columnType: ({ type }) => POSTGRES_TYPES[type],
  tableOptions: () => '',
  // https://www.postgresql.org/docs/current/sql-altertable.html: it counts from the next ANALYZE on
  expectMany: (table, column) => `alter table ${table} alter column ${column} set (n_distinct = -0.01)`,
  indexesInTable: false,
  nullText: 'null::text',
  nullWhole: 'null::bigint',
  seeksRowValues: true,
  notSought: '',
  hasWritingCtes: true,
  onTaken: ({ key, set, back }) => `on conflict (${key}) do update set ${set} returning ${back}`,
  // a host's own type parser may make floats of numerics
  nanoAsText: (column) => `${column}::text`,
  // weaker than `for update`: whoever only refers to the row need not wait
  rowLocks: { forWriting: ' for no key update', forReading: ' for share' },
  isolation: 'read committed',
  failureOf: (error) => {
    const code = fieldOf(error, 'code');
    return typeof code === 'string' && Object.hasOwn(SQLSTATES, code)
      ? (SQLSTATES[code] ?? 'outage')
      : 'outage';
  },
  saysErrorAlike: false,
};

/** Collation "C" compares bytes, whatever the database's default is. */
const POSTGRES_TYPES: Readonly<Record<ColumnType['type'], string>> = {
  text: 'text collate "C"',
  whole: 'bigint',
  nano: 'numeric',
  json: 'text',
};

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SQLSTATES: Readonly<Record<string, Failure>> = {
  '23505': 'duplicate', // unique_violation
  '40001': 'contention', // serialization_failure
  '40P01': 'contention', // deadlock_detected
  '55P03': 'lock-timeout', // lock_not_available
  '42P01': 'missing-table', // undefined_table
  '3F000': 'missing-table', // invalid_schema_name
};

const mysqlWith = (collation: string): DialectFacts => ({
  quote: '`',
  placeholder: () => '?',
  columnType: (column) => {
    if (column.type === 'whole') return 'bigint';
    const text =
      column.type === 'json' ? 'mediumtext' : `varchar(${column.type === 'text' ? column.length : 65})`;
    return `${text} character set utf8mb4 collate ${collation}`;
  },
  tableOptions: () => ' engine = InnoDB',
  expectMany: null,
  indexesInTable: true,
  nullText: 'null',
  nullWhole: 'null',
  seeksRowValues: false,
  notSought: '',
  hasWritingCtes: false,
  // MySQL gives no rows back
  onTaken: ({ set }) => `on duplicate key update ${set}`,
  // `decimal` would do, but a driver may be set to make floats of it
  nanoAsText: (column) => column,
  rowLocks: { forWriting: ' for update', forReading: ' lock in share mode' },
  isolation: 'read committed',
  failureOf: (error) => {
    const errno = fieldOf(error, 'errno');
    return isNumber(errno) ? (MYSQL_ERRORS.get(errno) ?? 'outage') : 'outage';
  },
  saysErrorAlike: false,
});

/** https://mariadb.com/docs/server/reference/error-codes */
const MYSQL_ERRORS: ReadonlyMap<number, Failure> = new Map([
  [1062, 'duplicate'], // ER_DUP_ENTRY
  [1020, 'contention'], // ER_CHECKREAD, of innodb_snapshot_isolation
  [1205, 'lock-timeout'], // ER_LOCK_WAIT_TIMEOUT
  [1213, 'contention'], // ER_LOCK_DEADLOCK
  [1146, 'missing-table'], // ER_NO_SUCH_TABLE
]);

// Without padding: with it, 'mark' and 'mark ' are one (the rule of PAD SPACE collations).
const dialects: Readonly<Record<SqlDialect, DialectFacts>> = {
  sqlite,
  postgres,
  mariadb: mysqlWith('utf8mb4_nopad_bin'),
  mysql: mysqlWith('utf8mb4_0900_bin'),
};

function fieldOf(error: object, name: string): unknown {
  const value: unknown = Reflect.get(error, name);
  return value;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
