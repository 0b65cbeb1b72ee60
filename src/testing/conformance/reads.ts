// S-03, S-04: records come back exactly as they were written, and are copies.
import assert from 'node:assert/strict';
import type { InvitationRecord } from '../../core/invitation.js';
import type { ReadSet } from '../../core/read-set.js';
import type { StorageAdapter } from '../../ports/storage.js';
import { readWorld } from '../worlds.js';
import {
  START,
  account,
  commit,
  departure,
  insertAccount,
  insertDeparture,
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

/** Distinct strings that a collation, trimming or Unicode normalization would make equal. */
const LOOKALIKES = [
  'mia',
  'Mia',
  'mia ',
  ' mia',
  'mía',
  'mi\u0301a',
  'ｍia',
  'mia\u00a0',
  'mia%',
  'm_a',
  "mia'--",
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
  test('S-03 changing a returned record does not change the stored one', async ({ storage }) => {
    await putFull(storage);
    const before = JSON.stringify(await everything(storage));
    for (const record of await everything(storage)) tamper(record);
    assert.equal(JSON.stringify(await everything(storage)), before);
  });

  test('S-03 changing a record after its commit does not change the stored one', async ({ storage }) => {
    const given = commit(
      [
        insertAccount({ ...account('ada') }),
        insertWorkspace({ ...workspace('hello') }),
        insertMember({ ...member('hello', 'ada') }),
        insertInvitation({ ...invitation('hello', 'i1', { recipient: { userId: 'mia' } }) }),
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
    const stored = account('ada', {
      ownedTeams: 1_000_000,
      invitedSince: START + 2,
      invited: last - 1,
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
    const joined = member('hello', 'ada', {
      joinedAt: START + 457,
      joinedVersion: last,
      invitationId: null,
      emailKey: null,
    });
    const invited = member('hello', 'mia', {
      joinedAt: START - 1,
      managedBy: 'Entra ID',
      invitationId: 'i2',
      emailKey: 'email:mia@b.c',
    });
    const left = departure('hello', 'eve', { role: 'manager', version: last });
    const open = invitation('hello', 'i1', {
      maxUses: 1_000_000,
      uses: 999_999,
      expiresAt: START + 999,
      issuedAt: START + 7,
      issuedVersion: last,
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
        insertAccount(account('mia')),
        insertWorkspace(room),
        insertMember(joined),
        insertMember(invited),
        insertDeparture(left),
        insertInvitation(open),
        insertInvitation(closed),
      ]),
    );
    const { accounts } = await storage.load({ accounts: ['ada'] });
    assert.deepEqual(accounts.get('ada'), stored);
    assert.deepEqual(await mustLoadWorkspace(storage, 'hello'), room);
    assert.deepEqual((await storage.findMembership('hello', 'ada'))?.member, joined);
    assert.deepEqual((await storage.findMembership('hello', 'mia'))?.member, invited);
    const { departures } = await storage.load({ workspaceId: 'hello', departuresOf: ['eve'] });
    assert.deepEqual([...departures], [['eve', left]]);
    assert.deepEqual((await storage.load({ workspaceId: 'hello', invitationId: 'i1' })).invitation, open);
    assert.deepEqual((await storage.load({ workspaceId: 'hello', invitationId: 'i2' })).invitation, closed);
  });

  test('S-04 every string comes back exactly', async ({ storage }) => {
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
            insertMember(member(named.id, stored.userId, { role: text, managedBy: text })),
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
      const { role, managedBy } = (await storage.findMembership(named.id, stored.userId))?.member ?? {};
      assert.deepEqual([role, managedBy], [text, text]);
      assert.deepEqual(await storage.listEvents(named.id, { after: null, limit: 10, order: 'oldest' }), [
        event,
      ]);
    }
  });

  test('S-04 ids that differ only in case, accents, width or spaces are different ids', async ({
    storage,
  }) => {
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
      assert.equal((await storage.findMembership('hello', userId))?.member.role, `role${String(number)}`);
      assert.equal((await storage.load({ accounts: [userId] })).accounts.size, 1);
    }
  });

  test('S-04 a read set without existing records returns an empty snapshot', async ({ storage }) => {
    const none = {
      departures: new Map(),
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
        accounts: ['unknown'],
        members: ['unknown'],
        invitationId: 'unknown',
        issuedBy: ['unknown'],
        departuresOf: ['unknown'],
      }),
      none,
    );
  });

  for (const one of readSets) {
    const { readSet, accounts = [], members = [], open = [], departures = [] } = one;
    test(`S-04 a read set returns the records that it names, and no others: ${JSON.stringify(readSet)}`, async ({
      storage,
    }) => {
      await putFull(storage);
      const found = await storage.load(readSet);
      assert.equal(found.workspace?.id, readSet.personalWorkspaceOf === undefined ? 'hello' : 'personal-ada');
      assert.deepEqual([...found.accounts.keys()].sort(), [...accounts].sort());
      assert.deepEqual([...found.members.keys()].sort(), [...members].sort());
      assert.deepEqual(found.openInvitations.map(({ id }) => id).sort(), [...open].sort());
      assert.equal(found.invitation?.id, one.invitation);
      assert.deepEqual([...found.departures.keys()].sort(), [...departures].sort());
    });
  }
}

interface ReadSetCase {
  readonly readSet: ReadSet;
  readonly accounts?: readonly string[];
  readonly members?: readonly string[];
  readonly open?: readonly string[];
  readonly invitation?: string;
  readonly departures?: readonly string[];
}

