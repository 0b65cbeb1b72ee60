// S-03, S-04: what comes back, exactly as it went in.
import assert from 'node:assert/strict';
import type { InvitationRecord } from '../../domain/invitation.js';
import type { Slice } from '../../domain/snapshot.js';
import type { StorageAdapter } from '../../ports/storage.js';
import { readWorld } from '../worlds.js';
import {
  START,
  account,
  commit,
  insertAccount,
  insertInvitation,
  insertMember,
  insertWorkspace,
  invitation,
  member,
  mustCommit,
  mustLoadWorkspace,
  putHello,
  renamed,
  workspace,
} from './records.js';
import type { RegisterCase } from './suite.js';

/** Different strings that a collation, a trim or a normal form would make one. */
const LOOKALIKES = [
  'mark',
  'Mark',
  'mark ',
  ' mark',
  'márk',
  'ma\u0301rk',
  'ｍark',
  'mark\u00a0',
  'mark%',
  'm_rk',
  "mark'--",
];

const EXOTIC = [
  '👩‍🚀 ',
  'العربية',
  '漢字',
  '\u{1F600}',
  "Robert'); DROP TABLE members;--",
  '<b>&amp;"',
  '\\',
  '%_',
  'é',
  'e\u0301',
];

export function readCases(test: RegisterCase): void {
  test('S-03 what is returned is not what is stored', async ({ storage }) => {
    await putFull(storage);
    const before = JSON.stringify(await everything(storage));
    for (const record of await everything(storage)) tamper(record);
    assert.equal(JSON.stringify(await everything(storage)), before);
  });

  test('S-03 what was given is not what is stored', async ({ storage }) => {
    const given = commit(
      [
        insertAccount({ ...account('olga') }),
        insertWorkspace({ ...workspace('hello') }),
        insertMember({ ...member('hello', 'olga') }),
        insertInvitation({ ...invitation('hello', 'i1', { recipient: { userId: 'mark' } }) }),
      ],
      { events: [{ ...renamed('hello', 1) }] },
    );
    await mustCommit(storage, given);
    const before = JSON.stringify(await everything(storage));
    tamper(given);
    assert.equal(JSON.stringify(await everything(storage)), before);
  });

  test('S-04 milliseconds, large integers and nulls come back exactly', async ({ storage }) => {
    const last = Number.MAX_SAFE_INTEGER;
    const stored = account('olga', {
      ownedTeams: 1_000_000,
      version: last,
      createdAt: START + 1,
      displayName: null,
    });
    const room = workspace('hello', {
      memberCount: 1_000_000,
      reservedSeats: 2 ** 40,
      version: last,
      createdAt: 1,
    });
    const joined = member('hello', 'olga', { joinedAt: START + 457, invitationId: null });
    const invited = member('hello', 'mark', { joinedAt: START - 1, invitationId: 'i2' });
    const open = invitation('hello', 'i1', {
      maxUses: 1_000_000,
      uses: 999_999,
      expiresAt: START + 999,
      issuedAt: START + 7,
    });
    const closed: InvitationRecord = {
      ...invitation('hello', 'i2', {
        maxUses: 'unlimited',
        issuedBy: { operator: 'support' },
        recipient: { email: 'a@b.c' },
      }),
      state: 'revoked',
      closedAt: START + 123,
    };
    await mustCommit(
      storage,
      commit([
        insertAccount(stored),
        insertAccount(account('mark')),
        insertWorkspace(room),
        insertMember(joined),
        insertMember(invited),
        insertInvitation(open),
        insertInvitation(closed),
      ]),
    );
    const { accounts } = await storage.load({ accounts: ['olga'] });
    assert.deepEqual(accounts.get('olga'), stored);
    assert.deepEqual(await mustLoadWorkspace(storage, 'hello'), room);
    assert.deepEqual(await storage.findMember('hello', 'olga'), joined);
    assert.deepEqual(await storage.findMember('hello', 'mark'), invited);
    assert.deepEqual((await storage.load({ workspaceId: 'hello', invitationId: 'i1' })).invitation, open);
    assert.deepEqual((await storage.load({ workspaceId: 'hello', invitationId: 'i2' })).invitation, closed);
  });

  test('S-04 any text comes back exactly', async ({ storage }) => {
    await putHello(storage);
    for (const [number, text] of EXOTIC.entries()) {
      const stored = account(`user ${text}`, { username: `${text} ${String(number)}`, displayName: text });
      const named = workspace(`w${String(number)}`, { name: `${text} ${String(number)}` });
      const event = { ...renamed(named.id, 1), data: { from: text, to: `${text}${text}` } };
      await mustCommit(
        storage,
        commit(
          [
            insertAccount(stored),
            insertWorkspace(named),
            insertMember(member(named.id, stored.userId, { role: text })),
          ],
          {
            events: [event],
          },
        ),
      );
      assert.deepEqual(
        (await storage.load({ accounts: [stored.userId] })).accounts.get(stored.userId),
        stored,
      );
      assert.deepEqual(await mustLoadWorkspace(storage, named.id), named);
      assert.equal((await storage.findMember(named.id, stored.userId))?.role, text);
      assert.deepEqual(await storage.listEvents(named.id, { after: null, limit: 10, order: 'oldest' }), [
        event,
      ]);
    }
  });

  test('S-04 ids that only look alike are different', async ({ storage }) => {
    await putHello(storage);
    for (const [number, userId] of LOOKALIKES.entries()) {
      await mustCommit(
        storage,
        commit([
          insertAccount(account(userId, { username: `user${String(number)}` })),
          insertMember(member('hello', userId, { role: `role${String(number)}` })),
        ]),
      );
    }
    for (const [number, userId] of LOOKALIKES.entries()) {
      assert.equal((await storage.findMember('hello', userId))?.role, `role${String(number)}`);
      assert.equal((await storage.load({ accounts: [userId] })).accounts.size, 1);
    }
  });

  test('S-04 an empty slice is an empty snapshot', async ({ storage }) => {
    const none = {
      workspace: null,
      tombstone: false,
      accounts: new Map(),
      members: new Map(),
      invitation: null,
      openInvitations: [],
    };
    assert.deepEqual(await storage.load({}), none);
    assert.deepEqual(
      await storage.load({
        workspaceId: 'nowhere',
        accounts: ['nobody'],
        members: ['nobody'],
        invitationId: 'none',
      }),
      none,
    );
  });

  for (const { slice, accounts = [], members = [], open = [], invitation: single = null } of slices) {
    test(`S-04 a slice holds what it names and nothing else: ${JSON.stringify(slice)}`, async ({
      storage,
    }) => {
      await putFull(storage);
      const found = await storage.load(slice);
      assert.equal(found.workspace?.id, slice.personalWorkspaceOf === undefined ? 'hello' : 'personal-olga');
      assert.deepEqual([...found.accounts.keys()].sort(), [...accounts].sort());
      assert.deepEqual([...found.members.keys()].sort(), [...members].sort());
      assert.deepEqual(found.openInvitations.map(({ id }) => id).sort(), [...open].sort());
      assert.equal(found.invitation?.id ?? null, single);
    });
  }
}

