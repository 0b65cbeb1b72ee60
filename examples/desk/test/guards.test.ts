// The guards in front of every page: headers, cross-site forms and body sizes; and that GET changes nothing.
import { describe, expect, test } from 'vitest';
import { ORIGIN, fieldOn, openDesk } from './desk.js';

describe('a cross-site form is rejected, and changes nothing', () => {
  const refused: readonly [string, Record<string, string>][] = [
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another host of the same site', { 'sec-fetch-site': 'same-site', origin: 'https://evil.desk.test' }],
    ['another site, in a browser that says no more', { origin: 'https://evil.example' }],
    ['another port', { origin: 'https://desk.test:8080' }],
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
    expect(answer.alert).toBe('This form was not sent from a page of the desk. Nothing was changed.');
    expect(await desk.dump()).toBe(before);
  });

  const accepted: readonly [string, Record<string, string>][] = [
    ['its own page', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
    ['the person, by themselves', { 'sec-fetch-site': 'none' }],
    ['its own page, in a browser that says no more', { origin: ORIGIN }],
    ['a program without cookies', {}],
  ];
  test.each(accepted)('a form of %s is accepted', async (_title, headers) => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    expect((await ada.post('/workspaces', { name: 'own' }, headers)).status).toBe(303);
  });

  test('every form, with every method', async () => {
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
      '/account/rename',
      '/account/close',
    ],
    ...[
      'rename',
      'delete',
      'restore',
      'invite',
      'members/role',
      'members/remove',
      'members/transfer',
      'members/offer',
      'members/offer/accept',
      'members/offer/decline',
      'members/offer/withdraw',
      'members/leave',
    ].map((action) => `${at}/${action}`),
    ...['invitations/reissue', 'invitations/revoke'].map((action) => `${at}/${action}`),
    ...['resources', 'resources/finish', 'resources/cancel', 'resources/delete'].map(
      (action) => `${at}/${action}`,
    ),
  ];
}

test('the list above has every POST route of the desk', async () => {
  const { app } = await openDesk();
  const known = new Set(
    posts('/w/:workspaceId').map((path) =>
      path.replace(
        /(resources|members\/offer)\/(?:finish|cancel|delete|accept|decline|withdraw)/,
        '$1/:action',
      ),
    ),
  );
  const there = app.routes
    .filter(({ method, path }) => method === 'POST' && !path.startsWith('/api'))
    .map(({ path }) => path.replace(/:action\{.*\}/, ':action'));
  expect(new Set(there)).toEqual(known);
});

test('a GET of every page and every action leaves the database unchanged', async () => {
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

  for (const path of [
    ...pages,
    '/',
    '/workspaces',
    '/account',
    '/closed',
    '/sign-in',
    '/join',
    ...posts(at),
  ]) {
    for (const visitor of [ada, ben, desk.stranger()]) {
      expect((await visitor.get(path + query)).status).toBeLessThan(500);
    }
  }
  expect(await desk.dump()).toBe(before);
  expect(desk.lines).toEqual([]);
});

test('reloading the response to a form shows the page of the form', async () => {
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
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
    },
  );

  test('over http on this machine do not require https', async () => {
    const desk = await openDesk({ origin: 'http://localhost:3000', address: ORIGIN });
    const { headers } = await desk.app.request(`${ORIGIN}/sign-in`);
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  test.each(['/api/workspaces', '/api/sign-in', '/api/nope', '/api', '/api/workspaces/x/resources'])(
    'of %s, which shows no page',
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

  test('no page has inline scripts or styles', async () => {
    const desk = await openDesk();
    const ada = await desk.signedIn('Ada');
    const at = await ada.create('hello');
    await ada.post(`${at}/resources`, { name: 'main', kind: 'cache', how: 'create' });
    const pages = ['', '/members', '/invite', '/resources', '/activity', '/api'].map((page) => at + page);
    for (const page of [...pages, '/workspaces', '/account']) {
      const { body } = await ada.get(page);
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
    expect([answer.status, answer.alert]).toEqual([413, 'The form is too large.']);
  });

  test.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain'])(
    'is a form, and not %s',
    async (type) => {
      const desk = await openDesk();
      const answer = await desk.stranger().post('/sign-in', {}, { 'content-type': type });
      expect([answer.status, answer.alert]).toEqual([415, 'This request is not a form of the desk.']);
    },
  );

  test('may contain a name that looks like a script, which every page shows as text', async () => {
    const desk = await openDesk();
    const nasty = '<script>alert(1)</script>"\'&';
    const [ada, ben] = [await desk.signedIn(nasty), await desk.signedIn(`${nasty} too`)];
    const at = await ada.create(`${nasty}!`);
    const token = await ada.invite(at);
    const join = await ben.post('/join', { token });
    await ben.accept(token);
    await ada.invite(at, { role: 'developer', email: "o'brien&co@example.com" });
    // No address that anybody can have: the form is shown again, with it.
    const email = '<b>"@example.com';
    const typed = await ada.post(`${at}/invite`, { role: 'developer', people: '1', days: '7', email });
    const pages = [join, typed, await ada.post(`${at}/delete`, { confirmName: nasty })];
    for (const page of ['', '/members', '/invite', '/resources', '/activity', '/api'])
      pages.push(await ada.get(at + page));
    pages.push(await ada.get('/account'), await ada.post('/account/close'));
    pages.push(await ada.get('/workspaces'), await ada.post('/workspaces', { name: nasty }));
    pages.push(await desk.stranger().post('/sign-in', { name: nasty, email: '"><script>' }));
    for (const { body } of pages) {
      expect(body.match(/<script/g)).toHaveLength(1);
      expect(body).not.toContain('<b>');
    }
    expect((await ada.get(`${at}/activity`)).text).toContain(`${nasty} created the workspace “${nasty}!”.`);
  });
});
