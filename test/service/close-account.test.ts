// Closing an account: what ends with it, at which commit, and that nothing returns.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import {
  defaultMatrix,
  isWorkspaceError,
  type StorageAdapter,
  type UserActor,
  type WorkspaceService,
} from '../../src/index.js';
import { countingIds, violations } from '../../src/testing/index.js';
import { canonicalWorld } from '../../src/testing/worlds.js';
import { aroundStorage } from './around-storage.js';
import { interleavedStorage } from './interleaved-storage.js';
import {
  ada,
  createTeam,
  dev,
  join,
  mia,
  openAccounts,
  outcome,
  refusal,
  root,
  sam,
  serviceOn,
} from './team.js';

const role = 'developer';
const address = { email: 'Dev@Example.org', emailVerified: true } as const;
const sound = (storage: MemoryStorage, now: number) =>
  violations(storage.dump(), { matrix: defaultMatrix, now });

/** Dev is a member of two teams, has invited to one of them, and has three open invitations to others. */
async function scene(wrap?: (storage: StorageAdapter) => StorageAdapter) {
  const quota = memoryQuota({ defaults: { pods: '10' } });
  const team = await createTeam({ quota }, wrap);
  const { workspaces } = team;
  const { id: second } = await workspaces.createWorkspace(mia, { name: 'Second' });
  const { id: third } = await workspaces.createWorkspace(mia, { name: 'Third' });
  const { id: fourth } = await workspaces.createWorkspace(sam, { name: 'Fourth' });
  const { token } = await workspaces.inviteMember(mia, { workspaceId: second, role: 'manager' });
  await workspaces.acceptInvitation({ ...dev, ...address }, { token });
  await workspaces.inviteMember(dev, { workspaceId: second, role });
  await workspaces.inviteMember(mia, { workspaceId: third, role, recipient: dev });
  await workspaces.inviteMember(mia, { workspaceId: third, role, recipient: { email: 'dev@example.org' } });
  const forDev = await workspaces.inviteMember(sam, { workspaceId: fourth, role, recipient: dev });
  const { id: home } = (await workspaces.openAccount({ userId: 'dev', username: 'dev' })).workspace;
  await workspaces.reserveQuota(dev, { workspaceId: home, reservationId: 'r', amounts: { pods: '1' } });
  return { ...team, second, third, fourth, home, forDev, quota };
}

/** Every call by a user, about the user alone. */
async function answersTo(
  workspaces: WorkspaceService,
  actor: UserActor,
  place: Readonly<Record<string, string>>,
) {
  const { team = '', home = '', token = '' } = place;
  const permission = 'workspace:view';
  return {
    active: await outcome(workspaces.activeWorkspace(actor)),
    listed: await outcome(workspaces.listWorkspaces(actor)),
    events: await outcome(workspaces.listAccountEvents(actor, { userId: actor.userId })),
    renamed: await outcome(workspaces.renameAccount(actor, { userId: actor.userId, username: 'x' })),
    created: await outcome(workspaces.createWorkspace(actor, { name: 'x' })),
    switched: await outcome(workspaces.switchWorkspace(actor, { workspaceId: team })),
    accepted: await outcome(workspaces.acceptInvitation(actor, { token })),
    team: await outcome(workspaces.authorize(actor, { workspaceId: team, permission })),
    home: await outcome(workspaces.authorize(actor, { workspaceId: home, permission })),
    can: await workspaces.can(actor, { workspaceId: home, permission }),
  };
}

