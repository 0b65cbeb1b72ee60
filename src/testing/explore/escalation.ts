// What one action of a user may give to others, by the matrix alone and not by the decision that allowed it.
import { isOperator, isUser, type Actor } from '../../core/actor.js';
import type { UserId } from '../../core/ids.js';
import { statusAt, type InvitationRecord } from '../../core/invitation.js';
import { OWNER, type PermissionMatrix } from '../../core/permissions.js';
import type { Contents } from './records.js';
import { NOW } from './state.js';

/**
 * Why an action escalates, or `null`. An action of a user may
 * 1. give a role, or offer one by an invitation, only if the user's own role grants it. Exceptions: the owner transfers or
 *    offers the ownership, and a user accepts an invitation or an offer that was open to them, which gives what it offered.
 * 2. not extend the reach of the actor and the user who gains: each permission that they hold or are offered afterwards
 *    is one of a role that one of them held or was offered before.
 *
 * Both are about one step. Every reachable state is visited and offers count as reach, so by induction they hold for
 * any number of steps by any group of users: the group's reach never grows by its own actions.
 */
export function escalation(
  before: Contents | null | undefined,
  after: Contents | null | undefined,
  actor: Actor,
  matrix: PermissionMatrix,
): string | null {
  // Operators act for the app, and the creator of a workspace owns it.
  if (isOperator(actor) || !before || !after) return null;
  const own = before.members.get(actor.userId)?.role;
  const grants = (role: string): boolean => own !== undefined && matrix.mayGrant(own, role);

  for (const { userId, role } of after.members.values()) {
    const previous = before.members.get(userId)?.role;
    if (role === previous || isByOffer(before, after, actor.userId, { userId, role })) continue;
    const who = `${actor.userId}, ${own ?? 'not a member'},`;
    const accepts = userId === actor.userId && previous === undefined;
    const allowed = accepts
      ? offersTo(before, userId, matrix).includes(role)
      : role === OWNER
        ? before.workspace.ownerId === actor.userId
        : grants(role);
    if (!allowed) return `${who} gives ${userId} the role ${role}`;
    const gained = beyond(matrix, role, reachOf(before, [actor.userId, userId], matrix));
    if (gained !== undefined) return `${who} gives ${userId} the permission ${gained}`;
  }
  const { offer } = after.workspace;
  if (offer !== null && before.workspace.offer === null && before.workspace.ownerId !== actor.userId) {
    return `${actor.userId}, ${own ?? 'not a member'}, offers the ownership to ${offer.userId}`;
  }
  for (const invitation of after.invitations.values()) {
    if (!isOpen(invitation) || sameOffer(before.invitations.get(invitation.id), invitation)) continue;
    const { role, recipient } = invitation;
    const who = `${actor.userId}, ${own ?? 'not a member'},`;
    if (own === undefined || !matrix.can(own, 'invitation:create') || !grants(role)) {
      return `${who} invites to the role ${role}`;
    }
    const invited = recipient && isUser(recipient) ? [recipient.userId] : [];
    const gained = beyond(matrix, role, reachOf(before, [actor.userId, ...invited], matrix));
    if (gained !== undefined) return `${who} offers the permission ${gained}`;
  }
  return null;
}

/** Whether a role is of a transfer that the owner offered to the actor. */
function isByOffer(
  { workspace: { ownerId, offer } }: Contents,
  { workspace }: Contents,
  actor: UserId,
  { userId, role }: { readonly userId: UserId; readonly role: string },
): boolean {
  if (offer?.userId !== actor || workspace.ownerId !== actor) return false;
  return userId === actor ? role === OWNER : userId === ownerId && role === offer.formerOwnerRole;
}

/** The roles that these users hold, or can have by accepting an invitation. */
function reachOf(contents: Contents, users: readonly UserId[], matrix: PermissionMatrix): string[] {
  return users.flatMap((userId) => {
    const role = contents.members.get(userId)?.role;
    return [...(role === undefined ? [] : [role]), ...offersTo(contents, userId, matrix)];
  });
}

/** To a user who left, an invitation from before offers no permission that the user did not hold then. */
function offersTo({ invitations, departures }: Contents, userId: UserId, matrix: PermissionMatrix): string[] {
  const departure = departures.get(userId);
  return [...invitations.values()]
    .filter(isOpen)
    .filter(({ recipient }) => recipient === null || (isUser(recipient) && recipient.userId === userId))
    .map(({ role, issuedVersion }) => {
      if (departure === undefined || issuedVersion > departure.version) return role;
      return beyond(matrix, role, [departure.role]) === undefined ? role : departure.role;
    });
}

/** A permission of the role that none of the others has. */
function beyond(matrix: PermissionMatrix, role: string, others: readonly string[]): string | undefined {
  return matrix
    .permissionsOf(role)
    .find((permission) => !others.some((other) => matrix.can(other, permission)));
}

function isOpen(invitation: InvitationRecord): boolean {
  return statusAt(invitation, NOW) === 'open';
}

function sameOffer(one: InvitationRecord | undefined, other: InvitationRecord): boolean {
  return (
    one !== undefined &&
    isOpen(one) &&
    one.role === other.role &&
    JSON.stringify([one.recipient, one.issuedBy]) === JSON.stringify([other.recipient, other.issuedBy])
  );
}
