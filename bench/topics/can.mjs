// Whether a role holds a permission: the check that runs most often, and must cost nothing.
import { createAccessControl } from 'better-auth/plugins/access';
import { AbilityBuilder, createMongoAbility } from '@casl/ability';
import { AccessControl } from 'accesscontrol';
import { corePermissions, defaultMatrix } from 'tenantry';
import { interleaveSync } from '../lib/interleave.mjs';
import { againstLimit, againstPeer, figure } from '../lib/rows.mjs';

export const title = 'Permission check: `matrix.can(role, permission)`';
export const notes = [
  'All 48 cells of the default matrix, in turn.',
  'Each peer is asked in the form of its documentation; its roles are built beforehand.',
];

const CALLS = 480_000;

/** Every cell, with the question put as each library wants it. */
const cells = defaultMatrix.roles.flatMap((role) =>
  corePermissions.map((permission) => ({ role, permission, held: defaultMatrix.can(role, permission) })),
);

export const flows = {
  speed() {
    const contenders = [ours(), limit(), casl(), betterAuth(), betterAuthPrepared(), accessControl()];
    const samples = interleaveSync(contenders);
    const [{ name }, ...others] = contenders;
    const budgets = { '@casl/ability': 3, 'better-auth': 10 };
    return others.map((other) =>
      other.name === 'limit'
        ? againstLimit('one check', {
            ours: samples[name],
            limit: samples.limit,
            name: 'Map to bitmask',
            budget: 1.3,
          })
        : againstPeer('one check', {
            ours: samples[name],
            peer: samples[other.name],
            name: other.name,
            budget: budgets[other.name] ?? null,
          }),
    );
  },
  allocation() {
    const { run } = ours();
    run();
    run();
    const calls = 10 * CALLS;
    const least = Math.min(...Array.from({ length: 5 }, () => heapGrowth(run)));
    const perCall = least / calls;
    return [
      figure(`heap growth over ${calls.toLocaleString('en')} checks`, {
        ours: `${least} B`,
        budget: 'no allocation',
        met: perCall < 0.01,
      }),
    ];
  },
};

/** No collection runs in between as long as next to nothing is allocated; one that did would only make it negative. */
function heapGrowth(run) {
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  for (let batch = 0; batch < 10; batch++) run();
  return Math.max(0, process.memoryUsage().heapUsed - before);
}

function ours() {
  const roles = cells.map(({ role }) => role);
  const permissions = cells.map(({ permission }) => permission);
  return contender('ours', (cell) => defaultMatrix.can(roles[cell], permissions[cell]));
}

function limit() {
  const roles = cells.map(({ role }) => role);
  const permissions = cells.map(({ permission }) => permission);
  const bits = new Map(corePermissions.map((permission, place) => [permission, 1 << place]));
  const masks = new Map(
    defaultMatrix.roles.map((role) => [
      role,
      defaultMatrix.permissionsOf(role).reduce((mask, permission) => mask | bits.get(permission), 0),
    ]),
  );
  const holds = (role, permission) => {
    const mask = masks.get(role);
    const bit = bits.get(permission);
    return mask !== undefined && bit !== undefined && (mask & bit) !== 0;
  };
  return contender('limit', (cell) => holds(roles[cell], permissions[cell]));
}

function casl() {
  const abilities = new Map(
    defaultMatrix.roles.map((role) => {
      const { can, build } = new AbilityBuilder(createMongoAbility);
      for (const permission of defaultMatrix.permissionsOf(role)) {
        const [resource, action] = permission.split(':');
        can(action, resource);
      }
      return [role, build()];
    }),
  );
  const questions = cells.map(({ role, permission }) => {
    const [resource, action] = permission.split(':');
    return { ability: abilities.get(role), resource, action };
  });
  return contender('@casl/ability', (cell) => {
    const { ability, resource, action } = questions[cell];
    return ability.can(action, resource);
  });
}

/** As its documentation writes a check: an object literal at the call. */
function betterAuth() {
  const roles = betterAuthRoles();
  const questions = cells.map(({ role, permission }) => {
    const request = JSON.stringify(statements([permission]));
    return new Function('role', `return () => role.authorize(${request}).success`)(roles.get(role));
  });
  return contender('better-auth', (cell) => questions[cell]());
}

function betterAuthPrepared() {
  const roles = betterAuthRoles();
  const questions = cells.map(({ role, permission }) => ({
    role: roles.get(role),
    request: statements([permission]),
  }));
  return contender('better-auth, with requests built beforehand', (cell) => {
    const { role, request } = questions[cell];
    return role.authorize(request).success;
  });
}

function betterAuthRoles() {
  const access = createAccessControl(statements(corePermissions));
  return new Map(
    defaultMatrix.roles.map((role) => [role, access.newRole(statements(defaultMatrix.permissionsOf(role)))]),
  );
}

function statements(permissions) {
  const byResource = {};
  for (const permission of permissions) {
    const [resource, action] = permission.split(':');
    (byResource[resource] ??= []).push(action);
  }
  return byResource;
}

/** It knows create, read, update and delete alone: so each permission is a resource, and holding it is reading it. */
function accessControl() {
  const resourceOf = (permission) => permission.replace(':', '-');
  const access = new AccessControl();
  for (const role of defaultMatrix.roles) {
    const granted = access.grant(role);
    for (const permission of defaultMatrix.permissionsOf(role)) granted.readAny(resourceOf(permission));
  }
  const questions = cells.map(({ role, permission }) => ({ role, resource: resourceOf(permission) }));
  return contender(
    'accesscontrol',
    (cell) => {
      const { role, resource } = questions[cell];
      return access.can(role).readAny(resource).granted;
    },
    CALLS / 20,
  );
}

/** Refuses to measure a contender that does not answer as the matrix does. */
function contender(name, holds, calls = CALLS) {
  cells.forEach(({ role, permission, held }, cell) => {
    if (holds(cell) !== held) throw new Error(`${name} answers ${role} ${permission} differently`);
  });
  const expected = (cells.filter(({ held }) => held).length * calls) / cells.length;
  // A function of its own for each contender: a shared loop would call them all through one megamorphic site.
  const loop = new Function(
    'holds',
    'expected',
    `return () => {
      let yes = 0;
      for (let call = 0; call < ${calls}; ) {
        for (let cell = 0; cell < ${cells.length}; cell++, call++) if (holds(cell)) yes++;
      }
      if (yes !== expected) throw new Error('a wrong answer');
    }`,
  );
  return { name, calls, run: loop(holds, expected) };
}
