// Events, changes and commits for cases that call a storage directly, on top of the record builders.
import type { AccountRecord } from '../../core/account.js';
import type { Change, Commit, Expectation } from '../../core/changes.js';
import type { DepartureRecord } from '../../core/departure.js';
import type { StoredEvent, StoredEventOf } from '../../core/events.js';
import type { InvitationRecord } from '../../core/invitation.js';
import type { MemberRecord } from '../../core/member.js';
import type { Snapshot } from '../../core/read-set.js';
import type { WorkspaceRecord } from '../../core/workspace.js';
import type { StorageAdapter } from '../../ports/storage.js';
import { account, departure, invitation, member, START, workspace } from '../records.js';

export { START, account, departure, invitation, member, workspace };

/** Every second event is of a request, in which an operator acts for the user. */
function by(userId: string, index: number): Pick<StoredEvent, 'actor' | 'requestId'> {
  if (index % 2 === 0) return { actor: { userId } };
  const onBehalfOf = { operator: 'help desk', reason: 'asked to' };
  return { actor: { userId, onBehalfOf }, requestId: `request-${String(index)}` };
}

export function renamed(workspaceId: string, version: number, index = 0): StoredEventOf<'workspace.renamed'> {
  return {
    id: `event-${workspaceId}-${String(version)}-${String(index)}`,
    type: 'workspace.renamed',
    workspaceId,
    version,
    index,
    at: new Date(START).toISOString(),
    ...by('ada', index),
    data: { from: 'before', to: `name ${String(version)}` },
  };
}

export function renamedAccount(userId: string, version: number, index = 0): StoredEventOf<'account.renamed'> {
  return {
    id: `event-${userId}-${String(version)}-${String(index)}`,
    type: 'account.renamed',
    userId,
    version,
    index,
    at: new Date(START).toISOString(),
    ...by(userId, index),
    data: { from: 'before', to: `name ${String(version)}`, displayName: null },
  };
}

export const insertAccount = (record: AccountRecord): Change => ({ kind: 'account.insert', account: record });
export const updateAccount = (record: AccountRecord): Change => ({ kind: 'account.update', account: record });
export const insertWorkspace = (record: WorkspaceRecord): Change => ({
  kind: 'workspace.insert',
  workspace: record,
});
export const updateWorkspace = (record: WorkspaceRecord): Change => ({
  kind: 'workspace.update',
  workspace: record,
});
export const insertMember = (record: MemberRecord): Change => ({ kind: 'member.insert', member: record });
export const updateMember = (record: MemberRecord): Change => ({ kind: 'member.update', member: record });
export const insertDeparture = (record: DepartureRecord): Change => ({
  kind: 'departure.insert',
  departure: record,
});
export const updateDeparture = (record: DepartureRecord): Change => ({
  kind: 'departure.update',
  departure: record,
});
export const insertInvitation = (record: InvitationRecord): Change => ({
  kind: 'invitation.insert',
  invitation: record,
});
export const updateInvitation = (record: InvitationRecord): Change => ({
  kind: 'invitation.update',
  invitation: record,
});

export function commit(
  changes: readonly Change[],
  rest: { readonly expect?: readonly Expectation[]; readonly events?: readonly StoredEvent[] } = {},
): Commit {
  return { expect: rest.expect ?? [], changes, events: rest.events ?? [] };
}

/** Ada's account and her workspace `hello`, at version 1, with Ada in it. */
export async function putHello(storage: StorageAdapter): Promise<WorkspaceRecord> {
  const hello = workspace('hello');
  await mustCommit(
    storage,
    commit(
      [
        insertAccount(account('ada')),
        insertWorkspace(hello),
        insertMember(member('hello', 'ada', { role: 'owner' })),
      ],
      {
        events: [renamed('hello', 1)],
      },
    ),
  );
  return hello;
}

export async function mustCommit(storage: StorageAdapter, what: Commit): Promise<void> {
  const result = await storage.commit(what);
  if (!result.ok) throw new Error(`the commit was not applied: ${JSON.stringify(result)}`);
}

export async function mustLoadWorkspace(
  storage: StorageAdapter,
  workspaceId: string,
): Promise<WorkspaceRecord> {
  const found: Snapshot = await storage.load({ workspaceId });
  if (found.workspace === null) throw new Error(`${workspaceId} is missing`);
  return found.workspace;
}
