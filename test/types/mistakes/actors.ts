// an actor that is missing, or that may not call the method
import { createTestWorkspaces } from 'tenantry/testing';

const { workspaces } = createTestWorkspaces();

await workspaces.createWorkspace({ name: 'hello' });
// Expected 2 arguments, but got 1.

await workspaces.createWorkspace('u1', { name: 'hello' });
// Argument of type 'string' is not assignable to parameter of type 'UserActor'.

await workspaces.acceptInvitation({ operator: 'support' }, { token: 't' });
// Object literal may only specify known properties, and 'operator' does not exist in type 'UserActor'.

await workspaces.openAccount({ userId: 'u1' }, { username: 'ada' });
// Expected 1 arguments, but got 2.
