// What every command and query of a service uses: adapters, clock, ids, matrix, limits.
import { DEFAULT_INVITATIONS_PER_ACTOR_PER_DAY, defaultLimits, type Limit } from '../core/limits.js';
import type { OwnershipTransfer } from '../core/decision.js';
import type { PermissionMatrix } from '../core/permissions.js';
import type { QuotaAdapter } from '../ports/quota.js';
import type { Clock, Ids } from '../ports/runtime.js';
import type { StorageAdapter } from '../ports/storage.js';
import { createTokens, type Tokens } from '../tokens/tokens.js';
import type { AttributeOptions } from './attribute-options.js';
import { checkedClock, checkedIds } from './answers.js';
import { commandQueue, type CommandQueue } from './command-queue.js';
import { eventHub, type EventHub } from './event-hub.js';
import { noQuota } from './no-quota.js';
import type { LimitsSource, WorkspaceServiceOptions } from './options.js';
import { randomIds, systemClock } from './runtime.js';
import { timedStorage } from './timeouts.js';

export interface ServiceContext {
  readonly storage: StorageAdapter;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly matrix: PermissionMatrix;
  readonly limits: LimitsSource;
  /** How many invitations a user may issue within 24 hours. */
  readonly invitationsPerActorPerDay: Limit;
  readonly hub: EventHub;
  readonly queue: CommandQueue;
  /** After this many lost races a command ends with `CONFLICT`. */
  readonly maxAttempts: number;
  readonly quota: QuotaAdapter;
  /** Milliseconds after which a quota adapter that has not answered is unavailable; `null` for no timeout. */
  readonly quotaTimeout: number | null;
  /** The same of a limits function and, inside a transaction, of hooks. */
  readonly limitsTimeout: number;
  readonly uniqueUsernames: boolean;
  readonly ownershipTransfer: OwnershipTransfer;
  readonly attributes: AttributeOptions;
  /** How long a deleted workspace can be restored; 0 if it cannot. */
  readonly graceSeconds: number;
  /** What `begin` passed to the work of the transaction; `undefined` outside of one. */
  readonly transaction: unknown;
}

/** Each lost race means that another commit succeeded. After 20 in a row, only the caller can decide to wait longer. */
const MAX_ATTEMPTS = 20;

/** Long enough for a remote billing system, short enough for a request that waits for it. */
const DEFAULT_TIMEOUT = 5000;

export function createContext(options: WorkspaceServiceOptions<string, string>): ServiceContext {
  const { limits = defaultLimits, deletion: { graceSeconds } = { graceSeconds: 0 } } = options;
  return {
    quota: noQuota(),
    quotaTimeout: DEFAULT_TIMEOUT,
    uniqueUsernames: true,
    ownershipTransfer: 'direct',
    attributes: {},
    limitsTimeout: DEFAULT_TIMEOUT,
    invitationsPerActorPerDay: DEFAULT_INVITATIONS_PER_ACTOR_PER_DAY,
    ...options,
    graceSeconds,
    clock: options.clock ? checkedClock(options.clock) : systemClock,
    ids: options.ids ? checkedIds(options.ids) : randomIds,
    storage:
      options.storageTimeout === undefined
        ? options.storage
        : timedStorage(options.storage, options.storageTimeout),
    tokens: createTokens(options.tokens),
    matrix: options.permissions,
    limits: typeof limits === 'function' ? limits : Object.freeze({ ...limits }),
    hub: eventHub(options.onListenerError ?? (() => undefined)),
    queue: commandQueue(),
    transaction: undefined,
    maxAttempts: MAX_ATTEMPTS,
  };
}
