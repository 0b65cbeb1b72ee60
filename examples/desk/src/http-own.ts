// The routes that the desk adds to the API: sign-in and resources.
import { Hono } from 'hono';
import * as z from 'zod/mini';
import { HttpError, securityHeaders, type OpenApiDocument, type OpenApiOperation } from 'tenantry/http';
import { smallBodiesOnly } from './body.js';
import type { Core } from './desk.js';
import type { ApiActor } from './http-api.js';
import { bodyOf, queryOf } from './http-input.js';
import { actorOf, isEmail, type People } from './people.js';
import type { Rates } from './rates.js';
import { isResourceName, type Kind, type Resources } from './resources.js';
import type { DeskEnv } from './session.js';

export interface OwnParts {
  readonly core: Core;
  readonly people: People;
  readonly resources: Resources;
  readonly rates: Rates;
  /** @throws HttpError `UNAUTHENTICATED` */
  readonly actor: ApiActor;
}

const PAGE = 200;

const signInInput = z.strictObject({
  name: z.string().check(z.minLength(1), z.maxLength(400)),
  email: z.optional(
    z.string().check(
      // the OpenAPI document shows the first two as well
      z.maxLength(320, { abort: true }),
      z.regex(/^[^\s@]+@[^\s@]+$/u, { abort: true }),
      z.refine(isEmail),
    ),
  ),
});
const kindNames: readonly Kind[] = ['database', 'worker', 'cache'];
const resourceInput = z.strictObject({
  name: z.string().check(z.maxLength(40), z.refine(isResourceName)),
  kind: z.enum(kindNames),
});

/** The caller that mounts these routes handles the errors that they throw. */
export function ownRoutes({ core, people, resources, rates, actor }: OwnParts): Hono<DeskEnv> {
  const { workspaces } = core;
  const app = new Hono<DeskEnv>();
  app.use(smallBodiesOnly(() => new HttpError('BODY_TOO_LARGE', 'the body must have at most 64 KiB')));

  app.post('/sign-in', async (c) => {
    const seconds = await rates.signIns(c, null);
    if (seconds !== null) {
      const headers = { 'Retry-After': String(seconds) };
      throw new HttpError('RATE_LIMITED', `too many sign-ins; try again in ${seconds} s`, { headers });
    }
    const { name, email = null } = await bodyOf(c, signInInput);
    const person = await people.signIn(name, email);
    const { workspace } = await workspaces.activeWorkspace(actorOf(person));
    const session = await workspaces.switchWorkspace(actorOf(person), { workspaceId: workspace.id });
    return c.json({ userId: person.id, session }, 200, securityHeaders);
  });

  app.get('/workspaces/:workspaceId/resources', async (c) => {
    const [caller, workspaceId] = [await actor(c.req.raw), c.req.param('workspaceId')];
    const { after } = await queryOf(c, ['after']);
    await workspaces.authorize(caller, { workspaceId, permission: 'resource:view' });
    const page = await resources.list(workspaceId, { limit: PAGE, after });
    return c.json(page, 200, securityHeaders);
  });

  app.post('/workspaces/:workspaceId/resources', async (c) => {
    const [caller, workspaceId] = [await actor(c.req.raw), c.req.param('workspaceId')];
    const resource = await bodyOf(c, resourceInput);
    return c.json(await resources.create(caller, { ...resource, workspaceId }), 201, securityHeaders);
  });

  app.delete('/workspaces/:workspaceId/resources/:id', async (c) => {
    const [caller, { workspaceId, id }] = [await actor(c.req.raw), c.req.param()];
    await queryOf(c);
    await resources.remove(caller, { workspaceId, id });
    return c.body(null, 204, securityHeaders);
  });

  return app;
}

/** The operations of these routes in the OpenAPI document. */
export const ownOperations: OpenApiDocument['paths'] = {
  '/sign-in': {
    post: operation('signIn', 'Sign in with a name alone, without a password (demo)', {
      body: signInInput,
      answers: {
        200: 'userId, and session as Session',
        400: 'INVALID_INPUT',
        409: 'USERNAME_TAKEN',
        429: 'RATE_LIMITED',
      },
    }),
  },
  '/workspaces/{workspaceId}/resources': {
    get: operation('listResources', 'List the resources of a workspace, oldest first', {
      path: ['workspaceId'],
      query: ['after'],
      answers: {
        200: 'items, and next: the id after which the next page starts',
        400: 'INVALID_INPUT',
        404: 'WORKSPACE_NOT_FOUND',
      },
    }),
    post: operation('createResource', 'Create a resource, charged to the quota', {
      path: ['workspaceId'],
      body: resourceInput,
      answers: {
        201: 'The resource',
        400: 'INVALID_INPUT',
        403: 'PERMISSION_DENIED',
        409: 'QUOTA_EXCEEDED',
      },
    }),
  },
  '/workspaces/{workspaceId}/resources/{id}': {
    delete: operation('deleteResource', 'Delete a resource and release its quota', {
      path: ['workspaceId', 'id'],
      answers: {
        204: 'Done',
        400: 'INVALID_INPUT',
        403: 'PERMISSION_DENIED',
        404: 'ROUTE_NOT_FOUND',
      },
    }),
  },
};

function operation(
  operationId: string,
  summary: string,
  {
    path = [],
    query = [],
    body,
    answers,
  }: {
    readonly path?: readonly string[];
    readonly query?: readonly string[];
    readonly body?: z.ZodMiniType;
    readonly answers: Readonly<Record<number, string>>;
  },
): OpenApiOperation {
  const schema = { type: 'string' };
  return {
    operationId,
    summary,
    tags: [operationId === 'signIn' ? 'sign-in' : 'workspaces'],
    ...(operationId !== 'signIn' && { security: [{ session: [] }] }),
    parameters: [
      ...path.map((name) => ({ name, in: 'path' as const, required: true, description: '', schema })),
      ...query.map((name) => ({ name, in: 'query' as const, required: false, description: '', schema })),
    ],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchemaOf(body) } } },
    }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, description]) => [status, { description }]),
    ),
  };
}

function jsonSchemaOf(schema: z.ZodMiniType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
