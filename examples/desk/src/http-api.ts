// The HTTP API of the desk: tenantry/http under /api, with additional routes of the desk.
import { Hono, type Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { UserActor } from 'tenantry';
import {
  HttpError,
  isCrossOrigin,
  problemResponse,
  routeNames,
  sessionActor,
  workspaceApi,
} from 'tenantry/http';
import type { ApiCall, OpenApiDocument, RouteName } from 'tenantry/http';
import type { Core } from './desk.js';
import { ownOperations, ownRoutes } from './http-own.js';
import { failureInOneLine } from './log.js';
import { actorOf, type People } from './people.js';
import type { Rates } from './rates.js';
import type { Resources } from './resources.js';
import type { DeskEnv } from './session.js';

export interface HttpApi {
  readonly routes: Hono<DeskEnv>;
  /** OpenAPI 3.1. */
  readonly document: OpenApiDocument;
}

export interface HttpApiParts {
  readonly core: Core;
  readonly people: People;
  readonly resources: Resources;
  readonly rates: Rates;
  readonly log: (line: string) => void;
}

/** The actor of a request, by its session token. */
export type ApiActor = (request: Request) => Promise<UserActor>;

const BASE_PATH = '/api';

/**
 * Not exposed, besides the methods without a route by default, which change accounts and quotas: the events of accounts,
 * because signing in manages accounts.
 */
const notServed: ReadonlySet<RouteName> = new Set<RouteName>(['listAccountEvents']);

/** Limited, because these methods allow guessing tokens or flooding a workspace with links. */
const limited: ReadonlySet<RouteName> = new Set<RouteName>([
  ...(['inviteMember', 'reissueInvitation'] as const),
  ...(['previewInvitation', 'acceptInvitation', 'declineInvitation'] as const),
]);

export function httpApi({ core, people, resources, rates, log }: HttpApiParts): HttpApi {
  const { workspaces } = core;
  const report = (error: unknown, request: Request): void => log(failureInOneLine(request, error));
  const actor = async (request: Request): Promise<UserActor | null> => {
    const named = await sessionActor(workspaces, request);
    const person = named && (await people.find(named.userId));
    return named && person && { ...actorOf(person), signedInAt: named.signedInAt };
  };

  const api = workspaceApi({
    workspaces,
    basePath: BASE_PATH,
    methods: routeNames.filter((name) => !notServed.has(name)),
    actor,
    rateLimit: ({ method, actor: caller, context }: ApiCall<Context<DeskEnv>>) => {
      if (method === 'verifySession') return rates.verifications(context, caller);
      return limited.has(method) ? rates.invitations(context, caller) : null;
    },
    onError: report,
  });

  const required: ApiActor = async (request) => {
    const caller = await actor(request);
    if (caller === null) throw new HttpError('UNAUTHENTICATED', 'no session: sign in first');
    return caller;
  };
  const own = ownRoutes({ core, people, resources, rates, actor: required });
  own.onError((thrown, c) => {
    // the desk's own routes throw an HTTPException for a missing resource
    const isGone = thrown instanceof HTTPException && thrown.status === 404;
    const error = isGone ? new HttpError('ROUTE_NOT_FOUND', 'no such resource') : thrown;
    const response = problemResponse(error);
    if (response.status >= 500) report(error, c.req.raw);
    return response;
  });

  const routes = new Hono<DeskEnv>();
  routes.use(`${BASE_PATH}/*`, async (c, next) => {
    if (isCrossOrigin(c.req.raw)) {
      return problemResponse(new HttpError('CROSS_ORIGIN', 'sent by a page of another origin'));
    }
    return next();
  });
  routes.route(BASE_PATH, own);
  routes.all(`${BASE_PATH}/*`, (c) => api.fetch(c.req.raw, c));

  const document = api.openApi({ title: 'Desk', version: '1', description: DESCRIPTION });
  return { routes, document: { ...document, paths: merged(ownOperations, document.paths) } };
}

const DESCRIPTION =
  'Sign in to get a session token, and send it with each request: Authorization: Bearer …. It expires after ten minutes; switching workspaces returns a new one.';

function merged(own: OpenApiDocument['paths'], theirs: OpenApiDocument['paths']): OpenApiDocument['paths'] {
  const paths = [...new Set([...Object.keys(own), ...Object.keys(theirs)])];
  return Object.fromEntries(paths.map((path) => [path, { ...theirs[path], ...own[path] }]));
}
