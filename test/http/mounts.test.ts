// The recipes of the HTTP guide, each on a real server if it has one, called by a real client.
import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';
import { getRequestListener, serve } from '@hono/node-server';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpStatus, workspaceApi, type ProblemCode } from '../../src/http/index.js';
import type { UserActor } from '../../src/index.js';
import { app as expressApp } from './recipes/express.js';
import { app as fastifyApp } from './recipes/fastify.js';
import { app as honoApp } from './recipes/hono.js';
import { sessions, workspaces } from './recipes/host.js';
import * as route from './recipes/next.js';
import worker from './recipes/worker.js';

type Headers = Readonly<Record<string, string>>;

interface Mount {
  /** The prefix of every path. */
  readonly base: string;
  readonly send: (request: Request) => Promise<Response>;
  readonly headersOf: (user: UserActor) => Promise<Headers>;
  readonly server: Server | null;
  readonly close: () => Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** The part that a client can abort. */
const servers: Readonly<Record<string, () => Promise<Mount>>> = {
  Hono: async () => onServer(serve({ fetch: honoApp.fetch, port: 0, hostname: LOOPBACK })),
  Express: async () => onServer(expressApp.listen(0, LOOPBACK)),
  Fastify: async () => {
    await fastifyApp.listen({ port: 0, host: LOOPBACK });
    return { ...(await onServer(fastifyApp.server)), close: () => fastifyApp.close() };
  },
};

const mounts: Readonly<Record<string, () => Promise<Mount>>> = {
  ...servers,
  // by name and with the path parameters, as Next.js calls them; HEAD is routed to GET there
  'Next.js': async () => ({
    base: 'https://app.example/api',
    send: (request) => {
      const handlers: Readonly<Record<string, NextHandler>> = { ...route, HEAD: route.GET };
      const handler = handlers[request.method];
      if (handler === undefined) throw new Error(`no export ${request.method}`);
      return handler(request, { params: Promise.resolve({ path: ['workspaces'] }) });
    },
    headersOf: cookieOf,
    server: null,
    close: async () => undefined,
  }),
  'a worker': async () => ({
    base: 'https://app.example',
    send: (request) => worker.fetch(request),
    headersOf: bearerOf,
    server: null,
    close: async () => undefined,
  }),
};

type NextHandler = (
  request: Request,
  context: { readonly params: Promise<{ readonly path: readonly string[] }> },
) => Promise<Response>;

// A slash and a question mark, a space, a non-ASCII letter, and longer than what routers accept as a parameter.
const ben: UserActor = { userId: `ben/?# é%2F ${'x'.repeat(180)}` };
const ada: UserActor = { userId: 'ada' };

beforeAll(async () => {
  await workspaces.openAccount({ ...ada, username: 'ada', displayName: 'Ada Lovelace' });
  await workspaces.openAccount({ ...ben, username: 'ben' });
});

describe.each(Object.keys(mounts))('the API on %s', (name) => {
  let mount: Mount;
  beforeAll(async () => {
    const start = mounts[name];
    if (start === undefined) throw new Error(name);
    mount = await start();
  });
  afterAll(() => mount.close());

  test('requires a session', async () => {
    const response = await get('/workspaces');
    expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
    await expectProblem(response, 'UNAUTHENTICATED');
  });

  test('creates, lists, invites, previews, accepts and removes', async () => {
    const created = await answerOf(await post('/workspaces', { as: ada, body: { name: `team on ${name}` } }));
    expect(created).toMatchObject({ kind: 'team', name: `team on ${name}`, ownerId: 'ada' });
    const path = `/workspaces/${String(created['id'])}`;

    const first = await answerOf(await get('/workspaces?limit=1', ada));
    expect(first['items']).toHaveLength(1);
    const cursor = new URLSearchParams({ limit: '200', cursor: String(first['nextCursor']) });
    const rest = await answerOf(await get(`/workspaces?${cursor.toString()}`, ada));
    expect(rest['items']).toContainEqual(expect.objectContaining({ workspace: created }));

    const issued = await post(`${path}/invitations`, { as: ada, body: { role: 'developer' } });
    expect(issued.status).toBe(201);
    const { token } = await answerOf(issued);
    const preview = await answerOf(await post('/invitations/preview', { body: { token } }));
    expect(preview).toMatchObject({ workspaceName: `team on ${name}`, invitedBy: 'Ada Lovelace' });
    const joined = await answerOf(await post('/invitations/accept', { as: ben, body: { token } }));
    expect(joined).toMatchObject({ member: { ...ben, role: 'developer' } });

    const may = await answerOf(await get(`${path}/can?permission=resource%3Aview`, ben));
    expect(may).toEqual({ allowed: true });
    const member = `${path}/members/${encodeURIComponent(ben.userId)}`;
    const patched = await send(member, { method: 'PATCH', as: ada, body: { role: 'manager' } });
    expect(await answerOf(patched)).toMatchObject({ ...ben, role: 'manager' });
    const removed = await send(member, { method: 'DELETE', as: ada });
    expect(await answerOf(removed)).toEqual({ openLinks: [] });
    const left = await post(`${path}/leave`, { as: ben, body: {} });
    await expectProblem(left, 'WORKSPACE_NOT_FOUND');
    await expectProblem(await get(path, ben), 'WORKSPACE_NOT_FOUND');
  });

  test('reads user ids from the path unchanged', async () => {
    const account = `/accounts/${encodeURIComponent(ben.userId)}`;
    await workspaces.openAccount({ ...ben, username: 'ben' });
    const page = await answerOf(await get(`${account}/events?limit=1`, ben));
    expect(page['items']).toMatchObject([{ type: 'account.opened', ...ben }]);
  });

  test('answers unknown paths with 404 and other verbs with 405', async () => {
    await expectProblem(await get('/workspaces/ws-none', ada), 'WORKSPACE_NOT_FOUND');
    await expectProblem(await get('/nothing', ada), 'ROUTE_NOT_FOUND');
    const refused = await send('/workspaces', { method: 'PUT', as: ada });
    expect(refused.headers.get('Allow')).toBe('GET, HEAD, POST');
    await expectProblem(refused, 'METHOD_NOT_ALLOWED');
  });

  test('answers HEAD like GET, without a body', async () => {
    const response = await send('/workspaces', { method: 'HEAD', as: ada });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('application/json');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(await response.text()).toBe('');
    expect((await send('/workspaces', { method: 'HEAD' })).status).toBe(401);
  });

  test('rejects bodies that are not JSON, and cross-site requests', async () => {
    await expectProblem(await post('/workspaces', { as: ada, text: '{"name":' }), 'INVALID_INPUT');
    const plain = { 'Content-Type': 'text/plain' };
    await expectProblem(
      await post('/workspaces', { as: ada, text: '{}', headers: plain }),
      'UNSUPPORTED_MEDIA_TYPE',
    );
    const crossing = await post('/workspaces', {
      as: ada,
      body: {},
      headers: { Origin: 'https://evil.example' },
    });
    await expectProblem(crossing, 'CROSS_ORIGIN');
  });

  test('H-07 stops reading a body that is too large, and serves the next request', async () => {
    const text = JSON.stringify({ name: 'x'.repeat(10 * 1024 * 1024) });
    await expectProblem(await post('/workspaces', { as: ada, text }), 'BODY_TOO_LARGE');
    await expectProblem(await post('/workspaces', { as: ada, text: chunksOf(text) }), 'BODY_TOO_LARGE');
    expect((await get('/workspaces', ada)).status).toBe(200);
  });

  if (Object.hasOwn(servers, name)) {
    test('serves the next request after one that was aborted', async () => {
      const { server, base, headersOf } = mount;
      const { hostname, port, pathname } = new URL(base);
      const { Cookie = '' } = await headersOf(ada);
      const asked = new Promise((resolve) => server?.once('request', resolve));
      // not `once` of events, which would reject with the error that the server makes of a truncated request
      const closed = new Promise((resolve) =>
        server?.once('connection', (socket: Socket) => socket.once('close', resolve)),
      );
      const client = connect(Number(port), hostname);
      const lines = [`Host: ${hostname}`, `Cookie: ${Cookie}`, 'Content-Type: application/json'];
      const head = [`POST ${pathname}/workspaces HTTP/1.1`, ...lines, 'Content-Length: 1000', '', ''];
      client.write(`${head.join('\r\n')}{"na`);
      await asked;
      client.destroy();
      await closed;
      expect((await get('/workspaces', ada)).status).toBe(200);
    });
  }

  async function send(
    path: string,
    { method, as, body, text, headers }: Sending & { readonly method: string },
  ): Promise<Response> {
    const content = body === undefined ? text : JSON.stringify(body);
    return mount.send(
      new Request(`${mount.base}${path}`, {
        method,
        headers: {
          ...(content !== undefined && { 'Content-Type': 'application/json' }),
          ...(as && (await mount.headersOf(as))),
          ...headers,
        },
        ...(content !== undefined && { body: content, duplex: 'half' }),
      }),
    );
  }

  function get(path: string, as?: UserActor): Promise<Response> {
    return send(path, { method: 'GET', ...(as && { as }) });
  }

  function post(path: string, sending: Sending): Promise<Response> {
    return send(path, { method: 'POST', ...sending });
  }
});

interface Sending {
  readonly as?: UserActor;
  readonly body?: object;
  /** Sent unchanged. */
  readonly text?: string | ReadableStream;
  readonly headers?: Headers;
}

describe('an Express app that has handled the request before', () => {
  test('a router or `use` strips the path that it is mounted on, so there is no base path', async () => {
    const api = workspaceApi({ workspaces, actor: () => ada });
    const app = express().use(
      '/api',
      getRequestListener((request) => api.fetch(request)),
    );
    const response = await fetchOnce(app, { name: 'stripped' });
    expect(response.status).toBe(201);
  });

  test('a body that express.json() has read is reported, and the API does not wait for it', async () => {
    const api = workspaceApi({ workspaces, basePath: '/api', actor: () => ada });
    const app = express()
      .use(express.json())
      .use(getRequestListener((request) => api.fetch(request)));
    const response = await fetchOnce(app, { name: 'read before' });
    expect(await response.clone().text()).toContain('was it already read?');
    await expectProblem(response, 'INVALID_INPUT');
  });

  test('unless its bytes were kept as `rawBody`', async () => {
    const api = workspaceApi({ workspaces, basePath: '/api', actor: () => ada });
    const keep = (request: object, _response: unknown, bytes: Buffer) =>
      Object.assign(request, { rawBody: bytes });
    const app = express()
      .use(express.json({ verify: keep }))
      .use(getRequestListener((request) => api.fetch(request)));
    const response = await fetchOnce(app, { name: 'kept' });
    expect(response.status).toBe(201);
  });

  async function fetchOnce(app: express.Express, sent: object): Promise<Response> {
    const { base, close } = await onServer(app.listen(0, LOOPBACK));
    const response = await fetch(`${base}/workspaces`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(sent),
    });
    const text = await response.text();
    await close();
    return new Response(text, response);
  }
});

