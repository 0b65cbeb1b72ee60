// Given, when, then for decisions: a snapshot of the team, the call of a decision, and its results.
import { expect } from 'vitest';
import {
  defaultMatrix,
  type Actor,
  type Limit,
  type Limits,
  type MemberRecord,
  type OpenInvitationRecord,
  type PermissionMatrix,
  type RefusalCode,
  type Snapshot,
  type WorkspaceRecord,
} from '../../src/index.js';
import type { Decision, DecisionContext, OwnershipTransfer } from '../../src/core/decision.js';
import { deepFreeze } from '../../src/core/frozen.js';
import {
  account,
  invitation as invitationInto,
  member,
  START,
  workspace,
} from '../../src/testing/records.js';

/** The part of a command's definition that decides. */
export interface Decider<Command, Caller extends Actor> {
  readonly decide: (snapshot: Snapshot, command: Command, context: DecisionContext<Caller>) => Decision;
}

export { account };

export const now = START;
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

/** The team: ada, mia and dev are in it. */
export const team = (change: Partial<WorkspaceRecord> = {}): WorkspaceRecord =>
  workspace(workspaceId, { name: 'Core', ownerId: 'ada', memberCount: 3, version: 7, ...change });

/** An open link to the team that mia issued. */
export const invitation = (change: Partial<OpenInvitationRecord> = {}): OpenInvitationRecord =>
  invitationInto(workspaceId, 'inv-1', { issuedBy: mia, secretHash: 'hash', ...change });

/** Members of the team by role. */
export function membersOf(
  roles: Readonly<Record<string, string>>,
  invitationId: string | null = null,
): ReadonlyMap<string, MemberRecord> {
  return new Map(
    Object.entries(roles).map(([userId, role]) => [
      userId,
      Object.freeze(member(workspaceId, userId, { role, invitationId })),
    ]),
  );
}

/** Ada is the owner, mia a manager, dev a developer; sam has an account but is not a member. */
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
    departures: new Map(),
    ...change,
  };
}

export function decided<Command, Caller extends Actor>(
  spec: Decider<Command, Caller>,
  snapshot: Snapshot,
  command: Command,
  {
    actor,
    limits = roomy,
    matrix = defaultMatrix,
    invitationsPerActorPerDay = 'unlimited',
    ownershipTransfer = 'direct',
    graceSeconds = 0,
  }: {
    readonly actor: Caller;
    readonly limits?: Limits;
    readonly matrix?: PermissionMatrix;
    readonly invitationsPerActorPerDay?: Limit;
    readonly ownershipTransfer?: OwnershipTransfer;
    readonly graceSeconds?: number;
  },
): Decision {
  const context = {
    actor,
    now,
    limits,
    matrix,
    invitationsPerActorPerDay,
    ownershipTransfer,
    graceSeconds,
  };
  const decision = spec.decide(deepFreeze(snapshot), command, context);
  // A decision is pure: the same arguments give the same result.
  expect(spec.decide(snapshot, command, context)).toEqual(decision);
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
  memberCount: 1,
});
