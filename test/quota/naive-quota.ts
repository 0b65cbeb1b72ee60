// The simplest implementation of the port, over a list of charges, with one typical fault at a time.
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { formatQuantity, parseQuantity, type Quantity } from '../../src/core/quantity/index.js';
import type { Charge, QuotaLimit, ResourceUse, Shortfall } from '../../src/core/quota.js';
import type { QuotaAdapter, QuotaSubject } from '../../src/ports/quota.js';

export type Fault =
  | 'reads, then writes'
  | 'refuses equality'
  | 'charges again'
  | 'ignores other amounts'
  | 'admits in part'
  | 'expires by a sweep'
  | 'expires a moment late'
  | 'holds by the clock of the caller'
  | 'releases below zero'
  | 'releases for anybody'
  | 'releases what is committed'
  | 'takes operators for users'
  | 'commits in two steps'
  | 'commits whatever has expired'
  | 'forgets what has expired'
  | 'refuses commits over the limit'
  | 'refuses lower limits'
  | 'calls the same limits changed'
  | 'counts what is asked for at zero'
  | 'keeps what was released too late'
  | 'forgets forgetting'
  | 'is brought back by a call under way'
  | 'forgets only what it has seen'
  | 'shares workspaces'
  | 'starts without limits'
  | 'lets unlisted resources in'
  | 'names one shortfall'
  | 'leaves shortfalls unsorted'
  | 'prints amounts as they came'
  | 'counts in floats'
  | 'never says that is too much'
  | 'forgets what no plan names'
  | 'keeps the rest'
  | 'settles above the limit'
  | 'settles in part'
  | 'refuses less above the limit'
  | 'settles again with other amounts'
  | 'settles late as reserved'
  | 'forgets what was reserved'
  | 'settles for anybody'
  | 'settles more while suspended'
  | 'resizes from the reserved amounts'
  | 'resizes above the limit'
  | 'resizes in part'
  | 'refuses smaller above the limit'
  | 'resizes in two steps'
  | 'resizes what is only reserved'
  | 'resizes for anybody'
  | 'calls the same size changed';

interface Entry {
  readonly charge: Charge;
  /** Settled after its expiry: its amounts may have been given to another. */
  readonly lapsed: boolean;
  readonly requested: Charge['amounts'];
}

interface Book {
  limits: ReadonlyMap<string, QuotaLimit>;
  entries: readonly Entry[];
}

