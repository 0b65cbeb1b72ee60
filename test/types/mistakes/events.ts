// an event type that does not exist, a field of another event, and a hook that changes its input
import { createTestWorkspaces } from 'tenantry/testing';

const { workspaces } = createTestWorkspaces();

workspaces.on('workspace.create', () => {});
// Argument of type '"workspace.create"' is not assignable to parameter of type 'EventType | "*"'.

workspaces.on('member.joined', ({ data }) => data.username);
// Property 'username' does not exist on type '{ readonly userId: string; readonly role: string; readonly invitationId: string | null; readonly managedBy?: string; }'.

workspaces.before('createWorkspace', ({ input }) => {
  input.name = 'x';
});
// Cannot assign to 'name' because it is a read-only property.