async function onServer(server: Server): Promise<Mount> {
  if (!server.listening) await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null)
    throw new Error('the server is not listening on a port');
  return {
    base: `http://${LOOPBACK}:${address.port}/api`,
    send: (request) => fetch(request),
    headersOf: cookieOf,
    server,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

async function cookieOf(user: UserActor): Promise<Headers> {
  const id = `of-${encodeURIComponent(user.userId)}`;
  sessions.set(id, user);
  return { Cookie: `theme=dark; session=${id}` };
}

async function bearerOf(user: UserActor): Promise<Headers> {
  const { workspace } = await workspaces.activeWorkspace(user);
  const { token } = await workspaces.switchWorkspace(user, { workspaceId: workspace.id });
  return { Authorization: `Bearer ${token}` };
}

async function answerOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const answer: unknown = await response.json();
  if (!response.ok || typeof answer !== 'object' || answer === null) throw new Error(JSON.stringify(answer));
  return { ...answer };
}

async function expectProblem(response: Response, code: ProblemCode): Promise<void> {
  expect(await response.json()).toMatchObject({ code, status: httpStatus[code] });
  expect(response.status).toBe(httpStatus[code]);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
}

/** Without a Content-Length. */
function chunksOf(text: string): ReadableStream {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < text.length) controller.enqueue(new TextEncoder().encode(text.slice(at, at + 65_536)));
      else controller.close();
      at += 65_536;
    },
  });
}
