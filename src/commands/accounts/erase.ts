// Erases what an event, and the record of the invitation that it created, hold of a person who closes the account.
import { nothingToDo, type Decision, type DecisionContext } from '../../core/decision.js';
import { erasedEvent, isErased } from '../../core/erase.js';
import type { NewEvent, StoredEvent } from '../../core/events.js';
import type { Snapshot } from '../../core/read-set.js';
import { ended } from '../invitations/revocations.js';

/** The audit log of a workspace that still exists records it, so that a command which read the address before is decided again. */
export function erase({ invitation }: Snapshot, event: StoredEvent, { now }: DecisionContext): Decision {
  const erased = erasedEvent(event);
  if (erased === null) return nothingToDo;
  // The workspace was deleted, or another call was faster.
  if (invitation === null || isErased(invitation.recipient)) return { ok: true, events: [], erased };
  const { id: invitationId, workspaceId } = invitation;
  const events: NewEvent[] = [{ type: 'invitation.erased', workspaceId, data: { invitationId } }];
  // Created, or opened again, after the open ones had been ended.
  if (invitation.state === 'open') events.unshift(ended(invitation, now, 'recipient-closed'));
  return { ok: true, events, erased };
}
