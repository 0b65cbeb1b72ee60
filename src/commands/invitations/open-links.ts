// The links that would admit a person again after a decision about that person.
import { mayActOn, mayUse } from '../../core/authorization.js';
import type { DecisionContext } from '../../core/decision.js';
import { isAtMost } from '../../core/departure.js';
import { byCreation, statusAt, type OpenInvitationRecord } from '../../core/invitation.js';
import type { PermissionMatrix } from '../../core/permissions.js';
import type { Snapshot } from '../../core/read-set.js';
import { refuse, type Refused } from '../../core/refusals.js';

/**
 * The open invitations without a recipient, which admit any user who has the link. With a role that the person keeps, only those
 * that offer more than it. In the order of creation.
 */
export function openLinks(
  { openInvitations }: Snapshot,
  { matrix, now }: { readonly matrix: PermissionMatrix; readonly now: number },
  kept: string | null,
): OpenInvitationRecord[] {
  return openInvitations
    .filter(
      (invitation) =>
        invitation.recipient === null &&
        statusAt(invitation, now) === 'open' &&
        (kept === null || !isAtMost(matrix, invitation.role, kept)),
    )
    .sort(byCreation);
}

/**
 * The links that the caller, with `role`, closes: on request those whose role the caller may act on. The others stay open,
 * and the answer names them.
 */
export function linksToClose(
  snapshot: Snapshot,
  context: DecisionContext,
  {
    closeLinks,
    role,
    kept,
  }: {
    readonly closeLinks: boolean | undefined;
    readonly role: string | null;
    readonly kept: string | null;
  },
): { readonly ok: true; readonly links: readonly OpenInvitationRecord[] } | Refused {
  if (closeLinks !== true) return { ok: true, links: [] };
  const permission = 'invitation:revoke';
  if (role !== null && !mayUse(context.matrix, context.actor, role, permission)) {
    return refuse('PERMISSION_DENIED', { permission, role });
  }
  const links = openLinks(snapshot, context, kept).filter((link) =>
    mayActOn(context.matrix, role, link.role),
  );
  return { ok: true, links };
}
