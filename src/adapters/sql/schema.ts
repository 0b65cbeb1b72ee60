// The tables as DDL: what the first migration runs, and what is printed for those who run it themselves.
import { namesOf, type SqlNames, type SqlTables } from './names.js';
import { TABLE_NAMES, tables, type Column, type Table, type TableName } from './tables.js';

/**
 * The tables as SQL text, for those who run no migrations from code: statements that end in semicolons, in an order in
 * which they can be run, each of which does nothing where its table or index is there already.
 *
 * @throws TypeError when the dialect is unknown or a name is none.
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

/** The statements that make what is not there. */
export function createStatements(options: SqlTables): string[] {
  const names = namesOf(options);
  return TABLE_NAMES.flatMap((table) => [
    createTable(names, table),
    ...createIndexes(names, table),
    ...expectMany(names, table),
  ]);
}

/** The statements that drop everything, in an order in which they can be run. */
export function dropStatements(options: SqlTables): string[] {
  const names = namesOf(options);
  return [...TABLE_NAMES].reverse().map((table) => `drop table ${names.table(table)}`);
}

function createTable(names: SqlNames, name: TableName): string {
  const { quoted, facts } = names;
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
    ...Object.entries(facts.indexesInTable ? indexes : {}).map(
      ([key, keys]) => `key ${names.keyName(name, key)} ${list(keys)}`,
    ),
    ...Object.entries(references).map(
      ([key, reference]) =>
        `${constraint(`${key}_fk`)} foreign key ${list(reference.columns)}` +
        ` references ${names.table(tableNamed(reference.to))} ${list(reference.key)}`,
    ),
    ...Object.entries(checks).map(([key, check]) => `${constraint(`${key}_check`)} check (${check})`),
  ];
  return `create table if not exists ${names.table(name)} (\n  ${lines.join(',\n  ')}\n)${facts.tableOptions({ isClustered })}`;
}

function columnOf({ facts }: SqlNames, column: Column): string {
  return `${facts.columnType(column)}${column.isNullable ? '' : ' not null'}`;
}

function tableNamed(name: string): TableName {
  const table = TABLE_NAMES.find((known) => known === name);
  if (table === undefined) throw new Error(`there is no table ${name}`);
  return table;
}

function createIndexes({ facts, quoted, keyName, table }: SqlNames, name: TableName): string[] {
  if (facts.indexesInTable) return [];
  const { indexes = {} }: Table = tables[name];
  return Object.entries(indexes).map(([key, keys]) => {
    const columns = keys.map(quoted).join(', ');
    return `create index if not exists ${keyName(name, key)} on ${table(name)} (${columns})`;
  });
}

function expectMany({ facts, quoted, table }: SqlNames, name: TableName): string[] {
  const { skewed = [] }: Table = tables[name];
  return skewed.flatMap((column) => facts.expectMany?.(table(name), quoted(column)) ?? []);
}
