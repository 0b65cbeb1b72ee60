// Rows that break a rule: the tables themselves are a second lock. Each differs from a lawful row in what breaks the rule.
import { CompiledQuery, type Kysely } from 'kysely';
import { namesOf } from '../../src/adapters/sql/names.js';
import type { SqlTables } from '../../src/adapters/sql/index.js';
import type { TableName } from '../../src/adapters/sql/tables.js';

type Row = Readonly<Record<string, string | number | null>>;

export interface Breach {
  readonly title: string;
  readonly table: TableName;
  readonly row: Row;
}

const event = {
  id: 'evt',
  type: 'member.joined',
  at: 0,
  actor_user_id: 'u-a',
  actor_operator: null,
  data: '{}',
};

/** Two accounts; a workspace with its owner, an invitation, an event and a charge; an id that waits for its workspace. */
const rowsBefore: readonly (readonly [TableName, Row])[] = [
  ['accounts', account('u-a')],
  ['accounts', account('u-b')],
  ['workspace_ids', { id: 'ws-a', deleted: 0 }],
  ['workspace_ids', { id: 'ws-next', deleted: 0 }],
  ['workspaces', workspace('ws-a', 'u-a')],
  [
    'members',
    {
      workspace_id: 'ws-a',
      user_id: 'u-a',
      role: 'owner',
      owner_mark: 1,
      invitation_id: null,
      joined_at: 0,
      joined_version: 1,
      email_key: null,
    },
  ],
  ['departures', { workspace_id: 'ws-a', user_id: 'u-y', role: 'developer', version: 1 }],
  ['invitations', invitation('inv-a', 'u-y')],
  ['workspace_events', { workspace_id: 'ws-a', version: 1, position: 0, ...event }],
  ['account_events', { user_id: 'u-a', version: 1, position: 0, ...event }],
  ['quota_ledgers', { workspace_id: 'ws-a', gone: 0 }],
  ['quota_resources', resource('cpu')],
  ['quota_charges', charge('res-a')],
  ['quota_amounts', amount('cpu')],
];

/** What may come next in each table. */
export const lawful: Readonly<Record<TableName, Row>> = {
  accounts: account('u-new'),
  workspace_ids: { id: 'ws-new', deleted: 0 },
  workspaces: workspace('ws-next', 'u-b'),
  members: {
    workspace_id: 'ws-a',
    user_id: 'u-b',
    role: 'developer',
    owner_mark: null,
    invitation_id: null,
    joined_at: 0,
    joined_version: 1,
    email_key: null,
  },
  departures: { workspace_id: 'ws-a', user_id: 'u-z', role: 'developer', version: 1 },
  invitations: invitation('inv-new', 'u-z'),
  workspace_events: { workspace_id: 'ws-a', version: 1, position: 1, ...event },
  account_events: { user_id: 'u-a', version: 1, position: 1, ...event },
  quota_ledgers: { workspace_id: 'ws-next', gone: 0 },
  quota_resources: resource('memory'),
  quota_charges: charge('res-new'),
  quota_amounts: amount('memory'),
};

export const breaches: readonly Breach[] = [
  breach('A-02 a second account of one user', 'accounts', { user_id: 'u-a' }),
  breach('A-03 a username that is in use', 'accounts', { username_key: 'u-a' }),
  breach('W-05 an id that was given out', 'workspace_ids', { id: 'ws-a' }),
  breach('W-05 an id neither dead nor alive', 'workspace_ids', { deleted: 2 }),
  breach('W-05 a workspace under an id that was never given out', 'workspaces', { id: 'ws-unheard-of' }),
  breach('W-02 a name that the owner has used', 'workspaces', { owner_id: 'u-a' }),
  breach('W-07 a workspace of nobody who has an account', 'workspaces', { owner_id: 'u-unheard-of' }),
  breach('A-05 a workspace of a third kind', 'workspaces', { kind: 'public' }),
  breach('W-07 a second owner', 'members', { role: 'owner', owner_mark: 1 }),
  breach('W-07 a second owner without the mark of one', 'members', { role: 'owner' }),
  breach('W-07 the mark of an owner on somebody else', 'members', { owner_mark: 1 }),
  breach('M-01 a second membership of one user', 'members', { user_id: 'u-a' }),
  breach('W-06 a member of a workspace that is not there', 'members', { workspace_id: 'ws-next' }),
  breach('M-01 a member without an account', 'members', { user_id: 'u-unheard-of' }),
  breach('I-19 a second open invitation for one recipient', 'invitations', { open_recipient: 'user:u-y' }),
  breach('S-05 a second invitation of one id', 'invitations', { id: 'inv-a' }),
  breach('W-06 an invitation to a workspace that is not there', 'invitations', { workspace_id: 'ws-next' }),
  breach('I-11 an invitation in a state that there is not', 'invitations', {
    state: 'paused',
    open_recipient: null,
    closed_at: 1,
  }),
  breach('I-11 an open invitation that was closed', 'invitations', { closed_at: 1 }),
  breach('I-11 an ended invitation that nobody closed', 'invitations', {
    state: 'used',
    open_recipient: null,
  }),
  breach('I-19 an ended invitation that still holds its recipient', 'invitations', {
    state: 'used',
    closed_at: 1,
  }),
  breach('T-09 a second event with one position', 'workspace_events', { position: 0 }),
  breach('W-05 an event of an id that was never given out', 'workspace_events', { workspace_id: 'ws-new' }),
  breach('T-09 a second account event with one position', 'account_events', { position: 0 }),
  breach('T-09 an event of nobody who has an account', 'account_events', { user_id: 'u-unheard-of' }),
  breach('Q-16 a ledger neither gone nor there', 'quota_ledgers', { gone: 2 }),
  breach('Q-16 sums without a ledger', 'quota_resources', { workspace_id: 'ws-unheard-of' }),
  breach('Q-06 a second sum of one resource', 'quota_resources', { resource: 'cpu' }),
  breach('Q-05 a limit that is not said', 'quota_resources', { limited: 'limited' }),
  breach('Q-05 a limit of a kind that there is not', 'quota_resources', { limited: 'maybe' }),
  breach('Q-09 a second charge of one reservation', 'quota_charges', { reservation_id: 'res-a' }),
  breach('Q-16 a charge without a ledger', 'quota_charges', { workspace_id: 'ws-unheard-of' }),
  breach('Q-08 a charge in a state that there is not', 'quota_charges', { state: 'paused' }),
  breach('Q-08 an amount without its charge', 'quota_amounts', { reservation_id: 'res-unheard-of' }),
];

