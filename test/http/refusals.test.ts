// Every error of every method over its route is documented and has no effect. Callers of every role call everything in
// a world that has a cause for each error.
import * as z from 'zod';
import { describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import type { ProblemCode, RouteName } from '../../src/http/index.js';
import { defaultLimits, methods, type Actor } from '../../src/index.js';
import { examplesOf, isRequired, type CallableMethod } from '../../src/testing/inputs.js';
import {
  ada,
  attributes,
  createTeam,
  dev,
  mia,
  openAccounts,
  refusal,
  root,
  sam,
  serviceOn,
} from '../service/team.js';
import { apiOf, outcomeOf, requestFor, seenOf } from './calls.js';
import { isAnswer } from '../methods.js';
import { routes, shapeOf } from './standing.js';

const EMAIL = 'sam@example.com';
const callers: readonly (Actor | null)[] = [
  ada,
  mia,
  dev,
  sam,
  { ...sam, email: EMAIL, emailVerified: true },
  { ...sam, email: 'other@example.com', emailVerified: true },
  { userId: 'nobody' },
  root,
  null,
];

/** An attribute whose values can be too large. */
const long = { schema: z.string() };

/** What can be requested, and everything that is stored. */
async function createWorld() {
  let limits = defaultLimits;
  const quota = memoryQuota({ defaults: { cpu: '4' } });
  const { workspaces, workspaceId, storage, clock } = await createTeam({
    quota,
    limits: () => limits,
    attributes: { workspace: { ...attributes.workspace, long }, member: { ...attributes.member, long } },
  });
  await openAccounts(workspaces, 'bob', 'una', 'zed');
  // deleted ones of an owner who is closing the account, and of one who will have three teams
  const keeping = serviceOn(storage, { clock, quota, deletion: { graceSeconds: 3600 } });
  const hidden: string[] = [];
  for (const owner of [{ userId: 'zed' }, dev]) {
    const { id } = await workspaces.createWorkspace(owner, { name: 'Hidden' });
    await keeping.deleteWorkspace(owner, { workspaceId: id });
    hidden.push(id);
  }
  const interrupted = { ...storage, listWorkspaces: () => Promise.reject(new Error('lost')) };
  await refusal(serviceOn(interrupted).closeAccount(root, { userId: 'zed' }));
  const bob = { userId: 'bob' };
  const theirs = await workspaces.createWorkspace(bob, { name: 'Core' });
  const gone = await workspaces.createWorkspace(bob, { name: 'Gone' });
  await workspaces.deleteWorkspace(bob, { workspaceId: gone.id });
  // one name that mia cannot use, and three teams that are too many for dev
  const kernel = (await workspaces.createWorkspace(ada, { name: 'Kernel' })).id;
  // where a directory manages dev
  await workspaces.reconcileMembers(root, {
    workspaceId: kernel,
    managedBy: 'directory',
    members: [{ userId: 'dev', role: 'developer' }],
  });
  await workspaces.createWorkspace(mia, { name: 'Core' });
  for (const name of ['One', 'Two', 'Three']) await workspaces.createWorkspace(dev, { name });

  // one that an operator suspended, and an offer of the ownership in each
  const paused = (await workspaces.createWorkspace(ada, { name: 'Paused' })).id;
  for (const userId of ['mia', 'dev'])
    await workspaces.addMember(root, { workspaceId: paused, userId, role: 'manager' });
  for (const id of [workspaceId, paused])
    await workspaces.offerOwnership(ada, { workspaceId: id, userId: 'mia' });
  const pausedLink = await workspaces.inviteMember(ada, { workspaceId: paused, role: 'developer' });
  await workspaces.reserveQuota(root, { workspaceId: paused, reservationId: 'held', amounts: { cpu: '1' } });
  const inUse = { workspaceId: paused, reservationId: 'used', amounts: { cpu: '1' } };
  await workspaces.withQuota(root, inUse, () => undefined);
  await workspaces.suspendWorkspace(root, { workspaceId: paused, reason: 'unpaid' });

  const personal = (await workspaces.activeWorkspace(ada)).workspace.id;
  const role = 'developer';
  const invite = (more: object = {}) => workspaces.inviteMember(ada, { workspaceId, role, ...more });
  const link = await invite({ maxUses: 'unlimited' });
  const used = await invite();
  await workspaces.acceptInvitation({ userId: 'una' }, { token: used.token });
  const revoked = await invite();
  await workspaces.revokeInvitation(ada, { workspaceId, invitationId: revoked.invitation.id });
  const declined = await invite();
  await workspaces.declineInvitation(sam, { token: declined.token });
  const expired = await invite({ expiresInSeconds: 60 });
  const sessionOver = await workspaces.switchWorkspace(dev, { workspaceId });
  clock.advance(10 * 60_000);
  const session = await workspaces.switchWorkspace(dev, { workspaceId });
  const stale = await workspaces.switchWorkspace({ userId: 'una' }, { workspaceId });
  await workspaces.removeMember(ada, { workspaceId, userId: 'una' });
  const forSam = await invite({ recipient: sam });
  const mailed = await invite({ recipient: { email: EMAIL } });
  const toManage = await invite({ role: 'manager' });

  const reserve = (reservationId: string, cpu: string, ttlSeconds: number) =>
    workspaces.reserveQuota(root, { workspaceId, reservationId, amounts: { cpu }, ttlSeconds });
  await reserve('late', '2', 1);
  clock.advance(1_000);
  await reserve('held', '3', 60);
  await reserve('used', '1', 60);
  await workspaces.commitQuota(root, { workspaceId, reservationId: 'used' });

  // too full, also for sam, whose own seat is free once she joins: three members, and three seats reserved
  limits = { membersPerWorkspace: 5, openInvitationsPerWorkspace: 5, workspacesPerOwner: 3 };
  const invitations = [link, used, revoked, declined, expired, forSam, mailed, toManage, pausedLink];
  const tokens = [...invitations, sessionOver, session, stale].map(({ token }) => token);
  const pools: Readonly<Record<string, readonly unknown[]>> = {
    workspaceId: [
      workspaceId,
      personal,
      paused,
      kernel,
      theirs.id,
      gone.id,
      ...hidden,
      'ws-zzzzzzzzzzzzzzzz',
    ],
    userId: ['ada', 'mia', 'dev', 'sam', 'nobody', 'zed'],
    username: ['ada', 'Kernel', 'new'],
    name: ['Core', 'Kernel'],
    confirmName: [undefined, 'Kernel'],
    confirmUsername: [undefined, 'Kernel'],
    role: ['manager', role],
    maxUses: [undefined, 'unlimited'],
    ownId: [undefined, ...[used, revoked, declined, link].map(({ invitation }) => invitation.id)],
    recipient: [undefined, sam, mia],
    invitationId: [...invitations.map(({ invitation }) => invitation.id), 'inv-zzzzzzzzzzzzzzzz'],
    token: tokens,
    fresh: [undefined, true],
    permission: ['workspace:view', 'workspace:delete', 'workspace:rename'],
    limits: [{ cpu: '8' }],
    reservationId: ['late', 'held', 'used', 'new'],
    amounts: [{ cpu: '1' }, { cpu: '2' }, { cpu: '3' }, { cpu: '4' }],
    attributes: [{ label: 'blue' }, { customer: 'c-1' }, { long: 'x'.repeat(4096) }],
  };
  const kept = async () => {
    const report = await workspaces.getQuota(root, { workspaceId }).catch(() => null);
    return JSON.stringify([storage.dump(), report]);
  };
  return { api: apiOf(workspaces), pools, tokens, kept };
}

type Pools = Awaited<ReturnType<typeof createWorld>>['pools'];

/** A field without a pool has the examples of its schema, or is left out. */
function poolOf(field: string, pools: Pools): readonly unknown[] {
  const pool = pools[field];
  if (pool !== undefined) return pool;
  const method = Object.values<CallableMethod>(methods).find((one) => isRequired(one, field));
  return method === undefined ? [undefined] : examplesOf(method, field);
}

/** As positions in the pools, which are the same in every world. */
function* choicesOf(fields: readonly string[], pools: Pools): Generator<ReadonlyMap<string, number>> {
  const [field, ...others] = fields;
  if (field === undefined) {
    yield new Map();
    return;
  }
  for (const rest of choicesOf(others, pools)) {
    for (const place of poolOf(field, pools).keys()) yield new Map([...rest, [field, place]]);
  }
}

const document = apiOf((await createTeam()).workspaces).openApi({ title: 'Desk', version: '1' });

function operationOf(name: RouteName) {
  const { path, verb } = shapeOf(name);
  const operation = document.paths[path]?.[verb.toLowerCase()];
  if (operation === undefined) throw new Error(`${name} is not in the document`);
  const inBody = operation.requestBody?.content['application/json'].schema['properties'] ?? {};
  const listed = Object.entries(operation.responses).flatMap(([status, { description, content }]) =>
    content?.['application/problem+json'] === undefined
      ? []
      : description.split(', ').map((code) => `${status} ${code}`),
  );
  return {
    fields: [...operation.parameters.map((parameter) => parameter.name), ...Object.keys(inBody)],
    listed,
  };
}

/** Errors of the app's functions, of invalid requests and of storages, which other tests prove. */
const elsewhere: readonly string[] = [
  'INVALID_INPUT',
  'RATE_LIMITED',
  'INTERNAL',
  'UNAVAILABLE',
  'CONFLICT',
  'VETOED',
  'CROSS_ORIGIN',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'SESSION_INVALID',
  'SESSION_EXPIRED',
  'SESSION_STALE',
] satisfies ProblemCode[];

/** Documented errors that no world with this matrix and these tokens has. */
const hidden: { readonly [Name in RouteName]?: readonly ProblemCode[] } = {
  // no token for a personal workspace is ever issued
  acceptInvitation: ['PERSONAL_WORKSPACE'],
  // the rate of invitations, for which this world has too few, and an expired one for a person (I-11, M-10), or erased
  reissueInvitation: ['LIMIT_EXCEEDED', 'ALREADY_MEMBER', 'ALREADY_INVITED', 'INVITATION_EXPIRED'],
  // an expired one with the same lifetime (I-26)
  inviteMember: ['INVITATION_EXPIRED'],
  // declining a declined invitation again is a no-op
  declineInvitation: ['PERSONAL_WORKSPACE'],
  // a service that asks for consent, an actor on behalf of another, and a new owner with too many workspaces (M-11, M-12, T-15)
  transferOwnership: ['CONSENT_REQUIRED'],
  acceptOwnership: ['NOT_ON_BEHALF', 'LIMIT_EXCEEDED'],
  switchWorkspace: ['NOT_ON_BEHALF'],
  closeAccount: ['NOT_ON_BEHALF'],
};
/** Every role of this matrix has every view permission. */
const hiddenToLookers: readonly string[] = ['PERMISSION_DENIED'] satisfies ProblemCode[];

function codeIn(refusal: string): string {
  return refusal.replace(/^\d+ /, '');
}

const names = Object.keys(routes).filter((name): name is RouteName => Object.hasOwn(routes, name));

test('I-27 the rate of invitations is a documented refusal', async () => {
  const { workspaces, workspaceId } = await createTeam({ invitationsPerActorPerDay: 2 });
  const invite = requestFor(shapeOf('inviteMember'), { workspaceId, role: 'developer' }, mia);
  for (let time = 1; time <= 2; time++)
    expect((await apiOf(workspaces).fetch(invite.clone())).status).toBe(201);
  const refused = await apiOf(workspaces).fetch(invite);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    details: { which: 'invitationsPerActorPerDay', limit: 2, current: 2, requested: 1 },
  });
});

