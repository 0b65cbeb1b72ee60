// Records and events for cases that speak to a storage directly, with only the fields that matter given.
import type { AccountRecord } from '../../domain/account.js';
import type { Change, Commit, Expectation } from '../../domain/changes.js';
import type { EventOf, StoredEvent } from '../../domain/events.js';
import type { InvitationRecord, OpenInvitationRecord } from '../../domain/invitation.js';
import type { MemberRecord } from '../../domain/member.js';
import { nameKey } from '../../domain/names.js';
import type { Snapshot } from '../../domain/snapshot.js';
import type { WorkspaceRecord } from '../../domain/workspace.js';
import type { StorageAdapter } from '../../ports/storage.js';

export const START = Date.UTC(2026, 0, 1);

export function account(userId: string, fields: Partial<AccountRecord> = {}): AccountRecord {
  const username = fields.username ?? userId;
  return {
    userId,
    username,
    usernameKey: nameKey(username),
    displayName: null,
    personalWorkspaceId: `personal-${userId}`,
    activeWorkspaceId: `personal-${userId}`,
    ownedTeams: 0,
    version: 1,
    createdAt: START,
    ...fields,
  };
}

export function workspace(id: string, fields: Partial<WorkspaceRecord> = {}): WorkspaceRecord {
  const name = fields.name ?? id;
  return {
    id,
    kind: 'team',
    name,
    nameKey: nameKey(name),
    ownerId: 'olga',
    memberCount: 1,
    openInvitations: 0,
    reservedSeats: 0,
    version: 1,
    createdAt: START,
    ...fields,
  };
}

export function member(
  workspaceId: string,
  userId: string,
  fields: Partial<MemberRecord> = {},
): MemberRecord {
  return { workspaceId, userId, role: 'developer', invitationId: null, joinedAt: START, ...fields };
}

export function invitation(
  workspaceId: string,
  id: string,
  fields: Partial<OpenInvitationRecord> = {},
): OpenInvitationRecord {
  return {
    id,
    workspaceId,
    role: 'developer',
    recipient: null,
    maxUses: 1,
    uses: 0,
    issuedBy: { userId: 'olga' },
    secretHash: '0'.repeat(64),
    createdAt: START,
    issuedAt: START,
    expiresAt: START + 60_000,
    state: 'open',
    ...fields,
  };
}

export function renamed(workspaceId: string, version: number, index = 0): EventOf<'workspace.renamed'> {
  return {
    id: `event-${workspaceId}-${String(version)}-${String(index)}`,
    type: 'workspace.renamed',
    workspaceId,
    version,
    index,
    at: new Date(START).toISOString(),
    actor: { userId: 'olga' },
    data: { from: 'before', to: `name ${String(version)}` },
  };
}

export function renamedAccount(userId: string, version: number, index = 0): EventOf<'account.renamed'> {
  return {
    id: `event-${userId}-${String(version)}-${String(index)}`,
    type: 'account.renamed',
    userId,
    version,
    index,
    at: new Date(START).toISOString(),
    actor: { userId },
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

/** Olga's account and her workspace `hello`, at version 1, with Olga in it. */
export async function putHello(storage: StorageAdapter): Promise<WorkspaceRecord> {
  const hello = workspace('hello');
  await mustCommit(
    storage,
    commit(
      [
        insertAccount(account('olga')),
        insertWorkspace(hello),
        insertMember(member('hello', 'olga', { role: 'owner' })),
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
  if (found.workspace === null) throw new Error(`${workspaceId} is not there`);
  return found.workspace;
}
