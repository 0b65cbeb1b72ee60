// A quota adapter on a versioned key-value store, to be copied, as the storage beside it. The guide is docs/adapters.md.
// What it needs besides the package's exports, as the arithmetic of what lacks, it has itself: so it can be copied anywhere.
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
  /** What every workspace is limited to from its first instant: quantities, or `'unlimited'`, by resource. */
  readonly defaults: Readonly<Record<string, string>>;
}

/**
 * Quotas on the store, a ledger for each workspace. Any number of processes may stand on one store.
 *
 * @throws TypeError when a default is negative; QuantityError when it is no quantity.
 */
export function keyValueQuota(store: KeyValueStore, { defaults }: KeyValueQuotaOptions): QuotaAdapter {
  const base = limitsOf(defaults);
  const inTurn = turns();

  /**
   * Reads the ledger, lets `step` answer from it and change it, and writes what is changed; anew, while others came in
   * between. Calls of one process wait for one another first: on a key that everybody wants, all but one would lose.
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
        // A change is written under both revisions. An answer without one must have been true of both entries at once.
        const stands = ledger.isChanged
          ? await store.commit(revisions, writesOf(keys, ledger))
          : keys.length === 1 || (await areCurrent(store, revisions));
        if (stands) return answer;
      }
      // Others were in the way and nothing was done: said so, it is no outage to the caller.
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
        // What says the same as a default is not written down: it would stay when the default changes.
        if (changed) for (const [resource, limit] of limits) setLimit(ledger, resource, limit);
        return { ok: true, resources: resourcesOf(ledger), changed };
      }),

    reserve: (subject, { reservationId, amounts, expiresAt, by, now }) =>
      onLedger(subject, { reservationId, now }, (ledger) => {
        const before = ledger.committed ?? heldIn(ledger, reservationId);
        if (before !== undefined) {
          return isSame(before.amounts, amounts)
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

    commit: (subject, { reservationId, now }) =>
      onLedger(subject, { reservationId, now }, (ledger) => {
        const { committed, open } = ledger;
        if (committed !== undefined) return { ok: true, charge: committed, changed: false };
        const before = open.get(reservationId);
        if (before === undefined) return { ok: false, reason: 'not-found' };
        const { amounts } = before.charge;
        // Its room was given back, and may be somebody else's by now: it is admitted as a new one would be.
        const lacks = (): boolean =>
          unlistedIn(ledger, amounts).length > 0 || shortfallsIn(ledger, amounts).length > 0;
        if (before.hasLapsed && lacks()) return { ok: false, reason: 'expired' };
        const charge: Charge = { ...before.charge, state: 'committed' };
        open.delete(reservationId);
        ledger.committed = charge;
        add(ledger.used, amounts, 1n);
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
        // An expired one goes, too: whoever gave it up must not find it committed later.
        open.delete(reservationId);
        ledger.isChanged = true;
        return { ok: true, released };
      }),

    async forget(workspaceId) {
      // From here on every call answers that it is gone: those under way lose to this write, and read again.
      await store.commit(new Map(), new Map([[keyOf('ledger', workspaceId), encoded({ forgotten: true })]]));
      // Nobody looks at the rest any more, so it need not go at the same instant; who forgets again, sweeps what is left.
      for await (const { key } of everyEntry(store, prefixOf('charge', workspaceId))) {
        await store.commit(new Map(), new Map([[key, null]]));
      }
    },
  };
}

/** A ledger as one call works on it: read for it, and thrown away after it. */
interface Ledger {
  /** Those in force: the defaults, and over them what `setLimits` said. */
  readonly limits: Map<string, QuotaLimit>;
  readonly ownLimits: Map<string, QuotaLimit>;
  /** Sums over what is committed, in 10^-9 units. */
  readonly used: Map<string, bigint>;
  readonly open: Map<string, Reservation>;
  /** What is committed under the id that the call is about. */
  committed: Charge | undefined;
  /** Whether there is something to write. */
  isChanged: boolean;
}

interface Reservation {
  readonly charge: Charge;
  /**
   * Seen after its expiry by a call that wrote, which may have given its room away. To who looks by a clock that is behind,
   * it would still be held.
   */
  readonly hasLapsed: boolean;
}

/** What the entry of a workspace, or of a committed charge, holds. */
interface Stored {
  readonly forgotten?: true;
  readonly limits?: readonly (readonly [string, QuotaLimit])[];
  readonly used?: readonly (readonly [string, Pick<Quantity, 'nano'>])[];
  readonly open?: readonly (Pick<Reservation, 'hasLapsed'> & { readonly charge: StoredCharge })[];
  readonly charge?: StoredCharge;
}

type StoredCharge = Omit<Charge, 'amounts'> & { readonly amounts: readonly (readonly [string, Quantity])[] };

/** The ledger as it is at `now`, from its entry and that of a committed charge; `null` where it was forgotten. */
function ledgerIn([head, own]: readonly Entry[], defaults: QuotaLimits, now: number): Ledger | null {
  const { forgotten, limits = [], used = [], open = [] } = decoded(head);
  if (forgotten) return null;
  const { charge: committed } = decoded(own);
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
    isChanged: false,
  };
}

