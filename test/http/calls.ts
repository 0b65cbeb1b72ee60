// Calls an API as a client: builds a request for a route from an input, and reads the answer.
import { expect } from 'vitest';
import * as z from 'zod/mini';
import { operatorActorSchema, userActorSchema } from '../../src/core/actor.js';
import {
  workspaceApi,
  type RouteShape,
  type WorkspaceApi,
  type WorkspaceApiOptions,
} from '../../src/http/index.js';
import { allRouteNames } from '../../src/http/route.js';
import type { Actor, WorkspaceService } from '../../src/index.js';

export const ORIGIN = 'https://app.example';
/** The actor of the request as ASCII JSON, in place of the app's session. */
const AS = 'X-Test-Actor';
const actorSchema = z.nullable(z.union([userActorSchema, operatorActorSchema]));

/** Every route. Reads the actor from a header. Errors are reported on the console. */
export function apiOf<Role extends string, Permission extends string>(
  workspaces: WorkspaceService<Role, Permission>,
  options: Partial<WorkspaceApiOptions<Role, Permission, void>> = {},
): WorkspaceApi<void> {
  return workspaceApi({ workspaces, actor: actorIn, methods: allRouteNames, ...options });
}

export function actorIn(request: Request): Actor | null {
  return actorSchema.parse(JSON.parse(decodeURIComponent(request.headers.get(AS) ?? 'null')));
}

export function as(actor: Actor | null): Readonly<Record<string, string>> {
  return actor === null ? {} : { [AS]: encodeURIComponent(JSON.stringify(actor)) };
}

/** Puts the fields into the path, then into the query or the body. */
export function requestFor(
  { verb, path }: Pick<RouteShape, 'verb' | 'path'>,
  input: object,
  actor: Actor | null = null,
): Request {
  const { filled, rest } = placed(path, input);
  const url = new URL(filled, ORIGIN);
  const headers = as(actor);
  if (verb !== 'GET' && verb !== 'DELETE') {
    return jsonRequest(verb, filled, JSON.stringify(rest), headers);
  }
  // A query has no null.
  const given = Object.entries(rest).filter(([, value]) => value !== null);
  for (const [field, value] of given) url.searchParams.set(field, String(value));
  return new Request(url, { method: verb, headers });
}

export function jsonRequest(
  method: string,
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Request {
  return new Request(new URL(path, ORIGIN), {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
  });
}

/** A path with its fields filled in, and the remaining input. */
export function placed(path: string, input: object): { readonly filled: string; readonly rest: object } {
  const rest = new Map<string, unknown>(Object.entries(input));
  const filled = path.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = rest.get(field);
    rest.delete(field);
    // no URL can contain half a surrogate pair
    return encodeURIComponent(String(value).replaceAll(/\p{Cs}/gu, '\ufffd'));
  });
  return { filled, rest: Object.fromEntries(rest) };
}

/** Everything that a client can see of a response. */
export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export async function seenOf(response: Response): Promise<Seen> {
  const { status, headers } = response;
  return { status, headers: Object.fromEntries(headers), text: await response.text() };
}

export async function jsonOf(response: Response): Promise<unknown> {
  const value: unknown = await response.json();
  return value;
}

/** A value after a round trip through JSON. */
export function overJson(value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  return copy;
}

export function expectSecured(headers: Headers): void {
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
}

const problemSchema = z.strictObject({
  type: z.string().check(z.startsWith('urn:problem-type:tenantry:')),
  title: z.string().check(z.regex(/^[A-Z][a-z ]+$/)),
  status: z.int().check(z.gte(400), z.lte(599)),
  detail: z.string().check(z.minLength(1)),
  code: z.string().check(z.regex(/^[A-Z_]+$/)),
  details: z.looseObject({}),
  retryable: z.boolean(),
});

export type SeenProblem = z.output<typeof problemSchema>;

/** Problem details (RFC 9457), with every required member and no others. */
export async function problemIn(response: Response): Promise<SeenProblem> {
  expectSecured(response.headers);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await jsonOf(response));
  expect(problem.status).toBe(response.status);
  expect(problem.type).toBe(`urn:problem-type:tenantry:${problem.code}`);
  expect(response.headers.has('Retry-After')).toBe(problem.retryable);
  expect(response.headers.has('WWW-Authenticate')).toBe(response.status === 401);
  return problem;
}

/** The code of a problem, or `ok`. */
export async function outcomeOf(response: Response): Promise<string> {
  return response.ok ? 'ok' : (await problemIn(response)).code;
}
