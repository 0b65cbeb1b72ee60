// Events as sentences, with the names of people.
import { ERASED, type RevocationReason, type WorkspaceEvent } from 'tenantry';
import { plainText } from './plain-words.js';

/** The ids of the people whom the sentence names. */
export function peopleIn(event: WorkspaceEvent): readonly string[] {
  const ids = 'userId' in event.actor ? [event.actor.userId] : [];
  switch (event.type) {
    case 'workspace.transferred':
      return [...ids, event.data.from, event.data.to];
    case 'invitation.created': {
      const { recipient } = event.data;
      return recipient !== null && 'userId' in recipient ? [...ids, recipient.userId] : ids;
    }
    default:
      return 'userId' in event.data ? [...ids, event.data.userId] : ids;
  }
}

/** An event type without a sentence of its own is shown in plain words, with its data. */
export function eventSentence(event: WorkspaceEvent, nameOf: (userId: string) => string): string {
  const who = 'userId' in event.actor ? nameOf(event.actor.userId) : `The operator ${event.actor.operator}`;
  switch (event.type) {
    case 'workspace.created':
      return `${who} created the workspace “${event.data.name}”.`;
    case 'workspace.renamed':
      return `${who} renamed the workspace from “${event.data.from}” to “${event.data.to}”.`;
    case 'workspace.deleted':
      return `${who} deleted the workspace “${event.data.name}”.`;
    case 'workspace.restored':
      return `${who} restored the workspace “${event.data.name}”.`;
    case 'workspace.purge-started':
      return `${who} began to delete the workspace for good.`;
    case 'workspace.purged':
      return `${who} deleted the workspace “${event.data.name}” for good.`;
    case 'workspace.suspended':
      return `${who} suspended the workspace: ${event.data.reason}.`;
    case 'workspace.resumed':
      return `${who} resumed the workspace.`;
    case 'workspace.transferred':
      return `${who} transferred the ownership from ${nameOf(event.data.from)}, now ${event.data.formerOwnerRole}, to ${nameOf(event.data.to)}.`;
    case 'ownership.offered':
      return `${who} offered the ownership to ${nameOf(event.data.userId)}.`;
    case 'ownership.declined':
      return `${nameOf(event.data.userId)} declined the ownership.`;
    case 'ownership.withdrawn':
      return `${who} withdrew the offer of the ownership to ${nameOf(event.data.userId)}.`;
    case 'member.joined':
      return `${nameOf(event.data.userId)} joined as ${event.data.role}.`;
    case 'member.left':
      return `${nameOf(event.data.userId)} (${event.data.role}) left.`;
    case 'member.removed':
      return `${who} removed ${nameOf(event.data.userId)} (${event.data.role}).`;
    case 'member.role-changed':
      return `${who} changed the role of ${nameOf(event.data.userId)} from ${event.data.from} to ${event.data.to}.`;
    case 'invitation.created': {
      const { recipient, role, maxUses } = event.data;
      const whom = recipient === null ? peopleText(maxUses) : recipientText(recipient);
      return `${who} invited ${whom} as ${role}.`;
    }
    case 'invitation.reissued':
      return `${who} created a new link for an invitation. The old link no longer works.`;
    case 'invitation.accepted':
      return `${nameOf(event.data.userId)} accepted an invitation.`;
    case 'invitation.declined':
      return `${nameOf(event.data.userId)} declined an invitation.`;
    case 'invitation.revoked':
      return revocationText(event.data.reason, who);
    case 'invitation.expired':
      return 'An invitation expired.';
    case 'invitation.erased':
      return 'The e-mail address of an invitation was erased.';
    default:
      return plainSentence(event);
  }

  // Declared by shape: TypeScript knows no other event type, but a newer library may store one.
  function plainSentence({ type, data }: { readonly type: string; readonly data: object }): string {
    return `${who}: ${plainText(type, data)}.`;
  }

  function recipientText(recipient: { readonly userId: string } | { readonly email: string }): string {
    if (!('email' in recipient)) return nameOf(recipient.userId);
    return recipient.email === ERASED ? 'someone whose address was erased' : recipient.email;
  }
}

function revocationText(reason: RevocationReason, who: string): string {
  switch (reason) {
    case 'revoked':
      return `${who} revoked an invitation.`;
    case 'issuer-removed':
      return 'An invitation was revoked because the person who created it was removed.';
    case 'issuer-left':
      return 'An invitation was revoked because the person who created it left.';
    case 'issuer-lost-right':
      return 'An invitation was revoked because the person who created it can no longer assign its role.';
    case 'recipient-closed':
      return 'An invitation was revoked because its recipient closed the account.';
    case 'recipient-joined':
      return 'An invitation was revoked because its recipient joined by another one.';
    default:
      return 'An invitation was revoked.';
  }
}

function peopleText(maxUses: number | 'unlimited'): string {
  if (maxUses === 'unlimited') return 'anyone with the link';
  return maxUses === 1 ? 'one person' : `${maxUses} people`;
}
