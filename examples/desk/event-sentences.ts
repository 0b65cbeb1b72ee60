// What happened, as a sentence with the names of people.
import type { RevocationReason, WorkspaceEvent } from 'tenantry';

/** Of whom the sentence speaks, by id. */
export function peopleIn(event: WorkspaceEvent): readonly string[] {
  const ids = 'userId' in event.actor ? [event.actor.userId] : [];
  switch (event.type) {
    case 'member.joined':
    case 'member.left':
    case 'member.removed':
    case 'member.role-changed':
    case 'invitation.accepted':
    case 'invitation.declined':
      return [...ids, event.data.userId];
    case 'workspace.transferred':
      return [...ids, event.data.from, event.data.to];
    case 'invitation.created': {
      const { recipient } = event.data;
      return recipient !== null && 'userId' in recipient ? [...ids, recipient.userId] : ids;
    }
    default:
      return ids;
  }
}

export function eventSentence(event: WorkspaceEvent, nameOf: (userId: string) => string): string {
  const who = 'userId' in event.actor ? nameOf(event.actor.userId) : `The operator ${event.actor.operator}`;
  switch (event.type) {
    case 'workspace.created':
      return `${who} created the workspace “${event.data.name}”.`;
    case 'workspace.renamed':
      return `${who} renamed the workspace from “${event.data.from}” to “${event.data.to}”.`;
    case 'workspace.deleted':
      return `${who} deleted the workspace “${event.data.name}”.`;
    case 'workspace.transferred':
      return `${nameOf(event.data.to)} became the owner in place of ${nameOf(event.data.from)}, who is ${event.data.formerOwnerRole} now.`;
    case 'member.joined':
      return `${nameOf(event.data.userId)} joined as ${event.data.role}.`;
    case 'member.left':
      return `${nameOf(event.data.userId)}, ${event.data.role}, left.`;
    case 'member.removed':
      return `${who} removed ${nameOf(event.data.userId)}, who was ${event.data.role}.`;
    case 'member.role-changed':
      return `${who} made ${nameOf(event.data.userId)} ${event.data.to} instead of ${event.data.from}.`;
    case 'invitation.created': {
      const { recipient, role, maxUses } = event.data;
      const whom = recipient === null ? peopleText(maxUses) : recipientText(recipient);
      return `${who} invited ${whom} as ${role}.`;
    }
    case 'invitation.reissued':
      return `${who} made a new link for an invitation; the old one stopped working.`;
    case 'invitation.accepted':
      return `${nameOf(event.data.userId)} accepted an invitation.`;
    case 'invitation.declined':
      return `${nameOf(event.data.userId)} declined an invitation.`;
    case 'invitation.revoked':
      return `${revocations[event.data.reason](who)}.`;
    case 'invitation.expired':
      return 'The time of an invitation was over.';
    default:
      return event satisfies never;
  }

  function recipientText(recipient: { readonly userId: string } | { readonly email: string }): string {
    return 'email' in recipient ? recipient.email : nameOf(recipient.userId);
  }
}

const revocations: Readonly<Record<RevocationReason, (who: string) => string>> = {
  revoked: (who) => `${who} took an invitation back`,
  'issuer-removed': () => 'An invitation ended, because whoever made it was removed',
  'issuer-left': () => 'An invitation ended, because whoever made it left',
  'issuer-lost-right': () => 'An invitation ended, because whoever made it may not give its role any more',
};

function peopleText(maxUses: number | 'unlimited'): string {
  if (maxUses === 'unlimited') return 'everybody with the link';
  return maxUses === 1 ? 'one person' : `${maxUses} people`;
}
