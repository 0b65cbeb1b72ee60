// The count of a user's invitations in 24 hours: what is read, what is decided, what is written.
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.js';
import { applyEvents } from '../../src/core/apply-events.js';
import type { Actor, Limit, Snapshot } from '../../src/index.js';
import {
  account,
  ada,
  decided,
  given,
  invitation,
  mia,
  now,
  refused,
  roomy,
  root,
  workspaceId,
} from './given.js';

const { inviteMember, reissueInvitation } = commands;
const DAY = 24 * 60 * 60 * 1000;

const create = {
  ...{ workspaceId, role: 'developer', maxUses: 1, expiresInSeconds: 60, invitationId: 'inv-new' },
  ...{ secretHash: 'hash', issuedAt: now },
};
const again = { workspaceId, invitationId: 'inv-1', secretHash: 'hash' };

/** Mia, who invited this often since then. */
const inviting = (invited: number, invitedSince: number): Snapshot =>
  given({
    accounts: new Map([['mia', account('mia', { invited, invitedSince, version: 4 })]]),
    invitation: invitation({ issuedBy: ada }),
  });

/** Both commands that send a mail. */
const issues: readonly [
  string,
  (snapshot: Snapshot, limit: Limit, actor: Actor) => ReturnType<typeof decided>,
][] = [
  [
    'inviting',
    (snapshot, limit, actor) =>
      decided(inviteMember, snapshot, create, { actor, invitationsPerActorPerDay: limit }),
  ],
  [
    'reissuing',
    (snapshot, limit, actor) =>
      decided(reissueInvitation, snapshot, again, { actor, invitationsPerActorPerDay: limit }),
  ],
];

describe.each(issues)('%s', (_, issue) => {
  test.each<[string, number, number, Limit, object]>([
    ['the first of all begins a window', 0, 0, 1, { invitedSince: now, invited: 1 }],
    ['a later one counts', 4, now - 1, 5, { invitedSince: now - 1, invited: 5 }],
    ['the last millisecond counts', 4, now - DAY + 1, 5, { invitedSince: now - DAY + 1, invited: 5 }],
    ['after 24 hours a window begins', 5, now - DAY, 5, { invitedSince: now, invited: 1 }],
    ['a window from the future goes on', 4, now + 9 * DAY, 5, { invitedSince: now + 9 * DAY, invited: 5 }],
  ])('I-27 %s', (_title, invited, since, limit, counted) => {
    expect(issue(inviting(invited, since), limit, mia)).toMatchObject({ ok: true, counted });
  });

  test.each<[string, number, number, Limit]>([
    ['the limit is reached', 5, now - 1, 5],
    ['the limit was lowered', 5, now - 1, 2],
    ['in the last millisecond', 5, now - DAY + 1, 5],
    ['in a window from the future', 5, now + 9 * DAY, 5],
    ['0 is a limit', 0, 0, 0],
  ])('I-27 is refused: %s', (_title, invited, since, limit) => {
    expect(issue(inviting(invited, since), limit, mia)).toEqual(
      refused('LIMIT_EXCEEDED', {
        which: 'invitationsPerActorPerDay',
        limit,
        current: invited,
        requested: 1,
      }),
    );
  });

  test('I-27 operators are not counted, and nobody is without a limit', () => {
    for (const [limit, actor] of [
      [0, root],
      ['unlimited', mia],
      ['unlimited', root],
    ] as const) {
      expect(issue({ ...inviting(5, now), accounts: new Map() }, limit, actor)).toMatchObject({
        ok: true,
        counted: null,
      });
    }
  });
});

test('I-27 the account is read if the invitations are counted, and only then', () => {
  for (const [actor, invitationsPerActorPerDay, accounts] of [
    [mia, 1000, ['mia']],
    [mia, 0, ['mia']],
    [mia, 'unlimited', undefined],
    [root, 1000, undefined],
  ] as const) {
    const context = { actor, now, invitationsPerActorPerDay };
    expect(inviteMember.read(create, context).accounts).toEqual(accounts);
    expect(reissueInvitation.read(again, context).accounts).toEqual(accounts);
    expect(commands.revokeInvitation.read(again, context).accounts).toBeUndefined();
  }
});

describe('the commit', () => {
  const { events } = {
    events: [
      {
        type: 'invitation.reissued',
        workspaceId,
        data: { invitationId: 'inv-1', expiresAt: '2026-01-02T00:00:00.000Z' },
      },
    ],
  } as const;
  const issued = { secretHash: 'hash', issuedAt: now };
  const snapshot = inviting(3, now - 5);
  const metadata = { now, eventIds: ['e1'], issued };

  test('I-27 has the count, under the version of the account', () => {
    const counted = { invitedSince: now - 5, invited: 4 };
    const { commit, after } = applyEvents(snapshot, events, { ...metadata, actor: mia, counted });
    expect(commit.expect).toEqual([
      { workspace: workspaceId, version: 7 },
      { account: 'mia', version: 4 },
    ]);
    const updated = account('mia', { ...counted, version: 5 });
    expect(commit.changes).toContainEqual({ kind: 'account.update', account: updated });
    expect(after.accounts.get('mia')).toEqual(updated);
  });

  test('I-27 has no account if the invitations are not counted', () => {
    for (const actor of [mia, root]) {
      const { commit } = applyEvents(snapshot, events, { ...metadata, actor, counted: null });
      expect(commit.expect).toEqual([{ workspace: workspaceId, version: 7 }]);
      expect(commit.changes.filter(({ kind }) => kind.startsWith('account'))).toEqual([]);
    }
  });
});

test('I-27 the limits of the workspace are compared first: they say more to the members', () => {
  const limits = { ...roomy, membersPerWorkspace: 3 };
  expect(
    decided(inviteMember, inviting(5, now), create, { actor: mia, limits, invitationsPerActorPerDay: 5 }),
  ).toMatchObject(
    refused('LIMIT_EXCEEDED', { which: 'membersPerWorkspace', limit: 3, current: 3, requested: 1 }),
  );
});
