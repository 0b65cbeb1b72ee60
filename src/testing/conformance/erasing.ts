// what erasing a person asks of a storage: it finds the events that name an address, and replaces the data of an event.
import assert from 'node:assert/strict';
import type { Change } from '../../core/changes.js';
import { erasedEvent } from '../../core/erase.js';
import type { StoredEvent, StoredEventOf } from '../../core/events.js';
import type { PageKey, StorageAdapter } from '../../ports/storage.js';
import { required } from '../../core/values.js';
import {
  START,
  account,
  commit,
  insertAccount,
  insertWorkspace,
  mustCommit,
  renamed,
  renamedAccount,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

const ADDRESS = 'email:eve@b.c';
const EVERYTHING = { after: null, limit: 50 } as const;
const WORKSPACES = ['hello', 'other', 'third'] as const;
const USERS = ['ada', 'eve'] as const;

export function erasingCases(test: RegisterCase): void {
  test('A-10 an erased event keeps its place, and no other event changes', async ({ storage }) => {
    const events = await putEvents(storage);
    for (const event of events.filter(hasStrings)) {
      const before = await everyEvent(storage);
      const erased = required(erasedEvent(event) ?? undefined);
      await mustCommit(storage, commit([erase(erased)]));
      const after = before.map((one) => (one.id === event.id ? erased : one));
      assert.deepEqual(await everyEvent(storage), after);
    }
  });

  test('A-10 the events that name an address are listed in all workspaces, until they are erased', async ({
    storage,
  }) => {
    const events = (await putEvents(storage)).filter(isInvitation);
    const named = ({ data: { recipient } }: (typeof events)[number], email: string): boolean =>
      recipient !== null && 'email' in recipient && recipient.email.toLowerCase() === email;
    const expected = events.filter((event) => named(event, 'eve@b.c')).sort(byTime);
    for (const limit of [1, 2, 50]) assert.deepEqual(await invitationEvents(storage, limit), expected);
    assert.deepEqual(await storage.listInvitationEvents('email:no@b.c', EVERYTHING), []);

    await mustCommit(storage, commit([{ kind: 'workspace.delete', workspaceId: 'other' }]));
    assert.deepEqual(await invitationEvents(storage, 50), expected);
    for (const [index, event] of expected.entries()) {
      await mustCommit(storage, commit([erase(required(erasedEvent(event) ?? undefined))]));
      assert.deepEqual(await invitationEvents(storage, 50), expected.slice(index + 1));
    }
    const others = events.filter((event) => named(event, 'sam@b.c')).sort(byTime);
    assert.deepEqual(await storage.listInvitationEvents('email:sam@b.c', EVERYTHING), others);
  });

  test('A-10 an event that is not stored stays so', async ({ storage }) => {
    await putEvents(storage);
    const before = await everyEvent(storage);
    for (const event of [
      renamed('hello', 9),
      renamedAccount('ada', 9),
      renamed('nowhere', 1),
      renamedAccount('no', 1),
    ]) {
      await mustCommit(storage, commit([erase(event)]));
    }
    assert.deepEqual(await everyEvent(storage), before);
  });

  test('A-10 nothing is erased with a version that is not current', async ({ storage }) => {
    const events = await putEvents(storage);
    const before = await everyEvent(storage);
    for (const expected of [
      { workspace: 'hello', version: 7 },
      { account: 'ada', version: 7 },
    ] as const) {
      const changes = events.flatMap((event) => erasedEvent(event) ?? []).map(erase);
      const result = await storage.commit(commit(changes, { expect: [expected] }));
      assert.deepEqual(result, { ok: false, reason: 'conflict' });
    }
    assert.deepEqual(await everyEvent(storage), before);
  });
}

function erase(event: StoredEvent): Change {
  return { kind: 'event.erase', event };
}

/** Events with equal versions and indexes in every log, and invitations whose times are not in the order of their ids. */
async function putEvents(storage: StorageAdapter): Promise<readonly StoredEvent[]> {
  const events: readonly StoredEvent[] = [
    ...WORKSPACES.flatMap((id, place) => [
      renamed(id, 1),
      renamed(id, 1, 1),
      invited(id, { version: 2, at: START + 3 - place, recipient: { email: 'Eve@b.c' } }),
      invited(id, { version: 3, at: START + 3, recipient: { email: 'sam@b.c' } }),
      invited(id, { version: 4, at: START, recipient: { userId: 'eve' } }),
      invited(id, { version: 5, at: START, recipient: null }),
    ]),
    ...USERS.flatMap((userId) => [
      renamedAccount(userId, 1),
      renamedAccount(userId, 1, 1),
      renamedAccount(userId, 2),
    ]),
  ];
  const changes = [
    ...USERS.map((userId) => insertAccount(account(userId, { version: 2 }))),
    ...WORKSPACES.map((id) => insertWorkspace(workspace(id, { version: 5 }))),
  ];
  await mustCommit(storage, commit(changes, { events }));
  return events;
}

function invited(
  workspaceId: string,
  {
    version,
    at,
    recipient,
  }: {
    readonly version: number;
    readonly at: number;
    readonly recipient: StoredEventOf<'invitation.created'>['data']['recipient'];
  },
): StoredEventOf<'invitation.created'> {
  const expiresAt = new Date(START + 60_000).toISOString();
  return {
    ...renamed(workspaceId, version),
    type: 'invitation.created',
    at: new Date(at).toISOString(),
    data: { invitationId: `i${String(version)}`, role: 'developer', recipient, maxUses: 1, expiresAt },
  };
}

function hasStrings(event: StoredEvent): boolean {
  return erasedEvent(event) !== null;
}

function isInvitation(event: StoredEvent): event is StoredEventOf<'invitation.created'> {
  return event.type === 'invitation.created';
}

function byTime(a: StoredEvent, b: StoredEvent): number {
  return Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1);
}

async function invitationEvents(storage: StorageAdapter, limit: number): Promise<readonly StoredEvent[]> {
  const seen: StoredEvent[] = [];
  for (let after: PageKey | null = null; ; ) {
    const page: readonly StoredEvent[] = await storage.listInvitationEvents(ADDRESS, { after, limit });
    seen.push(...page);
    const last = page.at(-1);
    if (page.length < limit || last === undefined) return seen;
    after = [Date.parse(last.at), last.id];
  }
}

async function everyEvent(storage: StorageAdapter): Promise<readonly StoredEvent[]> {
  const page = { ...EVERYTHING, order: 'oldest' } as const;
  return [
    ...(await Promise.all(WORKSPACES.map((id) => storage.listEvents(id, page)))).flat(),
    ...(await Promise.all(USERS.map((userId) => storage.listAccountEvents(userId, page)))).flat(),
  ];
}
