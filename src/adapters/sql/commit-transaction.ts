// A commit as a transaction of short statements, for databases whose `with` cannot write.
import { rowsOf, run, type Row, type SqlDatabase } from './database.js';
import type { SqlNames } from './names.js';
import { keptByShape, statement, type Statement } from './statement.js';
import { columnsOf, tables, type Table, type TableName } from './tables.js';
import { INSERT_ORDER, UPDATE_ORDER, type Guard, type Writes } from './writes.js';

/** Writes within a transaction that somebody else began. `false`: a guard did not stand, and nothing was written. */
export type WriteAll = (db: SqlDatabase, writes: Writes) => Promise<boolean>;

export function writeInOrder(names: SqlNames): WriteAll {
  const statements = transactionStatements(names);
  return async (db, { guards, updates, deletedMembers, deletedWorkspaces, inserts }) => {
    for (const guard of guards) {
      const found = await rowsOf(
        db,
        statements.guard(`${guard.table}${guard.isWritten ? '!' : '?'}`, guard),
        guard,
      );
      if (found.length === 0) return false;
    }
    for (const name of UPDATE_ORDER) {
      for (const row of updates[name]) await run(db, statements.update[name], row);
    }
    for (const row of deletedMembers) await run(db, statements.deleteMember, row);
    for (const id of deletedWorkspaces) {
      for (const each of statements.deleteWorkspace) await run(db, each, id);
    }
    for (const name of INSERT_ORDER) {
      for (const rows of batches(inserts[name])) {
        await run(db, statements.insert(`${name}${rows.length}`, { name, rows }), { name, rows });
      }
    }
    return true;
  };
}

/** Rows of one table, inserted by one statement. */
interface Batch {
  readonly name: TableName;
  readonly rows: readonly Row[];
}

/** Of one row or of sixteen, so that there are two statements for a table and not one for each number of rows. */
function batches(rows: readonly Row[]): (readonly Row[])[] {
  const found: (readonly Row[])[] = [];
  let place = 0;
  for (; place + BATCH <= rows.length; place += BATCH) found.push(rows.slice(place, place + BATCH));
  for (; place < rows.length; place++) found.push(rows.slice(place, place + 1));
  return found;
}

const BATCH = 16;

function transactionStatements(names: SqlNames) {
  const { table, quoted, facts } = names;
  return {
    guard: keptByShape<Guard>(({ table: name, isWritten }) =>
      statement(facts, (bind) => {
        const key = name === 'workspaces' ? 'id' : 'user_id';
        const where = `where ${key} = ${bind(({ id }) => id)} and version = ${bind(({ version }) => version)}`;
        // Where rows have no locks, a write that changes nothing locks everything.
        if (facts.rowLocks === null) {
          return `update ${table(name)} set version = version ${where} returning 1 as stood`;
        }
        const lock = isWritten ? facts.rowLocks.forWriting : facts.rowLocks.forReading;
        return `select 1 as stood from ${table(name)} ${where}${lock}`;
      }),
    ),
    update: {
      accounts: updateRow(names, 'accounts'),
      workspaces: updateRow(names, 'workspaces'),
      members: updateRow(names, 'members'),
      invitations: updateRow(names, 'invitations'),
    },
    deleteMember: statement<Row>(
      facts,
      (bind) =>
        `delete from ${table('members')} where workspace_id = ${bind((row) => row['workspace_id'])}` +
        ` and user_id = ${bind((row) => row['user_id'])}`,
    ),
    /** Children first: a database may check each row at once. */
    deleteWorkspace: [
      statement<string>(
        facts,
        (bind) => `delete from ${table('members')} where workspace_id = ${bind((id) => id)}`,
      ),
      statement<string>(
        facts,
        (bind) => `delete from ${table('invitations')} where workspace_id = ${bind((id) => id)}`,
      ),
      statement<string>(facts, (bind) => `delete from ${table('workspaces')} where id = ${bind((id) => id)}`),
      statement<string>(
        facts,
        (bind) => `update ${table('workspace_ids')} set deleted = 1 where id = ${bind((id) => id)}`,
      ),
    ],
    insert: keptByShape<Batch>(({ name, rows }) =>
      statement(facts, (bind) => {
        const columns = columnsOf(name);
        const places = [...rows.keys()].map(
          (place) => `(${columns.map((column) => bind((batch) => batch.rows[place]?.[column])).join(', ')})`,
        );
        return `insert into ${table(name)} (${columns.map(quoted).join(', ')}) values ${places.join(', ')}`;
      }),
    ),
  };
}

function updateRow({ table, quoted, facts }: SqlNames, name: TableName): Statement<Row> {
  const { primaryKey }: Table = tables[name];
  const changed = columnsOf(name).filter((column) => !primaryKey.includes(column));
  return statement(facts, (bind) => {
    const value = (column: string): string => `${quoted(column)} = ${bind((row) => row[column])}`;
    return `update ${table(name)} set ${changed.map(value).join(', ')} where ${primaryKey.map(value).join(' and ')}`;
  });
}
