// What errors of renames and transfers reveal about other workspaces of an owner: no more than SECURITY.md says.
import { expect, test } from 'vitest';
import { defaultMatrix, extendMatrix } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { ada, dev, join, mia, openAccounts, refusal } from './team.js';

async function secretOfAda() {
  const { workspaces } = createTestWorkspaces({
    permissions: extendMatrix(defaultMatrix, { roles: { manager: { permissions: ['workspace:rename'] } } }),
    limits: {
      workspacesPerOwner: 2,
      membersPerWorkspace: 'unlimited',
      openInvitationsPerWorkspace: 'unlimited',
    },
  });
  await openAccounts(workspaces, 'ada', 'mia', 'dev');
  const { id: secret } = await workspaces.createWorkspace(ada, { name: 'Layoffs' });
  return { workspaces, secret };
}

test('W-02 NAME_TAKEN has the name that was asked for, and nothing of the other workspace', async () => {
  const { workspaces, secret } = await secretOfAda();
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
  await join(workspaces, ada, { workspaceId, userId: 'mia', role: 'manager' });
  const renamed = await refusal(workspaces.renameWorkspace(mia, { workspaceId, name: 'layoffs' }));
  expect([renamed.code, renamed.details]).toEqual(['NAME_TAKEN', { name: 'layoffs' }]);
  expect(JSON.stringify(renamed)).not.toContain(secret);

  const { id: own } = await workspaces.createWorkspace(dev, { name: 'LAYOFFS' });
  await workspaces.deleteWorkspace(ada, { workspaceId });
  await join(workspaces, dev, { workspaceId: own, userId: 'ada', role: 'developer' });
  const moved = await refusal(workspaces.transferOwnership(dev, { workspaceId: own, userId: 'ada' }));
  expect([moved.code, moved.details]).toEqual(['NAME_TAKEN', { name: 'LAYOFFS' }]);
  expect(JSON.stringify(moved)).not.toContain(secret);
});

test('W-03 LIMIT_EXCEEDED of a transfer has the limit and the number of workspaces of the new owner', async () => {
  const { workspaces } = await secretOfAda();
  await workspaces.createWorkspace(ada, { name: 'Core' });
  const { id: workspaceId } = await workspaces.createWorkspace(dev, { name: 'Own' });
  await join(workspaces, dev, { workspaceId, userId: 'ada', role: 'developer' });
  const moved = await refusal(workspaces.transferOwnership(dev, { workspaceId, userId: 'ada' }));
  expect([moved.code, moved.details]).toEqual([
    'LIMIT_EXCEEDED',
    { which: 'workspacesPerOwner', limit: 2, current: 2, requested: 1 },
  ]);
});

test('T-01 a transfer to a user who is not a member reveals nothing about them', async () => {
  const { workspaces } = await secretOfAda();
  const { id: workspaceId } = await workspaces.createWorkspace(dev, { name: 'Layoffs' });
  const moved = await refusal(workspaces.transferOwnership(dev, { workspaceId, userId: 'ada' }));
  expect(moved.code).toBe('MEMBER_NOT_FOUND');
});