function writesOf([head = '', own]: readonly string[], ledger: Ledger): ReadonlyMap<string, string | null> {
  const { ownLimits, used, open, committed } = ledger;
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
  if (own !== undefined) writes.set(own, committed ? encoded({ charge: storedOf(committed) }) : null);
  return writes;
}

/** JSON has neither maps nor bigints: maps are pairs, and every `nano` is a text. A float would lose units. */
function encoded(value: Stored): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

/** Nothing but this adapter writes these entries. */
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
  return new Map(
    [...limits].map(([resource, limit]) => {
      // Printed as the limit is, so that they can be compared.
      const format = limit === 'unlimited' ? 'decimal' : limit.format;
      const of = (sums: ReadonlyMap<string, bigint>): Quantity => ({
        nano: sums.get(resource) ?? 0n,
        format,
      });
      return [resource, { limit, used: of(used), reserved: of(reserved) }];
    }),
  );
}

function unlistedIn({ limits }: Ledger, amounts: Amounts): string[] {
  return [...amounts.keys()].filter((resource) => !limits.has(resource)).sort();
}

/** Every resource that lacks, sorted: the caller shows them all at once. */
function shortfallsIn(ledger: Ledger, amounts: Amounts): Shortfall[] {
  const resources = resourcesOf(ledger);
  return [...amounts]
    .flatMap(([resource, requested]): Shortfall[] => {
      const use = resources.get(resource);
      // What asks for nothing increases nothing: it is admitted where a limit was lowered below use, too.
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

function isSame(one: Amounts, other: Amounts): boolean {
  return (
    one.size === other.size && [...one].every(([resource, { nano }]) => other.get(resource)?.nano === nano)
  );
}

function isSameLimit(one: QuotaLimit | undefined, other: QuotaLimit): boolean {
  if (one === undefined || one === 'unlimited' || other === 'unlimited') return one === other;
  return one.nano === other.nano;
}

/** An operator may have the name of a user. */
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

/** Tasks of one name, one after the other. A call to the store must end by itself, or all behind it wait for ever. */
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

/** Full jitter: those who met do not meet again. Nothing that is answered depends on this clock. */
function pauseBefore(attempt: number): Promise<void> {
  const most = Math.min(LONGEST_PAUSE_MS, 2 ** attempt);
  return new Promise((resolve) => setTimeout(resolve, Math.random() * most));
}

const GONE = Object.freeze({ ok: false, reason: 'gone' } as const);
/** Each that is lost is a call of another process's that was answered. */
const MAX_ATTEMPTS = 100;
const LONGEST_PAUSE_MS = 50;
/** A late commit is admitted anew if it fits: for that, what has expired is kept for a day. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;
/** More than this no quantity can say: what `'unlimited'` comes to. */
const LARGEST = parseQuantity('9223372036854775807');
