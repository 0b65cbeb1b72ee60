// Storage in the tables of a database: each read is one statement, and so is a commit where the database can.
import { isUser } from '../../core/actor.js';
import { keyAcrossWorkspaces, recipientKey } from '../../core/invitation.js';
import type { ReadSet, Snapshot } from '../../core/read-set.js';
import type { MemberRecord } from '../../core/member.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import type { ReceivedInvitation, StorageAdapter } from '../../ports/storage.js';
import { commitOn, CONFLICT } from './commits.js';
import {
  connected,
  ownTransaction,
  rowsOf,
  serialize,
  setSavepoint,
  type Row,
  type SqlDatabase,
} from './database.js';
import { classifyFailures, withHint, isConflict } from './failures.js';
import { rowToAccountEvent, rowToInvitationEvent, rowToWorkspaceEvent } from './event-rows.js';
import { ISSUER_PREFIX, MEMBER_PREFIX, OTHER_PREFIX, listStatements, prefixedColumns } from './lists.js';
import { latestReads, type LatestReads, type MembershipStatement } from './latest-reads.js';
import { createLocker } from './locks.js';
import { keptByNames, type SqlNames, type SqlTables } from './names.js';
import { prefixed, rowToAccount, rowToInvitation, rowToMember, rowToWorkspace } from './rows.js';
import { snapshotOf } from './read-set-rows.js';
import { shapeOf, readSetStatement } from './read-sets.js';
import { memoizeByShape, statement, type Statement } from './statement.js';

/** Options of {@link sqlStorage}. */
export interface SqlStorageOptions extends SqlTables {
  /** Your Kysely instance, or a transaction of it: then every call is part of that transaction. */
  readonly db: SqlDatabase;
  /**
   * What single records are read from in a transaction: `latest` commits, as decisions need them, or the `snapshot` of the
   * transaction, for checks and exports that read every record as of one instant. No effect outside of a transaction.
   * @default 'latest'
   */
  readonly reads?: 'latest' | 'snapshot';
}

/**
 * Storage on SQLite, PostgreSQL, MariaDB or MySQL, through your Kysely instance. `migrate` creates the tables. Any number
 * of processes can share one database.
 *
 * Every read is one statement. A commit is one statement on PostgreSQL, and a transaction of short statements elsewhere.
 *
 * @throws TypeError when the dialect is unknown or not that of the instance, or a name is invalid.
 *
 * @example
 * ```ts
 * import { Kysely, SqliteDialect } from 'kysely';
 * import Database from 'libsql';
 * import { defaultMatrix, WorkspaceService } from 'tenantry';
 * import { migrate, sqlStorage } from 'tenantry/sql';
 *
 * const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) });
 * const dialect = 'sqlite';
 * await migrate({ db, dialect });
 *
 * const workspaces = new WorkspaceService({
 *   storage: sqlStorage({ db, dialect }),
 *   permissions: defaultMatrix,
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
export function sqlStorage({ db: host, reads = 'latest', ...tables }: SqlStorageOptions): StorageAdapter {
  const { db, names } = connected(host, tables);
  const statements = statementsOf(names);
  const latest = db.isTransaction && reads === 'latest' ? statements.latestReads(db) : null;
  const storage = storageOn(db, names, statements, latest);
  // In a host transaction a lost race ends the transaction, so there is no second attempt to lock for.
  if (db.isTransaction) {
    return names.dialect.savepointOutside === 'begins a transaction'
      ? storage
      : { ...storage, checkTransaction: () => serialize(db, () => setSavepoint(db, names.dialect)) };
  }
  return {
    ...storage,
    async withLock(readSet, attempt) {
      try {
        const value = await ownTransaction(db, names.dialect, async (transaction) => {
          await statements.lock(transaction, readSet);
          return attempt(storageOn(transaction, names, statements, null));
        });
        return { ok: true, value };
      } catch (error) {
        if (isConflict(error, names)) return CONFLICT;
        throw await withHint(error, db, names);
      }
    },
  };
}

function storageOn(
  db: SqlDatabase,
  names: SqlNames,
  statements: ReturnType<typeof statementsOf>,
  /** In a transaction of the host application. The library's own are in read committed. */
  latest: LatestReads | null,
): StorageAdapter {
  const read = async <Input, Item>(
    query: Statement<Input>,
    input: Input,
    itemOf: (row: Readonly<Record<string, unknown>>) => Item,
  ): Promise<Item[]> => {
    const rows = await classifyFailures(db, names, () => rowsOf(db, query, input));
    return rows.map(itemOf);
  };
  const { lists } = statements;

  return {
    isConflict: (error) => isConflict(error, names),
    async load(readSet) {
      const shape = shapeOf(readSet);
      if (shape === null) return nothing;
      const query = (latest ? statements.latestReadSet : statements.readSet)(shape, readSet);
      const rows = await classifyFailures(db, names, async () => {
        await latest?.beforeLoad(readSet);
        return rowsOf(db, query, readSet);
      });
      return snapshotOf(rows);
    },
    commit: (commit) => statements.commit(db, commit),
    async findMembership(workspaceId, userId) {
      const key = { workspaceId, userId };
      const [row] = await classifyFailures(db, names, () =>
        latest ? latest.membershipRows(key) : rowsOf(db, statements.membership, key),
      );
      return row === undefined ? null : membershipOf(row);
    },
    listWorkspaces: (subject, page) =>
      read(lists.workspaces({ subject, ...page }), { subject, ...page }, membershipOf),
    listMembers: (subject, page) =>
      read(lists.members({ subject, ...page }), { subject, ...page }, (row) => ({
        member: rowToMember(prefixed(row, MEMBER_PREFIX)),
        account: rowToAccount(prefixed(row, OTHER_PREFIX)),
      })),
    listInvitations: (subject, page) =>
      read(lists.invitations({ subject, ...page }), { subject, ...page }, (row) =>
        rowToInvitation(prefixed(row)),
      ),
    async listInvitationsFor(recipients, page) {
      const query = { recipients: [...new Set(recipients.map(recipientKey))], ...page };
      if (query.recipients.length === 0) return [];
      const found = await read(lists.invitationsFor(query), query, receivedOf);
      return found.sort(byKeyAcrossWorkspaces).slice(0, page.limit);
    },
    findAccounts: (query) => read(lists.accounts(query), query, (row) => rowToAccount(prefixed(row))),
    async findWorkspaces(query) {
      const found = await read(lists.foundWorkspaces(query), query, (row) => rowToWorkspace(prefixed(row)));
      // Ids are ASCII, so this is the order of their bytes.
      return found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, query.limit);
    },
    listPurgeable: (at, page) =>
      read(lists.purgeable({ at, ...page }), { at, ...page }, (row) => rowToWorkspace(prefixed(row))),
    listEvents: (subject, page) =>
      read(lists.workspaceEvents({ subject, ...page }), { subject, ...page }, (row) =>
        rowToWorkspaceEvent(prefixed(row)),
      ),
    listInvitationEvents: (subject, page) =>
      read(lists.invitationEvents({ subject, ...page }), { subject, ...page }, (row) =>
        rowToInvitationEvent(prefixed(row)),
      ),
    listAccountEvents: (subject, page) =>
      read(lists.accountEvents({ subject, ...page }), { subject, ...page }, (row) =>
        rowToAccountEvent(prefixed(row)),
      ),
  };
}

