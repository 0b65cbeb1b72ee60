// Rate limits: their arguments, their order among the checks, and that only `null` lets a call pass.
import { describe, expect, test } from 'vitest';
import { workspaceApi, type ApiCall, type RouteName } from '../../src/http/index.js';
import { WorkspaceError, type Actor } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada } from '../service/team.js';
import { actorIn, apiOf, as, jsonRequest, ORIGIN, outcomeOf, problemIn, requestFor } from './calls.js';
import { callsIn, createScene } from './scene.js';
import { endless, source } from './sources.js';
import { shapeOf } from './standing.js';

async function opened() {
  const { workspaces, storage } = createTestWorkspaces();
  await workspaces.openAccount({ ...ada, username: 'ada' });
  return { workspaces, storage };
}
const create = () => jsonRequest('POST', '/workspaces', '{"name":"Core"}', as(ada));

describe('a call over the limit', () => {
  test('is RATE_LIMITED with 429 and Retry-After, with its body unread and nothing changed', async () => {
    const { workspaces, storage } = await opened();
    const before = storage.dump();
    const api = apiOf(workspaces, { rateLimit: () => 17 });
    const { told, body } = source(endless());
    const init = { method: 'POST', headers: as(ada), body, duplex: 'half' as const };
    const response = await api.fetch(new Request(`${ORIGIN}/workspaces`, init));
    expect(response.headers.get('Retry-After')).toBe('17');
    expect(await problemIn(response)).toMatchObject({ code: 'RATE_LIMITED', status: 429, retryable: true });
    expect(told).toEqual({ pulled: 0, canceled: false });
    expect(storage.dump()).toEqual(before);
  });

  test.each([
    [1, '1'],
    [0.2, '1'],
    [1.2, '2'],
    [0, '1'],
    [-0, '1'],
    // a clock that was set back gives a negative number, which still refuses the call
    [-5, '1'],
    [86_400, '86400'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('for %d seconds has Retry-After %s', async (wait, header) => {
    const { workspaces } = await opened();
    const response = await apiOf(workspaces, { rateLimit: async () => wait }).fetch(create());
    expect([response.status, response.headers.get('Retry-After')]).toEqual([429, header]);
  });

  test.each([
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1e300,
    false,
    true,
    '',
    '5',
    5n,
    {},
    [],
  ])('H-06 is refused as INTERNAL if the function returns the invalid value %s', async (wait) => {
    const { workspaces, storage } = await opened();
    const before = storage.dump();
    const reports: unknown[] = [];
    const onError = (error: unknown) => reports.push(error);
    for (const answer of [wait, Promise.resolve(wait)]) {
      const api = apiOf(workspaces, { rateLimit: () => answer as never, onError });
      expect(await outcomeOf(await api.fetch(create()))).toBe('INTERNAL');
    }
    const message = 'workspaceApi: rateLimit must return null or a number of seconds';
    expect(reports).toEqual([new TypeError(message), new TypeError(message)]);
    expect(storage.dump()).toEqual(before);
  });
});

test('every route calls the function once, with its method and the caller', async () => {
  const asked: (readonly [RouteName, Actor | null])[] = [];
  const { workspaces, ...scene } = await createScene();
  const api = apiOf(workspaces, {
    rateLimit: ({ method, actor }) => {
      asked.push([method, actor]);
      return 1;
    },
  });
  const expected: unknown[] = [];
  for (const [name, [call]] of Object.entries(await callsIn({ workspaces, ...scene }))) {
    if (call === undefined) throw new Error(name);
    await api.fetch(requestFor(shapeOf(name as RouteName), call.input, call.actor));
    expected.push([name, call.actor]);
  }
  expect(asked).toEqual(expected);
});

test('H-11 it is not called for unknown routes and requests of other origins', async () => {
  const asked: unknown[] = [];
  const { workspaces } = await opened();
  const api = apiOf(workspaces, {
    rateLimit: (call) => {
      asked.push(call);
      return null;
    },
  });
  await api.fetch(new Request(`${ORIGIN}/nothing`));
  await api.fetch(new Request(`${ORIGIN}/workspaces`, { method: 'DELETE' }));
  await api.fetch(jsonRequest('POST', '/workspaces', '{}', { 'Sec-Fetch-Site': 'cross-site' }));
  expect(asked).toEqual([]);
});

describe('a caller who is refused', () => {
  const root = { operator: 'root' };
  const sessionInvalid = () => Promise.reject(new WorkspaceError('SESSION_INVALID', {}));
  const cases: readonly (readonly [string, () => Promise<Actor | null>, Actor | null, string])[] = [
    ['no session', async () => null, null, 'UNAUTHENTICATED'],
    ['an operator on a route for users', async () => root, root, 'ACTOR_NOT_ALLOWED'],
    ['a session token that is invalid', sessionInvalid, null, 'SESSION_INVALID'],
    ['an actor function that fails', () => Promise.reject(new Error('down')), null, 'INTERNAL'],
    ['an invalid actor', async () => ({ userId: '' }), null, 'INTERNAL'],
  ];

  test.each(cases)('H-11 is counted once, with %s, and refused as before', async (_, actor, seen, code) => {
    const { workspaces } = await opened();
    const asked: (Actor | null)[] = [];
    const rateLimit = (call: ApiCall<void>) => {
      asked.push(call.actor);
      return null;
    };
    const api = apiOf(workspaces, { actor, rateLimit, onError: () => undefined });
    expect(await outcomeOf(await api.fetch(create()))).toBe(code);
    expect(asked).toEqual([seen]);
  });

  test.each(cases)('H-11 is RATE_LIMITED over the limit, with %s', async (_, actor) => {
    const { workspaces } = await opened();
    const api = apiOf(workspaces, { actor, rateLimit: () => 5 });
    expect(await outcomeOf(await api.fetch(create()))).toBe('RATE_LIMITED');
  });
});

test('it receives the request and the context of the app unchanged', async () => {
  const { workspaces } = await opened();
  const calls: ApiCall<{ readonly ip: string }>[] = [];
  const api = workspaceApi({
    workspaces,
    actor: (request, context: { readonly ip: string }) =>
      context.ip === '10.0.0.1' ? actorIn(request) : null,
    rateLimit: (call) => {
      calls.push(call);
      return null;
    },
  });
  const [request, context] = [create(), { ip: '10.0.0.1' }];
  expect((await api.fetch(request, context)).status).toBe(201);
  expect(calls).toEqual([{ method: 'createWorkspace', actor: ada, request, context }]);
  expect(calls[0]?.request).toBe(request);
  expect(calls[0]?.context).toBe(context);
  expect(await outcomeOf(await api.fetch(create(), { ip: '10.0.0.2' }))).toBe('UNAUTHENTICATED');
});
