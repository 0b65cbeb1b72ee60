// Makes the members of one directory equal to its desired state, step by step: each step is a commit of its own, decided
// on the records of its users.
import * as z from 'zod/mini';
import { actorRef } from '../../core/actor.js';
import type { DecisionContext } from '../../core/decision.js';
import { emailSchema } from '../../core/emails.js';
import type { NewEvent } from '../../core/events.js';
import { evolve } from '../../core/evolve.js';
import { identifierSchema, opaqueIdSchema, workspaceIdSchema, type UserId } from '../../core/ids.js';
import { recipientsOf } from '../../core/invitation.js';
import type { Snapshot } from '../../core/read-set.js';
import type { DryRun, MemberOutcome } from '../../core/reconciliation.js';
import { RecordChanges } from '../../core/record-changes.js';
import { refuse } from '../../core/refusals.js';
import { required } from '../../core/values.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import { defineCommand, workspaceQueue } from '../define.js';
import { expired, ownersLimits, settlements } from '../invitations/seats.js';
import { joinerOf } from './joining.js';
import { directorySchema } from './managed.js';
import { reconciledEntry } from './reconciled-entry.js';

/** More is several calls for several workspaces, or a mistake. */
const MOST_MEMBERS = 1000;

/** The input for the roles that `role` accepts. */
export function reconcileMembersInput<Role extends string>(role: z.ZodMiniType<Role, Role>) {
  const email = z.optional(
    emailSchema.check(z.meta({ description: 'The verified e-mail address of the user' })),
  );
  const member = z.strictObject({ userId: opaqueIdSchema, role, email });
  const members: z.ZodMiniType<readonly z.output<typeof member>[], readonly z.output<typeof member>[]> = z
    .array(member)
    .check(
      z.maxLength(MOST_MEMBERS, { abort: true }),
      withoutDuplicates,
      z.meta({
        description: 'All members that the directory wants, none twice',
        examples: [[{ userId: 'dev', role: 'developer' }]],
      }),
    );
  return z.strictObject({
    workspaceId: workspaceIdSchema,
    managedBy: directorySchema,
    members,
    dryRun: z.optional(
      z.boolean().check(z.meta({ description: 'Answer what the call would do, and do nothing' })),
    ),
  });
}

const withoutDuplicates = z.check<readonly { readonly userId: UserId }[]>(({ value, issues }) => {
  const seen = new Set<UserId>();
  for (const [index, { userId }] of value.entries()) {
    if (seen.has(userId)) {
      issues.push({
        code: 'custom',
        input: userId,
        path: [index, 'userId'],
        message: 'must not be in the list twice',
      });
    }
    seen.add(userId);
  }
});

const input = reconcileMembersInput(identifierSchema);

/** The desired role of one user; `null`: not a member. */
export interface ReconcileEntry {
  readonly userId: UserId;
  readonly role: string | null;
  readonly email?: string | undefined;
}

/** With the step that the service takes. */
export type ReconcileMembers = Omit<z.output<typeof input>, 'members'> & {
  readonly entries: readonly ReconcileEntry[];
  /** Of a dry run: what its earlier steps would have changed. */
  readonly before: DryRun;
};

export const reconcileMembers = defineCommand({
  name: 'reconcileMembers',
  input,
  caller: 'operator',
  errors: ['WORKSPACE_NOT_FOUND', 'PERSONAL_WORKSPACE'],
  read: ({ workspaceId, entries }: ReconcileMembers, { now }) => {
    const userIds = entries.map(({ userId }) => userId);
    const wanted = entries.filter(({ role }) => role !== null);
    return {
      workspaceId,
      members: userIds,
      accounts: wanted.map(({ userId }) => userId),
      issuedBy: userIds,
      recipients: wanted.flatMap((entry) => recipientsOf(joinerOf(entry))),
      departuresOf: entries.filter(({ role }) => role === null).map(({ userId }) => userId),
      ...(wanted.length > 0 && { expiredAt: now }),
    };
  },
  queueKey: workspaceQueue,
  // Removing needs no limits, so it does not depend on their source.
  limitedBy: (snapshot, { entries }) =>
    entries.some(({ role }) => role !== null) ? ownersLimits(snapshot) : null,
  decide(snapshot, { workspaceId, managedBy, entries, dryRun, before }, context) {
    const { workspace } = snapshot;
    if (workspace === null) return refuse('WORKSPACE_NOT_FOUND', { workspaceId });
    if (workspace.kind !== 'team') {
      return refuse('PERSONAL_WORKSPACE', { workspaceId, operation: 'reconcile-members' });
    }
    let current = afterDryRun(snapshot, workspace, before);
    const outcomes: MemberOutcome[] = [];
    const events: NewEvent[] = [];
    const emailKeys = new Map<UserId, string>();
    for (const entry of entries) {
      const decided = reconciledEntry(current, required(current.workspace), { ...entry, managedBy }, context);
      if (decided.outcome !== null) outcomes.push(decided.outcome);
      for (const [userId, key] of decided.emailKeys) emailKeys.set(userId, key);
      events.push(...decided.events);
      // The next entry is decided on the records after this one.
      current = applied(current, decided, context);
    }
    const open = new Set(current.openInvitations.map(({ id }) => id));
    const ended = snapshot.openInvitations.flatMap(({ id }) => (open.has(id) ? [] : id));
    const reconciled = {
      ownerId: workspace.ownerId,
      outcomes,
      dryRun: {
        seats: seatsInUse(current.workspace) - seatsInUse(workspace),
        ended: [...new Set([...before.ended, ...ended])],
      },
    };
    if (dryRun === true) return { ok: true, events: [], reconciled };
    const isAdding = outcomes.some(({ kind }) => kind === 'added');
    const settled = isAdding ? settlements(expired(current, context.now)) : [];
    return { ok: true, events: [...settled, ...events], emailKeys, reconciled };
  },
});

/**
 * The entries of a call, in the order in which they are decided: removals free the seats that additions take. `present`:
 * the members of the directory.
 */
export function reconciliationPlan(
  present: readonly { readonly userId: UserId; readonly role: string }[],
  desired: readonly (ReconcileEntry & { readonly role: string })[],
): readonly ReconcileEntry[] {
  const roles = new Map(present.map(({ userId, role }) => [userId, role]));
  const wanted = new Set(desired.map(({ userId }) => userId));
  return [
    ...present.filter(({ userId }) => !wanted.has(userId)).map(({ userId }) => ({ userId, role: null })),
    ...desired.filter(({ userId }) => roles.has(userId)),
    ...desired.filter(({ userId }) => !roles.has(userId)),
  ];
}

function afterDryRun(snapshot: Snapshot, workspace: WorkspaceRecord, { seats, ended }: DryRun): Snapshot {
  return {
    ...snapshot,
    workspace: { ...workspace, memberCount: workspace.memberCount + seats },
    openInvitations: snapshot.openInvitations.filter(({ id }) => !ended.includes(id)),
  };
}

function applied(
  snapshot: Snapshot,
  {
    events,
    emailKeys,
  }: { readonly events: readonly NewEvent[]; readonly emailKeys: ReadonlyMap<UserId, string> },
  { actor, now }: DecisionContext,
): Snapshot {
  if (events.length === 0) return snapshot;
  const records = new RecordChanges(snapshot);
  for (const event of events)
    evolve(records, event, { actor: actorRef(actor), now, eventIds: [], emailKeys });
  return records.after();
}

function seatsInUse(workspace: WorkspaceRecord | null): number {
  return workspace === null ? 0 : workspace.memberCount + workspace.reservedSeats;
}
