// A slice as one statement, so that its records stood together at one instant: a union of rows, each marked with what it is.
import type { AccountRecord } from '../../domain/account.js';
import type { UserId } from '../../domain/ids.js';
import { recipientKey, type InvitationRecord, type OpenInvitationRecord } from '../../domain/invitation.js';
import type { MemberRecord } from '../../domain/member.js';
import type { Slice, Snapshot } from '../../domain/snapshot.js';
import type { WorkspaceRecord } from '../../domain/workspace.js';
import type { Row } from './database.js';
import type { SqlNames } from './names.js';
import {
  rowToAccount,
  rowToInvitation,
  rowToMember,
  rowToWorkspace,
  whole,
  type ColumnReader,
} from './rows.js';
import { statement, type Bind, type Statement } from './statement.js';
import { tables, type Table } from './tables.js';

type SliceTable = 'accounts' | 'workspace_ids' | 'workspaces' | 'members' | 'invitations';

/** What a row of the union is. */
const TOMBSTONE = 0;
const WORKSPACE = 1;
const ACCOUNT = 2;
const MEMBER = 3;
const INVITATION = 4;
const OPEN_INVITATION = 5;

/** Slices of one shape are read by one statement. `null`: there is nothing to read. */
export function shapeOf(slice: Slice): string | null {
  const shape = [
    slice.workspaceId !== undefined && 'w',
    slice.workspaceId === undefined && slice.personalWorkspaceOf !== undefined && 'p',
    `a${padded(accountsOf(slice).length)}`,
    `m${padded(slice.members?.length ?? 0)}`,
    slice.owner && 'o',
    slice.invitationId !== undefined && 'i',
    slice.issuedBy !== undefined && 'b',
    slice.issuedByOwner && 'B',
    slice.recipient !== undefined && 'r',
    slice.expiredAt !== undefined && 'x',
  ].filter(Boolean);
  const hasWorkspace = slice.workspaceId !== undefined || slice.personalWorkspaceOf !== undefined;
  return hasWorkspace || accountsOf(slice).length > 0 ? shape.join('') : null;
}

/** The statement of all slices of the shape of this one. */
export function sliceStatement(names: SqlNames, slice: Slice): Statement<Slice> {
  const { table, facts } = names;
  return statement<Slice>(facts, (bind) => {
    const accounts = accountsOf(slice).length;
    const parts: string[] = [];
    const read = (part: number, name: SliceTable, from: string): void => {
      parts.push(`select ${wideColumns(names, part, name)} from ${from}`);
    };
    if (accounts > 0) {
      const list = listOf(bind, accounts, accountsOf);
      read(ACCOUNT, 'accounts', `${table('accounts')} r where r.user_id in ${list}`);
    }
    const personalOf = bind(({ personalWorkspaceOf }) => personalWorkspaceOf);
    const own = `(select personal_workspace_id from ${table('accounts')} where user_id = ${personalOf})`;
    if (slice.workspaceId === undefined && slice.personalWorkspaceOf === undefined) return parts.join(UNION);
    const workspaceId = slice.workspaceId === undefined ? own : bind((one) => one.workspaceId);

    const workspaces = `${table('workspaces')} w`;
    read(
      TOMBSTONE,
      'workspace_ids',
      `${table('workspace_ids')} r where r.id = ${workspaceId} and r.deleted = 1`,
    );
    read(WORKSPACE, 'workspaces', `${table('workspaces')} r where r.id = ${workspaceId}`);
    const members = slice.members?.length ?? 0;
    if (members > 0) {
      const list = listOf(bind, members, (one) => one.members ?? []);
      read(
        MEMBER,
        'members',
        `${table('members')} r where r.workspace_id = ${workspaceId} and r.user_id in ${list}`,
      );
    }
    if (slice.owner) {
      const owned = `where w.id = ${workspaceId}`;
      read(
        MEMBER,
        'members',
        `${workspaces} join ${table('members')} r on r.workspace_id = w.id and r.user_id = w.owner_id ${owned}`,
      );
      read(
        ACCOUNT,
        'accounts',
        `${workspaces} join ${table('accounts')} r on r.user_id = w.owner_id ${owned}`,
      );
    }
    const invitations = `${table('invitations')} r`;
    if (slice.invitationId !== undefined) {
      const id = bind(({ invitationId }) => invitationId);
      read(
        INVITATION,
        'invitations',
        `${invitations} where r.workspace_id = ${workspaceId} and r.id = ${id}`,
      );
      const issued = `where i.workspace_id = ${workspaceId} and i.id = ${id}`;
      read(
        MEMBER,
        'members',
        `${table('invitations')} i join ${table('members')} r on r.workspace_id = i.workspace_id and r.user_id = i.issued_by_user_id ${issued}`,
      );
      read(
        ACCOUNT,
        'accounts',
        `${table('invitations')} i join ${table('accounts')} r on r.user_id = i.issued_by_user_id ${issued}`,
      );
    }
    const open = (where: string): void => {
      read(
        OPEN_INVITATION,
        'invitations',
        `${invitations} where r.workspace_id = ${workspaceId} and r.state = 'open' and ${where}`,
      );
    };
    if (slice.issuedBy !== undefined) open(`r.issued_by_user_id = ${bind(({ issuedBy }) => issuedBy)}`);
    if (slice.issuedByOwner) {
      open(`r.issued_by_user_id = (select owner_id from ${workspaces} where w.id = ${workspaceId})`);
    }
    if (slice.recipient !== undefined) {
      open(`r.open_recipient = ${bind(({ recipient }) => (recipient ? recipientKey(recipient) : null))}`);
    }
    if (slice.expiredAt !== undefined) open(`r.expires_at <= ${bind(({ expiredAt }) => expiredAt)}`);
    return parts.join(UNION);
  });
}

