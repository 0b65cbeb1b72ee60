// The types of permission matrices: literal names, and mistakes that do not compile.
import { expectTypeOf, test } from 'vitest';
import {
  corePermissions,
  defaultMatrix,
  definePermissionMatrix,
  extendMatrix,
  type CorePermission,
  type PermissionMatrix,
  type DefaultRole,
} from '../../src/index.js';

const everything = [...corePermissions, 'database:create'] as const;

test('roles and permissions are the literals of the definition', () => {
  const matrix = definePermissionMatrix({
    permissions: ['database:create'],
    roles: {
      owner: { permissions: everything, grants: ['editor'] },
      editor: { permissions: ['database:create'], grants: [] },
    },
  });
  expectTypeOf(matrix).toEqualTypeOf<
    PermissionMatrix<'owner' | 'editor', CorePermission | 'database:create'>
  >();
  matrix.can('editor', 'database:create');
  expectTypeOf<DefaultRole>().toEqualTypeOf<'owner' | 'manager' | 'developer'>();
});

test('a typo in a call does not compile', () => {
  // @ts-expect-error no such role
  defaultMatrix.can('admin', 'workspace:view');
  // @ts-expect-error no such permission
  defaultMatrix.can('manager', 'workspace:veiw');
  // @ts-expect-error no such role
  defaultMatrix.mayGrant('manager', 'Developer');
  // @ts-expect-error no such permission
  defaultMatrix.explain('developer', 'toString');
  // @ts-expect-error no such role
  defaultMatrix.permissionsOf('constructor');
});

test('a mistake in a definition does not compile', () => {
  definePermissionMatrix({
    roles: {
      // @ts-expect-error Type '"database:create"' is not assignable to type '"'database:create' is not in the permissions of the matrix"'.
      owner: { permissions: [...corePermissions, 'database:create'], grants: [] },
    },
  });
  definePermissionMatrix({
    roles: {
      // @ts-expect-error Type '"viewr"' is not assignable to type '"'viewr' is not in the grantable roles of the matrix"'.
      owner: { permissions: corePermissions, grants: ['viewr'] },
      viewer: { permissions: [], grants: [] },
    },
  });
  definePermissionMatrix({
    roles: {
      owner: { permissions: corePermissions, grants: ['viewer'] },
      // @ts-expect-error Type '"owner"' is not assignable to type '"'owner' is not in the grantable roles of the matrix"'.
      viewer: { permissions: [], grants: ['owner'] },
    },
  });
  // @ts-expect-error Property 'owner' is missing
  definePermissionMatrix({ roles: { admin: { permissions: corePermissions, grants: [] } } });
  definePermissionMatrix({
    // @ts-expect-error Type '"database:create"' is not assignable to type '"'database:create' is not in the permissions of the owner"'.
    permissions: ['database:create'],
    roles: { owner: { permissions: corePermissions, grants: [] } },
  });
  definePermissionMatrix({
    roles: {
      // @ts-expect-error Type '"workspace:view"' is not assignable to type '"the owner must hold all corePermissions"'.
      owner: { permissions: ['workspace:view'], grants: [] },
    },
  });
  definePermissionMatrix({
    roles: {
      owner: { permissions: corePermissions, grants: [] },
      // @ts-expect-error Property 'grants' is missing
      viewer: { permissions: ['workspace:view'] },
    },
  });
});

test('names that are not literals compile', () => {
  const names: readonly string[] = ['database:create'];
  const permissions = [...corePermissions, ...names];
  const roles: Record<string, { permissions: string[]; grants: string[] }> = {
    owner: { permissions, grants: [] },
  };
  expectTypeOf(definePermissionMatrix({ permissions: names, roles })).toEqualTypeOf<PermissionMatrix>();
  expectTypeOf(
    extendMatrix(definePermissionMatrix({ permissions: names, roles }), { permissions: ['x'] }),
  ).toEqualTypeOf<PermissionMatrix>();
});

test('an extension has the roles and permissions of both', () => {
  const matrix = extendMatrix(defaultMatrix, {
    permissions: ['database:create'],
    roles: {
      manager: { permissions: ['database:create'] },
      viewer: { permissions: ['workspace:view'], grants: [] },
    },
  });
  expectTypeOf(matrix).toEqualTypeOf<
    PermissionMatrix<DefaultRole | 'viewer', CorePermission | 'database:create'>
  >();
  const more = extendMatrix(matrix, { permissions: ['database:drop'] });
  expectTypeOf(more).toEqualTypeOf<
    PermissionMatrix<DefaultRole | 'viewer', CorePermission | 'database:create' | 'database:drop'>
  >();
  expectTypeOf(extendMatrix(defaultMatrix, {})).toEqualTypeOf<typeof defaultMatrix>();
});

test('a mistake in an extension does not compile', () => {
  // @ts-expect-error Property 'grants' is missing: a new role states both lists
  extendMatrix(defaultMatrix, { roles: { managr: { permissions: ['workspace:view'] } } });
  // @ts-expect-error Type '"workspace:veiw"' is not assignable to type '"'workspace:veiw' is not in the permissions of the matrix"'.
  extendMatrix(defaultMatrix, { roles: { manager: { permissions: ['workspace:veiw'] } } });
  extendMatrix(defaultMatrix, {
    // @ts-expect-error Type '"viewr"' is not assignable to type '"'viewr' is not in the grantable roles of the matrix"'.
    roles: { manager: { grants: ['viewr'] }, viewer: { permissions: [], grants: [] } },
  });
  // @ts-expect-error Did you mean to write 'roles'?
  extendMatrix(defaultMatrix, { role: {} });
});

test('a matrix, its lists, its cells and the permissions are read-only', () => {
  // @ts-expect-error read-only, and frozen at runtime
  defaultMatrix.roles = ['owner'];
  // @ts-expect-error read-only, and frozen at runtime
  defaultMatrix.permissions[0] = 'workspace:view';
  // @ts-expect-error read-only, and frozen at runtime
  corePermissions[0] = 'workspace:view';
  // @ts-expect-error read-only, and frozen at runtime
  defaultMatrix.explain('owner', 'workspace:view').allowed = false;
});

test('hasRole narrows a name to a role', () => {
  const name: string = 'manager';
  if (defaultMatrix.hasRole(name)) expectTypeOf(name).toEqualTypeOf<DefaultRole>();
});

test('isGrantable narrows a name to a grantable role, and grantsOf returns grantable roles', () => {
  const name: string = 'manager';
  if (defaultMatrix.isGrantable(name)) expectTypeOf(name).toEqualTypeOf<'manager' | 'developer'>();
  expectTypeOf(defaultMatrix.grantsOf('owner')).toEqualTypeOf<readonly ('manager' | 'developer')[]>();
  const matrix: PermissionMatrix = defaultMatrix;
  expectTypeOf(matrix.grantsOf(name)).toEqualTypeOf<readonly string[]>();
});

test('a matrix of literals is assignable to PermissionMatrix', () => {
  expectTypeOf(defaultMatrix).toExtend<PermissionMatrix>();
});
