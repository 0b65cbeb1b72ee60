// Session tokens: issued by a switch, and verified for the app's middleware.
import type { UserActor } from '../core/actor.js';
import type { PermissionMatrix } from '../core/permissions.js';
import { WorkspaceError } from '../errors.js';
import type { ServiceContext } from './context.js';
import { membershipOf } from './answers.js';
import { wrapOutage } from './outages.js';
import {
  workspaceView,
  type MembershipRecords,
  type RoleOf,
  type Session,
  type VerifiedSession,
} from './views.js';

/**
 * When the user signed in: now, unless the actor says when.
 *
 * @throws WorkspaceError `SESSION_EXPIRED` if that was so long ago that no session token may be issued
 */
export function signInOf({ tokens, clock }: ServiceContext, { signedInAt }: UserActor): number {
  const now = clock.now();
  const instant = signedInAt?.getTime() ?? now;
  if (tokens.isPastMaxAge(instant, now)) throw new WorkspaceError('SESSION_EXPIRED', {});
  return instant;
}

export async function issueSession<Role extends string, Permission extends string>(
  { tokens, clock }: ServiceContext,
  { workspace, member, signedInAt }: MembershipRecords & { readonly signedInAt: number },
  roleOf: RoleOf<Role>,
  matrix: PermissionMatrix<Role, Permission>,
): Promise<Session<Role, Permission>> {
  const { id: workspaceId, version } = workspace;
  const { userId, role } = member;
  const grant = { userId, workspaceId, role, version, signedInAt };
  const { token, expiresAt } = await tokens.issueSession(grant, clock.now());
  return Object.freeze({
    workspace: workspaceView(workspace),
    role: roleOf(role),
    permissions: matrix.permissionsOf(roleOf(role)),
    token,
    expiresAt: new Date(expiresAt),
  });
}

/** @throws WorkspaceError `SESSION_INVALID`, `SESSION_EXPIRED`, `SESSION_STALE` */
export async function readSession<Role extends string>(
  { storage, tokens, clock }: ServiceContext,
  { token, fresh }: { readonly token: string; readonly fresh?: boolean | undefined },
  roleOf: RoleOf<Role>,
): Promise<VerifiedSession<Role>> {
  const claims = await tokens.readSession(token, clock.now());
  if (claims === null) throw new WorkspaceError('SESSION_INVALID', {});
  if (claims.expired) throw new WorkspaceError('SESSION_EXPIRED', {});
  const { userId, workspaceId, role, version, signedInAt, expiresAt } = claims;
  if (fresh === true) {
    const row = await wrapOutage('storage', () => storage.findMembership(workspaceId, userId));
    const found = membershipOf(row, workspaceId, userId)?.member;
    // A token of an earlier membership has a version from before this one began. Clocks are not compared.
    if (found?.role !== role || version < found.joinedVersion) throw new WorkspaceError('SESSION_STALE', {});
  }
  return Object.freeze({
    userId,
    workspaceId,
    role: roleOf(role),
    version,
    signedInAt: new Date(signedInAt),
    expiresAt: new Date(expiresAt),
  });
}
