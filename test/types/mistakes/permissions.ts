// a permission that the matrix does not define
import { createTestWorkspaces } from 'tenantry/testing';

const { workspaces } = createTestWorkspaces();
const ada = { userId: 'u1' };

await workspaces.can(ada, { workspaceId: 'w', permission: 'workspace:veiw' });
// Type '"workspace:veiw"' is not assignable to type 'CorePermission'. Did you mean '"workspace:view"'?

const reservation = { workspaceId: 'w', reservationId: 'db-1', amounts: { databases: '1' } };
await workspaces.withQuota(ada, { ...reservation, permission: 'resource:crate' }, () => 'created');
// Type '"resource:crate"' is not assignable to type 'CorePermission | undefined'. Did you mean '"resource:create"'?
await workspaces.releaseQuota(ada, { workspaceId: 'w', reservationId: 'db-1', permission: 'delete' });
// Type '"delete"' is not assignable to type 'CorePermission | undefined'.
