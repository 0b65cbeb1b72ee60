// Allowed hosts: a foreign domain that points to this machine is rejected (DNS rebinding).
import { describe, expect, test } from 'vitest';
import { openDesk, type TestDesk } from './desk.js';

const paths = ['/sign-in', '/desk.js', '/openapi.json', '/nope', '/api/workspaces', '/api/sign-in', '/live'];

async function statuses({ app }: TestDesk, host: string): Promise<readonly number[]> {
  const all = paths.map(async (path) => {
    const method = path === '/api/sign-in' ? 'POST' : 'GET';
    const response = await app.request(`http://${host}${path}`, { method });
    if (response.status === 421) {
      expect(await response.text()).toBe('The desk does not answer at this address.\n');
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    }
    return response.status;
  });
  return Promise.all(all);
}

const [served, refused] = [[200, 200, 200, 404, 401, 415, 401], paths.map(() => 421)];
const [local, behind] = [
  { origin: 'http://127.0.0.1:3000' },
  { origin: 'https://desk.example', address: 'http://127.0.0.1:3000' },
];

describe('a desk', () => {
  test.each([
    [local, '127.0.0.1:3000'],
    [local, 'localhost:3000'],
    [local, '[::1]:3000'],
    [{ origin: 'http://localhost:3000' }, '127.0.0.1:3000'],
    [{ origin: 'http://localhost:3000', address: 'http://0.0.0.0:3000' }, '127.0.0.1:3000'],
    [behind, 'desk.example'],
    [behind, 'DESK.example:80'],
    [behind, '127.0.0.1:3000'],
    [behind, 'localhost:3000'],
    [{ origin: 'https://192.0.2.7:8080' }, '192.0.2.7:8080'],
  ])('at %j answers for %s', async (options, host) => {
    expect(await statuses(await openDesk(options), host)).toEqual(served);
  });

  test.each([
    [local, 'evil.example:3000'],
    [local, 'evil.example'],
    [local, 'localhost'],
    [local, 'localhost:3001'],
    [local, 'localhost.evil.example:3000'],
    [local, '127.0.0.1.evil.example:3000'],
    [behind, 'evil.example'],
    [behind, 'desk.example.evil.example'],
    [behind, 'desk.example:8443'],
    [{ origin: 'https://192.0.2.7:8080' }, 'localhost:8080'],
  ])('at %j answers nothing for %s', async (options, host) => {
    expect(await statuses(await openDesk(options), host)).toEqual(refused);
  });
});
