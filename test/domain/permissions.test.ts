// The matrix: its laws, each refused with its reason, and that nothing moves it afterwards.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  corePermissions,
  definePermissionMatrix,
  sealosMatrix,
  type PermissionMatrix,
  type RoleDefinition,
} from '../../src/index.js';

type Roles = Readonly<Record<string, RoleDefinition<string, string>>>;

/** As from JavaScript: names are strings, and nothing is known of them before it runs. */
function define(roles: Roles, permissions: readonly string[] = []): PermissionMatrix {
  const definition = { roles, permissions };
  const matrix: unknown = Reflect.apply(definePermissionMatrix, undefined, [definition]);
  return matrix as PermissionMatrix;
}

const owner = { permissions: corePermissions, grants: [] } as const;
const viewer = { permissions: ['workspace:view'], grants: [] } as const;

describe('sealosMatrix', () => {
  /** Copied by hand from the table of the design. */
  const table = `
    workspace:view      owner manager developer
    member:view         owner manager developer
    quota:view          owner manager developer
    resource:view       owner manager developer
    resource:create     owner manager
    resource:modify     owner manager
    resource:delete     owner manager
    invitation:view     owner manager
    invitation:create   owner manager
    invitation:revoke   owner manager
    member:remove       owner manager
    event:view          owner manager
    workspace:rename    owner
    workspace:delete    owner
    workspace:transfer  owner
    member:change-role  owner`;
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));

  test('T-05 every cell is as the table says, with its reason', () => {
    expect(rows.map(([permission]) => permission)).toEqual([...sealosMatrix.permissions]);
    for (const [permission = '', ...holders] of rows) {
      for (const role of ['owner', 'manager', 'developer']) {
        const matrix: PermissionMatrix = sealosMatrix;
        const allowed = holders.includes(role);
        expect(matrix.can(role, permission)).toBe(allowed);
        const reason = allowed ? 'granted' : 'not-granted';
        expect(matrix.explain(role, permission)).toEqual({ role, permission, allowed, reason });
        expect(matrix.permissionsOf(role).includes(permission)).toBe(allowed);
      }
    }
  });

  test('T-05 an owner grants manager and developer, a manager developer, a developer nothing', () => {
    expect(sealosMatrix.roles).toEqual(['owner', 'manager', 'developer']);
    expect(sealosMatrix.grantsOf('owner')).toEqual(['manager', 'developer']);
    expect(sealosMatrix.grantsOf('manager')).toEqual(['developer']);
    expect(sealosMatrix.grantsOf('developer')).toEqual([]);
    const granted = sealosMatrix.roles.flatMap((role) =>
      sealosMatrix.roles
        .filter((target) => sealosMatrix.mayGrant(role, target))
        .map((target) => `${role} ${target}`),
    );
    expect(granted).toEqual(['owner manager', 'owner developer', 'manager developer']);
  });

  test('T-05 every role but the owner is one that can be given', () => {
    expect(sealosMatrix.roles.filter((role) => sealosMatrix.isGrantable(role))).toEqual([
      'manager',
      'developer',
    ]);
  });

  test.each([
    '',
    'Owner',
    'OWNER',
    'owner ',
    'admin',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
  ])('T-05 the unknown role or permission %j is denied everything, with the reason', (name) => {
    const matrix: PermissionMatrix = sealosMatrix;
    expect(matrix.hasRole(name)).toBe(false);
    expect(matrix.isGrantable(name)).toBe(false);
    expect(matrix.permissionsOf(name)).toEqual([]);
    expect(matrix.grantsOf(name)).toEqual([]);
    for (const known of matrix.permissions) {
      expect(matrix.can(name, known)).toBe(false);
      expect(matrix.explain(name, known)).toMatchObject({ allowed: false, reason: 'unknown-role' });
    }
    for (const role of matrix.roles) {
      expect(matrix.can(role, name)).toBe(false);
      expect(matrix.explain(role, name)).toMatchObject({ allowed: false, reason: 'unknown-permission' });
      expect(matrix.mayGrant(role, name)).toBe(false);
      expect(matrix.mayGrant(name, role)).toBe(false);
    }
  });
});

