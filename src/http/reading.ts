// Reads the input of a method from a request: the fields of its path, and its query or JSON body.
import type { WorkspaceError } from '../errors.js';
import { invalid } from '../service/parse.js';
import { HttpError } from './problems.js';
import type { RouteShape } from './routes.js';

/** A request and the fields of its route. */
export interface Found {
  readonly request: Request;
  readonly url: URL;
  readonly verb: RouteShape['verb'];
  /** The fields of the path. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * The input of the request, not yet checked by the schema.
 *
 * @throws WorkspaceError `INVALID_INPUT`; HttpError `BODY_TOO_LARGE`, `UNSUPPORTED_MEDIA_TYPE`; TypeError if the body
 * was already read
 */
export async function inputOf({ request, url, verb, fields }: Found, maxBodyBytes: number): Promise<unknown> {
  const said =
    verb === 'GET' || verb === 'DELETE'
      ? await queryOf(request, url)
      : jsonOf(request, await bodyOf(request, url, maxBodyBytes));
  const twice = said.find(([key]) => fields.has(key));
  if (twice !== undefined) throw misplaced(`input.${twice[0]}`, 'is already given in the path');
  // From entries, so that `__proto__` is a field like any other, and rejected like one.
  return Object.fromEntries<unknown>([...said, ...fields]);
}

/** The fields of a query that are not strings: their values as JSON spells them. Any other value stays a string. */
const TYPED: Readonly<Record<string, (text: string) => unknown>> = {
  limit: (text) => (/^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : text),
  closeLinks: (text) => (text === 'true' || text === 'false' ? text === 'true' : text),
};

async function queryOf(request: Request, { search, searchParams }: URL): Promise<[string, unknown][]> {
  // Reject a body that is not read: a confirmation sent in the wrong part must not be ignored.
  await textOf(request, 0, () => misplaced('body', 'must be empty: the input of this route is its query'));
  if (!isDecodable(search)) throw misplaced('query', 'has an invalid percent-escape');
  const seen = new Map<string, unknown>();
  for (const [key, text] of searchParams) {
    if (seen.has(key)) throw misplaced('query', 'has a duplicate field');
    seen.set(key, Object.hasOwn(TYPED, key) ? TYPED[key]?.(text) : text);
  }
  return [...seen];
}

/** `URLSearchParams` reads an invalid escape as U+FFFD, which would change the input. */
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
  if (!isJson(request.headers.get('Content-Type') ?? '')) {
    throw new HttpError('UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json in UTF-8', {
      headers: { Accept: 'application/json' },
    });
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Without the parser's message, which repeats the body: it may contain a token.
    throw misplaced('body', 'must be JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw misplaced('body', 'must be a JSON object');
  }
  if (keysIn(text) !== propertiesIn(body)) throw misplaced('body', 'has a duplicate key');
  return Object.entries(body);
}

/** Every `charset` must be UTF-8: `JSON.parse` gets what the bytes are in UTF-8 (RFC 8259 8.1). */
function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  return (
    type.trim() === 'application/json' &&
    parameters.every((parameter) => {
      const [name = '', ...value] = parameter.split('=');
      return name.trim() !== 'charset' || /^"?utf-?8"?$/.test(value.join('=').trim());
    })
  );
}

/** The number of keys in a JSON text, at any depth. `JSON.parse` keeps the last of two, where a proxy may read the first. */
function keysIn(json: string): number {
  // Without strings, each colon belongs to a key. Remove escapes first, which may be of a quote.
  const structure = json.replace(/\\./g, '').replace(/"[^"]*"/g, '');
  return structure.split(':').length - 1;
}

/** The number of properties in a parsed value, at any depth. Not recursive: a body can have thousands of levels. */
function propertiesIn(value: object): number {
  let properties = 0;
  const remaining: object[] = [value];
  for (let next = remaining.pop(); next !== undefined; next = remaining.pop()) {
    const children: readonly unknown[] = Object.values(next);
    if (!Array.isArray(next)) properties += children.length;
    for (const child of children) if (typeof child === 'object' && child !== null) remaining.push(child);
  }
  return properties;
}

/** The body as a string, read up to the limit; `''` if there is none. */
async function textOf(request: Request, maxBytes: number, tooMuch: () => Error): Promise<string> {
  const announced = Number(request.headers.get('Content-Length') ?? 0);
  if (announced > maxBytes) throw tooMuch();
  const { body, bodyUsed } = request;
  // A second read would return an empty body, and the input would be lost.
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
    throw misplaced('body', 'is empty although the headers announce one: was it already read?');
  }
  return text + decoded(() => chunks.decode());
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw misplaced('body', 'could not be read completely');
      });
      if (done) return;
      yield value;
    }
  } finally {
    // Cancel the body after an early rejection. Do not await it: a stalled source must not delay the response.
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
