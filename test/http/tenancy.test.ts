// Two tenants behind one API: what a stranger learns from an id in a path, on every verb.
import { describe, expect, test } from 'vitest';
import type { RouteName, RouteShape } from '../../src/http/index.js';
import type { Actor } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, dev, mia, sam } from '../service/team.js';
import { apiOf, as, jsonRequest, ORIGIN, outcomeOf, placed, requestFor, seenOf, type Seen } from './calls.js';
import { twoTenants } from './scene.js';

const routes = apiOf(createTestWorkspaces().workspaces).routes;
const shapes = Object.entries(routes);
const inWorkspaces = shapes.filter(([, { path }]) => path.includes('{workspaceId}'));
const inAccounts = shapes.filter(([, { path }]) => path.includes('/accounts/{userId}'));
const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const strangers: Readonly<Record<string, Actor | null>> = {
  'the owner of another': ada,
  'a manager of another': mia,
  'a developer of another': dev,
  'who has only the personal one': sam,
  'who has no account': { userId: 'nobody' },
  'who is not signed in': null,
};

/** As long as the ids that there are, letter for letter: so the answers differ in nothing else, not even in length. */
const nowhere = {
  workspaceId: 'ws-zzzzzzzzzzzzzzzz',
  userId: 'zea',
  invitationId: 'inv-zzzzzzzzzzzzzzzz',
  reservationId: 'none',
};
type Ids = typeof nowhere;

/** What is asked besides the ids in the path. */
const rest: { readonly [Name in RouteName]?: object } = {
  renameWorkspace: { name: 'Kernel' },
  deleteWorkspace: { confirmName: 'Core' },
  transferOwnership: {},
  inviteMember: { role: 'developer' },
  changeRole: { role: 'manager' },
  listMembers: { limit: 1 },
  listInvitations: { status: 'open' },
  can: { permission: 'workspace:view' },
  authorize: { permission: 'workspace:view' },
  explain: { permission: 'workspace:view' },
  setQuota: { limits: { cpu: '8' } },
  reserveQuota: { amounts: { cpu: '1' } },
  openAccount: { username: 'bea' },
  renameAccount: { username: 'eve' },
};

/** Whatever the workspace, they are for nobody else. */
const forOperators: readonly string[] = ['setQuota', 'reserveQuota', 'commitQuota', 'releaseQuota'];

function inputOf(name: string, shape: RouteShape, ids: Ids): object {
  const more = Object.entries(rest).find(([method]) => method === name)?.[1] ?? {};
  const inPath = Object.entries(ids).filter(([field]) => shape.path.includes(`{${field}}`));
  const named = name === 'transferOwnership' ? { userId: ids.userId } : {};
  return { ...Object.fromEntries(inPath), ...named, ...more };
}

/** Byte for byte, but for the ids that were asked for. */
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

describe('T-01 ids of a workspace that one is not a member of', () => {
  test('T-01 there is such a route for most methods', () => {
    expect(inWorkspaces).toHaveLength(23);
  });

  test.each(cells)(
    'T-01 %s, by %s: an id that exists answers as one that never was',
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
    'T-01 %s, on every verb',
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

  test('T-01 the own workspace with members, invitations and reservations of others', async () => {
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
      // for the host alone: whoever could release a charge would have the thing for nothing
      reserveQuota: 'ACTOR_NOT_ALLOWED',
      commitQuota: 'ACTOR_NOT_ALLOWED',
      releaseQuota: 'ACTOR_NOT_ALLOWED',
    });
    expect(await kept()).toEqual(before);
  });

  test.each(inAccounts)(
    'T-01 %s: the account of another answers as one that never was',
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

  test('T-01 a member of the one is a stranger to the other, whatever else of their own the path names', async () => {
    const { workspaces, workspaceId, foreign } = await twoTenants();
    const api = apiOf(workspaces);
    for (const [name, shape] of inWorkspaces) {
      // Ids of the one tenant under the workspace of the other, by a member of the first.
      const ids = { ...foreign, workspaceId };
      const response = await api.fetch(requestFor(shape, inputOf(name, shape, ids), { userId: 'bob' }));
      const expected = forOperators.includes(name) ? 'ACTOR_NOT_ALLOWED' : 'WORKSPACE_NOT_FOUND';
      if (name !== 'can' && name !== 'explain') expect(await outcomeOf(response)).toBe(expected);
      else expect(await response.text()).toContain('"allowed":false');
    }
  });
});
