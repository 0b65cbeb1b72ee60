// Makes the members of a directory equal to its desired state, in commits that are each bounded. A call that was
// interrupted goes on when it is made again.
import type * as z from 'zod/mini';
import { commands } from '../commands/index.js';
import { reconciliationPlan, type ReconcileEntry } from '../commands/members/reconcile-members.js';
import type { OperatorActor } from '../core/actor.js';
import type { UserId } from '../core/ids.js';
import type { MemberRecord } from '../core/member.js';
import type { DryRun, MemberOutcome } from '../core/reconciliation.js';
import type { PageKey, PageQuery } from '../ports/storage.js';
import { rowsOf } from './answers.js';
import type { ServiceContext } from './context.js';
import { assertOutside, enqueue } from './execute.js';
import { wrapOutage } from './outages.js';
import { reconciliationView, type Reconciliation } from './reconciliation-view.js';
import type { RoleOf } from './views.js';

/** How many users one commit is about. */
const STEP = 50;
/** How many members are read at a time. */
const PAGE = 200;

type Input = z.output<typeof commands.reconcileMembers.input>;

/** @throws WorkspaceError `WORKSPACE_NOT_FOUND`, `PERSONAL_WORKSPACE` */
export async function reconcileMembers<Role extends string>(
  context: ServiceContext,
  actor: OperatorActor,
  input: Input,
  roleOf: RoleOf<Role>,
): Promise<Reconciliation<Role>> {
  assertOutside(context, 'reconcileMembers');
  const { members: desired, ...command } = input;
  const plan = reconciliationPlan(await presentMembers(context, input), desired);
  const outcomes = new Map<UserId, MemberOutcome>();
  let before: DryRun = { seats: 0, ended: [] };
  let ownerId: UserId | undefined;
  // At least one step, which refuses for an unknown workspace.
  for (let from = 0; from === 0 || from < plan.length; from += STEP) {
    const entries: readonly ReconcileEntry[] = plan.slice(from, from + STEP);
    const step = { ...command, entries, before };
    await enqueue(context, commands.reconcileMembers, actor, step, {
      onCommitted({ reconciled }) {
        if (reconciled === undefined) return;
        for (const outcome of reconciled.outcomes) outcomes.set(outcome.userId, outcome);
        ({ ownerId } = reconciled);
        if (input.dryRun === true) before = reconciled.dryRun;
      },
    });
  }
  if (ownerId !== undefined && !outcomes.has(ownerId)) {
    outcomes.set(ownerId, { kind: 'kept', userId: ownerId, code: 'OWNER_REQUIRED' });
  }
  return reconciliationView([...outcomes.values()], roleOf);
}

/** The members of the directory. The decisions read each of them again. */
async function presentMembers(
  { storage }: ServiceContext,
  { workspaceId, managedBy }: Input,
): Promise<readonly MemberRecord[]> {
  const present: MemberRecord[] = [];
  for (let after: PageKey | null = null; ; ) {
    const page: PageQuery = { after, limit: PAGE };
    const found = await wrapOutage('storage', async () =>
      rowsOf(
        await storage.listMembers(workspaceId, { ...page, managedBy }),
        ({ member }) => member.workspaceId === workspaceId && member.managedBy === managedBy,
      ),
    );
    present.push(...found.map(({ member }) => member));
    const last = found.at(-1)?.member;
    if (found.length < PAGE || last === undefined) return present;
    after = [last.joinedAt, last.userId];
  }
}
