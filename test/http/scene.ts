// A world in which every route can succeed, with one or more calls for each.
import { memoryQuota } from '../../src/adapters/memory/index.js';
import type { RouteName } from '../../src/http/index.js';
import { allRouteNames } from '../../src/http/route.js';
import { routeRows, type RouteRow } from '../../src/http/routes.js';
import { methods, type Actor } from '../../src/index.js';
import { fullInputOf, inputOf, isAnswer, isRequired, type Values } from '../methods.js';
import { ada, createDeleted, createTeam, dev, join, mia, openAccounts, root, sam } from '../service/team.js';

/** The same every time: time is fixed, and ids count. */
export async function createScene() {
  const team = await createTeam({ quota: memoryQuota({ defaults: { cpu: '4', memory: '8Gi' } }) });
  const { workspaces, workspaceId, storage } = team;
  const role = 'developer';
  const forSam = await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
  const link = await workspaces.inviteMember(mia, { workspaceId, role, maxUses: 'unlimited' });
  const session = await workspaces.switchWorkspace(dev, { workspaceId });
  await workspaces.reserveQuota(mia, { workspaceId, reservationId: 'res-1', amounts: { cpu: '500m' } });
  const inUse = { workspaceId, reservationId: 'res-used', amounts: { cpu: '500m' } };
  await workspaces.withQuota(mia, inUse, () => undefined);
  /** Everything that is stored: the records and the charges. */
  const { id: suspendedId } = await workspaces.createWorkspace(ada, { name: 'Paused' });
  await workspaces.suspendWorkspace(root, { workspaceId: suspendedId, reason: 'unpaid' });
  const { id: offeredId } = await workspaces.createWorkspace(ada, { name: 'Offered' });
  await join(workspaces, ada, { workspaceId: offeredId, userId: 'dev', role: 'developer' });
  await workspaces.offerOwnership(ada, { workspaceId: offeredId, userId: 'dev' });
  const deletedId = await createDeleted(team);
  const kept = async () => ({
    ...storage.dump(),
    quota: await workspaces.getQuota(root, { workspaceId }).catch(() => null),
  });
  return { ...team, forSam, link, session, suspendedId, offeredId, deletedId, kept };
}

export type Scene = Awaited<ReturnType<typeof createScene>>;

export interface SceneCall {
  readonly actor: Actor | null;
  readonly input: object;
  readonly status: 200 | 201 | 204;
}

type ByRoute<Value> = { readonly [Name in RouteName]?: Value };

/** The caller of a route, where it is not ada, an operator or anonymous as the registry says. */
const callers: ByRoute<Actor> = {
  openAccount: { userId: 'new' },
  renameAccount: dev,
  closeAccount: root,
  listAccountEvents: dev,
  activeWorkspace: dev,
  removeMember: mia,
  leaveWorkspace: dev,
  acceptOwnership: dev,
  declineOwnership: dev,
  acceptInvitation: sam,
  declineInvitation: sam,
};

/** Each route with its required fields, then with every field, then by other callers or with other values. */
export async function callsIn(scene: Scene): Promise<Readonly<Record<RouteName, readonly SceneCall[]>>> {
  const { workspaceId, forSam, link } = scene;
  const values = { workspaceId, userId: 'dev', role: 'manager', name: 'Kernel', token: forSam.token };
  const common: Values = { ...values, invitationId: forSam.invitation.id };
  const own = await valuesOf(scene);
  const others: ByRoute<readonly (readonly [Actor | null, Values])[]> = {
    openAccount: [
      [root, { userId: 'other' }],
      [ada, { userId: 'ada' }],
    ],
    renameAccount: [[root, { displayName: null }]],
    closeAccount: [[dev, { erase: true }]],
    listAccountEvents: [[root, { order: 'oldest' }]],
    createWorkspace: [[dev, {}]],
    activeWorkspace: [[sam, {}]],
    getWorkspace: [[root, {}]],
    getMembership: [[dev, {}]],
    switchWorkspace: [[mia, {}]],
    listEvents: [[mia, { order: 'oldest', limit: 3 }]],
    inviteMember: [
      [root, { recipient: { email: 'a@b.example' } }],
      [mia, { role: 'developer', recipient: { userId: 'x/ü' }, maxUses: 1 }],
      [ada, { maxUses: 3 }],
      [ada, { maxUses: 'unlimited' }],
    ],
    previewInvitation: [[null, { token: link.token }]],
    acceptInvitation: [
      [sam, { token: link.token }],
      [sam, { token: undefined, workspaceId, invitationId: forSam.invitation.id }],
    ],
    declineInvitation: [
      [sam, { token: link.token }],
      [sam, { token: undefined, workspaceId, invitationId: forSam.invitation.id }],
    ],
    listMyInvitations: [[sam, {}]],
    verifySession: [[null, { fresh: false }]],
    can: [
      [dev, { permission: 'workspace:delete' }],
      [sam, {}],
    ],
    authorize: [[root, {}]],
    explain: [
      [dev, { permission: 'workspace:delete' }],
      [sam, {}],
    ],
    setQuota: [[root, { limits: { cpu: '0', memory: 'unlimited' } }]],
  };
  const calls = Object.fromEntries(
    allRouteNames.map((name) => {
      const row: RouteRow = routeRows[name];
      const actor = callerOf(name, row);
      const status: SceneCall['status'] = row.answer === null ? 204 : (row.status ?? 200);
      const given = { ...common, ...own[name] };
      const [least, full] = [leastInputOf(name, given), fullInputOf(name, given)];
      const alone = Object.keys(least).length === Object.keys(full).length;
      const more = (others[name] ?? []).map(([by, change]) => ({
        actor: by,
        input: leastInputOf(name, { ...given, ...change }, change),
      }));
      const first = (alone ? [least] : [least, full]).map((input) => ({ actor, input }));
      return [name, [...first, ...more].map((call) => ({ ...call, status }))];
    }),
  );
  if (!hasEveryRoute(calls)) throw new Error('a route has no call');
  return calls;
}

