// Roles, permissions, and the immutable matrix that joins them.
import { hiddenCharacter } from './names.js';

/**
 * The permissions that the library itself asks for, with those of the resources a host keeps in a workspace.
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

/** One of the permissions that every matrix knows. */
export type CorePermission = (typeof corePermissions)[number];

/** What one role may do, and which roles it may give, take back and remove members of. */
export interface RoleDefinition<Role extends string, Permission extends string> {
  readonly permissions: readonly Permission[];
  readonly grants: readonly Role[];
}

/** What {@link definePermissionMatrix} takes. */
export interface MatrixDefinition<Role extends string, Added extends string> {
  /**
   * Permissions of the host's own, beyond {@link corePermissions}.
   * @default []
   */
  readonly permissions?: readonly Added[];
  /** Every role with its cells. There must be an `owner`, and it must hold every permission. */
  readonly roles: Readonly<
    Record<Role | 'owner', RoleDefinition<NoInfer<Role>, CorePermission | NoInfer<Added>>>
  >;
}

/** Why a cell says yes or no. */
export type CellReason = 'granted' | 'not-granted' | 'unknown-role' | 'unknown-permission';

/** One cell of the matrix, with the reason for its answer. */
export interface Cell {
  readonly role: string;
  readonly permission: string;
  readonly allowed: boolean;
  readonly reason: CellReason;
}

/** Every role of a matrix but the owner's: those that can be given. */
export type GrantableRole<Role extends string> = Exclude<Role, 'owner'>;

/** Who may do what: frozen, without a prototype, closed over tables that nothing outside can reach. */
export interface PermissionMatrix<Role extends string = string, Permission extends string = string> {
  /** The roles in the order of their definition, the owner among them. */
  readonly roles: readonly Role[];
  /** {@link corePermissions}, then the host's own. */
  readonly permissions: readonly Permission[];
  /** Whether the role holds the permission. Unknown names hold nothing and are held by nobody. */
  can(role: Role, permission: Permission): boolean;
  /** The cell that decided, with the reason. */
  explain(role: Role, permission: Permission): Cell;
  /** Whether a member of `role` may give `target`, take it back, or remove members who hold it. */
  mayGrant(role: Role, target: Role): boolean;
  /** What the role holds, in the order of `permissions`; empty for an unknown role. */
  permissionsOf(role: Role): readonly Permission[];
  /** What the role may give; empty for an unknown role. */
  grantsOf(role: Role): readonly GrantableRole<Role>[];
  /** Whether a name is one of the roles. */
  hasRole(name: string): name is Role;
  /**
   * Whether a name is one of the roles that can be given: all but the owner's. So the text of a form becomes a role for
   * `inviteMember` and `changeRole`; whether this caller may give it, they say themselves.
   */
  isGrantable(name: string): name is GrantableRole<Role>;
}

/** The owner's role: in every matrix, given by nobody, moved by `transferOwnership` alone. */
export const OWNER = 'owner';

