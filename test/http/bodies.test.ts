// Request bodies: how many bytes are read, which encodings are accepted, and broken bodies.
import { describe, expect, test } from 'vitest';
import { ada } from '../service/team.js';
import { as, jsonOf, ORIGIN, problemIn } from './calls.js';
import { CHUNK, codeOf, create, endless, json, openedApi, source, valid } from './sources.js';

describe('H-07 the body size limit', () => {
  test('a body with a larger Content-Length is rejected unread', async () => {
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
    'an endless body is cancelled as soon as it is too large, announced as %j',
    async (length) => {
      const { api } = await openedApi();
      const { told, body } = source(endless());
      expect(await codeOf(api, create(body, { ...json, ...length }))).toBe('BODY_TOO_LARGE');
      expect(told).toEqual({ pulled: 2 * CHUNK, canceled: true });
    },
  );

  test('a source that does not react to the cancellation does not delay the answer', async () => {
    const { api } = await openedApi();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(CHUNK)),
      cancel: () => new Promise(() => undefined),
    });
    expect(await codeOf(api, create(body))).toBe('BODY_TOO_LARGE');
  });

  test('the limit is exact to the byte', async () => {
    const { api } = await openedApi({ maxBodyBytes: valid.length });
    expect((await api.fetch(create(valid))).status).toBe(201);
    expect(await codeOf(api, create(`${valid} `))).toBe('BODY_TOO_LARGE');
    // bytes, not characters
    expect(await codeOf(api, create('{"name":"Kérnél"}'))).toBe('BODY_TOO_LARGE');
  });

  test('the smallest limit is one byte', async () => {
    const { api } = await openedApi({ maxBodyBytes: 1 });
    expect(await codeOf(api, create(' '))).toBe('INVALID_INPUT');
    expect(await codeOf(api, create('{}'))).toBe('BODY_TOO_LARGE');
  });
});

describe('a body in chunks', () => {
  test('of one byte each, split inside a character, is read', async () => {
    const { api } = await openedApi();
    const bytes = new TextEncoder().encode('{"name":"Zoë 🧑‍🚀"}'.replace('\u200d', ''));
    const { body } = source([...bytes].map((byte) => Uint8Array.of(byte)));
    const response = await api.fetch(create(body));
    expect(await jsonOf(response)).toMatchObject({ name: 'Zoë 🧑🚀' });
  });

  test('with empty chunks is read', async () => {
    const { api } = await openedApi();
    const piece = (text: string) => new TextEncoder().encode(text);
    const { body } = source([piece(''), piece('{"name":'), piece(''), piece('"Kernel"}'), piece('')]);
    expect((await api.fetch(create(body))).status).toBe(201);
  });

  test('H-07 that breaks off is rejected, and changes nothing', async () => {
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
    expect(detail).toBe('invalid input: body could not be read completely');
    expect(storage.dump()).toEqual(before);
  });

  test('H-07 whose request is aborted midway is rejected, and changes nothing', async () => {
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
    expect([code, detail]).toEqual(['INVALID_INPUT', 'invalid input: body could not be read completely']);
    expect(storage.dump()).toEqual(before);
  });

  test('of strings instead of bytes is rejected', async () => {
    const { api } = await openedApi();
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(valid),
    });
    expect(await codeOf(api, create(body))).toBe('INVALID_INPUT');
  });
});

describe('the format of a body', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; Charset="UTF-8"',
    'application/json; charset=utf8',
    'application/json; x="charset"; charset=utf-8',
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
    'application/json; charset=utf-16',
    'application/json;charset=latin1',
    'application/json; charset="iso-8859-1"',
    'application/json; charset',
    'application/json; charset=',
    'application/json; charset=utf-8; CHARSET=utf-7',
    'application/json; charset=utf-8x',
    '',
  ])('is rejected: %s', async (type) => {
    const { api, storage } = await openedApi();
    const before = storage.dump();
    const response = await api.fetch(create(valid, { 'Content-Type': type }));
    expect(response.headers.get('Accept')).toBe('application/json');
    expect((await problemIn(response)).code).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(storage.dump()).toEqual(before);
  });

  test.each([
    '{"name":"Kernel","name":"Other"}',
    '{"name":"Kernel" , "na\\u006de" : "Other"}',
    '{"name":"Kernel","x":{"a":1,"b":[{"c":1,"c":1}]}}',
    '{"name":"Kernel","__proto__":1,"__proto__":2}',
    '{"name":"Kernel","\\"":1,"\\"":2}',
    '{"a":"\\\\","a":"b"}',
    '{"name":":","name":"\\":"}',
  ])('H-07 has no duplicate keys at any depth: %s', async (text) => {
    const { api, storage } = await openedApi();
    const before = storage.dump();
    const { code, detail } = await problemIn(await api.fetch(create(text)));
    expect([code, detail]).toEqual(['INVALID_INPUT', 'invalid input: body has a duplicate key']);
    expect(storage.dump()).toEqual(before);
  });

  test.each(['a:b', '":"', '\\', '\\":"', '{"a":1,"a":2}', '":"'.repeat(20)])(
    'keeps a string that looks like keys: %j',
    async (name) => {
      const { api } = await openedApi();
      const response = await api.fetch(create(JSON.stringify({ name })));
      expect(await jsonOf(response)).toMatchObject({ name });
    },
  );

  test('may repeat a key in different objects: the schema decides', async () => {
    const { api } = await openedApi();
    const { detail } = await problemIn(
      await api.fetch(create('{"name":"x","x":[{"a":1},{"a":1,"b":{"a":[]}}]}')),
    );
    expect(detail).toContain('input.x');
  });

  test.each([
    ['arrays', '{"x":', '[', ']', '}'],
    ['objects', '', '{"x":', '}', ''],
  ])(
    'may nest %s as deep as its limit allows, which the schema rejects',
    async (_, start, open, close, end) => {
      const { api } = await openedApi();
      const depth = Math.floor(65_000 / (open.length + close.length));
      for (const inner of ['1', '{"a":1,"a":2}']) {
        const text = `${start}${open.repeat(depth)}${inner}${close.repeat(depth)}${end}`;
        const { code, detail } = await problemIn(await api.fetch(create(text)));
        expect(code).toBe('INVALID_INPUT');
        expect(detail.includes('duplicate key')).toBe(inner !== '1');
      }
    },
  );

  test('is UTF-8, with or without a byte order mark', async () => {
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

  test('may be empty if no field is required, whatever its type', async () => {
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
