// a service with its own matrix, passed as one with the default matrix or called with its roles
import { corePermissions, definePermissionMatrix, type WorkspaceService } from 'tenantry';
import { createTestWorkspaces } from 'tenantry/testing';

const permissions = definePermissionMatrix({
  permissions: ['db:create'],
  roles: {
    owner: { permissions: [...corePermissions, 'db:create'], grants: ['editor'] },
    editor: { permissions: ['workspace:view'], grants: [] },
  },
});
const { workspaces } = createTestWorkspaces({ permissions });

const greet = (service: WorkspaceService): WorkspaceService => service;
greet(workspaces);
// Argument of type 'WorkspaceService<"owner" | "editor", CorePermission | "db:create">' is not assignable to parameter of type 'WorkspaceService<"owner" | "manager" | "developer", CorePermission>'.

await workspaces.inviteMember({ userId: 'u1' }, { workspaceId: 'w', role: 'developer' });
// Type '"developer"' is not assignable to type '"editor"'.
