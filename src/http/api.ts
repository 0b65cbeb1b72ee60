// The Web-standard handler: find the route, identify the caller, read the input, call the method, answer.
import type { Actor } from '../core/actor.js';
import { isWorkspaceError } from '../errors.js';
import { parseActor } from '../service/parse.js';
import { matcherOf, type Match } from './matching.js';
import { openApiOf } from './openapi.js';
import type { OpenApiDocument, OpenApiInfo } from './openapi-document.js';
import { checkOptions, type WorkspaceApiOptions } from './options.js';
import { isCrossOrigin } from './origins.js';
import { HttpError, problemResponse, securityHeaders } from './problems.js';
import { inputOf } from './reading.js';
import { withAccount } from './provision.js';
import { isRouteName, routeNames, routesOf, shapeOf, type Route } from './route.js';
import type { RouteName, RouteShape } from './routes.js';

/** The second argument of {@link WorkspaceApi.fetch}: required if `actor` or `rateLimit` declares a context. */
export type ContextArgument<Context> = unknown extends Context ? [context?: unknown] : [context: Context];

/** The result of {@link workspaceApi}. */
export interface WorkspaceApi<Context> {
  /** Answers one request; never rejects. The context is passed to `actor` and `rateLimit`. */
  readonly fetch: (request: Request, ...context: ContextArgument<Context>) => Promise<Response>;
  /** The same routes as an OpenAPI 3.1 document. */
  readonly openApi: (info: OpenApiInfo) => OpenApiDocument;
  /** The routes by the name of their method. */
  readonly routes: Readonly<Partial<Record<RouteName, RouteShape>>>;
}

/**
 * The service as an HTTP API: one route per method, from a Web-standard `Request` to a `Response`, for Hono, Express, Fastify,
 * Next.js and workers. The methods' schemas check the input, errors are problem details (RFC 9457) with the stable code, and
 * GET changes nothing.
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
 * await response.json(); // { code: 'UNAUTHENTICATED', status: 401, title: 'Unauthenticated', ... }
 * ```
 */
export function workspaceApi<Role extends string, Permission extends string, Context = unknown>(
  options: WorkspaceApiOptions<Role, Permission, Context>,
): WorkspaceApi<Context> {
  checkOptions(options);
  const { workspaces, actor, basePath = '', maxBodyBytes = 65_536, rateLimit, onError = logged } = options;
  const { exemptBearer = false, provision } = options;
  const trustedOrigins = [...(options.trustedOrigins ?? [])];
  const mountedRoutes = mounted(routesOf(workspaces), options.methods ?? routeNames);
  const routes = provision === undefined ? mountedRoutes : mountedRoutes.map(provisionedRoute);
  const match = matcherOf(routes, basePath);

  return Object.freeze({
    // If a context is declared, the type of `fetch` requires it.
    fetch: (request: Request, ...[context]: ContextArgument<Context>) => serve(request, context as Context),
    openApi: (info: OpenApiInfo) => openApiOf(routes, { info, basePath }),
    routes: Object.freeze(Object.fromEntries(routes.map(([name, route]) => [name, shapeOf(route)]))),
  });

  type Call = Match & { readonly request: Request; readonly url: URL; readonly context: Context };

  async function serve(request: Request, context: Context): Promise<Response> {
    let response: Response;
    try {
      const url = new URL(request.url);
      response = await answerOf({ request, url, context, ...match(request.method, url.pathname) });
    } catch (error) {
      response = problemResponse(error);
      if (response.status >= 500) void report(error, request);
    }
    return request.method === 'HEAD' ? new Response(null, response) : response;
  }

  async function answerOf(call: Call): Promise<Response> {
    const { name: method, route, request, url, fields, context } = call;
    if (isCrossOrigin(request, { trustedOrigins, exemptBearer })) {
      throw new HttpError('CROSS_ORIGIN', 'the request comes from a page of another origin');
    }
    const caller = await limitedCaller(call);
    const run = route.admit(caller);
    const input = await inputOf({ request, url, fields, verb: route.verb }, maxBodyBytes);
    if (provision === undefined) return responseOf(route, await run(input));
    return responseOf(
      route,
      await withAccount(workspaces, caller, {
        provision: (user) => provision({ method, actor: user, request, context }),
        run: () => run(input),
      }),
    );
  }

  /** Asks `rateLimit` also if `actor` throws: a flood of invalid tokens must be limited. */
  async function limitedCaller({ name: method, route, request, context }: Call): Promise<Actor | null> {
    let caller: Actor | null = null;
    try {
      if (route.caller !== 'anyone') caller = callerOf(await actor(request, context));
    } finally {
      // RATE_LIMITED replaces the error of `actor`.
      if (rateLimit) refuseWhile(await rateLimit({ method, actor: caller, request, context }));
    }
    return caller;
  }

  /** The request is answered even if `onError` throws or rejects. */
  async function report(error: unknown, request: Request): Promise<void> {
    try {
      await onError(error, request);
    } catch (cause) {
      logged(cause);
    }
  }
}

/**
 * The checked actor. Anything else is a mistake of the app, not of the request.
 *
 * @throws TypeError
 */
function callerOf(answer: unknown): Actor | null {
  if (answer === null || answer === undefined) return null;
  try {
    return parseActor(answer);
  } catch (error) {
    const why = isWorkspaceError(error) ? `: ${error.message}` : '';
    throw new TypeError(`workspaceApi: actor must return an actor or null${why}`, { cause: error });
  }
}

/**
 * Only `null` admits a call.
 *
 * @throws HttpError `RATE_LIMITED`; TypeError where it is neither `null` nor a number
 */
function refuseWhile(wait: unknown): void {
  if (wait === null) return;
  const whole = typeof wait === 'number' ? Math.ceil(wait) : Number.NaN;
  if (!Number.isSafeInteger(whole)) {
    throw new TypeError('workspaceApi: rateLimit must return null or a number of seconds');
  }
  const seconds = Math.max(1, whole);
  throw new HttpError('RATE_LIMITED', `too many requests; retry in ${seconds} s`, {
    headers: { 'Retry-After': String(seconds) },
  });
}

function responseOf({ answer, status }: RouteShape, value: unknown): Response {
  if (answer === null) return new Response(null, { status: 204, headers: securityHeaders });
  const headers = { ...securityHeaders, 'Content-Type': 'application/json' };
  return new Response(JSON.stringify(value), { status: status ?? 200, headers });
}

/** @throws TypeError for a name without a route. */
function mounted(
  routes: readonly (readonly [RouteName, Route])[],
  names: readonly string[],
): readonly (readonly [RouteName, Route])[] {
  const unknownName = names.find((name) => !isRouteName(name));
  if (unknownName !== undefined) throw new TypeError(`workspaceApi: there is no route for '${unknownName}'`);
  return routes.filter(([name]) => names.includes(name));
}

/** A route that may open the caller's account may end as `openAccount` does. */
function provisionedRoute([name, route]: readonly [RouteName, Route]): readonly [RouteName, Route] {
  if (route.caller === 'anyone' || !route.errors.includes('ACCOUNT_NOT_FOUND')) return [name, route];
  const errors = [...new Set([...route.errors, ...PROVISION_ERRORS])];
  return [name, { ...route, errors }];
}

const PROVISION_ERRORS = ['CONFLICT', 'UNAVAILABLE', 'VETOED', 'USERNAME_TAKEN', 'ACCOUNT_CLOSING'] as const;

function logged(error: unknown): void {
  console.error(error);
}
