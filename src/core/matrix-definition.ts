// The input of a permission matrix. Its types check a definition, and name the mistake in the compiler's message.
import type { CorePermission } from './permissions.js';

/** The permissions of one role, and the roles that it may grant, revoke and remove members of. */
export interface RoleDefinition<Role extends string, Permission extends string> {
  readonly permissions: readonly Permission[];
  readonly grants: readonly Role[];
}

/** Roles by name, before they are checked. */
export type RoleInputs = Readonly<Record<string, Partial<RoleDefinition<string, string>>>>;

/** The input of {@link definePermissionMatrix}. */
export interface MatrixDefinition<Roles extends RoleInputs, Added extends readonly string[]> {
  /**
   * Permissions of the app, in addition to {@link corePermissions}.
   * @default []
   */
  readonly permissions?: Checked<
    Added,
    ValidNames<Added, NonNullable<Roles['owner']['permissions']>[number], 'permissions of the owner'>
  >;
  /**
   * Those of `permissions` that neither add nor spend: they stay good in a suspended workspace, as viewing and deleting do.
   * @default []
   */
  readonly whileSuspended?: readonly NoInfer<Added[number]>[];
  /**
   * What an operator may not do on behalf of a user (`onBehalfOf`), though the user may.
   * @default ['workspace:delete', 'workspace:transfer']
   */
  readonly notOnBehalf?: readonly (CorePermission | NoInfer<Added[number]>)[];
  /** Every role. `owner` is required, and must hold every permission. */
  readonly roles: Checked<
    Roles,
    {
      readonly [Name in keyof Roles | 'owner']: CorePermission extends NonNullable<
        Roles['owner']['permissions']
      >[number]
        ? ValidRole<Roles[Name], keyof Roles, CorePermission | Added[number]>
        : Name extends 'owner'
          ? {
              readonly permissions: readonly 'the owner must hold all corePermissions'[];
              readonly grants: unknown;
            }
          : ValidRole<Roles[Name], keyof Roles, CorePermission | Added[number]>;
    }
  >;
}

/**
 * `Input` if it is valid. Otherwise `Valid`, with a message in place of each mistake: the compiler then reports that the
 * mistake is not assignable to its message.
 */
export type Checked<Input, Valid> = [Input] extends [Valid] ? Input : Valid;

/** A role, with a message in place of each mistake. */
export interface ValidRole<Input extends RoleInputs[string], Role, Permission> {
  readonly permissions: ValidNames<
    NonNullable<Input['permissions']>,
    Permission,
    'permissions of the matrix'
  >;
  readonly grants: ValidNames<
    NonNullable<Input['grants']>,
    Exclude<Role, 'owner'>,
    'grantable roles of the matrix'
  >;
}

/** A list of names, with a message in place of each unknown name. A name of a union type may be known only at runtime. */
export type ValidNames<Names extends readonly string[], Known, List extends string> = {
  readonly [I in keyof Names]: [Extract<Names[I], Known>] extends [never]
    ? `'${Names[I]}' is not in the ${List}`
    : Names[I];
};
