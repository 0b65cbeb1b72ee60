// From events to records: what a commit expects, writes and emits.
import { describe, expect, test } from 'vitest';
import type { AccountRecord, MemberRecord, Snapshot } from '../../src/index.js';
import { applyEvents } from '../../src/core/apply-events.js';
import type { NewEvent } from '../../src/core/events.js';
import { member as memberOf } from '../../src/testing/records.js';
import {
  account,
  ada,
  empty,
  given,
  invitation,
  membersOf,
  now,
  personal,
  sam,
  team,
  workspaceId,
} from './given.js';

const later = now + 1_500;
const expiresAt = '2026-01-01T00:02:00.000Z';
const issued = { secretHash: 'new hash', issuedAt: later };
const stamp = { actor: ada, now: later, eventIds: ['e1', 'e2', 'e3', 'e4'], issued };

const commitFor = (snapshot: Snapshot, ...newEvents: readonly NewEvent[]) =>
  applyEvents(snapshot, newEvents, stamp);

/** The workspace as it is written: its version increases by one. */
const written = (change: Parameters<typeof team>[0]) => ({
  kind: 'workspace.update',
  workspace: team({ version: 8, ...change }),
});
const updated = (userId: string, change: Partial<AccountRecord>) => ({
  kind: 'account.update',
  account: account(userId, { version: 2, ...change }),
});
const member = (userId: string, role: string, change: Partial<MemberRecord> = {}): MemberRecord =>
  memberOf(workspaceId, userId, { role, ...change });
const onTeam = { workspace: workspaceId, version: 7 };
const holding = (change: Parameters<typeof invitation>[0] = {}) =>
  given({ invitation: invitation(change), workspace: team({ openInvitations: 1, reservedSeats: 2 }) });

test('T-09 an event records actor, change, place and time, under the new version of the changed record', () => {
  const { commit } = commitFor(
    given({ workspace: personal, members: membersOf({ ada: 'owner' }) }),
    { type: 'account.renamed', userId: 'ada', data: { from: 'ada', to: 'Ida', displayName: 'I.' } },
    { type: 'workspace.renamed', workspaceId: 'personal-ada', data: { from: 'ada', to: 'Ida' } },
    { type: 'workspace.renamed', workspaceId: 'personal-ada', data: { from: 'Ida', to: 'Ada' } },
  );
  const when = { at: '2026-01-01T00:00:01.500Z', actor: ada };
  const inHome = { type: 'workspace.renamed', workspaceId: 'personal-ada', version: 8, ...when };
  expect(commit).toEqual({
    expect: [
      { workspace: 'personal-ada', version: 7 },
      { account: 'ada', version: 1 },
    ],
    changes: [
      updated('ada', { username: 'Ida', usernameKey: 'ida', displayName: 'I.' }),
      { kind: 'workspace.update', workspace: { ...personal, name: 'Ada', nameKey: 'ada', version: 8 } },
    ],
    events: [
      {
        id: 'e1',
        type: 'account.renamed',
        userId: 'ada',
        data: { from: 'ada', to: 'Ida', displayName: 'I.' },
        version: 2,
        index: 0,
        ...when,
      },
      { ...inHome, id: 'e2', data: { from: 'ada', to: 'Ida' }, index: 0 },
      { ...inHome, id: 'e3', data: { from: 'Ida', to: 'Ada' }, index: 1 },
    ],
  });
  expect(commit.events.every((event) => Object.isFrozen(event) && Object.isFrozen(event.data))).toBe(true);
});

test('T-09 events of different accounts are indexed separately, and expect no workspace if none was read', () => {
  const shown = (userId: string, name: string): NewEvent => ({
    type: 'account.renamed',
    userId,
    data: { from: userId, to: userId, displayName: name },
  });
  const { commit } = commitFor(
    given({ workspace: null }),
    shown('ada', 'A.'),
    shown('dev', 'D.'),
    shown('ada', 'A. L.'),
  );
  expect(commit.expect).toEqual([
    { account: 'ada', version: 1 },
    { account: 'dev', version: 1 },
  ]);
  expect(commit.changes).toEqual([
    updated('ada', { displayName: 'A. L.' }),
    updated('dev', { displayName: 'D.' }),
  ]);
  expect(commit.events.map(({ version, index }) => [version, index])).toEqual([
    [2, 0],
    [2, 0],
    [2, 1],
  ]);
});

