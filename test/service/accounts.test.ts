// Accounts and personal workspaces, through the service.
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { corePermissions, defaultMatrix, WorkspaceService, type StorageAdapter } from '../../src/index.js';
import { countingIds, createTestWorkspaces, testTokens, violations } from '../../src/testing/index.js';
import {
  anyOf,
  failingStorage,
  inParallel,
  interleavedStorage,
  processes,
  withoutUniqueKeys,
} from './interleaved-storage.js';
import { call, inputOf, methodNames } from '../methods.js';
import {
  ada,
  createTeam,
  dev,
  mia,
  openAccounts,
  outcome,
  refusal,
  root,
  sam,
  serviceOn,
  type Outcome,
} from './team.js';

describe('opening an account', () => {
  test('A-01 creates the account and its personal workspace in one commit', async () => {
    const storage = memoryStorage();
    const commits: number[] = [];
    const counting: StorageAdapter = {
      ...storage,
      commit: (commit) => {
        commits.push(commit.changes.length);
        return storage.commit(commit);
      },
    };
    const workspaces = serviceOn(counting);
    const { account, workspace } = await workspaces.openAccount({
      userId: 'u1',
      username: 'ada',
      displayName: 'Ada L.',
    });

    expect(commits).toEqual([3]);
    expect(account).toMatchObject({ userId: 'u1', username: 'ada', displayName: 'Ada L.' });
    expect(account.personalWorkspaceId).toBe(workspace.id);
    expect(workspace).toMatchObject({ kind: 'personal', name: 'ada', ownerId: 'u1', memberCount: 1 });
    expect(storage.dump()).toMatchObject({
      accounts: [{ userId: 'u1' }],
      workspaces: [{ id: workspace.id }],
      members: [{ workspaceId: workspace.id, userId: 'u1', role: 'owner' }],
    });
  });

  test('A-01 a failure of any storage call leaves both records or neither', async () => {
    const left = new Set<string>();
    for (const when of ['before', 'after'] as const) {
      for (let place = 0; place < 2; place++) {
        const storage = memoryStorage();
        const workspaces = serviceOn(failingStorage(storage, { call: place, when }));
        expect(await outcome(workspaces.openAccount({ userId: 'u1', username: 'ada' }))).toBe('UNAVAILABLE');
        const { accounts, workspaces: rooms, members, events } = storage.dump();
        left.add([accounts, rooms, members, events].map(({ length }) => length).join());

        await workspaces.openAccount({ userId: 'u1', username: 'ada' });
        expect(storage.dump().events).toHaveLength(2);
        expect(violations(storage.dump(), { matrix: defaultMatrix, now: 0 })).toEqual([]);
      }
    }
    expect([...left].sort()).toEqual(['0,0,0,0', '1,1,1,2']);
  });
});

