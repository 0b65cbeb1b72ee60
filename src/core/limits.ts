// The limits that an app sets, and the one comparison that decides. 0 is a limit.
import type { UserId, WorkspaceId } from './ids.js';
import { isObject, isWholeNumber } from './values.js';

/** A whole number from 0, where 0 means none, or an explicit `'unlimited'`. */
export type Limit = number | 'unlimited';

/** The limits of one subject. */
export interface Limits {
  /** Members of a workspace, including seats that open invitations reserve. */
  readonly membersPerWorkspace: Limit;
  /** Open, unexpired invitations of a workspace. */
  readonly openInvitationsPerWorkspace: Limit;
  /** Team workspaces that one user owns, without the personal one. */
  readonly workspacesPerOwner: Limit;
}

/**
 * The name of a limit: one of an owner's limits, the service's limit of a user's invitations, or the size of the attributes of
 * a workspace or member.
 */
export type LimitName = keyof Limits | 'invitationsPerActorPerDay' | 'attributeBytes';

/** The subject of limits: an owner, and the workspace if it exists. */
export interface LimitSubject {
  /** The owner of the workspace, or its owner if the command succeeds. */
  readonly ownerId: UserId;
  /** `null` while the workspace is being created. */
  readonly workspaceId: WorkspaceId | null;
}

/**
 * The limits of a service that is given none.
 *
 * 100 members and 100 open invitations: high enough for a team, low enough to notice a runaway script.
 *
 * @example
 * ```ts
 * import { defaultLimits } from 'tenantry';
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * createTestWorkspaces({ limits: { ...defaultLimits, workspacesPerOwner: 5 } });
 * ```
 */
export const defaultLimits: Limits = Object.freeze({
  membersPerWorkspace: 100,
  openInvitationsPerWorkspace: 100,
  workspacesPerOwner: 'unlimited',
});

/** Invitations that a user may issue within 24 hours: enough to invite a company, and a bound on unsolicited mail. */
export const DEFAULT_INVITATIONS_PER_ACTOR_PER_DAY = 1000;

/** For a command that declares no limits: if it compares with one anyway, it is refused. */
export const closedLimits: Limits = Object.freeze({
  membersPerWorkspace: 0,
  openInvitationsPerWorkspace: 0,
  workspacesPerOwner: 0,
});

/** Whether a value is a limit. */
export function isLimit(value: unknown): value is Limit {
  return value === 'unlimited' || isWholeNumber(value, 0, Number.MAX_SAFE_INTEGER);
}

/** Whether a count is within a limit. A count equal to the limit is. */
export function within(count: number, limit: Limit): boolean {
  return limit === 'unlimited' || count <= limit;
}

/** The problem of a limits object as a message; `null` if it is valid. */
export function limitsProblem(limits: unknown): string | null {
  if (!isObject(limits)) return 'limits must be an object';
  const names = Object.keys(defaultLimits);
  const unknown = Object.keys(limits).find((name) => !names.includes(name));
  if (unknown !== undefined) return `limits.${unknown} is not a limit`;
  const wrong = names.find((name) => {
    return !isLimit(Object.getOwnPropertyDescriptor(limits, name)?.value);
  });
  return wrong === undefined ? null : `limits.${wrong} must be a whole number from 0, or 'unlimited'`;
}
