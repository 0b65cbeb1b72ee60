// Authorization of queries: the actor's membership, read in one round trip.
import { isOperator, type Actor } from '../core/actor.js';
import { selfOf } from '../core/authorization.js';
import type { WorkspaceId } from '../core/ids.js';
import type { MemberRecord } from '../core/member.js';
import type { PermissionMatrix } from '../core/permissions.js';
import type { ReadSet, Snapshot } from '../core/read-set.js';
import type { WorkspaceRecord } from '../core/workspace.js';
import { WorkspaceError } from '../errors.js';
import type { ServiceContext } from './context.js';
import type { Question } from './fast-path.js';
import { memberOf, snapshotOf } from './answers.js';
import { outage } from './outages.js';
import type { Explanation } from './views.js';

/** The member's record, or `null` for an operator. */
export type Access = MemberRecord | null;

/** The actor's access to the workspace; `undefined` for a non-member. One storage call, one await. */
export async function findAccess(
  context: ServiceContext,
  { actor, workspaceId }: Omit<Question, 'permission'>,
): Promise<Access | undefined> {
  try {
    if (!isOperator(actor)) {
      const member = await context.storage.findMember(workspaceId, actor.userId);
      return memberOf(member, workspaceId, actor.userId) ?? undefined;
    }
    return (await loadFrom(context, { workspaceId })).workspace === null ? undefined : null;
  } catch (cause) {
    throw outage('storage', cause);
  }
}

/** The records of a read set. */
export async function loadFrom(
  { storage }: Pick<ServiceContext, 'storage'>,
  readSet: ReadSet,
): Promise<Snapshot> {
  try {
    return snapshotOf(await storage.load(readSet), readSet);
  } catch (cause) {
    throw outage('storage', cause);
  }
}

/**
 * The workspace and the actor's access to it: one read, so they are consistent.
 *
 * @throws WorkspaceError `WORKSPACE_NOT_FOUND`
 */
export async function readAccess(
  context: ServiceContext,
  actor: Actor,
  workspaceId: WorkspaceId,
  more: Pick<ReadSet, 'expiredAt'> = {},
): Promise<{ readonly snapshot: Snapshot; readonly workspace: WorkspaceRecord; readonly access: Access }> {
  const snapshot = await loadFrom(context, { workspaceId, members: selfOf(actor), ...more });
  const { workspace, members } = snapshot;
  const access = isOperator(actor) ? null : members.get(actor.userId);
  if (workspace === null || access === undefined)
    throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
  return { snapshot, workspace, access };
}

/** @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED` */
export function permitted(matrix: PermissionMatrix, access: Access | undefined, question: Question): Access {
  const { workspaceId, permission } = question;
  if (access === undefined) throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
  if (allows(matrix, access, permission)) return access;
  throw new WorkspaceError('PERMISSION_DENIED', { permission, role: access?.role ?? null });
}

/** Operators hold every permission of the matrix. An unknown permission is denied to everyone. */
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
