// What the tables are called in a database: a schema or none, and a prefix.
import { factsOf, type DialectFacts, type SqlDialect } from './dialects.js';
import { columnsOf, type TableName } from './tables.js';

/** Which tables of which database. */
export interface SqlTables {
  /** Which database it is. */
  readonly dialect: SqlDialect;
  /**
   * The schema that the tables lie in, on MariaDB and MySQL the database; it must be there already.
   * @default the one that the connection is set to
   */
  readonly schema?: string | undefined;
  /**
   * What the names of tables begin with: 1 to 30 of `a-z`, `0-9` and `_`, not a digit first.
   * @default 'tenantry_'
   */
  readonly prefix?: string | undefined;
}

/** The language of one set of tables: all that statements are written with. */
export interface SqlNames {
  readonly facts: DialectFacts;
  /** Tells sets of tables apart. */
  readonly key: string;
  readonly quoted: (name: string) => string;
  readonly table: (table: TableName) => string;
  /** The name of an index or a constraint: no schema stands before it. */
  readonly keyName: (table: TableName, key: string) => string;
  /** A table's columns, quoted, after an alias where one is given. */
  readonly columns: (table: TableName, alias?: string) => string[];
}

const NAME = /^[a-z_][a-z0-9_]{0,29}$/;

/** @throws TypeError when the dialect is unknown, or a name is none. */
export function namesOf({ dialect, schema, prefix = 'tenantry_' }: SqlTables): SqlNames {
  const facts = factsOf(dialect);
  if (!NAME.test(prefix)) throw new TypeError('tenantry/sql: prefix must be 1 to 30 of a-z, 0-9 and _');
  if (schema !== undefined && dialect === 'sqlite') {
    throw new TypeError('tenantry/sql: SQLite has no schemas; leave schema out');
  }
  if (schema !== undefined && !/^[^\0"`?]{1,63}$/u.test(schema)) {
    throw new TypeError(
      'tenantry/sql: schema must be a name of 1 to 63 characters, without quotes or question marks',
    );
  }
  const quoted = (name: string): string => `${facts.quote}${name}${facts.quote}`;
  const before = schema === undefined ? '' : `${quoted(schema)}.`;
  return {
    facts,
    key: JSON.stringify([dialect, schema, prefix]),
    quoted,
    table: (table) => before + quoted(prefix + table),
    keyName: (table, key) => quoted(`${prefix}${table}_${key}`),
    columns: (table, alias) =>
      columnsOf(table).map((column) => (alias === undefined ? quoted(column) : `${alias}.${quoted(column)}`)),
  };
}

/** What is written for one set of tables, once: not anew for each transaction of a host's. */
export function keptByNames<Written>(write: (names: SqlNames) => Written): (names: SqlNames) => Written {
  const kept = new Map<string, Written>();
  return (names) => {
    const written = kept.get(names.key) ?? write(names);
    kept.set(names.key, written);
    return written;
  };
}
