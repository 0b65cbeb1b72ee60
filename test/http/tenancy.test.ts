// Two tenants behind one API: what a non-member learns from an id in a path, on every verb.
import { describe, expect, test } from 'vitest';
import type { RouteName, RouteShape } from '../../src/http/index.js';
import { allRouteNames } from '../../src/http/route.js';
import type { Actor } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { fieldsOf, inputOf as leastInputOf, isAnswer } from '../methods.js';
import { ada, dev, mia, sam } from '../service/team.js';
import { apiOf, as, jsonRequest, ORIGIN, outcomeOf, placed, requestFor, seenOf, type Seen } from './calls.js';
import { twoTenants } from './scene.js';

const routes = apiOf(createTestWorkspaces().workspaces).routes;
const shapes = Object.entries(routes);
const inWorkspaces = shapes.filter(([, { path }]) => path.includes('{workspaceId}'));
const inAccounts = shapes.filter(([, { path }]) => path.includes('/accounts/{userId}'));
const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const strangers: Readonly<Record<string, Actor | null>> = {
  'the owner of another team': ada,
  'a manager of another team': mia,
  'a developer of another team': dev,
  'a user with only a personal workspace': sam,
  'a user without an account': { userId: 'nobody' },
  'an anonymous caller': null,
};

/** As long as the existing ids, so that the answers differ in nothing else, not even in length. */
const nowhere = {
  workspaceId: 'ws-zzzzzzzzzzzzzzzz',
  userId: 'zea',
  invitationId: 'inv-zzzzzzzzzzzzzzzz',
  reservationId: 'none',
};
type Ids = typeof nowhere;

/** The rest of the input besides the ids in the path. */
const rest: { readonly [Name in RouteName]?: object } = {
  renameWorkspace: { name: 'Kernel' },
  deleteWorkspace: { confirmName: 'Core' },
  transferOwnership: {},
  offerOwnership: {},
  inviteMember: { role: 'developer' },
  changeRole: { role: 'manager' },
  listMembers: { limit: 1 },
  listInvitations: { status: 'open' },
  can: { permission: 'workspace:view' },
  authorize: { permission: 'workspace:view' },
  explain: { permission: 'workspace:view' },
  setQuota: { limits: { cpu: '8' } },
  reserveQuota: { amounts: { cpu: '1' } },
  resizeQuota: { amounts: { cpu: '1' } },
  openAccount: { username: 'bea' },
  renameAccount: { username: 'eve' },
};

/** Routes for operators only, in any workspace. */
const forOperators: readonly string[] = [
  'suspendWorkspace',
  'resumeWorkspace',
  'addMember',
  'reconcileMembers',
  'setQuota',
  'reserveQuota',
  'commitQuota',
  'resizeQuota',
  'releaseQuota',
  'suspendWorkspace',
  'resumeWorkspace',
];

function inputOf(name: string, shape: RouteShape, ids: Ids): object {
  const method = allRouteNames.find((route) => route === name);
  const more = method && (rest[method] ?? withoutIds(leastInputOf(method)));
  const inPath = Object.entries(ids).filter(([field]) => shape.path.includes(`{${field}}`));
  const isByUser = name === 'transferOwnership' || name === 'offerOwnership';
  const named = isByUser ? { userId: ids.userId } : {};
  return { ...Object.fromEntries(inPath), ...named, ...more };
}

/** Byte for byte, except for the requested ids. */
async function seen(response: Response, ids: Ids): Promise<Seen> {
  const told = await seenOf(response);
  const text = Object.entries(ids).reduce(
    (shown, [field, id]) => shown.replaceAll(`"${id}"`, `"<${field}>"`),
    told.text,
  );
  return { ...told, text };
}

const cells = inWorkspaces.flatMap(([name, shape]) =>
  Object.entries(strangers).map(([who, actor]) => [name, who, shape, actor] as const),
);

/** An id that the path needs is one of the two tenants'. */
function withoutIds(input: object): object {
  return Object.fromEntries(Object.entries(input).filter(([field]) => !Object.hasOwn(nowhere, field)));
}

