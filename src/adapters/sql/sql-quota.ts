// Quotas in the tables of a database. Each call has the ledger of its workspace alone while it lasts, so it is atomic.
import { isUser, sameActor } from '../../domain/actor.js';
import {
  LARGEST_NANO,
  limitsOfDefaults,
  sameAmounts,
  sameLimits,
  shortfallsOf,
  unlistedOf,
  type Amounts,
  type Charge,
  type LimitTexts,
  type QuotaLimit,
  type QuotaLimits,
  type ResourceUse,
} from '../../domain/quota.js';
import type { QuotaAdapter, QuotaSubject } from '../../ports/quota.js';
import { atomically, connected, rowsOf, run, type Row, type SqlDatabase } from './database.js';
import { answerOf, explained, isConflict } from './failures.js';
import { keptByNames, type SqlNames, type SqlTables } from './names.js';
import { guardedStatements, type WantedAmount } from './quota-guarded.js';
import { ledgerOf, storedCharge, type Ledger } from './quota-ledger.js';
import { MOST_AT_ONCE, quotaStatements, type LedgerInstant } from './quota-statements.js';
import { actorToRow, optional, text, whole } from './rows.js';
import type { Statement } from './statement.js';

/** Options of {@link sqlQuota}. */
export interface SqlQuotaOptions extends SqlTables {
  /** The host's Kysely instance, or a transaction of it: then everything is part of that. */
  readonly db: SqlDatabase;
  /**
   * What every workspace is limited to from its first instant, or a function of the workspace, as of its owner's plan:
   * asked at every call, before the database is. Resources that are not named here are refused by name, until `setQuota`
   * names them.
   */
  readonly defaults: LimitTexts | ((subject: QuotaSubject) => LimitTexts | Promise<LimitTexts>);
}

/** For so long an expired reservation is remembered, so that a late commit can be admitted anew. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/**
 * Quotas on SQLite, PostgreSQL, MariaDB or MySQL, in the tables that `migrations` makes. On PostgreSQL a reservation that
 * fits, its commit and its release are one guarded statement each; elsewhere, inside a transaction of the host's, and for
 * every other case, a call opens the row of the workspace's ledger, and has it until the transaction ends. Calls on one
 * workspace wait for each other, in whatever process, and never try again in vain.
 *
 * @throws TypeError when a default is negative, the dialect is unknown or not that of the instance, or a name is none;
 * QuantityError when a default is no quantity.
 *
 * @example
 * ```ts
 * import { Kysely, SqliteDialect } from 'kysely';
 * import Database from 'libsql';
 * import { migrations, sqlQuota, sqlStorage } from 'tenantry/sql';
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) });
 * const dialect = 'sqlite';
 * for (const { up } of Object.values(migrations({ dialect }))) await up(db);
 *
 * const { workspaces } = createTestWorkspaces({
 *   storage: sqlStorage({ db, dialect }),
 *   quota: sqlQuota({ db, dialect, defaults: { 'limits.cpu': '16', pods: 'unlimited' } }),
 * });
 * const { workspace } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * const amounts = { 'limits.cpu': '500m' };
 * await workspaces.reserveQuota({ userId: 'u1' }, { workspaceId: workspace.id, reservationId: 'db-1', amounts });
 * await db.destroy();
 * ```
 */
