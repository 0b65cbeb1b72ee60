// A membership that has ended: what an invitation from before may still give back.
import type { UserId, WorkspaceId } from './ids.js';
import type { InvitationRecord } from './invitation.js';
import type { PermissionMatrix } from './permissions.js';

/** The stored record of the last membership that a user left or was removed from. */
export interface DepartureRecord {
  readonly workspaceId: WorkspaceId;
  readonly userId: UserId;
  /** The role at the end. */
  readonly role: string;
  /** The version of the workspace that the end made. */
  readonly version: number;
}

/**
 * The role that an invitation gives to a user. One that was issued before the user's departure gives at most the role held
 * then: a demoted member must not get the former role back by leaving and returning. `null`: it gives none, because the
 * matrix no longer has the role held then.
 */
export function roleGiven(
  matrix: PermissionMatrix,
  { role, issuedVersion }: InvitationRecord,
  departure: DepartureRecord | null,
): string | null {
  if (departure === null || issuedVersion > departure.version) return role;
  if (isAtMost(matrix, role, departure.role)) return role;
  return matrix.hasRole(departure.role) ? departure.role : null;
}

/** Whether a role permits and grants nothing that `ceiling` does not. */
export function isAtMost(matrix: PermissionMatrix, role: string, ceiling: string): boolean {
  return (
    role === ceiling ||
    (matrix.hasRole(role) &&
      matrix.permissionsOf(role).every((permission) => matrix.can(ceiling, permission)) &&
      matrix.grantsOf(role).every((grant) => matrix.mayGrant(ceiling, grant)))
  );
}
