// The documented methods about transactions, and their inputs.
import type { BeginTransaction } from '../transaction.js';

/** Methods about transactions of your own database. `Inside` is the service inside the transaction. */
export interface TransactionMethods<Inside> {
  /**
   * Runs `work` in a transaction of your own database, with this service inside it: what its commands write commits
   * together with your own statements, or not at all. `begin` opens the transaction; write it once, see {@link
   * BeginTransaction}. Hooks and listeners are those of this service; listeners receive the events once, after the
   * commit.
   *
   * A transaction that loses a race is rolled back and started again, up to 20 times with growing pauses, as
   * commands are outside. So `work` may run several times: it must do nothing that a rollback does not undo. A race
   * is lost when a command ends with `CONFLICT`, or when one of your own statements or the commit fails with an
   * error that the storage recognizes as a deadlock or a serialization failure (`isConflict`). Catching the error
   * inside `work` does not rescue the transaction.
   *
   * Do not roll back to a savepoint of your own that you set before a call: what the call wrote is then missing, and the
   * transaction is rolled back with a `TypeError`.
   *
   * Await every call inside `work`: a call that is still running when `work` resolves rolls the transaction back, with a
   * `TypeError`. A call after the end, and `withTransaction` inside `work`, reject with a `TypeError`.
   *
   * Every other error is rethrown after the rollback. If the commit itself gets no answer, as when the connection is
   * cut, that is the driver's own error: whether the transaction took effect is unknown, so it is not retried and
   * its events are not emitted.
   *
   * @throws WorkspaceError `CONFLICT` when every attempt lost, with the last error as its cause; `UNAVAILABLE` when
   * an adapter failed inside; and what `begin` and `work` throw
   *
   * @example
   * ```ts
   * import { Kysely, SqliteDialect, type Transaction } from 'kysely';
   * import Database from 'libsql';
   * import type { BeginTransaction } from 'tenantry';
   * import { migrate, preparedDatabase, sqlStorage } from 'tenantry/sql';
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * type Tables = { projects: { workspace_id: string; name: string } };
   * const database = preparedDatabase(new Database(':memory:'));
   * const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
   * const dialect = 'sqlite';
   * await migrate({ db, dialect });
   * await db.schema.createTable('projects').addColumn('workspace_id', 'text').addColumn('name', 'text').execute();
   *
   * const { workspaces } = createTestWorkspaces({ storage: sqlStorage({ db, dialect }) });
   * const begin: BeginTransaction<Transaction<Tables>> = (run) =>
   *   db.transaction().execute((transaction) => run({ storage: sqlStorage({ db: transaction, dialect }) }, transaction));
   *
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id } = await workspaces.withTransaction(begin, async (inside, transaction) => {
   *   const workspace = await inside.createWorkspace(ada, { name: 'hello' });
   *   await transaction.insertInto('projects').values({ workspace_id: workspace.id, name: 'first' }).execute();
   *   return workspace;
   * });
   * await workspaces.getWorkspace(ada, { workspaceId: id }); // both exist, and the listeners were called
   * await db.destroy();
   * ```
   */
  withTransaction<Own, Result>(
    begin: BeginTransaction<Own>,
    work: (inside: Inside, own: Own) => Promise<Result>,
  ): Promise<Result>;
}
