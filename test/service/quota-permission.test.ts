// The permission that a quota call needs: the app's own, or the default.
import { describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { defaultMatrix, extendMatrix, type HookContext } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, dev, mia, outcome, refusal, root, sam } from './team.js';

// A developer may create databases, but no other resource. Only the owner may drop them.
const permissions = extendMatrix(defaultMatrix, {
  permissions: ['database:create', 'database:drop'],
  roles: {
    manager: { permissions: ['database:create'] },
    developer: { permissions: ['database:create'] },
    viewer: { permissions: ['workspace:view'], grants: [] },
  },
});
const reservation = { reservationId: 'db-1', amounts: { databases: '1' } };

async function createHouse() {
  const quota = memoryQuota({ defaults: { databases: '2' } });
  const { workspaces } = createTestWorkspaces({ permissions, quota });
  for (const { userId } of [ada, mia, dev, sam]) await workspaces.openAccount({ userId, username: userId });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
  for (const [member, role] of [
    [mia, 'manager'],
    [dev, 'developer'],
  ] as const) {
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role });
    await workspaces.acceptInvitation(member, { token });
  }
  const used = async () => (await workspaces.getQuota(root, { workspaceId })).resources['databases'];
  return { workspaces, workspaceId, used };
}

describe('Q-24 the permission of a quota call', () => {
  test('Q-24 a role that holds the named permission reserves, commits and releases without resource:create', async () => {
    const { workspaces, workspaceId, used } = await createHouse();
    const named = { workspaceId, reservationId: 'db-1', permission: 'database:create' } as const;
    await workspaces.reserveQuota(dev, { ...named, amounts: reservation.amounts });
    expect(await workspaces.commitQuota(dev, named)).toMatchObject({ state: 'committed' });
    await workspaces.releaseQuota(dev, { ...named, permission: 'database:create' });
    expect(await used()).toMatchObject({ used: '0', reserved: '0' });
    expect(await workspaces.withQuota(dev, { ...named, amounts: reservation.amounts }, () => 'created')).toBe(
      'created',
    );
    expect(await used()).toMatchObject({ used: '1', reserved: '0' });
  });

  test.each(['reserveQuota', 'commitQuota', 'withQuota'] as const)(
    'Q-24 %s needs resource:create by default, and otherwise only the named permission',
    async (name) => {
      const { workspaces, workspaceId, used } = await createHouse();
      const input = { workspaceId, ...reservation };
      await workspaces.reserveQuota(ada, input);
      const before = await used();
      const settle = { workspaceId, reservationId: 'db-1' };
      const ask = (actor: typeof ada, permission?: 'database:create' | 'database:drop') => {
        if (name === 'commitQuota') return workspaces.commitQuota(actor, { ...settle, permission });
        return name === 'reserveQuota'
          ? workspaces.reserveQuota(actor, { ...input, permission })
          : workspaces.withQuota(actor, { ...input, permission }, () => 'created');
      };
      const denied = { permission: 'resource:create', role: 'developer' };
      expect((await refusal(ask(dev))).details).toEqual(denied);
      expect((await refusal(ask(mia, 'database:drop'))).details).toEqual({
        permission: 'database:drop',
        role: 'manager',
      });
      expect(await outcome(ask(dev, 'database:drop'))).toBe('PERMISSION_DENIED');
      expect(await outcome(ask(sam, 'database:create'))).toBe('WORKSPACE_NOT_FOUND');
      expect(await used()).toEqual(before);
      expect(await outcome(ask(mia))).toBe('ok');
      expect(await outcome(ask(dev, 'database:create'))).toBe('ok');
    },
  );

  test('Q-24 releasing needs resource:delete by default, and otherwise the named permission', async () => {
    const { workspaces, workspaceId, used } = await createHouse();
    await workspaces.reserveQuota(ada, { workspaceId, ...reservation });
    const named = { workspaceId, reservationId: 'db-1' };
    expect((await refusal(workspaces.releaseQuota(dev, named))).details).toEqual({
      permission: 'resource:delete',
      role: 'developer',
    });
    const drop = { ...named, permission: 'database:drop' } as const;
    expect(await outcome(workspaces.releaseQuota(mia, drop))).toBe('PERMISSION_DENIED');
    expect(await used()).toMatchObject({ reserved: '1' });
    await workspaces.releaseQuota(ada, drop);
    expect(await used()).toMatchObject({ reserved: '0' });
  });

  test('Q-24 withQuota releases its own reservation when create throws, whatever permission it names', async () => {
    const { workspaces, workspaceId, used } = await createHouse();
    const input = { workspaceId, ...reservation, permission: 'database:create' } as const;
    const failed = workspaces.withQuota(dev, input, () => Promise.reject(new Error('no disk')));
    await expect(failed).rejects.toThrow('no disk');
    expect(await used()).toMatchObject({ used: '0', reserved: '0' });
  });

  test('Q-24 withQuota commits with the named permission: one lost meanwhile is PERMISSION_DENIED', async () => {
    const { workspaces, workspaceId } = await createHouse();
    const input = { workspaceId, ...reservation, permission: 'database:create' } as const;
    const ended = workspaces.withQuota(dev, input, () =>
      workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'viewer' }),
    );
    expect((await refusal(ended)).details).toEqual({ permission: 'database:create', role: 'viewer' });
  });

  test('Q-24 a permission that the matrix does not define is denied to everyone, operators included', async () => {
    const { workspaces, workspaceId } = await createHouse();
    const input = { workspaceId, ...reservation, permission: 'databse:create' as 'database:create' };
    for (const actor of [ada, root])
      expect(await outcome(workspaces.reserveQuota(actor, input))).toBe('PERMISSION_DENIED');
    for (const permission of ['', 'x'.repeat(65), 5 as never, null as never])
      expect(await outcome(workspaces.reserveQuota(ada, { ...input, permission: permission as never }))).toBe(
        'INVALID_INPUT',
      );
  });

  test('Q-24 a hook receives the permission that the call names', async () => {
    const { workspaces, workspaceId } = await createHouse();
    const heard: HookContext<'reserveQuota'>['input'][] = [];
    workspaces.before('reserveQuota', ({ input }) => {
      heard.push(input);
    });
    const input = { workspaceId, ...reservation };
    await workspaces.withQuota(ada, { ...input, permission: 'database:drop' }, () => 'created');
    await workspaces.reserveQuota(ada, input);
    expect(heard.map(({ permission }) => permission)).toEqual(['database:drop', undefined]);
  });
});
