// Reads in a transaction of the host application: decisions need the latest commit, and its snapshot may be older.
import type { ReadSet } from '../../core/read-set.js';
import { rowsOf, run, type Row, type SqlDatabase } from './database.js';
import type { Lock } from './locks.js';
import type { SqlNames } from './names.js';
import { text } from './rows.js';
import { statement, type Statement } from './statement.js';

export interface MemberKey {
  readonly workspaceId: string;
  readonly userId: string;
}

/** Reads one membership with its workspace, and locks it if `isLocked`. */
export type MembershipStatement = (options: { readonly isLocked: boolean }) => Statement<MemberKey>;

/**
 * The reads of one transaction. They reject with a conflict where its snapshot is older than the records: only a new
 * transaction has a new one.
 */
export interface LatestReads {
  /** Called before the rows of a read set are read. */
  readonly beforeLoad: (readSet: ReadSet) => Promise<void>;
  readonly membershipRows: (key: MemberKey) => Promise<readonly Row[]>;
}

export function latestReads(
  names: SqlNames,
  lock: Lock,
  membership: MembershipStatement,
): (db: SqlDatabase) => LatestReads {
  const { dialect, table } = names;
  const plain = membership({ isLocked: false });
  const shared = membership({ isLocked: true });
  switch (dialect.latestReads) {
    case 'by locks':
      return (db) => ({
        beforeLoad: () => Promise.resolve(),
        membershipRows: (key) => rowsOf(db, shared, key),
      });
    case 'by level': {
      const level: Statement<null> = statement(
        dialect,
        () => `select current_setting('transaction_isolation') as level`,
      );
      return (db) => {
        let known: Promise<boolean> | undefined;
        const keepsSnapshot = (): Promise<boolean> =>
          (known ??= rowsOf(db, level, null).then(
            ([row]) => !['read committed', 'read uncommitted'].includes(text(row?.['level'])),
          ));
        return {
          beforeLoad: async (readSet) => {
            if (await keepsSnapshot()) await lock(db, readSet);
          },
          membershipRows: async (key) => {
            if (!(await keepsSnapshot())) return rowsOf(db, plain, key);
            const rows = await rowsOf(db, shared, key);
            // A member who joined after the snapshot: the workspace has changed, so its lock is refused.
            if (rows.length === 0) await lock(db, { workspaceId: key.workspaceId });
            return rows;
          },
        };
      };
    }
    case 'by writing': {
      const write: Statement<null> = statement(
        dialect,
        () => `update ${table('workspaces')} set version = version where 0`,
      );
      return (db) => {
        let written: Promise<void> | undefined;
        const beforeLoad = (): Promise<void> => (written ??= run(db, write, null));
        return {
          beforeLoad,
          membershipRows: async (key) => {
            await beforeLoad();
            return rowsOf(db, plain, key);
          },
        };
      };
    }
    default:
      return dialect.latestReads satisfies never;
  }
}
