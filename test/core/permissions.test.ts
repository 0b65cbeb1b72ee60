// The permission matrix: its constraints, each with its message, and its immutability.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  corePermissions,
  definePermissionMatrix,
  defaultMatrix,
  type PermissionMatrix,
  type RoleDefinition,
} from '../../src/index.js';

type Roles = Readonly<Record<string, RoleDefinition<string, string>>>;

/** Defines a matrix as JavaScript does, without checks of the compiler. */
function define(roles: Roles, permissions: readonly string[] = []): PermissionMatrix {
  const definition = { roles, permissions };
  const matrix: unknown = Reflect.apply(definePermissionMatrix, undefined, [definition]);
  return matrix as PermissionMatrix;
}

const owner = { permissions: corePermissions, grants: [] } as const;
const viewer = { permissions: ['workspace:view'], grants: [] } as const;

describe('defaultMatrix', () => {
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

  test('T-05 every cell is that of the table, with its reason', () => {
    expect(rows.map(([permission]) => permission)).toEqual([...defaultMatrix.permissions]);
    for (const [permission = '', ...holders] of rows) {
      for (const role of ['owner', 'manager', 'developer']) {
        const matrix: PermissionMatrix = defaultMatrix;
        const allowed = holders.includes(role);
        expect(matrix.can(role, permission)).toBe(allowed);
        const reason = allowed ? 'granted' : 'not-granted';
        expect(matrix.explain(role, permission)).toEqual({ role, permission, allowed, reason });
        expect(matrix.permissionsOf(role).includes(permission)).toBe(allowed);
      }
    }
  });

  test('T-05 an owner grants manager and developer, a manager grants developer, a developer grants nothing', () => {
    expect(defaultMatrix.roles).toEqual(['owner', 'manager', 'developer']);
    expect(defaultMatrix.grantsOf('owner')).toEqual(['manager', 'developer']);
    expect(defaultMatrix.grantsOf('manager')).toEqual(['developer']);
    expect(defaultMatrix.grantsOf('developer')).toEqual([]);
    const granted = defaultMatrix.roles.flatMap((role) =>
      defaultMatrix.roles
        .filter((target) => defaultMatrix.mayGrant(role, target))
        .map((target) => `${role} ${target}`),
    );
    expect(granted).toEqual(['owner manager', 'owner developer', 'manager developer']);
  });

  test('T-05 every role except the owner is grantable', () => {
    expect(defaultMatrix.roles.filter((role) => defaultMatrix.isGrantable(role))).toEqual([
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
    const matrix: PermissionMatrix = defaultMatrix;
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

describe('constraints of a definition', () => {
  test.each<[string, Roles, readonly string[], string]>([
    ['no owner', { admin: owner }, [], "role 'owner' is missing"],
    ['no roles at all', {}, [], "role 'owner' is missing"],
    [
      'a role without a name',
      { owner, '': { permissions: [], grants: [] } },
      [],
      'names must have 1 to 64 visible characters',
    ],
    [
      'a permission of 65 characters',
      { owner },
      ['x'.repeat(65)],
      'names must have 1 to 64 visible characters',
    ],
    [
      'a permission with a hidden character',
      { owner },
      ['database:\u200bcreate'],
      'names must have 1 to 64 visible characters',
    ],
    ['an owner called Owner', { Owner: owner }, [], "role 'owner' is missing"],
    [
      'an owner who lacks a permission',
      { owner: { permissions: corePermissions.slice(1), grants: [] } },
      [],
      "role 'owner' must hold every permission, and lacks 'workspace:view'",
    ],
    [
      'an owner who lacks a permission of the app',
      { owner },
      ['database:create'],
      "role 'owner' must hold every permission, and lacks 'database:create'",
    ],
    [
      'a role that grants owner',
      { owner, admin: { permissions: corePermissions.slice(0, 4), grants: ['owner'] } },
      [],
      "role 'admin' grants 'owner', which no role may grant",
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
      'a role that grants a role with more permissions',
      {
        owner,
        admin: { permissions: ['workspace:view'], grants: ['editor'] },
        editor: { permissions: ['workspace:view', 'resource:create'], grants: [] },
      },
      [],
      "role 'admin' grants 'editor', but lacks its permission 'resource:create'",
    ],
    [
      'a role that grants an unknown role',
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
      'another role that holds workspace:transfer',
      { owner, admin: { permissions: ['workspace:transfer'], grants: [] } },
      [],
      "role 'admin' holds 'workspace:transfer', which only 'owner' may hold",
    ],
    [
      'a permission listed twice',
      { owner: { permissions: [...corePermissions, 'x'], grants: [] } },
      ['x', 'x'],
      'a permission is listed twice',
    ],
    ['a core permission listed again', { owner }, ['workspace:view'], 'a permission is listed twice'],
  ])('T-06 rejects %s', (_, roles, permissions, reason) => {
    expect(() => define(roles, permissions)).toThrow(TypeError);
    expect(() => define(roles, permissions)).toThrow(reason);
  });

  const names = ['owner', 'admin', 'editor', 'viewer', 'constructor', '__proto__'];
  const added = ['database:create', 'toString'];
  const permissions = [...corePermissions, ...added];

  /** The constraints again, written independently of the source. */
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
  /** Roles in descending order, each with a part of the previous one's permissions: often valid, but not always. */
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

  test.each(['x', 'x'.repeat(64)])('accepts %s as the name of a role and of a permission', (name) => {
    const permissions = [...corePermissions, name];
    const given = { permissions: [name], grants: [] };
    const matrix = define({ owner: { permissions, grants: [name] }, [name]: given }, [name]);
    expect(matrix.can(name, name)).toBe(true);
  });

  test('T-06 accepts a matrix if and only if it satisfies every constraint', () => {
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

  test('T-06 in a valid matrix no role grants, in any number of steps, a role that holds more', () => {
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

  test('T-06 a matrix answers as it was defined, for every name', () => {
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

  test('T-06 mutation of any reachable part throws', () => {
    const cell = defaultMatrix.explain('manager', 'workspace:delete');
    const lists = [defaultMatrix.permissionsOf('manager'), defaultMatrix.grantsOf('manager')];
    for (const part of [...reachable(defaultMatrix), ...reachable(corePermissions), cell, ...lists]) {
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
      Object.assign(defaultMatrix, { can: () => true });
    }).toThrow(TypeError);
    expect(() => {
      Object.assign(defaultMatrix.roles, ['admin']);
    }).toThrow(TypeError);
    expect(Object.getPrototypeOf(defaultMatrix)).toBeNull();
  });

  test('T-06 changing the definition afterwards has no effect', () => {
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

  test('T-06 changing a result has no effect, or throws', () => {
    const matrix: PermissionMatrix = defaultMatrix;
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
    const before = [answers(defaultMatrix), answers(define(sound))];
    const value = { permissions: [...corePermissions], grants: ['owner'], has: () => true };
    Object.defineProperty(Object.prototype, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
    let after: string[];
    try {
      after = [answers(defaultMatrix), answers(define(sound))];
    } finally {
      Reflect.deleteProperty(Object.prototype, key);
    }
    expect(after).toEqual(before);
  });

  test('T-06 roles can be called constructor and __proto__', () => {
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
