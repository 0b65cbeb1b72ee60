// A small SCIM 2.0 server (RFC 7643, RFC 7644): its users are accounts, and its groups are roles in one workspace.
import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { directoryOf, type DirectoryGroup, type DirectoryOptions, type DirectoryUser } from './directory.js';
import { errorBody, ScimError, scimErrorOf } from './error.js';
import { membersIn, objectIn, patchedGroup, patchedUser, userIn } from './patch.js';

export interface ScimOptions extends DirectoryOptions {
  /** The secret that you enter in the directory: at least 32 characters. */
  readonly token: string;
}

/** Serve it under the URL that you enter in the directory. */
export function scimServer(options: ScimOptions): Hono {
  const { token } = options;
  if (typeof token !== 'string' || token.length < 32)
    throw new TypeError('token must have at least 32 characters');
  const expected = digest(`Bearer ${token}`);
  const directory = directoryOf(options);
  const { users, groups } = directory;
  const app = new Hono();

  app.onError((error, context) => {
    const known = scimErrorOf(error);
    return context.json(errorBody(known), known.status, SCIM);
  });
  app.notFound((context) => context.json(errorBody(new ScimError(404, 'not found')), 404, SCIM));
  app.use(async ({ req }, next) => {
    // Digests have one length, so the comparison takes the same time for every header.
    if (!timingSafeEqual(digest(req.header('authorization') ?? ''), expected))
      throw new ScimError(401, 'the bearer token is missing or wrong');
    await next();
  });

  app.get('/Users', ({ req, json }) =>
    json(listOf([...users.values()], 'userName', req.query(), userView), 200, SCIM),
  );
  app.post('/Users', async ({ req, json }) => {
    const { userName, ...user } = userIn(objectIn(await bodyOf(req)));
    if (userName === undefined) throw new ScimError(400, 'userName is missing', 'invalidValue');
    const none = { displayName: null, email: null, externalId: null, active: true };
    return json(userView(await directory.createUser({ ...none, ...user, userName })), 201, SCIM);
  });
  app.get('/Users/:id', ({ req, json }) => json(userView(found(users, req.param('id'))), 200, SCIM));
  app.put('/Users/:id', async ({ req, json }) => {
    const user = found(users, req.param('id'));
    return json(userView(await directory.updateUser(user, userIn(objectIn(await bodyOf(req))))), 200, SCIM);
  });
  app.patch('/Users/:id', async ({ req, json }) => {
    const user = found(users, req.param('id'));
    return json(userView(await directory.updateUser(user, patchedUser(await bodyOf(req)))), 200, SCIM);
  });
  app.delete('/Users/:id', async ({ req, body }) => {
    await directory.deleteUser(found(users, req.param('id')));
    return body(null, 204);
  });

  app.get('/Groups', ({ req, json }) => {
    const query = req.query();
    return json(
      listOf([...groups.values()], 'displayName', query, (group) => groupView(group, query)),
      200,
      SCIM,
    );
  });
  app.post('/Groups', async ({ req, json }) =>
    json(groupView(await directory.putGroup(groupIn(await bodyOf(req)))), 201, SCIM),
  );
  app.get('/Groups/:id', ({ req, json }) =>
    json(groupView(found(groups, req.param('id')), req.query()), 200, SCIM),
  );
  app.put('/Groups/:id', async ({ req, json }) => {
    const { id } = found(groups, req.param('id'));
    return json(groupView(await directory.putGroup({ ...groupIn(await bodyOf(req)), id })), 200, SCIM);
  });
  app.patch('/Groups/:id', async ({ req, json }) => {
    const group = patchedGroup(found(groups, req.param('id')), await bodyOf(req));
    return json(groupView(await directory.putGroup(group)), 200, SCIM);
  });
  app.delete('/Groups/:id', async ({ req, body }) => {
    await directory.deleteGroup(found(groups, req.param('id')));
    return body(null, 204);
  });
  return app;
}

const SCIM = { 'content-type': 'application/scim+json' };

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function bodyOf(request: { json: () => Promise<unknown> }): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new ScimError(400, 'the body is no JSON', 'invalidSyntax');
  }
}

function found<Resource>(resources: ReadonlyMap<string, Resource>, id: string): Resource {
  const resource = resources.get(id);
  if (resource === undefined) throw new ScimError(404, `there is no resource ${id}`);
  return resource;
}

function groupIn(body: unknown): Omit<DirectoryGroup, 'id'> {
  const { displayName, members = [] } = objectIn(body);
  if (typeof displayName !== 'string') throw new ScimError(400, 'displayName is missing', 'invalidValue');
  return { displayName, members: new Set(membersIn(members)) };
}

function userView({ id, userName, displayName, email, externalId, active }: DirectoryUser) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id,
    userName,
    active,
    ...(displayName !== null && { displayName }),
    ...(externalId !== null && { externalId }),
    ...(email !== null && { emails: [{ value: email, type: 'work', primary: true }] }),
    meta: { resourceType: 'User', location: `Users/${id}` },
  };
}

function groupView(
  { id, displayName, members }: DirectoryGroup,
  { excludedAttributes }: Readonly<Record<string, string>> = {},
) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    id,
    displayName,
    ...(excludedAttributes !== 'members' && { members: [...members].map((value) => ({ value })) }),
    meta: { resourceType: 'Group', location: `Groups/${id}` },
  };
}

/** A page of the resources whose name the filter admits. Names are compared without case, as RFC 7643 says of `userName`. */
function listOf<Name extends string, Resource extends Readonly<Record<Name, string>>>(
  all: readonly Resource[],
  name: Name,
  { filter, startIndex = '1', count = '100' }: Readonly<Record<string, string>>,
  view: (resource: Resource) => object,
) {
  const wanted = new RegExp(`^${name} eq "([^"]*)"$`, 'i').exec(filter ?? '')?.[1]?.toLowerCase();
  if (filter !== undefined && wanted === undefined)
    throw new ScimError(400, `only ${name} eq "..." is supported`, 'invalidFilter');
  const admitted = all.filter((one) => wanted === undefined || one[name].toLowerCase() === wanted);
  const first = Math.max(1, Math.trunc(Number(startIndex)) || 1);
  const size = Math.min(100, Math.max(0, Math.trunc(Number(count)) || 0));
  const page = admitted.slice(first - 1, first - 1 + size).map(view);
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: admitted.length,
    startIndex: first,
    itemsPerPage: page.length,
    Resources: page,
  };
}
