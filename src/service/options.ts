// The options of a service, and their check.
import { isLimit, limitsProblem, type Limit, type LimitSubject, type Limits } from '../core/limits.js';
import type { PermissionMatrix } from '../core/permissions.js';
import { isObject, isWholeNumber } from '../core/values.js';
import type { OwnershipTransfer } from '../core/decision.js';
import type { Clock, Ids } from '../ports/runtime.js';
import type { QuotaAdapter } from '../ports/quota.js';
import type { StorageAdapter } from '../ports/storage.js';
import type { TokenOptions } from '../tokens/tokens.js';
import { attributesProblem, type AttributeOptions } from './attribute-options.js';
import type { ListenerErrorHandler } from './event-hub.js';

/** The limits of every workspace and owner, or a function that returns them. */
export type LimitsSource = Limits | ((subject: LimitSubject, call: LimitsCall) => Limits | Promise<Limits>);

/** The call that a limits function answers for. */
export interface LimitsCall {
  /**
   * Inside `withTransaction`, what `begin` passed to the work; otherwise `undefined`. Query the same database through it: other
   * connections may all be held by transactions that wait for this answer.
   */
  readonly transaction: unknown;
}

/** Options of {@link WorkspaceService}. */
export interface WorkspaceServiceOptions<Role extends string, Permission extends string> {
  /** Where records are kept. */
  readonly storage: StorageAdapter;
  /** How tokens are signed and links are built. */
  readonly tokens: TokenOptions;
  /** Who may do what: `defaultMatrix`, or a matrix of `definePermissionMatrix` or `extendMatrix`. */
  readonly permissions: PermissionMatrix<Role, Permission>;
  /**
   * The limits of everyone, or a function that returns those of an owner, called for each command that compares with one.
   * Every limit is given: a number from 0, where 0 means none, or `'unlimited'`.
   * @default `defaultLimits`
   */
  readonly limits?: LimitsSource;
  /**
   * How many invitations one user may create and reissue within 24 hours, in all workspaces together: a number from 0, where 0
   * means none, or `'unlimited'`. Each of them sends a mail, so revoked ones count. The 24 hours begin with the first one after
   * the last 24 hours. Invitations of operators are not counted.
   * @default 1000
   */
  readonly invitationsPerActorPerDay?: Limit;
  /**
   * `consent`: a member becomes the owner only by accepting an offer (`offerOwnership`), and `transferOwnership` is
   * `CONSENT_REQUIRED` for everyone. `direct`: the owner and operators may also transfer it directly.
   * @default 'direct'
   */
  readonly ownershipTransfer?: OwnershipTransfer;
  /**
   * What `deleteWorkspace` does. With `graceSeconds`, from 0 to 315,360,000 (ten years of 365 days), the workspace is gone for
   * its members, and its owner and operators can restore it until `purgeWorkspaces` deletes it, that many seconds later at
   * the earliest. With 0 it is deleted at once.
   * @default { graceSeconds: 0 }
   */
  readonly deletion?: { readonly graceSeconds: number };
  /**
   * What your app keeps with workspaces and members, set by `updateAttributes`: for each attribute, a schema, who sees it, and
   * who may set it. All that one audience sees of one workspace or member takes at most 4096 bytes as JSON.
   * @default no attributes
   */
  readonly attributes?: AttributeOptions<Permission>;
  /**
   * The adapter that counts resources.
   * @default `noQuota()`: no quota is enforced
   */
  readonly quota?: QuotaAdapter;
  /**
   * Milliseconds after which a quota adapter that has not answered is unavailable: from 1 to 60,000.
   * @default 5000
   */
  readonly quotaTimeout?: number;
  /**
   * Milliseconds after which a limits function that has not answered is unavailable: from 1 to 60,000. Inside
   * `withTransaction`, hooks have as long.
   * @default 5000
   */
  readonly limitsTimeout?: number;
  /**
   * Milliseconds after which a storage call that has not answered is unavailable: from 1 to 60,000. A commit that was late
   * may have taken effect. Set a limit of the database, too (`statement_timeout`), which also ends the statement, except
   * for a commit that waits for a synchronous standby.
   * @default no timeout
   */
  readonly storageTimeout?: number;
  /**
   * Whether a username belongs to one account. `false` is for apps without handles, whose usernames are names of people:
   * two of them may be the same. Later, `true` applies to accounts that are opened or renamed from then on.
   * @default true
   */
  readonly uniqueUsernames?: boolean;
  /**
   * The time.
   * @default the system's clock
   */
  readonly clock?: Clock;
  /**
   * The source of ids and secrets.
   * @default the platform's cryptographic random source
   */
  readonly ids?: Ids;
  /**
   * Receives an error of a listener. The command has already succeeded. It may be async; it is not awaited, and its own
   * errors are ignored.
   * @default errors of listeners are ignored
   */
  readonly onListenerError?: ListenerErrorHandler;
}

