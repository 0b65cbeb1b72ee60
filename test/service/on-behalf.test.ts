// Operators who act on behalf of users, and the ids of requests: what is permitted, and what events record.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import {
  corePermissions,
  defaultMatrix,
  definePermissionMatrix,
  extendMatrix,
  WorkspaceService,
  type TenantryEvent,
  type UserActor,
} from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import {
  ada,
  createTeam,
  dev,
  everyItem,
  formTeam,
  mia,
  outcome,
  refusal,
  root,
  sam,
  serviceOn,
} from './team.js';

const onBehalfOf = { operator: 'help desk', reason: 'ticket 12' };
const forUser = (actor: UserActor): UserActor => ({ ...actor, onBehalfOf, requestId: 'request-1' });

test('T-15 an operator may do what the user may, without what the matrix excludes', async () => {
  const permissions = extendMatrix(defaultMatrix, {
    permissions: ['billing:pay', 'report:view'],
    notOnBehalf: ['billing:pay', 'member:change-role'],
  });
  const storage = memoryStorage();
  const workspaceId = await formTeam(serviceOn(storage));
  const workspaces = new WorkspaceService({ storage, permissions, tokens: testTokens });
  const excluded = ['workspace:delete', 'workspace:transfer', 'billing:pay', 'member:change-role'];
  for (const [actor, role] of [
    [ada, 'owner'],
    [mia, 'manager'],
    [dev, 'developer'],
  ] as const) {
    for (const permission of permissions.permissions) {
      const question = { workspaceId, permission };
      const isHeld = permissions.can(role, permission);
      const allowed = isHeld && !excluded.includes(permission);
      expect(await workspaces.can(forUser(actor), question)).toBe(allowed);
      expect(await workspaces.can(actor, question)).toBe(isHeld);
      expect(await outcome(workspaces.authorize(forUser(actor), question))).toBe(
        allowed ? 'ok' : 'PERMISSION_DENIED',
      );
      expect(await workspaces.explain(forUser(actor), question)).toMatchObject({
        allowed,
        reason: allowed ? 'granted' : isHeld ? 'not-on-behalf' : 'not-granted',
      });
    }
  }
  expect(await workspaces.can(forUser(sam), { workspaceId, permission: 'workspace:view' })).toBe(false);
});