test('T-09 account events and workspace events are indexed separately, even if the user id is "workspace"', () => {
  const userId = 'workspace';
  const { commit } = commitFor(
    given(empty),
    {
      type: 'account.opened',
      userId,
      data: { username: 'w', displayName: null, personalWorkspaceId: 'ws-w' },
    },
    {
      type: 'workspace.created',
      workspaceId: 'ws-w',
      data: { kind: 'personal', name: 'w', ownerId: userId },
    },
  );
  expect(commit.events.map(({ version, index }) => [version, index])).toEqual([
    [1, 0],
    [1, 0],
  ]);
});

test("W-01 creating a workspace inserts it, makes its owner a member and increments the owner's team count", () => {
  const { commit, after } = commitFor(given({ workspace: null, members: new Map() }), {
    type: 'workspace.created',
    workspaceId,
    data: { kind: 'team', name: 'Kernel', ownerId: 'sam' },
  });
  const record = {
    id: workspaceId,
    kind: 'team',
    name: 'Kernel',
    nameKey: 'kernel',
    ownerId: 'sam',
    memberCount: 1,
    openInvitations: 0,
    reservedSeats: 0,
    suspendedFor: null,
    offer: null,
    deletion: null,
    attributes: null,
    version: 1,
    createdAt: later,
  };
  const owner = member('sam', 'owner', { joinedAt: later });
  expect(commit.expect).toEqual([{ account: 'sam', version: 1 }]);
  expect(commit.changes).toEqual([
    updated('sam', { ownedTeams: 1 }),
    { kind: 'workspace.insert', workspace: record },
    { kind: 'member.insert', member: owner },
  ]);
  expect(commit.events).toMatchObject([{ version: 1, index: 0 }]);
  expect([after.workspace, after.members.get('sam'), after.accounts.get('sam')?.ownedTeams]).toEqual([
    record,
    owner,
    1,
  ]);
});

test('A-01 opening an account inserts the account and its personal workspace, which is not counted as a team', () => {
  const home = 'personal-eve';
  const { commit } = commitFor(
    given(empty),
    {
      type: 'account.opened',
      userId: 'eve',
      data: { username: 'Eve', displayName: 'E.', personalWorkspaceId: home },
    },
    { type: 'workspace.created', workspaceId: home, data: { kind: 'personal', name: 'Eve', ownerId: 'eve' } },
  );
  expect(commit.expect).toEqual([]);
  expect(commit.changes).toEqual([
    {
      kind: 'account.insert',
      account: account('eve', { username: 'Eve', displayName: 'E.', createdAt: later }),
    },
    {
      kind: 'workspace.insert',
      workspace: {
        ...personal,
        id: home,
        name: 'Eve',
        nameKey: 'eve',
        ownerId: 'eve',
        version: 1,
        createdAt: later,
      },
    },
    { kind: 'member.insert', member: member('eve', 'owner', { workspaceId: home, joinedAt: later }) },
  ]);
});

test("W-05 deleting a workspace keeps the event under a new version and decrements the owner's team count", () => {
  const accounts = new Map([['ada', account('ada', { ownedTeams: 2 })]]);
  const { commit, after } = commitFor(given({ accounts }), {
    type: 'workspace.deleted',
    workspaceId,
    data: { name: 'Core', ownerId: 'ada' },
  });
  expect(commit.expect).toEqual([onTeam, { account: 'ada', version: 1 }]);
  expect(commit.changes).toEqual([
    updated('ada', { ownedTeams: 1 }),
    { kind: 'workspace.delete', workspaceId },
  ]);
  expect(commit.events).toMatchObject([{ version: 8, index: 0 }]);
  expect(after.workspace).toBeNull();
});

test('M-02 a transfer swaps the two roles and updates both team counts in one commit', () => {
  const accounts = new Map([
    ['ada', account('ada', { ownedTeams: 3 })],
    ['dev', account('dev', { version: 5 })],
  ]);
  const { commit, after } = commitFor(given({ accounts }), {
    type: 'workspace.transferred',
    workspaceId,
    data: { from: 'ada', to: 'dev', formerOwnerRole: 'manager' },
  });
  expect(commit.expect).toEqual([onTeam, { account: 'ada', version: 1 }, { account: 'dev', version: 5 }]);
  expect(commit.changes).toEqual([
    updated('ada', { ownedTeams: 2 }),
    updated('dev', { ownedTeams: 1, version: 6 }),
    written({ ownerId: 'dev' }),
    { kind: 'member.update', member: member('ada', 'manager') },
    { kind: 'member.update', member: member('dev', 'owner') },
  ]);
  expect([after.members.get('ada')?.role, after.members.get('dev')?.role]).toEqual(['manager', 'owner']);
});