describe('opening an account again', () => {
  const opened = async (storage: StorageAdapter, seed: number) => {
    const services = processes(interleavedStorage(storage, seed));
    const ids = new Set<string>();
    const ended = await inParallel(services, 50, async (workspaces) => {
      const { workspace } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
      ids.add(workspace.id);
    });
    return { ended, ids };
  };

  test('A-02 50 parallel calls give one account, one personal workspace, one set of events', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const storage = memoryStorage();
      const { ended, ids } = await opened(storage, seed);
      expect(ended).toEqual({ ok: 50 });
      expect(ids.size).toBe(1);
      const { accounts, workspaces, members, events } = storage.dump();
      expect([accounts.length, workspaces.length, members.length]).toEqual([1, 1, 1]);
      expect(events.map(({ type }) => type).sort()).toEqual(['account.opened', 'workspace.created']);
    }
  });

  test('A-02 the same 50 calls create duplicates on a storage without unique keys: the test can fail', async () => {
    const storage = memoryStorage();
    await opened(withoutUniqueKeys(storage), 1);
    expect(storage.dump().workspaces.length).toBeGreaterThan(1);
  });

  test('A-02 opening again is a no-op, whatever the spelling', async () => {
    const { workspaces, storage } = createTestWorkspaces();
    const first = await workspaces.openAccount({ userId: 'u1', username: 'Straße', displayName: 'S' });
    const before = storage.dump();
    for (const displayName of [undefined, 'S', ' S\u200B'])
      expect(await workspaces.openAccount({ userId: 'u1', username: 'STRASSE', displayName })).toEqual(first);
    expect(storage.dump()).toEqual(before);
  });

  test('A-07 opening again brings the display name up to date, with one event, and returns the cleaned form', async () => {
    const { workspaces, storage } = createTestWorkspaces();
    const open = async (displayName?: string | null) =>
      (await workspaces.openAccount({ userId: 'u1', username: 'ada', displayName })).account;
    const shown: (string | null)[] = [];
    for (const name of ['Ada', 'Ada Lovelace\u202E', 'Ada Lovelace', undefined, 'علی‌رضا', '\u200B', null])
      shown.push((await open(name)).displayName);
    expect(shown).toEqual(['Ada', 'Ada Lovelace', 'Ada Lovelace', 'Ada Lovelace', 'علی‌رضا', null, null]);
    const events = storage
      .dump()
      .events.filter((event) => 'userId' in event && event.type === 'account.renamed');
    expect(events.map(({ data }) => data)).toEqual(
      ['Ada Lovelace', 'علی‌رضا', null].map((displayName) => ({ from: 'ada', to: 'ada', displayName })),
    );
    expect(storage.dump().workspaces.map(({ name }) => name)).toEqual(['ada']);
  });

  test('A-07 50 parallel sign-ins with two display names end with one of them, and a gapless log', async () => {
    const storage = memoryStorage();
    const ended = await inParallel(processes(interleavedStorage(storage, 11)), 50, (workspaces, index) =>
      outcome(
        workspaces.openAccount({ userId: 'u1', username: 'ada', displayName: index % 2 ? 'One' : 'Two' }),
      ),
    );
    expect(ended).toEqual({ ok: 50 });
    const { accounts, events } = storage.dump();
    expect(['One', 'Two']).toContain(accounts[0]?.displayName);
    const versions = events.filter((event) => 'userId' in event).map(({ version }) => version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  });
});

