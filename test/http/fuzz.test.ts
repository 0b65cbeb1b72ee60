// Random requests by any caller never cause an internal failure, always get a documented problem, and change nothing
// if they are refused.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RouteName } from '../../src/http/index.js';
import type { Actor } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { ada, dev, mia, root, sam } from '../service/team.js';
import { apiOf, as, ORIGIN, placed, problemIn } from './calls.js';
import { callsIn, twoTenants } from './scene.js';
import { routes } from './standing.js';

const names = Object.keys(routes).filter((name): name is RouteName => Object.hasOwn(routes, name));
// the same in every world: time is fixed, and ids count
const calls = await callsIn(await twoTenants());
const document = apiOf(createTestWorkspaces().workspaces).openApi({ title: 'Desk', version: '1' });

/** The target of a request for `{field}`, kept apart from what the API does for it. */
const patterns = Object.values(routes).map(({ verb, path }) => ({
  verb,
  path,
  form: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

const hostile = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '.',
      '..',
      '%',
      '%2e',
      '\0',
      '\ud800',
      '__proto__',
      'constructor',
      'ü/?#',
      '\u202e',
      "'; DROP TABLE",
      '<b>',
    ],
    ...['owner', 'manager', 'ws-zzzzzzzzzzzzzzzz', 'Core', 'ada', 'null', '5', 'x'.repeat(300), 'a.b.c'],
  ),
  fc.string({ unit: 'binary' }),
);
const value = fc.oneof(hostile, fc.jsonValue(), fc.constantFrom(0, 1, 201, -1, 1e21, null, true, {}, []));
/** How a call is broken: a field removed, changed or added. */
const spoiling = fc.oneof(
  fc.record({ what: fc.constantFrom('drop', 'set'), at: fc.nat(), value }),
  fc.record({
    what: fc.constant('add'),
    field: fc.oneof(hostile, fc.constantFrom('role', 'userId', 'limit', 'token')),
    value,
  }),
);
const headers = fc.record(
  {
    'Content-Type': fc.constantFrom(
      'application/json',
      'text/plain',
      'application/json;charset=latin1',
      '',
      'x',
    ),
    'Content-Length': fc.constantFrom('0', '10', '10485760', 'NaN', '-1'),
    'Sec-Fetch-Site': fc.constantFrom('same-origin', 'same-site', 'cross-site', 'none', ''),
    Origin: fc.constantFrom(ORIGIN, 'https://evil.example', 'null', ''),
    Authorization: fc.constantFrom('Bearer x', 'Bearer', 'Basic eA=='),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.uint8Array(),
  fc.string(),
  fc.json(),
  fc.constantFrom('{', '[]', 'null', '{}', '{"__proto__":1}'),
);
/** One in nine, so that most calls get far. */
function seldom<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> {
  return fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

const callers: readonly (Actor | null)[] = [
  ada,
  mia,
  dev,
  sam,
  root,
  { userId: 'bob' },
  { userId: 'nobody' },
  null,
];
const queries = fc.constantFrom('limit=1&limit=2', 'limit=%ff', '__proto__=x', 'permission=workspace:view');
const request = fc.record({
  name: fc.constantFrom(...names),
  which: fc.nat(),
  caller: fc.oneof(fc.constant('right' as const), fc.constantFrom(...callers)),
  foreign: seldom(fc.constant(true)),
  spoilt: seldom(fc.array(spoiling, { minLength: 1, maxLength: 2 })),
  verb: seldom(fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE')),
  path: seldom(fc.oneof(hostile, fc.webPath())),
  query: seldom(fc.oneof(hostile, fc.webQueryParameters(), queries)),
  headers: seldom(headers),
  body: seldom(body),
});
type Drawn = typeof request extends fc.Arbitrary<infer Value> ? Value : never;
type World = Awaited<ReturnType<typeof twoTenants>>;

test('H-02 H-03 H-04 T-01 T-08 T-14 random requests in sequence', {
  timeout: 30 * 60_000,
}, async () => {
  const ended = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 6 }), async (list) => {
      const world = await twoTenants();
      const api = apiOf(world.workspaces, { maxBodyBytes: 2_000 });
      for (const drawn of list) {
        const before = JSON.stringify(await world.kept());
        const asked = requestOf(drawn, world);
        const response = await api.fetch(asked);
        const code = await codeOf(asked, response);
        ended.set(code, (ended.get(code) ?? 0) + 1);
        const reads = asked.method === 'GET' || asked.method === 'HEAD';
        if (!response.ok || reads) expect(JSON.stringify(await world.kept())).toBe(before);
      }
    }),
    { numRuns: rounds(300, 20_000) },
  );
  // requests that are all rejected early would prove little
  for (const code of [
    'ok',
    'INVALID_INPUT',
    'WORKSPACE_NOT_FOUND',
    'PERMISSION_DENIED',
    'UNAUTHENTICATED',
    'CROSS_ORIGIN',
    'ROUTE_NOT_FOUND',
  ]) {
    expect(ended.get(code) ?? 0, code).toBeGreaterThan(0);
  }
});