interface SliceCase {
  readonly slice: Slice;
  readonly accounts?: readonly string[];
  readonly members?: readonly string[];
  readonly open?: readonly string[];
  readonly invitation?: string;
}

const inHello = { workspaceId: 'hello' };

/** Against the world of {@link putFull}. */
const slices: readonly SliceCase[] = [
  { slice: inHello },
  { slice: { ...inHello, accounts: ['olga', 'yuri', 'nobody'] }, accounts: ['olga', 'yuri'] },
  { slice: { ...inHello, members: ['mark', 'yuri'] }, members: ['mark'] },
  { slice: { ...inHello, owner: true }, members: ['olga'], accounts: ['olga'] },
  {
    slice: { ...inHello, invitationId: 'by-mark' },
    invitation: 'by-mark',
    members: ['mark'],
    accounts: ['mark'],
  },
  {
    slice: { ...inHello, invitationId: 'revoked' },
    invitation: 'revoked',
    members: ['olga'],
    accounts: ['olga'],
  },
  { slice: { ...inHello, invitationId: 'by-operator' }, invitation: 'by-operator' },
  { slice: { ...inHello, invitationId: 'elsewhere' } },
  { slice: { ...inHello, issuedBy: 'mark' }, open: ['by-mark', 'expired'] },
  { slice: { ...inHello, issuedByOwner: true }, open: ['by-olga'] },
  { slice: { ...inHello, recipient: { userId: 'yuri' } }, open: ['by-olga'] },
  { slice: { ...inHello, recipient: { email: 'YURI@b.c' } }, open: ['by-mark'] },
  { slice: { ...inHello, recipient: { userId: 'yuri@b.c' } } },
  { slice: { ...inHello, expiredAt: START + 999 } },
  { slice: { ...inHello, expiredAt: START + 1000 }, open: ['expired'] },
  {
    slice: { ...inHello, expiredAt: START + 1000, issuedBy: 'mark', issuedByOwner: true },
    open: ['by-mark', 'by-olga', 'expired'],
  },
  { slice: { personalWorkspaceOf: 'olga' }, accounts: ['olga'] },
];

/** Two workspaces, in the first of which every kind of invitation stands. */
async function putFull(storage: StorageAdapter): Promise<void> {
  await putHello(storage);
  await mustCommit(
    storage,
    commit([
      insertAccount(account('mark')),
      insertAccount(account('yuri')),
      insertWorkspace(workspace('personal-olga', { kind: 'personal' })),
      insertWorkspace(workspace('other')),
      insertMember(member('hello', 'mark', { role: 'manager' })),
      insertInvitation(invitation('hello', 'by-olga', { recipient: { userId: 'yuri' } })),
      insertInvitation(
        invitation('hello', 'by-mark', { recipient: { email: 'yuri@b.c' }, issuedBy: { userId: 'mark' } }),
      ),
      insertInvitation(invitation('hello', 'by-operator', { issuedBy: { operator: 'mark' } })),
      insertInvitation(
        invitation('hello', 'expired', { expiresAt: START + 1000, issuedBy: { userId: 'mark' } }),
      ),
      insertInvitation({
        ...invitation('hello', 'revoked', { recipient: { userId: 'yuri' } }),
        state: 'revoked',
        closedAt: START,
      }),
    ]),
  );
}

async function everything(storage: StorageAdapter): Promise<unknown[]> {
  const world = await readWorld(storage, {
    users: ['olga', 'mark'],
    workspaces: ['hello', 'other', 'personal-olga'],
  });
  const page = { after: null, limit: 10 };
  return [
    world,
    await storage.findMember('hello', 'olga'),
    await storage.listWorkspaces('olga', page),
    (await storage.load({ workspaceId: 'hello', invitationId: 'by-mark', issuedBy: 'mark' })).openInvitations,
  ];
}

/** Writes over every field that can be written to, all the way down. */
function tamper(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    tamper(inner);
    Reflect.set(value, key, typeof inner === 'number' ? inner + 1 : 'tampered');
  }
}
