// How many: the limits that a host sets, and the one comparison that decides. 0 is a limit.
import type { UserId, WorkspaceId } from './ids.js';

/** A whole number from 0, where 0 means none; or `'unlimited'`, said aloud. */
export type Limit = number | 'unlimited';

/** The limits of one subject. */
export interface Limits {
  /** Members of a workspace; seats reserved by open invitations count. */
  readonly membersPerWorkspace: Limit;
  /** Invitations of a workspace that are open and not expired. */
  readonly openInvitationsPerWorkspace: Limit;
  /** Team workspaces that one user owns; the personal one is not counted. */
  readonly workspacesPerOwner: Limit;
}

/** Which limit. */
export type LimitName = keyof Limits;

/** Whom limits are asked for: an owner, and the workspace once there is one. */
export interface LimitSubject {
  /** Who owns the workspace, or would own it if the command succeeds. */
  readonly ownerId: UserId;
  /** `null` while the workspace is being created. */
  readonly workspaceId: WorkspaceId | null;
}

/**
 * What applies when a host sets no limits.
 *
 * 100 members and 100 open invitations: high enough for a team, low enough that a runaway script is noticed.
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

/** For a command that asks for no limits: should it compare with one all the same, it is refused. */
export const closedLimits: Limits = Object.freeze({
  membersPerWorkspace: 0,
  openInvitationsPerWorkspace: 0,
  workspacesPerOwner: 0,
});

const LIMIT_NAMES: readonly LimitName[] = [
  'membersPerWorkspace',
  'openInvitationsPerWorkspace',
  'workspacesPerOwner',
];

/** Whether a count stays within a limit; equality does. */
export function within(count: number, limit: Limit): boolean {
  return limit === 'unlimited' || count <= limit;
}

/** What is wrong with a limits object, in words; `null` when nothing is. */
export function limitsProblem(limits: unknown): string | null {
  if (typeof limits !== 'object' || limits === null) return 'limits must be an object';
  for (const name of Object.keys(limits)) {
    if (!LIMIT_NAMES.some((known) => known === name)) return `limits.${name} is not a limit`;
  }
  for (const name of LIMIT_NAMES) {
    const limit: unknown = Object.getOwnPropertyDescriptor(limits, name)?.value;
    if (limit === 'unlimited') continue;
    if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) {
      return `limits.${name} must be a whole number from 0, or 'unlimited'`;
    }
  }
  return null;
}
