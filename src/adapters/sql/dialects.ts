// The differences between databases, each with a name. No other file checks which database it is; a new dialect is one
// entry here.
import type { CatalogTable, ColumnType, Dialect, Failure, SqlDialect } from './dialect.js';
import { HexText } from './hex-text.js';
import { mysqlSession, sqliteSession } from './sessions.js';

export function dialectOf(name: SqlDialect): Dialect {
  return dialects[sqlDialect(name)];
}

/** @throws TypeError when there is no such dialect. */
export function sqlDialect(name: unknown): SqlDialect {
  const found = sqlDialects().find((known) => known === name);
  if (found !== undefined) return found;
  const known = sqlDialects().join(', ');
  throw new TypeError(`tenantry/sql: the dialect is ${JSON.stringify(name)}, and must be one of ${known}`);
}

export function sqlDialects(): readonly SqlDialect[] {
  return Object.keys(dialects).filter((name): name is SqlDialect => name in dialects);
}

const sqlite: Dialect = {
  quote: '"',
  placeholder: () => '?',
  columnType: ({ type }) => (type === 'whole' ? 'integer' : 'text'),
  // strict: a column only takes values of its type, as in every other database
  tableOptions: ({ isClustered }) => (isClustered ? ' strict, without rowid' : ' strict'),
  statisticsHint: null,
  partialIndexes: true,
  indexesInTable: false,
  nullText: 'null',
  nullWhole: 'null',
  seeksRowValues: true,
  // https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
  indexHintPrefix: '+',
  writingCtes: null,
  upsertClause: ({ key, set, back }) => `on conflict (${key}) do update set ${set} returning ${back}`,
  // stored as text, because 64 bits are too few; the caller calculates
  nanoAsText: (column) => column,
  rowLocks: null,
  isolation: null,
  // without `begin immediate`, a transaction that has read keeps its snapshot
  latestReads: 'by writing',
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
  hintOf: () => null,
  genericErrorProbe: 'select 1 from sqlite_schema limit 0',
  hasSchemas: false,
  savepointOutside: 'begins a transaction',
  parameterOf: (value) => value,
  // waits for up to `busy_timeout`
  migrationLock: { begin: ['begin immediate'], commit: 'commit', rollback: 'rollback' },
  catalog: {
    columns: ({ name }) => `select name from pragma_table_info('${name}')`,
    indexes: ({ name }) => `select name from pragma_index_list('${name}')`,
  },
  onlineIndexes: null,
  session: sqliteSession,
};

/** better-sqlite3, libsql and bun:sqlite report extended codes by name; node:sqlite and others by number. */
const SQLITE_NAMES: Readonly<Record<string, Failure>> = {
  SQLITE_CONSTRAINT_PRIMARYKEY: 'duplicate',
  SQLITE_CONSTRAINT_UNIQUE: 'duplicate',
};

const postgres: Dialect = {
  quote: '"',
  placeholder: (number) => `$${number}`,
  columnType: ({ type }) => POSTGRES_TYPES[type],
  tableOptions: () => '',
  // https://www.postgresql.org/docs/current/sql-altertable.html: takes effect at the next ANALYZE
  statisticsHint: (table, column) => `alter table ${table} alter column ${column} set (n_distinct = -0.01)`,
  partialIndexes: true,
  indexesInTable: false,
  nullText: 'null::text',
  nullWhole: 'null::bigint',
  seeksRowValues: true,
  indexHintPrefix: '',
  writingCtes: {
    jsonRows: (json, table) => `json_to_recordset(cast(cast(${json} as text) as json)) as ${table}`,
  },
  upsertClause: ({ key, set, back }) => `on conflict (${key}) do update set ${set} returning ${back}`,
  // the host application's type parser may turn numerics into floats
  nanoAsText: (column) => `${column}::text`,
  // weaker than `for update`: transactions that only reference the row do not wait
  rowLocks: {
    forWriting: ' for no key update',
    forReading: ' for share',
    forReadingOf: (alias) => ` for share of ${alias}`,
  },
  isolation: 'read committed',
  latestReads: 'by level',
  failureOf: (error) => {
    const code = fieldOf(error, 'code');
    return typeof code === 'string' && Object.hasOwn(SQLSTATES, code)
      ? (SQLSTATES[code] ?? 'outage')
      : 'outage';
  },
  hintOf: (error) => {
    const code = fieldOf(error, 'code');
    return typeof code === 'string' ? (POSTGRES_HINTS.get(code) ?? null) : null;
  },
  genericErrorProbe: null,
  hasSchemas: true,
  savepointOutside: 'fails',
  parameterOf: (value) => value,
  migrationLock: {
    // the key is any number that other programs do not use
    begin: ['begin isolation level read committed', 'select pg_advisory_xact_lock(1952804449)'],
    commit: 'commit',
    rollback: 'rollback',
  },
  catalog: {
    columns: ({ quoted }) =>
      `select attname as name from pg_attribute where attrelid = to_regclass(${literal(quoted)}) and attnum > 0 and not attisdropped`,
    indexes: ({ quoted }) =>
      `select relname as name from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = to_regclass(${literal(quoted)}) and indisvalid`,
  },
  onlineIndexes: {
    keyword: 'concurrently',
    tryLock: 'select cast(pg_try_advisory_lock(1952804450) as int) as is_locked',
    unlock: 'select pg_advisory_unlock(1952804450)',
  },
  session: null,
};

