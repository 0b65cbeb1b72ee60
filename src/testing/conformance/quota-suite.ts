// The quota suite's own words: how a quota under test is given, and short calls for its cases.
import assert from 'node:assert/strict';
import { formatQuantity, parseQuantity } from '../../domain/quantity.js';
import type { Amounts, Charge, QuotaLimits, ResourceUse } from '../../domain/quota.js';
import type { ChargeRequest, QuotaAdapter, QuotaSubject, ReserveRequest } from '../../ports/quota.js';
import type { RegisterTest } from './suite.js';

/** A quota with no charges, and how to get rid of it. */
export interface QuotaUnderTest {
  readonly quota: QuotaAdapter;
  /** Another adapter on the same data, where there can be one: parallel calls are then spread over four. */
  readonly connect?: () => Promise<QuotaAdapter>;
  /** Called when the case is over. */
  readonly close?: () => Promise<void>;
}

/** What {@link quotaConformance} takes. */
export interface QuotaConformanceOptions {
  /** Of the runner that the suite runs under. */
  readonly test: RegisterTest;
  /**
   * Makes a quota for each case in which every workspace has these limits from its first instant, by resource:
   * quantities, or `'unlimited'`. Other resources are unlisted.
   */
  readonly createQuota: (defaults: Readonly<Record<string, string>>) => Promise<QuotaUnderTest>;
}

/** What each case is given: the quota, and one adapter for each of so many parallel callers. */
export interface QuotaCaseContext {
  readonly quota: QuotaAdapter;
  readonly adapters: (count: number) => Promise<readonly QuotaAdapter[]>;
}

export type RegisterQuotaCase = (title: string, run: (context: QuotaCaseContext) => Promise<void>) => void;

export const DEFAULTS = { cpu: '16', gpu: '0', memory: '64Gi', pods: '100', storage: 'unlimited' } as const;

/** The instant of every call that does not say another. */
export const NOW = Date.UTC(2026, 0, 1);
/** So long a reservation holds where a case does not say otherwise. */
export const TTL = 60_000;

export const TEAM: QuotaSubject = { workspaceId: 'team', kind: 'team', ownerId: 'olga' };
export const OTHER: QuotaSubject = { workspaceId: 'other', kind: 'personal', ownerId: 'mark' };

/** Where and when, where it is not {@link TEAM} at {@link NOW}. */
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
    by: { userId: 'olga' },
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

/** Gives back, and tells whether there was something. */
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

/** One resource as it stands. */
export async function useOf(quota: QuotaAdapter, resource: string, at: At = {}): Promise<ResourceUse> {
  const result = await quota.report(at.subject ?? TEAM, at.now ?? NOW);
  assert(result.ok, 'the report says that the workspace is gone');
  const use = result.resources.get(resource);
  assert(use !== undefined, `the report lacks ${resource}`);
  return use;
}

/** What is taken of one resource, used and reserved, in 10^-9 units. */
export async function takenOf(quota: QuotaAdapter, resource: string, at: At = {}): Promise<bigint> {
  const { used, reserved } = await useOf(quota, resource, at);
  return used.nano + reserved.nano;
}

/** `limit: used + reserved` of every resource, as canonical text in the notation of the limit. */
export async function standing(quota: QuotaAdapter, at: At = {}): Promise<Readonly<Record<string, string>>> {
  const result = await quota.report(at.subject ?? TEAM, at.now ?? NOW);
  assert(result.ok, 'the report says that the workspace is gone');
  return Object.fromEntries(
    [...result.resources].map(([resource, { limit, used, reserved }]) => {
      const format = limit === 'unlimited' ? 'decimal' : limit.format;
      const text = ({ nano }: { readonly nano: bigint }): string => formatQuantity({ nano, format });
      return [resource, `${limit === 'unlimited' ? limit : text(limit)}: ${text(used)} + ${text(reserved)}`];
    }),
  );
}

/** The standing of a workspace that nobody has charged. */
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
