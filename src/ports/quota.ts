// The quota port: types only. The conformance suite in `tenantry/testing` tests the rest of the contract.
import type { ActorRef } from '../core/actor.js';
import type { UserId, WorkspaceId } from '../core/ids.js';
import type { Amounts, Charge, QuotaLimits, ResourceUse, Shortfall } from '../core/quota.js';
import type { WorkspaceKind } from '../core/workspace.js';

/** The subject of a quota: enough to find the plan. A personal workspace is a subject like any other. */
export interface QuotaSubject {
  readonly workspaceId: WorkspaceId;
  readonly kind: WorkspaceKind;
  readonly ownerId: UserId;
}

/** A request about one reservation, at one instant. */
export interface ChargeRequest {
  readonly reservationId: string;
  /** Milliseconds since the epoch. A reservation whose `expiresAt` is at or before it holds nothing. */
  readonly now: number;
}

/** A request to reserve amounts. */
export interface ReserveRequest extends ChargeRequest {
  /** Not negative; at least one resource. */
  readonly amounts: Amounts;
  /** Milliseconds since the epoch, after `now`. */
  readonly expiresAt: number;
  readonly by: ActorRef;
}

/** A request to commit a reservation, as it was reserved or with what was really taken. */
export interface CommitRequest extends ChargeRequest {
  /**
   * What was really taken: not negative, at least one resource. A reserved resource that it does not name took nothing, and
   * is kept with 0. One that was not reserved is an increase from 0. Without it, the reserved amounts.
   */
  readonly amounts?: Amounts;
  /** Commit only a reservation of this actor. Without it, of every actor. */
  readonly onlyBy?: ActorRef;
  /** Refuse amounts above the reserved ones, even if they fit. */
  readonly onlyDecrease?: true;
}

/** A request to change the amounts of a committed charge. */
export interface ResizeRequest extends ChargeRequest {
  /** The new total: not negative, at least one resource. A resource that it does not name takes nothing any more. */
  readonly amounts: Amounts;
  /** Resize only a charge of this actor. Without it, of every actor. */
  readonly onlyBy?: ActorRef;
  /** Refuse more than now, even if it fits. */
  readonly onlyDecrease?: true;
}

/** A request to release amounts. */
export interface ReleaseRequest extends ChargeRequest {
  /** Release only a reservation of this actor. Without it, of every actor. */
  readonly onlyBy?: ActorRef;
  /** Keep a committed reservation: another call with the same id may have committed it. */
  readonly onlyReserved?: true;
}

/** `gone`: the quota of the workspace was deleted permanently. */
export type Gone = { readonly ok: false; readonly reason: 'gone' };

/** Resources without a limit in this workspace, not even `'unlimited'`. */
export type Unlisted = {
  readonly ok: false;
  readonly reason: 'unlisted';
  readonly resources: readonly string[];
};

/** Every listed resource, in any order. */
export type ReportResult = { readonly ok: true; readonly resources: ReadonlyMap<string, ResourceUse> } | Gone;

/** `changed` is false if the same limits were already set. */
export type SetLimitsResult =
  | { readonly ok: true; readonly resources: ReadonlyMap<string, ResourceUse>; readonly changed: boolean }
  | Unlisted
  | Gone;

/** `changed` is false for a retry: the charge is the existing one. */
export type ReserveResult =
  | { readonly ok: true; readonly charge: Charge; readonly changed: boolean }
  | { readonly ok: false; readonly reason: 'exceeded'; readonly shortfalls: readonly Shortfall[] }
  /** The reservation holds other amounts. */
  | { readonly ok: false; readonly reason: 'mismatch' }
  | Unlisted
  | Gone;

/**
 * The charge has the committed amounts; `changed` is false for a retry. `expired`: the reservation expired, and does not fit
 * any more. `exceeded`: the amounts above the reserved ones do not fit, and the reservation stays as it was. `mismatch`: it
 * was committed with other amounts. `increase`: not with `onlyDecrease`.
 */
