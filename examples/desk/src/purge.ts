// Deletes for good what can no longer be restored: at the start, and once a day.
import type { Core } from './desk.js';
import { operator } from './closing.js';
import { stored } from './stored.js';

const DAY_MS = 24 * 60 * 60_000;
const PAGE = 200;

/** Deletes workspaces whose grace period is over, then the desk's rows of all workspaces that no longer exist. */
export function createPurge({ db, workspaces, clock }: Core): () => Promise<void> {
  return async () => {
    for (let hasMore = true; hasMore; ) ({ hasMore } = await workspaces.purgeWorkspaces(operator));
    // Not by the ids that `purgeWorkspaces` returns: if the process dies after that call, the next one does not return
    // them again, and their rows would stay. What is stored has them at every later run, also those of the personal
    // workspaces and deleted teams of people who closed their accounts. The rows cannot go first, because a workspace can
    // be restored until the purge. An id is never issued again, so the rows of a workspace that is gone have no other owner.
    for (let ids = await idsAfter(''); ids.length > 0; ids = await idsAfter(ids.at(-1) ?? '')) {
      for (const id of ids) if (!(await exists(id))) await removeRows(id);
    }
    await stored(db.deleteFrom('desk_session').where('expires_at', '<=', clock.now()).execute());
  };

  /** The next workspaces that have rows. */
  async function idsAfter(id: string): Promise<readonly string[]> {
    const query = db
      .selectFrom('desk_resource')
      .select('workspace_id')
      .distinct()
      .where('workspace_id', '>', id)
      .orderBy('workspace_id')
      .limit(PAGE);
    return (await stored(query.execute())).map((row) => row.workspace_id);
  }

  /** Whether there is such a workspace, also one that is deleted and not purged yet. */
  async function exists(workspaceId: string): Promise<boolean> {
    return (await workspaces.findWorkspaces(operator, { workspaceId })).items.length > 0;
  }

  async function removeRows(workspaceId: string): Promise<void> {
    await stored(db.deleteFrom('desk_resource').where('workspace_id', '=', workspaceId).execute());
  }
}

export interface Daily {
  /** Waits for a run that has started, and starts no other. */
  stop(): Promise<void>;
}

/** Runs `work` now and once a day. It keeps no process alive. A failed run is reported; the next one does what it left. */
export function daily(work: () => Promise<void>, onError: (error: unknown) => void): Daily {
  const run = (): Promise<void> => work().catch(onError);
  let running = run();
  const timer = setInterval(() => {
    running = running.then(run);
  }, DAY_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return running;
    },
  };
}