/** The snapshot that the rows of a slice's statement tell. */
export function snapshotOf(rows: readonly Row[]): Snapshot {
  let workspace: WorkspaceRecord | null = null;
  let tombstone = false;
  let invitation: InvitationRecord | null = null;
  const accounts = new Map<UserId, AccountRecord>();
  const members = new Map<UserId, MemberRecord>();
  const open = new Map<string, OpenInvitationRecord>();
  for (const row of rows) {
    switch (whole(row['part'])) {
      case TOMBSTONE:
        tombstone = true;
        break;
      case WORKSPACE:
        workspace = rowToWorkspace(wideReader(row, 'workspaces'));
        break;
      case ACCOUNT: {
        const account = rowToAccount(wideReader(row, 'accounts'));
        accounts.set(account.userId, account);
        break;
      }
      case MEMBER: {
        const member = rowToMember(wideReader(row, 'members'));
        members.set(member.userId, member);
        break;
      }
      case INVITATION:
        invitation = rowToInvitation(wideReader(row, 'invitations'));
        break;
      case OPEN_INVITATION: {
        const found = rowToInvitation(wideReader(row, 'invitations'));
        if (found.state === 'open') open.set(found.id, found);
        break;
      }
      default:
        throw new Error('a row of a slice is of no kind');
    }
  }
  return { workspace, tombstone, accounts, members, invitation, openInvitations: [...open.values()] };
}

const UNION = '\nunion all\n';

/** Texts and whole numbers have columns of their own in the union, so that every column is of one type. */
const SLOTS: Readonly<Record<SliceTable, ReadonlyMap<string, string>>> = slotsOfAll();
const ALL_SLOTS: readonly string[] = [
  ...new Set(Object.values(SLOTS).flatMap((slots) => [...slots.values()])),
].sort();

function slotsOfAll(): Record<SliceTable, Map<string, string>> {
  const slotsOf = ({ columns }: Table): Map<string, string> => {
    const used = { t: 0, n: 0 };
    return new Map(
      Object.entries(columns).map(([column, { type }]) => {
        const kind = type === 'whole' ? 'n' : 't';
        return [column, `${kind}${used[kind]++}`];
      }),
    );
  };
  return {
    accounts: slotsOf(tables.accounts),
    workspace_ids: slotsOf(tables.workspace_ids),
    workspaces: slotsOf(tables.workspaces),
    members: slotsOf(tables.members),
    invitations: slotsOf(tables.invitations),
  };
}

function wideColumns({ quoted, facts }: SqlNames, part: number, table: SliceTable): string {
  const columns = new Map([...SLOTS[table]].map(([column, slot]) => [slot, column]));
  const cells = ALL_SLOTS.map((slot) => {
    const column = columns.get(slot);
    if (column !== undefined) return `r.${quoted(column)} as ${slot}`;
    return `${slot.startsWith('n') ? facts.nullWhole : facts.nullText} as ${slot}`;
  });
  return [`${part} as part`, ...cells].join(', ');
}

function wideReader(row: Row, table: SliceTable): ColumnReader {
  const slots = SLOTS[table];
  return (column) => row[slots.get(column) ?? column];
}

function accountsOf({ accounts = [], personalWorkspaceOf }: Slice): readonly UserId[] {
  return personalWorkspaceOf === undefined ? accounts : [...accounts, personalWorkspaceOf];
}

/** As many places as the shape has; those beyond the list repeat its last value. */
function listOf(bind: Bind<Slice>, length: number, read: (slice: Slice) => readonly string[]): string {
  const places = Array.from({ length: padded(length) }, (_, place) =>
    bind((slice) => {
      const list = read(slice);
      return list[Math.min(place, list.length - 1)];
    }),
  );
  return `(${places.join(', ')})`;
}

/** Powers of two keep the shapes few; a list that long is a test's or an audit's, and SQLite has 32,766 places. */
function padded(length: number): number {
  if (length === 0 || length > 1024) return length;
  return 2 ** Math.ceil(Math.log2(length));
}