test('T-11 switching writes only the account, but conflicts if the workspace changed after it was read', () => {
  const { commit, after } = commitFor(given(), {
    type: 'account.switched',
    userId: 'dev',
    data: { from: 'personal-dev', to: workspaceId },
  });
  expect(commit.expect).toEqual([onTeam, { account: 'dev', version: 1 }]);
  expect(commit.changes).toEqual([updated('dev', { activeWorkspaceId: workspaceId })]);
  expect(commit.events).toMatchObject([{ version: 2, index: 0 }]);
  expect(after.workspace).toEqual(team());
});

describe('members', () => {
  test.each(['member.left', 'member.removed'] as const)(
    '%s deletes the membership and decrements the member count',
    (type) => {
      const { commit, after } = commitFor(given(), {
        type,
        workspaceId,
        data: { userId: 'dev', role: 'developer' },
      });
      expect(commit.changes).toEqual([
        written({ memberCount: 2 }),
        { kind: 'member.delete', workspaceId, userId: 'dev' },
      ]);
      expect([...after.members.keys()]).toEqual(['ada', 'mia']);
    },
  );

  test('a role change changes nothing else', () => {
    const { commit } = commitFor(given(), {
      type: 'member.role-changed',
      workspaceId,
      data: { userId: 'dev', from: 'developer', to: 'manager' },
    });
    expect(commit.changes).toEqual([
      written({}),
      { kind: 'member.update', member: member('dev', 'manager') },
    ]);
  });
});

describe('invitations', () => {
  test('M-08 a new invitation reserves its seats, and an expired one releases the seats it held', () => {
    const old = invitation({ id: 'inv-old', maxUses: 3, uses: 1, expiresAt: now });
    const { commit, after } = commitFor(
      given({ openInvitations: [old], workspace: team({ openInvitations: 1, reservedSeats: 2 }) }),
      { type: 'invitation.expired', workspaceId, data: { invitationId: 'inv-old', expiredAt: '' } },
      {
        type: 'invitation.created',
        workspaceId,
        data: { invitationId: 'inv-new', role: 'developer', recipient: null, maxUses: 5, expiresAt },
      },
    );
    const created = {
      ...invitation({
        id: 'inv-new',
        maxUses: 5,
        issuedBy: ada,
        createdAt: later,
        issuedVersion: 8,
        ...issued,
      }),
      expiresAt: now + 120_000,
    };
    expect(commit.changes).toEqual([
      written({ openInvitations: 1, reservedSeats: 5 }),
      { kind: 'invitation.update', invitation: { ...old, state: 'expired', closedAt: later } },
      { kind: 'invitation.insert', invitation: created },
    ]);
    expect(commit.events.map(({ version, index }) => [version, index])).toEqual([
      [8, 0],
      [8, 1],
    ]);
    expect(after.invitation).toEqual(created);
  });

  test('an invitation with unlimited uses reserves no seats', () => {
    const { commit } = commitFor(given(), {
      type: 'invitation.created',
      workspaceId,
      data: { invitationId: 'inv-new', role: 'developer', recipient: sam, maxUses: 'unlimited', expiresAt },
    });
    expect(commit.changes).toMatchObject([
      written({ openInvitations: 1, reservedSeats: 0 }),
      {
        kind: 'invitation.insert',
        invitation: { recipient: sam, maxUses: 'unlimited', uses: 0, state: 'open' },
      },
    ]);
  });

  test('reissuing changes the issuer, the secret and the expiry, but no count', () => {
    const { commit, after } = commitFor(holding({ maxUses: 3, uses: 1 }), {
      type: 'invitation.reissued',
      workspaceId,
      data: { invitationId: 'inv-1', expiresAt },
    });
    const reissued = invitation({
      maxUses: 3,
      uses: 1,
      issuedBy: ada,
      issuedVersion: 8,
      ...issued,
      expiresAt: now + 120_000,
    });
    expect(commit.changes).toEqual([
      written({ openInvitations: 1, reservedSeats: 2 }),
      { kind: 'invitation.update', invitation: reissued },
    ]);
    expect(after.invitation).toEqual(reissued);
  });

  test.each([
    ['one of two uses remains', { maxUses: 2 }, { openInvitations: 1, reservedSeats: 1 }, { uses: 1 }],
    [
      'the second of two uses is spent',
      { maxUses: 2, uses: 1 },
      { openInvitations: 0, reservedSeats: 1 },
      { uses: 2, state: 'used', closedAt: later },
    ],
    [
      'uses are unlimited',
      { maxUses: 'unlimited', uses: 4 },
      { openInvitations: 1, reservedSeats: 2 },
      { uses: 5 },
    ],
  ] as const)(
    'I-12 accepting spends a use and turns its seat into a member: %s',
    (_, before, counts, then) => {
      const uses = then.uses;
      const { commit, after } = commitFor(
        holding(before),
        { type: 'invitation.accepted', workspaceId, data: { invitationId: 'inv-1', userId: 'sam', uses } },
        {
          type: 'member.joined',
          workspaceId,
          data: { userId: 'sam', role: 'developer', invitationId: 'inv-1' },
        },
      );
      const joined = member('sam', 'developer', {
        invitationId: 'inv-1',
        joinedAt: later,
        joinedVersion: 8,
      });
      // The account too, so that nothing that ends it can commit at the same time.
      expect(commit.expect).toEqual([onTeam, { account: 'sam', version: 1 }]);
      expect(commit.changes).toEqual([
        updated('sam', {}),
        written({ memberCount: 4, ...counts }),
        { kind: 'member.insert', member: joined },
        { kind: 'invitation.update', invitation: { ...invitation(before), ...then } },
      ]);
      expect([after.members.get('sam'), after.invitation]).toEqual([
        joined,
        { ...invitation(before), ...then },
      ]);
    },
  );

  test.each(['revoked', 'declined'] as const)('M-08 a %s invitation is closed and holds no seat', (state) => {
    const data = { invitationId: 'inv-1', reason: 'revoked' as const, userId: 'sam' };
    const { commit } = commitFor(holding({ maxUses: 2 }), { type: `invitation.${state}`, workspaceId, data });
    expect(commit.changes).toEqual([
      written({ openInvitations: 0, reservedSeats: 0 }),
      { kind: 'invitation.update', invitation: { ...invitation({ maxUses: 2 }), state, closedAt: later } },
    ]);
  });
});

