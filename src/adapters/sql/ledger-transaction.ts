// Opening the ledger of a workspace: a transaction that holds its row, in which one step reads and changes charges.
import type { Amounts, Charge } from '../../core/quota.js';
import { atomically, rowsOf, run, type SqlDatabase } from './database.js';
import { classifyFailures } from './failures.js';
import type { SqlNames } from './names.js';
import { NOT_REQUESTED, ledgerOf, storedCharge, type Ledger, type StoredCharge } from './quota-ledger.js';
import { MOST_AT_ONCE, type LedgerInstant, type QuotaStatements } from './quota-statements.js';
import { actorToRow, optional, text, whole } from './rows.js';

/** A ledger that no other call can open until the transaction ends. */
export interface OpenLedger {
  readonly ledger: Ledger;
  readonly findCharge: (reservationId: string) => Promise<StoredCharge | null>;
  readonly insertCharge: (charge: Charge) => Promise<void>;
  readonly commitCharge: (reservationId: string) => Promise<void>;
  /** Replaces the rows of a charge, and keeps what was requested. */
  readonly replaceCharge: (before: StoredCharge, charge: Charge) => Promise<void>;
  readonly deleteCharge: (reservationId: string) => Promise<void>;
}

/** Runs a step on the ledger of a workspace as it is at an instant, and writes back the sums that the step changed. */
export type OnLedger = <Result>(
  key: LedgerInstant,
  step: (open: OpenLedger) => Result | Promise<Result>,
) => Promise<Result | typeof GONE>;

export const GONE = Object.freeze({ ok: false, reason: 'gone' } as const);

/** How long an expired reservation is kept, so that a late commit can be admitted again. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

export function ledgerTransactions(db: SqlDatabase, names: SqlNames, statements: QuotaStatements): OnLedger {
  return (key, step) =>
    classifyFailures(db, names, () =>
      atomically(db, names.dialect, async (transaction) => {
        const [opened] = await rowsOf(transaction, statements.open, key);
        const [row] = opened === undefined ? await rowsOf(transaction, statements.isGone, key) : [opened];
        if (whole(row?.['gone']) === 1) return GONE;
        const resources = await rowsOf(transaction, statements.resources, key);
        const expired = await rowsOf(transaction, statements.expired, key);
        if (expired.length > 0) {
          await run(transaction, statements.lapse, key);
          const { workspaceId, instant } = key;
          await deleteLapsed(transaction, statements, { workspaceId, instant: instant - REMEMBERED_MS });
        }
        const ledger = ledgerOf(resources, expired);
        const result = await step({ ledger, ...chargesIn(transaction, statements, key.workspaceId) });
        for (const { isStored, ...values } of ledger.changed(key.workspaceId)) {
          await run(transaction, isStored ? statements.updateResource : statements.insertResource, values);
        }
        return result;
      }),
    );
}

async function deleteLapsed(
  transaction: SqlDatabase,
  statements: QuotaStatements,
  key: LedgerInstant,
): Promise<void> {
  const lapsed = await rowsOf(transaction, statements.lapsed, key);
  const ids = lapsed.map((row) => text(row['reservation_id']));
  for (let index = 0; index < ids.length; index += MOST_AT_ONCE) {
    const keys = { ...key, reservationIds: ids.slice(index, index + MOST_AT_ONCE) };
    for (const each of statements.deleteCharges) await run(transaction, each, keys);
  }
}

function chargesIn(
  transaction: SqlDatabase,
  statements: QuotaStatements,
  workspaceId: string,
): Omit<OpenLedger, 'ledger'> {
  const insertCharge = async (
    { reservationId, amounts, state, expiresAt, by }: Charge,
    requested?: Amounts,
  ): Promise<void> => {
    const key = { workspaceId, reservationId };
    const { user_id: byUserId, operator: byOperator } = actorToRow(by, '');
    await run(transaction, statements.insertCharge, {
      ...key,
      state,
      expiresAt,
      byUserId: optional(text, byUserId),
      byOperator: optional(text, byOperator),
    });
    for (const [resource, { nano, format }] of amounts) {
      await run(transaction, statements.insertAmount, {
        ...key,
        resource,
        amount: String(nano),
        format,
        requested: requested === undefined ? null : String(requested.get(resource)?.nano ?? NOT_REQUESTED),
      });
    }
  };
  const deleteCharge = async (reservationId: string): Promise<void> => {
    for (const each of statements.deleteCharge) await run(transaction, each, { workspaceId, reservationId });
  };

  return {
    async findCharge(reservationId) {
      const rows = await rowsOf(transaction, statements.charge, { workspaceId, reservationId });
      return storedCharge(reservationId, rows);
    },
    insertCharge: (charge) => insertCharge(charge),
    commitCharge: (reservationId) =>
      run(transaction, statements.commitCharge, { workspaceId, reservationId }),
    // New rows instead of updates: a statement that waits for the old row must not go on with the amounts that it has read.
    async replaceCharge({ requested }, charge) {
      await deleteCharge(charge.reservationId);
      await insertCharge(charge, requested);
    },
    deleteCharge,
  };
}
