// A quota adapter for a versioned key-value store, to copy. The guide is docs/adapters.md. It needs only the exports of
// the package, and computes shortfalls itself, so that you can copy it anywhere.
import {
  WorkspaceError,
  formatQuantity,
  parseQuantity,
  type ActorRef,
  type Amounts,
  type Charge,
  type Gone,
  type Quantity,
  type QuotaAdapter,
  type QuotaLimit,
  type QuotaLimits,
  type QuotaSubject,
  type ResourceUse,
  type Shortfall,
} from 'tenantry';
import { areCurrent, everyEntry, keyOf, prefixOf, type Entry, type KeyValueStore } from './store.js';

export interface KeyValueQuotaOptions {
  /** The initial limits of every workspace, by resource: quantities or `'unlimited'`. */
  readonly defaults: Readonly<Record<string, string>>;
}

/**
 * Creates a quota adapter with one ledger for each workspace. Several processes can share one store.
 *
 * @throws TypeError if a default is negative; QuantityError if it is not a quantity.
 */
export function keyValueQuota(store: KeyValueStore, { defaults }: KeyValueQuotaOptions): QuotaAdapter {
  const base = limitsOf(defaults);
  const inTurn = turns();

  /**
   * Reads the ledger, runs `step` on it, and writes the changes. Repeats this if another process interfered. Calls of
   * one process queue up first: for a contended key, all but one of them would fail.
   */
  const onLedger = <Answer>(
    { workspaceId }: QuotaSubject,
    { reservationId, now }: { readonly reservationId?: string; readonly now: number },
    step: (ledger: Ledger) => Answer,
  ): Promise<Answer | Gone> =>
    inTurn(workspaceId, async () => {
      const keys = [keyOf('ledger', workspaceId)];
      if (reservationId !== undefined) keys.push(keyOf('charge', workspaceId, reservationId));
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        if (attempt > 1) await pauseBefore(attempt);
        const entries = await store.get(keys);
        const ledger = ledgerIn(entries, base, now);
        if (ledger === null) return GONE;
        const answer = step(ledger);
        const revisions = new Map(entries.map(({ key, revision }) => [key, revision]));
        // A write compares both revisions. An answer without a write must come from a consistent read of both entries.
        const isCurrent = ledger.isChanged
          ? await store.commit(revisions, writesOf(keys, ledger))
          : keys.length === 1 || (await areCurrent(store, revisions));
        if (isCurrent) return answer;
      }
      // Other calls interfered and nothing was written: report a conflict, not an outage.
      throw new WorkspaceError('CONFLICT', { attempts: MAX_ATTEMPTS });
    });

  return {
    report: (subject, now) =>
      onLedger(subject, { now }, (ledger) => ({ ok: true, resources: resourcesOf(ledger) })),

    setLimits: (subject, limits, now) =>
      onLedger(subject, { now }, (ledger) => {
        const changed = [...limits].some(
          ([resource, limit]) => !isSameLimit(ledger.limits.get(resource), limit),
        );
        // A limit that equals the default is not stored, so that it follows when the default changes.
        if (changed) for (const [resource, limit] of limits) setLimit(ledger, resource, limit);
        return { ok: true, resources: resourcesOf(ledger), changed };
      }),

    reserve: (subject, { reservationId, amounts, expiresAt, by, now }) =>
      onLedger(subject, { reservationId, now }, (ledger) => {
        const before = ledger.committed ?? heldIn(ledger, reservationId);
        if (before !== undefined) {
          return isSame(ledger.requested ?? before.amounts, amounts)
            ? { ok: true, charge: before, changed: false }
            : { ok: false, reason: 'mismatch' };
        }
        const unlisted = unlistedIn(ledger, amounts);
        if (unlisted.length > 0) return { ok: false, reason: 'unlisted', resources: unlisted };
        const shortfalls = shortfallsIn(ledger, amounts);
        if (shortfalls.length > 0) return { ok: false, reason: 'exceeded', shortfalls };
        const charge: Charge = { reservationId, amounts: new Map(amounts), state: 'reserved', expiresAt, by };
        ledger.open.set(reservationId, { charge, hasLapsed: false });
        ledger.isChanged = true;
        return { ok: true, charge, changed: true };
      }),

    commit: (subject, { reservationId, amounts: taken, onlyBy, onlyDecrease, now }) =>
      onLedger(subject, { reservationId, now }, (ledger) => {
        const { committed, open } = ledger;
        const before = committed ? { charge: committed, hasLapsed: false } : open.get(reservationId);
        if (before === undefined) return { ok: false, reason: 'not-found' };
        if (onlyBy !== undefined && !isSameActor(before.charge.by, onlyBy))
          return { ok: false, reason: 'not-yours' };
        const { amounts: requested } = before.charge;
        const wanted = taken ?? requested;
        if (committed !== undefined) {
          return taken === undefined || chargesSame(requested, taken)
            ? { ok: true, charge: committed, changed: false }
            : { ok: false, reason: 'mismatch' };
        }
        if (onlyDecrease && [...increaseOf(requested, wanted).values()].some(({ nano }) => nano > 0n))
          return { ok: false, reason: 'increase' };
        // The capacity of an expired reservation was released and may be in use, so all of it is admitted again.
        const increase = increaseOf(before.hasLapsed ? new Map() : requested, wanted);
        const unlisted = unlistedIn(ledger, increase);
        if (
          unlisted.length > 0 &&
          (!before.hasLapsed || unlisted.some((resource) => !requested.has(resource)))
        )
          return { ok: false, reason: 'unlisted', resources: unlisted };
        const shortfalls = shortfallsIn(ledger, increase);
        if (before.hasLapsed && unlisted.length + shortfalls.length > 0)
          return { ok: false, reason: 'expired' };
        if (shortfalls.length > 0) return { ok: false, reason: 'exceeded', shortfalls };
        const charge: Charge = {
          ...before.charge,
          amounts: withRest(requested, wanted),
          state: 'committed',
        };
        open.delete(reservationId);
        ledger.committed = charge;
        ledger.requested = requested;
        add(ledger.used, charge.amounts, 1n);
        ledger.isChanged = true;
        return { ok: true, charge, changed: true };
      }),

    resize: (subject, { reservationId, amounts: wanted, onlyBy, onlyDecrease, now }) =>
      onLedger(subject, { reservationId, now }, (ledger) => {
        const { committed: before } = ledger;
        if (before === undefined) return { ok: false, reason: 'not-found' };
        if (onlyBy !== undefined && !isSameActor(before.by, onlyBy))
          return { ok: false, reason: 'not-yours' };
        if (chargesSame(before.amounts, wanted)) return { ok: true, charge: before, changed: false };
        const increase = increaseOf(before.amounts, wanted);
        if (onlyDecrease && [...increase.values()].some(({ nano }) => nano > 0n))
          return { ok: false, reason: 'increase' };
        const unlisted = unlistedIn(ledger, increase);
        if (unlisted.length > 0) return { ok: false, reason: 'unlisted', resources: unlisted };
        const shortfalls = shortfallsIn(ledger, increase);
        if (shortfalls.length > 0) return { ok: false, reason: 'exceeded', shortfalls };
        const charge: Charge = { ...before, amounts: withRest(before.amounts, wanted) };
        add(ledger.used, before.amounts, -1n);
        add(ledger.used, charge.amounts, 1n);
        ledger.committed = charge;
        // Also for a charge that was committed as reserved, whose entry has no requested amounts of its own.
        ledger.requested ??= before.amounts;
        ledger.isChanged = true;
        return { ok: true, charge, changed: true };
      }),

    release: (subject, { reservationId, onlyBy, onlyReserved, now }) =>
      onLedger(subject, { reservationId, now }, (ledger) => {
        const { committed, open } = ledger;
        const before = committed ?? open.get(reservationId)?.charge;
        if (before === undefined) return { ok: true, released: null };
        if (onlyBy !== undefined && !isSameActor(before.by, onlyBy))
          return { ok: false, reason: 'not-yours' };
        if (onlyReserved && committed !== undefined) return { ok: true, released: null };
        const released = committed ?? heldIn(ledger, reservationId) ?? null;
        if (committed !== undefined) add(ledger.used, committed.amounts, -1n);
        ledger.committed = undefined;
        ledger.requested = undefined;
        // Delete an expired reservation as well: a caller that released it must not find it committed later.
        open.delete(reservationId);
        ledger.isChanged = true;
        return { ok: true, released };
      }),

    async forget(workspaceId) {
      // From here on, every call answers that the workspace is forgotten. Calls in progress conflict with this write
      // and read again.
      await store.commit(new Map(), new Map([[keyOf('ledger', workspaceId), encoded({ forgotten: true })]]));
      // No call reads the remaining entries, so they need not go in the same write. Forgetting again removes leftovers.
      for await (const { key } of everyEntry(store, prefixOf('charge', workspaceId))) {
        await store.commit(new Map(), new Map([[key, null]]));
      }
    },
  };
}

