// What a request for a route of the desk's own says, read as the library reads its own: what nobody would read is refused.
import type { Context } from 'hono';
import * as z from 'zod/mini';
import { WorkspaceError } from 'tenantry';
import { HttpError } from 'tenantry/http';
import { textOf } from './body.js';

/**
 * The query of a route that takes no body. A confirmation that is misspelt, said twice or sent as a body must not be lost
 * in silence: what it should have held back would be done.
 *
 * @throws WorkspaceError `INVALID_INPUT`
 */
export async function queryOf<Field extends string = never>(
  c: Context,
  fields: readonly Field[] = [],
): Promise<Readonly<Partial<Record<Field, string>>>> {
  if ((await textOf(c)) !== '') throw invalid('body', 'must be empty: the input of this route is its query');
  const { search, searchParams } = new URL(c.req.url);
  if (!isDecodable(search)) throw invalid('query', 'has an escape that is none');
  const query: Partial<Record<Field, string>> = {};
  for (const [key, text] of searchParams) {
    const field = fields.find((each) => each === key);
    // without the key, which may be anything
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
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
    throw new HttpError('UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json');
  }
  const result = z.safeParse(schema, jsonOf(await textOf(c)));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path }) => ({
    path: ['body', ...path].map(String).join('.'),
    message: 'is not as the OpenAPI document has it',
  }));
  throw new WorkspaceError('INVALID_INPUT', { issues });
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(path: string, message: string): WorkspaceError {
  return new WorkspaceError('INVALID_INPUT', { issues: [{ path, message }] });
}