export function sqlQuota({ db: host, defaults, ...tables }: SqlQuotaOptions): QuotaAdapter {
  const { db, names } = connected(host, tables);
  const { ledger: statements, guarded: byOneStatement } = statementsOf(names);
  // A guarded statement locks the sums that it moves, and nothing before them: harmless where its locks end with it. In a
  // transaction of the host's they last, and the next call would ask for the ledger, or for other sums, out of order. So
  // there every call opens the ledger first.
  const guarded = db.isTransaction ? null : byOneStatement;
  const fixed = typeof defaults === 'function' ? null : limitsOfDefaults(defaults);
  const defaultsFor = async (subject: QuotaSubject): Promise<QuotaLimits> =>
    fixed ?? limitsOfDefaults(typeof defaults === 'function' ? await defaults(subject) : defaults);

  const forgetLapsed = async (transaction: SqlDatabase, key: LedgerInstant): Promise<void> => {
    const lapsed = await rowsOf(transaction, statements.lapsed, key);
    const ids = lapsed.map((row) => text(row['reservation_id']));
    for (let place = 0; place < ids.length; place += MOST_AT_ONCE) {
      const keys = { ...key, reservationIds: ids.slice(place, place + MOST_AT_ONCE) };
      for (const each of statements.deleteCharges) await run(transaction, each, keys);
    }
  };

  /** Opens the ledger, settles what has expired, runs the step, and writes back what it changed. */
  const onLedger = async <Result>(
    { workspaceId }: Pick<QuotaSubject, 'workspaceId'>,
    now: number,
    step: (open: OpenLedger) => Result | Promise<Result>,
  ): Promise<Result | typeof GONE> =>
    answerOf(db, names, () =>
      atomically(db, names.facts, async (transaction) => {
        const key = { workspaceId, instant: now };
        const [opened] = await rowsOf(transaction, statements.open, key);
        const [row] = opened === undefined ? await rowsOf(transaction, statements.isGone, key) : [opened];
        if (whole(row?.['gone']) === 1) return GONE;
        const resources = await rowsOf(transaction, statements.resources, key);
        const expired = await rowsOf(transaction, statements.expired, key);
        if (expired.length > 0) {
          await run(transaction, statements.lapse, key);
          await forgetLapsed(transaction, { workspaceId, instant: now - REMEMBERED_MS });
        }
        const ledger = ledgerOf(resources, expired);
        const result = await step({ ledger, transaction });
        for (const { isStored, ...values } of ledger.changed(workspaceId)) {
          await run(transaction, isStored ? statements.updateResource : statements.insertResource, values);
        }
        return result;
      }),
    );

  const guardedRows = async <Input>(query: Statement<Input>, input: Input): Promise<readonly Row[]> => {
    try {
      return await rowsOf(db, query, input);
    } catch (error) {
      // It did nothing: in a stricter isolation than it needs it cannot be serialized. The ledger is opened in its own.
      if (isConflict(error, names)) return [];
      throw await explained(error, db, names);
    }
  };

  const chargeOf = async (transaction: SqlDatabase, workspaceId: string, reservationId: string) =>
    storedCharge(reservationId, await rowsOf(transaction, statements.charge, { workspaceId, reservationId }));

  /** In place of what is there under its id, as a row of its own: nobody who waits for the old one finds it changed. */
  const put = async (
    transaction: SqlDatabase,
    workspaceId: string,
    { charge, isAnew }: { readonly charge: Charge; readonly isAnew: boolean },
  ): Promise<void> => {
    const { reservationId, amounts, state, expiresAt, by } = charge;
    const key = { workspaceId, reservationId };
    if (isAnew) for (const each of statements.deleteCharge) await run(transaction, each, key);
    const { user_id: byUserId, operator: byOperator } = actorToRow(by, '');
    await run(transaction, statements.insertCharge, {
      ...key,
      state,
      expiresAt,
      byUserId: optional(text, byUserId),
      byOperator: optional(text, byOperator),
    });
    for (const [resource, { nano, format }] of amounts) {
      await run(transaction, statements.insertAmount, { ...key, resource, amount: String(nano), format });
    }
  };

  return {
    async report(subject, now) {
      const limits = await defaultsFor(subject);
      const key = { workspaceId: subject.workspaceId, instant: now };
      const rows = await answerOf(db, names, () => rowsOf(db, statements.report, key));
      const part = (name: string) => rows.filter((row) => row['part'] === name);
      if (part('gone').length > 0) return GONE;
      return { ok: true, resources: ledgerOf(part('resource'), part('expired')).resources(limits) };
    },

    async setLimits(subject, limits, now) {
      const base = await defaultsFor(subject);
      return onLedger(subject, now, ({ ledger }) => {
        const changed = !sameLimits(limitsIn(ledger.resources(base)), limits);
        // What says the same as the default is not pinned: it would be a change that nothing tells of.
        if (changed) for (const [resource, limit] of limits) ledger.setLimit(resource, limit);
        return { ok: true, resources: ledger.resources(base), changed };
      });
    },

    async reserve(subject, { reservationId, amounts, expiresAt, by, now }) {
      const { workspaceId } = subject;
      const base = await defaultsFor(subject);
      const charge: Charge = Object.freeze({
        reservationId,
        amounts: new Map(amounts),
        state: 'reserved',
        expiresAt,
        by: Object.freeze({ ...by }),
      });
      if (guarded !== null) {
        const { user_id: byUserId, operator: byOperator } = actorToRow(by, '');
        const input = {
          workspaceId,
          reservationId,
          expiresAt,
          byUserId: optional(text, byUserId),
          byOperator: optional(text, byOperator),
          wanted: wantedOf(amounts, base),
          largest: String(LARGEST_NANO),
        };
        const [row] = await guardedRows(guarded.reserve, input);
        if (row !== undefined && whole(row['made']) === 1) return { ok: true, charge, changed: true };
      }
      return onLedger(subject, now, async ({ ledger, transaction }) => {
        const before = await chargeOf(transaction, workspaceId, reservationId);
        if (before?.isHeld) {
          return sameAmounts(before.charge.amounts, amounts)
            ? { ok: true, charge: before.charge, changed: false }
            : { ok: false, reason: 'mismatch' };
        }
        const resources = ledger.resources(base);
        const unlisted = unlistedOf(resources, amounts);
        if (unlisted.length > 0) return { ok: false, reason: 'unlisted', resources: unlisted };
        const shortfalls = shortfallsOf(resources, amounts);
        if (shortfalls.length > 0) return { ok: false, reason: 'exceeded', shortfalls };
        ledger.move(amounts, 'reserved', 1n);
        await put(transaction, workspaceId, { charge, isAnew: before !== null });
        return { ok: true, charge, changed: true };
      });
    },

    async commit(subject, { reservationId, now }) {
      const { workspaceId } = subject;
      const base = await defaultsFor(subject);
      if (guarded !== null) {
        const key = { workspaceId, reservationId, instant: now };
        const rows = await guardedRows(guarded.commit, key);
        const committed = storedCharge(reservationId, rows);
        if (committed !== null) return { ok: true, charge: committed.charge, changed: true };
      }
      return onLedger(subject, now, async ({ ledger, transaction }) => {
        const before = await chargeOf(transaction, workspaceId, reservationId);
        if (before === null) return { ok: false, reason: 'not-found' };
        const { charge, isHeld } = before;
        if (charge.state === 'committed') return { ok: true, charge, changed: false };
        if (isHeld) ledger.move(charge.amounts, 'reserved', -1n);
        else if (!isAdmitted(ledger.resources(base), charge.amounts)) return { ok: false, reason: 'expired' };
        ledger.move(charge.amounts, 'used', 1n);
        await run(transaction, statements.commitCharge, { workspaceId, reservationId });
        return { ok: true, charge: Object.freeze({ ...charge, state: 'committed' as const }), changed: true };
      });
    },

    async release(subject, { reservationId, onlyBy, onlyReserved = false, now }) {
      const { workspaceId } = subject;
      if (guarded !== null) {
        const input = {
          workspaceId,
          reservationId,
          instant: now,
          onlyByUserId: onlyBy !== undefined && isUser(onlyBy) ? onlyBy.userId : null,
          onlyByOperator: onlyBy !== undefined && !isUser(onlyBy) ? onlyBy.operator : null,
          onlyReserved,
        };
        const rows = await guardedRows(guarded.release, input);
        const released = storedCharge(reservationId, rows);
        if (released !== null) return { ok: true, released: released.charge };
      }
      return onLedger(subject, now, async ({ ledger, transaction }) => {
        const before = await chargeOf(transaction, workspaceId, reservationId);
        if (before === null) return { ok: true, released: null };
        const { charge, isHeld } = before;
        if (onlyBy !== undefined && !sameActor(charge.by, onlyBy)) return { ok: false, reason: 'not-yours' };
        if (onlyReserved && charge.state === 'committed') return { ok: true, released: null };
        if (isHeld) ledger.move(charge.amounts, charge.state === 'committed' ? 'used' : 'reserved', -1n);
        for (const each of statements.deleteCharge) {
          await run(transaction, each, { workspaceId, reservationId });
        }
        return { ok: true, released: isHeld ? charge : null };
      });
    },

    async forget(workspaceId) {
      await answerOf(db, names, () =>
        atomically(db, names.facts, async (transaction) => {
          await rowsOf(transaction, statements.open, { workspaceId });
          // As every other call does, so that whoever holds a sum has let go of it.
          await rowsOf(transaction, statements.resources, { workspaceId });
          for (const each of statements.forget) await run(transaction, each, { workspaceId });
        }),
      );
    },
  };
}

interface OpenLedger {
  readonly ledger: Ledger;
  readonly transaction: SqlDatabase;
}

const GONE = Object.freeze({ ok: false, reason: 'gone' } as const);

function isAdmitted(resources: ReadonlyMap<string, ResourceUse>, amounts: Amounts): boolean {
  return unlistedOf(resources, amounts).length === 0 && shortfallsOf(resources, amounts).length === 0;
}

function limitsIn(resources: ReadonlyMap<string, ResourceUse>): QuotaLimits {
  return new Map([...resources].map(([resource, { limit }]): [string, QuotaLimit] => [resource, limit]));
}

function wantedOf(amounts: Amounts, defaults: QuotaLimits): WantedAmount[] {
  return [...amounts].map(([resource, { nano, format }]) => {
    const limit = defaults.get(resource);
    return {
      resource,
      nano: String(nano),
      format,
      limit: limit === undefined ? null : String(limit === 'unlimited' ? LARGEST_NANO : limit.nano),
    };
  });
}

const statementsOf = keptByNames(writtenFor);

function writtenFor(names: SqlNames) {
  return {
    ledger: quotaStatements(names),
    guarded: names.facts.hasWritingCtes ? guardedStatements(names) : null,
  };
}
