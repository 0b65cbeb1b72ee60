// Reads checked against the caller's membership at the time of the read.
import { expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { corePermissions, definePermissionMatrix, type StorageAdapter } from '../../src/index.js';
import { createTestWorkspaces, fixedClock } from '../../src/testing/index.js';
import { everyInterleaving } from '../../src/testing/interleave.js';

const [ada, mia] = [{ userId: 'ada' }, { userId: 'mia' }];

/** Ada owns a workspace, and mia manages it. */
async function createPair(storage: StorageAdapter) {
  const { workspaces } = createTestWorkspaces({ storage });
  for (const { userId } of [ada, mia]) await workspaces.openAccount({ userId, username: userId });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'manager' });
  await workspaces.acceptInvitation(mia, { token });
  return { workspaceId };
}

test('M-06 in no interleaving does a removed member read changes from after the removal', async () => {
  const orders = everyInterleaving<string, string>(async () => {
    const storage = memoryStorage();
    const { workspaceId } = await createPair(storage);
    const on = (gated: StorageAdapter) =>
      createTestWorkspaces({ storage: gated, clock: fixedClock() }).workspaces;
    return {
      storage,
      processes: [
        async (gated) => {
          await on(gated).removeMember(ada, { workspaceId, userId: 'mia' });
          await on(gated).renameWorkspace(ada, { workspaceId, name: 'secret plan' });
          return '';
        },
        async (gated) => {
          const seen = [
            await on(gated)
              .getWorkspace(mia, { workspaceId })
              .catch(() => null),
            await on(gated)
              .listEvents(mia, { workspaceId })
              .catch(() => null),
          ];
          return JSON.stringify(seen);
        },
      ],
      end: ([, seen]) => {
        return Promise.resolve(seen ?? '');
      },
    };
  });
  let count = 0;
  for await (const { end: seen } of orders) {
    expect(seen).not.toContain('secret plan');
    count++;
  }
  expect(count).toBeGreaterThan(10);
});

test('T-04 in no interleaving does a read combine a role and a workspace from different versions', async () => {
  const orders = everyInterleaving<string, string>(async () => {
    const storage = memoryStorage();
    const { workspaceId } = await createPair(storage);
    const on = (gated: StorageAdapter) =>
      createTestWorkspaces({ storage: gated, clock: fixedClock() }).workspaces;
    return {
      storage,
      processes: [
        async (gated) => {
          await on(gated).changeRole(ada, { workspaceId, userId: 'mia', role: 'developer' });
          await on(gated).renameWorkspace(ada, { workspaceId, name: 'for managers' });
          return '';
        },
        async (gated) => {
          const { workspace, member } = await on(gated).getMembership(mia, { workspaceId });
          return `${member.role} of ${workspace.name}`;
        },
      ],
      end: ([, seen]) => Promise.resolve(seen ?? ''),
    };
  });
  const seen = new Set<string>();
  for await (const { end } of orders) seen.add(end);
  expect([...seen].sort()).toEqual(['developer of for managers', 'developer of hello', 'manager of hello']);
});

test('M-07 the invitations of a member who keeps a role to grant but may no longer invite are void', async () => {
  const permissions = definePermissionMatrix({
    roles: {
      owner: { permissions: corePermissions, grants: ['lead', 'keeper', 'developer'] },
      lead: { permissions: ['workspace:view', 'invitation:create'], grants: ['developer'] },
      keeper: { permissions: ['workspace:view', 'member:remove'], grants: ['developer'] },
      developer: { permissions: ['workspace:view'], grants: [] },
    },
  });
  const { workspaces } = createTestWorkspaces({ permissions });
  for (const userId of ['ada', 'mia', 'sam']) await workspaces.openAccount({ userId, username: userId });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'lead' });
  await workspaces.acceptInvitation(mia, { token });
  const link = await workspaces.inviteMember(mia, { workspaceId, role: 'developer' });
  await workspaces.changeRole(ada, { workspaceId, userId: 'mia', role: 'keeper' });
  await expect(workspaces.acceptInvitation({ userId: 'sam' }, { token: link.token })).rejects.toMatchObject({
    code: 'INVITATION_REVOKED',
  });
});