function receivedOf(row: Row): ReceivedInvitation {
  const invitation = rowToInvitation(prefixed(row, MEMBER_PREFIX));
  if (invitation.state !== 'open')
    throw new Error('tenantry/sql: an invitation that has ended is kept as open for its recipient');
  return {
    invitation,
    workspace: rowToWorkspace(prefixed(row, OTHER_PREFIX)),
    issuer: isUser(invitation.issuedBy) ? rowToAccount(prefixed(row, ISSUER_PREFIX)) : null,
  };
}

/** Ids are ASCII, so this is the order of their bytes. */
function byKeyAcrossWorkspaces(one: ReceivedInvitation, other: ReceivedInvitation): number {
  const [a, b] = [keyAcrossWorkspaces(one.invitation), keyAcrossWorkspaces(other.invitation)];
  return a[0] - b[0] || (a[1] < b[1] ? -1 : 1);
}

function membershipOf(row: Row): { readonly workspace: WorkspaceRecord; readonly member: MemberRecord } {
  return {
    workspace: rowToWorkspace(prefixed(row, OTHER_PREFIX)),
    member: rowToMember(prefixed(row, MEMBER_PREFIX)),
  };
}

const nothing: Snapshot = Object.freeze({
  workspace: null,
  tombstone: false,
  accounts: new Map(),
  members: new Map(),
  invitation: null,
  openInvitations: [],
  departures: new Map(),
});

const statementsOf = keptByNames(writtenFor);

function writtenFor(names: SqlNames) {
  const { dialect, table } = names;
  const lock = createLocker(names);
  const locks = dialect.latestReads === 'by locks' ? dialect.rowLocks : null;
  const membership: MembershipStatement = ({ isLocked }) =>
    statement(dialect, (bind) => {
      const id = bind(({ workspaceId }) => workspaceId);
      const lock = isLocked ? (dialect.rowLocks?.forReadingOf('l') ?? '') : '';
      // The member's row alone is locked: a lock on the workspace would hold up its commands.
      const workspace = isLocked
        ? `(select * from ${table('workspaces')} where id = ${bind(({ workspaceId }) => workspaceId)})`
        : table('workspaces');
      const columns = [
        prefixedColumns(names, 'members', { alias: 'l', prefix: MEMBER_PREFIX }),
        prefixedColumns(names, 'workspaces', { alias: 'w', prefix: OTHER_PREFIX }),
      ];
      return (
        `select ${columns.join(', ')} from ${table('members')} l join ${workspace} w on w.id = l.workspace_id` +
        ` where l.workspace_id = ${id} and l.user_id = ${bind(({ userId }) => userId)}${lock}`
      );
    });
  return {
    readSet: memoizeByShape<ReadSet>((readSet) => readSetStatement(names, readSet)),
    latestReadSet: memoizeByShape<ReadSet>((readSet) => readSetStatement(names, readSet, { locks })),
    latestReads: latestReads(names, lock, membership),
    commit: commitOn(names),
    lock,
    lists: listStatements(names),
    membership: membership({ isLocked: false }),
  };
}