export type CommitChargeResult =
  | { readonly ok: true; readonly charge: Charge; readonly changed: boolean }
  | {
      readonly ok: false;
      readonly reason: 'not-found' | 'expired' | 'mismatch' | 'not-yours' | 'increase';
    }
  | { readonly ok: false; readonly reason: 'exceeded'; readonly shortfalls: readonly Shortfall[] }
  | Unlisted
  | Gone;

/**
 * The charge has the new amounts; `changed` is false if it had them before. `not-found`: there is no committed charge of
 * this id. `exceeded`: the increases do not fit, and the charge stays as it was. `increase`: not with `onlyDecrease`.
 */
export type ResizeResult =
  | { readonly ok: true; readonly charge: Charge; readonly changed: boolean }
  | { readonly ok: false; readonly reason: 'not-found' | 'not-yours' | 'increase' }
  | { readonly ok: false; readonly reason: 'exceeded'; readonly shortfalls: readonly Shortfall[] }
  | Unlisted
  | Gone;

/** `null`: there was nothing to release. */
export type ReleaseResult =
  | { readonly ok: true; readonly released: Charge | null }
  | { readonly ok: false; readonly reason: 'not-yours' }
  | Gone;

/**
 * Counts resources: a table, a billing plan, a cluster.
 *
 * Each call is atomic: parallel calls on one workspace see all or nothing of each other, and the sum of use and reservations
 * exceeds a limit only after the limit was lowered. A retry of `reserve`, `commit`, `resize` or `release` returns the same result and has no
 * second effect. Limits apply from the first call on. After `forget`, every call answers `gone`, also in parallel. An outage is
 * an exception, and never admits.
 */
export interface QuotaAdapter {
  /** Every listed resource, with its limit, use and reservations. */
  report(subject: QuotaSubject, now: number): Promise<ReportResult>;
  /** Sets the limits of the named resources; others keep theirs. A limit below the use is valid, and stops every increase. */
  setLimits(subject: QuotaSubject, limits: QuotaLimits, now: number): Promise<SetLimitsResult>;
  /** Reserves all amounts until they expire, or none. */
  reserve(subject: QuotaSubject, request: ReserveRequest): Promise<ReserveResult>;
  /**
   * Turns a reservation into use; the total does not change. With `amounts`, in the same step it returns what was reserved
   * beyond them, also above a lowered limit, and admits what they exceed, all or nothing. An expired reservation is admitted
   * again in the same step, or refused. Remember it for at least a day, and remember the reserved amounts as long as the
   * charge: a retry of `reserve` names them.
   */
  commit(subject: QuotaSubject, request: CommitRequest): Promise<CommitChargeResult>;
  /**
   * Changes the amounts of a committed charge, in one step: at no instant are both totals charged, or neither. The increases
   * must fit together, all or nothing; decreases are admitted above a lowered limit. The difference is that to the stored
   * charge, so a retry changes nothing.
   */
  resize(subject: QuotaSubject, request: ResizeRequest): Promise<ResizeResult>;
  /** Releases what a reservation holds or uses. */
  release(subject: QuotaSubject, request: ReleaseRequest): Promise<ReleaseResult>;
  /** Deletes the quota of a deleted workspace. */
  forget(workspaceId: WorkspaceId): Promise<void>;
  /**
   * Whether an error means that the call lost to others until its attempts were used up, and changed nothing: the caller
   * gets `CONFLICT`. Never return `true` by guess.
   *
   * Optional: for adapters that know the error codes of their driver.
   */
  isConflict?(error: unknown): boolean;
  /**
   * Whether everything that the calls on this transaction of the app answered is still in it. `false` if the app rolled back
   * to a savepoint that it set before a call. Called once before the app commits.
   *
   * Optional: for adapters on transactions.
   */
  checkTransaction?(): Promise<boolean>;
}
