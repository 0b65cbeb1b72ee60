// An open ledger in memory: the sums of a workspace, how a step changes them, and which rows differ in the end.
import type { Quantity, QuantityFormat } from '../../core/quantity/index.js';
import type { Amounts, Charge, QuotaLimit, QuotaLimits, ResourceUse } from '../../core/quota.js';
import type { HeldCharge } from '../../core/settlement.js';
import type { Row } from './database.js';
import { oneOf, prefixed, rowToActor, text, whole } from './rows.js';
import type { ResourceValues } from './quota-statements.js';

/** A charge, and the amounts of its reservation, which a retry of the reservation names. */
export interface StoredCharge extends HeldCharge {
  readonly requested: Amounts;
}

interface Sums {
  /** `null`: the default limit of each call applies. */
  limit: QuotaLimit | null;
  used: bigint;
  reserved: bigint;
  readonly isStored: boolean;
}

/** The sums of a workspace, to be changed and written back. */
export interface Ledger {
  /** Every listed resource. */
  readonly resources: (defaults: QuotaLimits) => ReadonlyMap<string, ResourceUse>;
  /** Adds amounts to a sum, or subtracts them. */
  readonly move: (amounts: Amounts, sum: 'used' | 'reserved', sign: 1n | -1n) => void;
  readonly setLimit: (resource: string, limit: QuotaLimit) => void;
  /** The rows to write, ordered by resource, which is the order in which rows are locked. */
  readonly changed: (workspaceId: string) => readonly (ResourceValues & { readonly isStored: boolean })[];
}

/** `expired`: amounts of expired reservations that the stored sums still include. */
export function ledgerOf(rows: readonly Row[], expired: readonly Row[]): Ledger {
  const sums = new Map<string, Sums>(rows.map((row) => [text(row['resource']), sumsOf(row)]));
  const touched = new Set<string>();
  const sumsFor = (resource: string): Sums => {
    const found = sums.get(resource) ?? { limit: null, used: 0n, reserved: 0n, isStored: false };
    sums.set(resource, found);
    touched.add(resource);
    return found;
  };
  for (const row of expired)
    sumsFor(text(row['resource'])).reserved -= nanoOf(row['amount'] ?? row['reserved']);

  return {
    resources: (defaults) => {
      const listed = new Map<string, ResourceUse>();
      for (const resource of new Set([...defaults.keys(), ...sums.keys()])) {
        const found = sums.get(resource);
        const isUsed = found !== undefined && (found.used !== 0n || found.reserved !== 0n);
        const limit = found?.limit ?? defaults.get(resource) ?? (isUsed ? NONE : undefined);
        if (limit === undefined) continue;
        const format = limit === 'unlimited' ? 'decimal' : limit.format;
        listed.set(resource, {
          limit,
          used: { nano: found?.used ?? 0n, format },
          reserved: { nano: found?.reserved ?? 0n, format },
        });
      }
      return listed;
    },
    move(amounts, sum, sign) {
      for (const [resource, { nano }] of amounts) sumsFor(resource)[sum] += sign * nano;
    },
    setLimit(resource, limit) {
      sumsFor(resource).limit = limit;
    },
    changed: (workspaceId) =>
      [...touched].sort().map((resource) => {
        const { limit, used, reserved, isStored } = sumsFor(resource);
        const isLimited = limit !== null && limit !== 'unlimited';
        return {
          workspaceId,
          resource,
          limited: limit === null ? 'default' : isLimited ? 'limited' : 'unlimited',
          limitNano: isLimited ? String(limit.nano) : null,
          limitFormat: isLimited ? limit.format : null,
          used: String(used),
          reserved: String(reserved),
          isStored,
        };
      }),
  };
}

/** From one row for each amount; `null` for no rows. */
export function storedCharge(reservationId: string, rows: readonly Row[]): StoredCharge | null {
  const [row] = rows;
  if (row === undefined) return null;
  const state = oneOf(['reserved', 'lapsed', 'committed'], row['state']);
  const amountsIn = (column: 'amount' | 'requested'): Amounts =>
    new Map(
      rows.flatMap((amount): [string, Quantity][] => {
        const nano = nanoOf(amount[column] ?? amount['amount']);
        if (nano === NOT_REQUESTED) return [];
        return [[text(amount['resource']), { nano, format: formatOf(amount['format']) }]];
      }),
    );
  const charge: Charge = Object.freeze({
    reservationId,
    amounts: amountsIn('amount'),
    state: state === 'committed' ? 'committed' : 'reserved',
    expiresAt: whole(row['expires_at']),
    by: Object.freeze(rowToActor(prefixed(row), 'by_')),
  });
  return { charge, isHeld: state !== 'lapsed', requested: amountsIn('requested') };
}

/** `requested` of a resource that was not reserved: it was added by a commit with other amounts. */
export const NOT_REQUESTED = -1n;

/** The limit of what is used although no plan names it any more. */
const NONE: Quantity = Object.freeze({ nano: 0n, format: 'decimal' });

function sumsOf(row: Row): Sums {
  const limited = oneOf(['default', 'unlimited', 'limited'], row['limited']);
  return {
    limit:
      limited === 'limited'
        ? { nano: nanoOf(row['limit_nano']), format: formatOf(row['limit_format']) }
        : limited === 'unlimited'
          ? limited
          : null,
    used: nanoOf(row['used']),
    reserved: nanoOf(row['reserved']),
    isStored: true,
  };
}

function nanoOf(value: unknown): bigint {
  return BigInt(text(value));
}

function formatOf(value: unknown): QuantityFormat {
  return oneOf(['decimal', 'binary', 'exponent'], value);
}