describe('T-01 ids of a workspace that the caller is not a member of', () => {
  test('T-01 these tests include every method in a workspace that has a route', () => {
    const names = allRouteNames.filter((name) => fieldsOf(name).includes('workspaceId'));
    expect(inWorkspaces.map(([name]) => name).sort()).toEqual(
      // An invitation is answered in the body, where an id that is not for the caller is as an unknown one (I-25).
      // Operators filter, and purge, workspaces of all tenants.
      names
        .filter(
          (name) =>
            !['createWorkspace', 'findWorkspaces', 'purgeWorkspaces'].includes(name) && !isAnswer(name),
        )
        .sort(),
    );
  });

  test.each(cells)(
    'T-01 %s, by %s: an existing id answers like an unknown one',
    async (name, _, shape, actor) => {
      const { workspaces, foreign, kept } = await twoTenants();
      const api = apiOf(workspaces);
      const before = await kept();
      const ask = async (ids: Ids) =>
        seen(await api.fetch(requestFor(shape, inputOf(name, shape, ids), actor)), ids);
      const answer = await ask(foreign);
      expect(await ask(nowhere)).toEqual(answer);
      expect(answer.status < 300).toBe(actor !== null && (name === 'can' || name === 'explain'));
      if (answer.status === 404) expect(answer.text).toContain('WORKSPACE_NOT_FOUND');
      expect(answer.text).not.toMatch(/bob|bea|Core/);
      expect(await kept()).toEqual(before);
    },
  );

  test.each([...new Set(inWorkspaces.map(([, { path }]) => path))])(
    'T-01 %s: on every verb an existing id answers like an unknown one',
    async (path) => {
      const { workspaces, foreign, kept } = await twoTenants();
      const api = apiOf(workspaces);
      const before = await kept();
      const ask = async (method: string, ids: Ids) => {
        const { filled } = placed(path, ids);
        const bodiless = method === 'GET' || method === 'HEAD';
        const request = bodiless
          ? new Request(`${ORIGIN}${filled}`, { method, headers: as(ada) })
          : jsonRequest(method, filled, '{}', as(ada));
        return seen(await api.fetch(request), ids);
      };
      for (const method of verbs) expect(await ask(method, nowhere)).toEqual(await ask(method, foreign));
      expect(await kept()).toEqual(before);
    },
  );

  test("T-01 members, invitations and reservations of others answer like unknown ones under the caller's own workspace", async () => {
    const { workspaces, workspaceId, foreign, kept } = await twoTenants();
    const api = apiOf(workspaces);
    const before = await kept();
    const inside = inWorkspaces.filter(([, { path }]) => /\}.*\{/.test(path));
    const codes: Record<string, string> = {};
    for (const [name, shape] of inside) {
      const ask = async (ids: Ids) => {
        const mixed = { ...ids, workspaceId };
        const response = await api.fetch(requestFor(shape, inputOf(name, shape, mixed), ada));
        codes[name] = await outcomeOf(response.clone());
        return seen(response, mixed);
      };
      expect(await ask(foreign)).toEqual(await ask(nowhere));
    }
    expect(codes).toEqual({
      changeRole: 'MEMBER_NOT_FOUND',
      removeMember: 'MEMBER_NOT_FOUND',
      reissueInvitation: 'INVITATION_NOT_FOUND',
      revokeInvitation: 'INVITATION_NOT_FOUND',
      // for operators only
      addMember: 'ACTOR_NOT_ALLOWED',
      reconcileMembers: 'ACTOR_NOT_ALLOWED',
      // a member who could release a charge would get the resource for free
      reserveQuota: 'ACTOR_NOT_ALLOWED',
      commitQuota: 'ACTOR_NOT_ALLOWED',
      resizeQuota: 'ACTOR_NOT_ALLOWED',
      releaseQuota: 'ACTOR_NOT_ALLOWED',
    });
    expect(await kept()).toEqual(before);
  });

  test.each(inAccounts)(
    'T-01 %s: the account of another user answers like an unknown one',
    async (name, shape) => {
      const { workspaces, foreign, kept } = await twoTenants();
      const api = apiOf(workspaces);
      const before = await kept();
      for (const actor of [ada, sam, { userId: 'nobody' }]) {
        const ask = async (ids: Ids) =>
          seen(await api.fetch(requestFor(shape, inputOf(name, shape, ids), actor)), ids);
        const answer = await ask(foreign);
        expect(await ask(nowhere)).toEqual(answer);
        expect(answer.text).toContain('ACCOUNT_NOT_FOUND');
      }
      expect(await kept()).toEqual(before);
    },
  );

  test('T-01 a member of one tenant is a non-member of the other, whichever of their own ids the path contains', async () => {
    const { workspaces, workspaceId, foreign } = await twoTenants();
    const api = apiOf(workspaces);
    for (const [name, shape] of inWorkspaces) {
      // Ids of one tenant under the workspace of the other, by a member of the first.
      const ids = { ...foreign, workspaceId };
      const response = await api.fetch(requestFor(shape, inputOf(name, shape, ids), { userId: 'bob' }));
      const expected = forOperators.includes(name) ? 'ACTOR_NOT_ALLOWED' : 'WORKSPACE_NOT_FOUND';
      if (name !== 'can' && name !== 'explain') expect(await outcomeOf(response)).toBe(expected);
      else expect(await response.text()).toContain('"allowed":false');
    }
  });
});
