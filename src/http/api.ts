// The service behind a Web-standard handler: find the route, know the caller, read the input, call the method, answer.
import type { Actor } from '../domain/actor.js';
import { isWorkspaceError } from '../errors.js';
import { parseActor } from '../service/parse.js';
import { matcherOf, type Match } from './matching.js';
import { openApiOf, type OpenApiDocument, type OpenApiInfo } from './openapi.js';
import { checkOptions, type WorkspaceApiOptions } from './options.js';
import { isCrossOrigin } from './origins.js';
import { HttpError, problemResponse, securityHeaders } from './problems.js';
import { inputOf } from './reading.js';
import { shapeOf, type Route, type RouteName, type RouteShape, type Routes } from './route.js';
import { routesOf } from './routes.js';

/** What {@link WorkspaceApi.fetch} takes besides the request: whatever a framework hands over, unless the host's functions want it. */
export type ContextArgument<Context> = unknown extends Context ? [context?: unknown] : [context: Context];

/** What {@link workspaceApi} makes. */
export interface WorkspaceApi<Context> {
  /** Serves one request; never rejects. The context is handed to `actor` and `rateLimit`; where they want none, so does this. */
  readonly fetch: (request: Request, ...context: ContextArgument<Context>) => Promise<Response>;
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
 * await response.json(); // { code: 'UNAUTHENTICATED', status: 401, title: 'Unauthenticated', ... }
 * ```
 */
export function workspaceApi<Role extends string, Permission extends string, Context = unknown>(
  options: WorkspaceApiOptions<Role, Permission, Context>,
): WorkspaceApi<Context> {
  checkOptions(options);
  const { workspaces, actor, basePath = '', maxBodyBytes = 65_536, rateLimit, onError = logged } = options;
  const trustedOrigins = [...(options.trustedOrigins ?? [])];
  const routes = mounted(routesOf(workspaces), options.methods);
  const match = matcherOf(routes, basePath);

  return Object.freeze({
    // Where a context is wanted, the type of `fetch` asks for it.
    fetch: (request: Request, ...[context]: ContextArgument<Context>) => serve(request, context as Context),
    openApi: (info: OpenApiInfo) => openApiOf(routes, { info, basePath }),
    routes: Object.freeze(Object.fromEntries(routes.map(([name, route]) => [name, shapeOf(route)]))),
  });

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

  async function answerOf(call: Match & { request: Request; url: URL; context: Context }): Promise<Response> {
    const { name: method, route, request, url, fields, context } = call;
    if (isCrossOrigin(request, { trustedOrigins })) {
      throw new HttpError('CROSS_ORIGIN', 'a page of another origin sent this');
    }
    const caller = route.who === 'anyone' ? null : callerOf(await actor(request, context));
    const run = route.admit(caller);
    if (rateLimit) refuseWhile(await rateLimit({ method, actor: caller, request, context }));
    const input = await inputOf({ request, url, fields, verb: route.verb }, maxBodyBytes);
    return responseOf(route, await run(input));
  }

  /** Whether `onError` throws or rejects, the request has its answer. */
  async function report(error: unknown, request: Request): Promise<void> {
    try {
      await onError(error, request);
    } catch (cause) {
      logged(cause);
    }
  }
}

/**
 * Who calls, once it is sure that it is an actor: anything else is a mistake of the host's, not of the request.
 *
 * @throws TypeError
 */
function callerOf(answer: unknown): Actor | null {
  if (answer === null || answer === undefined) return null;
  try {
    return parseActor(answer);
  } catch (error) {
    const why = isWorkspaceError(error) ? `: ${error.message}` : '';
    throw new TypeError(`workspaceApi: actor must answer with an actor or null${why}`, { cause: error });
  }
}

/**
 * Only `null` lets a call through.
 *
 * @throws HttpError `RATE_LIMITED`; TypeError where it is neither `null` nor a number
 */
function refuseWhile(wait: unknown): void {
  if (wait === null) return;
  const whole = typeof wait === 'number' ? Math.ceil(wait) : Number.NaN;
  if (!Number.isSafeInteger(whole)) {
    throw new TypeError('workspaceApi: rateLimit must answer with null or a number of seconds');
  }
  const seconds = Math.max(1, whole);
  throw new HttpError('RATE_LIMITED', `too many requests; try again in ${seconds} s`, {
    headers: { 'Retry-After': String(seconds) },
  });
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

function logged(error: unknown): void {
  console.error(error);
}
