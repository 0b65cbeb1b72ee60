// Records in the tables of a database: each read is one statement, and so is a commit where the database can.
import type { Commit } from '../../domain/changes.js';
import type { Slice, Snapshot } from '../../domain/snapshot.js';
import type { CommitResult, StorageAdapter } from '../../ports/storage.js';
import { commitStatement, shapeOfWrites } from './commit-statement.js';
import { writeInOrder } from './commit-transaction.js';
import { atomically, connected, ownTransaction, rowsOf, type SqlDatabase } from './database.js';
import { duplicateFinder } from './duplicates.js';
import { answerOf, explained, failureOf, isConflict } from './failures.js';
import { MEMBER_PREFIX, OTHER_PREFIX, listStatements } from './lists.js';
import { locker } from './locks.js';
import { keptByNames, type SqlNames, type SqlTables } from './names.js';
import {
  prefixed,
  rowToAccount,
  rowToAccountEvent,
  rowToInvitation,
  rowToMember,
  rowToWorkspace,
  rowToWorkspaceEvent,
  whole,
} from './rows.js';
import { shapeOf, sliceStatement, snapshotOf } from './slices.js';
import { keptByShape, statement, type Statement } from './statement.js';
import { writesOf, type Writes } from './writes.js';

/** Options of {@link sqlStorage}. */
export interface SqlStorageOptions extends SqlTables {
  /** The host's Kysely instance, or a transaction of it: then everything is part of that. */
  readonly db: SqlDatabase;
}

/**
 * Storage on SQLite, PostgreSQL, MariaDB or MySQL, on the host's own Kysely instance. The tables are made by
 * `migrations`. Any number of processes may stand on one database.
 *
 * Every read is one statement. A commit is one statement on PostgreSQL. Elsewhere it is a transaction: a statement for
 * each version that it expects and for each row that it updates or deletes, four for a workspace that it deletes, and
 * inserts of sixteen rows at a time, what is left over one by one.
 *
 * @throws TypeError when the dialect is unknown or not that of the instance, or a name is none.
 *
 * @example
 * ```ts
 * import { Kysely, Migrator, SqliteDialect } from 'kysely';
 * import Database from 'libsql';
 * import { WorkspaceService } from 'tenantry';
 * import { migrations, sqlStorage } from 'tenantry/sql';
 *
 * const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) });
 * const dialect = 'sqlite';
 * const provider = { getMigrations: () => Promise.resolve(migrations({ dialect })) };
 * const { error } = await new Migrator({ db, provider }).migrateToLatest();
 * if (error) throw error;
 *
 * const workspaces = new WorkspaceService({
 *   storage: sqlStorage({ db, dialect }),
 *   tokens: {
 *     keys: [{ kid: '2026-11', alg: 'HS256', secret: 'a secret of at least 32 bytes, from your vault' }],
 *     issuer: 'https://app.example',
 *     invitationUrl: 'https://app.example/join',
 *   },
 * });
 * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * await db.destroy();
 * ```
 */
export function sqlStorage({ db: host, ...tables }: SqlStorageOptions): StorageAdapter {
  const { db, names } = connected(host, tables);
  const statements = statementsOf(names);
  const storage = storageOn(db, names, statements);
  // Inside a transaction of the host's there is nobody to wait for but the host.
  if (db.isTransaction) return storage;
  return {
    ...storage,
    async exclusively(slice, attempt) {
      try {
        const value = await ownTransaction(db, names.facts).execute(async (transaction) => {
          await statements.lock(transaction, slice);
          return attempt(storageOn(transaction, names, statements));
        });
        return { ok: true, value };
      } catch (error) {
        if (isConflict(error, names)) return CONFLICT;
        throw await explained(error, db, names);
      }
    },
  };
}

