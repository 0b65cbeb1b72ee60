// Which strings of which events are erased, and how an erased recipient compares.
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/index.js';
import { closedLimits } from '../../src/core/limits.js';
import { ERASED, ERASED_RECIPIENT, erasedEvent, invitedEmailKey, isErased } from '../../src/core/erase.js';
import { accountEventTypes, workspaceEventTypes, type StoredEvent } from '../../src/core/events.js';
import { isFor, recipientKey } from '../../src/core/invitation.js';
import type { Snapshot } from '../../src/core/read-set.js';
import { defaultMatrix } from '../../src/index.js';
import { account } from '../../src/testing/records.js';

const envelope = { id: 'e1', version: 3, index: 1, at: '2026-01-01T00:00:00.000Z', actor: { userId: 'zoe' } };

function event(type: string, data: object): StoredEvent {
  const subject = type.startsWith('account.') ? { userId: 'zoe' } : { workspaceId: 'ws-1' };
  // The table below has the data of each type.
  return { ...envelope, ...subject, type, data } as unknown as StoredEvent;
}

const recipient = { email: 'Zoe@Example.org' };
const invitation = { invitationId: 'i1', role: 'developer', maxUses: 1, expiresAt: envelope.at };

/** The data of the events that can hold a name or an address, before and after. */
const erasable: Readonly<Record<string, readonly [object, object]>> = {
  'account.opened': [
    { username: 'zoe', displayName: 'Zoe', personalWorkspaceId: 'ws-1' },
    { username: ERASED, displayName: null, personalWorkspaceId: 'ws-1' },
  ],
  'account.renamed': [
    { from: 'zoe', to: 'zoe.2', displayName: 'Zoe' },
    { from: ERASED, to: ERASED, displayName: null },
  ],
  'workspace.created': [
    { kind: 'personal', name: 'zoe', ownerId: 'zoe' },
    { kind: 'personal', name: ERASED, ownerId: 'zoe' },
  ],
  'workspace.renamed': [
    { from: 'zoe', to: 'zoe.2' },
    { from: ERASED, to: ERASED },
  ],
  'workspace.deleted': [
    { name: 'zoe', ownerId: 'zoe' },
    { name: ERASED, ownerId: 'zoe' },
  ],
  'invitation.created': [
    { ...invitation, recipient },
    { ...invitation, recipient: { email: ERASED } },
  ],
};

describe('an erased event', () => {
  test.each(Object.entries(erasable))(
    'A-10 %s keeps everything but names and addresses',
    (type, [before, after]) => {
      expect(erasedEvent(event(type, before))).toEqual(event(type, after));
      expect(erasedEvent(event(type, after))).toBeNull();
    },
  );

  test('A-10 one name of several is enough to erase it', () => {
    for (const data of [
      { from: ERASED, to: 'zoe', displayName: null },
      { from: 'zoe', to: ERASED, displayName: null },
      { from: ERASED, to: ERASED, displayName: 'Zoe' },
    ]) {
      expect(erasedEvent(event('account.renamed', data))).not.toBeNull();
    }
    expect(
      erasedEvent(
        event('account.opened', { username: ERASED, displayName: 'Zoe', personalWorkspaceId: 'ws-1' }),
      ),
    ).not.toBeNull();
    expect(erasedEvent(event('workspace.renamed', { from: ERASED, to: 'zoe' }))).not.toBeNull();
  });

  test('A-10 every other type has nothing to erase, and neither has an invitation for a user id or a link', () => {
    for (const type of [...accountEventTypes, ...workspaceEventTypes].filter((one) => !(one in erasable))) {
      expect(erasedEvent(event(type, {}))).toBeNull();
    }
    for (const to of [null, { userId: 'zoe' }]) {
      expect(erasedEvent(event('invitation.created', { ...invitation, recipient: to }))).toBeNull();
      expect(invitedEmailKey(event('invitation.created', { ...invitation, recipient: to }))).toBeNull();
    }
  });
});

test('A-10 an erased recipient is no one, whatever address a user proves', () => {
  expect(isErased(ERASED_RECIPIENT)).toBe(true);
  for (const other of [null, recipient, { userId: ERASED }]) expect(isErased(other)).toBe(false);
  for (const email of [ERASED, `${ERASED}@example.org`, 'zoe@example.org']) {
    expect(isFor(ERASED_RECIPIENT, { userId: ERASED, email, emailVerified: true })).toBe(false);
  }
  expect(recipientKey(ERASED_RECIPIENT)).toBe('email:[erased]');
});

describe('the step that erases an event', () => {
  const decide = (event: StoredEvent, status: 'open' | 'closing' | 'closed') => {
    const own = account('zoe', { status, openedVersion: 3, personalWorkspaceId: 'ws-now' });
    const snapshot: Snapshot = {
      workspace: null,
      tombstone: false,
      accounts: new Map([['zoe', own]]),
      members: new Map(),
      invitation: null,
      openInvitations: [],
      departures: new Map(),
    };
    const decision = commands.closeAccount.decide(
      snapshot,
      { userId: 'zoe', erase: true, step: { kind: 'erase', event } },
      {
        actor: { operator: 'root' },
        now: 0,
        limits: closedLimits,
        invitationsPerActorPerDay: 0,
        matrix: defaultMatrix,
        ownershipTransfer: 'direct',
        graceSeconds: 0,
      },
    );
    return decision.ok && decision.erased !== undefined;
  };

  test('A-11 of an open account only what belongs to those before it is erased', () => {
    const named = (type: string, more: object = {}): StoredEvent => ({
      ...event(type, erasable[type]?.[0] ?? {}),
      ...more,
    });
    const cases: readonly (readonly [StoredEvent, boolean])[] = [
      [named('account.opened', { version: 3 }), false],
      [named('account.renamed', { version: 4 }), false],
      [named('account.renamed', { version: 2 }), true],
      [named('workspace.created', { workspaceId: 'ws-now' }), false],
      [named('workspace.created', { workspaceId: 'ws-before' }), true],
      [named('invitation.created'), false],
    ];
    for (const [one, isErased] of cases) {
      expect(decide(one, 'open'), JSON.stringify(one)).toBe(isErased);
      expect([decide(one, 'closing'), decide(one, 'closed')]).toEqual([true, true]);
    }
  });
});