describe('closing an account', () => {
  test('A-09 ends memberships and invitations by and for the user, and frees the username', async () => {
    const { workspaces, storage, clock, workspaceId, second, third, fourth, home, forDev } = await scene();
    const session = await workspaces.switchWorkspace(dev, { workspaceId });
    await workspaces.closeAccount(dev, { userId: 'dev', confirmUsername: 'dev' });

    const world = storage.dump();
    expect(sound(storage, clock.now())).toEqual([]);
    expect(world.members.filter(({ userId }) => userId === 'dev')).toEqual([]);
    const open = world.invitations.filter(({ state }) => state === 'open');
    expect(open).toEqual([]);
    expect(world.tombstones).toEqual([home]);
    const reasons = world.events.flatMap((event) =>
      event.type === 'invitation.revoked' ? [[event.workspaceId, event.data.reason]] : [],
    );
    expect(reasons.sort()).toEqual(
      [
        [second, 'issuer-left'],
        [third, 'recipient-closed'],
        [third, 'recipient-closed'],
        [fourth, 'recipient-closed'],
      ].sort(),
    );
    const left = world.events.filter((event) => event.type === 'member.left');
    expect(left.map(({ actor, data }) => [actor, data])).toEqual([
      [dev, { userId: 'dev', role: 'developer', reason: 'account-closed' }],
      [dev, { userId: 'dev', role: 'manager', reason: 'account-closed' }],
    ]);

    expect(await outcome(workspaces.verifySession({ token: session.token, fresh: true }))).toBe(
      'SESSION_STALE',
    );
    const place = { team: workspaceId, home, token: forDev.token };
    expect(await answersTo(workspaces, dev, place)).toEqual({
      active: 'ACCOUNT_NOT_FOUND',
      listed: 'ACCOUNT_NOT_FOUND',
      events: 'ACCOUNT_NOT_FOUND',
      renamed: 'ACCOUNT_NOT_FOUND',
      created: 'ACCOUNT_NOT_FOUND',
      switched: 'WORKSPACE_NOT_FOUND',
      accepted: 'ACCOUNT_NOT_FOUND',
      team: 'WORKSPACE_NOT_FOUND',
      home: 'WORKSPACE_NOT_FOUND',
      can: false,
    });
    const { items } = await workspaces.listAccountEvents(root, { userId: 'dev', order: 'newest' });
    expect(items.slice(0, 2).map(({ type }) => type)).toEqual(['account.closed', 'account.close-started']);
    const { account } = await workspaces.openAccount({ userId: 'other', username: 'DEV' });
    expect(account.username).toBe('DEV');
  });

  test('A-09 the quota of the personal workspace is gone with it', async () => {
    const { workspaces, quota, home } = await scene();
    await workspaces.closeAccount(root, { userId: 'dev' });
    const subject = { workspaceId: home, kind: 'personal', ownerId: 'dev' } as const;
    expect(await quota.report(subject, 0)).toEqual({ ok: false, reason: 'gone' });
  });

  test('A-09 an operator ends the invitations to the addresses with which the user joined', async () => {
    const { workspaces, storage } = await scene();
    await workspaces.closeAccount(root, { userId: 'dev' });
    expect(storage.dump().invitations.filter(({ state }) => state === 'open')).toEqual([]);
    const closed = storage.dump().events.find(({ type }) => type === 'account.closed');
    expect(closed?.actor).toEqual(root);
  });

  test('A-09 a user ends the invitations to the verified address of the call, and to no unverified one', async () => {
    const { workspaces, storage } = await scene();
    const recipient = { email: 'new@example.org' };
    const { id: workspaceId } = await workspaces.createWorkspace(sam, { name: 'Fifth' });
    await workspaces.inviteMember(sam, { workspaceId, role, recipient });
    const open = () => storage.dump().invitations.filter(({ state }) => state === 'open').length;
    await openAccounts(workspaces, 'eve', 'fay');
    await workspaces.closeAccount({ userId: 'eve', ...recipient, emailVerified: false }, { userId: 'eve' });
    const before = open();
    await workspaces.closeAccount({ userId: 'fay', ...recipient, emailVerified: true }, { userId: 'fay' });
    expect(open()).toBe(before - 1);
  });

  test('A-09 is refused while the user owns a team, to others, and with another username', async () => {
    const { workspaces, storage, workspaceId } = await scene();
    const before = storage.dump();
    const owns = await refusal(workspaces.closeAccount(ada, { userId: 'ada' }));
    expect([owns.code, owns.details]).toEqual([
      'ACCOUNT_OWNS_WORKSPACES',
      { userId: 'ada', count: 1, workspaceId },
    ]);
    // To others it is as unknown as an id that was never used.
    for (const userId of ['ada', 'dev', 'never']) {
      const answer = await refusal(workspaces.closeAccount(sam, { userId }));
      expect([answer.code, answer.details]).toEqual(['ACCOUNT_NOT_FOUND', { userId }]);
    }
    expect(await outcome(workspaces.closeAccount(root, { userId: 'never' }))).toBe('ACCOUNT_NOT_FOUND');
    const typo = await refusal(workspaces.closeAccount(dev, { userId: 'dev', confirmUsername: 'Dev' }));
    expect([typo.code, typo.details]).toEqual(['CONFIRMATION_MISMATCH', { userId: 'dev' }]);
    expect(storage.dump()).toEqual(before);
    await workspaces.deleteWorkspace(ada, { workspaceId });
    expect(await outcome(workspaces.closeAccount(ada, { userId: 'ada' }))).toBe('ok');
  });

  test('A-09 the refusal names no workspace if the only one has changed hands meanwhile', async () => {
    const { workspaces, storage } = await scene();
    const emptied = serviceOn({ ...storage, listWorkspaces: () => Promise.resolve([]) });
    const { details } = await refusal(emptied.closeAccount(ada, { userId: 'ada' }));
    expect(details).toEqual({ userId: 'ada', count: 1, workspaceId: null });
    expect(await outcome(workspaces.activeWorkspace(ada))).toBe('ok');
  });

  test('A-09 a call for a closed account changes nothing, for the user and for operators', async () => {
    const { workspaces, storage } = await scene();
    await workspaces.closeAccount(dev, { userId: 'dev' });
    const before = storage.dump();
    await workspaces.closeAccount(dev, { userId: 'dev', confirmUsername: 'whatever' });
    await workspaces.closeAccount(root, { userId: 'dev' });
    expect(await outcome(workspaces.closeAccount(mia, { userId: 'dev' }))).toBe('ACCOUNT_NOT_FOUND');
    expect(storage.dump()).toEqual(before);
  });

  test('A-09 from the first commit on the user cannot sign in, join, own, switch, rename or invite', async () => {
    let isFailing = false;
    const { workspaces, storage, workspaceId, fourth, forDev, home } = await scene((inner) =>
      aroundStorage(inner, (run, { method }) =>
        isFailing && method === 'listWorkspaces' ? Promise.reject(new Error('lost')) : run(),
      ),
    );
    isFailing = true;
    expect(await outcome(workspaces.closeAccount(dev, { userId: 'dev' }))).toBe('UNAVAILABLE');
    isFailing = false;
    const before = storage.dump();
    expect(before.accounts.find(({ userId }) => userId === 'dev')?.status).toBe('closing');
    expect(await outcome(workspaces.openAccount({ userId: 'dev', username: 'dev' }))).toBe('ACCOUNT_CLOSING');
    expect(await outcome(workspaces.openAccount({ userId: 'new', username: 'dev' }))).toBe('USERNAME_TAKEN');
    expect(await answersTo(workspaces, dev, { team: workspaceId, home, token: forDev.token })).toMatchObject({
      active: 'ACCOUNT_NOT_FOUND',
      events: 'ACCOUNT_NOT_FOUND',
      renamed: 'ACCOUNT_NOT_FOUND',
      created: 'ACCOUNT_NOT_FOUND',
      switched: 'WORKSPACE_NOT_FOUND',
      accepted: 'ACCOUNT_NOT_FOUND',
    });
    expect(await outcome(workspaces.transferOwnership(ada, { workspaceId, userId: 'dev' }))).toBe(
      'MEMBER_NOT_FOUND',
    );
    expect(await outcome(workspaces.inviteMember(dev, { workspaceId, role }))).toBe('WORKSPACE_NOT_FOUND');
    expect(await outcome(workspaces.previewInvitation({ token: forDev.token }))).toBe('ok');
    expect(storage.dump()).toEqual(before);
    await workspaces.closeAccount(root, { userId: 'dev' });
    expect(
      storage.dump().invitations.filter(({ workspaceId: id, state }) => id === fourth && state === 'open'),
    ).toEqual([]);
  });

  test('A-09 an interrupted call that is repeated ends the same, wherever it was interrupted', async () => {
    const closed = await scene();
    await closed.workspaces.closeAccount(dev, { userId: 'dev' });
    const expected = canonicalWorld(closed.storage.dump());
    for (const isApplied of [false, true]) {
      for (let at = 0; ; at++) {
        const { storage, clock, quota } = await scene();
        let calls = 0;
        const failing = aroundStorage(storage, async (run) => {
          if (calls++ !== at) return run();
          if (isApplied) await run();
          throw new Error('lost');
        });
        const options = { clock, quota, ids: countingIds('again') };
        const ended = await outcome(serviceOn(failing, options).closeAccount(dev, { userId: 'dev' }));
        expect(sound(storage, clock.now())).toEqual([]);
        await serviceOn(storage, options).closeAccount(dev, { userId: 'dev' });
        expect(canonicalWorld(storage.dump()), `call ${String(at)}`).toBe(expected);
        if (ended === 'ok') {
          expect(at).toBeGreaterThan(10);
          break;
        }
      }
    }
  });

  test('A-09 an outage of the quota leaves the account closing, and the next call finishes', async () => {
    const { workspaces, storage, quota, home } = await scene();
    const down = { ...quota, forget: () => Promise.reject(new Error('down')) };
    expect(await outcome(serviceOn(storage, { quota: down }).closeAccount(dev, { userId: 'dev' }))).toBe(
      'UNAVAILABLE',
    );
    expect(storage.dump().tombstones).toEqual([]);
    await workspaces.closeAccount(dev, { userId: 'dev' });
    expect(storage.dump().tombstones).toEqual([home]);
  });

  test('A-09 a user in 120 workspaces, with 120 invitations, leaves them page by page', async () => {
    const { workspaces, storage } = await createTeam({
      limits: { membersPerWorkspace: 5, openInvitationsPerWorkspace: 5, workspacesPerOwner: 'unlimited' },
      invitationsPerActorPerDay: 'unlimited',
    });
    await openAccounts(workspaces, 'eve');
    for (let n = 0; n < 120; n++) {
      const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: `team ${String(n)}` });
      await join(workspaces, ada, { workspaceId, userId: 'dev', role });
      const { id } = await workspaces.createWorkspace(mia, { name: `team ${String(n)}` });
      await workspaces.inviteMember(mia, { workspaceId: id, role, recipient: dev });
    }
    const sizes: number[] = [];
    const counting = aroundStorage(storage, async (run, { method }) => {
      const answer = await run();
      if (Array.isArray(answer) && method.startsWith('list')) sizes.push(answer.length);
      return answer;
    });
    await serviceOn(counting).closeAccount(dev, { userId: 'dev' });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    const world = storage.dump();
    expect(world.members.filter(({ userId }) => userId === 'dev')).toEqual([]);
    expect(world.invitations.filter(({ state }) => state === 'open')).toEqual([]);
  });

  test('A-09 A-11 more addresses than are searched at a time are all searched', async () => {
    const { workspaces, storage } = await createTeam();
    for (let n = 0; n < 20; n++) {
      const email = `dev${String(n)}@example.org`;
      const { id } = await workspaces.createWorkspace(ada, { name: `joined ${String(n)}` });
      const { token } = await workspaces.inviteMember(ada, { workspaceId: id, role });
      await workspaces.acceptInvitation({ ...dev, email, emailVerified: true }, { token });
      const { id: workspaceId } = await workspaces.createWorkspace(mia, { name: `invited ${String(n)}` });
      await workspaces.inviteMember(mia, { workspaceId, role, recipient: { email } });
    }
    await workspaces.closeAccount(root, { userId: 'dev' });
    expect(storage.dump().invitations.filter(({ state }) => state === 'open')).toEqual([]);
  });
});