/** The outcome of a request, after the checks that hold for every outcome. */
async function codeOf({ method, url }: Request, response: Response): Promise<string> {
  expect(response.status).toBeLessThan(500);
  if (method === 'HEAD') {
    expect(await response.text()).toBe('');
    return 'head';
  }
  if (response.ok) return 'ok';
  const text = await response.clone().text();
  expect(text).not.toMatch(/node_modules|\.ts:\d|\.js:\d|\n\s+at |\/(?:work|home|src)\//);
  const { code } = await problemIn(response);
  const { pathname } = new URL(url);
  const reached = patterns.filter(({ form }) => form.test(pathname));
  if (code === 'ROUTE_NOT_FOUND') return code;
  expect(reached).not.toEqual([]);
  const found = reached.find(({ verb }) => verb === method);
  if (code === 'METHOD_NOT_ALLOWED') {
    expect(found).toBeUndefined();
    return code;
  }
  const told = document.paths[found?.path ?? '']?.[method.toLowerCase()]?.responses[String(response.status)];
  expect(told?.description.split(', ')).toContain(code);
  return code;
}

function requestOf(drawn: Drawn, world: World): Request {
  const list = calls[drawn.name];
  const call = list[drawn.which % list.length];
  const shape = routes[drawn.name];
  if (call === undefined || shape === undefined) throw new Error(drawn.name);
  const fields = new Map(
    Object.entries({ ...call.input, ...(drawn.foreign !== null && idsOf(call.input, world)) }),
  );
  for (const one of drawn.spoilt ?? []) {
    const field = 'field' in one ? one.field : [...fields.keys()][one.at % Math.max(1, fields.size)];
    if (field === undefined) continue;
    if (one.what === 'drop' && !shape.path.includes(`{${field}}`)) fields.delete(field);
    else fields.set(field, one.value);
  }
  const { filled, rest } = placed(shape.path, Object.fromEntries(fields));
  const url = new URL(`${ORIGIN}${drawn.path === null ? filled : `/${drawn.path}`}`);
  const method = drawn.verb ?? shape.verb;
  const inQuery = method === 'GET' || method === 'HEAD' || method === 'DELETE';
  if (inQuery) for (const [field, given] of Object.entries(rest)) url.searchParams.set(field, textOf(given));
  if (drawn.query !== null) url.search = drawn.query;
  const sent = drawn.body ?? (inQuery ? null : JSON.stringify(rest));
  const withoutBody = method === 'GET' || method === 'HEAD';
  return new Request(url, {
    method,
    headers: {
      ...(sent !== null && { 'Content-Type': 'application/json' }),
      ...as(drawn.caller === 'right' ? call.actor : drawn.caller),
      ...drawn.headers,
    },
    ...(sent !== null && !withoutBody && { body: sent }),
  });
}

/** The ids of the other tenant for those in the input. */
function idsOf(input: object, { foreign }: World): object {
  return Object.fromEntries(Object.entries(foreign).filter(([field]) => field in input));
}

function textOf(given: unknown): string {
  return typeof given === 'string' ? given : JSON.stringify(given);
}
