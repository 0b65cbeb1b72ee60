// Who may look: the membership that a query or an authorization rests on, read in one round trip.
import { isOperator, type Actor } from '../domain/actor.js';
import type { WorkspaceId } from '../domain/ids.js';
import type { MemberRecord } from '../domain/member.js';
import type { PermissionMatrix } from '../domain/permissions.js';
import { WorkspaceError } from '../errors.js';
import { answered, type Shell } from './run-command.js';
import type { Explanation } from './views.js';

/** A member by its record; an operator as `null`; nobody else. */
export type Access = MemberRecord | null;

/** What the actor is in the workspace; `undefined`: to them it does not exist. */
export async function findAccess(
  shell: Shell,
  actor: Actor,
  workspaceId: WorkspaceId,
): Promise<Access | undefined> {
  if (!isOperator(actor)) {
    return (
      (await answered('storage', () => shell.storage.findMember(workspaceId, actor.userId))) ?? undefined
    );
  }
  const { workspace } = await answered('storage', () => shell.storage.load({ workspaceId }));
  return workspace === null ? undefined : null;
}

/** @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED` */
export async function permit(
  shell: Shell,
  actor: Actor,
  { workspaceId, permission }: { readonly workspaceId: WorkspaceId; readonly permission: string },
): Promise<Access> {
  const access = await findAccess(shell, actor, workspaceId);
  if (access === undefined) throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
  if (allows(shell.matrix, access, permission)) return access;
  throw new WorkspaceError('PERMISSION_DENIED', { permission, role: access?.role ?? null });
}

/** An operator passes every permission there is; a permission that is not in the matrix, nobody. */
export function allows(matrix: PermissionMatrix, access: Access, permission: string): boolean {
  return access === null ? matrix.permissions.includes(permission) : matrix.can(access.role, permission);
}

export function explanationOf(
  matrix: PermissionMatrix,
  access: Access | undefined,
  { workspaceId, permission }: { readonly workspaceId: WorkspaceId; readonly permission: string },
): Explanation {
  const role = access?.role ?? null;
  const allowed = access !== undefined && allows(matrix, access, permission);
  return Object.freeze({ allowed, reason: reasonOf(), workspaceId, permission, role });

  function reasonOf(): Explanation['reason'] {
    if (access === undefined) return 'not-a-member';
    if (access !== null) return matrix.explain(access.role, permission).reason;
    return allowed ? 'operator' : 'unknown-permission';
  }
}
