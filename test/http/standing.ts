// One world in which every request is refused: a valid call for each route, to be broken in one place.
import { expect } from 'vitest';
import type { RouteName, RouteShape } from '../../src/http/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { apiOf, as, jsonRequest, ORIGIN, placed, problemIn } from './calls.js';
import { callsIn, createScene } from './scene.js';

export const routes = apiOf(createTestWorkspaces().workspaces).routes;

/** By name, for tables of tests. */
export type Named = readonly [name: string, shape: RouteShape];

export function shapeOf(name: RouteName): RouteShape {
  const shape = routes[name];
  if (shape === undefined) throw new Error(`${name} has no route`);
  return shape;
}

export async function createStanding() {
  const scene = await createScene();
  const api = apiOf(scene.workspaces);
  const calls = await callsIn(scene);
  const before = await scene.kept();
  const callOf = (name: string) => {
    const [, [call] = []] = Object.entries(calls).find(([route]) => route === name) ?? [];
    if (call === undefined) throw new Error(`${name} has no call`);
    return call;
  };
  return {
    ...scene,
    api,
    calls,
    /** The fields for the query or the body, once the path has its fields. */
    restOf: ([name, { path }]: Named) => placed(path, callOf(name).input).rest,
    inputOf: (name: string): object => callOf(name).input,
    /** A valid request except for the given parts. */
    ask: ([name, { verb, path }]: Named, spoilt: { readonly body?: string; readonly query?: string }) => {
      const { actor, input } = callOf(name);
      const { filled, rest } = placed(path, input);
      const inQuery = verb === 'GET' || verb === 'DELETE';
      const body = spoilt.body ?? (inQuery ? '' : JSON.stringify(rest));
      const url = `${filled}${spoilt.query ?? ''}`;
      const headers = as(actor);
      if (verb === 'GET') return api.fetch(new Request(`${ORIGIN}${url}`, { headers }));
      return api.fetch(jsonRequest(verb, url, body, headers));
    },
    expectUnchanged: async () => expect(await scene.kept()).toEqual(before),
  };
}

/** The problem as a string, after a check of its code and its issues. */
export async function refused(
  response: Response,
  code: string,
  ...issues: readonly object[]
): Promise<string> {
  const problem = await problemIn(response);
  expect(problem.code).toBe(code);
  if (issues.length > 0) expect(problem.details).toEqual({ issues });
  return JSON.stringify(problem);
}
