// The core permissions, and the matrix that says which role holds which.

/**
 * The permissions that the library checks, and those for the resources that your app keeps in a workspace.
 *
 * @example
 * ```ts
 * import { corePermissions } from 'tenantry';
 *
 * corePermissions.includes('resource:create'); // true
 * ```
 */
export const corePermissions = Object.freeze([
  'workspace:view',
  'member:view',
  'quota:view',
  'resource:view',
  'resource:create',
  'resource:modify',
  'resource:delete',
  'invitation:view',
  'invitation:create',
  'invitation:revoke',
  'member:remove',
  'event:view',
  'workspace:rename',
  'workspace:delete',
  'workspace:transfer',
  'member:change-role',
] as const);

// `Extract` gives the union a name of its own: compile errors and hovers print `CorePermission`, not 16 strings.
/** One of the permissions of every matrix. */
export type CorePermission = Extract<(typeof corePermissions)[number], string>;

/** The core permissions that neither add nor spend: they are also good in a suspended workspace. */
export const permissionsWhileSuspended = Object.freeze([
  'workspace:view',
  'member:view',
  'quota:view',
  'resource:view',
  'resource:delete',
  'invitation:view',
  'invitation:revoke',
  'member:remove',
  'event:view',
  'workspace:delete',
] as const satisfies readonly CorePermission[]);

/** What an operator who acts on behalf of the owner may not do, unless a matrix lists others. */
export const permissionsNotOnBehalf = Object.freeze([
  'workspace:delete',
  'workspace:transfer',
] as const satisfies readonly CorePermission[]);

/** Why a cell allows or denies. */
export type CellReason = 'granted' | 'not-granted' | 'unknown-role' | 'unknown-permission';

/** One cell of the matrix, with its reason. */
export interface Cell {
  readonly role: string;
  readonly permission: string;
  readonly allowed: boolean;
  readonly reason: CellReason;
}

/** Every role except `owner`: the roles that a member can grant. */
export type GrantableRole<Role extends string> = Exclude<Role, 'owner'>;

/** Which role holds which permission. Frozen, without a prototype; its tables are not reachable from outside. */
export interface PermissionMatrix<Role extends string = string, Permission extends string = string> {
  /** All roles in the order of their definition, including `owner`. */
  readonly roles: readonly Role[];
  /** {@link corePermissions}, then the app's own. */
  readonly permissions: readonly Permission[];
  /** Whether the role holds the permission; false for unknown names. */
  can(role: Role, permission: Permission): boolean;
  /** The cell of the role and the permission, with the reason. */
  explain(role: Role, permission: Permission): Cell;
  /** Whether the permission is also good in a suspended workspace, because it neither adds nor spends. */
  permitsWhileSuspended(permission: Permission): boolean;
  /** Whether an operator may use the permission on behalf of a user who holds it. */
  permitsOnBehalf(permission: Permission): boolean;
  /** Whether `role` may grant `target`, revoke it, and remove members who hold it. */
  mayGrant(role: Role, target: Role): boolean;
  /** The permissions of the role, in the order of `permissions`; empty for an unknown role. */
  permissionsOf(role: Role): readonly Permission[];
  /** The roles that the role may grant; empty for an unknown role. */
  grantsOf(role: Role): readonly GrantableRole<Role>[];
  /** Whether a name is one of the roles. */
  hasRole(name: string): name is Role;
  /**
   * Whether a name is a role other than `owner`. Use it to turn the value of a form into a role for `inviteMember` and
   * `changeRole`, which check whether the caller may grant it.
   */
  isGrantable(name: string): name is GrantableRole<Role>;
}

/** The owner's role: part of every matrix, never granted, moved only by `transferOwnership` and `acceptOwnership`. */
export const OWNER = 'owner';
