// What the compiler refuses in a permission matrix, and what it knows of one.
import { expectTypeOf, test } from 'vitest';
import {
  corePermissions,
  definePermissionMatrix,
  sealosMatrix,
  type CorePermission,
  type PermissionMatrix,
  type SealosRole,
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
  expectTypeOf<SealosRole>().toEqualTypeOf<'owner' | 'manager' | 'developer'>();
});

test('a typo in a question does not compile', () => {
  // @ts-expect-error no such role
  sealosMatrix.can('admin', 'workspace:view');
  // @ts-expect-error no such permission
  sealosMatrix.can('manager', 'workspace:veiw');
  // @ts-expect-error no such role
  sealosMatrix.mayGrant('manager', 'Developer');
  // @ts-expect-error no such permission
  sealosMatrix.explain('developer', 'toString');
  // @ts-expect-error no such role
  sealosMatrix.permissionsOf('constructor');
});

test('a typo in a definition does not compile', () => {
  definePermissionMatrix({
    roles: {
      // @ts-expect-error no such permission
      owner: { permissions: [...corePermissions, 'database:create'], grants: [] },
    },
  });
  definePermissionMatrix({
    roles: {
      // @ts-expect-error no such role
      owner: { permissions: corePermissions, grants: ['viewr'] },
      viewer: { permissions: [], grants: [] },
    },
  });
  // @ts-expect-error there must be an owner
  definePermissionMatrix({ roles: { admin: { permissions: corePermissions, grants: [] } } });
});

test('a matrix, its lists, its cells and the permissions are read-only', () => {
  // @ts-expect-error frozen, so the compiler says it first
  sealosMatrix.roles = ['owner'];
  // @ts-expect-error frozen, so the compiler says it first
  sealosMatrix.permissions[0] = 'workspace:view';
  // @ts-expect-error frozen, so the compiler says it first
  corePermissions[0] = 'workspace:view';
  // @ts-expect-error frozen, so the compiler says it first
  sealosMatrix.explain('owner', 'workspace:view').allowed = false;
});

test('a name from outside becomes a role by asking', () => {
  const name: string = 'manager';
  if (sealosMatrix.hasRole(name)) expectTypeOf(name).toEqualTypeOf<SealosRole>();
});

test('a name from outside becomes a role that can be given by asking, and what a role gives is one', () => {
  const name: string = 'manager';
  if (sealosMatrix.isGrantable(name)) expectTypeOf(name).toEqualTypeOf<'manager' | 'developer'>();
  expectTypeOf(sealosMatrix.grantsOf('owner')).toEqualTypeOf<readonly ('manager' | 'developer')[]>();
  const matrix: PermissionMatrix = sealosMatrix;
  expectTypeOf(matrix.grantsOf(name)).toEqualTypeOf<readonly string[]>();
});

test('a matrix of literals stands where any matrix is asked for', () => {
  expectTypeOf(sealosMatrix).toExtend<PermissionMatrix>();
});
