// The input of a method, gathered from a request: the fields in its path, and the rest from its query or its JSON body.
import type { WorkspaceError } from '../errors.js';
import { invalid } from '../service/parse.js';
import { HttpError } from './problems.js';
import type { RouteShape } from './route.js';

/** A request that has found its route. */
export interface Found {
  readonly request: Request;
  readonly url: URL;
  readonly verb: RouteShape['verb'];
  /** The fields that stand in the path. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Everything that the request says, for the schema to judge.
 *
 * @throws WorkspaceError `INVALID_INPUT`; HttpError `BODY_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`; TypeError where the body
 * was read before
 */
export async function inputOf({ request, url, verb, fields }: Found, maxBodyBytes: number): Promise<unknown> {
  const said =
    verb === 'GET' || verb === 'DELETE'
      ? await queryOf(request, url)
      : jsonOf(request, await bodyOf(request, url, maxBodyBytes));
  const twice = said.find(([key]) => fields.has(key));
  if (twice !== undefined) throw misplaced(`input.${twice[0]}`, 'stands in the path');
  // Made of entries, so that a `__proto__` is a field like any other, and refused like one.
  return Object.fromEntries<unknown>([...said, ...fields]);
}

/** The one field of a query that is no text, in the one spelling that JSON has for it. */
const LIMIT = 'limit';
const WHOLE = /^(?:0|[1-9]\d{0,8})$/;

async function queryOf(request: Request, { search, searchParams }: URL): Promise<[string, unknown][]> {
  // What nobody reads is refused: a confirmation that is sent in the wrong place must not be lost in silence.
  await textOf(request, 0, () => misplaced('body', 'must be empty: the input of this route is its query'));
  if (!isDecodable(search)) throw misplaced('query', 'has an escape that is none');
  const seen = new Map<string, unknown>();
  for (const [key, text] of searchParams) {
    if (seen.has(key)) throw misplaced('query', 'has a field twice');
    seen.set(key, key === LIMIT && WHOLE.test(text) ? Number(text) : text);
  }
  return [...seen];
}

/** `URLSearchParams` reads every broken escape as U+FFFD: the input would be another than what was sent. */
function isDecodable(search: string): boolean {
  try {
    decodeURIComponent(search);
    return true;
  } catch {
    return false;
  }
}

async function bodyOf(request: Request, { search }: URL, maxBytes: number): Promise<string> {
  if (search !== '') throw misplaced('query', 'must be empty: the input of this route is its body');
  const tooLarge = () =>
    new HttpError('BODY_TOO_LARGE', `the body must have at most ${maxBytes} bytes`, {
      details: { maxBytes },
    });
  return textOf(request, maxBytes, tooLarge);
}

function jsonOf(request: Request, text: string): [string, unknown][] {
  if (text === '') return [];
  const [type = ''] = (request.headers.get('Content-Type') ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') {
    throw new HttpError('UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json', {
      headers: { Accept: 'application/json' },
    });
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // without the parser's message: it repeats what was sent, which may be a token
    throw misplaced('body', 'must be JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw misplaced('body', 'must be a JSON object');
  }
  return Object.entries(body);
}

/** The body as text, read no further than is allowed: `''` where there is none. */
async function textOf(request: Request, maxBytes: number, tooMuch: () => Error): Promise<string> {
  const announced = Number(request.headers.get('Content-Length') ?? 0);
  if (announced > maxBytes) throw tooMuch();
  const { body, bodyUsed } = request;
  // To whoever reads it again, it is empty: the input would be lost in silence.
  if (bodyUsed || body?.locked) {
    throw new TypeError(
      'workspaceApi: the body of the request was read before: hand over what nobody has read',
    );
  }
  const chunks = new TextDecoder('utf-8', { fatal: true });
  let [text, bytes] = ['', 0];
  for await (const chunk of body === null ? [] : chunksOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooMuch();
    text += decoded(() => chunks.decode(chunk, { stream: true }));
  }
  if (announced > 0 && bytes === 0) {
    throw misplaced('body', 'was announced and is empty: did something read it before?');
  }
  return text + decoded(() => chunks.decode());
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw misplaced('body', 'could not be read to its end');
      });
      if (done) return;
      yield value;
    }
  } finally {
    // Of what is refused midway nobody wants the rest; after the end this does nothing. Not waited for: a source that never
    // lets go must not hold up the answer.
    void reader.cancel().catch(() => undefined);
  }
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw misplaced('body', 'must be UTF-8');
  }
}

function misplaced(path: string, message: string): WorkspaceError {
  return invalid([{ path, message }]);
}
