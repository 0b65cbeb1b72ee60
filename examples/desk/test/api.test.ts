// The HTTP API of the desk: the routes of tenantry/http under /api, and the desk's own routes.
import { describe, expect, test } from 'vitest';
import { ORIGIN, openDesk, type TestDesk } from './desk.js';

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Program {
  readonly userId: string;
  /** The id of the personal workspace. */
  readonly workspaceId: string;
  readonly token: string;
  readonly call: (verb: string, path: string, body?: unknown) => Promise<Reply>;
}

describe('the API of the desk', () => {
  test('the whole walk: sign in, create, invite, preview, accept, work within the role, be rejected', async () => {
    const desk = await openDesk();
    const ada = await signIn(desk, 'Ada');
    const { body: team } = await ada.call('POST', '/workspaces', { name: 'Engine' });
    const at = `/workspaces/${String(team['id'])}`;
    const issued = await ada.call('POST', `${at}/invitations`, { role: 'developer' });
    expect(issued.status).toBe(201);
    const { token, url } = issued.body;
    expect(url).toBe(`${ORIGIN}/join#${String(token)}`);

    const preview = await send(desk, 'POST', '/invitations/preview', { body: { token } });
    expect(preview.body).toMatchObject({ workspaceName: 'Engine', invitedBy: 'Ada', status: 'open' });
    const ben = await signIn(desk, 'Ben');
    expect((await ben.call('GET', at)).status).toBe(404);
    expect((await ben.call('POST', '/invitations/accept', { token })).status).toBe(200);
    expect((await ben.call('GET', `${at}/resources`)).body).toMatchObject({ items: [] });
    expect(await ben.call('POST', `${at}/resources`, { name: 'db', kind: 'database' })).toMatchObject({
      status: 403,
      body: { code: 'PERMISSION_DENIED' },
    });
    const eve = await signIn(desk, 'Eve');
    expect((await eve.call('POST', '/invitations/accept', { token })).body['code']).toBe('INVITATION_USED');
  });

  test('Q-06 creates resources within the quota, and releases the quota when they are deleted', async () => {
    const desk = await openDesk({ quota: { 'limits.cpu': '2', 'limits.memory': '8Gi', pods: '10' } });
    const ada = await signIn(desk, 'Ada');
    const { body: team } = await ada.call('POST', '/workspaces', { name: 'Engine' });
    const at = `/workspaces/${String(team['id'])}`;
    const made = await Promise.all(
      ['one', 'two', 'three'].map((name) => ada.call('POST', `${at}/resources`, { name, kind: 'database' })),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([201, 201, 409]);
    expect(made.find(({ status }) => status === 409)?.body['code']).toBe('QUOTA_EXCEEDED');
    expect(await desk.count('desk_resource')).toBe(2);
    const first = made.find(({ status }) => status === 201)?.body['id'];
    expect((await ada.call('DELETE', `${at}/resources/${String(first)}`)).status).toBe(204);
    expect((await ada.call('DELETE', `${at}/resources/${String(first)}`)).status).toBe(404);
    const quota = await ada.call('GET', `${at}/quota`);
    expect(quota.body).toMatchObject({
      resources: { 'limits.cpu': { used: '1', reserved: '0', limit: '2' } },
    });
  });

  test('deleting a workspace keeps its resources until the purge; a wrong confirmation deletes nothing', async () => {
    const desk = await openDesk();
    const ada = await signIn(desk, 'Ada');
    const { body: team } = await ada.call('POST', '/workspaces', { name: 'Engine' });
    const at = `/workspaces/${String(team['id'])}`;
    await ada.call('POST', `${at}/resources`, { name: 'db', kind: 'database' });
    expect((await ada.call('DELETE', `${at}?confirmName=engine`)).body['code']).toBe('CONFIRMATION_MISMATCH');
    expect(await desk.count('desk_resource')).toBe(1);
    expect((await ada.call('DELETE', `${at}?confirmName=Engine`)).status).toBe(204);
    expect((await ada.call('GET', `${at}/resources`)).status).toBe(404);
    expect(await desk.count('desk_resource')).toBe(1);
    desk.clock.advance(7 * 24 * 60 * 60_000);
    await desk.purge();
    expect(await desk.count('desk_resource')).toBe(0);
  });

  test('a misplaced confirmation deletes nothing', async () => {
    const desk = await openDesk();
    const ada = await signIn(desk, 'Ada');
    const { body: team } = await ada.call('POST', '/workspaces', { name: 'team x' });
    const at = `/workspaces/${String(team['id'])}`;
    const before = await desk.dump();
    for (const [query, body] of [
      ['', { confirmName: 'wrong' }],
      ['?confirmName=team%20x', { confirmName: 'wrong' }],
      ['', 'confirmName=wrong'],
      ['?confirm_name=wrong', undefined],
      ['?confirmName=team%20x&confirmName=wrong', undefined],
      ['?confirmName=team%20x&confirm%4Eame=team%20x', undefined],
      ['?confirmName=team%20x&force', undefined],
      ['?confirmName=team%20x&workspaceId=other', undefined],
      ['?confirmName=team%20x&confirmName=team%20x', undefined],
      ['?confirmName=%ff', undefined],
      ['?__proto__=wrong', undefined],
    ] as const) {
      const { status, body: problem } = await ada.call('DELETE', at + query, body);
      expect([query, body, status, problem['code']]).toEqual([query, body, 400, 'INVALID_INPUT']);
    }
    expect(await desk.dump()).toBe(before);
    expect((await ada.call('DELETE', `${at}?confirmName=team+x`, '')).status).toBe(204);
  });

  test('the desk’s own routes reject unknown input', async () => {
    const desk = await openDesk();
    const ada = await signIn(desk, 'Ada');
    const { body: team } = await ada.call('POST', '/workspaces', { name: 'Engine' });
    const at = `/workspaces/${String(team['id'])}/resources`;
    const { body: made } = await ada.call('POST', at, { name: 'db', kind: 'cache' });
    const resource = `${at}/${String(made['id'])}`;
    const before = await desk.dump();
    for (const [verb, path, body] of [
      ['POST', '/sign-in?name=Eve', { name: 'Eve' }],
      ['GET', `${at}?limit=1`, undefined],
      ['GET', `${at}?after=&after=`, undefined],
      ['POST', `${at}?dryRun=true`, { name: 'other', kind: 'cache' }],
      ['POST', at, '{"name":"other","kind":"cache","kind":"worker"}'],
      ['POST', at, '{"name":"other","kind":"cache","size":{"cpu":1}}'],
      ['POST', '/sign-in', '{"name":"Eve","n\\u0061me":"Ada"}'],
      ['DELETE', `${resource}?dryRun=true`, undefined],
      ['DELETE', resource, { dryRun: true }],
    ] as const) {
      const { status, body: problem } = await ada.call(verb, path, body);
      expect([path, status, problem['code']]).toEqual([path, 400, 'INVALID_INPUT']);
    }
    expect(await desk.dump()).toBe(before);
    expect((await ada.call('GET', `${at}?after=`)).body).toMatchObject({ items: [{ name: 'db' }] });
    expect((await ada.call('DELETE', resource)).status).toBe(204);
  });

  test('invalid requests get a problem response and change nothing', async () => {
    const desk = await openDesk();
    const ada = await signIn(desk, 'Ada');
    const { body: team } = await ada.call('POST', '/workspaces', { name: 'Engine' });
    const at = `/workspaces/${String(team['id'])}`;
    const before = await desk.dump();
    const replies = await Promise.all([
      send(desk, 'POST', '/sign-in', { body: '{' }),
      send(desk, 'POST', '/sign-in', { body: { name: '' } }),
      send(desk, 'POST', '/sign-in', { body: { name: 'Ada', email: 'no' } }),
      send(desk, 'POST', '/sign-in', { body: { name: 'Ada' }, headers: { 'Content-Type': 'text/plain' } }),
      send(desk, 'POST', '/sign-in', { body: { name: 'x'.repeat(10_000_000) } }),
      send(desk, 'POST', '/sign-in', { body: { name: 'Eve' }, headers: { Origin: 'https://evil.example' } }),
      send(desk, 'GET', '/workspaces', {}),
      send(desk, 'GET', '/workspaces', { headers: { Authorization: `Bearer ${ada.token}x` } }),
      send(desk, 'POST', `${at}/resources`, { body: { name: 'db', kind: 'database' } }),
      ada.call('POST', `${at}/resources`, { name: 'db', kind: 'mainframe' }),
      ada.call('POST', `${at}/resources`, { name: '<b>', kind: 'database' }),
      ada.call('POST', `${at}/resources`, ['db']),
      send(desk, 'POST', '/sign-in', {
        body: { name: 'Eve' },
        headers: { 'Content-Type': 'application/json; charset=utf-16' },
      }),
      ada.call('DELETE', `${at}/resources/${'x'.repeat(5000)}`),
      ada.call('GET', '/nowhere'),
      ada.call('PUT', `/accounts/${ada.userId}`, { username: 'Somebody' }),
      ada.call('PUT', `${at}/reservations/r1`, { amounts: { pods: '1' } }),
    ]);
    for (const { status, headers, body } of replies) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(headers.get('Content-Type')).toBe('application/problem+json');
      expect(Object.keys(body).sort()).toEqual(
        ['code', 'detail', 'details', 'retryable', 'status', 'title', 'type'].sort(),
      );
    }
    expect(await desk.dump()).toBe(before);
    expect(desk.lines).toEqual([]);
  });

  test('T-01 resources of other workspaces answer as not found', async () => {
    const desk = await openDesk();
    const [ada, eve] = [await signIn(desk, 'Ada'), await signIn(desk, 'Eve')];
    const { body: team } = await ada.call('POST', '/workspaces', { name: 'Engine' });
    const at = `/workspaces/${String(team['id'])}`;
    const { body: made } = await ada.call('POST', `${at}/resources`, { name: 'db', kind: 'cache' });
    const resource = `/resources/${String(made['id'])}`;
    const own = `/workspaces/${eve.workspaceId}`;
    for (const path of [at, `${at}/resources`, `${at}${resource}`, `${own}${resource}`]) {
      const verb = path.endsWith(resource) ? 'DELETE' : 'GET';
      expect((await eve.call(verb, path)).status).toBe(404);
    }
    expect((await eve.call('DELETE', at)).status).toBe(404);
    expect(await desk.count('desk_resource')).toBe(1);
  });

  test('limits the invitation routes for each person', async () => {
    const desk = await openDesk({ invitationsPerMinute: 3 });
    const [ada, ben] = [await signIn(desk, 'Ada'), await signIn(desk, 'Ben')];
    const accept = ({ call }: Program) => call('POST', '/invitations/accept', { token: 'guess' });
    for (let guess = 0; guess < 3; guess++)
      expect((await accept(ada)).body['code']).toBe('INVITATION_INVALID');
    const refused = await accept(ada);
    expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect((await accept(ben)).body['code']).toBe('INVITATION_INVALID');
    expect((await ada.call('GET', '/workspaces')).status).toBe(200);
  });

  test('the OpenAPI document lists every route, and the page shows every operation', async () => {
    const desk = await openDesk();
    const document: unknown = await (await desk.app.request(`${ORIGIN}/openapi.json`)).json();
    const operations = [...JSON.stringify(document).matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
    expect(operations).toContain('inviteMember');
    expect(operations).toContain('signIn');
    expect(operations).not.toContain('setQuota');
    const ada = await desk.signedIn('Ada');
    const { body } = await ada.get(`${(await ada.get('/')).location}/api`);
    for (const id of operations) expect(body).toContain(`id="${String(id)}"`);
  });
});

async function signIn(desk: TestDesk, name: string): Promise<Program> {
  const { status, body } = await send(desk, 'POST', '/sign-in', { body: { name } });
  expect(status).toBe(200);
  if (!isSignedIn(body)) throw new Error('no session');
  const { userId, session } = body;
  const { token, workspace } = session;
  const headers = { Authorization: `Bearer ${token}` };
  return {
    userId,
    workspaceId: workspace.id,
    token,
    call: (verb, path, content) => send(desk, verb, path, { body: content, headers }),
  };
}

interface SignedIn {
  readonly userId: string;
  readonly session: { readonly token: string; readonly workspace: { readonly id: string } };
}

function isSignedIn(body: object): body is SignedIn {
  return 'userId' in body && 'session' in body;
}

async function send(
  { app }: TestDesk,
  method: string,
  path: string,
  { body, headers }: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
): Promise<Reply> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await app.request(`${ORIGIN}/api${path}`, {
    method,
    headers: { ...(text !== undefined && { 'Content-Type': 'application/json' }), ...headers },
    ...(text !== undefined && { body: text }),
  });
  const received = await response.text();
  const parsed: unknown = received === '' ? {} : JSON.parse(received);
  return {
    status: response.status,
    headers: response.headers,
    body: typeof parsed === 'object' && parsed !== null ? { ...parsed } : {},
  };
}
