// Creating, deleting and purging workspaces: what the methods do besides their commands.
import { commands } from '../commands/index.js';
import type { PurgeStep } from '../commands/workspaces/purge-workspaces.js';
import { isOperator } from '../core/actor.js';
import type { WorkspaceId } from '../core/ids.js';
import type { Snapshot } from '../core/read-set.js';
import { required } from '../core/values.js';
import { rowsOf } from './answers.js';
import type { ServiceContext } from './context.js';
import { admit, assertOutside, enqueue } from './execute.js';
import { wrapOutage } from './outages.js';
import { forgetQuota } from './quotas.js';
import { workspaceView, type PurgedWorkspaces, type Workspace } from './views.js';

export async function createWorkspace(
  context: ServiceContext,
  actor: unknown,
  input: unknown,
): Promise<Workspace> {
  const { caller, parsed } = await admit(context, commands.createWorkspace, actor, input);
  const command = { name: parsed.name, workspaceId: parsed.workspaceId ?? context.ids.workspaceId() };
  const { workspace } = await enqueue(context, commands.createWorkspace, caller, command);
  return workspaceView(required(workspace));
}

export async function deleteWorkspace(
  context: ServiceContext,
  actor: unknown,
  input: unknown,
): Promise<void> {
  const { caller, parsed } = await admit(context, commands.deleteWorkspace, actor, input);
  const { workspaceId } = parsed;
  // An earlier call may have deleted the workspace but not its quota: an operator's call completes it. To everyone else
  // the id must answer like one that never existed, and as fast.
  const { workspace } = await enqueue(context, commands.deleteWorkspace, caller, parsed, {
    onRefusal: async ({ tombstone }) => {
      if (tombstone && isOperator(caller)) await forgetQuota(context, workspaceId);
    },
  });
  // In its grace period the workspace keeps its quota.
  if (workspace === null) await forgetQuota(context, workspaceId);
}

export async function purgeWorkspaces(
  context: ServiceContext,
  actor: unknown,
  input: unknown,
): Promise<PurgedWorkspaces> {
  const { caller, parsed } = await admit(context, commands.purgeWorkspaces, actor, input);
  assertOutside(context, 'purgeWorkspaces');
  const { workspaceId, limit } = parsed;
  const due = workspaceId === undefined ? await purgeableIn(context, limit + 1) : [workspaceId];
  const purged: WorkspaceId[] = [];
  for (const id of due.slice(0, limit)) {
    const isDue = workspaceId === undefined;
    const isPurged = await purge(context, id, (step) =>
      enqueue(context, commands.purgeWorkspaces, caller, { workspaceId: id, step, isDue }),
    );
    if (isPurged) purged.push(id);
  }
  return Object.freeze({ purged: Object.freeze(purged), hasMore: due.length > limit });
}

/** Deletes a deleted workspace with its quota. `false`: it was restored, or another call has purged it. */
export async function purge(
  context: ServiceContext,
  workspaceId: WorkspaceId,
  take: (step: PurgeStep) => Promise<Snapshot>,
): Promise<boolean> {
  const { workspace } = await take('start');
  if (workspace?.deletion?.isPurging !== true) return false;
  // Before the records, which a later call finds if this one breaks off.
  await forgetQuota(context, workspaceId);
  await take('finish');
  return true;
}

async function purgeableIn(
  { storage, clock }: ServiceContext,
  limit: number,
): Promise<readonly WorkspaceId[]> {
  const now = clock.now();
  const found = await wrapOutage('storage', async () =>
    rowsOf(
      await storage.listPurgeable(now, { after: null, limit }),
      ({ deletion }) => deletion !== null && deletion.purgeAt <= now,
    ),
  );
  return found.map(({ id }) => id);
}
