// What the core needs of whoever counts resources. Types only; the conformance suite in `tenantry/testing` says the rest.
import type { ActorRef } from '../domain/actor.js';
import type { UserId, WorkspaceId } from '../domain/ids.js';
import type { Amounts, Charge, QuotaLimits, ResourceUse, Shortfall } from '../domain/quota.js';
import type { WorkspaceKind } from '../domain/workspace.js';

/** Whose quota: enough to know the plan. A personal workspace counts like any other. */
export interface QuotaSubject {
  readonly workspaceId: WorkspaceId;
  readonly kind: WorkspaceKind;
  readonly ownerId: UserId;
}

/** A question about one reservation, at one instant. */
export interface ChargeRequest {
  readonly reservationId: string;
  /** Milliseconds since the epoch. A reservation whose `expiresAt` is at or before it holds nothing. */
  readonly now: number;
}

/** Asks to hold amounts. */
export interface ReserveRequest extends ChargeRequest {
  /** Not negative; at least one resource. */
  readonly amounts: Amounts;
  /** Milliseconds since the epoch, after `now`. */
  readonly expiresAt: number;
  readonly by: ActorRef;
}

/** Asks to give amounts back. */
export interface ReleaseRequest extends ChargeRequest {
  /** Only if it is this actor's; anybody's where it is left out. */
  readonly onlyBy?: ActorRef;
  /** What is committed stays: another call of the same id may have made it so. */
  readonly onlyReserved?: true;
}

/** `gone`: the workspace was forgotten, for ever. */
export type Gone = { readonly ok: false; readonly reason: 'gone' };

/** Resources that have no limit in this workspace, not even `'unlimited'`. */
export type Unlisted = {
  readonly ok: false;
  readonly reason: 'unlisted';
  readonly resources: readonly string[];
};

/** Every listed resource, in any order. */
export type ReportResult = { readonly ok: true; readonly resources: ReadonlyMap<string, ResourceUse> } | Gone;

/** `changed` is false where these very limits were in force before. */
export type SetLimitsResult =
  | { readonly ok: true; readonly resources: ReadonlyMap<string, ResourceUse>; readonly changed: boolean }
  | Unlisted
  | Gone;

/** `changed` is false where the same was asked before: the charge is the one that there is. */
export type ReserveResult =
  | { readonly ok: true; readonly charge: Charge; readonly changed: boolean }
  | { readonly ok: false; readonly reason: 'exceeded'; readonly shortfalls: readonly Shortfall[] }
  /** The reservation holds other amounts. */
  | { readonly ok: false; readonly reason: 'mismatch' }
  | Unlisted
  | Gone;

/** `expired`: it had expired, and does not fit any more. */
export type CommitChargeResult =
  | { readonly ok: true; readonly charge: Charge; readonly changed: boolean }
  | { readonly ok: false; readonly reason: 'not-found' | 'expired' }
  | Gone;

/** `null`: there was nothing to give back. */
export type ReleaseResult =
  | { readonly ok: true; readonly released: Charge | null }
  | { readonly ok: false; readonly reason: 'not-yours' }
  | Gone;

/**
 * Whoever counts: a table, a billing plan, a cluster.
 *
 * Each call is atomic: of any number of parallel calls on one workspace each sees all or nothing of the others, and the
 * sum of what is used and reserved never passes a limit but by lowering the limit. `reserve`, `commit` and `release` may
 * be sent again with the same answer and no second effect. Limits apply from the first call on, and a workspace that was
 * forgotten answers `gone` to everything, whatever runs in parallel. An outage is an exception, and never admission.
 */
export interface QuotaAdapter {
  /** Every listed resource, with what is taken of it. */
  report(subject: QuotaSubject, now: number): Promise<ReportResult>;
  /** Sets the limits of the resources named; others stay. Below what is in use is allowed, and stops every increase. */
  setLimits(subject: QuotaSubject, limits: QuotaLimits, now: number): Promise<SetLimitsResult>;
  /** Holds all amounts until they expire, or none. */
  reserve(subject: QuotaSubject, request: ReserveRequest): Promise<ReserveResult>;
  /**
   * Makes a held amount a used one, so that the total never moves. One that has expired is admitted anew in the same
   * step, or stays out; it is remembered for that at least a day.
   */
  commit(subject: QuotaSubject, request: ChargeRequest): Promise<CommitChargeResult>;
  /** Gives back what is held or used. */
  release(subject: QuotaSubject, request: ReleaseRequest): Promise<ReleaseResult>;
  /** Drops everything of a deleted workspace. */
  forget(workspaceId: WorkspaceId): Promise<void>;
}