/** The working copy of a ledger for one call. */
interface Ledger {
  /** The effective limits: the defaults, overridden by `setLimits`. */
  readonly limits: Map<string, QuotaLimit>;
  readonly ownLimits: Map<string, QuotaLimit>;
  /** Sums of committed amounts, in units of 10^-9. */
  readonly used: Map<string, bigint>;
  readonly open: Map<string, Reservation>;
  /** The committed amounts under the id of this call. */
  committed: Charge | undefined;
  /** What was reserved under the id of this call, before it was committed: a retry of the reservation names it. */
  requested: Amounts | undefined;
  /** Whether the ledger must be written. */
  isChanged: boolean;
}

interface Reservation {
  readonly charge: Charge;
  /**
   * A writing call has seen it expired, and may have given its capacity away. A process with a late clock would still
   * count it as active.
   */
  readonly hasLapsed: boolean;
}

/** The value of the entry of a workspace, or of a committed charge. */
interface Stored {
  readonly forgotten?: true;
  readonly limits?: readonly (readonly [string, QuotaLimit])[];
  readonly used?: readonly (readonly [string, Pick<Quantity, 'nano'>])[];
  readonly open?: readonly (Pick<Reservation, 'hasLapsed'> & { readonly charge: StoredCharge })[];
  readonly charge?: StoredCharge;
  readonly requested?: StoredAmounts;
}

