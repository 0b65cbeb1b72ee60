// Erasing a person: no name and no address is left, the audit logs keep every event, and others lose nothing.
import { describe, expect, test } from 'vitest';
import { memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import { defaultMatrix, ERASED, type StorageAdapter, type TenantryEvent } from '../../src/index.js';
import { countingIds, fixedClock, violations, type World } from '../../src/testing/index.js';
import { canonicalWorld } from '../../src/testing/worlds.js';
import { aroundStorage } from './around-storage.js';
import { erasing, former, heldIn, linesOf, live, strings, trailOf, verified, zoe } from './erased-person.js';
import { interleavedStorage } from './interleaved-storage.js';
import { ada, everyItem, mia, outcome, refusal, root, sam, serviceOn } from './team.js';

const role = 'developer';

async function scene() {
  const [storage, clock] = [memoryStorage(), fixedClock()];
  const workspaces = serviceOn(storage, { clock, ids: countingIds() });
  return { storage, clock, workspaces, ...(await live({ workspaces, clock })) };
}

const held = (storage: MemoryStorage) => heldIn(linesOf(storage.dump()));
const sound = (storage: MemoryStorage, now: number) =>
  violations(storage.dump(), { matrix: defaultMatrix, now });

/** The records and events of others, by what they are. */
function ofOthers(world: World): readonly string[] {
  const { userId } = zoe;
  const isOwn = (line: string): boolean => heldIn([line]).length > 0;
  return linesOf({
    ...world,
    accounts: world.accounts.filter((one) => one.userId !== userId),
    members: world.members.filter((one) => one.userId !== userId),
    // Their versions and counts move.
    workspaces: [],
  }).filter((line) => !isOwn(line));
}

describe('erasing', () => {
  test('A-10 an operator erases every name and address, of every workspace and every account of the user', async () => {
    const { storage, clock, workspaces } = await scene();
    const before = storage.dump();
    for (const each of strings) expect(heldIn(linesOf(before)).join('\n').toLowerCase()).toContain(each);
    const heard: TenantryEvent[] = [];
    workspaces.on('*', (event) => heard.push(event));
    await workspaces.closeAccount(root, erasing);

    expect(held(storage)).toEqual([]);
    expect(heldIn(heard.map((event) => JSON.stringify(event)))).toEqual([]);
    expect(heldIn([JSON.stringify(await workspaces.findAccounts(root, {}))])).toEqual([]);
    expect(sound(storage, clock.now())).toEqual([]);
    const after = storage.dump();
    expect(trailOf(after)).toEqual(expect.arrayContaining([...trailOf(before)]));
    expect(linesOf(after)).toEqual(expect.arrayContaining([...ofOthers(before)]));
    expect(after.accounts.find(({ userId }) => userId === zoe.userId)).toMatchObject({
      status: 'closed',
      username: ERASED,
      displayName: null,
    });
  });

  test('A-10 the audit logs state what was erased, and keep everything else', async () => {
    const { storage, workspaces, byMail, ended, deleted } = await scene();
    const before = storage.dump().events;
    await workspaces.closeAccount(root, erasing);
    const { items } = await workspaces.listAccountEvents(root, { ...zoe, order: 'newest' });
    expect(items.slice(0, 3).map(({ type, actor }) => [type, actor])).toEqual([
      ['account.closed', root],
      ['account.erased', root],
      ['account.close-started', root],
    ]);
    const added = (id: string) =>
      storage
        .dump()
        .events.filter((event) => 'workspaceId' in event && event.workspaceId === id)
        .slice(before.filter((event) => 'workspaceId' in event && event.workspaceId === id).length)
        .map(({ type }) => type);
    expect(added(byMail)).toEqual(['invitation.erased', 'member.left']);
    expect(added(ended)).toEqual([
      'invitation.revoked',
      'invitation.revoked',
      'invitation.erased',
      'invitation.erased',
      'invitation.erased',
      'invitation.erased',
      'invitation.erased',
    ]);
    expect(added(deleted)).toEqual([]);
    for (const event of before) {
      const now = storage.dump().events.find(({ id }) => id === event.id);
      const { data, ...rest } = event;
      expect(now).toMatchObject(rest);
      if (heldIn([JSON.stringify(data)]).length === 0) expect(now?.data).toEqual(data);
      else expect(Object.keys(now?.data ?? {})).toEqual(Object.keys(data));
    }
    const { items: invitations } = await workspaces.listInvitations(mia, { workspaceId: ended });
    expect(invitations.map(({ recipient, status }) => [recipient, status])).toEqual([
      [{ email: ERASED }, 'declined'],
      [{ email: ERASED }, 'revoked'],
      [{ email: ERASED }, 'expired'],
      [{ email: ERASED }, 'revoked'],
      [{ email: ERASED }, 'revoked'],
      [{ email: 'sam@example.org' }, 'open'],
    ]);
  });

  test('A-10 a user erases the verified address of the call and those of the memberships, and no other', async () => {
    const { storage, workspaces } = await scene();
    await workspaces.closeAccount({ ...zoe, ...verified }, { userId: zoe.userId, erase: true });
    const left = held(storage);
    expect(left.length).toBeGreaterThan(0);
    for (const line of left) {
      expect(line.toLowerCase()).toContain(former);
      expect(heldIn([line.toLowerCase().replaceAll(former, '')])).toEqual([]);
    }
    // An operator who knows the last address.
    await workspaces.closeAccount(root, { ...zoe, erase: true, emails: [former] });
    expect(held(storage)).toEqual([]);
  });

  test('A-10 an address that is not verified is not erased', async () => {
    const { storage, workspaces } = await scene();
    await workspaces.closeAccount({ ...zoe, ...verified, emailVerified: false }, { ...zoe, erase: true });
    expect(held(storage).join('\n')).toContain(verified.email);
  });

  test('A-10 only operators name addresses, and a call by anyone else changes nothing', async () => {
    const { storage, workspaces } = await scene();
    const before = storage.dump();
    const { code, details } = await refusal(workspaces.closeAccount(zoe, erasing));
    expect([code, details]).toEqual([
      'INVALID_INPUT',
      { issues: [{ path: 'input.emails', message: 'may be given by operators only' }] },
    ]);
    const others = await refusal(workspaces.closeAccount(sam, { ...zoe, erase: true }));
    expect(others.code).toBe('ACCOUNT_NOT_FOUND');
    const many = Array.from({ length: 21 }, (_, n) => `zoe${String(n)}@example.com`);
    expect((await refusal(workspaces.closeAccount(root, { ...erasing, emails: many }))).code).toBe(
      'INVALID_INPUT',
    );
    expect(storage.dump()).toEqual(before);
  });

  test('A-10 an account that was closed without it is erased later, and once', async () => {
    const { storage, workspaces } = await scene();
    await workspaces.closeAccount(root, { ...zoe, emails: erasing.emails });
    expect(storage.dump().invitations.filter(({ state }) => state === 'open')).toHaveLength(3);
    expect(held(storage).length).toBeGreaterThan(10);
    // The memberships have ended, so nothing but the caller knows the addresses.
    const emails = [...erasing.emails, 'zoe.private@example.org'];
    await workspaces.closeAccount(root, { ...erasing, emails });
    expect(held(storage)).toEqual([]);
    const erased = storage.dump();
    expect(erased.events.filter(({ type }) => type === 'account.erased')).toHaveLength(1);
    await workspaces.closeAccount(root, { ...erasing, emails });
    expect(storage.dump()).toEqual(erased);
  });

  test('A-10 more events than a page are erased, each in a commit of its own', async () => {
    const [storage, clock] = [memoryStorage(), fixedClock()];
    const options = {
      limits: { membersPerWorkspace: 5, openInvitationsPerWorkspace: 500, workspacesPerOwner: 500 },
    } as const;
    const workspaces = serviceOn(storage, {
      clock,
      ids: countingIds(),
      invitationsPerActorPerDay: 'unlimited',
      ...options,
    });
    for (const userId of ['ada', 'zoe']) await workspaces.openAccount({ userId, username: userId });
    for (let n = 0; n < 120; n++) {
      await workspaces.renameAccount(root, { userId: 'zoe', username: `zoe-${String(n % 7)}-` });
      const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: `t${String(n)}` });
      await workspaces.inviteMember(ada, { workspaceId, role, recipient: { email: former } });
    }
    let largest = 0;
    const counting = aroundStorage(storage, (run, { method, args }) => {
      const [commit] = args;
      if (method === 'commit') largest = Math.max(largest, JSON.stringify(commit).length);
      return run();
    });
    await serviceOn(counting, { clock, ids: countingIds('again') }).closeAccount(root, {
      userId: 'zoe',
      erase: true,
      emails: [former],
    });
    const rest = linesOf(storage.dump()).filter((line) => line.includes(former) || /zoe-\d-/.test(line));
    expect(rest).toEqual([]);
    expect(largest).toBeLessThan(4_000);
  });

  test('A-10 interrupted at any storage call and repeated, it ends the same', {
    timeout: 120_000,
  }, async () => {
    const erased = await scene();
    await erased.workspaces.closeAccount(root, erasing);
    const expected = canonicalWorld(erased.storage.dump());
    for (const isApplied of [false, true]) {
      for (let at = 0; ; at++) {
        const { storage, clock } = await scene();
        let calls = 0;
        const failing = aroundStorage(storage, async (run) => {
          if (calls++ !== at) return run();
          if (isApplied) await run();
          throw new Error('lost');
        });
        const options = { clock, ids: countingIds('again') };
        const ended = await outcome(serviceOn(failing, options).closeAccount(root, erasing));
        expect(sound(storage, clock.now())).toEqual([]);
        await serviceOn(storage, options).closeAccount(root, erasing);
        expect(canonicalWorld(storage.dump()), `call ${String(at)}`).toBe(expected);
        if (ended === 'ok') {
          expect(at).toBeGreaterThan(40);
          break;
        }
      }
    }
  });
});

