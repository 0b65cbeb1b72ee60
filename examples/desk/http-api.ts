// The desk for programs: tenantry/http under /api, with the routes beside it that are the desk's own.
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

/** Who sends a request, by its session token. */
export type ApiActor = (request: Request) => Promise<UserActor>;

const BASE_PATH = '/api';

/**
 * Not served: accounts, which come about by signing in; what is for operators, of whom none comes over HTTP here; and the
 * deletion of a workspace, which here takes the desk's own rows with it.
 */
const notServed: ReadonlySet<RouteName> = new Set<RouteName>([
  ...(['openAccount', 'renameAccount', 'listAccountEvents'] as const),
  ...(['setQuota', 'reserveQuota', 'commitQuota', 'releaseQuota'] as const),
  'deleteWorkspace',
]);

/** Where a token can be tried, or a workspace be flooded with links. */
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
    return person && actorOf(person);
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
    if (caller === null) throw new HttpError('UNAUTHENTICATED', 'there is no session: sign in');
    return caller;
  };
  const own = ownRoutes({ core, people, resources, rates, actor: required });
  own.onError((thrown, c) => {
    // the desk's own word for a thing that is not there
    const isGone = thrown instanceof HTTPException && thrown.status === 404;
    const error = isGone ? new HttpError('ROUTE_NOT_FOUND', 'there is no such thing here') : thrown;
    const response = problemResponse(error);
    if (response.status >= 500) report(error, c.req.raw);
    return response;
  });

  const routes = new Hono<DeskEnv>();
  routes.use(`${BASE_PATH}/*`, async (c, next) => {
    if (isCrossOrigin(c.req.raw)) {
      return problemResponse(new HttpError('CROSS_ORIGIN', 'a page of another origin sent this'));
    }
    return next();
  });
  routes.route(BASE_PATH, own);
  routes.all(`${BASE_PATH}/*`, (c) => api.fetch(c.req.raw, c));

  const document = api.openApi({ title: 'Desk', version: '1', description: DESCRIPTION });
  return { routes, document: { ...document, paths: merged(ownOperations, document.paths) } };
}

const DESCRIPTION =
  'Sign in for a session token, and send it with each request: Authorization: Bearer …. It is good for ten minutes; a switch gives another.';

function merged(own: OpenApiDocument['paths'], theirs: OpenApiDocument['paths']): OpenApiDocument['paths'] {
  const paths = [...new Set([...Object.keys(own), ...Object.keys(theirs)])];
  return Object.fromEntries(paths.map((path) => [path, { ...theirs[path], ...own[path] }]));
}
