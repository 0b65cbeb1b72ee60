// What a service is put together from, and the check that it can work.
import { limitsProblem } from '../domain/limits.js';
import type { PermissionMatrix } from '../domain/permissions.js';
import type { Clock, Ids } from '../ports/runtime.js';
import type { QuotaAdapter } from '../ports/quota.js';
import type { StorageAdapter } from '../ports/storage.js';
import type { TokenOptions } from '../tokens/tokens.js';
import type { ListenerErrorHandler } from './event-hub.js';
import type { LimitsSource } from './run-command.js';

/** Options of {@link WorkspaceService}. */
export interface WorkspaceServiceOptions<Role extends string, Permission extends string> {
  /** Where records are kept. */
  readonly storage: StorageAdapter;
  /** How tokens are signed and links are built. */
  readonly tokens: TokenOptions;
  /**
   * The same for all, or a function of the subject, asked for at each command that compares with a limit. Every limit
   * is given: a number from 0, where 0 means none, or `'unlimited'`.
   * @default `defaultLimits`
   */
  readonly limits?: LimitsSource;
  /**
   * Who may do what. Must be given where the roles and permissions are not those of `sealosMatrix`.
   * @default `sealosMatrix`
   */
  readonly permissions?: PermissionMatrix<Role, Permission>;
  /**
   * Who counts resources.
   * @default `noQuota()`: nothing is enforced
   */
  readonly quota?: QuotaAdapter;
  /**
   * After so many milliseconds a quota adapter that has not answered counts as down: from 1 to 60,000.
   * @default 5000
   */
  readonly quotaTimeout?: number;
  /**
   * The time.
   * @default the system's clock
   */
  readonly clock?: Clock;
  /**
   * Where ids and secrets come from.
   * @default the platform's cryptographic random source
   */
  readonly ids?: Ids;
  /**
   * Receives what a listener threw or rejected with; the command has long succeeded. It may be async; nobody waits for
   * it, and what it throws itself is lost.
   * @default nothing is done with it
   */
  readonly onListenerError?: ListenerErrorHandler;
}

const STORAGE_METHODS: readonly (keyof StorageAdapter)[] = [
  'load',
  'commit',
  'findMember',
  'listWorkspaces',
  'listMembers',
  'listInvitations',
  'listEvents',
  'listAccountEvents',
];

const QUOTA_METHODS: readonly (keyof QuotaAdapter)[] = [
  'report',
  'setLimits',
  'reserve',
  'commit',
  'release',
  'forget',
];

const MATRIX_METHODS: readonly (keyof PermissionMatrix)[] = [
  'can',
  'explain',
  'mayGrant',
  'permissionsOf',
  'grantsOf',
  'hasRole',
  'isGrantable',
];

const ID_METHODS: readonly (keyof Ids)[] = ['workspaceId', 'invitationId', 'eventId', 'secret'];

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof WorkspaceServiceOptions<string, string>>([
  'storage',
  'tokens',
  'limits',
  'permissions',
  'quota',
  'quotaTimeout',
  'clock',
  'ids',
  'onListenerError',
]);

/** @throws TypeError naming the option: a service that is put together wrongly is a programming mistake. */
export function checkOptions(options: WorkspaceServiceOptions<string, string>): void {
  if (!isObject(options)) throw new TypeError('WorkspaceService: options must be given');
  const stranger = Object.keys(options).find((name) => !OPTION_NAMES.has(name));
  if (stranger !== undefined) throw new TypeError(`WorkspaceService: there is no option '${stranger}'`);
  const { storage, tokens, limits, permissions, clock, ids, onListenerError } = options;
  const wrong =
    (!has(storage, STORAGE_METHODS) && 'storage must be a StorageAdapter') ||
    (!isObject(tokens) && 'tokens must be given') ||
    ('permissions' in options &&
      !has(permissions, MATRIX_METHODS) &&
      'permissions must come from definePermissionMatrix') ||
    ('quota' in options && !has(options.quota, QUOTA_METHODS) && 'quota must be a QuotaAdapter') ||
    ('quotaTimeout' in options &&
      !isTimeout(options.quotaTimeout) &&
      'quotaTimeout must be a whole number from 1 to 60000') ||
    ('clock' in options && !has(clock, ['now', 'sleep']) && 'clock must have now and sleep') ||
    ('ids' in options && !has(ids, ID_METHODS) && 'ids must be a source of every id') ||
    ('onListenerError' in options &&
      typeof onListenerError !== 'function' &&
      'onListenerError must be a function') ||
    ('limits' in options && typeof limits !== 'function' && limitsProblem(limits));
  if (wrong) throw new TypeError(`WorkspaceService: ${wrong}`);
}

function isTimeout(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 60_000;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function has(value: unknown, methods: readonly string[]): boolean {
  return isObject(value) && methods.every((method) => typeof Reflect.get(value, method) === 'function');
}
