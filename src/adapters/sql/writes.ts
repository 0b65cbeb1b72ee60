// The rows that a commit writes, sorted by table and by the order in which they can be written.
import type { Commit } from '../../core/changes.js';
import type { StoredEvent } from '../../core/events.js';
import type { WorkspaceId } from '../../core/ids.js';
import type { Row } from './database.js';
import { eventToRow } from './event-rows.js';
import { accountToRow, departureToRow, invitationToRow, memberToRow, workspaceToRow } from './rows.js';
import type { TableName } from './tables.js';

/** A row that must have this version. It is locked before anything is written. */
export interface Guard {
  readonly table: 'workspaces' | 'accounts';
  readonly id: string;
  readonly version: number;
  /** Whether the commit also changes the row. */
  readonly isWritten: boolean;
}

/** Tables in the order in which rows can be inserted: referenced tables come first. */
export const INSERT_ORDER = [
  'accounts',
  'workspace_ids',
  'workspaces',
  'members',
  'departures',
  'invitations',
  'workspace_events',
  'account_events',
] as const satisfies readonly TableName[];

/** A table that commits insert into. */
export type InsertTable = (typeof INSERT_ORDER)[number];

/** The tables whose rows commits update. */
export const UPDATE_ORDER = [
  'accounts',
  'workspaces',
  'members',
  'departures',
  'invitations',
  'workspace_events',
  'account_events',
] as const satisfies readonly TableName[];

export interface Writes {
  /** Workspaces, then accounts, each by id: transactions that lock in one order never deadlock. */
  readonly guards: readonly Guard[];
  /** The former owner comes before the next one, because a unique key allows only one owner. */
  readonly updates: Readonly<Record<(typeof UPDATE_ORDER)[number], readonly Row[]>>;
  readonly deletedMembers: readonly Row[];
  readonly deletedWorkspaces: readonly WorkspaceId[];
  readonly inserts: Readonly<Record<InsertTable, readonly Row[]>>;
}

export function writesOf({ expect, changes, events }: Commit): Writes {
  const updates = {
    accounts: [] as Row[],
    workspaces: [] as Row[],
    members: [] as Row[],
    departures: [] as Row[],
    invitations: [] as Row[],
    workspace_events: [] as Row[],
    account_events: [] as Row[],
  };
  const inserts: Record<InsertTable, Row[]> = {
    accounts: [],
    workspace_ids: [],
    workspaces: [],
    members: [],
    departures: [],
    invitations: [],
    workspace_events: [],
    account_events: [],
  };
  const deletedMembers: Row[] = [];
  const deletedWorkspaces: WorkspaceId[] = [];
  for (const change of changes) {
    switch (change.kind) {
      case 'account.insert':
        inserts.accounts.push(accountToRow(change.account));
        break;
      case 'account.update':
        updates.accounts.push(accountToRow(change.account));
        break;
      case 'workspace.insert':
        inserts.workspace_ids.push({ id: change.workspace.id, deleted: 0 });
        inserts.workspaces.push(workspaceToRow(change.workspace));
        break;
      case 'workspace.update':
        updates.workspaces.push(workspaceToRow(change.workspace));
        break;
      case 'workspace.delete':
        deletedWorkspaces.push(change.workspaceId);
        break;
      case 'member.insert':
        inserts.members.push(memberToRow(change.member));
        break;
      case 'member.update':
        updates.members.push(memberToRow(change.member));
        break;
      case 'member.delete':
        deletedMembers.push({ workspace_id: change.workspaceId, user_id: change.userId });
        break;
      case 'departure.insert':
        inserts.departures.push(departureToRow(change.departure));
        break;
      case 'departure.update':
        updates.departures.push(departureToRow(change.departure));
        break;
      case 'invitation.insert':
        inserts.invitations.push(invitationToRow(change.invitation));
        break;
      case 'invitation.update':
        updates.invitations.push(invitationToRow(change.invitation));
        break;
      case 'event.erase':
        updates[eventTableOf(change.event)].push(eventToRow(change.event));
        break;
      default:
        change satisfies never;
    }
  }
  for (const event of events) inserts[eventTableOf(event)].push(eventToRow(event));
  updates.members.sort((a, b) => Number(a['owner_mark']) - Number(b['owner_mark']));
  const written = new Set([
    ...updates.workspaces.map(({ id }) => id),
    ...deletedWorkspaces,
    ...updates.accounts.map(({ user_id }) => user_id),
  ]);
  const guards = expect.map((expected): Guard => {
    const [table, id] =
      'workspace' in expected
        ? (['workspaces', expected.workspace] as const)
        : (['accounts', expected.account] as const);
    return { table, id, version: expected.version, isWritten: written.has(id) };
  });
  return { guards: guards.sort(byLockOrder), updates, deletedMembers, deletedWorkspaces, inserts };
}

function eventTableOf(event: StoredEvent): 'workspace_events' | 'account_events' {
  return 'workspaceId' in event ? 'workspace_events' : 'account_events';
}

function byLockOrder(a: Guard, b: Guard): number {
  if (a.table !== b.table) return a.table === 'workspaces' ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
