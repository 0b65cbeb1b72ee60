// Servers whose connections tests break, and how two sessions on one server block each other.
import { sql, type ControlledTransaction, type Kysely, type LogEvent } from 'kysely';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import type { StorageAdapter } from '../../src/index.js';
import type { Action } from '../../src/testing/actions.js';
import { endOf, putScenario, type Scenario } from '../../src/testing/scenario.js';
import { mariadbWith, postgresWith } from './connections.js';
import {
  MARIADB_URL,
  POSTGRES_URL,
  databaseKinds,
  type DatabaseKind,
  type TestDatabase,
} from './databases.js';
import { act, nextPrefix } from './outages.js';

/** A server, with the statements by which a test disturbs its connections. */
export interface Server {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** An instance with one connection. */
  readonly connect: (options?: Connecting) => Kysely<unknown>;
  readonly settings: {
    readonly statementTimeout: string;
    readonly lockTimeout: string;
    readonly readOnly: string;
    readonly quickDeadlocks: string;
    readonly slowDeadlocks: string;
  };
  /** The number of the instance's connection. */
  readonly connectionOf: (db: Kysely<unknown>) => Promise<number>;
  readonly isWaiting: (db: Kysely<unknown>, connection: number) => Promise<boolean>;
  readonly end: (db: Kysely<unknown>, connection: number) => Promise<unknown>;
  /** How drivers call a deadlock. */
  readonly deadlock: string;
}

export interface Connecting {
  readonly url?: string;
  /** Of each connection, in the server's words. */
  readonly settings?: string;
  readonly log?: (event: LogEvent) => void;
  /** Fails immediately, or soon, if no connection is free. */
  readonly isImpatient?: boolean;
}

export const postgresServer: Server = {
  name: 'PostgreSQL',
  url: POSTGRES_URL,
  port: 5432,
  connect: ({ url = POSTGRES_URL, settings = '', log, isImpatient = false } = {}) =>
    postgresWith(
      {
        connectionString: url,
        max: 1,
        options: settings,
        ...(isImpatient && { connectionTimeoutMillis: 500 }),
      },
      log && { log },
    ),
  settings: {
    statementTimeout: '-c statement_timeout=500',
    lockTimeout: '-c lock_timeout=10',
    readOnly: '-c default_transaction_read_only=on',
    quickDeadlocks: '-c deadlock_timeout=1',
    slowDeadlocks: '-c deadlock_timeout=1h',
  },
  connectionOf: (db) => numberOf(sql`select pg_backend_pid() as number`.execute(db)),
  isWaiting: async (db, connection) => {
    const { rows } = await sql`
      select 1 from pg_stat_activity where pid = ${connection} and wait_event_type = 'Lock'`.execute(db);
    return rows.length > 0;
  },
  end: (db, connection) => sql`select pg_terminate_backend(${connection}::int)`.execute(db),
  deadlock: '40P01',
};

const mariadbServer: Server = {
  name: 'MariaDB',
  url: MARIADB_URL,
  port: 3306,
  connect: ({ url = MARIADB_URL, settings = '', log, isImpatient = false } = {}) =>
    mariadbWith(
      { uri: url, connectionLimit: 1, waitForConnections: !isImpatient },
      { ...(settings !== '' && { prepare: settings }), ...(log && { log }) },
    ),
  settings: {
    statementTimeout: 'set session max_statement_time = 0.5',
    lockTimeout: 'set session innodb_lock_wait_timeout = 0',
    readOnly: 'set session transaction read only',
    // It looks for them at each wait, and ends the lighter transaction.
    quickDeadlocks: '',
    slowDeadlocks: '',
  },
  connectionOf: (db) => numberOf(sql`select connection_id() as number`.execute(db)),
  isWaiting: async (db, connection) => {
    // innodb_trx is a cached copy that is not refreshed while it is queried often.
    const { rows } = await sql<{ Status: string }>`show engine innodb status`.execute(db);
    const transactions = rows[0]?.Status.split('---TRANSACTION') ?? [];
    return transactions.some((one) => one.includes(`thread id ${connection},`) && one.includes('LOCK WAIT'));
  },
  end: (db, connection) => sql`kill ${sql.lit(connection)}`.execute(db),
  deadlock: '1213',
};

