// Invariants: a sound state breaks none, and every violation is found.
import { beforeEach, describe, expect, test } from 'vitest';
import {
  defaultLimits,
  defaultMatrix,
  type StoredEventOf,
  type InvitationRecord,
  type Limits,
  type MemberRecord,
  type StoredEvent,
  type WorkspaceRecord,
} from '../../src/index.js';
import { violations, type World } from '../../src/testing/index.js';
import { ada, createTeam, dev, mia, sam } from '../service/team.js';

const eve = { userId: 'eve' };
type Accepted = StoredEventOf<'invitation.accepted'>;

let sound: World;
let now: number;
let team: string;
let gone: string;
let link: string;
let used: string;

// Before each test, so that a mutation run knows which tests reach this code.
beforeEach(async () => {
  const { workspaces, storage, clock, workspaceId } = await createTeam();
  const { id } = await workspaces.createWorkspace(ada, { name: 'Gone' });
  await workspaces.inviteMember(ada, { workspaceId: id, role: 'developer' });
  await workspaces.deleteWorkspace(ada, { workspaceId: id });
  const role = 'developer';
  const open = await workspaces.inviteMember(mia, { workspaceId, role, maxUses: 3 });
  await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
  await workspaces.inviteMember(ada, { workspaceId, role, recipient: { email: 'eve@example.org' } });
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role, maxUses: 'unlimited' });
  await workspaces.openAccount({ ...eve, username: 'eve' });
  await workspaces.acceptInvitation(eve, { token });
  await workspaces.leaveWorkspace(eve, { workspaceId });
  await workspaces.renameAccount(dev, { userId: 'dev', username: 'devon' });
  await workspaces.switchWorkspace(dev, { workspaceId });
  await workspaces.openAccount({ userId: 'zoe', username: 'zoe' });
  await workspaces.closeAccount({ userId: 'zoe' }, { userId: 'zoe' });
  [team, gone, link, now] = [workspaceId, id, open.invitation.id, clock.now()];
  sound = storage.dump();
  used = sound.invitations.find(({ state }) => state === 'used')?.id ?? '';
});

const personalOf = (userId: string): string =>
  sound.accounts.find((account) => account.userId === userId)?.personalWorkspaceId ?? '';

/** The world with the matching records changed. */
function alter<Name extends 'accounts' | 'workspaces' | 'members' | 'invitations'>(
  name: Name,
  matches: (record: World[Name][number]) => boolean,
  change: Partial<World[Name][number]>,
): World {
  const records: readonly World[Name][number][] = sound[name];
  expect(records.some(matches)).toBe(true);
  return { ...sound, [name]: records.map((record) => (matches(record) ? { ...record, ...change } : record)) };
}
const workspace = (id: string, change: Partial<WorkspaceRecord>): World =>
  alter('workspaces', (record) => record.id === id, change);
const member = (userId: string, change: Partial<MemberRecord>): World =>
  alter('members', (record) => record.userId === userId && record.workspaceId === team, change);
const invitation = (id: string, change: Partial<InvitationRecord>): World =>
  alter('invitations', (record) => record.id === id, change);
const first = <Item>(items: readonly Item[]): Item => {
  const [item] = items;
  if (item === undefined) throw new Error('the list is empty');
  return item;
};

/** The ways in which an invitation can end before a use. */
const endings: readonly (readonly [what: string, make: (event: Accepted) => StoredEvent])[] = [
  [
    'revoked',
    ({ data: { invitationId }, ...rest }) => ({
      ...rest,
      type: 'invitation.revoked',
      data: { invitationId, reason: 'revoked' },
    }),
  ],
  [
    'declined',
    ({ data: { invitationId, userId }, ...rest }) => ({
      ...rest,
      type: 'invitation.declined',
      data: { invitationId, userId },
    }),
  ],
  [
    'expired',
    ({ data: { invitationId }, ...rest }) => ({
      ...rest,
      type: 'invitation.expired',
      data: { invitationId, expiredAt: rest.at },
    }),
  ],
];