type StoredAmounts = readonly (readonly [string, Quantity])[];
type StoredCharge = Omit<Charge, 'amounts'> & { readonly amounts: StoredAmounts };

/** The ledger at the time `now`, from its entry and that of a committed charge, or `null` if it was forgotten. */
function ledgerIn([head, own]: readonly Entry[], defaults: QuotaLimits, now: number): Ledger | null {
  const { forgotten, limits = [], used = [], open = [] } = decoded(head);
  if (forgotten) return null;
  const { charge: committed, requested } = decoded(own);
  const remembered = open.filter(({ charge }) => charge.expiresAt + REMEMBERED_MS > now);
  return {
    limits: new Map([...defaults, ...limits]),
    ownLimits: new Map(limits),
    used: new Map(used.map(([resource, { nano }]) => [resource, nano])),
    open: new Map(
      remembered.map(({ charge, hasLapsed }) => [
        charge.reservationId,
        { charge: chargeOf(charge), hasLapsed: hasLapsed || charge.expiresAt <= now },
      ]),
    ),
    committed: committed && chargeOf(committed),
    requested: requested && new Map(requested),
    isChanged: false,
  };
}

function writesOf([head = '', own]: readonly string[], ledger: Ledger): ReadonlyMap<string, string | null> {
  const { ownLimits, used, open, committed, requested } = ledger;
  const writes = new Map<string, string | null>([
    [
      head,
      encoded({
        limits: [...ownLimits],
        used: [...used].map(([resource, nano]) => [resource, { nano }]),
        open: [...open.values()].map(({ charge, hasLapsed }) => ({ charge: storedOf(charge), hasLapsed })),
      }),
    ],
  ]);
  if (own === undefined) return writes;
  const charge = committed && {
    charge: storedOf(committed),
    requested: [...(requested ?? committed.amounts)],
  };
  writes.set(own, charge ? encoded(charge) : null);
  return writes;
}

/** JSON has neither maps nor bigints: maps become pairs, and every `nano` a string. A float would lose precision. */
function encoded(value: Stored): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

/** Only this adapter writes these entries. */
function decoded(entry: Entry | undefined): Stored {
  if (entry?.value == null) return {};
  return JSON.parse(entry.value, (key, part: unknown) =>
    key === 'nano' && typeof part === 'string' ? BigInt(part) : part,
  ) as Stored;
}

function chargeOf(stored: StoredCharge): Charge {
  return { ...stored, amounts: new Map(stored.amounts) };
}

function storedOf(charge: Charge): StoredCharge {
  return { ...charge, amounts: [...charge.amounts] };
}

function heldIn({ open }: Ledger, reservationId: string): Charge | undefined {
  const found = open.get(reservationId);
  return found === undefined || found.hasLapsed ? undefined : found.charge;
}

function resourcesOf({ limits, used, open }: Ledger): ReadonlyMap<string, ResourceUse> {
  const reserved = new Map<string, bigint>();
  for (const { charge, hasLapsed } of open.values()) if (!hasLapsed) add(reserved, charge.amounts, 1n);
  // What is used although no plan names it any more is shown with the limit 0.
  const isUsed = ([, nano]: readonly [string, bigint]): boolean => nano !== 0n;
  const unnamed = [...used, ...reserved]
    .filter(isUsed)
    .map(([resource]): [string, QuotaLimit] => [resource, { nano: 0n, format: 'decimal' }]);
  return new Map(
    [...new Map([...unnamed, ...limits])].map(([resource, limit]) => {
      // Formatted like the limit, so that people can compare them.
      const format = limit === 'unlimited' ? 'decimal' : limit.format;
      const of = (sums: ReadonlyMap<string, bigint>): Quantity => ({
        nano: sums.get(resource) ?? 0n,
        format,
      });
      return [resource, { limit, used: of(used), reserved: of(reserved) }];
    }),
  );
}

function unlistedIn(ledger: Ledger, amounts: Amounts): string[] {
  const resources = resourcesOf(ledger);
  return [...amounts.keys()].filter((resource) => !resources.has(resource)).sort();
}

