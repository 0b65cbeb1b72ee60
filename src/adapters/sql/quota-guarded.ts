// Reserving, committing and releasing in one guarded statement and one round trip, where a `with` can write. If a guard
// fails, the statement changes nothing, and the caller opens the ledger to find the reason.
import type { WritingCtes } from './dialect.js';
import type { SqlNames } from './names.js';
import { statement, type Bind } from './statement.js';
import type { ChargeValues, LedgerInstant, LedgerKey } from './quota-statements.js';

/** The amount to reserve of one resource, as strings in 10^-9 units. `limit` is the default limit; `null` for none. */
export interface WantedAmount {
  readonly resource: string;
  readonly nano: string;
  readonly format: string;
  readonly limit: string | null;
}

export interface GuardedReserve extends ChargeValues {
  readonly wanted: readonly WantedAmount[];
  /** The largest sum where the limit is `unlimited`. */
  readonly largest: string;
}

export interface GuardedRelease extends LedgerInstant {
  readonly onlyByUserId: string | null;
  readonly onlyByOperator: string | null;
  readonly onlyReserved: boolean;
}

/**
 * Each statement locks the sums that it changes, in the order of their names, and so waits for concurrent changes. It reads
 * locked rows in their latest version (PostgreSQL 13.2.1, Read Committed) and all other rows as they were when the statement
 * began. For this reason a limit is stored in the row of its sums, and a charge is guarded by a condition on its own row.
 */
export function guardedStatements({ dialect, table }: SqlNames, { jsonRows }: WritingCtes) {
  const [resources, charges, amounts] = [
    table('quota_resources'),
    table('quota_charges'),
    table('quota_amounts'),
  ];
  const lock = dialect.rowLocks?.forWriting ?? '';
  const inWorkspace = (bind: Bind<LedgerKey>, alias = ''): string =>
    `${alias}workspace_id = ${bind(({ workspaceId }) => workspaceId)}`;
  const ofReservation = (bind: Bind<LedgerKey>): string =>
    `${inWorkspace(bind)} and reservation_id = ${bind(({ reservationId }) => reservationId)}`;
  const held = (bind: Bind<LedgerKey>): string =>
    `held as materialized (select resource, amount, format from ${amounts} where ${ofReservation(bind)})`;
  const locked = (bind: Bind<LedgerKey>, from: string): string =>
    `locked as materialized (select resource, used + reserved as taken, limited, limit_nano from ${resources}` +
    ` where ${inWorkspace(bind)} and resource in (select resource from ${from}) order by resource${lock})`;
  const isLocked = '(select count(*) from locked) > 0';
  const ofCharge =
    `select c.state, c.expires_at, c.by_user_id, c.by_operator, h.resource, ${dialect.nanoAsText('h.amount')} as amount,` +
    ` h.format from charge c cross join held h`;

  return {
    /** `made` is 1 or 0. */
    reserve: statement<GuardedReserve>(dialect, (bind) => {
      const wanted = bind(({ wanted: rows }) => JSON.stringify(rows));
      const largest = `cast(cast(${bind((input) => input.largest)} as text) as numeric)`;
      const limit = `case l.limited when 'limited' then l.limit_nano when 'unlimited' then ${largest} else w."limit" end`;
      const workspaceId = bind((input) => input.workspaceId);
      const reservationId = bind((input) => input.reservationId);
      return [
        `with wanted as materialized (select * from ${jsonRows(wanted, 'w(resource text, nano numeric, format text, "limit" numeric)')})`,
        locked(bind, 'wanted'),
        `verdict as materialized (select count(*) = (select count(*) from wanted) and coalesce(bool_and(coalesce(` +
          `${limit} is not null and (w.nano = 0 or l.taken + w.nano <= ${limit}), false)), false) as fits` +
          ` from locked l join wanted w on w.resource = l.resource)`,
        `charge as (insert into ${charges} (workspace_id, reservation_id, state, expires_at, by_user_id, by_operator)` +
          ` select cast(${workspaceId} as text), cast(${reservationId} as text), 'reserved',` +
          ` cast(${bind((input) => input.expiresAt)} as bigint), cast(${bind((input) => input.byUserId)} as text),` +
          ` cast(${bind((input) => input.byOperator)} as text) from verdict where fits` +
          ` on conflict do nothing returning 1)`,
        `amounts as (insert into ${amounts} (workspace_id, reservation_id, resource, amount, format)` +
          ` select cast(${workspaceId} as text), cast(${reservationId} as text), w.resource, w.nano, w.format` +
          ` from wanted w cross join charge returning 1)`,
        `moved as (update ${resources} r set reserved = r.reserved + w.nano from wanted w where ${inWorkspace(bind, 'r.')}` +
          ` and r.resource = w.resource and exists (select 1 from charge) returning 1)\n` +
          `select count(*) as made from charge`,
      ].join(',\n');
    }),
    /** Returns the charge with its amounts, or no rows. */
    commit: statement<LedgerInstant>(dialect, (bind) =>
      [
        `with ${held(bind)}`,
        locked(bind, 'held'),
        `charge as (update ${charges} set state = 'committed' where ${ofReservation(bind)} and state = 'reserved'` +
          ` and expires_at > ${bind(({ instant }) => instant)} and ${isLocked}` +
          ` returning state, expires_at, by_user_id, by_operator)`,
        `moved as (update ${resources} r set reserved = r.reserved - h.amount, used = r.used + h.amount from held h` +
          ` where ${inWorkspace(bind, 'r.')} and r.resource = h.resource and exists (select 1 from charge) returning 1)\n` +
          ofCharge,
      ].join(',\n'),
    ),
    /** Returns the deleted charge with its amounts, or no rows. */
    release: statement<GuardedRelease>(dialect, (bind) => {
      const [userId, operator] = [bind((input) => input.onlyByUserId), bind((input) => input.onlyByOperator)];
      const isTheirs =
        `(cast(${userId} as text) is null or by_user_id = ${userId})` +
        ` and (cast(${operator} as text) is null or by_operator = ${operator})`;
      const isCharged =
        `(state = 'reserved' and expires_at > ${bind(({ instant }) => instant)}` +
        ` or state = 'committed' and not cast(${bind((input) => input.onlyReserved)} as boolean))`;
      const given = (state: string): string => `case c.state when '${state}' then h.amount else 0 end`;
      return [
        `with ${held(bind)}`,
        locked(bind, 'held'),
        `charge as (delete from ${charges} where ${ofReservation(bind)} and ${isCharged} and ${isTheirs} and ${isLocked}` +
          ` returning state, expires_at, by_user_id, by_operator)`,
        `emptied as (delete from ${amounts} where ${ofReservation(bind)} and exists (select 1 from charge) returning 1)`,
        `moved as (update ${resources} r set reserved = r.reserved - ${given('reserved')}, used = r.used - ${given('committed')}` +
          ` from held h cross join charge c where ${inWorkspace(bind, 'r.')} and r.resource = h.resource returning 1)\n` +
          ofCharge,
      ].join(',\n');
    }),
  };
}