describe('T-15 commands on behalf of a user', () => {
  test('are refused where the matrix excludes the permission, and change nothing', async () => {
    const { workspaces, workspaceId, storage } = await createTeam();
    const before = storage.dump();
    const calls = [
      workspaces.deleteWorkspace(forUser(ada), { workspaceId }),
      workspaces.transferOwnership(forUser(ada), { workspaceId, userId: 'mia' }),
      workspaces.offerOwnership(forUser(ada), { workspaceId, userId: 'mia' }),
    ];
    for (const call of calls) expect(await outcome(call)).toBe('PERMISSION_DENIED');
    expect(storage.dump()).toEqual(before);
  });

  test('are NOT_ON_BEHALF for what only the user decides, and nothing is read', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const calls = {
      switchWorkspace: workspaces.switchWorkspace(forUser(dev), { workspaceId }),
      acceptOwnership: workspaces.acceptOwnership(forUser(dev), { workspaceId: 'ws-nowhere' }),
      closeAccount: workspaces.closeAccount(forUser(dev), { userId: 'dev' }),
    };
    for (const [method, call] of Object.entries(calls)) {
      expect(await refusal(call)).toMatchObject({ code: 'NOT_ON_BEHALF', details: { method } });
    }
  });

  test('leave events with the user, the operator, the reason and the request', async () => {
    const { workspaces, workspaceId } = await createTeam({
      quota: memoryQuota({ defaults: { cpu: '4' } }),
    });
    const heard: TenantryEvent[] = [];
    workspaces.on('*', (event) => heard.push(event));
    const { invitation, token } = await workspaces.inviteMember(forUser(mia), {
      workspaceId,
      role: 'developer',
    });
    expect(invitation.issuedBy).toEqual(mia);
    await workspaces.acceptInvitation(forUser(sam), { token });
    await workspaces.removeMember(forUser(mia), { workspaceId, userId: 'sam' });
    await workspaces.renameAccount(forUser(dev), { userId: 'dev', username: 'devon' });
    await workspaces.reserveQuota(forUser(mia), { workspaceId, reservationId: 'r', amounts: { cpu: '1' } });
    await Promise.resolve();
    expect(heard.length).toBeGreaterThanOrEqual(7);
    for (const event of heard) {
      expect(event).toMatchObject({ actor: { onBehalfOf }, requestId: 'request-1' });
    }
    const logged = await everyItem((cursor) => workspaces.listEvents(root, { workspaceId, cursor }));
    expect(logged.slice(-4).every(({ requestId }) => requestId === 'request-1')).toBe(true);
    expect(logged.at(-1)?.actor).toEqual({ userId: 'mia', onBehalfOf });
    expect(logged[0]).not.toHaveProperty('requestId');
  });

  test('neither close nor show links where the matrix excludes that', async () => {
    const permissions = extendMatrix(defaultMatrix, {
      notOnBehalf: ['invitation:revoke', 'invitation:view'],
    });
    const storage = memoryStorage();
    const workspaceId = await formTeam(serviceOn(storage));
    const workspaces = new WorkspaceService({ storage, permissions, tokens: testTokens });
    await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const input = { workspaceId, userId: 'dev', closeLinks: true };
    expect(await outcome(workspaces.removeMember(forUser(ada), input))).toBe('PERMISSION_DENIED');
    const hidden = await workspaces.removeMember(forUser(ada), { workspaceId, userId: 'dev' });
    expect(hidden.openLinks).toEqual([]);
    const shown = await workspaces.removeMember(ada, { workspaceId, userId: 'mia' });
    expect(shown.openLinks).toHaveLength(1);
  });

  test('need an operator and a reason', async () => {
    const { workspaces, workspaceId } = await createTeam();
    for (const wrong of [
      {},
      { operator: 'help' },
      { reason: 'x' },
      { operator: '', reason: 'x' },
      { operator: 'help', reason: ' ' },
      'help',
      null,
    ]) {
      const actor = { userId: 'ada', onBehalfOf: wrong } as never;
      expect(await outcome(workspaces.renameWorkspace(actor, { workspaceId, name: 'x' }))).toBe(
        'INVALID_INPUT',
      );
      expect(await outcome(workspaces.can(actor, { workspaceId, permission: 'workspace:view' }))).toBe(
        'INVALID_INPUT',
      );
    }
  });
});

test('an operator’s events have the id of the request, too', async () => {
  const { workspaces, workspaceId } = await createTeam();
  await workspaces.renameWorkspace(
    { operator: 'root', requestId: 'request-2' },
    { workspaceId, name: 'New' },
  );
  const { items } = await workspaces.listEvents(root, { workspaceId, order: 'newest', limit: 1 });
  expect(items[0]).toMatchObject({ actor: { operator: 'root' }, requestId: 'request-2' });
});

test('a matrix that excludes an unknown permission is refused, with the reason', () => {
  expect(() => extendMatrix(defaultMatrix, { notOnBehalf: ['nothing'] as never[] })).toThrow(
    "notOnBehalf names 'nothing', which is not in the permissions of the matrix",
  );
  expect(() => extendMatrix(defaultMatrix, { whileSuspended: ['nothing'] as never[] })).toThrow(
    "whileSuspended names 'nothing', which is not in the permissions of the matrix",
  );
  const matrix = definePermissionMatrix({
    notOnBehalf: [],
    roles: { owner: { permissions: corePermissions, grants: [] } },
  });
  expect(matrix.permitsOnBehalf('workspace:delete')).toBe(true);
});