describe('after erasing', () => {
  test('A-10 an erased invitation cannot be reissued, and its id cannot be used for another', async () => {
    const { storage, workspaces, ended, expired } = await scene();
    await workspaces.closeAccount(root, erasing);
    const before = storage.dump();
    expect(await outcome(workspaces.reissueInvitation(mia, expired))).toBe('INVITATION_EXPIRED');
    const again = { ...expired, role, recipient: { email: former } } as const;
    expect(await outcome(workspaces.inviteMember(mia, again))).toBe('ID_TAKEN');
    for (const { id } of (await workspaces.listInvitations(mia, { workspaceId: ended })).items.slice(0, 5)) {
      expect(
        await outcome(workspaces.reissueInvitation(mia, { workspaceId: ended, invitationId: id })),
      ).not.toBe('ok');
    }
    expect(storage.dump()).toEqual(before);
  });

  test('A-10 the address can be invited again, and the user id is a new person', async () => {
    const { storage, clock, workspaces, ended } = await scene();
    await workspaces.closeAccount(root, erasing);
    await workspaces.openAccount({ userId: zoe.userId, username: 'other' });
    const { token } = await workspaces.inviteMember(mia, {
      workspaceId: ended,
      role,
      recipient: { email: former },
    });
    await workspaces.acceptInvitation({ ...zoe, email: former, emailVerified: true }, { token });
    expect(sound(storage, clock.now())).toEqual([]);
    const own = await everyItem((cursor) => workspaces.listAccountEvents(zoe, { ...zoe, cursor }));
    expect(own.map(({ type }) => type)).toEqual(['account.opened']);
    // Closed again, all of it is erased, also what was erased before.
    await workspaces.closeAccount(root, erasing);
    expect(held(storage)).toEqual([]);
  });

  test('A-10 A-11 a slow call that erases the former account changes nothing of the new one', async () => {
    const { storage, clock, workspaces, ended } = await scene();
    let release = (): void => undefined;
    let reached = (): void => undefined;
    const paused = new Promise<void>((resolve) => (reached = resolve));
    let isFirst = true;
    const slow = aroundStorage(storage, async (run, { method }) => {
      if (method !== 'listInvitationEvents' || !isFirst) return run();
      isFirst = false;
      reached();
      await new Promise<void>((resolve) => (release = resolve));
      return run();
    });
    const closing = serviceOn(slow, { clock, ids: countingIds('slow') }).closeAccount(root, erasing);
    await paused;
    await workspaces.closeAccount(root, zoe);
    await workspaces.openAccount({ userId: zoe.userId, username: 'anew', displayName: 'Anew' });
    await workspaces.inviteMember(mia, { workspaceId: ended, role, recipient: { email: former } });
    const before = storage.dump();
    release();
    await closing;
    const after = storage.dump();
    expect({ ...after, events: [] }).toEqual({ ...before, events: [] });
    // Only names in the events of the former accounts.
    expect(trailOf(after)).toEqual(trailOf(before));
    const own = (await workspaces.listAccountEvents(zoe, zoe)).items;
    expect(own.map(({ data }) => data)).toMatchObject([{ username: 'anew', displayName: 'Anew' }]);
  });
});

