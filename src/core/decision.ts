// The form of every decision: a snapshot, a command and its context go in; events or a refusal come out.
import type { InvitationCount } from './account.js';
import type { Actor } from './actor.js';
import type { Attributes } from './attributes.js';
import type { NewEvent, StoredEvent } from './events.js';
import type { UserId } from './ids.js';
import { within, type Limit, type LimitName, type Limits } from './limits.js';
import type { PermissionMatrix } from './permissions.js';
import type { ReconciledStep } from './reconciliation.js';
import { refuse, type Refused } from './refusals.js';

/** What a decision knows besides the records and the command. The service collects it once per attempt. */
export interface DecisionContext<Caller extends Actor = Actor> {
  readonly actor: Caller;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly limits: Limits;
  /** How many invitations a user may issue within 24 hours. */
  readonly invitationsPerActorPerDay: Limit;
  readonly matrix: PermissionMatrix;
  readonly ownershipTransfer: OwnershipTransfer;
  /** How long a deleted workspace can be restored; 0 if it cannot. */
  readonly graceSeconds: number;
}

/** How a workspace gets another owner: `direct` by the owner alone too, `consent` only if the new owner accepts an offer. */
export type OwnershipTransfer = 'direct' | 'consent';

/** What an invitation record keeps of the token issued last. */
export interface IssuedToken {
  /** SHA-256 of the token's secret, in hexadecimal. */
  readonly secretHash: string;
  /** Start of the token's lifetime, in milliseconds since the epoch. */
  readonly issuedAt: number;
}

/** What a commit writes besides new events and what follows from them. */
export interface UnloggedData {
  /** Token data of a created or reissued invitation. */
  readonly issued?: IssuedToken | undefined;
  /** The `emailKey` of each member who joined with a verified address. */
  readonly emailKeys?: ReadonlyMap<UserId, string> | undefined;
  /** The invitations of the user who creates or reissues one; `null` if they are not counted. */
  readonly counted?: InvitationCount | null | undefined;
  /** A stored event without the names or the address that it held, which the commit stores in its place. */
  readonly erased?: StoredEvent | undefined;
  /** The attributes of the workspace or the member after a change; the events name only the keys. */
  readonly attributes?: Attributes | null | undefined;
}

/** The events of a command. An empty list is success: there was nothing to do. */
export interface Accepted extends UnloggedData {
  readonly ok: true;
  readonly events: readonly NewEvent[];
  /** What a step of `reconcileMembers` did for each user. */
  readonly reconciled?: ReconciledStep | undefined;
}

/** The events, or the reason for a refusal. */
export type Decision = Accepted | Refused;

export const nothingToDo: Decision = { ok: true, events: [] };

/** Refuses to exceed a limit. `current` counts what exists, `requested` what would be added. */
export function exceeds(
  which: keyof Limits,
  current: number,
  requested: number,
  limits: Limits,
): Refused | null {
  return exceedsLimit(which, limits[which], { current, requested });
}

/** The same for a limit that is not one of the `Limits` of an owner. */
export function exceedsLimit(
  which: LimitName,
  limit: Limit,
  { current, requested }: { readonly current: number; readonly requested: number },
): Refused | null {
  if (limit === 'unlimited' || within(current + requested, limit)) return null;
  return refuse('LIMIT_EXCEEDED', { which, limit, current, requested });
}
