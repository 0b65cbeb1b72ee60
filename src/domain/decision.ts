// The form of every decision: a snapshot, a command and facts go in; events or a refusal come out.
import { isOperator, type Actor, type UserActor } from './actor.js';
import type { Happening } from './events.js';
import type { UserId, WorkspaceId } from './ids.js';
import { within, type LimitName, type LimitSubject, type Limits } from './limits.js';
import { OWNER, type CorePermission, type PermissionMatrix } from './permissions.js';
import { refuse, type Refused } from './refusals.js';
import type { Slice, Snapshot } from './snapshot.js';
import type { WorkspaceRecord } from './workspace.js';

/** What a decision knows besides the records and the command, gathered once by the shell. */
export interface Facts<Caller extends Actor = Actor> {
  readonly actor: Caller;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly limits: Limits;
  readonly matrix: PermissionMatrix;
}

/** What the record of an invitation keeps of the token last issued for it. */
export interface Issued {
  /** SHA-256 of the token's secret, in hexadecimal. */
  readonly secretHash: string;
  /** When its life began, in milliseconds since the epoch. */
  readonly issuedAt: number;
}

/** What happened, or why not. No events: there was nothing to do, and that is success. */
export type Decision =
  | {
      readonly ok: true;
      readonly events: readonly Happening[];
      /** Of the invitation that the events create or reissue: kept in its record, told by no event. */
      readonly issued?: Issued;
    }
  | Refused;

/** One use case: what it looks at, whose limits it asks for, and how it decides. */
export interface CommandSpec<Command, Caller extends Actor = Actor> {
  slice(command: Command, facts: Pick<Facts<Caller>, 'actor' | 'now'>): Slice;
  /** Whose limits `decide` compares with; a command without it sees limits of 0. */
  limitedBy?(snapshot: Snapshot, command: Command, actor: Caller): LimitSubject | null;
  decide(snapshot: Snapshot, command: Command, facts: Facts<Caller>): Decision;
}

export const nothingToDo: Decision = { ok: true, events: [] };

/** Leave to act in a workspace: the workspace, and the caller's role there; an operator has none and needs none. */
interface Admitted<Role extends string | null = string | null> {
  readonly ok: true;
  readonly workspace: WorkspaceRecord;
  readonly role: Role;
}

/** Admits a member; to anyone else the workspace does not exist. */
export function admitMember(
  { workspace, members }: Snapshot,
  workspaceId: WorkspaceId,
  { userId }: UserActor,
): Admitted<string> | Refused {
  const member = members.get(userId);
  if (workspace === null || member === undefined) return refuse('WORKSPACE_NOT_FOUND', { workspaceId });
  return { ok: true, workspace, role: member.role };
}

/** Admits operators, and the members who hold the permission. */
function admit(
  snapshot: Snapshot,
  workspaceId: WorkspaceId,
  facts: Facts,
  permission: CorePermission,
): Admitted | Refused {
  if (isOperator(facts.actor)) {
    const { workspace } = snapshot;
    return workspace ? { ok: true, workspace, role: null } : refuse('WORKSPACE_NOT_FOUND', { workspaceId });
  }
  const admitted = admitMember(snapshot, workspaceId, facts.actor);
  if (!admitted.ok || facts.matrix.can(admitted.role, permission)) return admitted;
  return refuse('PERMISSION_DENIED', { permission, role: admitted.role });
}

/** As {@link admit}, but never into a personal workspace: not even an operator. */
export function admitToTeam(
  snapshot: Snapshot,
  workspaceId: WorkspaceId,
  facts: Facts,
  permission: CorePermission,
  operation: string,
): Admitted | Refused {
  const admitted = admit(snapshot, workspaceId, facts, permission);
  if (!admitted.ok || admitted.workspace.kind === 'team') return admitted;
  return refuse('PERSONAL_WORKSPACE', { workspaceId, operation });
}

/** Whether there is anything here for the caller: an operator, or a member. */
export function isInside({ members }: Snapshot, actor: Actor): boolean {
  return isOperator(actor) || members.has(actor.userId);
}

/**
 * Whether a role may be given or taken back by the caller: as the matrix says; by an operator, any but the owner's. That
 * nobody grants `owner` is asked here again: the one owner must not hang on an object that the host hands over.
 */
export function mayGrant(matrix: PermissionMatrix, role: string | null, target: string): boolean {
  if (target === OWNER) return false;
  return role === null ? matrix.isGrantable(target) : matrix.mayGrant(role, target);
}

/** Whether a member of `role` may invite to `target`, and so vouch for an invitation to it. */
export function mayInvite(matrix: PermissionMatrix, role: string | null, target: string): boolean {
  return (role === null || matrix.can(role, 'invitation:create')) && mayGrant(matrix, role, target);
}

/**
 * Whether a member of `role` may demote or remove one of `target`: as for granting. A role that the matrix no longer
 * defines can be granted by nobody; the owner and operators may still act on those who hold it.
 */
export function mayActOn(matrix: PermissionMatrix, role: string | null, target: string): boolean {
  if (!matrix.hasRole(target)) return role === null || role === OWNER;
  return mayGrant(matrix, role, target);
}

/** Refuses what would go over a limit. `current` counts what is there, `requested` what would be added. */
export function exceeds(
  which: LimitName,
  current: number,
  requested: number,
  limits: Limits,
): Refused | null {
  const limit = limits[which];
  if (limit === 'unlimited' || within(current + requested, limit)) return null;
  return refuse('LIMIT_EXCEEDED', { which, limit, current, requested });
}

/** The caller's own membership, as part of a slice. */
export function selfOf(actor: Actor): readonly UserId[] {
  return isOperator(actor) ? [] : [actor.userId];
}
