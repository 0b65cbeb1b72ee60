// Reads requests to the desk's own routes as strictly as the library reads its own: unknown input is rejected.
import type { Context } from 'hono';
import * as z from 'zod/mini';
import { WorkspaceError } from 'tenantry';
import { HttpError } from 'tenantry/http';
import { textOf } from './body.js';

/**
 * Reads the query of a route that takes no body. A confirmation that is misspelt, repeated or sent in a body must be
 * rejected: ignoring it would skip the confirmation.
 *
 * @throws WorkspaceError `INVALID_INPUT`
 */
export async function queryOf<Field extends string = never>(
  c: Context,
  fields: readonly Field[] = [],
): Promise<Readonly<Partial<Record<Field, string>>>> {
  if ((await textOf(c)) !== '') throw invalid('body', 'must be empty: the input of this route is its query');
  const { search, searchParams } = new URL(c.req.url);
  if (!isDecodable(search)) throw invalid('query', 'contains an invalid percent-escape');
  const query: Partial<Record<Field, string>> = {};
  for (const [key, text] of searchParams) {
    const field = fields.find((each) => each === key);
    // the message omits the key, which can be any string
    if (field === undefined) throw invalid('query', 'has a field that is not known');
    if (query[field] !== undefined) throw invalid('query', 'has a field twice');
    query[field] = text;
  }
  return query;
}

/** @throws WorkspaceError `INVALID_INPUT`; HttpError `UNSUPPORTED_MEDIA_TYPE` */
export async function bodyOf<Schema extends z.ZodMiniType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  if (new URL(c.req.url).search !== '') {
    throw invalid('query', 'must be empty: the input of this route is its body');
  }
  if (!/^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(c.req.header('content-type') ?? '')) {
    throw new HttpError('UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json in UTF-8');
  }
  const result = z.safeParse(schema, jsonOf(await textOf(c)));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path }) => ({
    path: ['body', ...path].map(String).join('.'),
    message: 'does not match the OpenAPI document',
  }));
  throw new WorkspaceError('INVALID_INPUT', { issues });
}

/** `URLSearchParams` decodes an invalid escape as U+FFFD, which would change the input. */
function isDecodable(search: string): boolean {
  try {
    decodeURIComponent(search);
    return true;
  } catch {
    return false;
  }
}

/** @throws WorkspaceError `INVALID_INPUT` for keys at other levels than the first, and for duplicates, of which one is ignored */
function jsonOf(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // without strings, each colon belongs to a key
  const structure = text.replace(/\\./g, '').replace(/"[^"]*"/g, '');
  const keys = structure.split(':').length - 1;
  if (typeof value === 'object' && value !== null && Object.keys(value).length < keys) {
    throw invalid('body', 'has a nested object or a duplicate key');
  }
  return value;
}

function invalid(path: string, message: string): WorkspaceError {
  return new WorkspaceError('INVALID_INPUT', { issues: [{ path, message }] });
}