describe('erasing while others act', () => {
  test('A-10 reissues, deletions and other calls race it, and nothing is left', {
    timeout: 120_000,
  }, async () => {
    const reissued = new Set<string>();
    for (let seed = 1; seed <= 60; seed++) {
      const { storage, clock, ended, byMail, left, expired } = await scene();
      const open = storage
        .dump()
        .invitations.find(
          ({ recipient, state }) =>
            recipient !== null &&
            'email' in recipient &&
            recipient.email === verified.email &&
            state === 'open',
        );
      const at = (n: number) =>
        serviceOn(interleavedStorage(storage, seed * 10 + n), { clock, ids: countingIds(`s${String(n)}x`) });
      const [closing, first] = await Promise.all([
        outcome(at(0).closeAccount(root, erasing)),
        outcome(at(1).reissueInvitation(mia, expired)),
        outcome(at(2).reissueInvitation(mia, { workspaceId: ended, invitationId: open?.id ?? '' })),
        outcome(at(3).revokeInvitation(mia, { workspaceId: ended, invitationId: open?.id ?? '' })),
        outcome(at(4).renameWorkspace(mia, { workspaceId: ended, name: 'renamed' })),
        outcome(at(5).deleteWorkspace(mia, { workspaceId: seed % 2 === 0 ? byMail : left })),
        outcome(at(6).closeAccount(root, erasing)),
        ...(seed % 3 === 0 ? [outcome(at(7).closeAccount(root, zoe))] : []),
      ]);
      reissued.add(first);
      expect(closing).toBe('ok');
      expect(sound(storage, clock.now())).toEqual([]);
      expect(held(storage), `seed ${String(seed)}`).toEqual([]);
    }
    expect([...reissued].sort()).toEqual(expect.arrayContaining(['ALREADY_INVITED', 'INVITATION_EXPIRED']));
  });

  test('A-10 an expired invitation that is reissued in between is ended and erased, in either order', async () => {
    const results = new Set<string>();
    for (let call = 0; call < 60; call++) {
      const [storage, clock] = [memoryStorage(), fixedClock()];
      const workspaces = serviceOn(storage, { clock, ids: countingIds() });
      for (const userId of ['mia', zoe.userId]) await workspaces.openAccount({ userId, username: userId });
      const { id: workspaceId } = await workspaces.createWorkspace(mia, { name: 'team' });
      const recipient = { email: former };
      const { invitation } = await workspaces.inviteMember(mia, {
        workspaceId,
        role,
        recipient,
        expiresInSeconds: 60,
      });
      clock.advance(60_000);
      const expired = { workspaceId, invitationId: invitation.id };
      let calls = 0;
      let reissued = 'never';
      const interrupted = aroundStorage(storage, async (run) => {
        if (calls++ === call) reissued = await outcome(workspaces.reissueInvitation(mia, expired));
        return run();
      });
      await serviceOn(interrupted, { clock, ids: countingIds('e') }).closeAccount(root, erasing);
      results.add(reissued);
      expect(held(storage), `call ${String(call)}`).toEqual([]);
      expect(storage.dump().invitations.map(({ state }) => state)).not.toContain('open');
      expect(sound(storage, clock.now())).toEqual([]);
      if (reissued === 'never') break;
    }
    expect([...results].sort()).toEqual(['INVITATION_EXPIRED', 'never', 'ok']);
  });

  test.each([
    ['is decided again', 'INVITATION_EXPIRED', false],
    ['brings the address back to a storage that does not compare versions', 'ok', true],
  ])('A-10 a reissue that read the address before it was erased %s', async (_title, result, isCareless) => {
    const { storage, clock, workspaces, expired } = await scene();
    let isErased = false;
    const careless: StorageAdapter = {
      ...storage,
      commit: (commit) => storage.commit(isCareless ? { ...commit, expect: [] } : commit),
    };
    const late = aroundStorage(careless, async (run, { method }) => {
      if (method === 'commit' && !isErased) {
        isErased = true;
        await workspaces.closeAccount(root, erasing);
      }
      return run();
    });
    const other = serviceOn(late, { clock, ids: countingIds('late') });
    await workspaces.revokeInvitation(mia, openFormer(storage));
    expect(await outcome(other.reissueInvitation(mia, expired))).toBe(result);
    expect(isErased).toBe(true);
    expect(held(storage).length > 0).toBe(isCareless);
  });
});

/** The open invitation that keeps the expired one from being opened again. */
function openFormer(storage: MemoryStorage) {
  const open = storage
    .dump()
    .invitations.find(
      ({ recipient, state }) =>
        state === 'open' &&
        recipient !== null &&
        'email' in recipient &&
        recipient.email.toLowerCase() === former,
    );
  return { workspaceId: open?.workspaceId ?? '', invitationId: open?.id ?? '' };
}
