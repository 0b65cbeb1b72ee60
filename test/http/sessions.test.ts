// Bearer tokens: the caller they identify, and that they grant nothing else.
import { describe, expect, test } from 'vitest';
import { sessionActor, workspaceApi } from '../../src/http/index.js';
import { createTestWorkspaces, testTokens } from '../../src/testing/index.js';
import { ada, dev, outcome } from '../service/team.js';
import { ORIGIN, outcomeOf, problemIn } from './calls.js';
import { createScene, twoTenants } from './scene.js';

const scene = await createScene();
const { workspaces, session, link } = scene;

function actorBy(authorization: string | null) {
  const headers = authorization === null ? {} : { Authorization: authorization };
  return sessionActor(workspaces, new Request(ORIGIN, { headers }));
}

describe('the Authorization header', () => {
  const { token } = session;
  test.each([
    `Bearer ${token}`,
    `bearer ${token}`,
    `BEARER ${token}`,
    `Bearer    ${token}`,
    ` Bearer ${token}  `,
  ])('identifies dev: %.12s...', async (header) => {
    expect(await actorBy(header)).toEqual({ ...dev, signedInAt: new Date(scene.clock.now()) });
  });

  test.each([
    null,
    '',
    `Basic ${token}`,
    token,
    `Token ${token}`,
    `Bearerx ${token}`,
    `Negotiate Bearer ${token}`,
  ])('without a bearer token is an anonymous caller: %.20s', async (header) => {
    expect(await actorBy(header)).toBeNull();
  });

  test.each([
    'Bearer',
    'bearer ',
    `Bearer\t${token}`,
    `Bearer ${token} ${token}`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer "${token}"`,
    `Bearer token=${token}`,
    `Bearer ${token}é`,
    'Bearer x',
    'Bearer null',
    'Bearer undefined',
    'Bearer ..',
    `Bearer ${'x'.repeat(4096)}`,
    `Bearer ${'x'.repeat(4097)}`,
    `Bearer ${'x'.repeat(1_000_000)}`,
    `Bearer ${token.slice(0, -1)}`,
  ])('with a malformed bearer token is SESSION_INVALID, not anonymous: %.20s', async (header) => {
    expect(await outcome(actorBy(header))).toBe('SESSION_INVALID');
  });

  test('H-08 is the only place of a session token: a token in a path, a query or a cookie identifies no one', async () => {
    const places: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      [`/workspaces/${token}`, {}],
      [`/workspaces?token=${token}`, {}],
      [`/workspaces?access_token=${token}`, {}],
      ['/workspaces', { Cookie: `token=${token}; session=${token}; Authorization=Bearer ${token}` }],
      ['/workspaces', { 'X-Authorization': `Bearer ${token}`, 'X-Session-Token': token }],
    ];
    for (const [path, headers] of places) {
      const request = () => new Request(`${ORIGIN}${path}`, { headers });
      expect(await sessionActor(workspaces, request())).toBeNull();
      expect(await outcomeOf(await bearerApi(workspaces).fetch(request()))).toBe('UNAUTHENTICATED');
    }
  });

  test('with two tokens is SESSION_INVALID', async () => {
    const headers = new Headers({ Authorization: `Bearer ${token}` });
    headers.append('Authorization', `Bearer ${token}`);
    expect(await outcome(sessionActor(workspaces, new Request(ORIGIN, { headers })))).toBe('SESSION_INVALID');
  });
});

describe('the token', () => {
  test('I-08 an invitation token is not a session', async () => {
    expect(await outcome(actorBy(`Bearer ${link.token}`))).toBe('SESSION_INVALID');
  });

  test('I-08 a token of another issuer with the same key is not a session', async () => {
    const other = createTestWorkspaces({ tokens: { ...testTokens, issuer: 'https://other.example' } });
    const { workspace } = await other.workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const { token } = await other.workspaces.switchWorkspace(ada, { workspaceId: workspace.id });
    expect(await outcome(actorBy(`Bearer ${token}`))).toBe('SESSION_INVALID');
  });

  test('I-09 expires at the stated instant, and the API says so', async () => {
    const own = await createScene();
    const api = bearerApi(own.workspaces);
    own.clock.set(own.session.expiresAt.getTime() - 1);
    expect((await api.fetch(bearing(own.session.token, '/workspaces'))).status).toBe(200);
    own.clock.set(own.session.expiresAt);
    const { code, status } = await problemIn(await api.fetch(bearing(own.session.token, '/workspaces')));
    expect([code, status]).toEqual(['SESSION_EXPIRED', 401]);
  });

  test('never identifies an operator, and contains no e-mail address', async () => {
    const actor = (await actorBy(`Bearer ${session.token}`)) ?? {};
    expect(Object.keys(actor)).toEqual(['userId', 'signedInAt']);
  });
});

describe('a session for one workspace on the path of another', () => {
  test('H-08 T-11 is authorized by the present membership there: the role in the token grants nothing', async () => {
    const { workspaces: both, foreign, workspaceId } = await twoTenants();
    const api = bearerApi(both);
    const own = await both.createWorkspace(dev, { name: 'Own' });
    const asOwner = await both.switchWorkspace(dev, { workspaceId: own.id });
    expect(asOwner.role).toBe('owner');
    const ask = (path: string, method = 'GET') => api.fetch(bearing(asOwner.token, path, method));
    expect(await outcomeOf(await ask(`/workspaces/${workspaceId}/members`))).toBe('ok');
    expect(await outcomeOf(await ask(`/workspaces/${workspaceId}/invitations`))).toBe('PERMISSION_DENIED');
    expect(await outcomeOf(await ask(`/workspaces/${workspaceId}`, 'DELETE'))).toBe('PERMISSION_DENIED');
    expect(await outcomeOf(await ask(`/workspaces/${foreign.workspaceId}`))).toBe('WORKSPACE_NOT_FOUND');
    await both.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' });
    expect(await outcomeOf(await ask(`/workspaces/${workspaceId}/invitations`))).toBe('ok');
  });

  test('H-08 T-12 M-06 the session of a removed member still verifies, but grants nothing', async () => {
    const own = await createScene();
    const api = bearerApi(own.workspaces);
    const { workspaceId } = own;
    const ask = (path: string) => api.fetch(bearing(own.session.token, path));
    expect((await ask(`/workspaces/${workspaceId}/members`)).status).toBe(200);
    await own.workspaces.removeMember(ada, { workspaceId, userId: 'dev' });
    expect(await own.workspaces.verifySession({ token: own.session.token })).toMatchObject({ workspaceId });
    for (const { verb, path } of Object.values(api.routes)) {
      if (verb !== 'GET' || !path.startsWith('/workspaces/{workspaceId}')) continue;
      const query = /can|authorize|explain/.test(path) ? '?permission=workspace:view' : '';
      const response = await ask(`${path.replace('{workspaceId}', workspaceId)}${query}`);
      if (response.ok) expect(await response.text()).toContain('"allowed":false');
      else expect((await problemIn(response)).code).toBe('WORKSPACE_NOT_FOUND');
    }
    expect(await outcomeOf(await ask('/workspaces'))).toBe('ok');
  });
});

function bearerApi(service: typeof workspaces) {
  return workspaceApi({ workspaces: service, actor: (request) => sessionActor(service, request) });
}

function bearing(token: string, path: string, method = 'GET'): Request {
  return new Request(`${ORIGIN}${path}`, { method, headers: { Authorization: `Bearer ${token}` } });
}
