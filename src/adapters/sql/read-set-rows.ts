// The rows of a read set's statement: each is a record of one kind, in columns that all kinds share.
import type { AccountRecord } from '../../core/account.js';
import type { DepartureRecord } from '../../core/departure.js';
import type { UserId } from '../../core/ids.js';
import type { InvitationRecord, OpenInvitationRecord } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { Snapshot } from '../../core/read-set.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import type { Row } from './database.js';
import type { SqlNames } from './names.js';
import {
  rowToAccount,
  rowToDeparture,
  rowToInvitation,
  rowToMember,
  rowToWorkspace,
  whole,
  type ColumnReader,
} from './rows.js';
import type { Table } from './table.js';
import { tables } from './tables.js';

export type ReadTable =
  | 'accounts'
  | 'workspace_ids'
  | 'workspaces'
  | 'members'
  | 'invitations'
  | 'departures';

/** The kinds of rows in the union. */
export const TOMBSTONE = 0;
export const WORKSPACE = 1;
export const ACCOUNT = 2;
export const MEMBER = 3;
export const INVITATION = 4;
export const OPEN_INVITATION = 5;
export const DEPARTURE = 6;

/** The snapshot in the rows of a read set's statement. */
export function snapshotOf(rows: readonly Row[]): Snapshot {
  let workspace: WorkspaceRecord | null = null;
  let tombstone = false;
  let invitation: InvitationRecord | null = null;
  const accounts = new Map<UserId, AccountRecord>();
  const members = new Map<UserId, MemberRecord>();
  const open = new Map<string, OpenInvitationRecord>();
  const departures = new Map<UserId, DepartureRecord>();
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
      case DEPARTURE: {
        const departure = rowToDeparture(wideReader(row, 'departures'));
        departures.set(departure.userId, departure);
        break;
      }
      default:
        throw new Error('tenantry/sql: a row of a read set has an unknown kind');
    }
  }
  const openInvitations = [...open.values()];
  return { workspace, tombstone, accounts, members, invitation, openInvitations, departures };
}

/**
 * The column of the union for each column of a table: `t0`, `t1` and so on for strings, `n0`, `n1` for numbers, so that every
 * column of the union has one type.
 */
const SLOTS: Readonly<Record<ReadTable, ReadonlyMap<string, string>>> = slotsOfAll();
const ALL_SLOTS: readonly string[] = [
  ...new Set(Object.values(SLOTS).flatMap((slots) => [...slots.values()])),
].sort();

function slotsOfAll(): Record<ReadTable, Map<string, string>> {
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
    departures: slotsOf(tables.departures),
  };
}

export function wideColumns({ quoted, dialect }: SqlNames, part: number, table: ReadTable): string {
  const columns = new Map([...SLOTS[table]].map(([column, slot]) => [slot, column]));
  const cells = ALL_SLOTS.map((slot) => {
    const column = columns.get(slot);
    if (column !== undefined) return `r.${quoted(column)} as ${slot}`;
    return `${slot.startsWith('n') ? dialect.nullWhole : dialect.nullText} as ${slot}`;
  });
  return [`${part} as part`, ...cells].join(', ');
}

function wideReader(row: Row, table: ReadTable): ColumnReader {
  const slots = SLOTS[table];
  return (column) => row[slots.get(column) ?? column];
}
