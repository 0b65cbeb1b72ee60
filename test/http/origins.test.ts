// Cross-site requests by a browser (CSRF): which ones they are, and that they have no effect.
import { describe, expect, test } from 'vitest';
import { isCrossOrigin } from '../../src/http/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada } from '../service/team.js';
import { apiOf, ORIGIN, problemIn } from './calls.js';
import { endless, source } from './sources.js';

type Headers = Readonly<Record<string, string>>;
const site = (value: string): Headers => ({ 'Sec-Fetch-Site': value });
const from = (value: string): Headers => ({ Origin: value });
const bearer: Headers = { Authorization: 'Bearer x' };

function isCross(
  headers: Headers,
  { method = 'POST', url = `${ORIGIN}/x`, trusted = [] as readonly string[], exemptBearer = false } = {},
) {
  return isCrossOrigin(new Request(url, { method, headers }), { trustedOrigins: trusted, exemptBearer });
}

const cells: readonly (readonly [string, Headers, boolean])[] = [
  ['no browser header', {}, false],
  ['a cookie and no browser header', { Cookie: 'session=1' }, false],
  ['same-origin', site('same-origin'), false],
  ['none: typed, or from a bookmark', site('none'), false],
  ['same-site: another host of the domain', site('same-site'), true],
  ['cross-site', site('cross-site'), true],
  ['an unknown site', site('Same-Origin'), true],
  ['two sites', site('same-origin, cross-site'), true],
  ['an empty site', site(''), true],
  [
    'cross-site from the own origin, which no browser sends',
    { ...site('cross-site'), ...from(ORIGIN) },
    true,
  ],
  ['the own origin', from(ORIGIN), false],
  ['the own origin with an explicit port', from(`${ORIGIN}:443`), false],
  ['the own host behind a proxy that terminates TLS', from('http://app.example'), false],
  ['another port', from(`${ORIGIN}:8443`), true],
  ['a subdomain', from('https://www.app.example'), true],
  ['a host that has the own one as a prefix', from('https://app.example.evil.example'), true],
  ['a host with the own one as the user name', from('https://app.example@evil.example'), true],
  ['another origin', from('https://evil.example'), true],
  ['null, of a sandbox', from('null'), true],
  ['no URL', from('app.example'), true],
  ['an empty origin', from(''), true],
  ['two origins', from(`${ORIGIN}, https://evil.example`), true],
  ['a file', from('file://'), true],
  ['an extension', from('chrome-extension://abc'), true],
  ['cross-site with a bearer token, which a proxy may add', { ...site('cross-site'), ...bearer }, true],
  ['another origin with a bearer token', { ...from('https://evil.example'), ...bearer }, true],
  ['same-origin with a bearer token', { ...site('same-origin'), ...bearer }, false],
  ['a bearer token and no browser header', bearer, false],
  [
    'cross-site with Basic credentials, which browsers send by themselves',
    { ...site('cross-site'), Authorization: 'Basic eA==' },
    true,
  ],
  [
    'cross-site with Negotiate, which browsers send, too',
    { ...site('cross-site'), Authorization: 'Negotiate x' },
    true,
  ],
  [
    'cross-site with a scheme that has Bearer as a prefix',
    { ...site('cross-site'), Authorization: 'Bearerx y' },
    true,
  ],
];

describe('H-05 isCrossOrigin', () => {
  test.each(cells)('%s', (_, headers, expected) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'])
      expect(isCross(headers, { method })).toBe(expected);
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(isCross(headers, { method })).toBe(false);
  });

  test('the own host is the host of the request, with its port', () => {
    const own = { url: 'http://127.0.0.1:3000/x' };
    expect(isCross(from('http://127.0.0.1:3000'), own)).toBe(false);
    expect(isCross(from('http://127.0.0.1:3001'), own)).toBe(true);
    expect(isCross(from('http://localhost:3000'), own)).toBe(true);
    expect(isCross(from('http://[::1]:3000'), { url: 'http://[::1]:3000/x' })).toBe(false);
  });

  test('trusted origins are compared exactly, and override the site that the browser states', () => {
    const trusted = ['https://other.example'];
    expect(isCross({ ...from('https://other.example'), ...site('cross-site') }, { trusted })).toBe(false);
    expect(isCross(from('https://other.example'), { trusted })).toBe(false);
    for (const origin of [
      'http://other.example',
      'https://other.example:8443',
      'https://OTHER.example',
      'https://x.other.example',
      'null',
      '',
    ]) {
      expect(isCross({ ...from(origin), ...site('cross-site') }, { trusted })).toBe(true);
    }
    expect(isCross(site('cross-site'), { trusted })).toBe(true);
  });

  test('a string is not a list, because it would trust every substring', () => {
    const asked = () =>
      isCross(from('https://other.example'), { trusted: 'https://other.example.evil' as never });
    expect(asked).toThrow(TypeError);
  });

  describe('with exemptBearer', () => {
    const exemptBearer = true;

    test('a bearer token passes, case-insensitive', () => {
      for (const Authorization of ['Bearer x', 'bEARER x']) {
        expect(isCross({ ...site('cross-site'), Authorization }, { exemptBearer })).toBe(false);
        expect(isCross({ ...from('https://evil.example'), Authorization }, { exemptBearer })).toBe(false);
      }
    });

    test.each(['Basic eA==', 'Negotiate x', 'Bearerx y', 'Bearer', ''])(
      'another Authorization header does not: %j',
      (Authorization) => {
        expect(isCross({ ...site('cross-site'), Authorization }, { exemptBearer })).toBe(true);
      },
    );

    test.each([1, 'true', null, {}])('that is not a boolean throws: %j', (wrong) => {
      const asked = () => isCross(bearer, { exemptBearer: wrong as never });
      expect(asked).toThrow(new TypeError('isCrossOrigin: exemptBearer must be a boolean'));
    });
  });

  test('without options no other origin is trusted', () => {
    const headers = { ...from('https://evil.example'), ...bearer };
    expect(isCrossOrigin(new Request(ORIGIN, { method: 'POST', headers }))).toBe(true);
  });
});