describe('the laws of a definition', () => {
  test.each<[string, Roles, readonly string[], string]>([
    ['no owner', { admin: owner }, [], "there is no role 'owner'"],
    ['no roles at all', {}, [], "there is no role 'owner'"],
    [
      'a role without a name',
      { owner, '': { permissions: [], grants: [] } },
      [],
      'names have 1 to 64 characters, none of them hidden',
    ],
    [
      'a permission of 65 characters',
      { owner },
      ['x'.repeat(65)],
      'names have 1 to 64 characters, none of them hidden',
    ],
    [
      'a permission with a hidden character',
      { owner },
      ['database:\u200bcreate'],
      'names have 1 to 64 characters, none of them hidden',
    ],
    ['an owner called Owner', { Owner: owner }, [], "there is no role 'owner'"],
    [
      'an owner who lacks a permission',
      { owner: { permissions: corePermissions.slice(1), grants: [] } },
      [],
      "the owner must hold every permission, 'workspace:view' is missing",
    ],
    [
      'an owner who lacks a permission of the host',
      { owner },
      ['database:create'],
      "the owner must hold every permission, 'database:create' is missing",
    ],
    [
      'a role that grants owner',
      { owner, admin: { permissions: corePermissions.slice(0, 4), grants: ['owner'] } },
      [],
      "role 'admin' grants 'owner', which nobody may",
    ],
    [
      'an owner who grants owner',
      { owner: { ...owner, grants: ['owner'] } },
      [],
      "role 'owner' grants 'owner'",
    ],
    [
      'a role that grants itself',
      { owner, admin: { permissions: ['workspace:view'], grants: ['admin'] } },
      [],
      "role 'admin' grants itself",
    ],
    [
      'a role that grants one with more',
      {
        owner,
        admin: { permissions: ['workspace:view'], grants: ['editor'] },
        editor: { permissions: ['workspace:view', 'resource:create'], grants: [] },
      },
      [],
      "role 'admin' grants 'editor', which holds 'resource:create' beyond it",
    ],
    [
      'a role that grants an unknown one',
      { owner: { ...owner, grants: ['viewr'] }, viewer },
      [],
      "role 'owner' grants the unknown role 'viewr'",
    ],
    [
      'a role that grants an inherited name',
      { owner: { ...owner, grants: ['constructor'] }, viewer },
      [],
      "role 'owner' grants the unknown role 'constructor'",
    ],
    [
      'an unknown permission',
      { owner, viewer: { permissions: ['workspace:veiw'], grants: [] } },
      [],
      "role 'viewer' holds the unknown permission 'workspace:veiw'",
    ],
    [
      'an unknown permission of the owner',
      { owner: { permissions: [...corePermissions, 'database:create'], grants: [] } },
      [],
      "role 'owner' holds the unknown permission 'database:create'",
    ],
    [
      'another role that transfers',
      { owner, admin: { permissions: ['workspace:transfer'], grants: [] } },
      [],
      "role 'admin' holds 'workspace:transfer', which is the owner's alone",
    ],
    [
      'a permission listed twice',
      { owner: { permissions: [...corePermissions, 'x'], grants: [] } },
      ['x', 'x'],
      'a permission is listed twice',
    ],
    ['a core permission listed again', { owner }, ['workspace:view'], 'a permission is listed twice'],
  ])('T-06 %s is refused with the reason', (_, roles, permissions, reason) => {
    expect(() => define(roles, permissions)).toThrow(TypeError);
    expect(() => define(roles, permissions)).toThrow(reason);
  });

  const names = ['owner', 'admin', 'editor', 'viewer', 'constructor', '__proto__'];
  const added = ['database:create', 'toString'];
  const permissions = [...corePermissions, ...added];

  /** The laws once more, in other words than the source. */
  function lawful(roles: Roles): boolean {
    const held = new Map(Object.entries(roles).map(([role, cells]) => [role, new Set(cells.permissions)]));
    const own = held.get('owner');
    if (own?.size !== permissions.length) return false;
    return Object.entries(roles).every(([role, { grants }]) => {
      const mine = held.get(role) ?? new Set();
      if (role !== 'owner' && mine.has('workspace:transfer')) return false;
      return grants.every((target) => {
        const theirs = held.get(target);
        if (theirs === undefined || target === 'owner' || target === role) return false;
        return [...theirs].every((permission) => mine.has(permission));
      });
    });
  }

  const cells = fc.record({
    permissions: fc.subarray(permissions),
    grants: fc.subarray(names),
  });
  /** Roles in falling order, each with a part of what the one before holds: often lawful, but not always. */
  const ranked = fc
    .tuple(
      fc.shuffledSubarray(names.slice(1), { minLength: 1 }),
      fc.array(fc.nat({ max: 17 }), { minLength: 5, maxLength: 5 }),
      fc.infiniteStream(fc.nat({ max: 9 })),
    )
    .map(([order, cuts, picks]): Roles => {
      const rest = permissions.filter((permission) => permission !== 'workspace:transfer');
      const sizes = [...cuts].sort((a, b) => b - a);
      const ranks = ['owner', ...order];
      return Object.fromEntries(
        ranks.map((role, rank) => {
          const grants = ranks.filter(
            (target, place) => place > rank || (picks.next().value === 9 && target !== role),
          );
          return [role, { permissions: rank === 0 ? permissions : rest.slice(0, sizes[rank - 1]), grants }];
        }),
      );
    });
  const wild = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), cells), { selector: ([role]) => role })
    .map((entries): Roles => Object.fromEntries(entries));
  const anyRoles = fc.oneof(ranked, wild);

  test.each(['x', 'x'.repeat(64)])('%s may be the name of a role, and of a permission', (name) => {
    const permissions = [...corePermissions, name];
    const given = { permissions: [name], grants: [] };
    const matrix = define({ owner: { permissions, grants: [name] }, [name]: given }, [name]);
    expect(matrix.can(name, name)).toBe(true);
  });

  test('T-06 a matrix is taken if, and only if, it keeps every law', () => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(anyRoles, (roles) => {
        let taken = true;
        try {
          define(roles, added);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          taken = false;
        }
        seen[taken ? 'taken' : 'refused'] += 1;
        expect(taken).toBe(lawful(roles));
      }),
      { numRuns: 1_000 },
    );
    expect(seen.taken).toBeGreaterThan(50);
    expect(seen.refused).toBeGreaterThan(50);
  });

  test('T-06 in any matrix that is taken no role grants, by any number of steps, one that holds more', () => {
    let granting = 0;
    fc.assert(
      fc.property(anyRoles.filter(lawful), (roles) => {
        const matrix = define(roles, added);
        for (const role of matrix.roles) {
          const reached = new Set(matrix.grantsOf(role));
          for (const target of reached) for (const next of matrix.grantsOf(target)) reached.add(next);
          expect(reached).not.toContain('owner');
          for (const target of reached) {
            granting += 1;
            expect(matrix.permissionsOf(role)).toEqual(
              expect.arrayContaining([...matrix.permissionsOf(target)]),
            );
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(granting).toBeGreaterThan(100);
  });

  test('T-06 what a matrix answers is what was defined, for every name', () => {
    fc.assert(
      fc.property(anyRoles.filter(lawful), (roles) => {
        const matrix = define(roles, added);
        expect([...matrix.roles].sort()).toEqual(Object.keys(roles).sort());
        for (const [role, { permissions: held, grants }] of Object.entries(roles)) {
          expect([...matrix.permissionsOf(role)].sort()).toEqual([...held].sort());
          expect([...matrix.grantsOf(role)].sort()).toEqual([...grants].sort());
          for (const permission of permissions) {
            expect(matrix.can(role, permission)).toBe(held.includes(permission));
            expect(matrix.explain(role, permission).allowed).toBe(held.includes(permission));
          }
          for (const target of names) expect(matrix.mayGrant(role, target)).toBe(grants.includes(target));
        }
        for (const name of names) {
          expect(matrix.isGrantable(name)).toBe(Object.hasOwn(roles, name) && name !== 'owner');
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('after the definition', () => {
  /** Everything that can be reached from a value, functions included. */
  function reachable(value: unknown, found = new Set<object>()): Set<object> {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || found.has(value))
      return found;
    found.add(value);
    for (const key of Reflect.ownKeys(value)) {
      const inner: unknown = Reflect.get(value, key);
      reachable(inner, found);
    }
    return found;
  }

  test('T-06 nothing that can be reached from it can be changed: mutation throws', () => {
    const cell = sealosMatrix.explain('manager', 'workspace:delete');
    const lists = [sealosMatrix.permissionsOf('manager'), sealosMatrix.grantsOf('manager')];
    for (const part of [...reachable(sealosMatrix), ...reachable(corePermissions), cell, ...lists]) {
      for (const key of [...Reflect.ownKeys(part), 'added']) {
        expect(
          Reflect.set(part, key, () => true),
          String(key),
        ).toBe(false);
      }
      expect(Reflect.defineProperty(part, 'added', { value: true })).toBe(false);
      expect(Reflect.setPrototypeOf(part, { can: () => true })).toBe(false);
    }
    expect(() => {
      Object.assign(sealosMatrix, { can: () => true });
    }).toThrow(TypeError);
    expect(() => {
      Object.assign(sealosMatrix.roles, ['admin']);
    }).toThrow(TypeError);
    expect(Object.getPrototypeOf(sealosMatrix)).toBeNull();
  });

  test('T-06 what it was defined from can be changed without effect', () => {
    const editor = { permissions: ['workspace:view'], grants: ['viewer'] };
    const added = ['database:create'];
    const roles: Record<string, RoleDefinition<string, string>> = {
      owner: { permissions: [...corePermissions, 'database:create'], grants: ['editor', 'viewer'] },
      editor,
      viewer: { permissions: [], grants: [] },
    };
    const matrix = define(roles, added);
    editor.permissions.push('workspace:delete');
    editor.grants.push('owner');
    added.push('everything');
    roles['admin'] = { permissions: corePermissions, grants: ['owner'] };
    delete roles['viewer'];
    expect(matrix.roles).toEqual(['owner', 'editor', 'viewer']);
    expect(matrix.permissions).toEqual([...corePermissions, 'database:create']);
    expect(matrix.can('editor', 'workspace:delete')).toBe(false);
    expect(matrix.grantsOf('editor')).toEqual(['viewer']);
    expect(matrix.hasRole('admin')).toBe(false);
    expect(matrix.isGrantable('admin')).toBe(false);
    expect(matrix.isGrantable('viewer')).toBe(true);
    expect(matrix.mayGrant('editor', 'owner')).toBe(false);
  });

  test('T-06 what it hands out can be changed without effect, or not at all', () => {
    const matrix: PermissionMatrix = sealosMatrix;
    for (const list of [
      matrix.permissionsOf('developer'),
      matrix.grantsOf('developer'),
      matrix.permissionsOf('x'),
    ]) {
      expect(() => {
        Reflect.apply(Array.prototype.push, list, ['workspace:delete']);
      }).toThrow(TypeError);
    }
    expect(matrix.can('developer', 'workspace:delete')).toBe(false);
  });

  test.each([
    'workspace:delete',
    'developer',
    'admin',
    'owner',
    'can',
    'has',
    'permissions',
    'grants',
    'allowed',
  ])('T-06 Object.prototype[%j] has no effect on any answer', (key) => {
    const answers = (matrix: PermissionMatrix) =>
      JSON.stringify(
        ['owner', 'manager', 'developer', 'admin', 'constructor'].flatMap((role) => [
          matrix.hasRole(role),
          matrix.isGrantable(role),
          matrix.permissionsOf(role),
          matrix.grantsOf(role),
          matrix.permissions.map((permission) => matrix.can(role, permission)),
          matrix.can(role, 'allowed'),
          matrix.mayGrant(role, 'owner'),
          matrix.explain(role, 'workspace:delete').reason,
        ]),
      );
    const sound: Roles = { owner: { ...owner, grants: ['developer'] }, developer: viewer };
    const before = [answers(sealosMatrix), answers(define(sound))];
    const value = { permissions: [...corePermissions], grants: ['owner'], has: () => true };
    Object.defineProperty(Object.prototype, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    let after: string[];
    try {
      after = [answers(sealosMatrix), answers(define(sound))];
    } finally {
      Reflect.deleteProperty(Object.prototype, key);
    }
    expect(after).toEqual(before);
  });

  test('T-06 roles called constructor and __proto__ are roles like any other', () => {
    const roles: Roles = {
      owner: { ...owner, grants: ['constructor', '__proto__'] },
      constructor: { permissions: ['workspace:view', 'resource:create'], grants: ['__proto__'] },
      ['__proto__']: viewer,
    };
    const matrix = define(roles);
    expect(matrix.roles).toEqual(['owner', 'constructor', '__proto__']);
    expect(matrix.can('constructor', 'resource:create')).toBe(true);
    expect(matrix.can('__proto__', 'resource:create')).toBe(false);
    expect(matrix.can('__proto__', 'workspace:view')).toBe(true);
    expect(matrix.mayGrant('constructor', '__proto__')).toBe(true);
    expect(matrix.mayGrant('__proto__', 'constructor')).toBe(false);
    expect(matrix.can('toString', 'workspace:view')).toBe(false);
  });
});
