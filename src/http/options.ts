// The options of the HTTP API, and their check.
import type { Actor, UserActor } from '../core/actor.js';
import { methods as serviceMethods } from '../commands/index.js';
import { urlOf } from '../core/values.js';
import type { WorkspaceService } from '../service/workspace-service.js';
import type { Provisioned } from './provision.js';
import type { RouteName } from './routes.js';

/** A request before its method is called. */
export interface ApiCall<Context> {
  /** The method of the service. */
  readonly method: RouteName;
  /** `null` on routes that need no session, without a session, and if `actor` threw. */
  readonly actor: Actor | null;
  readonly request: Request;
  /** The second argument of `fetch`. */
  readonly context: Context;
}

/** A request of a user who has no account. Its body has been read. */
export interface ProvisionCall<Context> extends ApiCall<Context> {
  readonly actor: UserActor;
}

/** Options of {@link workspaceApi}. */
export interface WorkspaceApiOptions<Role extends string, Permission extends string, Context> {
  /** The service that the routes call. */
  readonly workspaces: WorkspaceService<Role, Permission>;
  /**
   * Returns the caller, from your app's session or by {@link sessionActor}; `null` if there is no session. Never return an
   * operator because of a field of the request that any client can set.
   */
  readonly actor: (request: Request, context: Context) => Actor | null | Promise<Actor | null>;
  /**
   * The prefix of every path, as `/api`.
   * @default no prefix
   */
  readonly basePath?: string;
  /**
   * The methods that have a route; the others answer 404. Add one that has none by default by its name:
   * `[...routeNames, 'setQuota']`.
   * @default `routeNames`: all except those that change accounts or quotas
   */
  readonly methods?: readonly RouteName[];
  /**
   * Opens the account of a signed-in user: called when a method needs the caller's account and there is none. Returns its
   * username and display name, or `null` to open none; then the call ends with `ACCOUNT_NOT_FOUND`. Take both from your own
   * records of the user, never from the request. Hooks of the method run again after the account was opened.
   * @default no account is opened
   */
  readonly provision?: (call: ProvisionCall<Context>) => Provisioned | Promise<Provisioned>;
  /**
   * The largest accepted body in bytes, from 1.
   * @default 65536
   */
  readonly maxBodyBytes?: number;
  /**
   * Other origins whose pages may send changing requests, as `https://app.example`: see {@link isCrossOrigin}.
   * @default none
   */
  readonly trustedOrigins?: readonly string[];
  /**
   * Whether requests with `Authorization: Bearer` skip the check of their origin. Enable it only if `actor` identifies callers by
   * that header alone, and no proxy adds it: see {@link OriginOptions}.
   * @default false
   */
  readonly exemptBearer?: boolean;
  /**
   * Called once for each request of a route, after `actor` and before the body is read, also if the caller is then refused. If
   * `actor` throws, it is called with the actor `null`, so that invalid tokens are limited, too. `null` admits the call. A number
   * rejects it with `RATE_LIMITED`, status 429, to be retried after that many seconds, at least one. Every other result is a
   * mistake and rejects the call with `INTERNAL`.
   * @default every call is admitted
   */
  readonly rateLimit?: (call: ApiCall<Context>) => number | null | Promise<number | null>;
  /**
   * Receives the errors that are answered with a status from 500: a failed storage, or a mistake in a function of your app. It
   * may be async; it is not awaited.
   * @default console.error
   */
  readonly onError?: (error: unknown, request: Request) => unknown;
}

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof WorkspaceApiOptions<string, string, never>>([
  'workspaces',
  'actor',
  'basePath',
  'methods',
  'provision',
  'maxBodyBytes',
  'trustedOrigins',
  'exemptBearer',
  'rateLimit',
  'onError',
]);

/**
 * An option that is present must be valid: a rate limit that is `undefined` by a typo must not admit every call.
 *
 * @throws TypeError naming the option.
 */
export function checkOptions(options: WorkspaceApiOptions<string, string, never>): void {
  if (!isObject(options)) throw new TypeError('workspaceApi: options must be given');
  const unknownOption = Object.keys(options).find((name) => !OPTION_NAMES.has(name));
  if (unknownOption !== undefined) throw new TypeError(`workspaceApi: unknown option '${unknownOption}'`);
  const { workspaces, actor, basePath, methods, maxBodyBytes, rateLimit, onError } = options;
  const { trustedOrigins, exemptBearer, provision } = options;
  const wrong =
    (!isService(workspaces) && 'workspaces must be a WorkspaceService') ||
    (typeof actor !== 'function' && 'actor must be a function') ||
    ('basePath' in options &&
      !isBasePath(basePath) &&
      "basePath must start with '/' and not end with one, as '/api'") ||
    ('methods' in options && !Array.isArray(methods) && 'methods must be a list of methods') ||
    ('provision' in options && typeof provision !== 'function' && 'provision must be a function') ||
    ('maxBodyBytes' in options && !isSize(maxBodyBytes) && 'maxBodyBytes must be a whole number from 1') ||
    ('trustedOrigins' in options &&
      !(Array.isArray(trustedOrigins) && trustedOrigins.every(isOrigin)) &&
      "trustedOrigins must be a list of origins without a final slash, as 'https://app.example'") ||
    ('exemptBearer' in options && typeof exemptBearer !== 'boolean' && 'exemptBearer must be a boolean') ||
    ('rateLimit' in options && typeof rateLimit !== 'function' && 'rateLimit must be a function') ||
    ('onError' in options && typeof onError !== 'function' && 'onError must be a function');
  if (wrong) throw new TypeError(`workspaceApi: ${wrong}`);
}

/** By its methods: `instanceof` would reject a service of another copy of the package. */
function isService(value: unknown): boolean {
  if (!isObject(value) || !isObject(Reflect.get(value, 'permissions'))) return false;
  return Object.keys(serviceMethods).every((name) => typeof Reflect.get(value, name) === 'function');
}

/** As URL parsers spell it: a path with dot segments would never match. */
const BASE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/;

function isBasePath(value: unknown): boolean {
  return typeof value === 'string' && BASE_PATH.test(value);
}

/** As browsers spell it. */
function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && urlOf(value)?.origin === value;
}

function isSize(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
