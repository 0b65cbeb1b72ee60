// Routes without a session: they never check the caller, because a session could only lock someone out.
import { describe, expect, test } from 'vitest';
import type { RouteShape } from '../../src/http/index.js';
import { WorkspaceError } from '../../src/index.js';
import { apiOf, requestFor, seenOf } from './calls.js';
import { createStanding, refused, routes } from './standing.js';

const standing = await createStanding();
const { workspaces, calls } = standing;
const document = apiOf(workspaces).openApi({ title: 'Desk', version: '1' });
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
const open = operations.filter(({ security }) => security === undefined);

/** The API of an app in which every session has expired. */
function expiredApi() {
  const asked: string[] = [];
  const api = apiOf(workspaces, {
    actor: (request) => {
      asked.push(request.url);
      throw new WorkspaceError('SESSION_EXPIRED', {});
    },
  });
  return { api, asked };
}

const nobodyApi = apiOf(workspaces, { actor: () => null });

test('the document lists the two routes without a session', () => {
  expect(open.map(({ operationId }) => operationId).sort()).toEqual(['previewInvitation', 'verifySession']);
});

describe.each(open)('$operationId', ({ operationId, responses }) => {
  const shape = routeOf(operationId);
  const right = standing.inputOf(operationId);
  const inputs: readonly (readonly [string, object])[] = [
    ['a valid input', right],
    ['an unknown token', { ...right, token: 'none' }],
    ['an invalid input', { ...right, token: null }],
  ];

  test.each(inputs)(
    'H-04 answers %s as for an anonymous caller, without checking a session',
    async (_, input) => {
      const { api, asked } = expiredApi();
      const answer = await seenOf(await api.fetch(requestFor(shape, input)));
      expect(asked).toEqual([]);
      expect(answer).toEqual(await seenOf(await nobodyApi.fetch(requestFor(shape, input))));
      expect(Object.keys(responses)).toContain(String(answer.status));
      expect(answer.status === 200).toBe(input === right);
    },
  );
});

test('every other route checks the session once, and refuses the call', async () => {
  const others = Object.entries(calls).filter(
    ([name]) => !open.some(({ operationId }) => operationId === name),
  );
  expect(others).toHaveLength(operations.length - open.length);
  for (const [name, [call]] of others) {
    const { api, asked } = expiredApi();
    await refused(await api.fetch(requestFor(routeOf(name), call?.input ?? {})), 'SESSION_EXPIRED');
    expect(asked, name).toHaveLength(1);
  }
});

function routeOf(name: string): RouteShape {
  const [, shape] = Object.entries(routes).find(([route]) => route === name) ?? [];
  if (shape === undefined) throw new Error(`${name} has no route`);
  return shape;
}
