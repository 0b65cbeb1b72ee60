// Only operators change limits, reservations and charges over HTTP.
import { describe, expect, test } from 'vitest';
import type { RouteName } from '../../src/http/index.js';
import { ada, dev, mia, root, sam } from '../service/team.js';
import { apiOf, outcomeOf, requestFor } from './calls.js';
import { callsIn, createScene } from './scene.js';
import { routes, shapeOf } from './standing.js';

const changing = ['setQuota', 'reserveQuota', 'commitQuota', 'resizeQuota', 'releaseQuota'] as const;
const names = Object.keys(routes).filter((name): name is RouteName => Object.hasOwn(routes, name));

describe('limits and charges', () => {
  test.each(changing)(
    'H-09 %s is for operators only: not for the owner, and not for the member who reserved',
    async (name) => {
      const scene = await createScene();
      const api = apiOf(scene.workspaces);
      const before = await scene.kept();
      const [call] = (await callsIn(scene))[name];
      const ask = async (actor: object | null) =>
        outcomeOf(await api.fetch(requestFor(shapeOf(name), call?.input ?? {}, actor as typeof root | null)));
      for (const user of [ada, mia, dev, sam, { userId: 'root' }])
        expect(await ask(user)).toBe('ACTOR_NOT_ALLOWED');
      expect(await ask(null)).toBe('UNAUTHENTICATED');
      expect(await scene.kept()).toEqual(before);
      expect(await ask(root)).toBe('ok');
      expect(await scene.kept()).not.toEqual(before);
    },
  );

  test('Q-24 a request may name a permission of the matrix, and no other', async () => {
    const { workspaces, workspaceId } = await createScene();
    const api = apiOf(workspaces);
    const named = { workspaceId, reservationId: 'res-2' };
    const ask = async (name: (typeof changing)[number], input: object) =>
      outcomeOf(await api.fetch(requestFor(shapeOf(name), { ...named, ...input }, root)));
    const amounts = { cpu: '1' };
    for (const name of ['reserveQuota', 'commitQuota', 'releaseQuota'] as const) {
      const input = name === 'reserveQuota' ? { amounts } : {};
      expect(await ask(name, { ...input, permission: 'resource:crate' })).toBe('INVALID_INPUT');
      expect(await ask(name, { ...input, permission: 'resource:modify' })).toBe('ok');
    }
  });

  test('H-09 no other route changes a quota, except for the deletion of its workspace', async () => {
    const changed = new Set<string>();
    for (const name of names) {
      const count = (await callsIn(await createScene()))[name].length;
      for (let place = 0; place < count; place++) {
        const scene = await createScene();
        const { quota } = await scene.kept();
        const call = (await callsIn(scene))[name][place];
        await apiOf(scene.workspaces).fetch(requestFor(shapeOf(name), call?.input ?? {}, call?.actor));
        if (JSON.stringify((await scene.kept()).quota) !== JSON.stringify(quota)) changed.add(name);
      }
    }
    expect([...changed].sort()).toEqual([...changing, 'deleteWorkspace'].sort());
  });
});
