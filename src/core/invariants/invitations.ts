// Invitations: uses, recipients, issuers, and the seats that they reserve.
import { isUser } from '../actor.js';
import { mayInvite } from '../authorization.js';
import { recipientKey, seatsHeld, statusAt, type InvitationRecord } from '../invitation.js';
import { within } from '../limits.js';
import type { MemberRecord } from '../member.js';
import { OWNER } from '../permissions.js';
import type { WorkspaceRecord } from '../workspace.js';
import { groupBy, unique, type Check, type InvariantOptions, type World } from './world.js';

export function checkInvitations(world: World, options: InvariantOptions, check: Check): void {
  const members = groupBy(world.members, ({ workspaceId }) => workspaceId);
  const invitations = groupBy(world.invitations, ({ workspaceId }) => workspaceId);
  const ids = new Set(world.workspaces.map(({ id }) => id));

  for (const workspace of world.workspaces) {
    const ofWorkspace = invitations.get(workspace.id) ?? [];
    const memberships = members.get(workspace.id) ?? [];
    checkCounts(workspace, ofWorkspace, memberships.length, options, check);
    const roles = new Map(memberships.map(({ userId, role }) => [userId, role]));
    const keys = new Set(memberships.flatMap(({ userId, emailKey }) => [recipientKey({ userId }), emailKey]));
    for (const invitation of ofWorkspace) {
      checkUses(invitation, check);
      checkIssuer(invitation, roles, options, check);
      const { id, recipient, state } = invitation;
      const isForMember = state === 'open' && recipient !== null && keys.has(recipientKey(recipient));
      check('M-10', !isForMember, `${id}: open, but its recipient is a member`);
    }
  }
  for (const { id, workspaceId } of world.invitations)
    check('W-06', ids.has(workspaceId), `${id}: invitation to ${workspaceId}, which does not exist`);
}

function checkCounts(
  { id, kind, openInvitations, reservedSeats }: WorkspaceRecord,
  invitations: readonly InvitationRecord[],
  memberCount: number,
  { now, limits }: InvariantOptions,
  check: Check,
): void {
  if (kind === 'personal')
    check('A-05', invitations.length === 0, `${id}: an invitation to a personal workspace`);

  const open = invitations.filter(({ state }) => state === 'open');
  check('I-22', openInvitations === open.length, `${id}: openInvitations is not their number`);
  check('M-08', reservedSeats === seatsOf(open), `${id}: reservedSeats is not their sum`);
  const recipients = open.flatMap(({ recipient }) => recipient ?? []);
  check('I-19', unique(recipients, recipientKey), `${id}: two open invitations for one recipient`);

  if (!limits) return;
  const live = open.filter((invitation) => statusAt(invitation, now) === 'open');
  if (kind === 'team') {
    const seats = memberCount + seatsOf(live);
    check('M-08', within(seats, limits.membersPerWorkspace), `${id}: ${String(seats)} seats taken`);
  }
  const isWithin = within(live.length, limits.openInvitationsPerWorkspace);
  check('I-22', isWithin, `${id}: too many open invitations`);
}

function checkUses({ id, role, state, uses, maxUses }: InvitationRecord, check: Check): void {
  const isUsedUp = maxUses !== 'unlimited' && uses >= maxUses;
  check('I-12', isUsedUp === (state === 'used'), `${id}: ${String(uses)} uses, but ${state}`);
  check('I-12', maxUses === 'unlimited' || uses <= maxUses, `${id}: used too often`);
  check('I-20', role !== OWNER, `${id}: an invitation with the owner's role`);
}

/** The issuer of an open invitation may still invite to its role. */
function checkIssuer(
  invitation: InvitationRecord,
  roles: ReadonlyMap<string, MemberRecord['role']>,
  { matrix, now }: InvariantOptions,
  check: Check,
): void {
  const { id, issuedBy, role } = invitation;
  if (statusAt(invitation, now) !== 'open' || !isUser(issuedBy)) return;
  const issuer = roles.get(issuedBy.userId);
  const isAllowed = issuer !== undefined && mayInvite(matrix, issuer, role);
  check('M-07', isAllowed, `${id}: open, but its issuer may not invite to ${role}`);
}

function seatsOf(invitations: readonly InvitationRecord[]): number {
  return invitations.reduce((total, invitation) => total + seatsHeld(invitation), 0);
}
