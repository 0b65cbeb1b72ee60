// The documented methods about permissions, and their inputs.
import type { Actor } from '../../core/actor.js';
import type { PermissionMatrix } from '../../core/permissions.js';
import type { Explanation, Member } from '../views.js';
import type { WorkspaceInput } from './workspaces.js';

/** Input of `can`, `authorize` and `explain`. */
export interface PermissionInput<Permission extends string> extends WorkspaceInput {
  /** The permission that the action needs. */
  readonly permission: Permission;
}

/** Methods about permissions: what an actor may do, and why. */
export interface PermissionMethods<Role extends string, Permission extends string> {
  /**
   * The permission matrix that the service was created with, for menus that depend on a role.
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * workspaces.permissions.can('manager', 'member:remove'); // true
   * workspaces.permissions.grantsOf('manager'); // ['developer']
   * ```
   */
  readonly permissions: PermissionMatrix<Role, Permission>;

  /**
   * Returns whether the actor holds the permission: `false` for non-members, and for a permission that the matrix
   * does not define.
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * await workspaces.can(ada, { workspaceId, permission: 'resource:create' }); // true
   * await workspaces.can({ userId: 'u2' }, { workspaceId, permission: 'resource:view' }); // false
   * ```
   */
  can(actor: Actor, input: PermissionInput<Permission>): Promise<boolean>;

  /**
   * Returns the actor's membership if it holds the permission, and `null` for an operator. The class narrows the
   * result to the kind of actor.
   *
   * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `WORKSPACE_SUSPENDED`
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const { role } = await workspaces.authorize(ada, { workspaceId, permission: 'resource:create' });
   * role; // 'owner'; go on and create it
   * ```
   */
  // One signature: TypeScript does not inherit the tags of an overloaded method.
  authorize(actor: Actor, input: PermissionInput<Permission>): Promise<Member<Role> | null>;

  /**
   * Returns whether the actor holds the permission, with the role and the reason. A denial is a result here, not an
   * error.
   *
   * @example
   * ```ts
   * import { createTestWorkspaces } from 'tenantry/testing';
   *
   * const { workspaces } = createTestWorkspaces();
   * const ada = { userId: 'u1' };
   * await workspaces.openAccount({ ...ada, username: 'ada' });
   * const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
   *
   * const question = { workspaceId, permission: 'resource:create' } as const;
   * (await workspaces.explain(ada, question)).reason; // 'granted'
   * (await workspaces.explain({ userId: 'u2' }, question)).reason; // 'not-a-member'
   * ```
   */
  explain(actor: Actor, input: PermissionInput<Permission>): Promise<Explanation>;
}
