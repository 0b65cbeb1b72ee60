// Path matching: ids are read unchanged, and inexact paths match no route.
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { RouteName } from '../../src/http/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada } from '../service/team.js';
import { apiOf, as, jsonOf, jsonRequest, ORIGIN, outcomeOf, problemIn, requestFor } from './calls.js';
import { createScene } from './scene.js';
import { routes, shapeOf } from './standing.js';

const scene = await createScene();
const api = apiOf(scene.workspaces);
const before = await scene.kept();

async function codeAt(path: string, method = 'GET'): Promise<string> {
  const url = `${ORIGIN}${path}`;
  if (method === 'GET') return outcomeOf(await api.fetch(new Request(url, { headers: as(ada) })));
  return outcomeOf(await api.fetch(new Request(url, { method, headers: as(ada) })));
}

describe('ids in a path', () => {
  const ids = [
    'a/b',
    'ü',
    '%2e',
    '%',
    'a?b#c',
    'a+b c',
    '..a',
    '...',
    '\\',
    '"<b>',
    '日本',
    '🧑',
    ';x=1',
    'x'.repeat(256),
  ];

  test.each(ids)('%j is read unchanged', async (userId) => {
    const { workspaces } = createTestWorkspaces();
    const own = apiOf(workspaces);
    const actor = { userId };
    const opened = await own.fetch(requestFor(shapeOf('openAccount'), { userId, username: 'one' }, actor));
    expect(await jsonOf(opened)).toMatchObject({ account: { userId } });
    const page = await own.fetch(requestFor(shapeOf('listAccountEvents'), { userId, limit: 1 }, actor));
    expect(await jsonOf(page)).toMatchObject({ items: [{ userId }] });
  });

  test.each(['\0', '\n', '\u202e', '\u200b', 'x'.repeat(257)])('%j is refused', async (userId) => {
    const response = await api.fetch(
      requestFor(shapeOf('openAccount'), { userId, username: 'one' }, { userId: 'x' }),
    );
    expect(await problemIn(response)).toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('. and .. cannot be ids in a path, and the resolved path matches no other route', async () => {
    const opaque = Object.entries(routes).filter(([, { path }]) => /\{(userId|reservationId)\}/.test(path));
    expect(opaque.length).toBeGreaterThan(6);
    for (const [name, { verb, path }] of opaque) {
      for (const dots of ['.', '..', '%2e', '%2E%2e', '.%2e']) {
        const filled = path
          .replace(/\{(userId|reservationId)\}/, dots)
          .replace('{workspaceId}', scene.workspaceId);
        const code = await codeAt(filled, verb);
        expect(['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED'], name).toContain(code);
      }
    }
    expect(await scene.kept()).toEqual(before);
  });
});

describe('a path without a route', () => {
  const { workspaceId } = scene;
  test.each([
    '/',
    '//workspaces',
    '/workspaces/',
    `/workspaces/${workspaceId}/`,
    `/workspaces//${workspaceId}`,
    '/workspaces//members',
    `/workspaces/${workspaceId}/members/`,
    `/workspaces%2F${workspaceId}`,
    `/Workspaces/${workspaceId}`,
    '/workspaces/%',
    '/workspaces/%zz',
    '/workspaces/%ff',
    '/workspaces/%ed%a0%80',
    '/workspaces/{workspaceId}/members/x/y',
    `/${'workspaces/'.repeat(10_000)}`,
    `/${'a'.repeat(1_000_000)}`,
    '/__proto__',
    '/constructor',
    '/workspaces/ws-1/toString',
  ])('%.60s', async (path) => {
    expect(await codeAt(path)).toBe('ROUTE_NOT_FOUND');
    expect(await codeAt(path, 'DELETE')).toBe('ROUTE_NOT_FOUND');
  });

  test('T-03 an empty id matches no route', async () => {
    for (const [name, { verb, path }] of Object.entries(routes)) {
      if (!path.includes('{')) continue;
      expect(`${name} ${await codeAt(path.replaceAll(/\{\w+\}/g, ''), verb)}`).toBe(
        `${name} ROUTE_NOT_FOUND`,
      );
    }
  });

  test('T-14 a very long id is rejected before any query', async () => {
    const code = await codeAt(`/workspaces/${'a'.repeat(1_000_000)}`);
    expect(code).toBe('INVALID_INPUT');
  });

  test('a path that a server decodes or resolves by itself is the same path', async () => {
    expect(await codeAt(`/workspaces/x/../${workspaceId}`)).toBe('ok');
    expect(await codeAt(`\\workspaces\\${workspaceId}`)).toBe('ok');
  });
});

describe('an escape in a path', () => {
  const { workspaceId } = scene;
  const escaped = (text: string) => text.replace(/./, (first) => `%${first.charCodeAt(0).toString(16)}`);

  test('H-10 is decoded in a field', async () => {
    expect(await codeAt(`/workspaces/${escaped(workspaceId)}`)).toBe('ok');
  });

  test('H-10 of a fixed segment matches no route, so that a rule of a proxy for the path cannot be passed by', async () => {
    for (const [name, { verb, path }] of Object.entries(routes)) {
      for (const segment of new Set(path.split('/').filter((each) => /^[a-z]/.test(each)))) {
        const at = path.replace(`/${segment}`, `/${escaped(segment)}`).replaceAll(/\{\w+\}/g, workspaceId);
        expect([name, at, await codeAt(at, verb)]).toEqual([name, at, 'ROUTE_NOT_FOUND']);
      }
    }
    expect(await scene.kept()).toEqual(before);
  });
});

describe('verbs', () => {
  test.each(['OPTIONS', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])(
    '%s on a path without it: 405, with the allowed verbs',
    async (method) => {
      const response = await api.fetch(new Request(`${ORIGIN}/workspaces`, { method }));
      expect(response.headers.get('Allow')).toBe('GET, HEAD, POST');
      expect((await problemIn(response)).code).toBe('METHOD_NOT_ALLOWED');
    },
  );

  test('Allow lists the verbs of the path that are mounted', async () => {
    const own = apiOf(scene.workspaces, { methods: ['renameWorkspace', 'listMembers'] });
    const allowed = async (path: string) =>
      (await own.fetch(new Request(`${ORIGIN}${path}`, { method: 'PUT' }))).headers.get('Allow');
    expect(await allowed('/workspaces/ws-1')).toBe('PATCH');
    expect(await allowed('/workspaces/ws-1/members')).toBe('GET, HEAD');
    expect(await allowed('/workspaces')).toBeNull();
    expect(Object.keys(own.routes).sort()).toEqual(['listMembers', 'renameWorkspace']);
  });

  test('HEAD of a route that only accepts POST is rejected without a body', async () => {
    const response = await api.fetch(new Request(`${ORIGIN}/invitations/accept`, { method: 'HEAD' }));
    expect([response.status, response.headers.get('Allow'), await response.text()]).toEqual([
      405,
      'POST',
      '',
    ]);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
  });
});

describe('a base path', () => {
  const under = (basePath: string) => apiOf(scene.workspaces, { basePath });
  const at = async (own: typeof api, path: string) =>
    outcomeOf(await own.fetch(new Request(`${ORIGIN}${path}`, { headers: as(ada) })));

  test('is required in front of every path, entirely', async () => {
    const own = under('/api/v1.0/~x');
    expect(await at(own, '/api/v1.0/~x/workspaces')).toBe('ok');
    for (const path of [
      '/workspaces',
      '/api/workspaces',
      '/api/v1.0/~xworkspaces',
      '/api/v1.0/~x',
      '/API/v1.0/~x/workspaces',
    ]) {
      expect(await at(own, path)).toBe('ROUTE_NOT_FOUND');
    }
  });

  test('is not needed if a router strips it', async () => {
    const stripped = (request: Request) => new Request(request.url.replace('/api/', '/'), request);
    const request = new Request(`${ORIGIN}/api/workspaces`, { headers: as(ada) });
    expect(await outcomeOf(await under('').fetch(stripped(request)))).toBe('ok');
    expect(await outcomeOf(await under('/api').fetch(request))).toBe('ok');
  });
});

describe('requests from another realm', () => {
  test('a subclass, and an object with the properties that are read', async () => {
    class OwnRequest extends Request {}
    expect((await api.fetch(new OwnRequest(`${ORIGIN}/workspaces`, { headers: as(ada) }))).status).toBe(200);
    const light = Object.create(Request.prototype, {
      url: { value: `${ORIGIN}/workspaces` },
      method: { value: 'GET' },
      headers: { value: new Headers(as(ada)) },
      body: { value: null },
      bodyUsed: { value: false },
    }) as Request;
    expect((await api.fetch(light)).status).toBe(200);
  });

  test('bytes of another realm', async () => {
    const own = apiOf(createTestWorkspaces().workspaces);
    const bytes: unknown = runInNewContext('Uint8Array.from(text, (sign) => sign.charCodeAt(0))', {
      text: '{"token":"x"}',
    });
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const headers = { 'Content-Type': 'application/json' };
    const init = { method: 'POST', headers, body, duplex: 'half' as const };
    const response = await own.fetch(new Request(`${ORIGIN}/invitations/preview`, init));
    expect(await outcomeOf(response)).toBe('INVITATION_INVALID');
  });

  test('a value that is not a request is an error of the app', async () => {
    const reports: unknown[] = [];
    const own = apiOf(scene.workspaces, { onError: (error) => reports.push(error) });
    for (const wrong of [{}, { url: '/workspaces', method: 'GET' }]) {
      expect((await problemIn(await own.fetch(wrong as never))).code).toBe('INTERNAL');
    }
    expect(reports).toHaveLength(2);
  });
});

test('the methods option omits the other routes', async () => {
  const methods: readonly RouteName[] = ['listWorkspaces'];
  const own = apiOf(scene.workspaces, { methods });
  const request = (path: string) => new Request(`${ORIGIN}${path}`, { headers: as(ada) });
  expect(await outcomeOf(await own.fetch(request('/workspaces')))).toBe('ok');
  expect(await outcomeOf(await own.fetch(request(`/workspaces/${scene.workspaceId}`)))).toBe(
    'ROUTE_NOT_FOUND',
  );
  const create = jsonRequest('POST', '/workspaces', '{"name":"x"}', as(ada));
  expect(await outcomeOf(await own.fetch(create))).toBe('METHOD_NOT_ALLOWED');
});
