// Model checking: every state that a workspace can reach under one permission matrix, and what must hold in each.
import { commands } from '../commands/index.js';
import { limitsProblem, type Limits } from '../core/limits.js';
import type { PermissionMatrix } from '../core/permissions.js';
import type { ExploreReport } from './explore/report.js';
import { search } from './explore/search.js';

/** Options of {@link explore}: the matrix, and the bounds of the search. */
export interface ExploreOptions {
  /** The matrix to check. */
  readonly matrix: PermissionMatrix;
  /**
   * How many users there are, from 1 to 6.
   * @default 3
   */
  readonly users?: number;
  /**
   * The limits that the commands apply. Two open invitations instead of one take about 25 times as long.
   * @default { membersPerWorkspace: 3, openInvitationsPerWorkspace: 1, workspacesPerOwner: 1 }
   */
  readonly limits?: Limits;
  /**
   * As the option of the service. With a grace period, deleted workspaces are states of their own, and there are about
   * three times as many.
   * @default { graceSeconds: 0 }
   */
  readonly deletion?: { readonly graceSeconds: number };
  /**
   * How many states to visit at most.
   * @default 100_000
   */
  readonly maxStates?: number;
}

const USERS = ['ada', 'ben', 'cleo', 'dan', 'eve', 'finn'];

/**
 * Visits every state that one team workspace can reach under a matrix, and checks each. Use it to check your own
 * matrix: it calls the decisions of the library, not a model of them, so up to its bounds the result is a proof.
 *
 * In every state it tries each command with each role, by each user and by an operator, and lets each open invitation
 * expire. Users invite with 1, 2 or unlimited uses, or name a user as the recipient. It checks that
 *
 * - no invariant is broken, as `violations` checks them;
 * - an invitation that has ended admits no one;
 * - the owner can delete the workspace;
 * - no one escalates. A user gives or offers only roles that the user's own role grants; only the owner makes another
 *   user owner; accepting an invitation gives the role that it offered to that user, or after leaving at most the role
 *   held then. No action of a user extends the reach of the actor and of the user who gains, where reach is every
 *   permission that they hold or that an open invitation offers to them. Each step from each state is checked, and
 *   offers count as reach, so this holds for sequences of any length: by its own actions, no group of users gets a
 *   permission that was not in its reach.
 *
 * It checks what actions give, not what they take away: an action that removes a role, a member or an invitation without
 * the right to is not a violation.
 *
 * Not explored: invitations with more than 2 uses, recipients by e-mail address, directories with several members,
 * quotas, several teams, and storage conflicts.
 *
 * The search is synchronous. Three users with the default matrix take some seconds. A violation is in the report, not
 * thrown.
 *
 * @throws TypeError for invalid options.
 *
 * @example
 * ```ts
 * import { corePermissions, definePermissionMatrix } from 'tenantry';
 * import { explore } from 'tenantry/testing';
 *
 * const matrix = definePermissionMatrix({
 *   roles: {
 *     owner: { permissions: corePermissions, grants: ['editor', 'viewer'] },
 *     editor: { permissions: ['workspace:view', 'invitation:create', 'member:change-role'], grants: ['viewer'] },
 *     viewer: { permissions: ['workspace:view'], grants: [] },
 *   },
 * });
 * const { complete, violation } = explore({ matrix, users: 2 });
 * complete; // true
 * violation; // null
 * ```
 */
export function explore(options: ExploreOptions): ExploreReport {
  const { matrix, users = 3, maxStates = 100_000, limits = DEFAULT_LIMITS } = options;
  const { graceSeconds } = options.deletion ?? { graceSeconds: 0 };
  if (!Number.isInteger(users) || users < 1 || users > USERS.length) {
    throw new TypeError(`users must be a whole number from 1 to ${String(USERS.length)}`);
  }
  if (!Number.isInteger(maxStates) || maxStates < 1) {
    throw new TypeError('maxStates must be a whole number from 1');
  }
  const problem = limitsProblem(limits);
  if (problem !== null) throw new TypeError(problem);
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0) {
    throw new TypeError('deletion.graceSeconds must be a whole number from 0');
  }
  return search({ commands, users: USERS.slice(0, users), matrix, limits, graceSeconds }, maxStates);
}

const DEFAULT_LIMITS: Limits = {
  membersPerWorkspace: 3,
  openInvitationsPerWorkspace: 1,
  workspacesPerOwner: 1,
};