type Check = (value: unknown) => boolean;

const hasMethods =
  (...methods: readonly string[]): Check =>
  (value) =>
    isObject(value) && methods.every((method) => typeof Reflect.get(value, method) === 'function');

function isTimeout(value: unknown): boolean {
  return isWholeNumber(value, 1, 60_000);
}

/** Ten years of 365 days. */
const LONGEST_GRACE_SECONDS = 315_360_000;

function isDeletion(value: unknown): boolean {
  return (
    isObject(value) &&
    Object.keys(value).every((name) => name === 'graceSeconds') &&
    isWholeNumber(value['graceSeconds'], 0, LONGEST_GRACE_SECONDS)
  );
}

/** What each option must be, except those whose problems are described by their own checks. */
const FORMS: Readonly<
  Record<
    Exclude<keyof WorkspaceServiceOptions<string, string>, 'limits' | 'attributes'>,
    readonly [Check, string]
  >
> = {
  storage: [
    hasMethods(
      'load',
      'commit',
      'findMembership',
      'listWorkspaces',
      'listMembers',
      'listInvitations',
      'listInvitationsFor',
      'listInvitationEvents',
      'findAccounts',
      'findWorkspaces',
      'listPurgeable',
      'listEvents',
      'listAccountEvents',
    ),
    'be a StorageAdapter',
  ],
  tokens: [isObject, 'be given'],
  permissions: [
    hasMethods(
      'can',
      'explain',
      'permitsWhileSuspended',
      'permitsOnBehalf',
      'mayGrant',
      'permissionsOf',
      'grantsOf',
      'hasRole',
      'isGrantable',
    ),
    'be a permission matrix',
  ],
  invitationsPerActorPerDay: [isLimit, "be a whole number from 0, or 'unlimited'"],
  quota: [
    hasMethods('report', 'setLimits', 'reserve', 'commit', 'resize', 'release', 'forget'),
    'be a QuotaAdapter',
  ],
  quotaTimeout: [isTimeout, 'be a whole number from 1 to 60000'],
  limitsTimeout: [isTimeout, 'be a whole number from 1 to 60000'],
  storageTimeout: [isTimeout, 'be a whole number from 1 to 60000'],
  deletion: [isDeletion, 'be { graceSeconds }, a whole number from 0 to 315360000'],
  ownershipTransfer: [(value) => value === 'direct' || value === 'consent', "be 'direct' or 'consent'"],
  uniqueUsernames: [(value) => typeof value === 'boolean', 'be true or false'],
  clock: [hasMethods('now', 'sleep'), 'have now and sleep'],
  ids: [
    hasMethods('workspaceId', 'invitationId', 'eventId', 'secret'),
    'have workspaceId, invitationId, eventId and secret',
  ],
  onListenerError: [(value) => typeof value === 'function', 'be a function'],
};
const OWN_CHECKS = ['limits', 'attributes'];
const REQUIRED = ['storage', 'tokens', 'permissions'];

/** @throws TypeError naming the option: wrong options are a programming mistake. */
export function checkOptions(options: WorkspaceServiceOptions<string, string>): void {
  if (!isObject(options)) throw mistake('options must be given');
  for (const name of Object.keys(options)) {
    if (!OWN_CHECKS.includes(name) && !Object.hasOwn(FORMS, name)) throw mistake(`unknown option '${name}'`);
  }
  for (const [name, [fits, form]] of Object.entries(FORMS)) {
    const isGiven = name in options || REQUIRED.includes(name);
    if (isGiven && !fits(Reflect.get(options, name))) throw mistake(`${name} must ${form}`);
  }
  const { limits } = options;
  const problem = 'limits' in options && typeof limits !== 'function' ? limitsProblem(limits) : null;
  if (problem !== null) throw mistake(problem);
  if ('attributes' in options) {
    const wrong = attributesProblem(options.attributes, options.permissions);
    if (wrong !== null) throw mistake(wrong);
  }
}

/** @throws TypeError if the adapters of a transaction cannot replace those of the service. */
export function checkAdapters(
  options: WorkspaceServiceOptions<string, string>,
  adapters: { readonly storage: StorageAdapter; readonly quota?: QuotaAdapter },
): void {
  if (options.quota && !adapters.quota)
    throw mistake('the transaction needs a quota adapter, because the service has one');
  checkOptions({ ...options, ...adapters });
}

function mistake(problem: string): TypeError {
  return new TypeError(`WorkspaceService: ${problem}`);
}