const sabotage: readonly (readonly [rule: string, what: string, message: RegExp, make: () => World])[] = [
  [
    'W-01',
    'an owner without an account',
    /the owner has no account/,
    () => ({
      ...sound,
      accounts: sound.accounts.filter(({ userId }) => userId !== 'ada'),
    }),
  ],
  [
    'W-01',
    'two workspaces of one id',
    /two workspaces with one id/,
    () => ({
      ...sound,
      workspaces: [...sound.workspaces, first(sound.workspaces)],
    }),
  ],
  [
    'A-09',
    'a username that a closed account holds',
    /zoe: closed, but the username is not free/,
    () => alter('accounts', ({ userId }) => userId === 'zoe', { usernameKey: 'zoe' }),
  ],
  [
    'A-09',
    'an owner who closes the account',
    /ada: closing, but owns team/,
    () => alter('accounts', ({ userId }) => userId === 'ada', { status: 'closing' }),
  ],
  [
    'A-09',
    'a workspace whose owner has closed the account',
    /its owner has closed the account/,
    () => workspace(team, { ownerId: 'zoe' }),
  ],
  [
    'A-09',
    'a member who has closed the account',
    /zoe: a member of .* with a closed account/,
    () => member('dev', { userId: 'zoe' }),
  ],
  [
    'A-09',
    'an open invitation by a user who has closed the account',
    /its issuer has closed the account/,
    () => invitation(link, { issuedBy: { userId: 'zoe' } }),
  ],
  [
    'A-02',
    'two accounts of one user',
    /two accounts of one user/,
    () => ({
      ...sound,
      accounts: [...sound.accounts, first(sound.accounts)],
    }),
  ],
  [
    'A-02',
    'a second personal workspace',
    /not exactly one personal/,
    () => workspace(team, { kind: 'personal' }),
  ],
  [
    'A-02',
    'no workspace at all',
    /sam: not exactly one personal/,
    () => ({ ...sound, workspaces: sound.workspaces.filter(({ ownerId }) => ownerId !== 'sam') }),
  ],
  [
    'A-03',
    'a stale username key',
    /stale username key/,
    () => alter('accounts', ({ userId }) => userId === 'ada', { usernameKey: 'x' }),
  ],
  [
    'A-03',
    'a shared username',
    /share a username/,
    () => alter('accounts', ({ userId }) => userId !== 'dev', { usernameKey: 'ada' }),
  ],
  [
    'A-04',
    'a personal workspace without an account',
    /not the personal workspace of its owner/,
    () => alter('accounts', ({ userId }) => userId === 'ada', { personalWorkspaceId: team }),
  ],
  [
    'A-04',
    'a personal workspace of another name',
    /its name is not the username/,
    () => workspace(personalOf('ada'), { name: 'x', nameKey: 'x' }),
  ],
  [
    'A-05',
    'no personal workspace',
    /no personal workspace/,
    () => ({
      ...sound,
      workspaces: sound.workspaces.filter(({ id }) => id !== personalOf('ada')),
    }),
  ],
  [
    'A-05',
    'a second member of a personal workspace',
    /: a personal workspace with 2 members/,
    () => ({
      ...sound,
      members: [
        ...sound.members,
        { ...first(sound.members), workspaceId: personalOf('ada'), userId: 'dev', role: 'developer' },
      ],
    }),
  ],
  [
    'A-05',
    'an invitation into a personal workspace',
    /an invitation to a personal/,
    () => invitation(link, { workspaceId: personalOf('ada') }),
  ],
  ['W-02', 'a stale name key', /stale name key/, () => workspace(team, { nameKey: 'x' })],
  [
    'W-02',
    'two workspaces of one name',
    /two workspaces with one name/,
    () => workspace(team, { nameKey: 'ada' }),
  ],
  [
    'W-03',
    'a wrong team count',
    /ownedTeams is not/,
    () => alter('accounts', ({ userId }) => userId === 'ada', { ownedTeams: 2 }),
  ],
  [
    'W-05',
    'a tombstone that lives',
    /reused after its deletion/,
    () => ({ ...sound, tombstones: [...sound.tombstones, team] }),
  ],
  [
    'W-05',
    'a tombstone without its last event',
    /without its last event/,
    () => ({
      ...sound,
      events: sound.events.filter(({ type }) => type !== 'workspace.deleted'),
    }),
  ],
  ['W-05', 'a tombstone without events', /without its last event/, () => ({ ...sound, events: [] })],
  [
    'W-06',
    'a member of a missing workspace',
    /member of .*, which does not exist/,
    () => member('dev', { workspaceId: gone }),
  ],
  [
    'W-06',
    'an invitation to a missing workspace',
    /invitation to .*, which does not exist/,
    () => invitation(link, { workspaceId: gone }),
  ],
  ['W-07', 'no owner', /: 0 owners/, () => member('ada', { role: 'manager' })],
  ['W-07', 'two owners', /: 2 owners/, () => member('mia', { role: 'owner' })],
  [
    'W-07',
    'an owner whom the workspace does not name',
    /is not its ownerId/,
    () => workspace(team, { ownerId: 'mia' }),
  ],
  [
    'M-01',
    'two memberships',
    /two memberships/,
    () => ({ ...sound, members: [...sound.members, first(sound.members)] }),
  ],
  ['M-01', 'a member without an account', /without an account/, () => member('dev', { userId: 'nobody' })],
  [
    'M-07',
    'an invitation by a member who may not grant its role',
    /may not invite to developer/,
    () => member('mia', { role: 'developer' }),
  ],
  [
    'M-07',
    'an invitation by a user who is not a member',
    /may not invite to developer/,
    () => invitation(link, { issuedBy: { userId: 'nobody' } }),
  ],
  ['M-08', 'a wrong member count', /memberCount is not/, () => workspace(team, { memberCount: 4 })],
  [
    'M-08',
    'a wrong count of reserved seats',
    /reservedSeats is not/,
    () => workspace(team, { reservedSeats: 0 }),
  ],
  ['T-05', 'an unknown role', /unknown role/, () => member('dev', { role: 'viewer' })],
  ['I-12', 'an open invitation that is used up', /3 uses, but open/, () => invitation(link, { uses: 3 })],
  ['I-12', 'a used invitation with uses left', /0 uses, but used/, () => invitation(used, { uses: 0 })],
  ['I-12', 'an invitation used too often', /used too often/, () => invitation(used, { uses: 2 })],
  [
    'I-19',
    'two open invitations for one recipient',
    /two open invitations for one/,
    () => invitation(link, { recipient: sam }),
  ],
  [
    'I-20',
    'an invitation with the role owner',
    /an invitation with the owner's role/,
    () => invitation(link, { role: 'owner' }),
  ],
  ...endings.map(
    ([what, end]) =>
      [
        'I-21',
        `a use of an invitation that was ${what}`,
        /accepted after it had ended/,
        () => atUse((event) => [end(event), event]),
      ] as const,
  ),
  ['I-21', 'one use too many', /accepted after it had ended/, () => atUse((event) => [event, event])],
  [
    'I-21',
    'a use of an invitation that was never created',
    /accepted after it had ended/,
    () => events(({ type }) => type !== 'invitation.created'),
  ],
  [
    'I-22',
    'a wrong count of open invitations',
    /openInvitations is not/,
    () => workspace(team, { openInvitations: 1 }),
  ],
  [
    'S-01',
    'events that end before the last version',
    /the events end before/,
    () => workspace(team, { version: 99 }),
  ],
  ['S-01', 'a workspace without events', /the events end before/, () => events(() => false)],
  ['T-09', 'a gap in the versions', /a gap before event/, () => events(({ version }) => version !== 3)],
  [
    'T-09',
    'a gap in the indices',
    /a gap before event \(\d, 1\)/,
    () => events(({ type }) => type !== 'invitation.accepted'),
  ],
  [
    'T-09',
    'a repeated event',
    /a gap before event/,
    () => ({
      ...sound,
      events: sound.events.flatMap((event): StoredEvent[] =>
        event.type === 'invitation.created' ? [event, event] : [event],
      ),
    }),
  ],
  [
    'T-09',
    'events out of order',
    /a gap before event/,
    () => ({ ...sound, events: [...sound.events].reverse() }),
  ],
];