const inHello = { workspaceId: 'hello' };

/** Read sets and the records that they name, after {@link putFull}. */
const readSets: readonly ReadSetCase[] = [
  { readSet: inHello },
  { readSet: { ...inHello, accounts: ['ada', 'eve', 'unknown'] }, accounts: ['ada', 'eve'] },
  { readSet: { ...inHello, members: ['mia', 'eve'] }, members: ['mia'] },
  { readSet: { ...inHello, owner: true }, members: ['ada'], accounts: ['ada'] },
  {
    readSet: { ...inHello, invitationId: 'by-mia' },
    invitation: 'by-mia',
    members: ['mia'],
    accounts: ['mia'],
  },
  {
    readSet: { ...inHello, invitationId: 'revoked' },
    invitation: 'revoked',
    members: ['ada'],
    accounts: ['ada'],
  },
  { readSet: { ...inHello, invitationId: 'by-operator' }, invitation: 'by-operator' },
  { readSet: { ...inHello, invitationId: 'elsewhere' } },
  { readSet: { ...inHello, issuedBy: ['mia'] }, open: ['by-mia', 'expired'] },
  { readSet: { ...inHello, issuedBy: ['eve', 'ada', 'mia'] }, open: ['by-ada', 'by-mia', 'expired'] },
  { readSet: { ...inHello, issuedBy: [], departuresOf: [] } },
  { readSet: { ...inHello, issuedByOwner: true }, open: ['by-ada'] },
  { readSet: { ...inHello, recipients: [{ userId: 'eve' }] }, open: ['by-ada'] },
  { readSet: { ...inHello, recipients: [{ email: 'EVE@b.c' }] }, open: ['by-mia'] },
  { readSet: { ...inHello, recipients: [{ userId: 'eve@b.c' }] } },
  {
    readSet: { ...inHello, recipients: [{ userId: 'eve' }, { email: 'eve@B.C' }, { userId: 'ada' }] },
    open: ['by-ada', 'by-mia'],
  },
  { readSet: { ...inHello, openLinks: true }, open: ['by-operator', 'expired'] },
  { readSet: { ...inHello, emailKey: 'email:mia@b.c' }, members: ['mia', 'twin'] },
  { readSet: { ...inHello, emailKey: 'email:gone@b.c' } },
  { readSet: { ...inHello, departuresOf: ['eve'] }, departures: ['eve'] },
  { readSet: { ...inHello, departuresOf: ['mia'] } },
  { readSet: { ...inHello, departuresOf: ['mia', 'eve', 'twin'] }, departures: ['eve', 'twin'] },
  { readSet: { ...inHello, expiredAt: START + 999 } },
  { readSet: { ...inHello, expiredAt: START + 1000 }, open: ['expired'] },
  {
    readSet: { ...inHello, expiredAt: START + 1000, issuedBy: ['mia'], issuedByOwner: true, openLinks: true },
    open: ['by-mia', 'by-ada', 'by-operator', 'expired'],
  },
  { readSet: { personalWorkspaceOf: 'ada' }, accounts: ['ada'] },
];

/** Writes two workspaces, the first with an invitation of every kind. */
async function putFull(storage: StorageAdapter): Promise<void> {
  await putHello(storage);
  await mustCommit(
    storage,
    commit([
      insertAccount(account('mia')),
      insertAccount(account('eve')),
      insertWorkspace(workspace('personal-ada', { kind: 'personal' })),
      insertWorkspace(workspace('other')),
      insertAccount(account('twin')),
      insertMember(member('hello', 'mia', { role: 'manager', emailKey: 'email:mia@b.c' })),
      insertMember(member('hello', 'twin', { emailKey: 'email:mia@b.c' })),
      insertMember(member('other', 'eve', { emailKey: 'email:gone@b.c' })),
      insertDeparture(departure('hello', 'eve', { version: 5 })),
      insertDeparture(departure('hello', 'twin')),
      insertDeparture(departure('other', 'mia')),
      insertInvitation(invitation('hello', 'by-ada', { recipient: { userId: 'eve' } })),
      insertInvitation(
        invitation('hello', 'by-mia', { recipient: { email: 'eve@b.c' }, issuedBy: { userId: 'mia' } }),
      ),
      insertInvitation(invitation('hello', 'by-operator', { issuedBy: { operator: 'mia' } })),
      insertInvitation(
        invitation('hello', 'expired', { expiresAt: START + 1000, issuedBy: { userId: 'mia' } }),
      ),
      insertInvitation({
        ...invitation('hello', 'revoked', { recipient: { userId: 'eve' } }),
        state: 'revoked',
        closedAt: START,
      }),
    ]),
  );
}

async function everything(storage: StorageAdapter): Promise<unknown[]> {
  const world = await readWorld(storage, {
    users: ['ada', 'mia'],
    workspaces: ['hello', 'other', 'personal-ada'],
  });
  const page = { after: null, limit: 10 };
  return [
    world,
    await storage.findMembership('hello', 'ada'),
    await storage.listWorkspaces('ada', page),
    (await storage.load({ workspaceId: 'hello', invitationId: 'by-mia', issuedBy: ['mia'] })).openInvitations,
  ];
}

/** Overwrites every writable field, at any depth. */
function tamper(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    tamper(inner);
    Reflect.set(value, key, typeof inner === 'number' ? inner + 1 : 'tampered');
  }
}