/** All shortfalls, sorted by resource: the caller shows them together. */
function shortfallsIn(ledger: Ledger, amounts: Amounts): Shortfall[] {
  const resources = resourcesOf(ledger);
  return [...amounts]
    .flatMap(([resource, requested]): Shortfall[] => {
      const use = resources.get(resource);
      // A request for zero is admitted, even if the limit was lowered below the current use.
      if (use === undefined || requested.nano === 0n) return [];
      const { used, reserved } = use;
      const limit = use.limit === 'unlimited' ? LARGEST : use.limit;
      const beyond = used.nano + reserved.nano + requested.nano - limit.nano;
      if (beyond <= 0n) return [];
      return [
        {
          resource,
          requested: formatQuantity(requested),
          used: formatQuantity(used),
          reserved: formatQuantity(reserved),
          limit: formatQuantity(limit),
          exceededBy: formatQuantity({ nano: beyond, format: limit.format }),
        },
      ];
    })
    .sort((one, other) => (one.resource < other.resource ? -1 : 1));
}

function setLimit(ledger: Ledger, resource: string, limit: QuotaLimit): void {
  ledger.limits.set(resource, limit);
  ledger.ownLimits.set(resource, limit);
  ledger.isChanged = true;
}

function add(sums: Map<string, bigint>, amounts: Amounts, sign: 1n | -1n): void {
  for (const [resource, { nano }] of amounts) sums.set(resource, (sums.get(resource) ?? 0n) + sign * nano);
}

/** By how much each resource grows, and 0 of a resource that was not reserved. */
function increaseOf(before: Amounts, wanted: Amounts): Amounts {
  return new Map(
    [...wanted].flatMap(([resource, { nano, format }]): [string, Quantity][] => {
      const own = before.get(resource)?.nano;
      return own !== undefined && nano <= own ? [] : [[resource, { nano: nano - (own ?? 0n), format }]];
    }),
  );
}

/** The wanted amounts, and 0 of every other resource that was reserved. */
function withRest(before: Amounts, wanted: Amounts): Amounts {
  const rest = [...before].map(([resource, { format }]): [string, Quantity] => [
    resource,
    { nano: 0n, format },
  ]);
  return new Map([...rest, ...wanted]);
}

function isSame(one: Amounts, other: Amounts): boolean {
  return (
    one.size === other.size && [...one].every(([resource, { nano }]) => other.get(resource)?.nano === nano)
  );
}

/** A resource that one of them does not name is 0. */
function chargesSame(one: Amounts, other: Amounts): boolean {
  const nanoIn = (amounts: Amounts, resource: string): bigint => amounts.get(resource)?.nano ?? 0n;
  return [...one.keys(), ...other.keys()].every(
    (resource) => nanoIn(one, resource) === nanoIn(other, resource),
  );
}

function isSameLimit(one: QuotaLimit | undefined, other: QuotaLimit): boolean {
  if (one === undefined || one === 'unlimited' || other === 'unlimited') return one === other;
  return one.nano === other.nano;
}

/** An operator and a user can have the same name. */
function isSameActor(one: ActorRef, other: ActorRef): boolean {
  if ('userId' in one) return 'userId' in other && one.userId === other.userId;
  return 'operator' in other && one.operator === other.operator;
}

function limitsOf(texts: Readonly<Record<string, string>>): QuotaLimits {
  return new Map(
    Object.entries(texts).map(([resource, text]): [string, QuotaLimit] => {
      if (text === 'unlimited') return [resource, text];
      const limit = parseQuantity(text);
      if (limit.nano < 0n) throw new TypeError(`quota: the default of '${resource}' is negative`);
      return [resource, limit];
    }),
  );
}

/** Runs tasks of one key one after the other. Calls to the store need a timeout, because the queue waits for them. */
function turns(): <Answer>(name: string, task: () => Promise<Answer>) => Promise<Answer> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, task) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(task);
    const ended = turn.catch(() => undefined);
    last.set(name, ended);
    try {
      return await turn;
    } finally {
      if (last.get(name) === ended) last.delete(name);
    }
  };
}

/** Full jitter, so that processes that collided do not collide again. No answer depends on this clock. */
function pauseBefore(attempt: number): Promise<void> {
  const most = Math.min(LONGEST_PAUSE_MS, 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, Math.random() * most));
}

const GONE = Object.freeze({ ok: false, reason: 'gone' } as const);
/** A failed attempt means that a call of another process succeeded. */
const MAX_ATTEMPTS = 100;
const LONGEST_PAUSE_MS = 50;
/** A late commit is admitted again if it fits, so expired reservations are kept for a day. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;
/** No quantity exceeds this value: it represents `'unlimited'`. */
const LARGEST = parseQuantity('9223372036854775807');