function callerOf(name: RouteName, row: RouteRow): Actor | null {
  const kind = row.caller ?? methods[name].caller;
  if (kind === 'anyone') return null;
  return callers[name] ?? (kind === 'operator' ? root : ada);
}

function hasEveryRoute<Value>(
  calls: Readonly<Record<string, Value>>,
): calls is Readonly<Record<RouteName, Value>> {
  return allRouteNames.every((name) => Object.hasOwn(calls, name));
}

/** The required fields, and those of the change. */
function leastInputOf(name: RouteName, given: Values, change: Values = {}): object {
  const named = Object.entries(inputOf(name, given)).filter(
    ([field, value]) =>
      value !== undefined &&
      (Object.hasOwn(change, field) || isRequired(name, field) || (isAnswer(name) && field === 'token')),
  );
  return Object.fromEntries(named);
}

/** The values of a route that differ from those of all routes. */
async function valuesOf({
  workspaces,
  workspaceId,
  session,
  suspendedId,
  offeredId,
  deletedId,
}: Scene): Promise<ByRoute<Values>> {
  const limit = 1;
  const order = 'newest';
  const members = await workspaces.listMembers(ada, { workspaceId, role: 'developer', limit });
  const owned = await workspaces.listWorkspaces(ada, { limit });
  const invitations = await workspaces.listInvitations(ada, { workspaceId, limit, status: 'open' });
  const events = await workspaces.listEvents(ada, { workspaceId, limit, order });
  const accountEvents = await workspaces.listAccountEvents(dev, { userId: 'dev', limit, order });
  return {
    openAccount: { userId: 'new' },
    closeAccount: { confirmUsername: 'dev' },
    createWorkspace: { workspaceId: 'kernel' },
    restoreWorkspace: { workspaceId: deletedId },
    purgeWorkspaces: { workspaceId: deletedId },
    resumeWorkspace: { workspaceId: suspendedId },
    transferOwnership: { userId: 'mia' },
    offerOwnership: { userId: 'mia' },
    acceptOwnership: { workspaceId: offeredId },
    declineOwnership: { workspaceId: offeredId },
    withdrawOwnershipOffer: { workspaceId: offeredId },
    addMember: { userId: 'sam', role: 'developer' },
    reconcileMembers: { managedBy: 'Entra ID / 1', members: [{ userId: 'sam', role: 'developer' }] },
    inviteMember: { invitationId: 'inv-of-ada' },
    verifySession: { token: session.token },
    resizeQuota: { reservationId: 'res-used', amounts: { cpu: '250m' } },
    reserveQuota: { reservationId: 'a/b ü', amounts: { cpu: '1', memory: '0.5Gi' } },
    listMembers: { role: 'developer', cursor: members.nextCursor },
    listWorkspaces: { cursor: owned.nextCursor },
    listInvitations: { cursor: invitations.nextCursor },
    listEvents: { cursor: events.nextCursor },
    listAccountEvents: { cursor: accountEvents.nextCursor },
  };
}

/** Ada's team, and Bob's with the same name, each with a manager, an open invitation and a reservation. */
export async function twoTenants() {
  const scene = await createScene();
  const { workspaces } = scene;
  const bob = { userId: 'bob' };
  await openAccounts(workspaces, 'bob', 'bea');
  const { id: workspaceId } = await workspaces.createWorkspace(bob, { name: 'Core' });
  await join(workspaces, bob, { workspaceId, userId: 'bea', role: 'manager' });
  const { invitation, token } = await workspaces.inviteMember(bob, { workspaceId, role: 'developer' });
  await workspaces.reserveQuota(bob, { workspaceId, reservationId: 'held', amounts: { cpu: '1' } });
  const kept = async () => ({
    ...(await scene.kept()),
    foreign: await workspaces.getQuota(root, { workspaceId }).catch(() => null),
  });
  return {
    ...scene,
    kept,
    foreign: { workspaceId, userId: 'bea', invitationId: invitation.id, reservationId: 'held', token },
  };
}
