// Events of workspaces: (version, index) has no gap, ends at the version of the record, and no invitation outlives its end.
import type { WorkspaceEvent } from '../events.js';
import type { InvitationId } from '../ids.js';
import type { WorkspaceRecord } from '../workspace.js';
import { groupBy, type Check, type World } from './world.js';

export function checkEvents(world: World, check: Check): void {
  const events = groupBy(
    world.events.filter((event) => 'workspaceId' in event),
    ({ workspaceId }) => workspaceId,
  );
  for (const id of world.tombstones) {
    const last = events.get(id)?.at(-1)?.type;
    const isDeleted = last === 'workspace.deleted' || last === 'workspace.purged';
    check('W-05', isDeleted, `${id}: a tombstone without its last event`);
  }
  for (const workspace of world.workspaces) {
    const { id, version } = workspace;
    const isComplete = events.get(id)?.at(-1)?.version === version;
    check('S-01', isComplete, `${id}: the events end before version ${String(version)}`);
    if (isComplete) checkDeletion(workspace, events.get(id) ?? [], check);
  }
  for (const [id, log] of events) {
    checkUsesOf(log, check);
    let [version, index] = [0, 0];
    for (const event of log) {
      const isNext =
        event.version === version
          ? event.index === index + 1
          : event.version === version + 1 && event.index === 0;
      ({ version, index } = event);
      check('T-09', isNext, `${id}: a gap before event (${String(version)}, ${String(index)})`);
    }
  }
}

/** The record is as deleted as its events say. */
function checkDeletion(
  { id, deletion }: WorkspaceRecord,
  log: readonly WorkspaceEvent<string>[],
  check: Check,
): void {
  let status: 'purging' | 'deleted' | null = null;
  for (const { type } of log) {
    if (type === 'workspace.deleted') status = 'deleted';
    else if (type === 'workspace.purge-started') status = 'purging';
    else if (type === 'workspace.restored') status = null;
  }
  const isPurging = status === 'purging';
  const isAsLogged = status === null ? deletion === null : deletion?.isPurging === isPurging;
  check('W-09', isAsLogged, `${id}: its deletion is not as its events say`);
}

/** No invitation was accepted after its end, or more often than its `maxUses`. */
function checkUsesOf(log: readonly WorkspaceEvent<string>[], check: Check): void {
  const left = new Map<InvitationId, number>();
  /** What was left when an invitation expired: a reissue opens it again. */
  const lapsed = new Map<InvitationId, number>();
  for (const event of log) {
    switch (event.type) {
      case 'invitation.created': {
        const { invitationId, maxUses } = event.data;
        left.set(invitationId, maxUses === 'unlimited' ? Infinity : maxUses);
        break;
      }
      case 'invitation.accepted': {
        const { invitationId } = event.data;
        const uses = left.get(invitationId) ?? 0;
        check('I-21', uses > 0, `${invitationId}: accepted after it had ended`);
        left.set(invitationId, uses - 1);
        break;
      }
      case 'invitation.revoked':
      case 'invitation.declined':
        left.set(event.data.invitationId, 0);
        break;
      case 'invitation.expired': {
        const { invitationId } = event.data;
        lapsed.set(invitationId, left.get(invitationId) ?? 0);
        left.set(invitationId, 0);
        break;
      }
      case 'invitation.reissued': {
        const { invitationId } = event.data;
        left.set(invitationId, lapsed.get(invitationId) ?? left.get(invitationId) ?? 0);
        lapsed.delete(invitationId);
        break;
      }
      default:
    }
  }
}
