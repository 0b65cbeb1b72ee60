// A database with so many rows that reading a whole table would be the wrong plan, and one team that is large by itself.
import { CompiledQuery } from 'kysely';
import { accountToRow, invitationToRow, memberToRow, workspaceToRow } from '../../src/adapters/sql/rows.js';
import { columnsOf, tables as allTables, type TableName } from '../../src/adapters/sql/tables.js';
import type { AccountRecord, MemberRecord, OpenInvitationRecord, WorkspaceRecord } from '../../src/index.js';
import type { RecordedDatabase } from './recorded.js';

/** The instant of all that is there; nothing has expired yet. */
export const FILLED_AT = Date.parse('2026-01-01T00:00:00Z');

export const TEAM = 'ws-team';
/** Owns the team; is in hundreds of others. */
export const OWNER = 'u0';

/** Is invited to hundreds of teams. */
export const WANTED = 'u3999';

const USERS = 4000;
const MEMBERS = 2000;
const INVITATIONS = 4000;
const EVENTS = 2000;
const CHARGES = 1000;
const TEAMS_OF_OWNER = 300;

type Row = Readonly<Record<string, unknown>>;

/** The key of an address to which there is an invitation in each of the other teams. */
export const WANTED_EMAIL = 'email:wanted';

/** Everybody has a personal workspace with a quota; the first are in the team. */
export async function fill(database: RecordedDatabase): Promise<void> {
  const users = [...Array(USERS).keys()];
  const personal = (user: number): string => `ws-u${user}`;
  const teams = [...Array(TEAMS_OF_OWNER).keys()].map((number) => `ws-other-${number}`);
  const workspaces = [
    ...users.map((user) => workspaceRow(personal(user), user, 'personal')),
    workspaceRow(TEAM, 0, 'team'),
    ...teams.map((id, number) => workspaceRow(id, number + 1, 'team')),
  ];
  const ids = workspaces.map(({ id }) => id);
  await insert(
    database,
    'accounts',
    users.map((user) => accountToRow(accountOf(`u${user}`))),
  );
  await insert(
    database,
    'workspace_ids',
    ids.map((id) => ({ id, deleted: 0 })),
  );
  await insert(database, 'workspaces', workspaces);
  await insert(database, 'members', [
    ...users.map((user) => memberRow(personal(user), user, 'owner')),
    memberRow(TEAM, 0, 'owner'),
    ...[...Array(MEMBERS).keys()].map((number) => memberRow(TEAM, number + 1, 'developer')),
    ...teams.map((id, number) => memberRow(id, number + 1, 'owner')),
    ...teams.map((id) => memberRow(id, 0, 'developer')),
  ]);
  await insert(database, 'invitations', [
    ...[...Array(INVITATIONS).keys()].map((number) => invitationRow(TEAM, number)),
    ...teams.flatMap((id) => [...Array(10).keys()].map((number) => invitationRow(id, number))),
    ...teams.map((id) =>
      invitationToRow({ ...invitationOf(id, 'inv-wanted'), recipient: { userId: WANTED } }),
    ),
  ]);
  await insert(
    database,
    'departures',
    users.map((user) => ({
      workspace_id: user % 2 === 0 ? TEAM : 'ws-other-1',
      user_id: `u${user}`,
      role: 'developer',
      version: 1,
    })),
  );
  await insert(database, 'workspace_events', [
    ...[...Array(EVENTS).keys()].map((number) => ({
      workspace_id: TEAM,
      ...eventRow(number + 1),
      email_key: number % 2 === 0 ? `email:${number}` : null,
    })),
    ...ids.filter((id) => id !== TEAM).map((id) => ({ workspace_id: id, ...eventRow(1), email_key: null })),
    ...teams.map((id) => ({
      workspace_id: id,
      ...eventRow(2),
      type: 'invitation.created',
      email_key: WANTED_EMAIL,
    })),
  ]);
  await insert(database, 'account_events', [
    ...users.map((user) => ({ user_id: `u${user}`, ...eventRow(1) })),
    ...[...Array(EVENTS).keys()].map((number) => ({ user_id: OWNER, ...eventRow(number + 2) })),
  ]);
  const charges = [
    ...[...Array(CHARGES).keys()].map((number) => [TEAM, number] as const),
    ...ids.filter((id) => id !== TEAM).map((id) => [id, 0] as const),
  ];
  const resources = ['cpu', 'memory'];
  await insert(
    database,
    'quota_ledgers',
    ids.map((id) => ({ workspace_id: id, gone: 0 })),
  );
  await insert(
    database,
    'quota_resources',
    ids.flatMap((id) =>
      resources.map((resource) => ({
        workspace_id: id,
        resource,
        limited: 'default',
        limit_nano: null,
        limit_format: null,
        used: '0',
        reserved: '0',
      })),
    ),
  );
  await insert(
    database,
    'quota_charges',
    charges.map(([id, number]) => ({
      workspace_id: id,
      reservation_id: `res-${number}`,
      // A few that are about to expire, and a few that did long ago.
      state: number % 100 === 7 ? 'lapsed' : number % 100 === 3 ? 'reserved' : 'committed',
      expires_at: FILLED_AT + (number % 100 === 7 ? -2 * 86_400_000 : 60_000),
      by_user_id: OWNER,
      by_operator: null,
    })),
  );
  await insert(
    database,
    'quota_amounts',
    charges.flatMap(([id, number]) =>
      resources.map((resource) => ({
        workspace_id: id,
        reservation_id: `res-${number}`,
        resource,
        amount: '0',
        format: 'decimal',
        requested: null,
      })),
    ),
  );
}

