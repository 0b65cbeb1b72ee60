// The service behind a Web-standard handler: find the route, know the caller, read the input, call the method, answer.
import type { Actor } from '../domain/actor.js';
import type { WorkspaceService } from '../service/workspace-service.js';
import { matcherOf, type Match } from './matching.js';
import { openApiOf, type OpenApiDocument, type OpenApiInfo } from './openapi.js';
import { isCrossOrigin } from './origins.js';
import { HttpError, problemResponse, securityHeaders } from './problems.js';
import { inputOf } from './reading.js';
import type { Route, RouteName, RouteShape, Routes } from './route.js';
import { routesOf } from './routes.js';

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
   * Asked before each call: after how many seconds to try again, or `null` to let it through. The answer is then
   * `RATE_LIMITED`, status 429.
   * @default every call is let through
   */
  readonly rateLimit?: (call: ApiCall<Context>) => number | null | Promise<number | null>;
  /**
   * Receives what was answered with a status from 500: a storage that failed, a mistake in a function of the host's.
   * @default console.error
   */
  readonly onError?: (error: unknown, request: Request) => void;
}

/** What {@link workspaceApi} makes. */
export interface WorkspaceApi<Context> {
  /** Serves one request; never rejects. The context, where the options name one, is handed to `actor` and `rateLimit`. */
  readonly fetch: (request: Request, context: Context) => Promise<Response>;
  /** The same routes as an OpenAPI 3.1 document. */
  readonly openApi: (info: OpenApiInfo) => OpenApiDocument;
  /** The routes by the name of their method. */
  readonly routes: Readonly<Partial<Record<RouteName, RouteShape>>>;
}

/**
 * The service as an HTTP API: one route for each method, from a Web-standard `Request` to a `Response`, so that it mounts
 * under Hono, Express, Fastify, Next.js and workers alike. Inputs are checked by the schemas of the methods, refusals are
 * problem details (RFC 9457) with the stable code, and GET changes nothing.
 *
 * @throws TypeError naming the option that is wrong.
 *
 * @example
 * ```ts
 * import { sessionActor, workspaceApi } from 'tenantry/http';
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * const { workspaces } = createTestWorkspaces();
 * const api = workspaceApi({ workspaces, basePath: '/api', actor: (request) => sessionActor(workspaces, request) });
 *
 * const response = await api.fetch(new Request('https://app.example/api/workspaces'));
 * response.status; // 401
 * (await response.json()).code; // 'UNAUTHENTICATED'
 * ```
 */
export function workspaceApi<Role extends string, Permission extends string, Context = void>(
  options: WorkspaceApiOptions<Role, Permission, Context>,
): WorkspaceApi<Context> {
  checkOptions(options);
  const { workspaces, actor, basePath = '', maxBodyBytes = 65_536, trustedOrigins, rateLimit } = options;
  const { onError = logged } = options;
  const routes = mounted(routesOf(workspaces), options.methods);
  const match = matcherOf(routes, basePath);

  return Object.freeze({
    fetch,
    openApi: (info: OpenApiInfo) => openApiOf(routes, { info, basePath }),
    routes: Object.freeze(Object.fromEntries(routes)),
  });

  async function fetch(request: Request, context: Context): Promise<Response> {
    let response: Response;
    try {
      const url = new URL(request.url);
      response = await answerOf({ request, url, context, ...match(request.method, url.pathname) });
    } catch (error) {
      response = problemResponse(error);
      if (response.status >= 500) report(error, request);
    }
    return request.method === 'HEAD' ? new Response(null, response) : response;
  }

  async function answerOf(call: Match & { request: Request; url: URL; context: Context }): Promise<Response> {
    const { name: method, route, request, url, fields, context } = call;
    if (isCrossOrigin(request, { trustedOrigins })) {
      throw new HttpError('CROSS_ORIGIN', 'a page of another origin sent this');
    }
    const caller = route.who === 'anyone' ? null : await actor(request, context);
    const run = route.admit(caller);
    const wait = (await rateLimit?.({ method, actor: caller, request, context })) ?? null;
    if (wait !== null) {
      const seconds = Math.max(1, Math.ceil(wait));
      throw new HttpError('RATE_LIMITED', `too many requests; try again in ${seconds} s`, {
        headers: { 'Retry-After': String(seconds) },
      });
    }
    const input = await inputOf({ request, url, fields, verb: route.verb }, maxBodyBytes);
    return responseOf(route, await run(input));
  }

  function report(error: unknown, request: Request): void {
    try {
      onError(error, request);
    } catch (cause) {
      logged(cause);
    }
  }
}

function responseOf({ answer, status }: RouteShape, value: unknown): Response {
  if (answer === null) return new Response(null, { status: 204, headers: securityHeaders });
  const headers = { ...securityHeaders, 'Content-Type': 'application/json' };
  return new Response(JSON.stringify(value), { status: status ?? 200, headers });
}

/** @throws TypeError for a method that has none. */
function mounted(routes: Routes, methods: readonly RouteName[] | undefined): (readonly [RouteName, Route])[] {
  const isRouteName = (name: string): name is RouteName => Object.hasOwn(routes, name);
  const stranger = methods?.find((name) => !Object.hasOwn(routes, name));
  if (stranger !== undefined) throw new TypeError(`workspaceApi: there is no route for '${stranger}'`);
  const names = Object.keys(routes).filter(isRouteName);
  return names.filter((name) => methods?.includes(name) ?? true).map((name) => [name, routes[name]]);
}

const BASE_PATH = /^(?:\/[\w.~-]+)*$/;

function checkOptions(options: WorkspaceApiOptions<string, string, never>): void {
  const { workspaces, actor, basePath = '', maxBodyBytes = 1 } = options;
  const wrong =
    (typeof workspaces !== 'object' && 'workspaces must be a WorkspaceService') ||
    (typeof actor !== 'function' && 'actor must be a function') ||
    (!BASE_PATH.test(basePath) && "basePath must be as '/api', without a slash at its end") ||
    (!(Number.isInteger(maxBodyBytes) && maxBodyBytes >= 1) && 'maxBodyBytes must be a whole number from 1');
  if (wrong) throw new TypeError(`workspaceApi: ${wrong}`);
}

function logged(error: unknown): void {
  console.error(error);
}
