// The core of the desk: the service on its database, and transactions that span both.
import type { Kysely, Transaction } from 'kysely';
import { WorkspaceService, defaultMatrix, type BeginTransaction, type Clock } from 'tenantry';
import { sqlQuota, sqlStorage, type LimitTexts, type SqlDialect } from 'tenantry/sql';
import { reasonInOneLine } from './log.js';
import type { Permissions } from './roles.js';
import type { Keys } from './secret.js';
import { stored } from './stored.js';
import type { DeskTables } from './tables.js';

export interface DeskOptions {
  readonly db: Kysely<DeskTables>;
  readonly dialect: SqlDialect;
  readonly keys: Keys;
  /** The public origin, for example `http://127.0.0.1:3000`. Links use it, and never the host of a request. */
  readonly origin: string;
  /**
   * The origin that it listens on. Requests for any other host than this and that of `origin` are rejected.
   * @default `origin`
   */
  readonly address?: string;
  /** @default the system clock */
  readonly clock?: Clock;
  /**
   * The initial quota of each workspace.
   * @default 4 CPUs, 8 GiB, 10 pods
   */
  readonly quota?: LimitTexts;
  /**
   * Maximum number of members of a workspace.
   * @default 20
   */
  readonly seats?: number;
  /**
   * For how many days the owner can restore a deleted team, at least 1.
   * @default 7
   */
  readonly graceDays?: number;
  /**
   * Maximum number of requests about invitations per minute, for each person. For each address, ten times as many, and the same
   * number again for requests that verify session tokens, which are counted separately.
   * @default 60
   */
  readonly invitationsPerMinute?: number;
  /**
   * Maximum number of sign-ins per minute from one address.
   * @default 60
   */
  readonly signInsPerMinute?: number;
  /**
   * Items on one page of a list, from 1 to 200.
   * @default 50
   */
  readonly pageSize?: number;
  /**
   * Maximum number of live pages of one person.
   * @default 8
   */
  readonly streamsPerUser?: number;
  /**
   * Maximum number of live pages of all people.
   * @default 1000
   */
  readonly streams?: number;
  /**
   * Receives each failure in one line, without tokens, cookies or form input.
   * @default console.error
   */
  readonly log?: (line: string) => void;
}

export type Workspaces = WorkspaceService;

/** The service and the desk's tables, in one transaction. */
export interface Inside {
  readonly workspaces: Workspaces;
  readonly db: Transaction<DeskTables>;
}

export interface Core {
  readonly db: Kysely<DeskTables>;
  readonly workspaces: Workspaces;
  readonly permissions: Permissions;
  readonly clock: Clock;
  readonly graceDays: number;
  /**
   * Commits everything that `work` does, or nothing if it throws. `work` must use only its arguments: SQLite has one
   * connection, so asking for another one would deadlock.
   */
  readonly transaction: <Result>(work: (inside: Inside) => Promise<Result>) => Promise<Result>;
}

const DEFAULT_QUOTA: LimitTexts = { 'limits.cpu': '4', 'limits.memory': '8Gi', pods: '10' };

export function createCore(options: DeskOptions): Core {
  const {
    db,
    dialect,
    keys,
    origin,
    clock = systemClock,
    quota: defaults = DEFAULT_QUOTA,
    seats = 20,
    graceDays = 7,
    log = (line) => console.error(line),
  } = options;
  const workspaces = new WorkspaceService({
    storage: sqlStorage({ db, dialect }),
    quota: sqlQuota({ db, dialect, defaults }),
    permissions: defaultMatrix,
    tokens: {
      keys: [{ kid: 'desk', alg: 'HS256', secret: keys.tokens }],
      // a fixed name, so that tokens stay valid if the desk moves to another address
      issuer: 'desk',
      invitationUrl: `${origin}/join`,
    },
    limits: { membersPerWorkspace: seats, openInvitationsPerWorkspace: 100, workspacesPerOwner: 50 },
    deletion: { graceSeconds: graceDays * 24 * 60 * 60 },
    clock,
    onListenerError: (error, { type }) => log(`a listener of ${type}: ${reasonInOneLine(error)}`),
  });

  const begin: BeginTransaction<Transaction<DeskTables>> = (run) =>
    db.transaction().execute((transaction) => {
      const quota = sqlQuota({ db: transaction, dialect, defaults });
      return run({ storage: sqlStorage({ db: transaction, dialect }), quota }, transaction);
    });

  return {
    db,
    workspaces,
    permissions: workspaces.permissions,
    clock,
    graceDays,
    transaction: (work) =>
      stored(
        workspaces.withTransaction(begin, (inside, transaction) =>
          work({ workspaces: inside, db: transaction }),
        ),
      ),
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};