describe('opening again', () => {
  test('A-11 is a new account: no membership, invitation, session or active workspace returns', async () => {
    const { workspaces, storage, clock, workspaceId, home, forDev } = await scene();
    const inTeam = await workspaces.switchWorkspace(dev, { workspaceId });
    const atHome = await workspaces.switchWorkspace(dev, { workspaceId: home });
    await workspaces.closeAccount(dev, { userId: 'dev' });
    const { account, workspace } = await workspaces.openAccount({ userId: 'dev', username: 'deva' });
    expect(account).toMatchObject({ username: 'deva', displayName: null, personalWorkspaceId: workspace.id });
    expect(workspace.id).not.toBe(home);
    expect((await workspaces.activeWorkspace(dev)).workspace.id).toBe(workspace.id);
    expect((await workspaces.listWorkspaces(dev)).items).toHaveLength(1);
    expect(await outcome(workspaces.acceptInvitation(dev, { token: forDev.token }))).toBe(
      'INVITATION_REVOKED',
    );
    const stale = async () =>
      Promise.all(
        [inTeam, atHome].map(({ token }) => outcome(workspaces.verifySession({ token, fresh: true }))),
      );
    expect(await stale()).toEqual(['SESSION_STALE', 'SESSION_STALE']);
    await join(workspaces, ada, { workspaceId, userId: 'dev', role });
    expect(await stale()).toEqual(['SESSION_STALE', 'SESSION_STALE']);
    expect(sound(storage, clock.now())).toEqual([]);
    // The new person does not see what the former one did; operators see all of it.
    for (const order of ['oldest', 'newest'] as const) {
      const { items, nextCursor } = await workspaces.listAccountEvents(dev, { userId: 'dev', order });
      expect(items.map(({ type }) => type)).toEqual(['account.opened']);
      expect(nextCursor).toBeNull();
      const all = await workspaces.listAccountEvents(root, { userId: 'dev', order });
      expect(all.items.map(({ type }) => type)).toContain('account.closed');
    }
    // The audit log of the user id goes on, so no two events have one position.
    const keys = storage
      .dump()
      .events.flatMap((event) =>
        'userId' in event && event.userId === 'dev' ? [`${event.version}.${event.index}`] : [],
      );
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('A-11 50 parallel calls open one account with one personal workspace', async () => {
    const { storage, workspaces } = await scene();
    await workspaces.closeAccount(dev, { userId: 'dev' });
    const many = Array.from({ length: 50 }, (_, n) =>
      serviceOn(interleavedStorage(storage, n), { ids: countingIds(`p${String(n)}`) }).openAccount({
        userId: 'dev',
        username: 'dev',
      }),
    );
    const opened = await Promise.all(many);
    expect(new Set(opened.map(({ workspace }) => workspace.id)).size).toBe(1);
    expect(storage.dump().events.filter(({ type }) => type === 'account.opened')).toHaveLength(5);
  });

  test('A-11 the invitations of the day are counted on, so closing does not reset the limit', async () => {
    const { workspaces, workspaceId } = await createTeam({ invitationsPerActorPerDay: 2 });
    await workspaces.inviteMember(mia, { workspaceId, role });
    await workspaces.inviteMember(mia, { workspaceId, role });
    await workspaces.closeAccount(mia, { userId: 'mia' });
    await workspaces.openAccount({ userId: 'mia', username: 'mia' });
    const { id } = await workspaces.createWorkspace(mia, { name: 'Mine' });
    expect(await outcome(workspaces.inviteMember(mia, { workspaceId: id, role }))).toBe('LIMIT_EXCEEDED');
  });

  test('A-11 a slow call that closed the former account ends nothing of the new one', async () => {
    const { storage, workspaces, clock, workspaceId } = await scene();
    let release = (): void => undefined;
    let reached = (): void => undefined;
    const paused = new Promise<void>((resolve) => (reached = resolve));
    const slow = aroundStorage(storage, async (run, { method }) => {
      if (method !== 'listInvitationsFor') return run();
      reached();
      await new Promise<void>((resolve) => (release = resolve));
      return run();
    });
    const closing = serviceOn(slow, { clock }).closeAccount(dev, { userId: 'dev' });
    await paused;
    await workspaces.closeAccount(root, { userId: 'dev' });
    await workspaces.openAccount({ userId: 'dev', username: 'dev' });
    await join(workspaces, ada, { workspaceId, userId: 'dev', role });
    const { id } = await workspaces.createWorkspace(mia, { name: 'Later' });
    await workspaces.inviteMember(mia, { workspaceId: id, role, recipient: dev });
    const before = storage.dump();
    release();
    await closing;
    expect(storage.dump()).toEqual(before);
  });
});

describe('closing while others act on the user', () => {
  test('A-09 with joins, invitations, transfers and new workspaces racing it, in 60 orders', async () => {
    const ended = { closed: 0, owns: 0 };
    for (let seed = 1; seed <= 60; seed++) {
      const { storage, clock, workspaces, workspaceId, second, third, forDev } = await scene();
      const link = await workspaces.inviteMember(mia, { workspaceId: third, role });
      const at = (n: number) =>
        serviceOn(interleavedStorage(storage, seed * 10 + n), { clock, ids: countingIds(`s${String(n)}x`) });
      const [closing] = await Promise.all([
        outcome(at(0).closeAccount(dev, { userId: 'dev' })),
        outcome(at(1).acceptInvitation(dev, { token: forDev.token })),
        outcome(at(2).acceptInvitation(dev, { token: link.token })),
        outcome(at(3).transferOwnership(ada, { workspaceId, userId: 'dev' })),
        outcome(at(4).transferOwnership(mia, { workspaceId: second, userId: 'dev' })),
        outcome(at(5).createWorkspace(dev, { name: 'Mine' })),
        outcome(at(6).removeMember(ada, { workspaceId, userId: 'dev' })),
        outcome(at(7).inviteMember(dev, { workspaceId: second, role })),
        outcome(at(8).closeAccount(root, { userId: 'dev' })),
      ]);
      expect(sound(storage, clock.now())).toEqual([]);
      const account = storage.dump().accounts.find(({ userId }) => userId === 'dev');
      if (closing === 'ok') {
        ended.closed += 1;
        expect(account?.status).toBe('closed');
      } else {
        ended.owns += 1;
        expect([closing, account?.status]).toEqual(['ACCOUNT_OWNS_WORKSPACES', 'open']);
      }
    }
    expect(Math.min(ended.closed, ended.owns)).toBeGreaterThan(3);
  });

  test('A-09 the race finds a storage that does not compare the versions of accounts', async () => {
    let found = 0;
    for (let seed = 1; seed <= 60 && found === 0; seed++) {
      const { storage, clock, workspaces, third } = await scene();
      const { token } = await workspaces.inviteMember(mia, { workspaceId: third, role });
      const careless: StorageAdapter = {
        ...storage,
        commit: (commit) =>
          storage.commit({ ...commit, expect: commit.expect.filter((one) => !('account' in one)) }),
      };
      const at = (n: number) => serviceOn(interleavedStorage(careless, seed * 10 + n), { clock });
      await Promise.allSettled([
        at(0).closeAccount(dev, { userId: 'dev' }),
        at(1).acceptInvitation(dev, { token }),
        at(2).createWorkspace(dev, { name: 'Mine' }),
      ]).then((results) => {
        for (const result of results)
          if (result.status === 'rejected' && !isWorkspaceError(result.reason)) throw result.reason;
      });
      found += sound(storage, clock.now()).length;
    }
    expect(found).toBeGreaterThan(0);
  });
});

test('A-09 without unique usernames, closing frees nothing that another account holds', async () => {
  const storage = memoryStorage();
  const workspaces = serviceOn(storage, { uniqueUsernames: false });
  for (const userId of ['one', 'two']) await workspaces.openAccount({ userId, username: 'ada' });
  await workspaces.closeAccount({ userId: 'one' }, { userId: 'one' });
  await workspaces.openAccount({ userId: 'one', username: 'ada' });
  expect(new Set(storage.dump().accounts.map(({ usernameKey }) => usernameKey)).size).toBe(2);
});
