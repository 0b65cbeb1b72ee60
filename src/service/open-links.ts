// The open links that the answers of `changeRole` and `removeMember` name.
import { openLinks } from '../commands/invitations/open-links.js';
import { isOperator, type Actor } from '../core/actor.js';
import { mayUse } from '../core/authorization.js';
import type { Snapshot } from '../core/read-set.js';
import type { ServiceContext } from './context.js';
import { invitationView, type Invitation } from './invitation-views.js';
import type { Member, RoleOf } from './views.js';

/** A member whose role was changed. */
export interface ChangedMember<Role extends string = string> extends Member<Role> {
  /**
   * The open links that offer more than the new role, to whoever has them. The member can use one by another account.
   * Empty for a caller who may not view invitations.
   */
  readonly openLinks: readonly Invitation<Role>[];
}

/** The result of `removeMember`. */
export interface RemovedMember<Role extends string = string> {
  /**
   * The open links, which would admit the person again: at most with the role held until now, and by another account
   * with the role of the link. Empty for a caller who may not view invitations, and after leaving.
   */
  readonly openLinks: readonly Invitation<Role>[];
}

/** The links that offer more than the `kept` role, `null` for none: empty for a caller who may not view invitations. */
export function openLinksFor<Role extends string>(
  { matrix, clock }: ServiceContext,
  caller: Actor,
  after: Snapshot,
  { kept, roleOf }: { readonly kept: string | null; readonly roleOf: RoleOf<Role> },
): readonly Invitation<Role>[] {
  if (!isOperator(caller)) {
    const role = after.members.get(caller.userId)?.role;
    if (role === undefined || !mayUse(matrix, caller, role, 'invitation:view')) return Object.freeze([]);
  }
  const now = clock.now();
  return Object.freeze(
    openLinks(after, { matrix, now }, kept).map((link) => invitationView(link, now, roleOf)),
  );
}
