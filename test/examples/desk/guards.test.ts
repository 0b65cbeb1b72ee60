// What stands before every page: headers, forms of other sites, sizes; and that looking changes nothing.
import { describe, expect, test } from 'vitest';
import { ORIGIN, fieldOn, openDesk } from './desk.js';

describe('a form of another site is refused, and changes nothing', () => {
  const refused: readonly [string, Record<string, string>][] = [
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another host of the same site', { 'sec-fetch-site': 'same-site', origin: 'http://evil.desk.test' }],
    ['another site, in a browser that says no more', { origin: 'https://evil.example' }],
    ['another port', { origin: 'http://desk.test:8080' }],
    ['a sandboxed frame', { origin: 'null' }],
    [
      'a site that calls itself something else',
      { 'sec-fetch-site': 'SAME-ORIGIN', origin: 'https://evil.example' },
    ],
  ];
  test.each(refused)('%s', async (_title, headers) => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const before = await desk.dump();
    const answer = await ada.post('/workspaces', { name: 'forged' }, headers);
    expect(answer.status).toBe(403);
    expect(answer.alert).toBe('This form was not sent from a page of the desk, so nothing was done.');
    expect(await desk.dump()).toBe(before);
  });

  const accepted: readonly [string, Record<string, string>][] = [
    ['its own page', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['the person, by themselves', { 'sec-fetch-site': 'none' }],
    ['its own page, in a browser that says no more', { origin: ORIGIN }],
    ['a program, which has nobody’s cookies', {}],
  ];
  test.each(accepted)('and one of %s is not', async (_title, headers) => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    expect((await ada.post('/workspaces', { name: 'own' }, headers)).status).toBe(303);
  });

  test('every form, and by every method', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const at = await ada.create('hello');
    const before = await desk.dump();
    const headers = { 'sec-fetch-site': 'cross-site' };
    for (const path of posts(at))
      expect([path, (await ada.post(path, {}, headers)).status]).toEqual([path, 403]);
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const cookie = ada.cookie();
      const response = await desk.app.request(`${ORIGIN}${at}`, { method, headers: { ...headers, cookie } });
      expect(response.status).toBe(403);
    }
    expect(await desk.dump()).toBe(before);
  });
});

function posts(at: string): readonly string[] {
  return [
    ...[
      '/sign-in',
      '/sign-out',
      '/switch',
      '/workspaces',
      '/join',
      '/join/sign-in',
      '/join/accept',
      '/join/decline',
    ],
    ...[
      'rename',
      'delete',
      'invite',
      'members/role',
      'members/remove',
      'members/transfer',
      'members/leave',
    ].map((action) => `${at}/${action}`),
    ...['invitations/reissue', 'invitations/revoke'].map((action) => `${at}/${action}`),
    ...['resources', 'resources/finish', 'resources/cancel', 'resources/delete'].map(
      (action) => `${at}/${action}`,
    ),
  ];
}

test('there is no other form: the list above is every POST that the desk answers', async () => {
  const { app } = await openDesk();
  const known = new Set(
    posts('/w/:workspaceId').map((path) =>
      path.replace(/resources\/(finish|cancel|delete)/, 'resources/:action'),
    ),
  );
  const there = app.routes
    .filter(({ method, path }) => method === 'POST' && !path.startsWith('/api'))
    .map(({ path }) => path.replace(/:action\{.*\}/, ':action'));
  expect(new Set(there)).toEqual(known);
});

test('looking changes nothing: after a GET of every page and every action the database is as it was', async () => {
  const desk = await openDesk();
  const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
  const at = await ada.create('hello');
  await ben.accept(await ada.invite(at));
  const token = await ada.invite(at);
  await ada.post(`${at}/resources`, { name: 'slow', kind: 'cache', how: 'start' });
  const id = fieldOn(await ada.get(`${at}/resources`), 'id');
  const pages = ['', '/members', '/invite', '/resources', '/activity', '/api'].map((page) => at + page);
  const query = `?${new URLSearchParams({ token, id, userId: ben.id(), role: 'manager', confirm: 'yes', name: 'x', confirmName: 'hello' }).toString()}`;
  const before = await desk.dump();

  for (const path of [...pages, '/', '/workspaces', '/sign-in', '/join', ...posts(at)]) {
    for (const visitor of [ada, ben, desk.stranger()]) {
      expect((await visitor.get(path + query)).status).toBeLessThan(500);
    }
  }
  expect(await desk.dump()).toBe(before);
  expect(desk.lines).toEqual([]);
});

