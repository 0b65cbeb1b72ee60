// extendMatrix: what it adds, what it keeps, and that the result satisfies every constraint.
import { describe, expect, test } from 'vitest';
import {
  corePermissions,
  defaultMatrix,
  extendMatrix,
  type PermissionMatrix,
  type RoleInputs,
} from '../../src/index.js';

/** Extends a matrix as JavaScript does, without checks of the compiler. */
function extend(roles: RoleInputs, permissions: readonly string[] = []): PermissionMatrix {
  const matrix: unknown = Reflect.apply(extendMatrix, undefined, [defaultMatrix, { permissions, roles }]);
  return matrix as PermissionMatrix;
}

function tableOf(matrix: PermissionMatrix): unknown {
  return matrix.roles.map((role) => [role, matrix.permissionsOf(role), matrix.grantsOf(role)]);
}

describe('extendMatrix', () => {
  test('T-05 adds permissions to the owner and to the roles that list them', () => {
    const matrix = extendMatrix(defaultMatrix, {
      permissions: ['database:create', 'database:drop'],
      roles: { manager: { permissions: ['database:create'] } },
    });
    expect(matrix.permissions).toEqual([...corePermissions, 'database:create', 'database:drop']);
    expect(matrix.permissionsOf('owner')).toEqual(matrix.permissions);
    expect(matrix.permissionsOf('manager')).toEqual([
      ...defaultMatrix.permissionsOf('manager'),
      'database:create',
    ]);
    expect(matrix.permissionsOf('developer')).toEqual(defaultMatrix.permissionsOf('developer'));
  });

  test('T-05 adds roles after the existing ones; the owner and the roles that list them grant them', () => {
    const matrix = extendMatrix(defaultMatrix, {
      roles: {
        viewer: { permissions: ['workspace:view'], grants: [] },
        guide: { permissions: ['workspace:view'], grants: ['viewer'] },
        manager: { grants: ['viewer'] },
      },
    });
    expect(matrix.roles).toEqual(['owner', 'manager', 'developer', 'viewer', 'guide']);
    expect(matrix.grantsOf('owner')).toEqual(['manager', 'developer', 'viewer', 'guide']);
    expect(matrix.grantsOf('manager')).toEqual(['developer', 'viewer']);
    expect(matrix.grantsOf('guide')).toEqual(['viewer']);
    expect(matrix.permissionsOf('viewer')).toEqual(['workspace:view']);
  });

  test('T-06 an empty extension is an equal matrix, and the given matrix never changes', () => {
    const before = tableOf(defaultMatrix);
    expect(tableOf(extendMatrix(defaultMatrix, {}))).toEqual(before);
    extend({ viewer: { permissions: [], grants: [] } }, ['database:create']);
    expect(tableOf(defaultMatrix)).toEqual(before);
  });

  test('an extension can be extended', () => {
    const first = extendMatrix(defaultMatrix, {
      permissions: ['database:create'],
      roles: { viewer: { permissions: ['workspace:view'], grants: [] } },
    });
    const second = extendMatrix(first, {
      permissions: ['database:drop'],
      roles: { viewer: { permissions: ['quota:view'] } },
    });
    expect(second.permissionsOf('viewer')).toEqual(['workspace:view', 'quota:view']);
    expect(second.permissionsOf('owner')).toEqual([...corePermissions, 'database:create', 'database:drop']);
  });

  test('T-06 a role can be called __proto__', () => {
    const roles = Object.fromEntries([['__proto__', { permissions: ['workspace:view'], grants: [] }]]);
    const matrix = extend(roles);
    expect(matrix.roles).toEqual(['owner', 'manager', 'developer', '__proto__']);
    expect(matrix.mayGrant('owner', '__proto__')).toBe(true);
    expect(matrix.can('__proto__', 'workspace:view')).toBe(true);
  });

  test.each<[string, RoleInputs, readonly string[], string]>([
    [
      'a role that grants a role with a permission beyond its own',
      { developer: { permissions: ['database:create'] } },
      ['database:create'],
      "role 'manager' grants 'developer', but lacks its permission 'database:create'",
    ],
    [
      'an unknown permission',
      { manager: { permissions: ['database:create'] } },
      [],
      "role 'manager' holds the unknown permission 'database:create'",
    ],
    [
      'an unknown role among the grants',
      { manager: { grants: ['viewer'] } },
      [],
      "role 'manager' grants the unknown role 'viewer'",
    ],
    [
      'the owner among the grants',
      { manager: { grants: ['owner'] } },
      [],
      "role 'manager' grants 'owner', which no role may grant",
    ],
    [
      'workspace:transfer for another role',
      { manager: { permissions: ['workspace:transfer'] } },
      [],
      "role 'manager' holds 'workspace:transfer', which only 'owner' may hold",
    ],
    ['a permission of the matrix', {}, ['workspace:view'], 'a permission is listed twice'],
    [
      'an invalid name',
      { '': { permissions: [], grants: [] } },
      [],
      'names must have 1 to 64 visible characters',
    ],
  ])('T-06 rejects %s', (_, roles, permissions, reason) => {
    expect(() => extend(roles, permissions)).toThrow(TypeError);
    expect(() => extend(roles, permissions)).toThrow(reason);
  });
});
