// Functions of the app that an API calls: if they throw or return invalid values, the caller is refused.
import { describe, expect, test } from 'vitest';
import { workspaceApi } from '../../src/http/index.js';
import { WorkspaceError } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada } from '../service/team.js';
import { problemIn } from './calls.js';
import { apiOn, create, failing, list } from './reporting.js';

describe('functions of the app', () => {
  const failures: readonly (readonly [string, unknown])[] = [
    ['an Error', new Error('redis://:password@10.0.0.7')],
    ['a string', 'password'],
    ['undefined', undefined],
  ];
  const broken = failures.flatMap(([what, error]) => {
    const thrown = () => {
      throw error;
    };
    const rejected = async () => thrown();
    return [
      [what, 'throws', 'actor', { actor: thrown }, error] as const,
      [what, 'rejects with', 'actor', { actor: rejected }, error] as const,
      [what, 'throws', 'rateLimit', { rateLimit: thrown }, error] as const,
      [what, 'rejects with', 'rateLimit', { rateLimit: rejected }, error] as const,
    ];
  });

  test.each(broken)(
    'H-06 %s that the app %s in %s is INTERNAL, reported but not shown',
    async (_what, _how, _which, options, error) => {
      const { api, reports, memory } = await apiOn(null, options);
      const before = memory.dump();
      const problem = await problemIn(await api.fetch(create()));
      expect(problem.code).toBe('INTERNAL');
      expect(JSON.stringify(problem)).not.toContain('password');
      expect(reports).toEqual([error]);
      expect(memory.dump()).toEqual(before);
    },
  );

  test('an actor function that throws a WorkspaceError is answered with its code', async () => {
    const { api, reports } = await apiOn(null, {
      actor: () => Promise.reject(new WorkspaceError('SESSION_STALE', {})),
    });
    expect((await problemIn(await api.fetch(list()))).code).toBe('SESSION_STALE');
    expect(reports).toEqual([]);
  });

  const strangers: readonly unknown[] = [
    {},
    { userId: '' },
    { userId: 7 },
    { userId: 'x'.repeat(257) },
    { userId: 'ada', role: 'owner' },
    { userId: 'ada', operator: 'root' },
    { userId: 'ada', operator: undefined },
    { operator: true },
    { operator: '' },
    { id: 'ada' },
    ['ada'],
    'ada',
    true,
    false,
    0,
    { userId: 'ada', email: 'none' },
  ];
  test.each(strangers.map((actor, place) => [place, actor] as const))(
    'H-06 T-03 the invalid actor %i is an error of the app, and the caller is refused',
    async (_, actor) => {
      const { api, reports, memory } = await apiOn(null, { actor: () => actor as never });
      const before = memory.dump();
      for (const request of [list(), create()]) {
        expect((await problemIn(await api.fetch(request))).code).toBe('INTERNAL');
      }
      expect(reports).toHaveLength(2);
      for (const report of reports) {
        expect(report).toBeInstanceOf(TypeError);
        expect(report).toHaveProperty('message', expect.stringMatching(/^workspaceApi: actor must return/));
      }
      expect(memory.dump()).toEqual(before);
    },
  );

  test('H-06 T-03 null and undefined are anonymous callers', async () => {
    for (const actor of [null, undefined]) {
      const { api, reports } = await apiOn(null, { actor: () => actor as never });
      expect((await problemIn(await api.fetch(create()))).code).toBe('UNAUTHENTICATED');
      expect(reports).toEqual([]);
    }
  });

  test('if onError throws or rejects, the answer stays, and its error goes to the console', async () => {
    const heard: unknown[] = [];
    const { error } = console;
    console.error = (...parts: unknown[]) => heard.push(parts);
    try {
      const mistakes = [
        () => {
          throw new Error('in onError');
        },
        () => Promise.reject(new Error('in onError')),
        () => new Promise(() => undefined),
      ];
      for (const onError of mistakes) {
        const { api } = await apiOn(failing, { onError });
        expect((await problemIn(await api.fetch(list()))).code).toBe('UNAVAILABLE');
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(heard).toEqual([
        [expect.objectContaining({ message: 'in onError' })],
        [expect.objectContaining({ message: 'in onError' })],
      ]);
    } finally {
      console.error = error;
    }
  });

  test('without onError, errors go to the console', async () => {
    const heard: unknown[] = [];
    const { error } = console;
    console.error = (...parts: unknown[]) => heard.push(...parts);
    try {
      const { workspaces } = createTestWorkspaces({ storage: failing });
      await workspaceApi({ workspaces, actor: () => ada }).fetch(list());
      expect(heard).toEqual([expect.objectContaining({ code: 'UNAVAILABLE' })]);
    } finally {
      console.error = error;
    }
  });

  test('onError receives the request', async () => {
    const given: Request[] = [];
    const { api } = await apiOn(failing, { onError: (_, request) => given.push(request) });
    const request = list();
    await api.fetch(request);
    expect(given).toEqual([request]);
  });
});
