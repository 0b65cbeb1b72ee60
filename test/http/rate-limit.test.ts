// What a rate limit is asked, when, and that only its `null` lets a call through.
import { describe, expect, test } from 'vitest';
import { workspaceApi, type ApiCall, type RouteName } from '../../src/http/index.js';
import type { Actor } from '../../src/index.js';
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

describe('a call that is refused', () => {
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
    // as a clock that was set back has it: it is a number, and so a no
    [-5, '1'],
    [86_400, '86400'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('for %d seconds, asks to wait for %s', async (wait, header) => {
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
  ])('H-06 for %s, which is a mistake, lets nothing through either', async (wait) => {
    const { workspaces, storage } = await opened();
    const before = storage.dump();
    const reports: unknown[] = [];
    const onError = (error: unknown) => reports.push(error);
    for (const answer of [wait, Promise.resolve(wait)]) {
      const api = apiOf(workspaces, { rateLimit: () => answer as never, onError });
      expect(await outcomeOf(await api.fetch(create()))).toBe('INTERNAL');
    }
    const message = 'workspaceApi: rateLimit must answer with null or a number of seconds';
    expect(reports).toEqual([new TypeError(message), new TypeError(message)]);
    expect(storage.dump()).toEqual(before);
  });
});

test('every route asks, once, with its method and who calls', async () => {
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
  expect(asked).toHaveLength(33);
});

test('nobody is asked for what is nothing, or by somebody who may not call', async () => {
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
  await api.fetch(new Request(`${ORIGIN}/workspaces`));
  await api.fetch(jsonRequest('POST', '/workspaces', '{}', as({ operator: 'root' })));
  expect(asked).toEqual([]);
});

test('the request and the context of the host are handed over as they are', async () => {
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