/** Those that are there. */
export const servers = [postgresServer, mariadbServer].flatMap((server) =>
  databaseKinds.filter(({ name }) => name === server.name).map((kind) => ({ server, kind })),
);

/** A database on a server, with people who meet there. */
export interface Stage {
  readonly database: TestDatabase;
  /** A storage on one connection of its own, which is there already. */
  readonly storageWith: (options?: Connecting) => Promise<{
    readonly db: Kysely<unknown>;
    readonly connection: number;
    readonly storage: StorageAdapter;
  }>;
  /** Begins a transaction, which ends with the test. */
  readonly begin: (db: Kysely<unknown>) => Promise<Holder>;
  /** Another session that has locked a row in its transaction. */
  readonly holding: (table: LockedTable, id: string, settings?: string) => Promise<Holder>;
  readonly lock: (db: Kysely<unknown>, table: LockedTable, id: string) => Promise<unknown>;
  readonly untilWaiting: (connection: number) => Promise<void>;
  /** A scenario that nothing has happened in. */
  readonly start: () => Promise<Scenario>;
  /** What is kept of a scenario, in words that are the same for all of them. */
  readonly stateOf: (scenario: Scenario) => Promise<string>;
  /** How a scenario looks before and after an action that nothing disturbs. */
  readonly undisturbed: (action: Action) => Promise<{ readonly before: string; readonly after: string }>;
  /** After each test, also after one that failed: ends what is left of transactions, and closes connections. */
  readonly tidy: () => Promise<void>;
  readonly drop: () => Promise<void>;
}

type LockedTable = 'workspaces' | 'accounts';

export interface Holder {
  readonly transaction: ControlledTransaction<unknown>;
  readonly connection: number;
}

export async function letGo({ transaction }: Holder): Promise<void> {
  if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute();
}

export async function createStage(server: Server, kind: DatabaseKind): Promise<Stage> {
  const database = await kind.create();
  const direct = sqlStorage({ db: database.db, ...database.tables });
  const opened: Kysely<unknown>[] = [];
  const held: Holder[] = [];

  const stage: Stage = {
    database,
    async storageWith(options = {}) {
      const db = server.connect(options);
      opened.push(db);
      const connection = await server.connectionOf(db);
      return { db, connection, storage: sqlStorage({ db, ...database.tables }) };
    },
    async begin(db) {
      const connection = await server.connectionOf(db);
      const holder = { transaction: await db.startTransaction().execute(), connection };
      held.push(holder);
      return holder;
    },
    async holding(table, id, settings = '') {
      const { db } = await stage.storageWith({ settings });
      const holder = await stage.begin(db);
      await stage.lock(holder.transaction, table, id);
      return holder;
    },
    lock(db, table, id) {
      const key = sql.id(table === 'workspaces' ? 'id' : 'user_id');
      const name = sql.table(database.table(table));
      return sql`select 1 from ${name} where ${key} = ${id} for update`.execute(db);
    },
    async untilWaiting(connection) {
      while (!(await server.isWaiting(database.db, connection)));
    },
    start: () => putScenario(direct, nextPrefix()),
    stateOf: (scenario) => endOf(direct, scenario, []),
    async undisturbed(action) {
      const scenario = await stage.start();
      const before = await stage.stateOf(scenario);
      await act(action, direct, scenario);
      return { before, after: await stage.stateOf(scenario) };
    },
    async tidy() {
      // An instance is not closed before its transactions are.
      for (const holder of held.splice(0)) await letGo(holder);
      await Promise.all(opened.splice(0).map((db) => db.destroy()));
    },
    drop: () => database.drop(),
  };
  return stage;
}

async function numberOf(answer: Promise<{ readonly rows: readonly unknown[] }>): Promise<number> {
  const [row] = (await answer).rows;
  const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'number') : undefined;
  return Number(value);
}
