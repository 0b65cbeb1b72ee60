// A commit as one statement, for databases whose `with` may write: one round trip, and no transaction to begin or end.
import type { Row } from './database.js';
import type { SqlNames } from './names.js';
import { statement, type Bind, type Statement } from './statement.js';
import { columnsOf, tables, type Table, type TableName } from './tables.js';
import { INSERT_ORDER, UPDATE_ORDER, type Writes } from './writes.js';

/** Commits of one shape are made by one statement. Inserted rows are one value each table, so their number is no shape. */
export function shapeOfWrites({
  guards,
  updates,
  deletedMembers,
  deletedWorkspaces,
  inserts,
}: Writes): string {
  return [
    ...guards.map(({ table, isWritten }) => `${table[0] ?? ''}${isWritten ? '!' : '?'}`),
    ...UPDATE_ORDER.map((table) =>
      table === 'invitations' ? manyOf(updates[table]) : updates[table].length,
    ),
    ...updates.members.map(({ owner_mark }) => (owner_mark === null ? '-' : '+')),
    deletedMembers.length,
    deletedWorkspaces.length,
    ...INSERT_ORDER.map((table) => (inserts[table].length > 0 ? 1 : 0)),
  ].join();
}

/**
 * Guards first: each locks its row if the version is the expected one, and only if the guard before it did. A row that
 * somebody else is changing is waited for and then compared anew (PostgreSQL 13.2.1, Read Committed). Everything else
 * happens only if the last guard stood. All parts see the database as it was when the statement began, and the order in
 * which they run is not defined, so what must come first is counted by what comes after it.
 */
export function commitStatement(names: SqlNames, shape: Writes): Statement<Writes> {
  const { table, quoted, facts } = names;
  return statement<Writes>(facts, (bind) => {
    const parts: string[] = [];
    let last: string | null = null;
    for (const [place, guard] of shape.guards.entries()) {
      const key = guard.table === 'workspaces' ? 'id' : 'user_id';
      const lock = guard.isWritten ? facts.rowLocks?.forWriting : facts.rowLocks?.forReading;
      const where = [
        `${key} = ${bind(({ guards }) => guards[place]?.id)}`,
        `version = ${bind(({ guards }) => guards[place]?.version)}`,
        ...(last === null ? [] : [`exists (select 1 from ${last})`]),
      ];
      parts.push(
        `guard${place} as (select 1 as stood from ${table(guard.table)} where ${where.join(' and ')}${lock ?? ''})`,
      );
      last = `guard${place}`;
    }
    parts.push(`go as materialized (select 1 as stood${last === null ? '' : ` from ${last}`})`);
    const allowed = 'exists (select 1 from go)';

    let before: string[] = [];
    const write = (name: string, sql: string): void => {
      parts.push(
        `${name} as (${sql}${before.map((part) => ` and (select count(*) from ${part}) >= 0`).join('')} returning 1)`,
      );
    };
    for (const name of UPDATE_ORDER) {
      before = [];
      if (name === 'invitations' && shape.updates[name].length > 1) {
        write(`${name}_update0`, updateMany(names, shape, bind));
        continue;
      }
      for (const place of shape.updates[name].keys()) {
        const part = `${name}_update${place}`;
        write(
          part,
          updateRow(names, name, bind, (writes) => writes.updates[name][place]),
        );
        // One place in a unique key can pass from one member to the next.
        if (name === 'members') before = [part];
      }
    }
    before = [];
    for (const place of shape.deletedMembers.keys()) {
      const row = ({ deletedMembers }: Writes) => deletedMembers[place];
      write(
        `members_delete${place}`,
        `delete from ${table('members')} where workspace_id = ${bind((writes) => row(writes)?.['workspace_id'])}` +
          ` and user_id = ${bind((writes) => row(writes)?.['user_id'])} and ${allowed}`,
      );
    }
    for (const place of shape.deletedWorkspaces.keys()) {
      const id = bind(({ deletedWorkspaces }) => deletedWorkspaces[place]);
      for (const name of ['members', 'invitations'] as const) {
        write(
          `${name}_empty${place}`,
          `delete from ${table(name)} where workspace_id = ${id} and ${allowed}`,
        );
      }
      write(
        `workspaces_delete${place}`,
        `delete from ${table('workspaces')} where id = ${id} and ${allowed}`,
      );
      write(
        `tombstone${place}`,
        `update ${table('workspace_ids')} set deleted = 1 where id = ${id} and ${allowed}`,
      );
    }
    for (const name of INSERT_ORDER) {
      if (shape.inserts[name].length === 0) continue;
      // A recipient, a place of the owner or a name may be freed in the same commit.
      before = UPDATE_ORDER.filter((updated) => updated === name).flatMap((updated) =>
        (updated === 'invitations' ? shape.updates[updated].slice(0, 1) : shape.updates[updated]).map(
          (_row, place) => `${updated}_update${place}`,
        ),
      );
      const rows = bind(({ inserts }) => JSON.stringify(inserts[name]));
      const columns = columnsOf(name).map(quoted).join(', ');
      write(
        `${name}_insert`,
        `insert into ${table(name)} (${columns}) select ${names.columns(name, 'r').join(', ')}` +
          ` from json_to_recordset(cast(cast(${rows} as text) as json)) as r(${recordColumns(names, name)}) where ${allowed}`,
      );
    }
    return `with ${parts.join(',\n')}\nselect count(*) as stood from go`;
  });
}

