// What a service inside a transaction passes on to the adapters that it was given: everything, as the one outside does.
import { describe, expect, test } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { ada, createTeam, outcome, root } from './team.js';

async function start() {
  const quota = memoryQuota({ defaults: { pods: '10' } });
  const { workspaces, storage, workspaceId } = await createTeam({ quota });
  const inside = workspaces.inTransaction({ storage, quota });
  return { outside: workspaces, inside: inside.workspaces, publish: inside.publish, workspaceId };
}

describe('inTransaction', () => {
  test('lists what the service outside lists', async () => {
    const { outside, inside, workspaceId } = await start();
    await outside.inviteMember(ada, { workspaceId, role: 'developer' });
    const lists = async (workspaces: typeof outside) => [
      await workspaces.listWorkspaces(ada, {}),
      await workspaces.listMembers(ada, { workspaceId }),
      await workspaces.listInvitations(ada, { workspaceId }),
      await workspaces.listEvents(ada, { workspaceId }),
      await workspaces.listAccountEvents(ada, { userId: ada.userId }),
    ];
    const found = await lists(inside);
    expect(found.map(({ items }) => items.length > 0)).toEqual([true, true, true, true, true]);
    expect(found).toEqual(await lists(outside));
  });

  test('sets limits, and drops the quota of a workspace that it deletes', async () => {
    const { outside, inside, workspaceId } = await start();
    await inside.setQuota(root, { workspaceId, limits: { pods: '3' } });
    const amounts = { pods: '4' };
    expect(await outcome(outside.reserveQuota(ada, { workspaceId, reservationId: 'r1', amounts }))).toBe(
      'QUOTA_EXCEEDED',
    );
    await inside.deleteWorkspace(ada, { workspaceId });
    expect(await outcome(outside.getQuota(ada, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
  });

  test('a hook that is set inside is asked outside, too, until it is undone', async () => {
    const { outside, inside } = await start();
    const undo = inside.before('createWorkspace', () => {
      throw new Error('no');
    });
    expect(await outcome(outside.createWorkspace(ada, { name: 'one' }))).toBe('VETOED');
    undo();
    expect(await outcome(outside.createWorkspace(ada, { name: 'one' }))).toBe('ok');
  });
});
