// A world in which every route has something to do, and a call or more for each.
import { memoryQuota } from '../../src/adapters/memory/index.js';
import type { RouteName } from '../../src/http/index.js';
import type { Actor } from '../../src/index.js';
import { inputs, type Place } from '../service/methods.js';
import { ada, createTeam, dev, join, mia, openAccounts, root, sam } from '../service/team.js';

/** The same each time: time stands still, and ids count. */
export async function createScene() {
  const team = await createTeam({ quota: memoryQuota({ defaults: { cpu: '4', memory: '8Gi' } }) });
  const { workspaces, workspaceId, storage } = team;
  const role = 'developer';
  const forSam = await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
  const link = await workspaces.inviteMember(mia, { workspaceId, role, maxUses: 'unlimited' });
  const session = await workspaces.switchWorkspace(dev, { workspaceId });
  await workspaces.reserveQuota(mia, { workspaceId, reservationId: 'res-1', amounts: { cpu: '500m' } });
  /** Everything that is kept: the records, and what is counted. */
  const kept = async () => ({
    ...storage.dump(),
    quota: await workspaces.getQuota(root, { workspaceId }).catch(() => null),
  });
  return { ...team, forSam, link, session, kept };
}

export type Scene = Awaited<ReturnType<typeof createScene>>;

export interface SceneCall {
  readonly actor: Actor | null;
  readonly input: object;
  readonly status: 200 | 201 | 204;
}

/** With the least that each method takes first, then with everything. A route without a call does not compile. */
export async function callsIn(scene: Scene): Promise<Readonly<Record<RouteName, readonly SceneCall[]>>> {
  const { workspaces, workspaceId, forSam, link, session } = scene;
  const place: Place = {
    workspaceId,
    userId: 'dev',
    role: 'manager',
    invitationId: forSam.invitation.id,
    token: forSam.token,
    name: 'Kernel',
  };
  const call = (status: SceneCall['status'], actor: Actor | null, ...given: readonly object[]) =>
    given.map((input) => ({ status, actor, input }));
  const both = (least: object, more: object) => [least, { ...least, ...more }];
  const byMember = (await workspaces.listMembers(ada, { workspaceId, limit: 1 })).nextCursor;
  const byOwn = (await workspaces.listWorkspaces(ada, { limit: 1 })).nextCursor;
  const byInvitation = (await workspaces.listInvitations(ada, { workspaceId, limit: 1 })).nextCursor;
  const byEvent = (await workspaces.listEvents(ada, { workspaceId, limit: 1 })).nextCursor;
  const byAccountEvent = (await workspaces.listAccountEvents(dev, { userId: 'dev', limit: 1 })).nextCursor;
  const next = (cursor: string | null) => ({ limit: 2, cursor });
  return {
    openAccount: [
      ...call(
        200,
        { userId: 'new' },
        ...both({ userId: 'new', username: 'New' }, { displayName: 'N. E. W.' }),
      ),
      ...call(200, root, { userId: 'other', username: 'other' }),
      ...call(200, ada, inputs.openAccount({ ...place, userId: 'ada' })),
    ],
    renameAccount: [
      ...call(200, dev, ...both(inputs.renameAccount(place), { displayName: 'Dévé <b>"' })),
      ...call(200, root, { ...inputs.renameAccount(place), displayName: null }),
    ],
    listAccountEvents: [
      ...call(200, dev, ...both(inputs.listAccountEvents(place), next(byAccountEvent))),
      ...call(200, root, { ...inputs.listAccountEvents(place), order: 'newest' }),
    ],
    listWorkspaces: call(200, ada, ...both({}, next(byOwn))),
    createWorkspace: call(201, dev, { name: 'Kernel' }, { name: 'Kernel', workspaceId: 'kernel' }),
    activeWorkspace: [...call(200, dev, {}), ...call(200, sam, {})],
    getWorkspace: [...call(200, dev, inputs.getWorkspace(place)), ...call(200, root, { workspaceId })],
    getMembership: [
      ...call(200, dev, inputs.getMembership(place)),
      ...call(200, ada, inputs.getMembership(place)),
    ],
    renameWorkspace: call(200, ada, inputs.renameWorkspace(place)),
    deleteWorkspace: call(204, ada, ...both({ workspaceId }, { confirmName: 'Core' })),
    transferOwnership: call(
      200,
      ada,
      ...both(inputs.transferOwnership({ ...place, userId: 'mia' }), { formerOwnerRole: 'developer' }),
    ),
    switchWorkspace: [...call(200, dev, { workspaceId }), ...call(200, mia, { workspaceId })],
    listEvents: [
      ...call(200, ada, ...both({ workspaceId }, next(byEvent))),
      ...call(200, mia, { workspaceId, order: 'newest', limit: 3 }),
    ],
    listMembers: call(200, dev, ...both({ workspaceId }, next(byMember))),
    changeRole: call(200, ada, inputs.changeRole(place)),
    removeMember: call(204, mia, inputs.removeMember(place)),
    leaveWorkspace: call(204, dev, { workspaceId }),
    listInvitations: call(200, ada, ...both({ workspaceId }, { ...next(byInvitation), status: 'open' })),
    inviteMember: [
      ...call(201, ada, ...both(inputs.inviteMember(place), { maxUses: 3, expiresInSeconds: 60 })),
      ...call(201, root, { ...inputs.inviteMember(place), recipient: { email: 'a@b.example' } }),
      ...call(201, mia, { workspaceId, role: 'developer', recipient: { userId: 'x/ü' }, maxUses: 1 }),
      ...call(201, ada, { workspaceId, role: 'developer', maxUses: 'unlimited' }),
    ],
    reissueInvitation: call(200, ada, inputs.reissueInvitation(place)),
    revokeInvitation: call(200, ada, inputs.revokeInvitation(place)),
    previewInvitation: call(200, null, { token: forSam.token }, { token: link.token }),
    acceptInvitation: call(200, sam, { token: forSam.token }, { token: link.token }),
    declineInvitation: call(204, sam, { token: forSam.token }, { token: link.token }),
    verifySession: call(200, null, ...both({ token: session.token }, { fresh: true })),
    can: [
      ...call(200, dev, inputs.can(place), { workspaceId, permission: 'workspace:delete' }),
      ...call(200, sam, inputs.can(place)),
    ],
    authorize: [...call(200, dev, inputs.authorize(place)), ...call(200, root, inputs.authorize(place))],
    explain: [
      ...call(200, dev, inputs.explain(place), { workspaceId, permission: 'workspace:delete' }),
      ...call(200, sam, inputs.explain(place)),
    ],
    getQuota: call(200, dev, { workspaceId }),
    setQuota: call(200, root, inputs.setQuota(place), {
      workspaceId,
      limits: { cpu: '0', memory: 'unlimited' },
    }),
    reserveQuota: call(
      200,
      root,
      ...both(
        { workspaceId, reservationId: 'a/b ü', amounts: { cpu: '1', memory: '0.5Gi' } },
        { ttlSeconds: 1 },
      ),
    ),
    commitQuota: call(200, root, inputs.commitQuota(place)),
    releaseQuota: call(204, root, inputs.releaseQuota(place)),
  };
}

/** Ada's team, and Bob's of the same name, each with a manager, an open invitation and a reservation. */
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