/** The rows that every breach has to do with. */
export async function prepareBreaches(db: Kysely<unknown>, tables: SqlTables): Promise<void> {
  for (const [table, row] of rowsBefore) await insertRow(db, tables, { table, row });
}

export async function insertRow(
  db: Kysely<unknown>,
  tables: SqlTables,
  { table, row }: Pick<Breach, 'table' | 'row'>,
): Promise<void> {
  const names = namesOf(tables);
  const columns = Object.keys(row);
  const places = columns.map((_column, index) => names.dialect.placeholder(index + 1));
  const text = `insert into ${names.table(table)} (${columns.map(names.quoted).join(', ')}) values (${places.join(', ')})`;
  await db.executeQuery(CompiledQuery.raw(text, Object.values(row)));
}

/** Whether a database said that a constraint of its own was in the way, and not something else. */
export function isConstraint(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const code: unknown = Reflect.get(error, 'code');
  const errno: unknown = Reflect.get(error, 'errno');
  return (
    // SQLite, and PostgreSQL's class 23: https://www.postgresql.org/docs/current/errcodes-appendix.html
    (typeof code === 'string' && /^(SQLITE_CONSTRAINT.*|23\w{3})$/.test(code)) ||
    // ER_DUP_ENTRY, ER_NO_REFERENCED_ROW_2, ER_CONSTRAINT_FAILED; MySQL's ER_CHECK_CONSTRAINT_VIOLATED
    (typeof errno === 'number' && [1062, 1452, 4025, 3819].includes(errno))
  );
}

function breach(title: string, table: TableName, broken: Row): Breach {
  return { title, table, row: { ...lawful[table], ...broken } };
}

function account(userId: string): Row {
  return {
    user_id: userId,
    username: userId,
    username_key: userId,
    display_name: null,
    personal_workspace_id: 'ws-a',
    active_workspace_id: 'ws-a',
    owned_teams: 0,
    invited_since: 0,
    invited: 0,
    version: 1,
    created_at: 0,
  };
}

function workspace(id: string, ownerId: string): Row {
  return {
    id,
    kind: 'team',
    name: 'Core',
    name_key: 'core',
    owner_id: ownerId,
    member_count: 1,
    open_invitations: 0,
    reserved_seats: 0,
    version: 1,
    created_at: 0,
  };
}

function invitation(id: string, userId: string): Row {
  return {
    workspace_id: 'ws-a',
    id,
    role: 'developer',
    recipient_user_id: userId,
    recipient_email: null,
    open_recipient: `user:${userId}`,
    max_uses: 1,
    uses: 0,
    issued_by_user_id: 'u-a',
    issued_by_operator: null,
    secret_hash: 'f'.repeat(64),
    created_at: 0,
    issued_at: 0,
    issued_version: 1,
    expires_at: 1,
    state: 'open',
    closed_at: null,
  };
}

function resource(name: string): Row {
  return {
    workspace_id: 'ws-a',
    resource: name,
    limited: 'default',
    limit_nano: null,
    limit_format: null,
    used: '0',
    reserved: '0',
  };
}

function charge(reservationId: string): Row {
  return {
    workspace_id: 'ws-a',
    reservation_id: reservationId,
    state: 'reserved',
    expires_at: 1,
    by_user_id: 'u-a',
    by_operator: null,
  };
}

function amount(name: string): Row {
  return { workspace_id: 'ws-a', reservation_id: 'res-a', resource: name, amount: '0', format: 'decimal' };
}
