// Every reachable state of one workspace under the shipped decisions, and planted faults that the search must find.
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.js';
import { defaultMatrix, definePermissionMatrix } from '../../src/core/permission-matrix.js';
import { corePermissions } from '../../src/core/permissions.js';
import type { Commands } from '../../src/testing/explore/generators.js';
import { movesOf } from '../../src/testing/explore/moves.js';
import { search } from '../../src/testing/explore/search.js';
import { recordsOf, type State } from '../../src/testing/explore/state.js';
import { actionsIn, perform, type System } from '../../src/testing/explore/step.js';
import { explore, type ExploreReport } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { faults } from './faults.js';

type Role = (typeof ownMatrix)['roles'][number];

const limits = { membersPerWorkspace: 3, openInvitationsPerWorkspace: 1, workspacesPerOwner: 1 };

/** Five roles. Coordinators invite but change no role; leads change roles but do not invite. */
const ownMatrix = definePermissionMatrix({
  permissions: ['billing:pay'],
  roles: {
    owner: {
      permissions: [...corePermissions, 'billing:pay'],
      grants: ['coordinator', 'lead', 'payer', 'guest'],
    },
    coordinator: {
      permissions: ['workspace:view', 'invitation:create', 'invitation:revoke'],
      grants: ['guest'],
    },
    lead: {
      permissions: ['workspace:view', 'member:change-role', 'member:remove', 'billing:pay'],
      grants: ['payer', 'guest'],
    },
    payer: { permissions: ['workspace:view', 'billing:pay'], grants: [] },
    guest: { permissions: ['workspace:view'], grants: [] },
  },
});

describe('S-12 every reachable state of one workspace', () => {
  test('S-12 T-07 no state breaks an invariant, no one escalates, and the owner can always delete', {
    timeout: 1_200_000,
  }, () => {
    const report = explore({
      matrix: defaultMatrix,
      limits: { ...limits, openInvitationsPerWorkspace: rounds(1, 2) },
    });
    expect(report.violation).toBeNull();
    expect(report.complete).toBe(true);
    expect(report.states).toBeGreaterThanOrEqual(rounds(600, 16_000));
    expect(report.refused).toBeLessThan(report.decisions);
  });

  test('S-12 every command of the registry takes part, and changes something', { timeout: 300_000 }, () => {
    const { changes, violation } = explore({
      matrix: defaultMatrix,
      users: 2,
      limits,
      deletion: { graceSeconds: 1 },
    });
    expect(violation).toBeNull();
    expect(Object.keys(changes).sort()).toEqual(Object.keys(commands).sort());
    expect(Object.entries(changes).filter(([, times]) => times === 0)).toEqual([]);
  });

  test('S-12 a matrix of five roles is checked as the default one is', { timeout: 1_200_000 }, () => {
    const { complete, violation, changes } = explore({
      matrix: ownMatrix,
      users: rounds(2, 3),
      limits,
    });
    expect(violation).toBeNull();
    expect(complete).toBe(true);
    const unused = Object.keys(changes).filter((name) => changes[name] === 0);
    // Without a grace period, what is deleted is gone.
    expect(unused).toEqual(['restoreWorkspace', 'purgeWorkspaces']);
  });

  test('S-12 a matrix with no role but owner invites no one, and breaks nothing', () => {
    const matrix = definePermissionMatrix({ roles: { owner: { permissions: corePermissions, grants: [] } } });
    const { complete, violation, changes } = explore({ matrix });
    expect(violation).toBeNull();
    expect(complete).toBe(true);
    expect(changes['inviteMember']).toBe(0);
  });
});

const users = ['ada', 'ben', 'cleo'];
const system: System = { commands, users, matrix: defaultMatrix, limits, graceSeconds: 0 };

describe('S-12 the search finds', () => {
  test.each(faults.map((fault) => [fault.title, fault] as const))('S-12 %s', (_, fault) => {
    const { violation, complete } = searchWith(fault.commands);
    expect(complete).toBe(false);
    expect(violation).toMatchObject({
      rule: fault.rule,
      message: expect.stringMatching(fault.message) as unknown,
    });
  });

  test('S-12 T-07 a matrix, not made by definePermissionMatrix, whose leads grant more than they hold', () => {
    const matrix = {
      ...ownMatrix,
      mayGrant: (role: Role, target: Role) =>
        role === 'lead' ? target !== 'owner' : ownMatrix.mayGrant(role, target),
    };
    const { violation } = explore({ matrix, users: 2, limits });
    expect(violation).toMatchObject({
      rule: 'T-07',
      message: expect.stringMatching(/gives .* the permission invitation:create$/) as unknown,
    });
  });

  test('S-12 the steps to a violation are the fewest, and a name means the same user in each', () => {
    const fault = faults.find(({ title }) => title.startsWith('a removal'));
    expect(searchWith(fault?.commands ?? commands).violation?.steps).toEqual([
      'ada: openAccount { userId: ada, username: ada }',
      'ben: openAccount { userId: ben, username: ben }',
      'ada: createWorkspace',
      'operator: addMember { userId: ben, role: manager }',
      'ben: inviteMember { role: developer, maxUses: 1 }',
      'ben: removeMember { userId: ben }',
    ]);
  });
});

test('S-12 users are interchangeable: under other names every state has the same successors', () => {
  const namedAs = (names: readonly string[]) => ({
    names,
    moves: movesOf(commands, names, defaultMatrix.roles),
  });
  const [before, after] = [namedAs(users), namedAs(['cleo', 'ada', 'ben'])];
  const successors = (text: string, { names, moves }: typeof before): string[] => {
    const state = JSON.parse(text) as State;
    const position = { state, records: recordsOf(state, names), users: names, moves };
    return [...actionsIn(position)].map((action) => {
      const outcome = perform({ ...system, users: names }, position, action, new Set());
      return outcome.kind === 'changed' ? outcome.next.text : outcome.kind;
    });
  };
  const found = new Set([JSON.stringify({ accounts: users.map(() => null), team: 'none' })]);
  for (const text of found) {
    if (found.size > rounds(100, 600)) break;
    const next = successors(text, before);
    expect(successors(text, after)).toEqual(next);
    for (const reached of next) if (reached.startsWith('{')) found.add(reached);
  }
  expect(found.size).toBeGreaterThan(rounds(100, 600));
});

test('a search that is cut says so', () => {
  const { complete, violation, states } = explore({ matrix: defaultMatrix, maxStates: 50 });
  expect({ complete, violation, states }).toEqual({ complete: false, violation: null, states: 50 });
});

test.each([
  { users: 0 },
  { users: 7 },
  { users: 1.5 },
  { maxStates: 0 },
  { limits: { ...limits, more: 1 } },
  { deletion: { graceSeconds: -1 } },
])('%j is refused', (options) => {
  expect(() => explore({ matrix: defaultMatrix, ...options })).toThrow(TypeError);
});

function searchWith(faulty: Commands): ExploreReport {
  return search({ ...system, commands: faulty }, 100_000);
}
