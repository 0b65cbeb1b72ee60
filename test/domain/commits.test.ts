// From events to records: what one commit expects, writes and tells.
import { describe, expect, test } from 'vitest';
import type { AccountRecord, MemberRecord, Snapshot } from '../../src/index.js';
import { commitOf } from '../../src/domain/draft.js';
import type { Happening } from '../../src/domain/events.js';
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

const commitFor = (snapshot: Snapshot, ...happenings: readonly Happening[]) =>
  commitOf(snapshot, happenings, stamp);

/** The workspace as it is written: one version on. */
const written = (change: Parameters<typeof team>[0]) => ({
  kind: 'workspace.update',
  workspace: team({ version: 8, ...change }),
});
const updated = (userId: string, change: Partial<AccountRecord>) => ({
  kind: 'account.update',
  account: account(userId, { version: 2, ...change }),
});
const member = (userId: string, role: string, change: Partial<MemberRecord> = {}): MemberRecord => ({
  workspaceId,
  userId,
  role,
  invitationId: null,
  joinedAt: now,
  ...change,
});
const onTeam = { workspace: workspaceId, version: 7 };
const holding = (change: Parameters<typeof invitation>[0] = {}) =>
  given({ invitation: invitation(change), workspace: team({ openInvitations: 1, reservedSeats: 2 }) });

test('T-09 an event says who, what, where and when, under the version of what it changed', () => {
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

test('T-09 the events of each account are counted apart, and alone where no workspace is looked at', () => {
  const shown = (userId: string, name: string): Happening => ({
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

test('T-09 the events of an account and of a workspace are counted apart, whatever the user is called', () => {
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

test('W-01 creating makes the workspace, its owner a member, and one more team of that account', () => {
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

test('A-01 opening makes the account and its personal workspace, which counts as no team', () => {
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

test('W-05 deleting leaves the event, under a version of its own, and one team less', () => {
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

test('M-02 handing over swaps the roles and the counts of both, in one commit', () => {
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

test('T-11 switching is written to the account alone, yet only while the workspace is as it was read', () => {
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
    '%s takes the member, and one off the count',
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

  test('a change of role changes nothing else', () => {
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
  test('M-08 creating one reserves its seats; what has expired gives back those that it held', () => {
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
      ...invitation({ id: 'inv-new', maxUses: 5, issuedBy: ada, createdAt: later, ...issued }),
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

  test('one without end reserves nothing', () => {
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

  test('issuing anew changes the issuer, the secret and the life, and nothing that is counted', () => {
    const { commit, after } = commitFor(holding({ maxUses: 3, uses: 1 }), {
      type: 'invitation.reissued',
      workspaceId,
      data: { invitationId: 'inv-1', expiresAt },
    });
    const reissued = invitation({
      maxUses: 3,
      uses: 1,
      issuedBy: ada,
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
    ['one use of two is left', { maxUses: 2 }, { openInvitations: 1, reservedSeats: 1 }, { uses: 1 }],
    [
      'the last of two is gone',
      { maxUses: 2, uses: 1 },
      { openInvitations: 0, reservedSeats: 1 },
      { uses: 2, state: 'used', closedAt: later },
    ],
    ['without end', { maxUses: 'unlimited', uses: 4 }, { openInvitations: 1, reservedSeats: 2 }, { uses: 5 }],
  ] as const)('I-12 accepting takes a use, and its seat becomes a member: %s', (_, before, counts, then) => {
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
    const joined = member('sam', 'developer', { invitationId: 'inv-1', joinedAt: later });
    expect(commit.changes).toEqual([
      written({ memberCount: 4, ...counts }),
      { kind: 'member.insert', member: joined },
      { kind: 'invitation.update', invitation: { ...invitation(before), ...then } },
    ]);
    expect([after.members.get('sam'), after.invitation]).toEqual([
      joined,
      { ...invitation(before), ...then },
    ]);
  });

  test.each(['revoked', 'declined'] as const)('M-08 one that is %s is closed, and holds no seat', (state) => {
    const data = { invitationId: 'inv-1', reason: 'revoked' as const, userId: 'sam' };
    const { commit } = commitFor(holding({ maxUses: 2 }), { type: `invitation.${state}`, workspaceId, data });
    expect(commit.changes).toEqual([
      written({ openInvitations: 0, reservedSeats: 0 }),
      { kind: 'invitation.update', invitation: { ...invitation({ maxUses: 2 }), state, closedAt: later } },
    ]);
  });
});

test('what a decision never looked at is written by no event: that is a defect, and is said', () => {
  const nobody = { userId: 'eve', role: 'developer' };
  const defects: readonly (readonly [Snapshot, Happening, string])[] = [
    [
      given(),
      { type: 'account.switched', userId: 'eve', data: { from: 'a', to: 'b' } },
      'the account of an event is not in its snapshot',
    ],
    [
      given({ workspace: null }),
      { type: 'member.left', workspaceId, data: nobody },
      'the workspace of an event is not in its snapshot',
    ],
    [
      given(),
      { type: 'workspace.created', workspaceId, data: { kind: 'team', name: 'Core', ownerId: 'eve' } },
      'the account of an event is not in its snapshot',
    ],
    [
      given({ workspace: null }),
      { type: 'workspace.deleted', workspaceId, data: { name: 'Core', ownerId: 'ada' } },
      'the workspace of an event is not in its snapshot',
    ],
    [
      given(),
      { type: 'member.role-changed', workspaceId, data: { userId: 'eve', from: 'a', to: 'b' } },
      'the member of an event is not in its snapshot',
    ],
    [
      given(),
      { type: 'invitation.declined', workspaceId, data: { invitationId: 'inv-1', userId: 'sam' } },
      'the invitation of an event is not in its snapshot',
    ],
  ];
  for (const [snapshot, happening, message] of defects)
    expect(() => commitFor(snapshot, happening)).toThrow(new Error(message));
  const reissued: Happening = {
    type: 'invitation.reissued',
    workspaceId,
    data: { invitationId: 'inv-1', expiresAt },
  };
  expect(() => commitOf(holding(), [reissued], { ...stamp, issued: undefined })).toThrow(
    new Error('the token of an event is not in its snapshot'),
  );
  const left: Happening = { type: 'member.left', workspaceId, data: { userId: 'dev', role: 'developer' } };
  expect(() => commitOf(given(), [left, left], { ...stamp, eventIds: ['e1'] })).toThrow(
    new Error('fewer event ids than events'),
  );
});
