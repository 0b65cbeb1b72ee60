// The steps of a commit: one ordered list of what is written, each step with its SQL. `commits.ts` runs the list.
import type { Row } from './database.js';
import type { WritingCtes } from './dialect.js';
import type { SqlNames } from './names.js';
import type { Bind } from './statement.js';
import type { Table } from './table.js';
import { columnsOf, tables, type TableName } from './tables.js';
import { INSERT_ORDER, UPDATE_ORDER, type Guard, type Writes } from './writes.js';

export interface WriteStep {
  readonly table: TableName;
  /** A guard locks its row and returns it, if the row has the expected version. Every other step writes. */
  readonly isGuard?: true;
  /** Steps of the same shape have the same SQL. */
  readonly shape: string;
  /** The values that the SQL binds. */
  readonly rows: readonly Row[];
  /** `also` ends the `where` clause: it is empty, or conditions that begin with `and`. */
  readonly sql: (bind: BindRows, also: string) => string;
}

type BindRows = Bind<readonly Row[]>;

/**
 * Guards first, then updates, deletions and insertions: a unique key that one row gives up is free before another row
 * takes it, and a row is inserted after the rows that it references.
 */
export function writeSteps(names: SqlNames): (writes: Writes) => readonly WriteStep[] {
  const { writingCtes } = names.dialect;
  const json = writingCtes === null ? null : jsonSteps(names, writingCtes);
  const { guard, update, remove, insert } = rowSteps(names);
  return ({ guards, updates, deletedMembers, deletedWorkspaces, inserts }) => [
    ...guards.map(guard),
    ...UPDATE_ORDER.flatMap((name) =>
      name === 'invitations' && json !== null && updates[name].length > 1
        ? [json.updateInvitations(updates[name])]
        : updates[name].map((row) => update(name, row)),
    ),
    ...deletedMembers.map((key) => remove('members', key)),
    ...deletedWorkspaces.flatMap((id) => [
      remove('members', { workspace_id: id }),
      remove('departures', { workspace_id: id }),
      remove('invitations', { workspace_id: id }),
      remove('workspaces', { id }),
      update('workspace_ids', { id, deleted: 1 }),
      // As `forget` of the quota, which the service calls next, and which a crash may prevent. On another database there
      // are no such rows.
      update('quota_ledgers', { workspace_id: id, gone: 1 }),
      ...QUOTA_ROWS.map((name) => remove(name, { workspace_id: id })),
    ]),
    ...INSERT_ORDER.filter((name) => inserts[name].length > 0).flatMap((name) =>
      json === null
        ? batchesOf(inserts[name]).map((rows) => insert(name, rows))
        : [json.insert(name, inserts[name])],
    ),
  ];
}

function rowSteps({ dialect: { rowLocks }, table, quoted }: SqlNames) {
  const equals = (bind: BindRows, columns: readonly string[]): string[] =>
    columns.map((column) => `${quoted(column)} = ${bind(([row]) => row?.[column])}`);
  const where = (bind: BindRows, columns: readonly string[]): string =>
    `where ${equals(bind, columns).join(' and ')}`;
  return {
    guard: ({ table: name, id, version, isWritten }: Guard): WriteStep => {
      const key = name === 'workspaces' ? 'id' : 'user_id';
      return {
        table: name,
        isGuard: true,
        shape: `${isWritten ? 'lock' : 'share'} ${name}`,
        rows: [{ [key]: id, version }],
        sql: (bind, also) => {
          const expected = `${where(bind, [key, 'version'])}${also}`;
          // Without row locks, a write that changes nothing locks the whole database.
          if (rowLocks === null) {
            return `update ${table(name)} set version = version ${expected} returning 1 as found`;
          }
          const lock = isWritten ? rowLocks.forWriting : rowLocks.forReading;
          return `select 1 as found from ${table(name)} ${expected}${lock}`;
        },
      };
    },
    /** Sets every column that is not part of the primary key. */
    update: (name: TableName, row: Row): WriteStep => ({
      table: name,
      shape: `update ${name}`,
      rows: [row],
      sql: (bind, also) => {
        const { key, others } = keysOf(name);
        return `update ${table(name)} set ${equals(bind, others).join(', ')} ${where(bind, key)}${also}`;
      },
    }),
    /** Deletes the rows that have the values of `key`. */
    remove: (name: TableName, key: Row): WriteStep => ({
      table: name,
      shape: `delete ${name} by ${Object.keys(key).join()}`,
      rows: [key],
      sql: (bind, also) => `delete from ${table(name)} ${where(bind, Object.keys(key))}${also}`,
    }),
    insert: (name: TableName, rows: readonly Row[]): WriteStep => ({
      table: name,
      shape: `insert ${rows.length} ${name}`,
      rows,
      sql: (bind) => {
        const columns = columnsOf(name);
        const tuples = [...rows.keys()].map(
          (index) => `(${columns.map((column) => bind((all) => all[index]?.[column])).join(', ')})`,
        );
        return `insert into ${table(name)} (${columns.map(quoted).join(', ')}) values ${tuples.join(', ')}`;
      },
    }),
  };
}

