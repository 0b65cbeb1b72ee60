// Invalid input in requests: rejected with a 4xx problem that repeats none of it, and nothing changes.
import { describe, expect, test } from 'vitest';
import { ada, root } from '../service/team.js';
import { outcomeOf, requestFor } from './calls.js';
import { createStanding, refused, routes, shapeOf } from './standing.js';

const bodyRoutes = Object.entries(routes).filter(([, { verb }]) => verb !== 'GET' && verb !== 'DELETE');
const { api, ask, calls, expectUnchanged, inputOf, restOf } = await createStanding();

const SECRET = 'kept-out-of-answers';
const bodies: Readonly<Record<string, string>> = {
  'truncated JSON': `{"token":"${SECRET}`,
  'a word': SECRET,
  'a string': `"${SECRET}"`,
  'a number': '1e999',
  null: 'null',
  true: 'true',
  'a list': `[{"name":"${SECRET}"}]`,
  'a list in a list': '['.repeat(20_000) + ']'.repeat(20_000),
  'a trailing comma': `{"name":"${SECRET}",}`,
  'single quotes': `{'name':'${SECRET}'}`,
  'two objects': '{}{}',
  'a NUL': '\0',
  'only white space': ' \n',
};

describe.each(bodyRoutes)('%s: rejects a body', (...route) => {
  test('H-03 that is not a JSON object, in any way', async () => {
    for (const [what, body] of Object.entries(bodies)) {
      const response = await ask(route, { body });
      expect(`${what}: ${response.status}`).toBe(`${what}: 400`);
      expect(await refused(response, 'INVALID_INPUT')).not.toContain(SECRET);
    }
    await expectUnchanged();
  });

  test('T-08 with an unknown field, whatever its name', async () => {
    for (const field of ['__proto__', 'constructor', 'toString', 'ownerId', 'role\0', 'actor']) {
      const rest = restOf(route);
      const body = JSON.stringify(Object.fromEntries([...Object.entries(rest), [field, { role: 'owner' }]]));
      expect(body).toContain(JSON.stringify(field));
      const path = `input.${field.includes('\0') ? '?' : field}`;
      await refused(await ask(route, { body }), 'INVALID_INPUT', { path, message: 'is unknown' });
    }
    await expectUnchanged();
  });

  test('T-08 with a field of the path, even with the same value', async () => {
    for (const [, field = ''] of route[1].path.matchAll(/\{(\w+)\}/g)) {
      const rest = restOf(route);
      const same = Object.entries(inputOf(route[0])).find(([name]) => name === field)?.[1] as unknown;
      for (const value of [same, 'other', null]) {
        const body = JSON.stringify({ ...rest, [field]: value });
        const issue = { path: `input.${field}`, message: 'is already given in the path' };
        await refused(await ask(route, { body }), 'INVALID_INPUT', issue);
      }
    }
    await expectUnchanged();
  });

  test('H-08 with a token in the query besides it', async () => {
    await refused(await ask(route, { query: `?token=${SECRET}` }), 'INVALID_INPUT', {
      path: 'query',
      message: 'must be empty: the input of this route is its body',
    });
    await expectUnchanged();
  });

  test('H-03 T-14 with values of every wrong type in each of its fields', async () => {
    const rest = restOf(route);
    const deep = `${'{"a":'.repeat(5_000)}null${'}'.repeat(5_000)}`;
    const wrong = [
      '0',
      '-1',
      '1e400',
      '0.5',
      'true',
      '[]',
      '[[["x"]]]',
      '{}',
      '{"__proto__":{}}',
      '"\\ud800"',
      '""',
      deep,
    ];
    for (const field of Object.keys(rest)) {
      for (const value of wrong) {
        // A directory may want no one.
        if (field === 'members' && value === '[]') continue;
        const others = JSON.stringify({ ...rest, [field]: undefined }).slice(1, -1);
        const body = `{${others}${others === '' ? '' : ','}"${field}":${value}}`;
        // any string is accepted as a token: its signature decides
        const wants = route[0] === 'verifySession' && value.startsWith('"') ? 401 : 400;
        expect((await ask(route, { body })).status).toBe(wants);
      }
    }
    await expectUnchanged();
  });
});

describe('T-08 nested fields in a body', () => {
  const at = (path: string) => ({ path, message: 'is unknown' });
  test.each([
    ['amounts', '{"amounts":{"cpu":"1","__proto__":"1"}}', at('input.amounts.__proto__')],
    ['amounts', '{"amounts":{"__proto__":{"cpu":"1"}}}', at('input.amounts.__proto__')],
  ])('__proto__ in %s', async (_, body, issue) => {
    await refused(await ask(['reserveQuota', shapeOf('reserveQuota')], { body }), 'INVALID_INPUT', issue);
  });

  test.each([
    '{"role":"developer","recipient":{"userId":"x","__proto__":{"email":"a@b"}}}',
    '{"role":"developer","recipient":{"__proto__":{"userId":"x"}}}',
    '{"role":"developer","recipient":{"userId":"x","constructor":{}}}',
    '{"role":"developer","recipient":{"userId":{"__proto__":"x"}}}',
  ])('in a recipient: %s', async (body) => {
    await refused(await ask(['inviteMember', shapeOf('inviteMember')], { body }), 'INVALID_INPUT');
    await expectUnchanged();
    expect(Object.hasOwn(Object.prototype, 'userId')).toBe(false);
  });

  test('constructor is a resource name like any other, and not in this quota', async () => {
    const body = '{"amounts":{"constructor":"1"}}';
    const response = await ask(['reserveQuota', shapeOf('reserveQuota')], { body });
    const issue = { path: 'input.amounts.constructor', message: 'is not a resource of this quota' };
    await refused(response, 'INVALID_INPUT', issue);
  });
});

test('an operator cannot call methods for users, nor a user methods for operators', async () => {
  const outcomes: Record<string, string> = {};
  for (const [name, list] of Object.entries(calls)) {
    const [call] = list;
    const route = Object.entries(routes).find(([method]) => method === name)?.[1];
    if (call === undefined || route === undefined) throw new Error(name);
    const other = name === 'setQuota' ? ada : root;
    const code = await outcomeOf(await api.fetch(requestFor(route, call.input, other)));
    if (code === 'ACTOR_NOT_ALLOWED') outcomes[name] = code;
    if (call.actor !== null) {
      expect(await outcomeOf(await api.fetch(requestFor(route, call.input)))).toBe('UNAUTHENTICATED');
    }
  }
  expect(Object.keys(outcomes).sort()).toEqual(
    [
      'setQuota',
      'createWorkspace',
      'acceptInvitation',
      'declineInvitation',
      'acceptOwnership',
      'declineOwnership',
      'leaveWorkspace',
      'switchWorkspace',
      'getMembership',
      'listWorkspaces',
      'listMyInvitations',
      'listDeletedWorkspaces',
      'activeWorkspace',
    ].sort(),
  );
});
