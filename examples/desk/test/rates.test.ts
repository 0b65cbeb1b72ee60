// Rate limits: of people for invitations, and of addresses for requests that a new user name would make free again.
import { describe, expect, test } from 'vitest';
import { ORIGIN, fieldOn, openDesk, type TestDesk } from './desk.js';

/** Sends a form, or JSON to a path under /api, from an address. Returns the response. */
async function send(
  { app }: TestDesk,
  path: string,
  { from, fields, cookie = '' }: { from: string; fields: Readonly<Record<string, string>>; cookie?: string },
): Promise<Response> {
  const isApi = path.startsWith('/api');
  const incoming = { socket: { remoteAddress: from } };
  const type = isApi ? 'application/json' : 'application/x-www-form-urlencoded';
  const body = isApi ? JSON.stringify(fields) : new URLSearchParams(fields).toString();
  const headers = { 'Content-Type': type, cookie };
  return app.request(ORIGIN + path, { method: 'POST', body, headers }, { incoming });
}

describe('requests about invitations are limited', () => {
  test('for each person and each address separately', async () => {
    const desk = await openDesk({ invitationsPerMinute: 3 });
    const [ada, ben] = [await desk.signedIn('Ada'), await desk.signedIn('Ben')];
    const at = await ada.create('hello');
    const token = await ada.invite(at);
    await ada.invite(at);
    const invitationId = fieldOn(await ada.get(`${at}/members`), 'invitationId');
    await ada.post(`${at}/invitations/reissue`, { invitationId });

    for (const path of [
      `${at}/invite`,
      `${at}/invitations/reissue`,
      '/join',
      '/join/accept',
      '/join/decline',
    ]) {
      const answer = await ada.post(path, { role: 'developer', token, invitationId });
      expect([path, answer.status]).toEqual([path, 429]);
      expect(answer.alert).toBe('Too many requests.');
      const seconds = Number(answer.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
    }
    expect((await ada.get(`${at}/members`)).status).toBe(200);
    expect((await ben.post('/join', { token: 'x' })).status).toBe(400);
    for (const status of [400, 400, 400, 429]) {
      expect((await desk.stranger().post('/join', { token: 'x' })).status).toBe(status);
    }
  });
});

describe('sign-ins are limited', () => {
  const ways: readonly string[] = ['/sign-in', '/join/sign-in', '/api/sign-in'];

  test.each(ways)('by %s: for each address, under any name', async (path) => {
    const desk = await openDesk({ signInsPerMinute: 3 });
    const signIn = (way: string, from: string, name: string) =>
      send(desk, way, { from, fields: way === '/join/sign-in' ? { name, token: 'x' } : { name } });
    for (const name of ['a', 'b', 'c']) expect((await signIn(path, '192.0.2.1', name)).status).not.toBe(429);
    for (const way of ways) {
      const refused = await signIn(way, '192.0.2.1', 'd');
      expect([way, refused.status]).toEqual([way, 429]);
      expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    }
    expect(await desk.count('desk_user')).toBe(3);
    expect((await signIn(path, '192.0.2.2', 'd')).status).not.toBe(429);
  });
});

test('signing in under new names does not reset the limit of an address', async () => {
  const desk = await openDesk({ invitationsPerMinute: 3 });
  const statuses: number[] = [];
  for (let person = 0; person < 11; person++) {
    const visitor = await desk.signedIn(`Minted ${person}`);
    for (let guess = 0; guess < 3; guess++) {
      const from = { from: '192.0.2.1', fields: { token: 'x' }, cookie: visitor.cookie() };
      statuses.push((await send(desk, '/join/accept', from)).status);
    }
  }
  expect(statuses).toEqual([...Array<number>(30).fill(400), 429, 429, 429]);
  const ben = await desk.signedIn('Ben');
  const elsewhere = { from: '192.0.2.2', fields: { token: 'x' }, cookie: ben.cookie() };
  expect((await send(desk, '/join/accept', elsewhere)).status).toBe(400);
});

test('guessing session tokens is limited', async () => {
  const desk = await openDesk({ invitationsPerMinute: 1 });
  const verify = async (from: string) =>
    (await send(desk, '/api/sessions/verify', { from, fields: { token: 'x' } })).status;
  for (let guess = 0; guess < 10; guess++) expect(await verify('192.0.2.1')).toBe(401);
  expect(await verify('192.0.2.1')).toBe(429);
  expect(await verify('192.0.2.2')).toBe(401);
});

test('verifying session tokens does not use up the limit for invitations', async () => {
  const desk = await openDesk({ invitationsPerMinute: 1 });
  const from = '192.0.2.1';
  const verify = () => send(desk, '/api/sessions/verify', { from, fields: { token: 'x' } });
  const accept = async (name: string) => {
    const cookie = (await desk.signedIn(name)).cookie();
    return send(desk, '/join/accept', { from, fields: { token: 'x' }, cookie });
  };
  for (let guess = 0; guess < 10; guess++) await verify();
  expect((await verify()).status).toBe(429);
  for (let person = 0; person < 10; person++) expect((await accept(`Person ${person}`)).status).toBe(400);
  expect((await accept('Ben')).status).toBe(429);
});

test('requests about invitations do not use up the limit for session tokens', async () => {
  const desk = await openDesk({ invitationsPerMinute: 1 });
  const from = '192.0.2.1';
  for (let person = 0; person < 11; person++) {
    const cookie = (await desk.signedIn(`Person ${person}`)).cookie();
    await send(desk, '/join/accept', { from, fields: { token: 'x' }, cookie });
  }
  expect((await send(desk, '/api/sessions/verify', { from, fields: { token: 'x' } })).status).toBe(401);
});