/** For names, which contain no backslash that MySQL would take for an escape. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Collation "C" compares bytes, independent of the database's default. */
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

const REPLICA =
  'the database accepts no writes. If this pool is connected to a replica, connect it to the primary: decisions are never read from a replica';

const POOLER =
  'a transaction pooler between the app and PostgreSQL does not keep prepared statements. Pass the pool without preparedPool, or set max_prepared_statements in PgBouncer 1.21 or newer';

const POSTGRES_HINTS: ReadonlyMap<string, string> = new Map([
  ['25006', REPLICA], // read_only_sql_transaction
  ['26000', POOLER], // invalid_sql_statement_name
  ['42P05', POOLER], // duplicate_prepared_statement
]);

const mysqlWith = (collation: string): Dialect => ({
  quote: '`',
  placeholder: () => '?',
  columnType: (column) => {
    if (column.type === 'whole') return 'bigint';
    const text =
      column.type === 'json' ? 'mediumtext' : `varchar(${column.type === 'text' ? column.length : 65})`;
    return `${text} character set utf8mb4 collate ${collation}`;
  },
  tableOptions: () => ' engine = InnoDB',
  statisticsHint: null,
  partialIndexes: false,
  indexesInTable: true,
  nullText: 'null',
  nullWhole: 'null',
  seeksRowValues: false,
  indexHintPrefix: '',
  writingCtes: null,
  // MySQL has no `returning`
  upsertClause: ({ set }) => `on duplicate key update ${set}`,
  // stored as text, because a driver may be configured to return a `decimal` as a float
  nanoAsText: (column) => column,
  rowLocks: {
    forWriting: ' for update',
    forReading: ' lock in share mode',
    // MariaDB has no `of`. A locking read locks no rows of a subquery:
    // https://dev.mysql.com/doc/refman/8.4/en/innodb-locking-reads.html
    forReadingOf: () => ' lock in share mode',
  },
  isolation: 'read committed',
  // the level of a single transaction is not visible to its statements
  latestReads: 'by locks',
  failureOf: (error) => {
    const errno = fieldOf(error, 'errno');
    return isNumber(errno) ? (MYSQL_ERRORS.get(errno) ?? 'outage') : 'outage';
  },
  hintOf: (error) => (READ_ONLY.has(fieldOf(error, 'errno')) ? REPLICA : null),
  genericErrorProbe: null,
  hasSchemas: true,
  savepointOutside: 'is lost',
  parameterOf: (value) => (typeof value === 'string' ? new HexText(value) : value),
  migrationLock: {
    begin: [`select get_lock('tenantry_migrations', ${MIGRATION_WAIT_SECONDS}) as is_locked`],
    commit: RELEASE_MIGRATIONS,
    rollback: RELEASE_MIGRATIONS,
  },
  catalog: {
    columns: (table) =>
      `select column_name as name from information_schema.columns where ${inCatalog(table)}`,
    indexes: (table) =>
      `select distinct index_name as name from information_schema.statistics where ${inCatalog(table)}`,
  },
  // builds indexes while others write, by default
  onlineIndexes: null,
  session: mysqlSession,
});

function inCatalog({ schema, name }: CatalogTable): string {
  const database = schema === null ? 'database()' : literal(schema);
  return `table_schema = ${database} and table_name = ${literal(name)}`;
}

const MIGRATION_WAIT_SECONDS = 60;
const RELEASE_MIGRATIONS = "select release_lock('tenantry_migrations')";

/** https://mariadb.com/docs/server/reference/error-codes */
const MYSQL_ERRORS: ReadonlyMap<number, Failure> = new Map([
  [1062, 'duplicate'], // ER_DUP_ENTRY
  [1020, 'contention'], // ER_CHECKREAD, of innodb_snapshot_isolation
  [1205, 'lock-timeout'], // ER_LOCK_WAIT_TIMEOUT
  [1213, 'contention'], // ER_LOCK_DEADLOCK
  [1146, 'missing-table'], // ER_NO_SUCH_TABLE
]);

/** ER_OPTION_PREVENTS_STATEMENT (read_only), ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE */
const READ_ONLY: ReadonlySet<unknown> = new Set([1290, 1792, 1836]);

// Collations without padding: PAD SPACE collations treat 'mark' and 'mark ' as equal.
const dialects: Readonly<Record<SqlDialect, Dialect>> = {
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
