// Who may look: the membership that a query or an authorization rests on, read in one round trip.
import { isOperator } from '../domain/actor.js';
import type { MemberRecord } from '../domain/member.js';
import type { PermissionMatrix } from '../domain/permissions.js';
import { WorkspaceError } from '../errors.js';
import type { Question } from './parse.js';
import { outage, type Shell } from './run-command.js';
import type { Explanation } from './views.js';

/** A member by its record; an operator as `null`; nobody else. */
export type Access = MemberRecord | null;

/** What the actor is in the workspace; `undefined`: to them it does not exist. One storage call, one await. */
export async function findAccess(
  shell: Shell,
  { actor, workspaceId }: Omit<Question, 'permission'>,
): Promise<Access | undefined> {
  try {
    if (!isOperator(actor)) return (await shell.storage.findMember(workspaceId, actor.userId)) ?? undefined;
    return (await shell.storage.load({ workspaceId })).workspace === null ? undefined : null;
  } catch (cause) {
    throw outage('storage', cause);
  }
}

/** @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED` */
export function permitted(matrix: PermissionMatrix, access: Access | undefined, question: Question): Access {
  const { workspaceId, permission } = question;
  if (access === undefined) throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
  if (allows(matrix, access, permission)) return access;
  throw new WorkspaceError('PERMISSION_DENIED', { permission, role: access?.role ?? null });
}

/** An operator passes every permission there is; a permission that is not in the matrix, nobody. */
export function allows(matrix: PermissionMatrix, access: Access, permission: string): boolean {
  return access === null ? matrix.permissions.includes(permission) : matrix.can(access.role, permission);
}

export function explanationOf(
  matrix: PermissionMatrix,
  access: Access | undefined,
  { workspaceId, permission }: Question,
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
