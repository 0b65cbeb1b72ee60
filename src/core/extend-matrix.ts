// Extends a permission matrix by permissions and roles of an app.
import type { Checked, RoleDefinition, RoleInputs, ValidRole } from './matrix-definition.js';
import { createMatrix } from './permission-matrix.js';
import { OWNER, type PermissionMatrix } from './permissions.js';

/** The input of {@link extendMatrix}. */
export interface MatrixExtension<
  Role extends string,
  Permission extends string,
  Roles extends RoleInputs,
  Added extends readonly string[],
> {
  /**
   * Permissions of the app, in addition to those of the matrix. The owner holds them automatically.
   * @default []
   */
  readonly permissions?: Added;
  /**
   * Those of `permissions` that neither add nor spend: they stay good in a suspended workspace, as viewing and deleting do.
   * @default []
   */
  readonly whileSuspended?: readonly NoInfer<Added[number]>[];
  /**
   * What an operator may not do on behalf of a user (`onBehalfOf`), in addition to what the matrix lists.
   * @default []
   */
  readonly notOnBehalf?: readonly (Permission | NoInfer<Added[number]>)[];
  /**
   * For an existing role: permissions and grants to add. For a new role: all its permissions and grants. The owner grants
   * each new role automatically.
   * @default {}
   */
  readonly roles?: Checked<
    Roles,
    {
      readonly [Name in keyof Roles]: Name extends Role
        ? Partial<ValidRole<Roles[Name], Role | keyof Roles, Permission | Added[number]>>
        : ValidRole<Roles[Name], Role | keyof Roles, Permission | Added[number]>;
    }
  >;
}

/**
 * Returns a new matrix with everything that the given matrix has, and permissions and roles of the app. The given matrix is
 * not changed. The constraints of {@link definePermissionMatrix} hold for the result.
 *
 * @throws TypeError naming the role or permission at fault. Most mistakes do not compile.
 *
 * @example
 * ```ts
 * import { defaultMatrix, extendMatrix } from 'tenantry';
 *
 * const matrix = extendMatrix(defaultMatrix, {
 *   permissions: ['database:create'],
 *   roles: {
 *     manager: { permissions: ['database:create'] },
 *     viewer: { permissions: ['workspace:view'], grants: [] },
 *   },
 * });
 *
 * matrix.can('owner', 'database:create'); // true
 * matrix.can('developer', 'database:create'); // false
 * matrix.grantsOf('owner'); // ['manager', 'developer', 'viewer']
 * ```
 */
export function extendMatrix<
  Role extends string,
  Permission extends string,
  const Roles extends RoleInputs = Readonly<Record<Role, Partial<RoleDefinition<never, never>>>>,
  const Added extends readonly string[] = readonly [],
>(
  matrix: PermissionMatrix<Role, Permission>,
  extension: MatrixExtension<Role, Permission, Roles, Added>,
): PermissionMatrix<Role | (keyof NoInfer<Roles> & string), Permission | NoInfer<Added>[number]>;
export function extendMatrix(
  matrix: PermissionMatrix,
  {
    permissions = [],
    whileSuspended = [],
    notOnBehalf = [],
    roles = {},
  }: {
    readonly permissions?: readonly string[];
    readonly whileSuspended?: readonly string[];
    readonly notOnBehalf?: readonly string[];
    readonly roles?: RoleInputs;
  },
): PermissionMatrix {
  const additions = new Map(Object.entries(roles));
  const newRoles = [...additions.keys()].filter((role) => !matrix.hasRole(role));
  const definitions = [...matrix.roles, ...newRoles].map((role) => {
    const { permissions: held = [], grants = [] } = additions.get(role) ?? {};
    const isOwner = role === OWNER;
    const definition: RoleDefinition<string, string> = {
      permissions: [...matrix.permissionsOf(role), ...held, ...(isOwner ? permissions : [])],
      grants: [...matrix.grantsOf(role), ...grants, ...(isOwner ? newRoles : [])],
    };
    return [role, definition] as const;
  });
  return createMatrix(Object.fromEntries(definitions), {
    permissions: [...matrix.permissions, ...permissions],
    whileSuspended: [
      ...matrix.permissions.filter((permission) => matrix.permitsWhileSuspended(permission)),
      ...whileSuspended,
    ],
    notOnBehalf: [
      ...matrix.permissions.filter((permission) => !matrix.permitsOnBehalf(permission)),
      ...notOnBehalf,
    ],
  });
}
