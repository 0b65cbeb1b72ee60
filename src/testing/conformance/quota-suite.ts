// How a case of the quota suite is registered, and short calls for its cases.
import assert from 'node:assert/strict';
import { formatQuantity, parseQuantity } from '../../core/quantity/index.js';
import type { Amounts, Charge, QuotaLimits, ResourceUse } from '../../core/quota.js';
import type { ChargeRequest, QuotaAdapter, QuotaSubject, ReserveRequest } from '../../ports/quota.js';
import type { RegisterTest } from './suite.js';

/** A quota adapter without charges, and how to close it. */
export interface QuotaUnderTest {
  readonly quota: QuotaAdapter;
  /** Opens another adapter on the same data, if that is possible. Parallel calls then use four adapters. */
  readonly connect?: () => Promise<QuotaAdapter>;
  /**
   * Opens an adapter on the same data with other default limits, as after a change of plan, or changes those of `quota`
   * and returns it. Without it, the case of Q-17 checks nothing.
   */
  readonly changeDefaults?: (defaults: Readonly<Record<string, string>>) => Promise<QuotaAdapter>;
  /** Called after the case. */
  readonly close?: () => Promise<void>;
}

/** Options of {@link quotaConformance}. */
export interface QuotaConformanceOptions {
  /** The `test` function of your test runner. */
  readonly test: RegisterTest;
  /**
   * Creates a quota adapter for each case. Every workspace must have these limits from the start: quantities by
   * resource, or `'unlimited'`. Other resources are unlisted.
   */
  readonly createQuota: (defaults: Readonly<Record<string, string>>) => Promise<QuotaUnderTest>;
}

/** What a case gets: the quota adapter, and one adapter per parallel caller. */
export interface QuotaCaseContext {
  readonly quota: QuotaAdapter;
  readonly adapters: (count: number) => Promise<readonly QuotaAdapter[]>;
  readonly changeDefaults: QuotaUnderTest['changeDefaults'];
}

export type RegisterQuotaCase = (title: string, run: (context: QuotaCaseContext) => Promise<void>) => void;

export const DEFAULTS = { cpu: '16', gpu: '0', memory: '64Gi', pods: '100', storage: 'unlimited' } as const;

/** The time of a call, unless the case sets another. */
export const NOW = Date.UTC(2026, 0, 1);
/** The lifetime of a reservation in milliseconds, unless the case sets another. */
export const TTL = 60_000;

export const TEAM: QuotaSubject = { workspaceId: 'team', kind: 'team', ownerId: 'ada' };
export const OTHER: QuotaSubject = { workspaceId: 'other', kind: 'personal', ownerId: 'mia' };

/** The workspace and the time of a call, by default {@link TEAM} and {@link NOW}. */
export interface At {
  readonly subject?: QuotaSubject;
  readonly now?: number;
}

export function amounts(texts: Readonly<Record<string, string>>): Amounts {
  return new Map(Object.entries(texts).map(([resource, text]) => [resource, parseQuantity(text)]));
}

export function limits(texts: Readonly<Record<string, string>>): QuotaLimits {
  return new Map(
    Object.entries(texts).map(([resource, text]) => [
      resource,
      text === 'unlimited' ? text : parseQuantity(text),
    ]),
  );
}

export function reserving(
  reservationId: string,
  texts: Readonly<Record<string, string>>,
  fields: Partial<ReserveRequest> = {},
): ReserveRequest {
  const now = fields.now ?? NOW;
  return {
    reservationId,
    amounts: amounts(texts),
    expiresAt: now + TTL,
    by: { userId: 'ada' },
    ...fields,
    now,
  };
}

export function named(reservationId: string, now = NOW): ChargeRequest {
  return { reservationId, now };
}

export async function mustReserve(
  quota: QuotaAdapter,
  request: ReserveRequest,
  subject = TEAM,
): Promise<Charge> {
  const result = await quota.reserve(subject, request);
  assert(result.ok, `reserving ${request.reservationId} is refused: ${JSON.stringify(result)}`);
  return result.charge;
}

export async function mustCommitCharge(quota: QuotaAdapter, id: string, at: At = {}): Promise<Charge> {
  const result = await quota.commit(at.subject ?? TEAM, named(id, at.now));
  assert(result.ok, `committing ${id} is refused: ${JSON.stringify(result)}`);
  assert.equal(result.charge.state, 'committed');
  return result.charge;
}

/** Releases a charge, and returns whether there was one. */
export async function mustRelease(quota: QuotaAdapter, id: string, at: At = {}): Promise<boolean> {
  const result = await quota.release(at.subject ?? TEAM, named(id, at.now));
  assert(result.ok, `releasing ${id} is refused: ${JSON.stringify(result)}`);
  return result.released !== null;
}

export async function mustSetLimits(
  quota: QuotaAdapter,
  texts: Readonly<Record<string, string>>,
  at: At = {},
): Promise<void> {
  const result = await quota.setLimits(at.subject ?? TEAM, limits(texts), at.now ?? NOW);
  assert(result.ok, `setting limits is refused: ${JSON.stringify(result)}`);
}

/** The current use of one resource. */
export async function useOf(quota: QuotaAdapter, resource: string, at: At = {}): Promise<ResourceUse> {
  const result = await quota.report(at.subject ?? TEAM, at.now ?? NOW);
  assert(result.ok, 'the report says that the workspace was forgotten');
  const use = result.resources.get(resource);
  assert(use !== undefined, `the report lacks ${resource}`);
  return use;
}

/** Used plus reserved amount of one resource, in 10^-9 units. */
export async function takenOf(quota: QuotaAdapter, resource: string, at: At = {}): Promise<bigint> {
  const { used, reserved } = await useOf(quota, resource, at);
  return used.nano + reserved.nano;
}

/** `limit: used + reserved` for every resource, as canonical quantities in the notation of the limit. */
export async function standing(quota: QuotaAdapter, at: At = {}): Promise<Readonly<Record<string, string>>> {
  const result = await quota.report(at.subject ?? TEAM, at.now ?? NOW);
  assert(result.ok, 'the report says that the workspace was forgotten');
  return Object.fromEntries(
    [...result.resources].map(([resource, { limit, used, reserved }]) => {
      const format = limit === 'unlimited' ? 'decimal' : limit.format;
      const text = ({ nano }: { readonly nano: bigint }): string => formatQuantity({ nano, format });
      return [resource, `${limit === 'unlimited' ? limit : text(limit)}: ${text(used)} + ${text(reserved)}`];
    }),
  );
}

/** The {@link standing} of a workspace without charges. */
export const UNTOUCHED = {
  cpu: '16: 0 + 0',
  gpu: '0: 0 + 0',
  memory: '64Gi: 0 + 0',
  pods: '100: 0 + 0',
  storage: 'unlimited: 0 + 0',
};

export function nanoOf(text: string): bigint {
  return parseQuantity(text).nano;
}

export function count<Item>(items: readonly Item[], which: (item: Item) => boolean): number {
  return items.filter(which).length;
}