const LARGEST = 2n ** 63n - 1n;
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/** Correct without a fault. */
export function naiveQuota(
  defaults: Readonly<Record<string, string>>,
  fault?: Fault,
): QuotaAdapter & { readonly changeDefaults: (changed: Readonly<Record<string, string>>) => void } {
  let plan = defaults;
  const books = new Map<string, Book>();
  const forgotten = new Set<string>();
  let queue: Promise<unknown> = Promise.resolve();

  /** One call after the other, each with a turn of the event loop between reading and writing. */
  const inTurn = async <Answer>(call: () => Promise<Answer>): Promise<Answer> => {
    if (fault === 'reads, then writes') return call();
    const turn = queue.then(call);
    queue = turn.catch(() => undefined);
    return turn;
  };

  const open = (workspaceId: string): Book => {
    const key = fault === 'shares workspaces' ? '' : workspaceId;
    const book = books.get(key) ?? { limits: new Map(), entries: [] };
    books.set(key, book);
    return book;
  };

  const onBook = <Answer>(
    { workspaceId }: QuotaSubject,
    now: number,
    step: (book: Book, entries: readonly Entry[]) => Promise<Answer> | Answer,
  ): Promise<Answer | { readonly ok: false; readonly reason: 'gone' }> =>
    inTurn(async () => {
      if (forgotten.has(workspaceId)) return { ok: false, reason: 'gone' };
      const book = open(workspaceId);
      book.entries = book.entries
        .map((entry) => (hasExpired(entry.charge, now) ? { ...entry, lapsed: true } : entry))
        .filter(({ charge, lapsed }) => !lapsed || remembers(charge, now));
      const { entries } = book;
      await setImmediate();
      const answer = await step(book, entries);
      if (fault === 'is brought back by a call under way') forgotten.delete(workspaceId);
      return answer;
    });

  const hasExpired = ({ state, expiresAt }: Charge, now: number): boolean => {
    if (state === 'committed' || fault === 'expires by a sweep') return false;
    return fault === 'expires a moment late' ? expiresAt < now : expiresAt <= now;
  };
  const remembers = ({ expiresAt }: Charge, now: number): boolean =>
    fault !== 'forgets what has expired' && expiresAt + REMEMBERED_MS > now;
  const isHeld = ({ charge, lapsed }: Entry, now: number): boolean =>
    fault === 'holds by the clock of the caller' ? !hasExpired(charge, now) : !lapsed;

  const sum = (entries: readonly Entry[], resource: string, now: number, state: Charge['state']): bigint => {
    const held = entries.filter((entry) => entry.charge.state === state && isHeld(entry, now));
    const amounts = held.map(({ charge }) => charge.amounts.get(resource)?.nano ?? 0n);
    if (fault !== 'counts in floats') return amounts.reduce((total, nano) => total + nano, 0n);
    return BigInt(Math.round(amounts.reduce((total, nano) => total + Number(nano) / 1e9, 0) * 1e9));
  };

  const limitsOf = ({ limits }: Book): Map<string, QuotaLimit> => {
    const listed = fault === 'starts without limits' ? Object.keys(plan) : [];
    return new Map([
      ...Object.entries(plan).map(([resource, text]) => [resource, limitOf(text)] as const),
      ...listed.map((resource) => [resource, 'unlimited'] as const),
      ...limits,
    ]);
  };

  /** Resources that are used, and that neither the plan nor the workspace has a limit for. */
  const unnamed = (book: Book, entries: readonly Entry[], now: number): [string, QuotaLimit][] => {
    if (fault === 'forgets what no plan names') return [];
    const held = entries.filter((entry) => entry.charge.state === 'committed' || isHeld(entry, now));
    const named = limitsOf(book);
    const used = held.flatMap(({ charge }) => [...charge.amounts].filter(([, { nano }]) => nano > 0n));
    return used.filter(([resource]) => !named.has(resource)).map(([resource]) => [resource, limitOf('0')]);
  };

  const usesOf = (book: Book, entries: readonly Entry[], now: number): Map<string, ResourceUse> =>
    new Map(
      [...limitsOf(book), ...unnamed(book, entries, now)].map(([resource, limit]) => {
        const format = limit === 'unlimited' ? 'decimal' : limit.format;
        const used = { nano: sum(entries, resource, now, 'committed'), format };
        const reserved = { nano: sum(entries, resource, now, 'reserved'), format };
        return [resource, { limit, used, reserved }];
      }),
    );

  const lacking = (uses: ReadonlyMap<string, ResourceUse>, amounts: Charge['amounts']): Shortfall[] => {
    const found = [...amounts].flatMap(([resource, requested]): Shortfall[] => {
      const use = uses.get(resource);
      if (use === undefined) return [];
      if (fault === 'never says that is too much' && use.limit === 'unlimited') return [];
      if (requested.nano === 0n && fault !== 'counts what is asked for at zero') return [];
      const limit = use.limit === 'unlimited' ? limitOf(String(LARGEST)) : use.limit;
      if (limit === 'unlimited') return [];
      const beyond = use.used.nano + use.reserved.nano + requested.nano - limit.nano;
      if (beyond < 0n || (beyond === 0n && fault !== 'refuses equality')) return [];
      const print = fault === 'prints amounts as they came' ? plain : formatQuantity;
      return [
        {
          resource,
          requested: print(requested),
          used: print(use.used),
          reserved: print(use.reserved),
          limit: print(limit),
          exceededBy: print({ nano: beyond, format: limit.format }),
        },
      ];
    });
    if (fault !== 'leaves shortfalls unsorted') {
      found.sort((one, other) => (one.resource < other.resource ? -1 : 1));
    }
    return fault === 'names one shortfall' ? found.slice(0, 1) : found;
  };

  const others = (entries: readonly Entry[], reservationId: string): Entry[] =>
    entries.filter(({ charge }) => charge.reservationId !== reservationId);
  const find = (entries: readonly Entry[], reservationId: string): Entry | undefined =>
    entries.find(({ charge }) => charge.reservationId === reservationId);

  return {
    changeDefaults: (changed) => {
      plan = changed;
    },

    async report(subject, now) {
      if (fault === 'commits in two steps' || fault === 'resizes in two steps') {
        const { workspaceId } = subject;
        if (forgotten.has(workspaceId)) return { ok: false, reason: 'gone' };
        const book = open(workspaceId);
        return { ok: true, resources: usesOf(book, book.entries, now) };
      }
      return onBook(subject, now, (book, entries) => ({ ok: true, resources: usesOf(book, entries, now) }));
    },

    setLimits: (subject, limits, now) =>
      onBook(subject, now, (book, entries) => {
        const uses = usesOf(book, entries, now);
        const kept = [...limits].filter(([resource, limit]) => {
          const use = uses.get(resource);
          if (fault !== 'refuses lower limits' || use === undefined || limit === 'unlimited') return true;
          return use.used.nano + use.reserved.nano <= limit.nano;
        });
        const before = limitsOf(book);
        const same = [...limits].every(([resource, limit]) => {
          const set = before.get(resource);
          return set !== undefined && limitText(set) === limitText(limit);
        });
        book.limits = new Map([...book.limits, ...kept]);
        return {
          ok: true,
          resources: usesOf(book, entries, now),
          changed: !same || fault === 'calls the same limits changed',
        };
      }),

    reserve: (subject, { reservationId, amounts, expiresAt, by, now }) =>
      onBook(subject, now, (book, entries) => {
        const before = find(entries, reservationId);
        if (before !== undefined && isHeld(before, now) && fault !== 'charges again') {
          const same = fault === 'ignores other amounts' || sameAs(before.requested, amounts);
          return same
            ? { ok: true, charge: before.charge, changed: false }
            : { ok: false, reason: 'mismatch' };
        }
        const uses = usesOf(book, entries, now);
        const unlisted = [...amounts.keys()].filter((resource) => !uses.has(resource)).sort();
        if (unlisted.length > 0 && fault !== 'lets unlisted resources in') {
          return { ok: false, reason: 'unlisted', resources: unlisted };
        }
        const charge: Charge = {
          reservationId,
          amounts: new Map(amounts),
          state: 'reserved',
          expiresAt,
          by: { ...by },
        };
        const shortfalls = lacking(uses, amounts);
        const rest = fault === 'charges again' ? entries : others(entries, reservationId);
        if (shortfalls.length > 0) {
          const lacks = new Set(shortfalls.map(({ resource }) => resource));
          const part = new Map([...amounts].filter(([resource]) => !lacks.has(resource)));
          if (fault === 'admits in part') {
            book.entries = [
              ...rest,
              { charge: { ...charge, amounts: part }, lapsed: false, requested: part },
            ];
          }
          return { ok: false, reason: 'exceeded', shortfalls };
        }
        book.entries = [...rest, { charge, lapsed: false, requested: charge.amounts }];
        return { ok: true, charge, changed: true };
      }),

    commit: (subject, { reservationId, amounts: taken, onlyBy, onlyDecrease, now }) =>
      onBook(subject, now, async (book, entries) => {
        const before = find(entries, reservationId);
        if (before === undefined) return { ok: false, reason: 'not-found' };
        const isAnybody = onlyBy === undefined || fault === 'settles for anybody';
        if (!isAnybody && !maySay(before.charge.by, onlyBy)) return { ok: false, reason: 'not-yours' };
        if (before.charge.state === 'committed' && fault !== 'settles again with other amounts') {
          return taken === undefined || sameAs(positive(before.charge.amounts), positive(taken))
            ? { ok: true, charge: before.charge, changed: false }
            : { ok: false, reason: 'mismatch' };
        }
        const rest = others(entries, reservationId);
        const held = isHeld(before, now) && fault !== 'refuses commits over the limit';
        const reserved = before.charge.amounts;
        const wanted = taken ?? reserved;
        const isMore = [...wanted].some(
          ([resource, { nano }]) => nano > (reserved.get(resource)?.nano ?? 0n),
        );
        if (onlyDecrease && isMore && fault !== 'settles more while suspended')
          return { ok: false, reason: 'increase' };
        if (!held && fault !== 'commits whatever has expired') {
          const uses = usesOf(book, rest, now);
          const asked = fault === 'settles late as reserved' ? reserved : wanted;
          const missing = [...asked.keys()].filter((resource) => !uses.has(resource)).sort();
          if (missing.some((resource) => !reserved.has(resource)))
            return { ok: false, reason: 'unlisted', resources: missing };
          if (missing.length > 0 || lacking(uses, asked).length > 0) return { ok: false, reason: 'expired' };
        }
        const part = new Map(wanted);
        if (held && taken !== undefined) {
          const uses = usesOf(book, entries, now);
          const more = [...taken].flatMap(([resource, { nano, format }]): [string, Quantity][] => {
            const own = reserved.get(resource)?.nano;
            if (fault === 'refuses less above the limit' && own !== undefined) {
              const { limit = 'unlimited', used, reserved: open } = uses.get(resource) ?? {};
              const total = (used?.nano ?? 0n) + (open?.nano ?? 0n) - own + nano;
              return limit !== 'unlimited' && total > limit.nano ? [[resource, { nano, format }]] : [];
            }
            if (own !== undefined && nano <= own) return [];
            return [[resource, { nano: nano - (own ?? 0n), format }]];
          });
          const missing = more.map(([resource]) => resource).filter((resource) => !uses.has(resource));
          if (missing.length > 0) return { ok: false, reason: 'unlisted', resources: missing.sort() };
          const shortfalls = fault === 'settles above the limit' ? [] : lacking(uses, new Map(more));
          if (shortfalls.length > 0 && fault !== 'settles in part')
            return { ok: false, reason: 'exceeded', shortfalls };
          for (const { resource } of shortfalls) part.delete(resource);
        }
        const zeros = [...reserved].map(
          ([resource, { format }]) => [resource, { nano: 0n, format }] as const,
        );
        const charge: Charge = {
          ...before.charge,
          amounts: taken === undefined ? reserved : new Map([...zeros, ...part]),
          state: 'committed',
        };
        if (fault === 'commits in two steps') {
          book.entries = rest;
          await setImmediate();
        }
        const larger = [...charge.amounts].map(([resource, amount]) => {
          const own = reserved.get(resource);
          return [resource, own !== undefined && own.nano > amount.nano ? own : amount] as const;
        });
        const kept = fault === 'keeps the rest' ? { ...charge, amounts: new Map(larger) } : charge;
        const requested = fault === 'forgets what was reserved' ? charge.amounts : before.requested;
        book.entries = [...rest, { charge: kept, lapsed: false, requested }];
        return { ok: true, charge, changed: true };
      }),

    resize: (subject, { reservationId, amounts: wanted, onlyBy, onlyDecrease, now }) =>
      onBook(subject, now, async (book, entries) => {
        const before = find(entries, reservationId);
        const isOpen = before?.charge.state === 'reserved' && fault !== 'resizes what is only reserved';
        if (before === undefined || isOpen) return { ok: false, reason: 'not-found' };
        const isAnybody = onlyBy === undefined || fault === 'resizes for anybody';
        if (!isAnybody && !maySay(before.charge.by, onlyBy)) return { ok: false, reason: 'not-yours' };
        const { amounts: own } = before.charge;
        const isSame = sameAs(positive(own), positive(wanted));
        if (isSame && fault !== 'calls the same size changed')
          return { ok: true, charge: before.charge, changed: false };
        const base = fault === 'resizes from the reserved amounts' ? before.requested : own;
        const rest = others(entries, reservationId);
        const uses = usesOf(book, entries, now);
        const more = [...wanted].flatMap(([resource, { nano, format }]): [string, Quantity][] => {
          const had = base.get(resource)?.nano;
          const step: [string, Quantity] = [resource, { nano: nano - (had ?? 0n), format }];
          if (fault === 'refuses smaller above the limit' && nano > 0n)
            return lacking(usesOf(book, rest, now), new Map([[resource, { nano, format }]])).length > 0
              ? [[resource, { nano, format }]]
              : [];
          return had === undefined || nano > had ? [step] : [];
        });
        if (onlyDecrease && more.some(([, { nano }]) => nano > 0n)) return { ok: false, reason: 'increase' };
        const missing = more.map(([resource]) => resource).filter((resource) => !uses.has(resource));
        if (missing.length > 0) return { ok: false, reason: 'unlisted', resources: missing.sort() };
        const shortfalls = fault === 'resizes above the limit' ? [] : lacking(uses, new Map(more));
        const zeros = [...own].map(([resource, { format }]) => [resource, { nano: 0n, format }] as const);
        const part = new Map([...zeros, ...wanted]);
        for (const { resource } of shortfalls) part.delete(resource);
        const charge: Charge = { ...before.charge, amounts: part };
        const entry = { ...before, charge };
        if (shortfalls.length > 0) {
          if (fault === 'resizes in part') book.entries = [...rest, entry];
          return { ok: false, reason: 'exceeded', shortfalls };
        }
        if (fault === 'resizes in two steps') {
          book.entries = rest;
          await setImmediate();
        }
        book.entries = [...rest, entry];
        return { ok: true, charge, changed: true };
      }),

    release: (subject, { reservationId, onlyBy, onlyReserved, now }) =>
      onBook(subject, now, (book, entries) => {
        const before = find(entries, reservationId);
        if (before === undefined) {
          if (fault === 'releases below zero') {
            const amounts = new Map([['pods', parseQuantity('-7')]]);
            const charge: Charge = {
              reservationId: '',
              amounts,
              state: 'reserved',
              expiresAt: Infinity,
              by: { operator: '' },
            };
            book.entries = [...entries, { charge, lapsed: false, requested: amounts }];
          }
          return { ok: true, released: null };
        }
        if (onlyBy !== undefined && !maySay(before.charge.by, onlyBy))
          return { ok: false, reason: 'not-yours' };
        const isKept = onlyReserved === true && fault !== 'releases what is committed';
        if (isKept && before.charge.state === 'committed') return { ok: true, released: null };
        if (fault === 'keeps what was released too late' && before.lapsed)
          return { ok: true, released: null };
        book.entries = others(entries, reservationId);
        return { ok: true, released: isHeld(before, now) ? before.charge : null };
      }),

    async forget(workspaceId) {
      const drop = async (): Promise<void> => {
        const seen = books.delete(workspaceId);
        await setImmediate();
        if (fault === 'forgets forgetting' || (fault === 'forgets only what it has seen' && !seen)) return;
        forgotten.add(workspaceId);
      };
      await (fault === 'is brought back by a call under way' ? drop() : inTurn(drop));
    },
  };

  function maySay(by: Charge['by'], onlyBy: Charge['by']): boolean {
    if (fault === 'releases for anybody') return true;
    if (fault === 'takes operators for users')
      return isDeepStrictEqual(Object.values(by), Object.values(onlyBy));
    return isDeepStrictEqual({ ...by }, { ...onlyBy });
  }
}

function sameAs(one: Charge['amounts'], other: Charge['amounts']): boolean {
  const nanos = (amounts: Charge['amounts']) =>
    new Map([...amounts].map(([resource, { nano }]) => [resource, nano]));
  return isDeepStrictEqual(nanos(one), nanos(other));
}

/** Without the resources of which nothing is taken. */
function positive(amounts: Charge['amounts']): Charge['amounts'] {
  return new Map([...amounts].filter(([, { nano }]) => nano > 0n));
}

function limitOf(text: string): QuotaLimit {
  return text === 'unlimited' ? text : parseQuantity(text);
}

function plain({ nano }: { readonly nano: bigint }): string {
  return `${nano}n`;
}

/** Equal strings for equal limits. */
function limitText(limit: QuotaLimit): string {
  return limit === 'unlimited' ? limit : String(limit.nano);
}