test('whoever reloads the answer to a form is shown the page of the form', async () => {
  const desk = await openDesk();
  const ada = await desk.signedIn('Ada');
  const at = await ada.create('hello');
  for (const path of posts(at)) {
    const { status, location } = await ada.get(path);
    if (status === 200) continue; // the page itself
    expect([path, status]).toEqual([path, 303]);
    const page = await ada.get(location);
    expect([location, page.status === 200 || location === '/']).toEqual([location, true]);
  }
  expect((await ada.get('/nope')).status).toBe(404);
  expect((await desk.stranger().get('/nope')).status).toBe(404);
});

describe('headers', () => {
  test.each(['/sign-in', '/nope', '/join', '/desk.css', '/desk.js', '/favicon.svg', '/live'])(
    'of %s',
    async (path) => {
      const desk = await openDesk();
      const { headers } = await desk.app.request(ORIGIN + path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      );
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe(/\.\w+$/.test(path) ? 'no-cache' : 'no-store');
      expect(headers.get('strict-transport-security')).toBeNull();
    },
  );

  test.each(['/api/workspaces', '/api/sign-in', '/api/nope', '/api', '/api/workspaces/x/resources'])(
    'of %s, which shows nothing',
    async (path) => {
      const desk = await openDesk();
      const { headers } = await desk.app.request(ORIGIN + path);
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-frame-options')).toBe('DENY');
    },
  );

  test('no page holds a script or a style of its own', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const at = await ada.create('hello');
    await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'create' });
    for (const page of ['', '/members', '/invite', '/resources', '/activity', '/api']) {
      const { body } = await ada.get(at + page);
      expect(body).not.toMatch(/\sstyle=|<style|\son\w+=|javascript:/i);
      expect(body.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/desk.js">']);
      expect(body.match(/<h1/g)).toHaveLength(1);
    }
  });
});

describe('what is sent', () => {
  test('is limited in size', async () => {
    const desk = await openDesk();
    const answer = await desk.stranger().post('/sign-in', { name: 'a'.repeat(65 * 1024) });
    expect([answer.status, answer.alert]).toEqual([413, 'This is more than a form of the desk holds.']);
  });

  test.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain'])(
    'is a form, and not %s',
    async (type) => {
      const desk = await openDesk();
      const answer = await desk.stranger().post('/sign-in', {}, { 'content-type': type });
      expect([answer.status, answer.alert]).toEqual([415, 'This is not a form of the desk.']);
    },
  );

  test('may hold a name that looks like a script: it is shown as it is, everywhere', async () => {
    const desk = await openDesk();
    const nasty = '<script>alert(1)</script>"\'&';
    const [ada, ben] = [await desk.signedIn(nasty), await desk.signedIn(`${nasty} too`)];
    const at = await ada.create(`${nasty}!`);
    const token = await ada.invite(at);
    const join = await ben.post('/join', { token });
    await ben.accept(token);
    await ada.invite(at, { role: 'developer', email: '<b>"@example.com' });
    const pages = [join, await ada.post(`${at}/delete`, { confirmName: nasty })];
    for (const page of ['', '/members', '/invite', '/resources', '/activity', '/api'])
      pages.push(await ada.get(at + page));
    pages.push(await ada.get('/workspaces'), await ada.post('/workspaces', { name: nasty }));
    pages.push(await desk.stranger().post('/sign-in', { name: nasty, email: '"><script>' }));
    for (const { body } of pages) {
      expect(body.match(/<script/g)).toHaveLength(1);
      expect(body).not.toContain('<b>');
    }
    expect((await ada.get(`${at}/activity`)).text).toContain(`${nasty} created the workspace “${nasty}!”.`);
  });
});
