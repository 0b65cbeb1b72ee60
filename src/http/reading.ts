// The input of a method, gathered from a request: the fields in its path, and the rest from its query or its JSON body.
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
 * @throws WorkspaceError `INVALID_INPUT`; HttpError `BODY_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`
 */
export async function inputOf(found: Found, maxBodyBytes: number): Promise<unknown> {
  const { request, url, verb, fields } = found;
  const text = await bodyOf(request, maxBodyBytes);
  const inQuery = verb === 'GET' || verb === 'DELETE';
  // What nobody reads is refused: a confirmation that is sent in the wrong place must not be lost in silence.
  if (inQuery && text !== '') throw misplaced('body', 'must be empty: the input of this route is its query');
  if (!inQuery && url.search !== '')
    throw misplaced('query', 'must be empty: the input of this route is its body');
  const said = inQuery ? queryOf(url.searchParams) : jsonOf(request, text);
  const twice = said.find(([key]) => fields.has(key));
  if (twice !== undefined) throw misplaced(`input.${twice[0]}`, 'stands in the path');
  // Made of entries, so that a `__proto__` is a field like any other, and refused like one.
  return Object.fromEntries<unknown>([...said, ...fields]);
}

/** The one field of a query that is no text. */
const LIMIT = 'limit';

function queryOf(query: URLSearchParams): [string, unknown][] {
  const entries = [...query];
  const twice = entries.find(([key], place) => entries.findIndex(([other]) => other === key) !== place);
  if (twice !== undefined) throw misplaced('query', 'has a field twice');
  return entries.map(([key, text]) => [key, key === LIMIT && /^\d{1,9}$/.test(text) ? Number(text) : text]);
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
async function bodyOf(request: Request, maxBytes: number): Promise<string> {
  const announced = Number(request.headers.get('Content-Length') ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return '';
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw misplaced('body', 'could not be read to its end');
    });
    if (done) return text + decoded(() => decoder.decode());
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge(maxBytes);
    }
    text += decoded(() => decoder.decode(value, { stream: true }));
  }
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw misplaced('body', 'must be UTF-8');
  }
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError('BODY_TOO_LARGE', `the body must have at most ${maxBytes} bytes`, {
    details: { maxBytes },
  });
}

function misplaced(path: string, message: string): Error {
  return invalid([{ path, message }]);
}
