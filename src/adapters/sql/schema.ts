// The tables as DDL, for the first migration and for printing.
import { namesOf, type SqlNames, type SqlTables } from './names.js';
import type { Column, Table } from './table.js';
import { TABLE_NAMES, tables, type TableName } from './tables.js';

/**
 * The tables as SQL, for apps that do not run migrations from code: statements that end in semicolons, in executable
 * order. A statement has no effect if its table or index exists.
 *
 * @throws TypeError when the dialect is unknown or a name is invalid.
 *
 * @example
 * ```ts
 * import { printSchema } from 'tenantry/sql';
 *
 * printSchema({ dialect: 'postgres', schema: 'app' }).startsWith('create table if not exists "app"'); // true
 * ```
 */
export function printSchema(options: SqlTables): string {
  return `${createStatements(options).join(';\n\n')};\n`;
}

/** The statements that create what is missing. */
function createStatements(options: SqlTables): string[] {
  const names = namesOf(options);
  return TABLE_NAMES.flatMap((table) => tableStatements(names, table));
}

/** The statements that create one table with its indexes. */
export function tableStatements(names: SqlNames, table: TableName): string[] {
  return [createTable(names, table), ...createIndexes(names, table), ...statisticsHints(names, table)];
}

function createTable(names: SqlNames, name: TableName): string {
  const { quoted, dialect } = names;
  const {
    columns,
    primaryKey,
    isClustered,
    unique = {},
    indexes = {},
    references = {},
    checks = {},
  }: Table = tables[name];
  const list = (keys: readonly string[]): string => `(${keys.map(quoted).join(', ')})`;
  const constraint = (key: string): string => `constraint ${names.keyName(name, key)}`;
  const lines = [
    ...Object.entries(columns).map(([column, type]) => `${quoted(column)} ${columnOf(names, type)}`),
    `primary key ${list(primaryKey)}`,
    ...Object.entries(unique).map(([key, keys]) => `${constraint(key)} unique ${list(keys)}`),
    ...Object.entries(dialect.indexesInTable ? indexes : {}).map(
      ([key, keys]) => `key ${names.keyName(name, key)} ${list(keys)}`,
    ),
    ...Object.entries(references).map(
      ([key, reference]) =>
        `${constraint(`${key}_fk`)} foreign key ${list(reference.columns)}` +
        ` references ${names.table(tableNamed(reference.to))} ${list(reference.key)}`,
    ),
    ...Object.entries(checks).map(([key, check]) => `${constraint(`${key}_check`)} check (${check})`),
  ];
  return `create table if not exists ${names.table(name)} (\n  ${lines.join(',\n  ')}\n)${dialect.tableOptions({ isClustered })}`;
}

/** The definition of a column, as `create table` and `add column` take it. */
export function columnOf({ dialect }: SqlNames, column: Column): string {
  const type = `${dialect.columnType(column)}${column.isNullable ? '' : ' not null'}`;
  if (column.default === undefined) return type;
  return `${type} default ${typeof column.default === 'number' ? column.default : `'${column.default}'`}`;
}

function tableNamed(name: string): TableName {
  const table = TABLE_NAMES.find((known) => known === name);
  if (table === undefined) throw new Error(`there is no table ${name}`);
  return table;
}

function createIndexes(names: SqlNames, name: TableName): string[] {
  if (names.dialect.indexesInTable) return [];
  const { indexes = {} }: Table = tables[name];
  return Object.keys(indexes).map((key) => `create index if not exists ${indexOf(names, name, key)}`);
}

/** The definition of an index, from its name on. */
export function indexOf({ dialect, quoted, keyName, table }: SqlNames, name: TableName, key: string): string {
  const { indexes = {}, sparse = [] }: Table = tables[name];
  const columns = (indexes[key] ?? []).map(quoted);
  const where =
    dialect.partialIndexes && sparse.includes(key) ? ` where ${columns[0] ?? ''} is not null` : '';
  return `${keyName(name, key)} on ${table(name)} (${columns.join(', ')})${where}`;
}

function statisticsHints({ dialect, quoted, table }: SqlNames, name: TableName): string[] {
  const { skewed = [] }: Table = tables[name];
  return skewed.flatMap((column) => dialect.statisticsHint?.(table(name), quoted(column)) ?? []);
}
