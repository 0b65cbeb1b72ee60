// Deletes the records of workspaces whose grace period is over: two steps for each, and its quota in between.
import * as z from 'zod/mini';
import { nothingToDo, type Decision } from '../../core/decision.js';
import { workspaceIdSchema, type WorkspaceId } from '../../core/ids.js';
import { refuse } from '../../core/refusals.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import { defineCommand, deletedQueue } from '../define.js';

const input = z.strictObject({
  workspaceId: z.optional(workspaceIdSchema),
  limit: z._default(z.int().check(z.gte(1), z.lte(1000)), 100),
});

/** A step of purging. After `start` the workspace cannot be restored, so its quota can be deleted; `finish` deletes the rest. */
export type PurgeStep = 'start' | 'finish';

/** One step for one workspace. `isDue`: only if its grace period is over. */
export interface PurgeWorkspaces {
  readonly workspaceId: WorkspaceId;
  readonly step: PurgeStep;
  readonly isDue: boolean;
}

export const purgeWorkspaces = defineCommand({
  name: 'purgeWorkspaces',
  input,
  caller: 'operator',
  errors: ['WORKSPACE_NOT_FOUND'],
  seesDeletedWorkspaces: true,
  read: ({ workspaceId }: PurgeWorkspaces) => ({ workspaceId }),
  queueKey: deletedQueue,
  decide({ workspace }, { workspaceId, step, isDue }, { now }) {
    if (workspace === null || workspace.deletion === null) {
      // Restored or purged meanwhile, unless the call names it: then it was not deleted.
      return isDue || step === 'finish' ? nothingToDo : refuse('WORKSPACE_NOT_FOUND', { workspaceId });
    }
    if (isDue && now < workspace.deletion.purgeAt) return nothingToDo;
    return purgeStep(workspace, step);
  },
});

export function purgeStep(
  { id: workspaceId, name, ownerId, deletion }: WorkspaceRecord,
  step: PurgeStep,
): Decision {
  if (deletion === null || deletion.isPurging !== (step === 'finish')) return nothingToDo;
  return {
    ok: true,
    events: [
      step === 'start'
        ? { type: 'workspace.purge-started', workspaceId, data: {} }
        : { type: 'workspace.purged', workspaceId, data: { name, ownerId } },
    ],
  };
}