function storageOn(
  db: SqlDatabase,
  names: SqlNames,
  statements: ReturnType<typeof statementsOf>,
): StorageAdapter {
  const read = async <Input, Item>(
    query: Statement<Input>,
    input: Input,
    itemOf: (row: Readonly<Record<string, unknown>>) => Item,
  ): Promise<Item[]> => {
    const rows = await answerOf(db, names, () => rowsOf(db, query, input));
    return rows.map(itemOf);
  };
  const { lists } = statements;

  return {
    isConflict: (error) => isConflict(error, names),
    async load(slice) {
      const shape = shapeOf(slice);
      if (shape === null) return nothing;
      const query = statements.slice(shape, slice);
      return snapshotOf(await answerOf(db, names, () => rowsOf(db, query, slice)));
    },
    commit: (commit) => commitOn(db, names, { statements, commit }),
    async findMember(workspaceId, userId) {
      const [member] = await read(statements.member, { workspaceId, userId }, (row) =>
        rowToMember(prefixed(row)),
      );
      return member ?? null;
    },
    listWorkspaces: (subject, page) =>
      read(lists.workspaces({ subject, ...page }), { subject, ...page }, (row) => ({
        workspace: rowToWorkspace(prefixed(row, OTHER_PREFIX)),
        member: rowToMember(prefixed(row, MEMBER_PREFIX)),
      })),
    listMembers: (subject, page) =>
      read(lists.members({ subject, ...page }), { subject, ...page }, (row) => ({
        member: rowToMember(prefixed(row, MEMBER_PREFIX)),
        account: rowToAccount(prefixed(row, OTHER_PREFIX)),
      })),
    listInvitations: (subject, page) =>
      read(lists.invitations({ subject, ...page }), { subject, ...page }, (row) =>
        rowToInvitation(prefixed(row)),
      ),
    listEvents: (subject, page) =>
      read(lists.workspaceEvents({ subject, ...page }), { subject, ...page }, (row) =>
        rowToWorkspaceEvent(prefixed(row)),
      ),
    listAccountEvents: (subject, page) =>
      read(lists.accountEvents({ subject, ...page }), { subject, ...page }, (row) =>
        rowToAccountEvent(prefixed(row)),
      ),
  };
}

async function commitOn(
  db: SqlDatabase,
  names: SqlNames,
  { statements, commit }: { readonly statements: ReturnType<typeof statementsOf>; readonly commit: Commit },
): Promise<CommitResult> {
  const writes = writesOf(commit);
  try {
    // The guards are compared anew each time: it is never an old decision that is written.
    return (await answerOf(db, names, () => writeAll(db, names, { statements, writes })))
      ? { ok: true }
      : CONFLICT;
  } catch (error) {
    if (error instanceof NotCurrent || isConflict(error, names)) return CONFLICT;
    if (failureOf(error, names) !== 'duplicate') throw error;
    const field = await answerOf(db, names, () => statements.duplicate(db, commit));
    // Given up by now, or a key that no field stands for: decided again, it will do or say why not.
    return field === null ? CONFLICT : { ok: false, reason: 'duplicate', field };
  }
}

/** `false`: a guard did not stand, and nothing was written. */
async function writeAll(
  db: SqlDatabase,
  { facts }: SqlNames,
  { statements, writes }: { readonly statements: ReturnType<typeof statementsOf>; readonly writes: Writes },
): Promise<boolean> {
  const { oneStatement, inOrder } = statements;
  if (oneStatement !== null) {
    const query = oneStatement(shapeOfWrites(writes), writes);
    const stood = async (on: SqlDatabase): Promise<boolean> => {
      const [row] = await rowsOf(on, query, writes);
      return whole(row?.['stood']) === 1;
    };
    // A statement is a transaction; behind a savepoint an error leaves that of the host usable.
    return db.isTransaction ? atomically(db, facts, stood) : stood(db);
  }
  return atomically(db, facts, async (transaction) => {
    // What was locked or touched on the way is let go of.
    if (!(await inOrder(transaction, writes))) throw new NotCurrent();
    return true;
  });
}

/** Ends a transaction; never seen outside of this file. */
class NotCurrent extends Error {}

const CONFLICT = Object.freeze({ ok: false, reason: 'conflict' } as const);

const nothing: Snapshot = Object.freeze({
  workspace: null,
  tombstone: false,
  accounts: new Map(),
  members: new Map(),
  invitation: null,
  openInvitations: [],
});

const statementsOf = keptByNames(writtenFor);

function writtenFor(names: SqlNames) {
  const { facts, table, columns } = names;
  return {
    slice: keptByShape<Slice>((slice) => sliceStatement(names, slice)),
    oneStatement: facts.hasWritingCtes
      ? keptByShape<Writes>((writes) => commitStatement(names, writes))
      : null,
    inOrder: writeInOrder(names),
    duplicate: duplicateFinder(names),
    lock: locker(names),
    lists: listStatements(names),
    member: statement<{ readonly workspaceId: string; readonly userId: string }>(
      facts,
      (bind) =>
        `select ${columns('members').join(', ')} from ${table('members')}` +
        ` where workspace_id = ${bind(({ workspaceId }) => workspaceId)} and user_id = ${bind(({ userId }) => userId)}`,
    ),
  };
}
