// The log: each failure in one line that cannot be forged, and no line for clients that disconnect.
import { createAdaptorServer } from '@hono/node-server';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { reasonInOneLine } from '../src/log.js';
import { ORIGIN, openDesk } from './desk.js';

test('a path cannot forge a log line or move the cursor', async () => {
  const desk = await openDesk();
  const ada = await desk.signedIn('Ada');
  await desk.close();
  const path = '/w/x%0AGET%20/forged:%20it%20is%20well%1B%5B2J%E2%80%AE%C2%85';
  for (const at of [path, `/api${path}`]) {
    const headers = { cookie: ada.cookie() };
    await desk.app.request(ORIGIN + at, { headers });
  }
  expect(desk.lines).toHaveLength(1); // the API has no such route
  const [line = ''] = desk.lines;
  expect(line).toContain(`GET ${path}: WorkspaceError UNAVAILABLE`);
  expect(line).toMatch(/^[\x20-\x7e]+$/);
});

test('an error message cannot forge a log line', () => {
  const cause = new Error('first\r\nsecond\u001b[2J\u2028third\u202efourth\0');
  expect(reasonInOneLine(new TypeError('outer\tone', { cause }))).toBe(
    'TypeError: outer one <- Error: first second [2J third fourth ',
  );
});

const sent: readonly [string, string][] = [
  ['/sign-in', 'application/x-www-form-urlencoded'],
  ['/join', 'application/x-www-form-urlencoded'],
  ['/api/sign-in', 'application/json'],
  ['/api/invitations/preview', 'application/json'],
];

describe.each(sent)('an incomplete body for %s', (path, type) => {
  test.each([{ 'Content-Length': '100' }, {}])(
    'is an error of the client and is not logged: %j',
    async (length) => {
      const desk = await openDesk();
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('name=A'));
        },
        pull: () => Promise.reject(new Error('aborted')),
      });
      const init = {
        method: 'POST',
        headers: { 'Content-Type': type, ...length },
        body,
        duplex: 'half',
      } as const;
      expect((await desk.app.request(ORIGIN + path, init)).status).toBe(400);
      expect(desk.lines).toEqual([]);
    },
  );

  test.each(['Content-Length: 100', 'Transfer-Encoding: chunked'])(
    'also if the connection closes, after %s',
    async (length) => {
      const desk = await openDesk();
      const socket = new Socket();
      let answer: (status: number) => void = () => undefined;
      const answered = new Promise<number>((resolve) => {
        answer = resolve;
      });
      const server = createAdaptorServer({
        fetch: async (request, env) => {
          socket.destroy();
          const response = await desk.app.fetch(request, env);
          answer(response.status);
          return response;
        },
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const address = server.address();
      if (typeof address !== 'object' || address === null) throw new Error('it does not listen');
      socket.connect(address.port, '127.0.0.1');
      const head = `POST ${path} HTTP/1.1\r\nHost: desk.test\r\nContent-Type: ${type}\r\n${length}`;
      socket.write(`${head}\r\n\r\n5\r\nname=`);
      expect(await answered).toBe(400);
      expect(desk.lines).toEqual([]);
      await new Promise((done) => server.close(done));
    },
  );
});
