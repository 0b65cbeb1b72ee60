// Creates permission matrices: immutable lookup tables of roles and permissions.
import { checkConstraints, type AnyRoles } from './matrix-constraints.js';
import type { MatrixDefinition, RoleDefinition, RoleInputs } from './matrix-definition.js';
import {
  OWNER,
  corePermissions,
  permissionsNotOnBehalf,
  permissionsWhileSuspended,
  type CellReason,
  type CorePermission,
  type PermissionMatrix,
} from './permissions.js';

/**
 * Defines a permission matrix. The constraints: there is an `owner`, which holds every permission; no role grants `owner`; a
 * role grants only roles whose permissions are a subset of its own, and never itself; only `owner` holds
 * `workspace:transfer`; every name is known. To add to an existing matrix, use {@link extendMatrix}.
 *
 * @throws TypeError naming the role or permission at fault. Most mistakes do not compile.
 *
 * @example
 * ```ts
 * import { corePermissions, definePermissionMatrix } from 'tenantry';
 *
 * const matrix = definePermissionMatrix({
 *   permissions: ['database:create'],
 *   roles: {
 *     owner: { permissions: [...corePermissions, 'database:create'], grants: ['editor', 'viewer'] },
 *     editor: { permissions: ['workspace:view', 'resource:view', 'database:create'], grants: ['viewer'] },
 *     viewer: { permissions: ['workspace:view', 'resource:view'], grants: [] },
 *   },
 * });
 *
 * matrix.can('editor', 'database:create'); // true
 * matrix.explain('viewer', 'database:create').reason; // 'not-granted'
 * ```
 */
export function definePermissionMatrix<
  const Roles extends RoleInputs,
  const Added extends readonly string[] = readonly [],
>(
  definition: MatrixDefinition<Roles, Added>,
): PermissionMatrix<keyof Roles & string, CorePermission | Added[number]>;
export function definePermissionMatrix(definition: {
  readonly permissions?: readonly string[];
  readonly whileSuspended?: readonly string[];
  readonly notOnBehalf?: readonly string[];
  readonly roles: AnyRoles;
}): PermissionMatrix {
  const { roles, permissions = [], whileSuspended = [], notOnBehalf = permissionsNotOnBehalf } = definition;
  return createMatrix(roles, {
    permissions: [...corePermissions, ...permissions],
    whileSuspended: [...permissionsWhileSuspended, ...whileSuspended],
    notOnBehalf,
  });
}

interface PermissionLists {
  readonly permissions: readonly string[];
  readonly whileSuspended: readonly string[];
  readonly notOnBehalf: readonly string[];
}

/** Creates the matrix of a definition without literal types. */
export function createMatrix(
  definitions: AnyRoles,
  { permissions: allPermissions, whileSuspended, notOnBehalf }: PermissionLists,
): PermissionMatrix {
  checkConstraints(definitions, allPermissions);
  const harmless = new Set(whileSuspended);
  const personal = new Set(notOnBehalf);
  for (const [list, names] of Object.entries({ whileSuspended, notOnBehalf })) {
    const unknown = names.find((name) => !allPermissions.includes(name));
    if (unknown !== undefined)
      throw new TypeError(`${list} names '${unknown}', which is not in the permissions of the matrix`);
  }
  const roles = Object.freeze(Object.keys(definitions));
  const permissions = Object.freeze([...allPermissions]);
  const known = new Set(permissions);
  // Maps find strings that are new from a driver faster than objects do, and have no inherited keys.
  const rows = new Map(
    Object.entries(definitions).map(([role, row]) => [role, rowOf(row, roles, permissions)]),
  );
  const none = Object.freeze([]);

  const can = (role: string, permission: string): boolean => rows.get(role)?.held.has(permission) === true;
  const reason = (role: string, permission: string): CellReason => {
    if (!rows.has(role)) return 'unknown-role';
    if (!known.has(permission)) return 'unknown-permission';
    return can(role, permission) ? 'granted' : 'not-granted';
  };

  const matrix: PermissionMatrix = {
    roles,
    permissions,
    can,
    explain: (role, permission) =>
      Object.freeze({ role, permission, allowed: can(role, permission), reason: reason(role, permission) }),
    permitsWhileSuspended: (permission) => harmless.has(permission),
    permitsOnBehalf: (permission) => known.has(permission) && !personal.has(permission),
    mayGrant: (role, target) => rows.get(role)?.granted.has(target) === true,
    permissionsOf: (role) => rows.get(role)?.permissions ?? none,
    grantsOf: (role) => rows.get(role)?.grants ?? none,
    hasRole: (name): name is string => rows.has(name),
    isGrantable: (name): name is string => name !== OWNER && rows.has(name),
  };
  Object.setPrototypeOf(matrix, null);
  // The functions too: nothing that is reachable from a matrix can be changed.
  for (const part of Object.values(matrix)) Object.freeze(part);
  return Object.freeze(matrix);
}

function rowOf(
  definition: RoleDefinition<string, string>,
  roles: readonly string[],
  permissions: readonly string[],
) {
  const held: ReadonlySet<string> = new Set(definition.permissions);
  const granted: ReadonlySet<string> = new Set(definition.grants);
  return {
    held,
    granted,
    permissions: Object.freeze(permissions.filter((permission) => held.has(permission))),
    grants: Object.freeze(roles.filter((role) => granted.has(role))),
  };
}

const views = ['workspace:view', 'member:view', 'quota:view', 'resource:view'] as const;

/**
 * The matrix of the Sealos cloud desktop: owner, manager, developer. To add to it, use {@link extendMatrix}.
 *
 * @example
 * ```ts
 * import { defaultMatrix } from 'tenantry';
 *
 * defaultMatrix.can('developer', 'resource:view'); // true
 * defaultMatrix.can('developer', 'resource:create'); // false
 * defaultMatrix.mayGrant('manager', 'developer'); // true
 * ```
 */
export const defaultMatrix = definePermissionMatrix({
  roles: {
    owner: { permissions: corePermissions, grants: ['manager', 'developer'] },
    manager: {
      permissions: [
        ...views,
        'resource:create',
        'resource:modify',
        'resource:delete',
        'invitation:view',
        'invitation:create',
        'invitation:revoke',
        'member:remove',
        'event:view',
      ],
      grants: ['developer'],
    },
    developer: { permissions: views, grants: [] },
  },
});

/** A role of {@link defaultMatrix}. */
export type DefaultRole = (typeof defaultMatrix)['roles'][number];