function events(keep: (event: StoredEvent) => boolean): World {
  return {
    ...sound,
    events: sound.events.filter((event) => 'userId' in event || event.workspaceId !== team || keep(event)),
  };
}

/** The sound state with the acceptance of the single-use invitation replaced. */
function atUse(replace: (event: Accepted) => readonly StoredEvent[]): World {
  return {
    ...sound,
    events: sound.events.flatMap((event) =>
      event.type === 'invitation.accepted' && event.data.invitationId === used ? replace(event) : [event],
    ),
  };
}

describe('violations', () => {
  test('a sound state and an empty state have none, with and without limits', () => {
    expect(violations(sound, { matrix: defaultMatrix, now })).toEqual([]);
    expect(violations(sound, { matrix: defaultMatrix, now, limits: defaultLimits })).toEqual([]);
    const nothing: World = {
      accounts: [],
      workspaces: [],
      members: [],
      invitations: [],
      departures: [],
      events: [],
      tombstones: [],
    };
    expect(violations(nothing, { matrix: defaultMatrix, now, limits: defaultLimits })).toEqual([]);
  });

  test.each(sabotage)('%s finds %s', (rule, _, message, make) => {
    const found = violations(make(), { matrix: defaultMatrix, now });
    expect(found.filter((one) => one.rule === rule && message.test(one.message))).not.toEqual([]);
  });

  test.each<[string, Partial<Limits>, RegExp]>([
    ['W-03', { workspacesPerOwner: 0 }, /owns too many workspaces/],
    // 3 members, 3 seats of the link, 1 each of the invitations for sam and for an address; 0 of the unlimited link
    ['M-08', { membersPerWorkspace: 7 }, /: 8 seats taken/],
    // The limit does not apply to personal workspaces.
    ['M-08', { membersPerWorkspace: 0 }, /: 8 seats taken/],
    ['I-22', { openInvitationsPerWorkspace: 1 }, /too many open invitations/],
  ])('%s finds a state beyond the limit %j', (rule, lower, message) => {
    const limits = { ...defaultLimits, ...lower };
    const found = violations(sound, { matrix: defaultMatrix, now, limits });
    expect(found).toMatchObject([{ rule }]);
    expect(found[0]?.message).toMatch(message);
  });

  test('a team without members lacks its owner and its members, and nothing else', () => {
    const members = sound.members.filter(({ workspaceId }) => workspaceId !== team);
    const found = violations({ ...sound, members }, { matrix: defaultMatrix, now });
    expect(found.filter(({ message }) => message.startsWith(team))).toEqual([
      { rule: 'W-07', message: `${team}: 0 owners` },
      { rule: 'W-07', message: `${team}: the member with the owner's role is not its ownerId` },
      { rule: 'M-08', message: `${team}: memberCount is not the number of members` },
    ]);
  });

  test('an expired invitation holds no seat, and its issuer may have lost the right to invite', () => {
    const later = now + 8 * 24 * 60 * 60 * 1000;
    const limits = { ...defaultLimits, membersPerWorkspace: 3, openInvitationsPerWorkspace: 0 };
    expect(violations(sound, { matrix: defaultMatrix, now: later, limits })).toEqual([]);
    const demoted = member('mia', { role: 'developer' });
    expect(violations(demoted, { matrix: defaultMatrix, now: later })).toEqual([]);
  });
});
