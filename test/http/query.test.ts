// Query strings: strings except for one number, each field once, and no unknown fields.
import { describe, expect, test } from 'vitest';
import { ada } from '../service/team.js';
import { as, ORIGIN, outcomeOf, problemIn } from './calls.js';
import { createStanding, refused, routes } from './standing.js';

const queryRoutes = Object.entries(routes).filter(([, { verb }]) => verb === 'GET' || verb === 'DELETE');
const { api, ask, expectUnchanged, restOf } = await createStanding();
const SECRET = 'kept-out-of-answers';

describe.each(queryRoutes)('%s: rejects a query', (...route) => {
  test('with a field twice', async () => {
    const issue = { path: 'query', message: 'has a duplicate field' };
    await refused(await ask(route, { query: '?limit=1&limit=1' }), 'INVALID_INPUT', issue);
  });

  test('H-08 T-08 with a token or another unknown field, whatever its name', async () => {
    for (const field of ['__proto__', 'constructor', 'token', 'hasOwnProperty']) {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries(restOf(route))) query.set(key, String(value));
      query.set(field, SECRET);
      const issue = { path: `input.${field}`, message: 'is unknown' };
      const shown = await refused(
        await ask(route, { query: `?${query.toString()}` }),
        'INVALID_INPUT',
        issue,
      );
      expect(shown).not.toContain(SECRET);
    }
  });

  test('T-08 with a field of the path', async () => {
    for (const [, field = ''] of route[1].path.matchAll(/\{(\w+)\}/g)) {
      const issue = { path: `input.${field}`, message: 'is already given in the path' };
      await refused(await ask(route, { query: `?${field}=x` }), 'INVALID_INPUT', issue);
    }
  });

  test('with an invalid percent-escape', async () => {
    const issue = { path: 'query', message: 'has an invalid percent-escape' };
    for (const broken of ['%', '%z', '%zz', '%C3', '%ff', '%ed%a0%80']) {
      for (const query of [`?limit=${broken}`, `?${broken}=1`])
        await refused(await ask(route, { query }), 'INVALID_INPUT', issue);
    }
  });
});

test('none of the rejected queries changed anything', async () => {
  await expectUnchanged();
});

describe('the numeric field of a query', () => {
  const list = (query: string) =>
    api.fetch(new Request(`${ORIGIN}/workspaces${query}`, { headers: as(ada) }));

  test.each(['1', '2', '200'])('limit=%s is valid', async (limit) => {
    expect((await list(`?limit=${limit}`)).status).toBe(200);
  });

  test.each([
    '',
    '0',
    '-1',
    '201',
    '1e3',
    ' 5',
    '5%20',
    '+5',
    '%2B5',
    '05',
    '5.0',
    '0x5',
    '٣',
    '５',
    'NaN',
    'Infinity',
    'null',
    '1,000',
    '9'.repeat(400),
  ])('limit=%j is rejected', async (limit) => {
    const problem = await problemIn(await list(`?limit=${limit}`));
    expect(problem.code).toBe('INVALID_INPUT');
    expect(problem.detail).toContain('input.limit');
  });

  test('an invalid cursor is rejected; without one, the first page is returned', async () => {
    for (const cursor of ['', 'null', 'undefined', '1', `1.=${'x'.repeat(700)}`]) {
      expect(await outcomeOf(await list(`?cursor=${cursor}`))).toBe('INVALID_INPUT');
    }
    expect((await list('')).status).toBe(200);
  });

  test('a query with very many fields is read in one pass, and rejected', async () => {
    const query = Array.from({ length: 100_000 }, (_, place) => `f${String(place)}=`).join('&');
    expect(await outcomeOf(await list(`?${query}`))).toBe('INVALID_INPUT');
  });
});
