// The bytes of a body: how many are read, in which form they may come, and what happens when they do not.
import { describe, expect, test } from 'vitest';
import { ada } from '../service/team.js';
import { as, jsonOf, ORIGIN, problemIn } from './calls.js';
import { CHUNK, codeOf, create, endless, json, openedApi, source, valid } from './sources.js';

describe('H-07 the largest body that is read', () => {
  test('one announced as larger is refused unread', async () => {
    const { api, storage } = await openedApi();
    const before = storage.dump();
    const { told, body } = source(endless());
    const request = create(body, { ...json, 'Content-Length': String(10 * 1024 * 1024) });
    expect(await problemIn(await api.fetch(request))).toMatchObject({
      code: 'BODY_TOO_LARGE',
      status: 413,
      details: { maxBytes: 65_536 },
    });
    expect(told.pulled).toBe(0);
    expect(storage.dump()).toEqual(before);
  });

  test.each([{}, { 'Content-Length': '1' }, { 'Content-Length': 'many' }, { 'Content-Length': '-1' }])(
    'one that never ends is let go of as soon as it is too large, announced as %j',
    async (length) => {
      const { api } = await openedApi();
      const { told, body } = source(endless());
      expect(await codeOf(api, create(body, { ...json, ...length }))).toBe('BODY_TOO_LARGE');
      expect(told).toEqual({ pulled: 2 * CHUNK, canceled: true });
    },
  );

  test('a source that does not let go holds nothing up', async () => {
    const { api } = await openedApi();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(CHUNK)),
      cancel: () => new Promise(() => undefined),
    });
    expect(await codeOf(api, create(body))).toBe('BODY_TOO_LARGE');
  });

  test('is the one that was said, to the byte', async () => {
    const { api } = await openedApi({ maxBodyBytes: valid.length });
    expect((await api.fetch(create(valid))).status).toBe(201);
    expect(await codeOf(api, create(`${valid} `))).toBe('BODY_TOO_LARGE');
    // bytes, not characters
    expect(await codeOf(api, create('{"name":"Kérnél"}'))).toBe('BODY_TOO_LARGE');
  });

  test('is one byte at least', async () => {
    const { api } = await openedApi({ maxBodyBytes: 1 });
    expect(await codeOf(api, create(' '))).toBe('INVALID_INPUT');
    expect(await codeOf(api, create('{}'))).toBe('BODY_TOO_LARGE');
  });
});

describe('a body in pieces', () => {
  test('of one byte each, through the middle of a character', async () => {
    const { api } = await openedApi();
    const bytes = new TextEncoder().encode('{"name":"Zoë 🧑‍🚀"}'.replace('\u200d', ''));
    const { body } = source([...bytes].map((byte) => Uint8Array.of(byte)));
    const response = await api.fetch(create(body));
    expect(await jsonOf(response)).toMatchObject({ name: 'Zoë 🧑🚀' });
  });

  test('some of which are empty', async () => {
    const { api } = await openedApi();
    const piece = (text: string) => new TextEncoder().encode(text);
    const { body } = source([piece(''), piece('{"name":'), piece(''), piece('"Kernel"}'), piece('')]);
    expect((await api.fetch(create(body))).status).toBe(201);
  });

  test('H-07 that breaks off is refused, and changes nothing', async () => {
    const { api, storage } = await openedApi();
    const before = storage.dump();
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(valid));
      },
      pull: (controller) => controller.error(new Error('ECONNRESET 10.0.0.7')),
    });
    const { code, detail } = await problemIn(await api.fetch(create(broken)));
    expect(code).toBe('INVALID_INPUT');
    expect(detail).toBe('invalid input: body could not be read to its end');
    expect(storage.dump()).toEqual(before);
  });

  test('H-07 whose request is aborted midway', async () => {
    const { api, storage } = await openedApi();
    const before = storage.dump();
    const abort = new AbortController();
    const waiting = new ReadableStream<Uint8Array>({
      start: (controller) => {
        abort.signal.addEventListener('abort', () => controller.error(abort.signal.reason));
        controller.enqueue(new TextEncoder().encode('{"name":'));
      },
    });
    const answer = api.fetch(create(waiting));
    abort.abort();
    const { code, detail } = await problemIn(await answer);
    expect([code, detail]).toEqual(['INVALID_INPUT', 'invalid input: body could not be read to its end']);
    expect(storage.dump()).toEqual(before);
  });

  test('that are not bytes', async () => {
    const { api } = await openedApi();
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(valid),
    });
    expect(await codeOf(api, create(body))).toBe('INVALID_INPUT');
  });
});

describe('the form of a body', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json ; x=y',
  ])('is JSON: %s', async (type) => {
    const { api } = await openedApi();
    expect((await api.fetch(create(valid, { 'Content-Type': type }))).status).toBe(201);
  });

  test.each([
    'text/plain',
    'text/plain;charset=UTF-8;application/json',
    'text/json',
    'application/jsonp',
    'application/json,text/plain',
    'application/merge-patch+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ])('and nothing else: %s', async (type) => {
    const { api, storage } = await openedApi();
    const before = storage.dump();
    const response = await api.fetch(create(valid, { 'Content-Type': type }));
    expect(response.headers.get('Accept')).toBe('application/json');
    expect((await problemIn(response)).code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(storage.dump()).toEqual(before);
  });

  test('is UTF-8, with a byte order mark or without', async () => {
    const { api } = await openedApi();
    const bytes = (...parts: readonly (number | string)[]) =>
      Uint8Array.from(
        parts.flatMap((part) => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)])),
      );
    expect((await api.fetch(create(bytes(0xef, 0xbb, 0xbf, valid)))).status).toBe(201);
    const wrong = [
      bytes('{"name":"', 0xff, '"}'),
      bytes('{"name":"', 0xc3),
      bytes('{"name":"', 0xed, 0xa0, 0x80, '"}'),
      bytes('{"name":"', 0xc0, 0xaf, '"}'),
      bytes(0xff, 0xfe, '{\0}\0'),
    ];
    for (const body of wrong) {
      const { code, detail } = await problemIn(await api.fetch(create(body)));
      expect([code, detail]).toEqual(['INVALID_INPUT', 'invalid input: body must be UTF-8']);
    }
  });

  test('may be nothing where nothing is needed, whatever its type is said to be', async () => {
    const { workspaces, api } = await openedApi();
    const { id } = await workspaces.createWorkspace(ada, { name: 'Core' });
    const leave = (init: RequestInit) =>
      api.fetch(new Request(`${ORIGIN}/workspaces/${id}/switch`, { method: 'POST', ...init }));
    for (const body of [undefined, null, '', '{}']) {
      const headers = { ...as(ada), ...(body === '{}' && json) };
      expect((await leave({ headers, ...(body !== undefined && { body }) })).status).toBe(200);
    }
  });
});