/** Any number of rows, bound as one JSON value: so their number is not part of the shape. */
function jsonSteps({ dialect, table, quoted, columns }: SqlNames, { jsonRows }: WritingCtes) {
  const from = (bind: BindRows, name: TableName): string => {
    const typed = Object.entries<Table['columns'][string]>(tables[name].columns).map(
      ([column, type]) => `${quoted(column)} ${dialect.columnType(type)}`,
    );
    return `from ${jsonRows(
      bind((rows) => JSON.stringify(rows)),
      `r(${typed.join(', ')})`,
    )}`;
  };
  return {
    updateInvitations: (rows: readonly Row[]): WriteStep => {
      const name = 'invitations';
      // As all that the service writes in one commit.
      const isOneWorkspace = rows.every((row) => row['workspace_id'] === rows[0]?.['workspace_id']);
      return {
        table: name,
        shape: `update many ${name}${isOneWorkspace ? ' of one workspace' : ''}`,
        rows,
        sql: (bind, also) => {
          const { key, others } = keysOf(name);
          const set = others.map((column) => `${quoted(column)} = r.${quoted(column)}`);
          const where = key.map((column) => `t.${quoted(column)} = r.${quoted(column)}`);
          // Repeated as a single value, so that the planner never considers reading all workspaces.
          if (isOneWorkspace) where.push(`t.workspace_id = ${bind(([row]) => row?.['workspace_id'])}`);
          return `update ${table(name)} t set ${set.join(', ')} ${from(bind, name)} where ${where.join(' and ')}${also}`;
        },
      };
    },
    insert: (name: TableName, rows: readonly Row[]): WriteStep => ({
      table: name,
      shape: `insert ${name}`,
      rows,
      sql: (bind, also) =>
        `insert into ${table(name)} (${columnsOf(name).map(quoted).join(', ')})` +
        ` select ${columns(name, 'r').join(', ')} ${from(bind, name)} where true${also}`,
    }),
  };
}

function keysOf(name: TableName): { readonly key: readonly string[]; readonly others: readonly string[] } {
  const { primaryKey }: Table = tables[name];
  return { key: primaryKey, others: columnsOf(name).filter((column) => !primaryKey.includes(column)) };
}

/** Batches of 16 rows, then single rows: two statements for each table, however many rows there are. */
function batchesOf(rows: readonly Row[]): (readonly Row[])[] {
  const batches: (readonly Row[])[] = [];
  let index = 0;
  for (; index + BATCH <= rows.length; index += BATCH) batches.push(rows.slice(index, index + BATCH));
  for (; index < rows.length; index++) batches.push(rows.slice(index, index + 1));
  return batches;
}

const BATCH = 16;

/** In the order in which they can be deleted. */
const QUOTA_ROWS = ['quota_amounts', 'quota_charges', 'quota_resources'] as const;