function updateRow(
  { table, quoted }: SqlNames,
  name: TableName,
  bind: Bind<Writes>,
  row: (writes: Writes) => Readonly<Record<string, unknown>> | undefined,
): string {
  const { primaryKey }: Table = tables[name];
  const value = (column: string): string => `${quoted(column)} = ${bind((writes) => row(writes)?.[column])}`;
  const changed = columnsOf(name).filter((column) => !primaryKey.includes(column));
  return (
    `update ${table(name)} set ${changed.map(value).join(', ')}` +
    ` where ${primaryKey.map(value).join(' and ')} and exists (select 1 from go)`
  );
}

/** None, one, or any number; and whether they lie in one workspace, as all that the service writes do. */
function manyOf(rows: readonly Row[]): string {
  if (rows.length < 2) return String(rows.length);
  return isOneWorkspace(rows) ? 'many' : 'many anywhere';
}

function isOneWorkspace(rows: readonly Row[]): boolean {
  return rows.every((row) => row['workspace_id'] === rows[0]?.['workspace_id']);
}

/** Any number of invitations, as one value. */
function updateMany(names: SqlNames, { updates }: Writes, bind: Bind<Writes>): string {
  const { table, quoted } = names;
  const { primaryKey } = tables.invitations;
  const isKey = (column: string): boolean => primaryKey.some((key) => key === column);
  const changed = columnsOf('invitations').filter((column) => !isKey(column));
  const rows = bind((writes) => JSON.stringify(writes.updates.invitations));
  const inOne = bind((writes) => writes.updates.invitations[0]?.['workspace_id']);
  const where = [
    ...primaryKey.map((column) => `t.${quoted(column)} = r.${quoted(column)}`),
    // Said once more as one value, so that the planner never thinks of reading all workspaces.
    ...(isOneWorkspace(updates.invitations) ? [`t.workspace_id = ${inOne}`] : []),
    'exists (select 1 from go)',
  ];
  return (
    `update ${table('invitations')} t set ${changed.map((column) => `${quoted(column)} = r.${quoted(column)}`).join(', ')}` +
    ` from json_to_recordset(cast(cast(${rows} as text) as json)) as r(${recordColumns(names, 'invitations')})` +
    ` where ${where.join(' and ')}`
  );
}

function recordColumns({ quoted, facts }: SqlNames, name: TableName): string {
  const { columns }: Table = tables[name];
  return Object.entries(columns)
    .map(([column, type]) => `${quoted(column)} ${facts.columnType(type)}`)
    .join(', ');
}
