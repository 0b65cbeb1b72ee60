// The documented methods about ownership, and their inputs.
import type { Actor } from '../../core/actor.js';
import type { GrantableRole } from '../../core/permissions.js';
import type { Workspace } from '../views.js';
import type { MemberInput } from './members.js';

/** Input of `transferOwnership`. */
export interface TransferOwnershipInput<Role extends string> extends MemberInput {
  /**
   * The former owner's new role.
   * @default the first role that the owner grants, in the order of the matrix: `manager` in the default matrix
   */
  readonly formerOwnerRole?: GrantableRole<Role> | undefined;
}

/** Methods about the ownership of a workspace. */
export interface OwnershipMethods<Role extends string> {
  /**
   * Makes another member the owner, in one commit with the former owner's new role. For the owner and for operators.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `PERSONAL_WORKSPACE`, `MEMBER_NOT_FOUND`,
   * `LIMIT_EXCEEDED` (any limit of the new owner: `workspacesPerOwner`, `membersPerWorkspace` with the reserved seats,
   * `openInvitationsPerWorkspace`), `NAME_TAKEN` (the new owner has a workspace of that name), `WORKSPACE_SUSPENDED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const [ada, ben] = [{ userId: 'u1' }, { userId: 'u2' }];
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * await workspaces.openAccount({ ...ben, username: 'ben' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   * const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
   * await workspaces.acceptInvitation(ben, { token });
   *
   * const workspace = await workspaces.transferOwnership(ada, { workspaceId, userId: 'u2' });
   * workspace.ownerId; // 'u2'
   * const { member } = await workspaces.getMembership(ada, { workspaceId });
   * member.role; // 'manager'
   * ```
   */
  transferOwnership(actor: Actor, input: TransferOwnershipInput<Role>): Promise<Workspace>;
}
