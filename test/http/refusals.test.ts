// Every refusal of every method over its route: in the document, and without effect. A world in which each of them has a
// cause is asked for everything that there is in it, by everybody.
import { describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import type { ProblemCode, RouteName } from '../../src/http/index.js';
import { defaultLimits, type Actor } from '../../src/index.js';
import { ada, createTeam, dev, mia, openAccounts, root, sam } from '../service/team.js';
import { apiOf, outcomeOf, requestFor, seenOf } from './calls.js';
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

/** What may be asked of it, and all that is kept. */
async function createWorld() {
  let limits = defaultLimits;
  const quota = memoryQuota({ defaults: { cpu: '4' } });
  const { workspaces, workspaceId, storage, clock } = await createTeam({ quota, limits: () => limits });
  await openAccounts(workspaces, 'bob', 'una');
  const bob = { userId: 'bob' };
  const theirs = await workspaces.createWorkspace(bob, { name: 'Core' });
  const gone = await workspaces.createWorkspace(bob, { name: 'Gone' });
  await workspaces.deleteWorkspace(bob, { workspaceId: gone.id });
  // one that mia cannot be given for its name, and three that are too many for dev
  await workspaces.createWorkspace(ada, { name: 'Kernel' });
  await workspaces.createWorkspace(mia, { name: 'Core' });
  for (const name of ['One', 'Two', 'Three']) await workspaces.createWorkspace(dev, { name });

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

  // full: three are members, and three seats are held by open invitations
  limits = { membersPerWorkspace: 6, openInvitationsPerWorkspace: 5, workspacesPerOwner: 3 };
  const invitations = [link, used, revoked, declined, expired, forSam, mailed, toManage];
  const tokens = [...invitations, sessionOver, session, stale].map(({ token }) => token);
  const pools: Readonly<Record<string, readonly unknown[]>> = {
    workspaceId: [workspaceId, personal, theirs.id, gone.id, 'ws-zzzzzzzzzzzzzzzz'],
    userId: ['ada', 'mia', 'dev', 'sam', 'nobody'],
    username: ['ada', 'Kernel', 'new'],
    name: ['Core', 'Kernel'],
    confirmName: [undefined, 'Kernel'],
    role: ['manager', role],
    maxUses: [undefined, 'unlimited'],
    recipient: [undefined, sam, mia],
    invitationId: [...invitations.map(({ invitation }) => invitation.id), 'inv-zzzzzzzzzzzzzzzz'],
    token: tokens,
    fresh: [undefined, true],
    permission: ['workspace:view', 'workspace:delete'],
    limits: [{ cpu: '8' }],
    reservationId: ['late', 'held', 'new'],
    amounts: [{ cpu: '1' }, { cpu: '2' }, { cpu: '3' }],
  };
  const kept = async () => {
    const report = await workspaces.getQuota(root, { workspaceId }).catch(() => null);
    return JSON.stringify([storage.dump(), report]);
  };
  return { api: apiOf(workspaces), pools, tokens, kept };
}

type Pools = Awaited<ReturnType<typeof createWorld>>['pools'];

/** As places in the pools, which are the same in every world. */
function* choicesOf(fields: readonly string[], pools: Pools): Generator<ReadonlyMap<string, number>> {
  const [field, ...others] = fields;
  if (field === undefined) {
    yield new Map();
    return;
  }
  for (const rest of choicesOf(others, pools)) {
    for (const place of (pools[field] ?? [undefined]).keys()) yield new Map([...rest, [field, place]]);
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

/** Of the host's functions, of what is sent wrongly and of storages that fail: proved elsewhere. */
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

/** What the document lists, and no world of this matrix and these tokens has. */
const hidden: { readonly [Name in RouteName]?: readonly ProblemCode[] } = {
  // no token for a personal workspace is ever issued
  acceptInvitation: ['PERSONAL_WORKSPACE'],
  // and to decline again what is declined changes nothing
  declineInvitation: ['PERSONAL_WORKSPACE'],
};
/** Every role of this matrix may look. */
const hiddenToLookers: readonly string[] = ['PERMISSION_DENIED'] satisfies ProblemCode[];

function codeIn(refusal: string): string {
  return refusal.replace(/^\d+ /, '');
}

const names = Object.keys(routes).filter((name): name is RouteName => Object.hasOwn(routes, name));

describe('whoever asks for whatever there is', () => {
  test.each(names)(
    'H-03 H-04 %s: what is refused is so by a code of the document, changes nothing and repeats no token',
    async (name) => {
      const { fields, listed } = operationOf(name);
      const seen = new Set<string>();
      let world = await createWorld();
      let before = await world.kept();
      for (const choice of choicesOf(fields, world.pools)) {
        for (const caller of callers) {
          const given = [...choice].map(([field, place]) => [field, world.pools[field]?.[place]] as const);
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
      // a world without the cause of a refusal would prove nothing of it
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
