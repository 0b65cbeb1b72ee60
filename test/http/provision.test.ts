// Accounts that the API opens, and the routes that exist only where the app names them.
import { describe, expect, test } from 'vitest';
import { routeNames, workspaceApi, type ProvisionCall, type Provisioned } from '../../src/http/index.js';
import { allRouteNames } from '../../src/http/route.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, root } from '../service/team.js';
import { actorIn, apiOf, jsonOf, outcomeOf, problemIn, requestFor } from './calls.js';
import { shapeOf } from './standing.js';

const optIn = [
  'openAccount',
  'renameAccount',
  'closeAccount',
  'addMember',
  'reconcileMembers',
  'findAccounts',
  'findWorkspaces',
  'purgeWorkspaces',
  'suspendWorkspace',
  'resumeWorkspace',
  'setQuota',
  'reserveQuota',
  'commitQuota',
  'resizeQuota',
  'releaseQuota',
];
const list = () => requestFor(shapeOf('listWorkspaces'), {}, ada);

/** An API that opens accounts, and the calls of `provision`. */
function createApi(provision: (call: ProvisionCall<void>) => Provisioned | Promise<Provisioned>) {
  const { workspaces, storage } = createTestWorkspaces();
  const [calls, errors]: [ProvisionCall<void>[], unknown[]] = [[], []];
  const api = apiOf(workspaces, {
    provision: (call) => {
      calls.push(call);
      return provision(call);
    },
    onError: (error) => errors.push(error),
  });
  return { api, workspaces, storage, calls, errors };
}

describe('H-12 provision', () => {
  test('H-12 opens the account of a signed-in user on the first call that needs it, and only then', async () => {
    const { api, workspaces, calls } = createApi(({ actor }) => ({
      username: actor.userId,
      displayName: 'Ada',
    }));
    const response = await api.fetch(list());
    expect(await jsonOf(response)).toMatchObject({
      items: [{ workspace: { name: 'ada', kind: 'personal' } }],
    });
    expect(calls.map(({ method, actor }) => [method, actor])).toEqual([['listWorkspaces', ada]]);
    expect(await outcomeOf(await api.fetch(list()))).toBe('ok');
    const created = await api.fetch(requestFor(shapeOf('createWorkspace'), { name: 'Core' }, ada));
    expect(created.status).toBe(201);
    expect(calls).toHaveLength(1);
    const account = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    expect(account.account).toMatchObject({ displayName: 'Ada' });
  });

  test('H-12 the body of the call that opens the account is not lost', async () => {
    const { api } = createApi(() => ({ username: 'ada' }));
    const created = await api.fetch(requestFor(shapeOf('createWorkspace'), { name: 'Core' }, ada));
    expect([created.status, await jsonOf(created)]).toMatchObject([201, { name: 'Core', ownerId: 'ada' }]);
  });

  test.each([null, undefined])('H-12 %s opens none, and the call is ACCOUNT_NOT_FOUND', async (answer) => {
    const { api, storage } = createApi(() => answer);
    expect(await outcomeOf(await api.fetch(list()))).toBe('ACCOUNT_NOT_FOUND');
    expect(storage.dump().accounts).toEqual([]);
  });

  test('H-12 is not called for operators, anonymous callers or the account of another user', async () => {
    const { api, calls, storage } = createApi(() => ({ username: 'ada' }));
    const events = (actor: object | null) =>
      requestFor(shapeOf('listAccountEvents'), { userId: 'ben' }, actor as typeof ada | null);
    expect(await outcomeOf(await api.fetch(events(root)))).toBe('ACCOUNT_NOT_FOUND');
    expect(await outcomeOf(await api.fetch(events(ada)))).toBe('ACCOUNT_NOT_FOUND');
    expect(await outcomeOf(await api.fetch(events(null)))).toBe('UNAUTHENTICATED');
    expect([calls, storage.dump().accounts]).toEqual([[], []]);
  });

  test('H-12 50 first requests at the same time open one account, also under different names', async () => {
    let count = 0;
    const { api, storage } = createApi(() => ({ username: `ada-${String(count++)}` }));
    const responses = await Promise.all(Array.from({ length: 50 }, () => api.fetch(list())));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(storage.dump().accounts).toHaveLength(1);
  });

  test('H-12 a username that is in use is answered, as the OpenAPI document states', async () => {
    const { api, workspaces } = createApi(() => ({ username: 'ben' }));
    await workspaces.openAccount({ userId: 'ben', username: 'ben' });
    expect((await problemIn(await api.fetch(list()))).code).toBe('USERNAME_TAKEN');
    expect(api.routes.listWorkspaces?.errors).toContain('USERNAME_TAKEN');
    expect(api.routes.previewInvitation?.errors).not.toContain('USERNAME_TAKEN');
  });

  test.each<[string, unknown]>([
    ['no username', {}],
    ['an invalid username', { username: '' }],
    ['an unknown field', { username: 'ada', role: 'owner' }],
    ['a string', 'ada'],
    ['true', true],
  ])('H-12 %s is a mistake of the app, and opens nothing', async (_, answer) => {
    const { api, errors, storage } = createApi(() => answer as Provisioned);
    expect((await problemIn(await api.fetch(list()))).code).toBe('INTERNAL');
    expect(String(errors[0])).toContain('TypeError: workspaceApi: provision must return an account or null');
    expect(storage.dump().accounts).toEqual([]);
  });

  test('H-12 cannot open the account of another user', async () => {
    const { api, storage } = createApi(() => ({ username: 'ada', userId: 'ben' }) as Provisioned);
    expect(await outcomeOf(await api.fetch(list()))).toBe('ok');
    expect(storage.dump().accounts.map(({ userId }) => userId)).toEqual(['ada']);
  });

  test('H-12 a provision that throws lets no one in', async () => {
    const { api, storage, errors } = createApi(() => {
      throw new Error('directory down');
    });
    expect((await problemIn(await api.fetch(list()))).code).toBe('INTERNAL');
    expect([errors.length, storage.dump().accounts]).toEqual([1, []]);
  });
});

describe('H-13 routes that exist only by name', () => {
  const { workspaces } = createTestWorkspaces();
  const api = workspaceApi({ workspaces, actor: actorIn });

  test('H-13 accounts and quotas are not changed over HTTP unless the app names the method', async () => {
    expect(Object.keys(api.routes).sort()).toEqual([...routeNames].sort());
    expect(allRouteNames.filter((name) => !routeNames.includes(name)).sort()).toEqual([...optIn].sort());
    const named = allRouteNames.filter((name) => !routeNames.includes(name));
    for (const name of named) {
      const { verb, path } = shapeOf(name);
      for (const actor of [ada, root, null]) {
        const at = path.replaceAll(/\{\w+\}/g, 'ada');
        const code = await outcomeOf(await api.fetch(requestFor({ verb, path: at }, {}, actor)));
        expect(['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED']).toContain(code);
      }
    }
  });

  test('H-13 the OpenAPI document has the routes of the API, and no others', () => {
    const operations = (names?: readonly (typeof allRouteNames)[number][]) => {
      const { paths } = workspaceApi({
        workspaces,
        actor: actorIn,
        ...(names && { methods: names }),
      }).openApi({ title: 'T', version: '1' });
      return Object.values(paths).flatMap((path) =>
        Object.values(path).map(({ operationId }) => operationId),
      );
    };
    expect(operations().sort()).toEqual([...routeNames].sort());
    expect(operations([...routeNames, 'setQuota']).sort()).toEqual([...routeNames, 'setQuota'].sort());
  });
});
