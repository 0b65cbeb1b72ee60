// Creating and deleting a workspace: what the methods do besides their commands.
import { commands } from '../commands/index.js';
import { isOperator } from '../core/actor.js';
import { required } from '../core/values.js';
import type { ServiceContext } from './context.js';
import { admit, enqueue } from './execute.js';
import { forgetQuota } from './quotas.js';
import { workspaceView, type Workspace } from './views.js';

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
  await enqueue(context, commands.deleteWorkspace, caller, parsed, {
    onRefusal: async ({ tombstone }) => {
      if (tombstone && isOperator(caller)) await forgetQuota(context, workspaceId);
    },
  });
  await forgetQuota(context, workspaceId);
}