describe('usernames that need not be unique', () => {
  const options = { uniqueUsernames: false };

  test('A-08 two accounts bear one username, and everything else holds', async () => {
    const { workspaces, storage, clock } = createTestWorkspaces(options);
    const open = (userId: string, username: string) => workspaces.openAccount({ userId, username });
    await open('u1', 'Ada Lovelace');
    const { account, workspace } = await open('u2', 'ada lovelace');
    expect([account.username, workspace.name]).toEqual(['ada lovelace', 'ada lovelace']);
    // As with unique ones: a second opening is the same account, and another username another account.
    expect((await open('u2', 'ADA LOVELACE')).account).toEqual(account);
    expect(await outcome(open('u2', 'grace'))).toBe('ACCOUNT_EXISTS');
    await workspaces.renameAccount({ userId: 'u1' }, { userId: 'u1', username: 'grace' });
    await workspaces.renameAccount({ userId: 'u2' }, { userId: 'u2', username: 'grace' });
    const world = storage.dump();
    expect(world.accounts.map(({ username }) => username)).toEqual(['grace', 'grace']);
    expect(violations(world, { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
  });

  test('A-08 no user id or username is taken for the key of another', async () => {
    const { workspaces } = createTestWorkspaces(options);
    for (const [userId, username] of [
      ['b', 'a'],
      ['a', 'b'],
      ['a  b', 'a'],
      ['b b', 'a a'],
      ['b', 'a  b'],
    ] as const)
      expect(await outcome(workspaces.openAccount({ userId, username }))).toBe(
        userId === 'b' && username === 'a  b' ? 'ACCOUNT_EXISTS' : 'ok',
      );
  });

  test('A-08 an account that was opened while usernames were unique keeps it for those who open later', async () => {
    const { workspaces, storage } = createTestWorkspaces();
    await workspaces.openAccount({ userId: 'u1', username: 'ada' });
    const later = createTestWorkspaces({ storage, ids: countingIds('later'), ...options }).workspaces;
    expect(await outcome(later.openAccount({ userId: 'u2', username: 'ada' }))).toBe('ok');
    expect(await outcome(workspaces.openAccount({ userId: 'u3', username: 'ada' }))).toBe('USERNAME_TAKEN');
  });
});

describe('usernames', () => {
  test('A-03 the same userId with another username is ACCOUNT_EXISTS', async () => {
    const { workspaces, storage } = createTestWorkspaces();
    await workspaces.openAccount({ userId: 'u1', username: 'ada' });
    const before = storage.dump();
    const refused = await refusal(workspaces.openAccount({ userId: 'u1', username: 'grace' }));
    expect([refused.code, refused.details]).toEqual(['ACCOUNT_EXISTS', { userId: 'u1' }]);
    expect(storage.dump()).toEqual(before);
  });

  test('A-03 50 parallel openings of one userId under 50 names: one succeeds, 49 are ACCOUNT_EXISTS', async () => {
    const storage = memoryStorage();
    const ended = await inParallel(processes(interleavedStorage(storage, 7)), 50, (workspaces, index) =>
      workspaces.openAccount({ userId: 'u1', username: `ada${String(index)}` }),
    );
    expect(ended).toEqual({ ok: 1, ACCOUNT_EXISTS: 49 });
    expect(storage.dump().accounts).toHaveLength(1);
  });

  test.each([
    ['case', 'ada', 'ADA'],
    ['white space around and inside', 'Ada Lovelace', '  ada \u3000 lovelace\n'],
    ['full width', 'ada', 'ａｄａ'],
    ['ligature', 'finn', 'ﬁnn'],
    ['sharp s', 'straße', 'STRASSE'],
    ['capital sharp s', 'STRAẞE', 'straße'],
    ['final sigma', 'ὈΔΥΣΣΕΎΣ', 'ὀδυσσεύς'],
    ['composed and decomposed', 'ren\u00e9', 'rene\u0301'],
  ])('A-03 a username in use in normal form is USERNAME_TAKEN: %s', async (_, taken, tried) => {
    const { workspaces, storage } = createTestWorkspaces();
    await workspaces.openAccount({ userId: 'u1', username: taken });
    await workspaces.openAccount({ userId: 'u2', username: 'somebody' });
    const before = storage.dump();
    expect(await outcome(workspaces.openAccount({ userId: 'u3', username: tried }))).toBe('USERNAME_TAKEN');
    const renamed = workspaces.renameAccount({ userId: 'u2' }, { userId: 'u2', username: tried });
    expect(await outcome(renamed)).toBe('USERNAME_TAKEN');
    expect(storage.dump()).toEqual(before);
  });

  test('A-03 50 parallel openings and renamings to one username: exactly one succeeds', async () => {
    const claimed = async (storage: StorageAdapter) => {
      const services = processes(interleavedStorage(storage, 3));
      await openAccounts(anyOf(services), ...Array.from({ length: 25 }, (_, index) => `old${String(index)}`));
      return inParallel(services, 50, (workspaces, index) => {
        if (index % 2 === 0)
          return workspaces.openAccount({ userId: `new${String(index)}`, username: 'wanted' });
        const userId = `old${String((index - 1) / 2)}`;
        return workspaces.renameAccount({ userId }, { userId, username: 'WANTED' });
      });
    };
    expect(await claimed(memoryStorage())).toEqual({ ok: 1, USERNAME_TAKEN: 49 });
    expect((await claimed(withoutUniqueKeys(memoryStorage()))).ok).toBeGreaterThan(1);
  });

  test('A-03 a username is free again once its account has been renamed', async () => {
    const { workspaces } = createTestWorkspaces();
    await openAccounts(workspaces, 'ada');
    await workspaces.renameAccount(ada, { userId: 'ada', username: 'countess' });
    await workspaces.openAccount({ userId: 'u2', username: 'ada' });
    const back = workspaces.renameAccount(ada, { userId: 'ada', username: 'Ada' });
    expect(await outcome(back)).toBe('USERNAME_TAKEN');
  });
});

describe('the personal workspace', () => {
  test('A-04 renaming the account renames its personal workspace in the same commit', async () => {
    const storage = memoryStorage();
    const workspaces = serviceOn(storage);
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    for (const actor of [ada, root]) {
      const username = 'userId' in actor ? 'countess' : 'duchess';
      await workspaces.renameAccount(actor, { userId: 'ada', username });
      expect(await workspaces.getWorkspace(ada, { workspaceId: workspace.id })).toMatchObject({
        name: username,
        kind: 'personal',
        memberCount: 1,
      });
    }
    for (const when of ['before', 'after'] as const) {
      for (let place = 0; place < 2; place++) {
        const failing = serviceOn(failingStorage(storage, { call: place, when }));
        const renamed = failing.renameAccount(ada, {
          userId: 'ada',
          username: `ada ${when} ${String(place)}`,
        });
        expect(await outcome(renamed)).toBe('UNAVAILABLE');
        const { accounts, workspaces: rooms } = storage.dump();
        expect(rooms.map(({ name }) => name)).toEqual(accounts.map(({ username }) => username));
      }
    }
  });

  test("A-04 renaming to the name of one of the user's own teams is refused and changes neither record", async () => {
    const { workspaces, storage, workspaceId } = await createTeam();
    const before = storage.dump();
    const renamed = workspaces.renameAccount(ada, { userId: 'ada', username: 'CORE' });
    expect(await outcome(renamed)).toBe('NAME_TAKEN');
    expect(storage.dump()).toEqual(before);
    expect(await outcome(workspaces.renameWorkspace(ada, { workspaceId, name: 'Ada' }))).toBe('NAME_TAKEN');
  });

  test('A-04 the display name can be set, kept and removed without renaming anything', async () => {
    const { workspaces, storage } = createTestWorkspaces();
    await openAccounts(workspaces, 'ada');
    const named = { userId: 'ada', username: 'ada', displayName: 'Ada L.' };
    expect(await workspaces.renameAccount(ada, named)).toMatchObject({ displayName: 'Ada L.' });
    const events = storage.dump().events.length;
    expect(await workspaces.renameAccount(ada, { userId: 'ada', username: 'ada' })).toMatchObject({
      displayName: 'Ada L.',
    });
    expect(storage.dump().events).toHaveLength(events);
    const nameless = await workspaces.renameAccount(ada, { ...named, displayName: null });
    expect(nameless).toMatchObject({ displayName: null });
    expect(storage.dump().workspaces).toMatchObject([{ name: 'ada', version: 1 }]);
  });
});

describe('operations that a personal workspace refuses', () => {
  /** A valid token, except that it names a personal workspace. */
  const forged = (workspaceId: string): Promise<string> =>
    new SignJWT({ wid: workspaceId, sec: 'secret0000000000000001' })
      .setProtectedHeader({ alg: 'HS256', kid: 'test', typ: 'invitation+jwt' })
      .setIssuer(testTokens.issuer)
      .setAudience(`${testTokens.issuer}/invitation`)
      .setJti('inv-0000000000000001')
      .setIssuedAt(new Date('2026-01-01T00:00:00Z'))
      .setExpirationTime(new Date('2026-01-02T00:00:00Z'))
      .sign(new TextEncoder().encode('tenantry test secret, 32 bytes or more'));

  test.each([
    ['deleteWorkspace', {}],
    ['renameWorkspace', { name: 'other' }],
    ['transferOwnership', { userId: 'sam' }],
    ['transferOwnership', { userId: 'ada' }],
    ['inviteMember', { role: 'developer' }],
    ['inviteMember', { role: 'manager', recipient: { userId: 'sam' } }],
    ['reissueInvitation', { invitationId: 'inv-0000000000000001' }],
    ['revokeInvitation', { invitationId: 'inv-0000000000000001' }],
    ['changeRole', { userId: 'ada', role: 'developer' }],
    ['changeRole', { userId: 'sam', role: 'developer' }],
    ['removeMember', { userId: 'ada' }],
    ['removeMember', { userId: 'sam' }],
    ['leaveWorkspace', {}],
  ] as const)('A-05 %s %j is PERSONAL_WORKSPACE for the owner and for operators', async (name, rest) => {
    const { workspaces, storage } = await createTeam();
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const before = storage.dump();
    const input = { workspaceId: workspace.id, ...rest };
    expect(await outcome(call(workspaces, name, { actor: ada, input }))).toBe('PERSONAL_WORKSPACE');
    const byHost = await outcome(call(workspaces, name, { actor: root, input }));
    expect(byHost).toBe(name === 'leaveWorkspace' ? 'INVALID_INPUT' : 'PERSONAL_WORKSPACE');
    expect(storage.dump()).toEqual(before);
  });

  test('A-05 a correctly signed token for a personal workspace is PERSONAL_WORKSPACE, for anyone', async () => {
    const { workspaces, storage } = await createTeam();
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const token = await forged(workspace.id);
    const before = storage.dump();
    for (const actor of [ada, mia, sam]) {
      const refused = await refusal(workspaces.acceptInvitation(actor, { token }));
      expect([refused.code, refused.details]).toEqual([
        'PERSONAL_WORKSPACE',
        { workspaceId: workspace.id, operation: 'join' },
      ]);
      expect(await outcome(workspaces.declineInvitation(actor, { token }))).toBe('PERSONAL_WORKSPACE');
    }
    expect(await outcome(workspaces.previewInvitation({ token }))).toBe('INVITATION_INVALID');
    expect(storage.dump()).toEqual(before);
  });

  test('A-05 no sequence of calls adds a member to a personal workspace, removes its owner or deletes it', async () => {
    const people = [ada, mia, dev, sam, root] as const;
    const step = fc.record({
      // Closing an account deletes its personal workspace, and is tested by itself.
      name: fc.constantFrom(...methodNames.filter((name) => name !== 'closeAccount')),
      actor: fc.constantFrom(...people),
      place: fc.nat({ max: 4 }),
      user: fc.constantFrom('ada', 'mia', 'dev', 'sam', 'new'),
      role: fc.constantFrom('owner', 'manager', 'developer'),
      word: fc.constantFrom('Core', 'ada', 'sam', 'new'),
    });
    let succeeded = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { workspaces, storage, clock, workspaceId } = await createTeam();
        const personal = (world = storage.dump()) =>
          world.workspaces.filter(({ kind }) => kind === 'personal');
        const places = [...personal().map(({ id }) => id), workspaceId];
        const tokens = await Promise.all(places.map(forged));
        const before = new Map(personal().map(({ id, ownerId }) => [id, ownerId]));
        for (const { name, actor, place, user: userId, role, word } of steps) {
          const input = inputOf(name, {
            workspaceId: places[place] ?? workspaceId,
            userId,
            role,
            invitationId: 'inv-0000000000000001',
            token: tokens[place] ?? '',
            name: word,
          });
          const ended = await outcome(call(workspaces, name, { actor, input }));
          if (ended === 'ok') succeeded += 1;
          const world = storage.dump();
          expect(violations(world, { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
          for (const [id, ownerId] of before) {
            expect(world.members.filter((member) => member.workspaceId === id)).toMatchObject([
              { userId: ownerId, role: 'owner' },
            ]);
            expect(personal(world).find((room) => room.id === id)).toMatchObject({ ownerId, memberCount: 1 });
          }
        }
      }),
      { numRuns: 150 },
    );
    // Otherwise the property would hold because no command ever succeeded.
    expect(succeeded).toBeGreaterThan(100);
  });
});

describe('permissions in a personal workspace', () => {
  test('A-06 the owner of a personal workspace has every permission of a team owner, and no other user has any', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    for (const permission of corePermissions) {
      for (const actor of [ada, sam, root]) {
        const inTeam = await workspaces.explain(actor, { workspaceId, permission });
        const inPersonal = await workspaces.explain(actor, { workspaceId: workspace.id, permission });
        expect(inPersonal).toEqual({ ...inTeam, workspaceId: workspace.id });
      }
      for (const actor of [mia, dev]) {
        expect(await workspaces.can(actor, { workspaceId: workspace.id, permission })).toBe(false);
      }
    }
  });

  test("A-06 switching to it gives the same permissions as switching to one's own team", async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    const team = await workspaces.switchWorkspace(ada, { workspaceId });
    const personal = await workspaces.switchWorkspace(ada, { workspaceId: workspace.id });
    expect(personal.permissions).toEqual(team.permissions);
    expect(personal.role).toBe(team.role);
  });
});

test('an account is invisible to other users', async () => {
  const { workspaces } = await createTeam();
  const ended: Outcome[] = [];
  for (const userId of ['ada', 'nobody']) {
    ended.push(await outcome(workspaces.renameAccount(sam, { userId, username: 'x' })));
    ended.push(await outcome(workspaces.listAccountEvents(sam, { userId })));
  }
  expect(ended).toEqual(Array.from({ length: 4 }, () => 'ACCOUNT_NOT_FOUND'));
});

test('a service that is given neither clock nor ids finds its own', async () => {
  const workspaces = new WorkspaceService({
    permissions: defaultMatrix,
    storage: memoryStorage(),
    tokens: testTokens,
  });
  const before = Date.now();
  const { account } = await workspaces.openAccount({ userId: 'u1', username: 'ada' });
  expect(account.createdAt.getTime()).toBeGreaterThanOrEqual(before);
});