test('an event about a record that the decision did not read throws, because it is a defect', () => {
  const nobody = { userId: 'eve', role: 'developer' };
  const defects: readonly (readonly [Snapshot, NewEvent, string])[] = [
    [
      given(),
      { type: 'account.switched', userId: 'eve', data: { from: 'a', to: 'b' } },
      'a record that must exist is missing',
    ],
    [
      given({ workspace: null }),
      { type: 'member.left', workspaceId, data: nobody },
      'a record that must exist is missing',
    ],
    [
      given(),
      { type: 'workspace.created', workspaceId, data: { kind: 'team', name: 'Core', ownerId: 'eve' } },
      'a record that must exist is missing',
    ],
    [
      given({ workspace: null }),
      { type: 'workspace.deleted', workspaceId, data: { name: 'Core', ownerId: 'ada' } },
      'a record that must exist is missing',
    ],
    [
      given(),
      { type: 'member.role-changed', workspaceId, data: { userId: 'eve', from: 'a', to: 'b' } },
      'a record that must exist is missing',
    ],
    [
      given(),
      { type: 'invitation.declined', workspaceId, data: { invitationId: 'inv-1', userId: 'sam' } },
      'a record that must exist is missing',
    ],
  ];
  for (const [snapshot, newEvent, message] of defects)
    expect(() => commitFor(snapshot, newEvent)).toThrow(new Error(message));
  const reissued: NewEvent = {
    type: 'invitation.reissued',
    workspaceId,
    data: { invitationId: 'inv-1', expiresAt },
  };
  expect(() => applyEvents(holding(), [reissued], { ...stamp, issued: undefined })).toThrow(
    new Error('a record that must exist is missing'),
  );
  const left: NewEvent = { type: 'member.left', workspaceId, data: { userId: 'dev', role: 'developer' } };
  expect(() => applyEvents(given(), [left, left], { ...stamp, eventIds: ['e1'] })).toThrow(
    new Error('a record that must exist is missing'),
  );
});
