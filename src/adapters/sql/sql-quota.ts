// Quotas in the tables of a database. Each call has exclusive access to its workspace's ledger, so it is atomic.
import { isUser, sameActor } from '../../core/actor.js';
import {
  LARGEST_NANO,
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
} from '../../core/quota.js';
import { resizeOf, settlementOf } from '../../core/settlement.js';
import type { QuotaAdapter, QuotaSubject } from '../../ports/quota.js';
import { atomically, connected, rowsOf, run, type Row, type SqlDatabase } from './database.js';
import { defaultLimits } from './default-limits.js';
import { classifyFailures, withHint, isConflict } from './failures.js';
import { GONE, ledgerTransactions } from './ledger-transaction.js';
import { keptByNames, type SqlNames, type SqlTables } from './names.js';
import { checkedQuota } from './quota-check.js';
import { guardedStatements, type WantedAmount } from './quota-guarded.js';
import { ledgerOf, storedCharge } from './quota-ledger.js';
import { quotaStatements } from './quota-statements.js';
import { actorToRow, optional, text, whole } from './rows.js';
import type { Statement } from './statement.js';

/** Options of {@link sqlQuota}. */
export interface SqlQuotaOptions extends SqlTables {
  /** Your Kysely instance, or a transaction of it: then every call is part of that transaction. */
  readonly db: SqlDatabase;
  /**
   * The limits of every workspace, or a function that returns them for a workspace, for example by its owner's plan. It is
   * called at every call, before the database is queried. In a transaction it must query the same database through that
   * transaction, and has 5 seconds. Reservations of other resources are rejected until `setQuota` sets a limit.
   */
  readonly defaults: LimitTexts | ((subject: QuotaSubject) => LimitTexts | Promise<LimitTexts>);
}

