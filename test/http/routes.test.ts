// Every method has one route, which answers like the method.
import { describe, expect, test } from 'vitest';
import { answers } from '../../src/http/answers.js';
import { routeNames, type RouteName } from '../../src/http/index.js';
import { allRouteNames } from '../../src/http/route.js';
import { routeRows } from '../../src/http/routes.js';
import { commandSchemas, workspaceEventTypes, WorkspaceService } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { acts, commandNames, createScene as createActScene } from '../acts.js';
import { apiOf, as, expectSecured, jsonOf, ORIGIN, overJson, placed, requestFor } from './calls.js';
import { callsIn, createScene, type Scene, type SceneCall } from './scene.js';

const routes = apiOf(createTestWorkspaces().workspaces).routes;
const shapes = Object.entries(routes);
const calls = await callsIn(await createScene());
const names = Object.keys(calls).filter((name): name is RouteName => Object.hasOwn(routes, name));
const cells = names.flatMap((name) => calls[name].map((one, place) => [name, place, one.status] as const));

describe('the routes', () => {
  test('H-01 every method has exactly one route, except for withQuota, which runs a function', () => {
    const hostOnly = ['constructor', 'on', 'before', 'withTransaction', 'permissions', 'withQuota'];
    const methods = Object.getOwnPropertyNames(WorkspaceService.prototype);
    expect(Object.keys(routes).sort()).toEqual(methods.filter((name) => !hostOnly.includes(name)).sort());
    const schemas = Object.keys(commandSchemas).filter((name) => name !== 'withQuota');
    expect(Object.keys(routes).sort()).toEqual(schemas.sort());
    expect([...allRouteNames].sort()).toEqual(Object.keys(routes).sort());
    expect(Object.isFrozen(routeNames)).toBe(true);
  });

  test('H-01 no two routes have the same verb and path, and no request matches two paths', () => {
    const ways = shapes.map(([, { verb, path }]) => `${verb} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect(new Set(ways).size).toBe(shapes.length);
    // Otherwise a field would take the next step of another path as its value.
    const paths = [...new Set(shapes.map(([, { path }]) => path))];
    const rivals = paths.filter((path) =>
      paths.some((other) => other !== path && sameSteps(other.split('/'), path.split('/'))),
    );
    expect(rivals).toEqual([]);
  });

  test('every field in a path is a field of the input', () => {
    for (const [name, { path }] of shapes) {
      expect(inputFieldsOf(name)).toEqual(expect.arrayContaining(fieldsIn(path)));
    }
  });

  test('H-08 no token is in a path or a query, and the id of an existing workspace is always in the path', () => {
    for (const [name, { verb, path }] of shapes) {
      const [fields, inPath] = [inputFieldsOf(name), fieldsIn(path)];
      expect(inPath).not.toContain('token');
      if (verb === 'GET' || verb === 'DELETE') expect(fields, name).not.toContain('token');
      // a new one has no path yet, an invitation is answered in its body, by a token or by ids, and operators filter by it
      const isElsewhere = [
        'createWorkspace',
        'acceptInvitation',
        'declineInvitation',
        'findWorkspaces',
        'purgeWorkspaces',
      ];
      if (fields.includes('workspaceId') && !isElsewhere.includes(name)) {
        expect(inPath, name).toContain('workspaceId');
      }
    }
  });

  test('the routes of an API are read-only', () => {
    for (const [name, shape] of shapes) {
      expect(Object.keys(shape)).not.toContain('admit');
      expect(Object.isFrozen(shape) && Object.isFrozen(shape.errors), name).toBe(true);
    }
    expect(Object.isFrozen(routes)).toBe(true);
  });

  test('a few routes match the documentation', () => {
    expect(`${String(routes.inviteMember?.verb)} ${String(routes.inviteMember?.path)}`).toBe(
      'POST /workspaces/{workspaceId}/invitations',
    );
    expect(routes.acceptInvitation?.verb).toBe('POST');
    expect(routes.previewInvitation?.verb).toBe('POST');
  });
});

describe('H-01 a call over a route answers like the method', () => {
  test.each(cells)('%s, call %i, with %i', async (name, place, status) => {
    const [direct, served] = [await createScene(), await createScene()];
    const told = toldOf(name, await callDirectly(direct, name, (await callsIn(direct))[name][place]));
    const response = await serve(served, name, place);
    expect(response.status).toBe(status);
    expectSecured(response.headers);
    if (status === 204) {
      expect(told).toBeUndefined();
      expect(await response.text()).toBe('');
      expect(response.headers.get('Content-Type')).toBeNull();
    } else {
      expect(response.headers.get('Content-Type')).toBe('application/json');
      const answer = await jsonOf(response);
      expect(answer).toEqual(overJson(told));
      const schema = routeRows[name].answer;
      if (schema === null) throw new Error(`${name} answers nothing`);
      expect(answers[schema].safeParse(answer)).toMatchObject({ success: true });
    }
    expect(await served.kept()).toEqual(await direct.kept());
  });

  test('H-02 T-09 every call that changes something emits events, and GET routes change nothing', async () => {
    const changing = new Set<string>();
    for (const [name, place] of cells) {
      const scene = await createScene();
      const before = await scene.kept();
      await serve(scene, name, place);
      if (JSON.stringify(await scene.kept()) !== JSON.stringify(before)) changing.add(name);
    }
    const reading = shapes.filter(([, { verb }]) => verb === 'GET').map(([name]) => name);
    const byToken = ['previewInvitation', 'verifySession'];
    expect([...changing].sort()).toEqual(
      names.filter((name) => !reading.includes(name) && !byToken.includes(name)).sort(),
    );
  });
});

describe('GET and HEAD', () => {
  const read = names.filter((name) => routes[name]?.verb === 'GET');

  test.each(read)(
    'H-02 %s changes nothing, whoever calls it, and HEAD answers like GET without a body',
    async (name) => {
      const scene = await createScene();
      const api = apiOf(scene.workspaces);
      const before = await scene.kept();
      const shape = shapeOf(name);
      for (const { actor, input } of (await callsIn(scene))[name]) {
        for (const caller of [actor, { userId: 'nobody' }, null]) {
          const got = await api.fetch(requestFor(shape, input, caller));
          const { url } = requestFor(shape, input);
          const head = await api.fetch(new Request(url, { method: 'HEAD', headers: as(caller) }));
          expect(head.status).toBe(got.status);
          expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(got.headers));
          expect(await head.text()).toBe('');
          expect(await got.text()).not.toBe('');
        }
      }
      expect(await scene.kept()).toEqual(before);
    },
  );

  const otherwise = names.filter((name) => routes[name]?.verb !== 'GET');

  test.each(otherwise)(
    'H-02 %s with GET or HEAD and a method override header changes nothing',
    async (name) => {
      const scene = await createScene();
      const api = apiOf(scene.workspaces);
      const before = await scene.kept();
      const { verb, path } = shapeOf(name);
      for (const { actor, input } of (await callsIn(scene))[name]) {
        const { filled, rest } = placed(path, input);
        const query = new URLSearchParams({ _method: verb });
        for (const [field, value] of Object.entries(rest)) query.set(field, String(value));
        const headers = { ...as(actor), 'X-HTTP-Method': verb, 'X-HTTP-Method-Override': verb };
        for (const search of ['', `?${query.toString()}`]) {
          for (const method of ['GET', 'HEAD']) {
            await api.fetch(new Request(`${ORIGIN}${filled}${search}`, { method, headers }));
          }
        }
      }
      expect(await scene.kept()).toEqual(before);
    },
  );

  test('I-16 a preview and the verification of a session change nothing', async () => {
    const scene = await createScene();
    const before = await scene.kept();
    for (const name of ['previewInvitation', 'verifySession'] as const) {
      for (let times = 0; times < 10; times++) expect((await serve(scene, name, 0)).status).toBe(200);
    }
    expect(await scene.kept()).toEqual(before);
  });
});

describe('the schemas of the answers', () => {
  test('accept every kind of event, invitation and actor of a busy world', async () => {
    const scene = await createScene();
    const { workspaces, workspaceId, clock } = scene;
    const [ada, mia, sam, root] = [
      { userId: 'ada' },
      { userId: 'mia' },
      { userId: 'sam' },
      { operator: 'root' },
    ];
    const role = 'developer';
    const short = await workspaces.inviteMember(root, { workspaceId, role, expiresInSeconds: 60 });
    await workspaces.reissueInvitation(ada, { workspaceId, invitationId: scene.forSam.invitation.id });
    const email = 'a@b.example';
    await workspaces.inviteMember(mia, { workspaceId, role, recipient: { email } });
    const declined = await workspaces.inviteMember(ada, { workspaceId, role });
    await workspaces.declineInvitation(sam, { token: declined.token });
    await workspaces.acceptInvitation(sam, { token: scene.link.token });
    await workspaces.changeRole(ada, { workspaceId, userId: 'sam', role: 'manager' });
    await workspaces.removeMember(ada, { workspaceId, userId: 'sam' });
    await workspaces.leaveWorkspace({ userId: 'dev' }, { workspaceId });
    clock.advance(61_000);
    await workspaces.inviteMember(ada, { workspaceId, role });
    await workspaces.renameWorkspace(ada, { workspaceId, name: 'Kernel' });
    await workspaces.updateAttributes(ada, { workspaceId, attributes: { label: 'blue' } });
    await workspaces.renameAccount({ userId: 'dev' }, { userId: 'dev', username: 'deva' });
    await workspaces.transferOwnership(ada, { workspaceId, userId: 'mia' });
    await workspaces.revokeInvitation(mia, { workspaceId, invitationId: scene.link.invitation.id });
    const ask = async (name: RouteName, input: object, on = workspaces) => {
      const response = await apiOf(on).fetch(requestFor(shapeOf(name), input, root));
      const schema = routeRows[name].answer;
      if (schema === null) throw new Error(name);
      const answer = await jsonOf(response);
      expect(answers[schema].safeParse(answer)).toMatchObject({ success: true });
      return JSON.stringify(answer);
    };
    const invitations = await ask('listInvitations', { workspaceId, limit: 200 });
    for (const status of ['open', 'used', 'revoked', 'declined', 'expired']) {
      expect(invitations).toContain(`"status":"${status}"`);
    }
    expect(invitations).toContain('"issuedBy":{"operator":"root"}');
    expect(invitations).toContain(short.invitation.id);
    const accountEvents = await ask('listAccountEvents', { userId: 'dev' });
    for (const type of ['opened', 'renamed', 'switched']) expect(accountEvents).toContain(`account.${type}`);
    await workspaces.deleteWorkspace(mia, { workspaceId });
    const events = await ask('listEvents', { workspaceId, limit: 200 });
    const seen = [events];
    for (const type of workspaceEventTypes.filter((one) => !events.includes(`"type":"${one}"`))) {
      const command = commandNames.find((name) => acts[name].events.includes(type));
      if (command === undefined) throw new Error(`no command in test/acts.ts emits ${type}`);
      const act = await createActScene();
      await acts[command].run(act);
      // Some act on the other teams of the scene.
      for (const id of [act.workspaceId, act.suspendedId, act.offeredId, act.deletedId])
        seen.push(await ask('listEvents', { workspaceId: id, limit: 200 }, act.workspaces));
    }
    for (const type of workspaceEventTypes) expect(seen.join()).toContain(`"type":"${type}"`);
  });
});

function sameSteps(one: readonly string[], other: readonly string[]): boolean {
  const same = (step: string, place: number) =>
    step === other[place] || step.startsWith('{') || other[place]?.startsWith('{') === true;
  return one.length === other.length && one.every(same);
}

function fieldsIn(path: string): (string | undefined)[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, field]) => field);
}

function inputFieldsOf(name: string): string[] {
  const [, schema] = Object.entries(commandSchemas).find(([method]) => method === name) ?? [];
  return Object.keys(schema?.shape ?? {});
}

function shapeOf(name: RouteName) {
  const shape = routes[name];
  if (shape === undefined) throw new Error(`${name} has no route`);
  return shape;
}

async function serve({ workspaces, ...scene }: Scene, name: RouteName, place: number): Promise<Response> {
  const one = (await callsIn({ workspaces, ...scene }))[name][place];
  if (one === undefined) throw new Error('no such call');
  return apiOf(workspaces).fetch(requestFor(shapeOf(name), one.input, one.actor));
}

async function callDirectly(
  { workspaces }: Scene,
  name: RouteName,
  call: SceneCall | undefined,
): Promise<unknown> {
  const method: unknown = Reflect.get(workspaces, name);
  if (typeof method !== 'function' || call === undefined) throw new Error(`${name} is not a method`);
  const withoutActor = call.actor === null || name === 'openAccount';
  const answer: unknown = await Reflect.apply(
    method,
    workspaces,
    withoutActor ? [call.input] : [call.actor, call.input],
  );
  return answer;
}

/** The value of a route whose answer is not an object. */
function toldOf(name: RouteName, answer: unknown): unknown {
  if (name === 'can') return { allowed: answer };
  if (name === 'authorize') return { member: answer };
  return shapeOf(name).answer === null ? undefined : answer;
}
