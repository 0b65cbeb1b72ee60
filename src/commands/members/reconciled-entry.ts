// The decision about one user of a reconciliation: by the rules of `addMember`, `changeRole` and `removeMember`.
import { mayActOn, mayGrant, refusedSuspended } from '../../core/authorization.js';
import type { DecisionContext } from '../../core/decision.js';
import type { NewEvent } from '../../core/events.js';
import type { UserId } from '../../core/ids.js';
import { emailKeysOf } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { CorePermission } from '../../core/permissions.js';
import type { Snapshot } from '../../core/read-set.js';
import type { MemberOutcome } from '../../core/reconciliation.js';
import { refuse, type Refused } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import { removal, roleChange } from './changes.js';
import { joinerOf, joining } from './joining.js';

/** The desired role of one user in the directory; `null`: not a member. */
interface Entry {
  readonly userId: UserId;
  readonly role: string | null;
  readonly email?: string | undefined;
  readonly managedBy: string;
}

interface Decided {
  /** `null`: there is nothing to say about a user who is not, and should not be, a member of the directory. */
  readonly outcome: MemberOutcome | null;
  readonly events: readonly NewEvent[];
  readonly emailKeys: ReadonlyMap<UserId, string>;
}

const NONE = { events: [], emailKeys: new Map<UserId, string>() } as const;

export function reconciledEntry(
  snapshot: Snapshot,
  workspace: WorkspaceRecord,
  entry: Entry,
  context: DecisionContext,
): Decided {
  const { userId, role } = entry;
  const member = snapshot.members.get(userId);
  if (userId === workspace.ownerId)
    return { ...NONE, outcome: { kind: 'kept', userId, code: 'OWNER_REQUIRED' } };
  if (role === null) {
    return member?.managedBy === entry.managedBy
      ? removed(snapshot, workspace, member, context)
      : { ...NONE, outcome: null };
  }
  if (member === undefined) return added(snapshot, workspace, { ...entry, role }, context);
  if (member.managedBy !== entry.managedBy) return refused(userId, foreign(member));
  if (member.role === role) return { ...NONE, outcome: { kind: 'kept', userId, code: null } };
  return changed(snapshot, workspace, { member, role }, context);
}

function removed(
  snapshot: Snapshot,
  workspace: WorkspaceRecord,
  member: MemberRecord,
  context: DecisionContext,
): Decided {
  const { userId, role } = member;
  const denial =
    refusedSuspended(workspace, context.matrix, 'member:remove') ??
    notActedOn(context, 'member:remove', role);
  if (denial) return refused(userId, denial);
  return {
    ...NONE,
    outcome: { kind: 'removed', userId, role },
    events: removal(snapshot, member, [], context),
  };
}

function changed(
  snapshot: Snapshot,
  workspace: WorkspaceRecord,
  { member, role }: { readonly member: MemberRecord; readonly role: string },
  context: DecisionContext,
): Decided {
  const { userId, role: from } = member;
  const permission = 'member:change-role';
  const denial =
    refusedSuspended(workspace, context.matrix, permission) ??
    notGranted(context, permission, role) ??
    notActedOn(context, permission, from);
  if (denial) return refused(userId, denial);
  return {
    ...NONE,
    outcome: { kind: 'changed', userId, from, to: role },
    events: roleChange(snapshot, member, { role, links: [] }, context),
  };
}

function added(
  snapshot: Snapshot,
  workspace: WorkspaceRecord,
  entry: Entry & { readonly role: string },
  context: DecisionContext,
): Decided {
  const { userId, role, managedBy } = entry;
  const permission = 'invitation:create';
  const denial =
    refusedSuspended(workspace, context.matrix, permission) ?? notGranted(context, permission, role);
  if (denial) return refused(userId, denial);
  const joiner = joinerOf(entry);
  const joined = joining(snapshot, workspace, { joiner, role, managedBy }, context);
  if (!joined.ok) return refused(userId, joined);
  return {
    outcome: { kind: 'added', userId, role },
    events: joined.events,
    emailKeys: emailKeysOf(joiner),
  };
}

function refused(userId: UserId, { refusal }: Refused): Decided {
  return { ...NONE, outcome: { kind: 'refused', userId, refusal } };
}

/** A member of another directory, or of none. */
function foreign({ workspaceId, userId, managedBy }: MemberRecord): Refused {
  return managedBy === null
    ? refuse('ALREADY_MEMBER', { workspaceId, userId })
    : refuse('MEMBER_MANAGED', { workspaceId, userId, managedBy });
}

function notGranted({ matrix }: DecisionContext, permission: CorePermission, grant: string): Refused | null {
  return mayGrant(matrix, null, grant)
    ? null
    : refuse('PERMISSION_DENIED', { permission, role: null, grant });
}

function notActedOn({ matrix }: DecisionContext, permission: CorePermission, grant: string): Refused | null {
  return mayActOn(matrix, null, grant)
    ? null
    : refuse('PERMISSION_DENIED', { permission, role: null, grant });
}
