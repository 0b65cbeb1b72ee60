// The statements on the ledger of one workspace. The transaction that opens a ledger has exclusive access until it ends.
import type { SqlNames } from './names.js';
import { statement, type Bind, type Statement } from './statement.js';

/** The workspace and, where a statement needs one, the reservation. Amounts are strings in 10^-9 units. */
export interface LedgerKey {
  readonly workspaceId: string;
  readonly reservationId?: string;
}

/** A ledger at an instant, in milliseconds since the epoch. */
export interface LedgerInstant extends LedgerKey {
  readonly instant: number;
}

/** A row of `quota_resources`. */
export interface ResourceValues extends LedgerKey {
  readonly resource: string;
  readonly limited: string;
  readonly limitNano: string | null;
  readonly limitFormat: string | null;
  readonly used: string;
  readonly reserved: string;
}

/** 1 to {@link MOST_AT_ONCE} reservations of one workspace. */
export interface LedgerKeys extends LedgerKey {
  readonly reservationIds: readonly string[];
}

/** A row of `quota_charges` without its state. */
export interface ChargeValues extends LedgerKey {
  readonly expiresAt: number;
  readonly byUserId: string | null;
  readonly byOperator: string | null;
}

/** A row of `quota_charges`. */
export interface StatedCharge extends ChargeValues {
  readonly state: string;
}

/** A row of `quota_amounts`. */
export interface AmountValues extends LedgerKey {
  readonly resource: string;
  readonly amount: string;
  readonly format: string;
  readonly requested: string | null;
}

/** How many reservations one statement deletes. Usually there are few; after an outage of the app there are many. */
export const MOST_AT_ONCE = 16;

export type QuotaStatements = ReturnType<typeof quotaStatements>;

