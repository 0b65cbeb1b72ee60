// What the pages of the desk work with: the service on the host's database, and one transaction over both.
import type { Kysely, Transaction } from 'kysely';
import { WorkspaceService, type BeginTransaction, type Clock } from 'tenantry';
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
  /** Where people reach it, as `http://127.0.0.1:3000`: links are made of it, and never of what a request says. */
  readonly origin: string;
  /**
   * Where it listens, as `http://127.0.0.1:3000`. It answers what is asked of it by this name and that of `origin` alone.
   * @default `origin`
   */
  readonly address?: string;
  /** @default the time of the system */
  readonly clock?: Clock;
  /**
   * What each workspace may use from its first instant.
   * @default 4 CPUs, 8 GiB, 10 pods
   */
  readonly quota?: LimitTexts;
  /**
   * Members of a workspace.
   * @default 20
   */
  readonly seats?: number;
  /**
   * So many requests about invitations are answered a minute, for each person; and ten times as many for each address.
   * As many as that are answered for each address about session tokens, which are counted apart.
   * @default 60
   */
  readonly invitationsPerMinute?: number;
  /**
   * So often people may sign in from one address a minute.
   * @default 60
   */
  readonly signInsPerMinute?: number;
  /**
   * So many items of a list stand on a page, from 1 to 200.
   * @default 50
   */
  readonly pageSize?: number;
  /**
   * So many pages of one person are kept up to date at the same time.
   * @default 8
   */
  readonly streamsPerUser?: number;
  /**
   * So many pages of all people together.
   * @default 1000
   */
  readonly streams?: number;
  /**
   * Receives what went wrong, in one line; never a token, a cookie or what was typed into a form.
   * @default console.error
   */
  readonly log?: (line: string) => void;
}

export type Workspaces = WorkspaceService;

/** The service and the tables of the desk, on one transaction. */
export interface Inside {
  readonly workspaces: Workspaces;
  readonly db: Transaction<DeskTables>;
}

export interface Core {
  readonly db: Kysely<DeskTables>;
  readonly workspaces: Workspaces;
  readonly permissions: Permissions;
  readonly clock: Clock;
  /**
   * What `work` does on both is kept together, or, when it throws, not at all. Inside, use nothing but what it is given:
   * on SQLite there is one connection, and whoever asks for it again waits for ever.
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
    log = (line) => console.error(line),
  } = options;
  const workspaces = new WorkspaceService({
    storage: sqlStorage({ db, dialect }),
    quota: sqlQuota({ db, dialect, defaults }),
    tokens: {
      keys: [{ kid: 'desk', alg: 'HS256', secret: keys.tokens }],
      // a name that stays, so that tokens outlive a move to another address
      issuer: 'desk',
      invitationUrl: `${origin}/join`,
    },
    limits: { membersPerWorkspace: seats, openInvitationsPerWorkspace: 100, workspacesPerOwner: 50 },
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
