// Records to decide on: a team, the people in it and one outside, an invitation; and the way to ask a decision twice.
import { expect } from 'vitest';
import {
  sealosMatrix,
  type AccountRecord,
  type Actor,
  type Limits,
  type MemberRecord,
  type OpenInvitationRecord,
  type PermissionMatrix,
  type RefusalCode,
  type Snapshot,
  type WorkspaceRecord,
} from '../../src/index.js';
import type { CommandSpec, Decision } from '../../src/domain/decision.js';
import { deepFreeze } from '../../src/domain/frozen.js';

export const now = Date.parse('2026-01-01T00:00:00Z');
export const workspaceId = 'ws-1';
export const ada = { userId: 'ada' };
export const mia = { userId: 'mia' };
export const dev = { userId: 'dev' };
export const sam = { userId: 'sam' };
export const root = { operator: 'root' };
export const roomy: Limits = {
  membersPerWorkspace: 'unlimited',
  openInvitationsPerWorkspace: 'unlimited',
  workspacesPerOwner: 'unlimited',
};

export const account = (userId: string, change: Partial<AccountRecord> = {}): AccountRecord => ({
  userId,
  username: userId,
  usernameKey: userId,
  displayName: null,
  personalWorkspaceId: `personal-${userId}`,
  activeWorkspaceId: `personal-${userId}`,
  ownedTeams: 0,
  version: 1,
  createdAt: now,
  ...change,
});

export const team = (change: Partial<WorkspaceRecord> = {}): WorkspaceRecord => ({
  id: workspaceId,
  kind: 'team',
  name: 'Core',
  nameKey: 'core',
  ownerId: 'ada',
  memberCount: 3,
  openInvitations: 0,
  reservedSeats: 0,
  version: 7,
  createdAt: now,
  ...change,
});

export const invitation = (change: Partial<OpenInvitationRecord> = {}): OpenInvitationRecord => ({
  id: 'inv-1',
  workspaceId,
  role: 'developer',
  recipient: null,
  maxUses: 1,
  uses: 0,
  issuedBy: mia,
  secretHash: 'hash',
  createdAt: now,
  issuedAt: now,
  expiresAt: now + 60_000,
  state: 'open',
  ...change,
});

/** Members of the team by their roles. */
export function membersOf(
  roles: Readonly<Record<string, string>>,
  invitationId: string | null = null,
): ReadonlyMap<string, MemberRecord> {
  return new Map(
    Object.entries(roles).map(([userId, role]) => [
      userId,
      Object.freeze({ workspaceId, userId, role, invitationId, joinedAt: now }),
    ]),
  );
}

/** Ada owns the team, mia manages, dev develops; sam has an account only. */
export function given(change: Partial<Snapshot> = {}): Snapshot {
  const people = ['ada', 'mia', 'dev', 'sam'];
  const roles = { ada: 'owner', mia: 'manager', dev: 'developer' };
  return {
    workspace: team(),
    tombstone: false,
    accounts: new Map(people.map((userId) => [userId, Object.freeze(account(userId))])),
    members: membersOf(roles),
    invitation: null,
    openInvitations: [],
    ...change,
  };
}

export function decided<Command, Caller extends Actor>(
  spec: CommandSpec<Command, Caller>,
  snapshot: Snapshot,
  command: Command,
  {
    actor,
    limits = roomy,
    matrix = sealosMatrix,
  }: { readonly actor: Caller; readonly limits?: Limits; readonly matrix?: PermissionMatrix },
): Decision {
  const facts = { actor, now, limits, matrix };
  const decision = spec.decide(deepFreeze(snapshot), command, facts);
  // The same again: nothing but what it was given has a say.
  expect(spec.decide(snapshot, command, facts)).toEqual(decision);
  return decision;
}

export const nothing: Decision = { ok: true, events: [] };
export const happened = (...events: readonly object[]) => ({ ok: true, events });
export const refused = (code: RefusalCode, details: object = {}) => ({
  ok: false,
  refusal: { code, details },
});
export const empty: Partial<Snapshot> = { workspace: null, members: new Map(), accounts: new Map() };
export const personal = team({
  id: 'personal-ada',
  kind: 'personal',
  name: 'ada',
  nameKey: 'ada',
  memberCount: 1,
});
