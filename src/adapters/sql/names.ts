// The names of the tables in a database: an optional schema and a prefix.
import type { CatalogTable, Dialect, SqlDialect } from './dialect.js';
import { dialectOf } from './dialects.js';
import { RecentlyUsed } from './recently-used.js';
import { columnsOf, type TableName } from './tables.js';

/** Which tables of which database. */
export interface SqlTables {
  /** The kind of database. */
  readonly dialect: SqlDialect;
  /**
   * The existing schema of the tables; on MariaDB and MySQL, the database.
   * @default the one that the connection uses
   */
  readonly schema?: string | undefined;
  /**
   * The prefix of the tables' names: 1 to 30 of `a-z`, `0-9` and `_`, not starting with a digit.
   * @default 'tenantry_'
   */
  readonly prefix?: string | undefined;
  /**
   * `transaction`: on `postgres`, a commit or a reservation is a transaction of short statements, as on the other dialects.
   * For databases that accept PostgreSQL's protocol and SQL, except statements that write in several `with` queries.
   * @default one statement on PostgreSQL
   */
  readonly commitBy?: 'transaction' | undefined;
}

/** What statements on one set of tables are written with. */
export interface SqlNames {
  readonly dialect: Dialect;
  /** Identifies the set of tables. */
  readonly key: string;
  readonly quoted: (name: string) => string;
  readonly table: (table: TableName) => string;
  /** The table of the applied migrations. */
  readonly migrations: string;
  /** The name of an index or a constraint, which no schema qualifies. */
  readonly keyName: (table: TableName, key: string) => string;
  /** A quoted name with the schema of the tables, if there is one. */
  readonly qualified: (quotedName: string) => string;
  /** A table as the database's catalog names it. */
  readonly catalogued: (table: TableName) => CatalogTable;
  /** A table's columns, quoted, after an alias where one is given. */
  readonly columns: (table: TableName, alias?: string) => string[];
}

const NAME = /^[a-z_][a-z0-9_]{0,29}$/;

/** @throws TypeError when the dialect is unknown, or a name is invalid. */
export function namesOf({ dialect: name, schema, prefix = 'tenantry_', commitBy }: SqlTables): SqlNames {
  if (![undefined, 'transaction'].includes(commitBy)) {
    throw new TypeError("tenantry/sql: `commitBy` must be 'transaction', or left out");
  }
  const known = dialectOf(name);
  const dialect = commitBy === undefined ? known : { ...known, writingCtes: null };
  if (!NAME.test(prefix))
    throw new TypeError(
      'tenantry/sql: `prefix` must be 1 to 30 of a-z, 0-9 and _, and must not start with a digit',
    );
  if (schema !== undefined && !dialect.hasSchemas) {
    throw new TypeError(`tenantry/sql: the dialect '${name}' has no schemas; leave \`schema\` out`);
  }
  if (schema !== undefined && !/^[^\0"`?]{1,63}$/u.test(schema)) {
    throw new TypeError(
      'tenantry/sql: `schema` must be a name of 1 to 63 characters, without quotes or question marks',
    );
  }
  const quoted = (name: string): string => `${dialect.quote}${name}${dialect.quote}`;
  const before = schema === undefined ? '' : `${quoted(schema)}.`;
  return {
    dialect,
    key: JSON.stringify([name, schema, prefix, commitBy]),
    quoted,
    table: (table) => before + quoted(prefix + table),
    migrations: before + quoted(`${prefix}migrations`),
    keyName: (table, key) => quoted(`${prefix}${table}_${key}`),
    qualified: (quotedName) => before + quotedName,
    catalogued: (table) => ({
      name: prefix + table,
      schema: schema ?? null,
      quoted: before + quoted(prefix + table),
    }),
    columns: (table, alias) =>
      columnsOf(table).map((column) => (alias === undefined ? quoted(column) : `${alias}.${quoted(column)}`)),
  };
}

/**
 * Writes the statements for a set of tables once, not for each adapter: apps create one for each transaction. A set that
 * was not used for long is written again.
 */
export function keptByNames<Written>(write: (names: SqlNames) => Written): (names: SqlNames) => Written {
  const kept = new RecentlyUsed<Written>(MAX_SETS);
  return (names) => {
    const written = kept.get(names.key) ?? write(names);
    kept.set(names.key, written);
    return written;
  };
}

/** A set takes up to 84 kB. */
const MAX_SETS = 50;
