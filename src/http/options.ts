// What an API is put together from, and the check that it can work.
import type { Actor } from '../domain/actor.js';
import { commandSchemas } from '../domain/commands/schemas.js';
import type { WorkspaceService } from '../service/workspace-service.js';
import type { RouteName } from './route.js';

/** A request that is about to be served. */
export interface ApiCall<Context> {
  /** The method of the service. */
  readonly method: RouteName;
  /** `null` where nobody is signed in: on the routes that need no session. */
  readonly actor: Actor | null;
  readonly request: Request;
  /** What the host handed over with the request. */
  readonly context: Context;
}

/** Options of {@link workspaceApi}. */
export interface WorkspaceApiOptions<Role extends string, Permission extends string, Context> {
  /** The service that is called. */
  readonly workspaces: WorkspaceService<Role, Permission>;
  /**
   * Who calls: from a session of the host's, or by {@link sessionActor}. `null` where nobody is signed in, and never an
   * operator because of something that the request says of itself.
   */
  readonly actor: (request: Request, context: Context) => Actor | null | Promise<Actor | null>;
  /**
   * What stands before each path, as `/api`.
   * @default nothing
   */
  readonly basePath?: string;
  /**
   * The methods that have a route; the rest is not there.
   * @default all
   */
  readonly methods?: readonly RouteName[];
  /**
   * The largest body that is read, in bytes, from 1.
   * @default 65536
   */
  readonly maxBodyBytes?: number;
  /**
   * Other origins whose pages may send requests that change something, as `https://app.example`: see {@link isCrossOrigin}.
   * @default none
   */
  readonly trustedOrigins?: readonly string[];
  /**
   * Asked before each call, with its body unread: `null` lets it through, and a number refuses it, as `RATE_LIMITED` with
   * status 429, to be tried again after so many seconds, but never less than one. Any other answer lets nothing through: it
   * is a mistake, answered as `INTERNAL`.
   * @default every call is let through
   */
  readonly rateLimit?: (call: ApiCall<Context>) => number | null | Promise<number | null>;
  /**
   * Receives what was answered with a status from 500: a storage that failed, a mistake in a function of the host's. It may
   * be async; nobody waits for it.
   * @default console.error
   */
  readonly onError?: (error: unknown, request: Request) => unknown;
}

const OPTION_NAMES: ReadonlySet<string> = new Set<keyof WorkspaceApiOptions<string, string, never>>([
  'workspaces',
  'actor',
  'basePath',
  'methods',
  'maxBodyBytes',
  'trustedOrigins',
  'rateLimit',
  'onError',
]);

/**
 * An option that is there must be right: a rate limit that is `undefined` by a typo must not let everybody through.
 *
 * @throws TypeError naming the option.
 */
export function checkOptions(options: WorkspaceApiOptions<string, string, never>): void {
  if (!isObject(options)) throw new TypeError('workspaceApi: options must be given');
  const stranger = Object.keys(options).find((name) => !OPTION_NAMES.has(name));
  if (stranger !== undefined) throw new TypeError(`workspaceApi: there is no option '${stranger}'`);
  const { workspaces, actor, basePath, methods, maxBodyBytes, trustedOrigins, rateLimit, onError } = options;
  const wrong =
    (!isService(workspaces) && 'workspaces must be a WorkspaceService') ||
    (typeof actor !== 'function' && 'actor must be a function') ||
    ('basePath' in options &&
      !isBasePath(basePath) &&
      "basePath must be as '/api', without a slash at its end") ||
    ('methods' in options && !Array.isArray(methods) && 'methods must be a list of methods') ||
    ('maxBodyBytes' in options && !isSize(maxBodyBytes) && 'maxBodyBytes must be a whole number from 1') ||
    ('trustedOrigins' in options &&
      !(Array.isArray(trustedOrigins) && trustedOrigins.every(isOrigin)) &&
      "trustedOrigins must be a list of origins as 'https://app.example', without a slash at their end") ||
    ('rateLimit' in options && typeof rateLimit !== 'function' && 'rateLimit must be a function') ||
    ('onError' in options && typeof onError !== 'function' && 'onError must be a function');
  if (wrong) throw new TypeError(`workspaceApi: ${wrong}`);
}

/** By what is asked of it: `instanceof` would refuse the service of another copy of the package. */
function isService(value: unknown): boolean {
  if (!isObject(value) || !isObject(Reflect.get(value, 'permissions'))) return false;
  return Object.keys(commandSchemas).every((name) => typeof Reflect.get(value, name) === 'function');
}

/** In the one spelling that the URL of a request has: a path with dot segments would never match. */
const BASE_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/;

function isBasePath(value: unknown): boolean {
  return typeof value === 'string' && BASE_PATH.test(value);
}

/** In the one spelling that browsers send. */
function isOrigin(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value;
}

function isSize(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
