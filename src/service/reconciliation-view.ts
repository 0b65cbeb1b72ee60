// The answer of `reconcileMembers`: the users by what was done for them.
import type { UserId } from '../core/ids.js';
import type { MemberOutcome } from '../core/reconciliation.js';
import type { RefusalCode, RefusalDetails } from '../core/refusals.js';
import type { RoleOf } from './views.js';

/** The result of `reconcileMembers`. Every user of `members`, and every removed one, is in exactly one of the lists. */
export interface Reconciliation<Role extends string = string> {
  /** Users who became members. */
  readonly added: readonly { readonly userId: UserId; readonly role: Role }[];
  /** Members whose role changed. */
  readonly changed: readonly { readonly userId: UserId; readonly from: Role; readonly to: Role }[];
  /** Members whom the directory no longer wants. */
  readonly removed: readonly { readonly userId: UserId; readonly role: Role }[];
  /**
   * Members who stay as they are. `code` is `null` for those who are as desired. It is `OWNER_REQUIRED` for the owner, who
   * is always here: no directory changes or removes the owner.
   */
  readonly kept: readonly { readonly userId: UserId; readonly code: 'OWNER_REQUIRED' | null }[];
  /** Users for whom nothing was done, and why. */
  readonly refused: readonly RefusedMember[];
}

/** A user for whom `reconcileMembers` did nothing, and why. */
export interface RefusedMember {
  readonly userId: UserId;
  readonly code: RefusalCode;
  /** As {@link RefusalDetails} has them for the code. */
  readonly details: RefusalDetails[RefusalCode];
}

export function reconciliationView<Role extends string>(
  outcomes: readonly MemberOutcome[],
  roleOf: RoleOf<Role>,
): Reconciliation<Role> {
  const of = <Kind extends MemberOutcome['kind'], Shown extends object>(
    kind: Kind,
    view: (outcome: Extract<MemberOutcome, { readonly kind: Kind }>) => Shown,
  ): readonly Shown[] =>
    Object.freeze(outcomes.flatMap((outcome) => (isOf(outcome, kind) ? Object.freeze(view(outcome)) : [])));
  return Object.freeze({
    added: of('added', ({ userId, role }) => ({ userId, role: roleOf(role) })),
    changed: of('changed', ({ userId, from, to }) => ({ userId, from: roleOf(from), to: roleOf(to) })),
    removed: of('removed', ({ userId, role }) => ({ userId, role: roleOf(role) })),
    kept: of('kept', ({ userId, code }) => ({ userId, code })),
    refused: of('refused', ({ userId, refusal: { code, details } }) => ({ userId, code, details })),
  });
}

function isOf<Kind extends MemberOutcome['kind']>(
  outcome: MemberOutcome,
  kind: Kind,
): outcome is Extract<MemberOutcome, { readonly kind: Kind }> {
  return outcome.kind === kind;
}