describe('the API', () => {
  const cookie = { Cookie: 'session=of-ada' };

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'H-05 rejects a cross-site %s with cookies before it calls the actor function or reads the body',
    async (method) => {
      const { workspaces, storage } = createTestWorkspaces();
      await workspaces.openAccount({ ...ada, username: 'ada' });
      const { id } = await workspaces.createWorkspace(ada, { name: 'Core' });
      const before = storage.dump();
      const asked: string[] = [];
      const api = apiOf(workspaces, {
        actor: () => {
          asked.push('actor');
          return ada;
        },
        rateLimit: () => {
          asked.push('rateLimit');
          return null;
        },
      });
      const { told, body } = source(endless());
      const paths = {
        POST: `/workspaces/${id}/transfer`,
        PUT: '/accounts/ada',
        PATCH: `/workspaces/${id}`,
        DELETE: `/workspaces/${id}`,
      };
      const path = Object.entries(paths).find(([verb]) => verb === method)?.[1] ?? '';
      const headers = { ...cookie, 'Sec-Fetch-Site': 'cross-site', 'Content-Type': 'text/plain' };
      const init = { method, headers, body, duplex: 'half' as const };
      expect((await problemIn(await api.fetch(new Request(`${ORIGIN}${path}`, init)))).code).toBe(
        'CROSS_ORIGIN',
      );
      expect(asked).toEqual([]);
      expect(told.pulled).toBe(0);
      expect(storage.dump()).toEqual(before);
    },
  );

  test("H-05 accepts the app's own pages and trusted origins, and cross-site reads, whose answers no page can see", async () => {
    const { workspaces } = createTestWorkspaces();
    await workspaces.openAccount({ ...ada, username: 'ada' });
    const trustedOrigins = ['https://other.example'];
    const api = apiOf(workspaces, { actor: () => ada, trustedOrigins });
    const post = (headers: Headers) =>
      api.fetch(
        new Request(`${ORIGIN}/workspaces`, {
          method: 'POST',
          headers: { ...cookie, ...headers },
          body: '{}',
        }),
      );
    const json = { 'Content-Type': 'application/json' };
    expect((await problemIn(await post({ ...json, ...site('same-origin') }))).code).toBe('INVALID_INPUT');
    const trusted = { ...json, ...site('cross-site'), ...from('https://other.example') };
    expect((await problemIn(await post(trusted))).code).toBe('INVALID_INPUT');
    // trusted origins are copied when the API is created
    trustedOrigins.push('https://evil.example');
    expect(
      (await problemIn(await post({ ...site('cross-site'), ...from('https://evil.example') }))).code,
    ).toBe('CROSS_ORIGIN');
    const read = await api.fetch(
      new Request(`${ORIGIN}/workspaces`, { headers: { ...cookie, ...site('cross-site') } }),
    );
    expect(read.status).toBe(200);
    expect(read.headers.has('Access-Control-Allow-Origin')).toBe(false);
    expect(read.headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin');
  });

  test('H-05 rejects a cross-site form whose bearer token a proxy created from a cookie, unless exemptBearer is set', async () => {
    const { workspaces } = createTestWorkspaces();
    await workspaces.openAccount({ ...ada, username: 'ada' });
    const { id } = await workspaces.createWorkspace(ada, { name: 'Core' });
    const actor = ({ headers }: Request) => (headers.get('Authorization') === 'Bearer of-ada' ? ada : null);
    const form = () => {
      const headers = { ...cookie, ...site('cross-site'), Authorization: 'Bearer of-ada' };
      return new Request(`${ORIGIN}/workspaces/${id}`, { method: 'DELETE', headers });
    };
    for (const options of [{}, { exemptBearer: false }]) {
      const api = apiOf(workspaces, { actor, ...options });
      expect((await problemIn(await api.fetch(form()))).code).toBe('CROSS_ORIGIN');
    }
    expect((await workspaces.getWorkspace(ada, { workspaceId: id })).name).toBe('Core');
    const exempt = apiOf(workspaces, { actor, exemptBearer: true });
    expect((await exempt.fetch(form())).status).toBe(204);
  });

  test('a preflight request is rejected', async () => {
    const api = apiOf(createTestWorkspaces().workspaces);
    const headers = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' };
    const response = await api.fetch(new Request(`${ORIGIN}/workspaces`, { method: 'OPTIONS', headers }));
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('a form with cookies is rejected by its type even if a browser sends neither header', async () => {
    const api = apiOf(createTestWorkspaces().workspaces, { actor: () => ada });
    const body = new URLSearchParams({ name: 'x' });
    const response = await api.fetch(
      new Request(`${ORIGIN}/workspaces`, { method: 'POST', headers: cookie, body }),
    );
    expect((await problemIn(response)).code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });
});
