// Every method has one route, and over it the answer that the method gives.
import { describe, expect, test } from 'vitest';
import type { WorkspaceEventType } from '../../src/domain/events.js';
import { answers } from '../../src/http/answers.js';
import { routeNames, type RouteName } from '../../src/http/index.js';
import { commandSchemas, WorkspaceService } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { apiOf, as, expectSecured, jsonOf, ORIGIN, overJson, placed, requestFor } from './calls.js';
import { callsIn, createScene, type Scene, type SceneCall } from './scene.js';

const routes = apiOf(createTestWorkspaces().workspaces).routes;
const shapes = Object.entries(routes);
const calls = await callsIn(await createScene());
const names = Object.keys(calls).filter((name): name is RouteName => Object.hasOwn(routes, name));
const cells = names.flatMap((name) => calls[name].map((one, place) => [name, place, one.status] as const));

describe('the routes', () => {
  test('H-01 every method has exactly one, but for withQuota, which runs a function', () => {
    const hostOnly = [
      'constructor',
      'on',
      'before',
      'withTransaction',
      'inTransaction',
      'permissions',
      'withQuota',
    ];
    const methods = Object.getOwnPropertyNames(WorkspaceService.prototype);
    expect(Object.keys(routes).sort()).toEqual(methods.filter((name) => !hostOnly.includes(name)).sort());
    const schemas = Object.keys(commandSchemas).filter((name) => name !== 'withQuota');
    expect(Object.keys(routes).sort()).toEqual([...schemas, 'activeWorkspace'].sort());
    expect([...routeNames].sort()).toEqual(Object.keys(routes).sort());
    expect(Object.isFrozen(routeNames)).toBe(true);
  });

  test('H-01 no two have one verb and path, and no two paths are one to a request', () => {
    const ways = shapes.map(([, { verb, path }]) => `${verb} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect(new Set(ways).size).toBe(shapes.length);
    // A field would take the name of another path's step for its value.
    const paths = [...new Set(shapes.map(([, { path }]) => path))];
    const rivals = paths.filter((path) =>
      paths.some((other) => other !== path && sameSteps(other.split('/'), path.split('/'))),
    );
    expect(rivals).toEqual([]);
  });

  test('every field in a path is one of the input', () => {
    for (const [name, { path }] of shapes) {
      expect(inputFieldsOf(name)).toEqual(expect.arrayContaining(fieldsIn(path)));
    }
  });

  test('H-08 no token is a field of a path or a query, and every workspace that there is stands in the path', () => {
    for (const [name, { verb, path }] of shapes) {
      const [fields, inPath] = [inputFieldsOf(name), fieldsIn(path)];
      expect(inPath).not.toContain('token');
      if (verb === 'GET' || verb === 'DELETE') expect(fields, name).not.toContain('token');
      // a new one has no path yet
      if (fields.includes('workspaceId') && name !== 'createWorkspace') {
        expect(inPath, name).toContain('workspaceId');
      }
    }
  });

  test('what an API shows of them is to read, not to call or to change', () => {
    for (const [name, shape] of shapes) {
      expect(Object.keys(shape)).not.toContain('admit');
      expect(Object.isFrozen(shape) && Object.isFrozen(shape.refusals), name).toBe(true);
    }
    expect(Object.isFrozen(routes)).toBe(true);
  });

  test('a few are as documented', () => {
    expect(`${String(routes.inviteMember?.verb)} ${String(routes.inviteMember?.path)}`).toBe(
      'POST /workspaces/{workspaceId}/invitations',
    );
    expect(routes.acceptInvitation?.verb).toBe('POST');
    expect(routes.previewInvitation?.verb).toBe('POST');
  });
});

describe('H-01 over a route, a call answers as the method does', () => {
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
      const schema = routes[name]?.answer;
      if (schema == null) throw new Error(`${name} answers nothing`);
      expect(answers[schema].safeParse(answer)).toMatchObject({ success: true });
    }
    expect(await served.kept()).toEqual(await direct.kept());
  });

  test('H-02 T-09 each call that changes something does so, and those of GET change nothing', async () => {
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
    'H-02 %s changes nothing, whoever asks, and HEAD answers as GET without a body',
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
    'H-02 nor do they where %s takes another verb, whatever a header calls them',
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

  test('I-16 neither does a preview, nor what a session token proves', async () => {
    const scene = await createScene();
    const before = await scene.kept();
    for (const name of ['previewInvitation', 'verifySession'] as const) {
      for (let times = 0; times < 10; times++) expect((await serve(scene, name, 0)).status).toBe(200);
    }
    expect(await scene.kept()).toEqual(before);
  });
});

describe('the schemas of the answers', () => {
  test('take every kind of event, invitation and actor that a busy world has', async () => {
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
    await workspaces.renameAccount({ userId: 'dev' }, { userId: 'dev', username: 'deva' });
    await workspaces.transferOwnership(ada, { workspaceId, userId: 'mia' });
    await workspaces.revokeInvitation(mia, { workspaceId, invitationId: scene.link.invitation.id });
    const api = apiOf(workspaces);
    const ask = async (name: RouteName, input: object, actor: typeof ada | typeof root = root) => {
      const response = await api.fetch(requestFor(shapeOf(name), input, actor));
      const schema = shapeOf(name).answer;
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
    for (const type of Object.keys(eventTypes)) expect(events).toContain(`"type":"${type}"`);
  });
});

/** A type that is missing does not compile. */
const eventTypes: Readonly<Record<WorkspaceEventType, true>> = {
  'workspace.created': true,
  'workspace.renamed': true,
  'workspace.deleted': true,
  'workspace.transferred': true,
  'member.joined': true,
  'member.left': true,
  'member.removed': true,
  'member.role-changed': true,
  'invitation.created': true,
  'invitation.reissued': true,
  'invitation.accepted': true,
  'invitation.declined': true,
  'invitation.revoked': true,
  'invitation.expired': true,
};

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

/** What a route says of an answer that is no object. */
function toldOf(name: RouteName, answer: unknown): unknown {
  if (name === 'can') return { allowed: answer };
  if (name === 'authorize') return { member: answer };
  return shapeOf(name).answer === null ? undefined : answer;
}
