// Runs a function of the app between a reservation and its commit.
import type { Actor } from '../core/actor.js';
import type { ServiceContext } from './context.js';
import { commitQuota, releaseQuota, reserve, type ReserveCommand } from './quotas.js';

/**
 * Reserves, creates, commits. An error of `create` releases the reservation. If that fails too, or the process dies, the
 * reservation expires.
 */
export async function withQuota<Created>(
  context: ServiceContext,
  actor: Actor,
  command: ReserveCommand,
  create: () => Created | Promise<Created>,
): Promise<Created> {
  const { isNew } = await reserve(context, actor, command);
  let created: Created;
  try {
    created = await create();
  } catch (error) {
    // Release only this call's reservation, and not if another call with the same id has committed it. The permission of
    // the call is for creating, not for deleting.
    const named = { workspaceId: command.workspaceId, reservationId: command.reservationId };
    if (isNew) await releaseQuota(context, actor, named, { onlyReserved: true }).catch(() => undefined);
    throw error;
  }
  await commitQuota(context, actor, command);
  return created;
}