describe('every caller and every resource', () => {
  test.each(names)(
    'H-03 H-04 %s: every refusal has a documented code, changes nothing and repeats no token',
    async (name) => {
      const { fields: all, listed } = operationOf(name);
      // A new invitation may have an id of the caller's own, or none.
      const fields =
        name === 'inviteMember'
          ? all.map((one) => (one === 'invitationId' ? 'ownId' : one))
          : // The members of a role, or those of a directory.
            all.filter((one) => name !== 'listMembers' || one !== 'managedBy');
      const seen = new Set<string>();
      let world = await createWorld();
      let before = await world.kept();
      const forms = isAnswer(name) ? [['token'], ['workspaceId', 'invitationId']] : [fields];
      for (const choice of forms.flatMap((form) => [...choicesOf(form, world.pools)])) {
        for (const caller of callers) {
          const given = [...choice].map(
            ([field, place]) =>
              [field === 'ownId' ? 'invitationId' : field, poolOf(field, world.pools)[place]] as const,
          );
          const input = Object.fromEntries(given.filter(([, value]) => value !== undefined));
          const response = await world.api.fetch(requestFor(shapeOf(name), input, caller));
          const { status, text } = await seenOf(response.clone());
          const code = await outcomeOf(response);
          if (code !== 'ok') {
            seen.add(`${status} ${code}`);
            expect(await world.kept()).toBe(before);
            expect(world.tokens.filter((token) => text.includes(token))).toEqual([]);
          } else if ((await world.kept()) !== before) {
            world = await createWorld();
            before = await world.kept();
          }
        }
      }
      expect([...seen].filter((one) => !listed.includes(one))).toEqual([]);
      // a world without a cause for the error would prove nothing
      const missed = listed.map(codeIn).filter((code) => ![...seen].map(codeIn).includes(code));
      const expected = [
        ...elsewhere,
        ...(hidden[name] ?? []),
        ...(shapeOf(name).verb === 'GET' ? hiddenToLookers : []),
      ];
      expect(expected).toEqual(expect.arrayContaining(missed));
    },
  );
});
