// What the tables of a database lack: whole tables, columns and indexes.
import { columnOf, indexOf, tableStatements } from './schema.js';
import type { SqlNames } from './names.js';
import type { Table } from './table.js';
import { TABLE_NAMES, tables, type TableName } from './tables.js';

/** Returns the names that a statement of the catalog selects. */
export type NamesIn = (statement: string) => Promise<ReadonlySet<string>>;

/** What to do about what is missing. */
export interface Missing {
  /** Quick also on large tables, apart from the indexes of databases that have no other way to build them. */
  readonly statements: readonly string[];
  /** Indexes on tables with rows that are built while others write, outside of a transaction. */
  readonly online: readonly string[];
}

/** Compares the database with the tables of this version. */
export async function missingIn(names: SqlNames, namesIn: NamesIn): Promise<Missing> {
  const statements: string[] = [];
  const online: string[] = [];
  for (const table of TABLE_NAMES) {
    const columns = await namesIn(names.dialect.catalog.columns(names.catalogued(table)));
    if (columns.size === 0) statements.push(...tableStatements(names, table));
    else {
      statements.push(...missingColumns(names, table, columns));
      const indexes = await namesIn(names.dialect.catalog.indexes(names.catalogued(table)));
      (names.dialect.onlineIndexes ? online : statements).push(...missingIndexes(names, table, indexes));
    }
  }
  return { statements, online };
}

function missingColumns(names: SqlNames, table: TableName, existing: ReadonlySet<string>): string[] {
  const { columns }: Table = tables[table];
  return Object.entries(columns)
    .filter(([column]) => !existing.has(column))
    .map(
      ([column, type]) =>
        `alter table ${names.table(table)} add column ${names.quoted(column)} ${columnOf(names, type)}`,
    );
}

function missingIndexes(names: SqlNames, table: TableName, existing: ReadonlySet<string>): string[] {
  const { keyName, dialect, qualified } = names;
  const { indexes = {} }: Table = tables[table];
  return Object.keys(indexes).flatMap((key) => {
    const name = keyName(table, key);
    if (existing.has(name.slice(1, -1))) return [];
    const on = indexOf(names, table, key);
    if (dialect.onlineIndexes === null) return `create index ${on}`;
    const { keyword } = dialect.onlineIndexes;
    // What a build that broke off has left would stay unused.
    return [`drop index ${keyword} if exists ${qualified(name)}`, `create index ${keyword} ${on}`];
  });
}