/**
 * Quotas on SQLite, PostgreSQL, MariaDB or MySQL, in the tables that `migrate` creates. On PostgreSQL a reservation that
 * fits, its commit and its release are one guarded statement each. In all other cases, on other databases, and inside your
 * own transactions, a call locks the row of the workspace's ledger until the transaction ends. Calls on one workspace
 * queue, across processes, instead of retrying.
 *
 * @throws TypeError when a default is negative, the dialect is unknown or not that of the instance, or a name is invalid;
 * QuantityError when a default is not a quantity.
 *
 * @example
 * ```ts
 * import { Kysely, SqliteDialect } from 'kysely';
 * import Database from 'libsql';
 * import { migrate, sqlQuota, sqlStorage } from 'tenantry/sql';
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(':memory:') }) });
 * const dialect = 'sqlite';
 * await migrate({ db, dialect });
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
  // A guarded statement locks sums without locking the ledger first. Outside of a transaction its locks end with it. In a
  // host transaction they last, and the next call would lock the ledger, or other sums, out of order: a deadlock. So there
  // every call opens the ledger first.
  const guarded = db.isTransaction ? null : byOneStatement;
  const defaultsFor = defaultLimits(defaults, db);

  const onLedger = ledgerTransactions(db, names, statements);

  const guardedRows = async <Input>(query: Statement<Input>, input: Input): Promise<readonly Row[]> => {
    try {
      return await rowsOf(db, query, input);
    } catch (error) {
      // Nothing was done. Under a stricter isolation level the statement may fail to serialize; opening the ledger sets its own.
      if (isConflict(error, names)) return [];
      throw await withHint(error, db, names);
    }
  };

  const quota: QuotaAdapter = {
    async report(subject, now) {
      const limits = await defaultsFor(subject);
      const key = { workspaceId: subject.workspaceId, instant: now };
      const rows = await classifyFailures(db, names, () => rowsOf(db, statements.report, key));
      const part = (name: string) => rows.filter((row) => row['part'] === name);
      if (part('gone').length > 0) return GONE;
      return { ok: true, resources: ledgerOf(part('resource'), part('expired')).resources(limits) };
    },

    async setLimits(subject, limits, now) {
      const base = await defaultsFor(subject);
      return onLedger({ workspaceId: subject.workspaceId, instant: now }, ({ ledger }) => {
        const changed = !sameLimits(limitsIn(ledger.resources(base)), limits);
        // A limit equal to the default is not stored: there is no event for it, so it must not change anything.
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
      return onLedger({ workspaceId, instant: now }, async ({ ledger, ...charges }) => {
        const before = await charges.findCharge(reservationId);
        if (before?.isHeld) {
          return sameAmounts(before.requested, amounts)
            ? { ok: true, charge: before.charge, changed: false }
            : { ok: false, reason: 'mismatch' };
        }
        const resources = ledger.resources(base);
        const unlisted = unlistedOf(resources, amounts);
        if (unlisted.length > 0) return { ok: false, reason: 'unlisted', resources: unlisted };
        const shortfalls = shortfallsOf(resources, amounts);
        if (shortfalls.length > 0) return { ok: false, reason: 'exceeded', shortfalls };
        ledger.move(amounts, 'reserved', 1n);
        // A new row instead of an update: a call that waits for the old row does not find it changed.
        if (before !== null) await charges.deleteCharge(reservationId);
        await charges.insertCharge(charge);
        return { ok: true, charge, changed: true };
      });
    },

    async commit(subject, { reservationId, now, ...settlement }) {
      const { workspaceId } = subject;
      const base = await defaultsFor(subject);
      const { amounts, onlyBy } = settlement;
      if (guarded !== null && amounts === undefined && onlyBy === undefined) {
        const key = { workspaceId, reservationId, instant: now };
        const rows = await guardedRows(guarded.commit, key);
        const committed = storedCharge(reservationId, rows);
        if (committed !== null) return { ok: true, charge: committed.charge, changed: true };
      }
      return onLedger({ workspaceId, instant: now }, async ({ ledger, ...charges }) => {
        const before = await charges.findCharge(reservationId);
        if (before === null) return { ok: false, reason: 'not-found' };
        const result = settlementOf(ledger.resources(base), before, settlement);
        if (!result.ok) return result;
        if (!result.changed) return { ok: true, charge: before.charge, changed: false };
        const charge = Object.freeze({
          ...before.charge,
          amounts: result.amounts,
          state: 'committed' as const,
        });
        if (before.isHeld) ledger.move(before.charge.amounts, 'reserved', -1n);
        ledger.move(charge.amounts, 'used', 1n);
        if (amounts === undefined) await charges.commitCharge(reservationId);
        else await charges.replaceCharge(before, charge);
        return { ok: true, charge, changed: true };
      });
    },

    async resize(subject, { reservationId, now, ...settlement }) {
      const { workspaceId } = subject;
      const base = await defaultsFor(subject);
      return onLedger({ workspaceId, instant: now }, async ({ ledger, ...charges }) => {
        const before = await charges.findCharge(reservationId);
        if (before?.charge.state !== 'committed') return { ok: false, reason: 'not-found' };
        const result = resizeOf(ledger.resources(base), before.charge, settlement);
        if (!result.ok) return result;
        if (!result.changed) return { ok: true, charge: before.charge, changed: false };
        const charge = Object.freeze({ ...before.charge, amounts: result.amounts });
        ledger.move(before.charge.amounts, 'used', -1n);
        ledger.move(charge.amounts, 'used', 1n);
        await charges.replaceCharge(before, charge);
        return { ok: true, charge, changed: true };
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
      return onLedger({ workspaceId, instant: now }, async ({ ledger, ...charges }) => {
        const before = await charges.findCharge(reservationId);
        if (before === null) return { ok: true, released: null };
        const { charge, isHeld } = before;
        if (onlyBy !== undefined && !sameActor(charge.by, onlyBy)) return { ok: false, reason: 'not-yours' };
        if (onlyReserved && charge.state === 'committed') return { ok: true, released: null };
        if (isHeld) ledger.move(charge.amounts, charge.state === 'committed' ? 'used' : 'reserved', -1n);
        await charges.deleteCharge(reservationId);
        return { ok: true, released: isHeld ? charge : null };
      });
    },

    isConflict: (error) => isConflict(error, names),

    async forget(workspaceId) {
      await classifyFailures(db, names, () =>
        atomically(db, names.dialect, async (transaction) => {
          await rowsOf(transaction, statements.open, { workspaceId });
          // Like every other call: waits for transactions that have locked a sum.
          await rowsOf(transaction, statements.resources, { workspaceId });
          for (const each of statements.forget) await run(transaction, each, { workspaceId });
        }),
      );
    },
  };
  return db.isTransaction ? checkedQuota(db, statements, quota) : quota;
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
  const { writingCtes } = names.dialect;
  return {
    ledger: quotaStatements(names),
    guarded: writingCtes && guardedStatements(names, writingCtes),
  };
}
