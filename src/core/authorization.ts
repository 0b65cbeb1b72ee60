// Who may act in a workspace, and on whom: the checks that commands start with.
import { isOnBehalf, isOperator, type Actor, type UserActor } from './actor.js';
import type { DecisionContext } from './decision.js';
import type { UserId, WorkspaceId } from './ids.js';
import type { MemberRecord } from './member.js';
import { OWNER, type CorePermission, type PermissionMatrix } from './permissions.js';
import type { Snapshot } from './read-set.js';
import { refuse, type Refused } from './refusals.js';
import type { WorkspaceRecord } from './workspace.js';

/** The workspace and the caller's role in it. An operator has no role and needs none. */
interface Authorized<Role extends string | null = string | null> {
  readonly ok: true;
  readonly workspace: WorkspaceRecord;
  readonly role: Role;
}

/** Authorizes a member. To everyone else the workspace does not exist. */
export function authorizeMember(
  { workspace, members }: Snapshot,
  workspaceId: WorkspaceId,
  { userId }: UserActor,
): (Authorized<string> & { readonly member: MemberRecord }) | Refused {
  const member = members.get(userId);
  if (workspace === null || member === undefined) return refuse('WORKSPACE_NOT_FOUND', { workspaceId });
  return { ok: true, workspace, role: member.role, member };
}

/** Authorizes operators, and members who hold the permission, whether the workspace is suspended or not. */
export function authorizeHolder(
  snapshot: Snapshot,
  workspaceId: WorkspaceId,
  context: DecisionContext,
  permission: CorePermission,
): Authorized | Refused {
  if (isOperator(context.actor)) {
    const { workspace } = snapshot;
    return workspace ? { ok: true, workspace, role: null } : refuse('WORKSPACE_NOT_FOUND', { workspaceId });
  }
  const member = authorizeMember(snapshot, workspaceId, context.actor);
  if (!member.ok || mayUse(context.matrix, context.actor, member.role, permission)) return member;
  return refuse('PERMISSION_DENIED', { permission, role: member.role });
}

/** Whether a member with `role` holds the permission, and an operator who acts on behalf of the member may use it. */
export function mayUse(matrix: PermissionMatrix, actor: Actor, role: string, permission: string): boolean {
  return matrix.can(role, permission) && (!isOnBehalf(actor) || matrix.permitsOnBehalf(permission));
}

/** The refusal for a permission that adds or spends in a suspended workspace; `null` otherwise. */
export function refusedSuspended(
  { id, suspendedFor }: Pick<WorkspaceRecord, 'id' | 'suspendedFor'>,
  matrix: PermissionMatrix,
  permission: string,
): Refused | null {
  if (suspendedFor === null || matrix.permitsWhileSuspended(permission)) return null;
  return refuse('WORKSPACE_SUSPENDED', { workspaceId: id, reason: suspendedFor });
}

/** Authorizes operators and members who hold the permission, in team workspaces only. */
export function authorizeInTeam(
  snapshot: Snapshot,
  workspaceId: WorkspaceId,
  context: DecisionContext,
  permission: CorePermission,
  operation: string,
): Authorized | Refused {
  const authorized = authorizeHolder(snapshot, workspaceId, context, permission);
  if (!authorized.ok) return authorized;
  const { workspace } = authorized;
  if (workspace.kind !== 'team') return refuse('PERSONAL_WORKSPACE', { workspaceId, operation });
  return refusedSuspended(workspace, context.matrix, permission) ?? authorized;
}

/** Whether the caller is an operator or a member of this workspace. */
export function isInside({ members }: Snapshot, actor: Actor): boolean {
  return isOperator(actor) || members.has(actor.userId);
}

/**
 * Whether the caller may assign or revoke a role. An operator may assign every role but the owner's. The owner's role is
 * checked here as well as in the matrix, because the matrix is an object that the app supplies.
 */
export function mayGrant(matrix: PermissionMatrix, role: string | null, target: string): boolean {
  if (target === OWNER) return false;
  return role === null ? matrix.isGrantable(target) : matrix.mayGrant(role, target);
}

/** Whether a member with `role` may invite to `target`, and so may be the issuer of an open invitation to it. */
export function mayInvite(matrix: PermissionMatrix, role: string | null, target: string): boolean {
  return (role === null || matrix.can(role, 'invitation:create')) && mayGrant(matrix, role, target);
}

/**
 * Whether a member with `role` may demote or remove a member with `target`. No one can grant a role that the matrix no
 * longer defines, so the owner and operators may act on members who still hold one.
 */
export function mayActOn(matrix: PermissionMatrix, role: string | null, target: string): boolean {
  if (!matrix.hasRole(target)) return role === null || role === OWNER;
  return mayGrant(matrix, role, target);
}

/** The members to read to authorize the caller. */
export function selfOf(actor: Actor): readonly UserId[] {
  return isOperator(actor) ? [] : [actor.userId];
}
