// A second opinion on the matrix: Cedar, a policy engine that shares no code with this library, decides every cell, too.
import {
  preparsePolicySet,
  statefulIsAuthorized,
  type PolicyJson,
  type TypeAndId,
} from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  corePermissions,
  defaultMatrix,
  definePermissionMatrix,
  type PermissionMatrix,
  type RoleDefinition,
} from '../../src/index.js';
import { OWNER } from '../../src/core/permissions.js';
import { rounds } from '../campaign.js';

type Roles = Readonly<Record<string, RoleDefinition<string, string>>>;

const added = ['billing:pay', 'Ünïcode "quoted"'];
const permissions = [...corePermissions, ...added];
const roleNames = ['manager', 'developer', 'guest', 'a b', "l'été"];

/** Each role holds a part of what the one before it holds, and grants some of those after it. */
const anyRoles: fc.Arbitrary<Roles> = fc
  .record({
    names: fc.shuffledSubarray(roleNames),
    held: fc.array(fc.subarray(permissions.filter((permission) => permission !== 'workspace:transfer')), {
      minLength: roleNames.length,
      maxLength: roleNames.length,
    }),
    granted: fc.array(fc.subarray(roleNames), { minLength: 6, maxLength: 6 }),
  })
  .map(({ names, held, granted }) => {
    const roles = [OWNER, ...names].map((name, rank) => {
      const lower = names.slice(rank);
      return [
        name,
        {
          permissions: permissions.filter((each) => held.slice(0, rank).every((one) => one.includes(each))),
          grants: lower.filter((target) => granted[rank]?.includes(target)),
        },
      ] as const;
    });
    return { [OWNER]: { permissions, grants: [] }, ...Object.fromEntries(roles) };
  });

describe('Cedar', () => {
  test('T-05 Cedar agrees with every cell of the default matrix', () => {
    const views = ['workspace:view', 'member:view', 'quota:view', 'resource:view'] as const;
    const cedar = cedarOf({
      owner: { permissions: corePermissions, grants: ['manager', 'developer'] },
      manager: {
        permissions: corePermissions.filter(
          (permission) =>
            !['member:change-role', 'workspace:rename', 'workspace:delete', 'workspace:transfer'].includes(
              permission,
            ),
        ),
        grants: ['developer'],
      },
      developer: { permissions: views, grants: [] },
    });
    expect(differences(defaultMatrix, cedar)).toEqual([]);
  });

  test('T-05 Cedar agrees with every cell of random matrices', () => {
    fc.assert(
      fc.property(anyRoles, (roles) => {
        expect(differences(matrixOf(roles), cedarOf(roles))).toEqual([]);
      }),
      { numRuns: rounds(20, 1_000) },
    );
  });

  test('T-05 Cedar disagrees with a wrong cell, and with no other', () => {
    fc.assert(
      fc.property(anyRoles, fc.nat(), fc.nat(), (roles, roleIndex, permissionIndex) => {
        const matrix = matrixOf(roles);
        const role = matrix.roles[roleIndex % matrix.roles.length];
        const permission = permissions[permissionIndex % permissions.length];
        const wrong: PermissionMatrix = {
          ...matrix,
          can: (one, other) => matrix.can(one, other) !== (one === role && other === permission),
        };
        expect(differences(wrong, cedarOf(roles))).toEqual([`${String(role)} ${String(permission)}`]);
      }),
      { numRuns: rounds(10, 200) },
    );
  });

  test('T-05 Cedar disagrees about a role that the matrix does not let an owner grant', () => {
    const cedar = cedarOf({
      owner: { permissions: corePermissions, grants: ['guest'] },
      guest: { permissions: ['workspace:view'], grants: [] },
    });
    const matrix = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: [] },
        guest: { permissions: ['workspace:view'], grants: [] },
      },
    });
    expect(differences(matrix, cedar)).toEqual(['owner grants guest']);
  });
});

function matrixOf(roles: Roles): PermissionMatrix {
  return definePermissionMatrix({ permissions: added, roles });
}

/** Asks Cedar whether a member of a role may act; on a workspace, or, for `grant`, on another role. */
type Cedar = (role: string, action: string, resource: TypeAndId) => boolean;

/** Policies in Cedar's JSON format, from the definition alone: the matrix is not asked. */
function cedarOf(roles: Roles): Cedar {
  const policies = Object.entries(roles).flatMap(([role, cells]): PolicyJson[] => {
    const principal = { op: 'in', entity: { type: 'Role', id: role } } as const;
    const permit = { effect: 'permit', principal, conditions: [] } as const;
    return [
      {
        ...permit,
        conditions: [],
        action: { op: 'in', entities: cells.permissions.map((id) => ({ type: 'Action', id })) },
        resource: { op: 'is', entity_type: 'Workspace' },
      },
      ...cells.grants.map((id): PolicyJson => {
        const action = { op: '==', entity: { type: 'Action', id: 'grant' } } as const;
        return { ...permit, conditions: [], action, resource: { op: '==', entity: { type: 'Role', id } } };
      }),
    ];
  });
  const staticPolicies = Object.fromEntries(
    policies.map((policy, index) => [`policy ${String(index)}`, policy]),
  );
  expect(preparsePolicySet(POLICY_SET, { staticPolicies })).toEqual({ type: 'success' });
  return (role, action, resource) => {
    const principal = { type: 'User', id: 'ada' };
    const answer = statefulIsAuthorized({
      principal,
      action: { type: 'Action', id: action },
      resource,
      context: {},
      preparsedPolicySetId: POLICY_SET,
      entities: [{ uid: principal, attrs: {}, parents: [{ type: 'Role', id: role }] }],
    });
    if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors));
    expect(answer.response.diagnostics.errors).toEqual([]);
    return answer.response.decision === 'allow';
  };
}

const POLICY_SET = 'matrix';

/** The cells in which the two disagree. Names that neither knows are included. */
function differences(matrix: PermissionMatrix, cedar: Cedar): string[] {
  const workspace = { type: 'Workspace', id: 'ws-1' };
  const roles = [...matrix.roles, 'nowhere defined'];
  const cells = roles.flatMap((role) =>
    [...matrix.permissions, 'nowhere:defined', 'constructor']
      .filter((permission) => matrix.can(role, permission) !== cedar(role, permission, workspace))
      .map((permission) => `${role} ${permission}`),
  );
  const grants = roles.flatMap((role) =>
    roles
      .filter((id) => matrix.mayGrant(role, id) !== cedar(role, 'grant', { type: 'Role', id }))
      .map((target) => `${role} grants ${target}`),
  );
  return [...cells, ...grants];
}
