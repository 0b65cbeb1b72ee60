// Steps, events and records as lines of text.
import type { Invitation, ListedMember, Membership, WorkspaceEvent } from 'tenantry';
import { dataText } from './desk/src/plain-words.js';
import type { Step } from './story.js';

/** Describes a step. The name of the person comes before it. */
export function wordsOf(step: Step): string {
  switch (step.do) {
    case 'open':
      return 'signs in';
    case 'renameAccount':
      return `takes the username '${step.to}'`;
    case 'create':
      return `creates '${step.name ?? step.workspace}'`;
    case 'rename':
      return `renames '${step.workspace}' to '${step.to}'`;
    case 'delete':
      return `deletes '${step.workspace}'${step.confirm === undefined ? '' : `, typing '${step.confirm}'`}`;
    case 'transfer':
      return `transfers '${step.workspace}' to ${step.person}`;
    case 'invite': {
      const recipient = step.person ?? step.email;
      const whom = recipient === undefined ? `a ${step.role}` : `${recipient} as ${step.role}`;
      return `invites ${whom} to '${step.workspace}'`;
    }
    case 'reissue':
      return `creates a new link for '${step.link}'`;
    case 'revoke':
      return `revokes '${step.link}'`;
    case 'tamper':
      return `changes one character of '${step.link}'`;
    case 'preview':
      return `previews '${step.link}'`;
    case 'accept':
      return `accepts '${step.link}'`;
    case 'decline':
      return `declines '${step.link}'`;
    case 'race':
      return `${step.people.join(', ')} accept '${step.link}'`;
    case 'switch':
      return `switches to '${step.workspace}'`;
    case 'verify':
      return 'verifies the last session token';
    case 'where':
      return 'asks for the active workspace';
    case 'can':
      return `asks for ${step.permission} in '${step.workspace}'`;
    case 'changeRole':
      return `makes ${step.person} a ${step.role} of '${step.workspace}'`;
    case 'remove':
      return `removes ${step.person} from '${step.workspace}'`;
    case 'leave':
      return `leaves '${step.workspace}'`;
    case 'workspaces':
      return 'lists their workspaces';
    case 'members':
      return `lists the members of '${step.workspace}'`;
    case 'invitations':
      return `lists the invitations of '${step.workspace}'`;
    case 'audit':
      return `reads the audit log of '${step.workspace}'`;
    case 'quota':
      return `reads the quota of '${step.workspace}'`;
    case 'setQuota':
      return `sets the quota of '${step.workspace}'`;
    case 'reserve':
      return `reserves for '${step.reservation}' in '${step.workspace}'`;
    case 'commit':
      return `commits '${step.reservation}'`;
    case 'release':
      return `releases '${step.reservation}'`;
    case 'wait':
      return `${step.days} ${step.days === 1 ? 'day passes' : 'days pass'}`;
    default:
      return step satisfies never;
  }
}

/** One line of the audit log: version and index in the commit, time, actor, event. */
export function eventLine(event: WorkspaceEvent): string {
  const who = 'userId' in event.actor ? event.actor.userId : `operator ${event.actor.operator}`;
  const order = `${event.version}.${event.index}`;
  return `${order.padEnd(5)} ${minute(event.at)}  ${who.padEnd(8)} ${event.type.padEnd(22)} ${dataOf(event)}`;
}

export function membershipLine({ workspace, member }: Membership): string {
  return `${member.role.padEnd(10)} '${workspace.name}'`;
}

export function memberLine({ role, displayName, username }: ListedMember): string {
  return `${role.padEnd(10)} ${displayName ?? username}`;
}

export function invitationLine({ id, role, status, uses, maxUses }: Invitation): string {
  return `${id}  ${role.padEnd(10)} ${status.padEnd(9)} used ${uses} of ${maxUses}`;
}

export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A time to the minute, in UTC. */
export function minute(instant: Date): string {
  return instant.toISOString().slice(0, 16).replace('T', ' ');
}

function dataOf(event: WorkspaceEvent): string {
  switch (event.type) {
    case 'workspace.created':
    case 'workspace.deleted':
    case 'workspace.restored':
    case 'workspace.purged':
      return `'${event.data.name}'`;
    case 'workspace.renamed':
      return `'${event.data.from}' to '${event.data.to}'`;
    case 'workspace.transferred':
      return `from ${event.data.from} to ${event.data.to}`;
    case 'member.joined':
    case 'member.left':
    case 'member.removed':
      return `${event.data.userId}, ${event.data.role}`;
    case 'member.role-changed':
      return `${event.data.userId}, ${event.data.from} to ${event.data.to}`;
    case 'invitation.created':
      return `${event.data.role}, for ${event.data.maxUses}, until ${minute(event.data.expiresAt)}`;
    case 'invitation.reissued':
      return `until ${minute(event.data.expiresAt)}`;
    case 'invitation.accepted':
    case 'invitation.declined':
      return event.data.userId;
    case 'invitation.revoked':
      return event.data.reason;
    case 'invitation.expired':
      return `at ${minute(event.data.expiredAt)}`;
    default:
      return plainData(event);
  }
}

/** Declared by shape: TypeScript knows no other event type, but a newer library may store one. */
function plainData({ data }: { readonly data: object }): string {
  return dataText(data);
}
