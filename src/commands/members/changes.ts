// The events of a member who is removed or gets another role, with the invitations that end by it.
import type { DecisionContext } from '../../core/decision.js';
import type { NewEvent } from '../../core/events.js';
import type { OpenInvitationRecord } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { Snapshot } from '../../core/read-set.js';
import { revocations } from '../invitations/revocations.js';

/** Also ends the invitations that the member issued, and the `links` that the caller closes. */
export function removal(
  snapshot: Snapshot,
  { workspaceId, userId, role }: MemberRecord,
  links: readonly OpenInvitationRecord[],
  context: DecisionContext,
): NewEvent[] {
  return [
    { type: 'member.removed', workspaceId, data: { userId, role } },
    ...revocations(snapshot, context, userId, { role: null, reason: 'issuer-removed', links }),
  ];
}

/** Also ends the invitations that the member may no longer issue, and the `links` that the caller closes. */
export function roleChange(
  snapshot: Snapshot,
  { workspaceId, userId, role: from }: MemberRecord,
  { role, links }: { readonly role: string; readonly links: readonly OpenInvitationRecord[] },
  context: DecisionContext,
): NewEvent[] {
  return [
    { type: 'member.role-changed', workspaceId, data: { userId, from, to: role } },
    ...revocations(snapshot, context, userId, { role, reason: 'issuer-lost-right', links }),
  ];
}
