// Runs a function of the app between a reservation and its commit.
import { commitQuota as commitQuotaMethod } from '../commands/quotas/settle-reservation.js';
import type { Actor } from '../core/actor.js';
import type { ServiceContext } from './context.js';
import type { PendingCharge } from './contract/quotas.js';
import { parse } from './parse.js';
import { commitQuota, releaseQuota, reserve, type ReserveCommand } from './quotas.js';

/**
 * Reserves, creates, commits with what `create` settled. An error of `create` releases the reservation. If that fails too, or
 * the process dies, the reservation expires.
 */
export async function withQuota<Created>(
  context: ServiceContext,
  actor: Actor,
  command: ReserveCommand,
  create: (charge: PendingCharge) => Created | Promise<Created>,
): Promise<Created> {
  const { isNew } = await reserve(context, actor, command);
  const { workspaceId, reservationId, permission } = command;
  let created: Created;
  let taken: Readonly<Record<string, string>> | undefined;
  let isPending = true;
  const settle = (amounts: Readonly<Record<string, string>>): void => {
    if (!isPending) throw new TypeError('withQuota: settle the charge before `create` ends');
    taken = parse(commitQuotaMethod.input, { workspaceId, reservationId, amounts }).amounts;
  };
  try {
    created = await create(Object.freeze({ settle }));
  } catch (error) {
    // Release only this call's reservation, and not if another call with the same id has committed it. The permission of
    // the call is for creating, not for deleting.
    const named = { workspaceId, reservationId };
    if (isNew) await releaseQuota(context, actor, named, { onlyReserved: true }).catch(() => undefined);
    throw error;
  } finally {
    isPending = false;
  }
  await commitQuota(context, actor, { workspaceId, reservationId, permission, amounts: taken });
  return created;
}