/**
 * Makes a permission matrix, and refuses one that breaks a law:
 * there is an `owner`, and it holds every permission; nobody grants `owner`; a role grants only roles whose
 * permissions are a subset of its own, and never itself; `workspace:transfer` is the owner's alone; every name is known.
 *
 * @throws TypeError naming the role or permission at fault: a matrix is the host's code, not input.
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
export function definePermissionMatrix<const Role extends string, const Added extends string = never>(
  definition: MatrixDefinition<Role, Added>,
): PermissionMatrix<Role | 'owner', CorePermission | Added> {
  type R = Role | 'owner';
  type P = CorePermission | Added;
  const isRole = (name: string): name is R => Object.hasOwn(definition.roles, name);
  const roles: readonly R[] = Object.freeze(Object.keys(definition.roles).filter(isRole));
  const permissions: readonly P[] = Object.freeze([...corePermissions, ...(definition.permissions ?? [])]);
  checkLaws(definition.roles, permissions);

  const held = new Map<string, ReadonlySet<string>>();
  const given = new Map<string, ReadonlySet<string>>();
  const heldList = new Map<string, readonly P[]>();
  const givenList = new Map<string, readonly GrantableRole<R>[]>();
  for (const role of roles) {
    const cells = definition.roles[role];
    const holds = new Set<string>(cells.permissions);
    const grants = new Set<string>(cells.grants);
    held.set(role, holds);
    given.set(role, grants);
    heldList.set(role, Object.freeze(permissions.filter((permission) => holds.has(permission))));
    const isGiven = (target: R): target is GrantableRole<R> => target !== OWNER && grants.has(target);
    givenList.set(role, Object.freeze(roles.filter(isGiven)));
  }
  const known = new Set<string>(permissions);
  const none = Object.freeze([]);

  // A Map finds strings that come fresh from a driver faster than an object does, and has no inherited keys.
  const can = (role: string, permission: string): boolean => held.get(role)?.has(permission) === true;
  const reason = (role: string, permission: string): CellReason => {
    if (!held.has(role)) return 'unknown-role';
    if (!known.has(permission)) return 'unknown-permission';
    return can(role, permission) ? 'granted' : 'not-granted';
  };

  const matrix: PermissionMatrix<R, P> = {
    roles,
    permissions,
    can,
    explain: (role, permission) =>
      Object.freeze({ role, permission, allowed: can(role, permission), reason: reason(role, permission) }),
    mayGrant: (role, target) => given.get(role)?.has(target) === true,
    permissionsOf: (role) => heldList.get(role) ?? none,
    grantsOf: (role) => givenList.get(role) ?? none,
    hasRole: (name): name is R => held.has(name),
    isGrantable: (name): name is GrantableRole<R> => name !== OWNER && held.has(name),
  };
  Object.setPrototypeOf(matrix, null);
  // The functions too: nothing that is reached from a matrix can be changed.
  for (const part of Object.values(matrix)) Object.freeze(part);
  return Object.freeze(matrix);
}

function checkLaws(
  roles: Readonly<Record<string, RoleDefinition<string, string>>>,
  permissions: readonly string[],
): void {
  const byRole = new Map(Object.entries(roles));
  const known = new Set(permissions);
  if (known.size !== permissions.length) broken('a permission is listed twice');
  const nameless = [...byRole.keys(), ...permissions].find((name) => !isCellName(name));
  if (nameless !== undefined) broken('names have 1 to 64 characters, none of them hidden');
  const owner = byRole.get(OWNER);
  if (owner === undefined) throw new TypeError("permission matrix: there is no role 'owner'");
  const missing = permissions.find((permission) => !owner.permissions.includes(permission));
  if (missing !== undefined) broken(`the owner must hold every permission, '${missing}' is missing`);

  for (const [role, cells] of byRole) {
    const stranger = cells.permissions.find((permission) => !known.has(permission));
    if (stranger !== undefined) broken(`role '${role}' holds the unknown permission '${stranger}'`);
    if (role !== OWNER && cells.permissions.includes('workspace:transfer')) {
      broken(`role '${role}' holds 'workspace:transfer', which is the owner's alone`);
    }
    for (const target of cells.grants) {
      const targetCells = byRole.get(target);
      if (targetCells === undefined)
        throw new TypeError(`permission matrix: role '${role}' grants the unknown role '${target}'`);
      if (target === OWNER) broken(`role '${role}' grants 'owner', which nobody may`);
      if (target === role) broken(`role '${role}' grants itself`);
      const beyond = targetCells.permissions.find((permission) => !cells.permissions.includes(permission));
      if (beyond !== undefined)
        broken(`role '${role}' grants '${target}', which holds '${beyond}' beyond it`);
    }
  }
}

/** A name that a caller can say: the input schemas take no other. */
function isCellName(name: string): boolean {
  return name.length >= 1 && name.length <= 64 && hiddenCharacter(name) === undefined;
}

function broken(law: string): never {
  throw new TypeError(`permission matrix: ${law}`);
}

const views = ['workspace:view', 'member:view', 'quota:view', 'resource:view'] as const;

/**
 * The matrix of the Sealos cloud desktop: owner, manager, developer. The default of every service.
 *
 * @example
 * ```ts
 * import { sealosMatrix } from 'tenantry';
 *
 * sealosMatrix.can('developer', 'resource:view'); // true
 * sealosMatrix.can('developer', 'resource:create'); // false
 * sealosMatrix.mayGrant('manager', 'developer'); // true
 * ```
 */
export const sealosMatrix = definePermissionMatrix({
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

/** A role of {@link sealosMatrix}. */
export type SealosRole = (typeof sealosMatrix)['roles'][number];