/** What the planner knows of the tables, brought up to date. */
export async function analyze({ aside: db, tables }: RecordedDatabase): Promise<void> {
  const names = Object.keys(allTables).map((name) => tableName(tables, name));
  const statements = {
    sqlite: ['analyze'],
    postgres: names.map((name) => `analyze ${name}`),
    mariadb: [`analyze table ${names.join(', ')}`],
    mysql: [`analyze table ${names.join(', ')}`],
  };
  for (const statement of statements[tables.dialect]) await db.executeQuery(CompiledQuery.raw(statement));
}

/** A table as this dialect writes it. */
export function tableName({ dialect, schema }: RecordedDatabase['tables'], name: string): string {
  const quote = dialect === 'mariadb' || dialect === 'mysql' ? '`' : '"';
  const quoted = (part: string): string => quote + part + quote;
  return `${schema === undefined ? '' : `${quoted(schema)}.`}${quoted(`tenantry_${name}`)}`;
}

export function accountOf(userId: string, username = userId): AccountRecord {
  return {
    userId,
    username,
    status: 'open',
    usernameKey: username,
    displayName: null,
    personalWorkspaceId: `ws-${userId}`,
    activeWorkspaceId: `ws-${userId}`,
    ownedTeams: 1,
    invitedSince: 0,
    invited: 0,
    version: EVENTS + 1,
    openedVersion: 1,
    createdAt: FILLED_AT,
  };
}

export function workspaceOf(
  id: string,
  {
    name = id,
    ownerId,
    kind = 'team',
  }: { readonly name?: string; readonly ownerId: string; readonly kind?: 'personal' | 'team' },
): WorkspaceRecord {
  return {
    id,
    kind,
    name,
    nameKey: name,
    ownerId,
    memberCount: id === TEAM ? MEMBERS + 1 : 1,
    openInvitations: 0,
    reservedSeats: 0,
    suspendedFor: null,
    deletion: null,
    offer: null,
    attributes: null,
    version: EVENTS + 1,
    createdAt: FILLED_AT,
  };
}

export function memberOf(workspaceId: string, userId: string, role = 'developer'): MemberRecord {
  return {
    workspaceId,
    userId,
    role,
    invitationId: null,
    joinedAt: FILLED_AT,
    joinedVersion: 1,
    emailKey: null,
    managedBy: null,
    attributes: null,
  };
}

export function invitationOf(workspaceId: string, id: string): OpenInvitationRecord {
  return {
    id,
    workspaceId,
    role: 'developer',
    recipient: null,
    maxUses: 1,
    uses: 0,
    issuedBy: { userId: OWNER },
    secretHash: 'f'.repeat(64),
    createdAt: FILLED_AT,
    issuedAt: FILLED_AT,
    issuedVersion: 1,
    expiresAt: FILLED_AT + 86_400_000,
    state: 'open',
  };
}

function workspaceRow(id: string, owner: number, kind: 'personal' | 'team') {
  return { ...workspaceToRow(workspaceOf(id, { ownerId: `u${owner}`, kind })), id };
}

function memberRow(workspaceId: string, user: number, role: string): Row {
  // Many in each second: the second half of the key has work to do.
  return memberToRow({
    ...memberOf(workspaceId, `u${user}`, role),
    joinedAt: FILLED_AT + 1000 * (user % 500),
    joinedVersion: 1,
  });
}

/** One of ten is open. Of these, an eighth are links, a tenth were issued by the owner, and some expire within an hour. */
function invitationRow(workspaceId: string, number: number): Row {
  const open: OpenInvitationRecord = {
    ...invitationOf(workspaceId, `inv-${number}`),
    recipient: number % 80 === 0 ? null : { userId: `u${USERS - 1 - number}` },
    issuedBy: { userId: number % 100 === 0 ? OWNER : `u${(number % 300) + 1}` },
    createdAt: FILLED_AT + 1000 * (number % 500),
    expiresAt: FILLED_AT + (number % 200 === 0 ? 3_600_000 : 86_400_000),
  };
  return invitationToRow(number % 10 === 0 ? open : { ...open, state: 'revoked', closedAt: FILLED_AT });
}

function eventRow(version: number): Row {
  return {
    version,
    position: 0,
    id: `evt-${version}`,
    type: 'member.joined',
    at: FILLED_AT,
    actor_user_id: OWNER,
    actor_operator: null,
    behalf_operator: null,
    behalf_reason: null,
    request_id: null,
    data: '{}',
  };
}

/** As literals: every value here is a plain word or a number, and there are more of them than a statement has places. */
async function insert(
  { aside: db, tables }: RecordedDatabase,
  name: TableName,
  rows: readonly Row[],
): Promise<void> {
  const columns = columnsOf(name);
  for (let index = 0; index < rows.length; index += 1000) {
    const values = rows
      .slice(index, index + 1000)
      .map((row) => `(${columns.map((column) => literal(row[column])).join(', ')})`);
    await db.executeQuery(
      CompiledQuery.raw(
        `insert into ${tableName(tables, name)} (${columns.join(', ')}) values ${values.join(', ')}`,
      ),
    );
  }
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && /^[\w{}:.-]*$/.test(value)) return `'${value}'`;
  throw new Error(`not a plain value: ${JSON.stringify(value)}`);
}