export function quotaStatements(names: SqlNames) {
  const { dialect, table } = names;
  const [ledgers, resources] = [table('quota_ledgers'), table('quota_resources')];
  const [charges, amounts] = [table('quota_charges'), table('quota_amounts')];
  const nano = dialect.nanoAsText;
  // Every read of an open ledger locks: a plain read, in a host transaction that has read before, would return an old
  // snapshot.
  const lock = dialect.rowLocks?.forWriting ?? '';
  const inWorkspace = (bind: Bind<LedgerKey>, alias = ''): string =>
    `${alias}workspace_id = ${bind(({ workspaceId }) => workspaceId)}`;
  const ofReservation = (bind: Bind<LedgerKey>, alias = ''): string =>
    `${inWorkspace(bind, alias)} and ${alias}reservation_id = ${bind(({ reservationId }) => reservationId)}`;
  const ofReservations = (bind: Bind<LedgerKeys>): string => {
    // Parameters beyond the end of the list repeat its last value.
    const parameters = Array.from({ length: MOST_AT_ONCE }, (_, index) =>
      bind(({ reservationIds: ids }) => ids[Math.min(index, ids.length - 1)]),
    );
    return `${inWorkspace(bind)} and reservation_id in (${parameters.join(', ')})`;
  };
  const withKey = <Input extends LedgerKey>(write: (bind: Bind<Input>) => string): Statement<Input> =>
    statement(dialect, write);
  const resourceColumns = 'workspace_id, resource, limited, limit_nano, limit_format, used, reserved';
  const bindResource = (bind: Bind<ResourceValues>) => ({
    limited: bind(({ limited }) => limited),
    limit_nano: bind(({ limitNano }) => limitNano),
    limit_format: bind(({ limitFormat }) => limitFormat),
    used: bind(({ used }) => used),
    reserved: bind(({ reserved }) => reserved),
  });

  return {
    /** Creates the ledger if it is missing, and locks it: later reads cannot return older data. */
    open: withKey<LedgerKey>(
      (bind) =>
        `insert into ${ledgers} (workspace_id, gone) values (${bind(({ workspaceId }) => workspaceId)}, 0)` +
        ` ${dialect.upsertClause({ key: 'workspace_id', set: `gone = ${ledgers}.gone`, back: 'gone' })}`,
    ),
    isGone: withKey<LedgerKey>((bind) => `select gone from ${ledgers} where ${inWorkspace(bind)}${lock}`),
    resources: withKey<LedgerKey>(
      (bind) =>
        `select resource, limited, ${nano('limit_nano')} as limit_nano, limit_format, ${nano('used')} as used,` +
        ` ${nano('reserved')} as reserved from ${resources} where ${inWorkspace(bind)} order by resource${lock}`,
    ),
    charge: withKey<LedgerKey>(
      (bind) =>
        `select c.state, c.expires_at, c.by_user_id, c.by_operator, a.resource, ${nano('a.amount')} as amount, a.format,` +
        ` ${nano('a.requested')} as requested from ${charges} c join ${amounts} a on a.workspace_id = c.workspace_id and a.reservation_id = c.reservation_id` +
        ` where ${ofReservation(bind, 'c.')}${lock}`,
    ),
    /** The amounts of reservations that have expired and still count. */
    expired: withKey<LedgerInstant>(
      (bind) =>
        `select a.resource, ${nano('a.amount')} as amount from ${charges} c` +
        ` join ${amounts} a on a.workspace_id = c.workspace_id and a.reservation_id = c.reservation_id` +
        ` where ${inWorkspace(bind, 'c.')} and c.state = 'reserved' and c.expires_at <= ${bind(({ instant }) => instant)}${lock}`,
    ),
    lapse: withKey<LedgerInstant>(
      (bind) =>
        `update ${charges} set state = 'lapsed' where ${inWorkspace(bind)} and state = 'reserved'` +
        ` and expires_at <= ${bind(({ instant }) => instant)}`,
    ),
    /** Lapsed reservations that expired at or before an instant. */
    lapsed: withKey<LedgerInstant>(
      (bind) =>
        `select reservation_id from ${charges} where ${inWorkspace(bind)} and state = 'lapsed'` +
        ` and expires_at <= ${bind(({ instant }) => instant)}${lock}`,
    ),
    insertResource: withKey<ResourceValues>((bind) => {
      const { limited, limit_nano, limit_format, used, reserved } = bindResource(bind);
      return (
        `insert into ${resources} (${resourceColumns}) values (${bind(({ workspaceId }) => workspaceId)},` +
        ` ${bind(({ resource }) => resource)}, ${limited}, ${limit_nano}, ${limit_format}, ${used}, ${reserved})`
      );
    }),
    updateResource: withKey<ResourceValues>((bind) => {
      const set = Object.entries(bindResource(bind)).map(([column, value]) => `${column} = ${value}`);
      return (
        `update ${resources} set ${set.join(', ')}` +
        ` where ${inWorkspace(bind)} and resource = ${bind(({ resource }) => resource)}`
      );
    }),
    insertCharge: withKey<StatedCharge>(
      (bind) =>
        `insert into ${charges} (workspace_id, reservation_id, state, expires_at, by_user_id, by_operator) values (` +
        `${bind(({ workspaceId }) => workspaceId)}, ${bind(({ reservationId }) => reservationId)},` +
        ` ${bind(({ state }) => state)}, ${bind(({ expiresAt }) => expiresAt)},` +
        ` ${bind(({ byUserId }) => byUserId)}, ${bind(({ byOperator }) => byOperator)})`,
    ),
    insertAmount: withKey<AmountValues>(
      (bind) =>
        `insert into ${amounts} (workspace_id, reservation_id, resource, amount, format, requested) values (` +
        `${bind(({ workspaceId }) => workspaceId)}, ${bind(({ reservationId }) => reservationId)},` +
        ` ${bind(({ resource }) => resource)}, ${bind(({ amount }) => amount)}, ${bind(({ format }) => format)},` +
        ` ${bind(({ requested }) => requested)})`,
    ),
    commitCharge: withKey<LedgerKey>(
      (bind) => `update ${charges} set state = 'committed' where ${ofReservation(bind)}`,
    ),
    /** Children first. */
    deleteCharge: [
      withKey<LedgerKey>((bind) => `delete from ${amounts} where ${ofReservation(bind)}`),
      withKey<LedgerKey>((bind) => `delete from ${charges} where ${ofReservation(bind)}`),
    ],
    /** Children first. By their keys, because with a subquery MariaDB reads and locks every row of the workspace. */
    deleteCharges: [
      withKey<LedgerKeys>((bind) => `delete from ${amounts} where ${ofReservations(bind)}`),
      withKey<LedgerKeys>((bind) => `delete from ${charges} where ${ofReservations(bind)}`),
    ],
    /** Children first. */
    forget: [
      withKey<LedgerKey>((bind) => `delete from ${amounts} where ${inWorkspace(bind)}`),
      withKey<LedgerKey>((bind) => `delete from ${charges} where ${inWorkspace(bind)}`),
      withKey<LedgerKey>((bind) => `delete from ${resources} where ${inWorkspace(bind)}`),
      withKey<LedgerKey>((bind) => `update ${ledgers} set gone = 1 where ${inWorkspace(bind)}`),
    ],
    /** All rows of a report in one consistent snapshot: a union of three kinds of rows. */
    report: withKey<LedgerInstant>((bind) => {
      const { nullText } = dialect;
      return [
        `select 'gone' as part, ${nullText} as resource, ${nullText} as limited, ${nullText} as limit_nano,` +
          ` ${nullText} as limit_format, ${nullText} as used, ${nullText} as reserved` +
          ` from ${ledgers} where ${inWorkspace(bind)} and gone = 1`,
        `select 'resource', resource, limited, ${nano('limit_nano')}, limit_format, ${nano('used')}, ${nano('reserved')}` +
          ` from ${resources} where ${inWorkspace(bind)}`,
        `select 'expired', a.resource, ${nullText}, ${nullText}, ${nullText}, ${nullText}, ${nano('a.amount')}` +
          ` from ${charges} c join ${amounts} a on a.workspace_id = c.workspace_id and a.reservation_id = c.reservation_id` +
          ` where ${inWorkspace(bind, 'c.')} and c.state = 'reserved' and c.expires_at <= ${bind(({ instant }) => instant)}`,
      ].join(' union all ');
    }),
  };
}
