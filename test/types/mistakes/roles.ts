// a role that the matrix does not define, or that no role grants
import { createTestWorkspaces } from 'tenantry/testing';

const { workspaces } = createTestWorkspaces();
const ada = { userId: 'u1' };

await workspaces.inviteMember(ada, { workspaceId: 'w', role: 'manger' });
// Type '"manger"' is not assignable to type '"manager" | "developer"'. Did you mean '"manager"'?

await workspaces.inviteMember(ada, { workspaceId: 'w', role: 'owner' });
// Type '"owner"' is not assignable to type '"manager" | "developer"'.

const field: string = 'developer';
await workspaces.changeRole(ada, { workspaceId: 'w', userId: 'u2', role: field });
// Type 'string' is not assignable to type '"manager" | "developer"'.
