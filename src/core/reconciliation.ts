// What a call of `reconcileMembers` did for each user.
import type { InvitationId, UserId } from './ids.js';
import type { Refusal } from './refusals.js';

/** What a step did for one user, or would do in a dry run. */
export type MemberOutcome =
  | { readonly kind: 'added'; readonly userId: UserId; readonly role: string }
  | { readonly kind: 'changed'; readonly userId: UserId; readonly from: string; readonly to: string }
  | { readonly kind: 'removed'; readonly userId: UserId; readonly role: string }
  /** `code`: `null` for a member who is as desired. */
  | { readonly kind: 'kept'; readonly userId: UserId; readonly code: 'OWNER_REQUIRED' | null }
  | { readonly kind: 'refused'; readonly userId: UserId; readonly refusal: Refusal };

/** What the steps of a dry run would have changed so far: the next step is decided as if they had been committed. */
export interface DryRun {
  /** How many more seats are in use. Negative if the steps freed some. */
  readonly seats: number;
  /** The open invitations that ended. */
  readonly ended: readonly InvitationId[];
}

/** The result of one step. */
export interface ReconciledStep {
  readonly ownerId: UserId;
  readonly outcomes: readonly MemberOutcome[];
  /** For the next step of a dry run. */
  readonly dryRun: DryRun;
}
