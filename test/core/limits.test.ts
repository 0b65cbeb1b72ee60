// Limits: valid and invalid values, and the comparison of a count with its limit.
import { describe, expect, test } from 'vitest';
import { exceeds } from '../../src/core/decision.js';
import { closedLimits, defaultLimits, limitsProblem, within } from '../../src/core/limits.js';

describe('comparing a count with its limit', () => {
  test.each([
    [0, 1, 0, false],
    [0, 1, 1, true],
    [4, 1, 5, true],
    [5, 1, 5, false],
    [0, 5, 5, true],
    [1, 5, 5, false],
    [7, 1, 5, false],
    [1e9, 1e6, 'unlimited', true],
  ] as const)(
    '%i present plus %i requested under a limit of %s is admitted: %s',
    (current, requested, limit, admitted) => {
      const refused = exceeds('membersPerWorkspace', current, requested, {
        ...closedLimits,
        membersPerWorkspace: limit,
      });
      expect(refused === null).toBe(admitted);
      expect(within(current + requested, limit)).toBe(admitted);
      if (refused === null) return;
      expect(refused.refusal).toEqual({
        code: 'LIMIT_EXCEEDED',
        details: { which: 'membersPerWorkspace', limit, current, requested },
      });
    },
  );
});

describe('validation of limits', () => {
  test('the default limits and the closed limits are frozen and valid', () => {
    for (const limits of [defaultLimits, closedLimits]) {
      expect(Object.isFrozen(limits)).toBe(true);
      expect(limitsProblem(limits)).toBeNull();
    }
    expect(defaultLimits).toEqual({
      membersPerWorkspace: 100,
      openInvitationsPerWorkspace: 100,
      workspacesPerOwner: 'unlimited',
    });
    expect(Object.values(closedLimits)).toEqual([0, 0, 0]);
  });

  test.each([undefined, null, Number.NaN, -1, -0.5, 1.5, Infinity, 2 ** 53, '5', 'UNLIMITED', true, [5], 5n])(
    'rejects the limit %s and names it',
    (wrong) => {
      for (const name of Object.keys(defaultLimits)) {
        expect(limitsProblem({ ...defaultLimits, [name]: wrong })).toBe(
          `limits.${name} must be a whole number from 0, or 'unlimited'`,
        );
      }
    },
  );

  test.each([0, 1, 2 ** 53 - 1, 'unlimited'])('accepts the limit %s', (right) => {
    for (const name of Object.keys(defaultLimits))
      expect(limitsProblem({ ...defaultLimits, [name]: right })).toBeNull();
  });

  test('rejects values that are not objects, missing limits and unknown limits, with a message', () => {
    for (const wrong of [undefined, null, 5, 'unlimited', () => defaultLimits]) {
      expect(limitsProblem(wrong)).toBe('limits must be an object');
    }
    expect(limitsProblem({})).toMatch(/^limits\.membersPerWorkspace must be/);
    expect(limitsProblem({ ...defaultLimits, seats: 5 })).toBe('limits.seats is not a limit');
    expect(limitsProblem(Object.create(defaultLimits))).toMatch(/^limits\.membersPerWorkspace must be/);
  });
});
