// Authorization of queries: the actor's membership, read in one round trip.
import { isOperator, type Actor } from '../core/actor.js';
import { mayUse, refusedSuspended, selfOf } from '../core/authorization.js';
import type { WorkspaceId } from '../core/ids.js';
import type { MemberRecord } from '../core/member.js';
import type { PermissionMatrix } from '../core/permissions.js';
import { withOpenAccounts, withoutDeleted, type ReadSet, type Snapshot } from '../core/read-set.js';
import type { WorkspaceRecord } from '../core/workspace.js';
import { WorkspaceError, errorOf } from '../errors.js';
import type { ServiceContext } from './context.js';
import type { Question } from './fast-path.js';
import { membershipOf, snapshotOf } from './answers.js';
import { outage } from './outages.js';
import type { Explanation } from './views.js';

/** The workspace and the actor's membership in it; `null` for an operator, who has none. */
export interface Access {
  readonly workspace: WorkspaceRecord;
  readonly member: MemberRecord | null;
}

/** The actor's access to the workspace; `undefined` for a non-member. One storage call, one await. */
export async function findAccess(
  context: ServiceContext,
  { actor, workspaceId }: Omit<Question, 'permission'>,
): Promise<Access | undefined> {
  try {
    if (!isOperator(actor)) {
      const found = await context.storage.findMembership(workspaceId, actor.userId);
      return membershipOf(found, workspaceId, actor.userId) ?? undefined;
    }
    const { workspace } = await loadFrom(context, { workspaceId });
    return workspace === null ? undefined : { workspace, member: null };
  } catch (cause) {
    throw outage('storage', cause);
  }
}

/** The records of a read set, without accounts that are closing or closed, and without deleted workspaces. */
export async function loadFrom(
  context: Pick<ServiceContext, 'storage'>,
  readSet: ReadSet,
): Promise<Snapshot> {
  return withOpenAccounts(withoutDeleted(await loadAllFrom(context, readSet)));
}

/** The records of a read set, with all accounts and workspaces. */
export async function loadAllFrom(
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
  const member = isOperator(actor) ? null : members.get(actor.userId);
  if (workspace === null || member === undefined)
    throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
  return { snapshot, workspace, access: { workspace, member } };
}

/** @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`, `WORKSPACE_SUSPENDED` */
export function permitted(matrix: PermissionMatrix, access: Access | undefined, question: Question): Access {
  const found = holding(matrix, access, question);
  const suspended = refusedSuspended(found.workspace, matrix, question.permission);
  if (suspended !== null) throw errorOf(suspended.refusal);
  return found;
}

/**
 * As {@link permitted}, whether the workspace is suspended or not.
 *
 * @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERMISSION_DENIED`
 */
export function holding(matrix: PermissionMatrix, access: Access | undefined, question: Question): Access {
  const { workspaceId, permission } = question;
  if (access === undefined) throw new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId });
  if (holds(matrix, access, question)) return access;
  throw new WorkspaceError('PERMISSION_DENIED', { permission, role: access.member?.role ?? null });
}

/** Operators hold every permission of the matrix. An unknown permission is denied to everyone. */
export function allows(matrix: PermissionMatrix, access: Access, question: Question): boolean {
  const isHeld = holds(matrix, access, question);
  return isHeld && refusedSuspended(access.workspace, matrix, question.permission) === null;
}

/** As {@link allows}, whether the workspace is suspended or not. */
export function holds(
  matrix: PermissionMatrix,
  { member }: Access,
  { actor, permission }: Pick<Question, 'actor' | 'permission'>,
): boolean {
  return member === null
    ? matrix.permissions.includes(permission)
    : mayUse(matrix, actor, member.role, permission);
}

export function explanationOf(
  matrix: PermissionMatrix,
  access: Access | undefined,
  question: Question,
): Explanation {
  const { workspaceId, permission } = question;
  const role = access?.member?.role ?? null;
  const allowed = access !== undefined && allows(matrix, access, question);
  const suspendedFor = access?.workspace.suspendedFor ?? null;
  return Object.freeze({ allowed, reason: reasonOf(), workspaceId, permission, role, suspendedFor });

  function reasonOf(): Explanation['reason'] {
    if (access === undefined) return 'not-a-member';
    if (!allowed && holds(matrix, access, question)) return 'suspended';
    if (access.member === null) return allowed ? 'operator' : 'unknown-permission';
    const { reason } = matrix.explain(access.member.role, permission);
    return reason === 'granted' && !allowed ? 'not-on-behalf' : reason;
  }
}
