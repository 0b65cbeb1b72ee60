// Deletion with a grace period: what is left meanwhile, restoring, purging, and all of it at once.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import { defaultMatrix, type StorageAdapter, WorkspaceService } from '../../src/index.js';
import { countingIds, fixedClock, testTokens, violations } from '../../src/testing/index.js';
import { everyMethod, fieldsOf, call, inputOf, withoutActor } from '../methods.js';
import { aroundStorage } from './around-storage.js';
import { ada, dev, formTeam, join, mia, outcome, refusal, root, sam, serviceOn } from './team.js';

const GRACE = 3600;
const defaults = { cpu: '4' };

async function start(options: Parameters<typeof serviceOn>[1] = {}) {
  const [storage, clock, quota] = [memoryStorage(), fixedClock(), memoryQuota({ defaults })];
  const service = (more: Parameters<typeof serviceOn>[1] = {}, on: StorageAdapter = storage) =>
    serviceOn(on, { clock, quota, deletion: { graceSeconds: GRACE }, ...options, ...more });
  const workspaces = service({ ids: countingIds() });
  const workspaceId = await formTeam(workspaces);
  const expectSound = (): void => {
    expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
  };
  return { storage, clock, quota, workspaces, workspaceId, service, expectSound };
}

/** A team with everything in it, deleted by its owner. */
async function deleted() {
  const scene = await start();
  const { workspaces, workspaceId, storage } = scene;
  const role = 'developer';
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role, maxUses: 'unlimited' });
  await workspaces.inviteMember(mia, { workspaceId, role, recipient: sam });
  await workspaces.offerOwnership(ada, { workspaceId, userId: 'dev' });
  await workspaces.reserveQuota(ada, {
    workspaceId,
    reservationId: 'held',
    amounts: { cpu: '1' },
    ttlSeconds: 86_400,
  });
  const { token: session } = await workspaces.switchWorkspace(dev, { workspaceId });
  const before = storage.dump();
  await workspaces.deleteWorkspace(ada, { workspaceId });
  return { ...scene, token, session, before };
}

describe('W-09 a workspace that was deleted with a grace period', () => {
  test('W-09 is absent for everyone, by every method that names it', async () => {
    const { workspaces, workspaceId, storage, expectSound } = await deleted();
    const reads = new Set([
      'restoreWorkspace',
      'purgeWorkspaces',
      'findWorkspaces',
      'listEvents',
      'can',
      'explain',
    ]);
    const named = everyMethod.filter(
      (name) => fieldsOf(name).includes('workspaceId') && !withoutActor.has(name),
    );
    const after = storage.dump();
    for (const name of named.filter((one) => !reads.has(one) && one !== 'createWorkspace')) {
      const input = inputOf(name, { workspaceId });
      const isAnswer = Object.hasOwn(input, 'token');
      if (isAnswer) continue;
      for (const actor of [ada, mia, sam, root]) {
        const code = (await refusal(call(workspaces, name, { actor, input }))).code;
        // Some methods are not for this kind of actor.
        expect(['WORKSPACE_NOT_FOUND', 'INVALID_INPUT'], `${name} by ${JSON.stringify(actor)}`).toContain(
          code,
        );
      }
    }
    for (const actor of [ada, mia]) {
      const question = { workspaceId, permission: 'workspace:view' } as const;
      expect(await workspaces.can(actor, question)).toBe(false);
      expect(await workspaces.explain(actor, question)).toMatchObject({ reason: 'not-a-member', role: null });
      expect(await outcome(workspaces.listEvents(actor, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    }
    expect(storage.dump()).toEqual(after);
    expectSound();
  });

  test('W-09 its tokens, sessions and invitations are refused', async () => {
    const { workspaces, workspaceId, token, session, storage } = await deleted();
    const [forSam] = storage.dump().invitations.filter(({ recipient }) => recipient !== null);
    const ids = { workspaceId, invitationId: forSam?.id ?? '' };
    expect(await outcome(workspaces.previewInvitation({ token }))).toBe('INVITATION_INVALID');
    expect(await outcome(workspaces.acceptInvitation(sam, { token }))).toBe('INVITATION_INVALID');
    expect(await outcome(workspaces.acceptInvitation(sam, ids))).toBe('INVITATION_INVALID');
    expect(await outcome(workspaces.declineInvitation(sam, ids))).toBe('INVITATION_INVALID');
    expect((await workspaces.listMyInvitations(sam)).items).toEqual([]);
    expect(await outcome(workspaces.verifySession({ token: session, fresh: true }))).toBe('SESSION_STALE');
    expect(await workspaces.activeWorkspace(dev)).toMatchObject({ source: 'personal' });
    expect((await workspaces.listWorkspaces(mia)).items.map(({ workspace }) => workspace.kind)).toEqual([
      'personal',
    ]);
  });

  test('W-09 its owner lists it, and operators find it and read its events', async () => {
    const { workspaces, workspaceId, clock } = await deleted();
    const { items } = await workspaces.listDeletedWorkspaces(ada);
    expect(items).toMatchObject([
      {
        id: workspaceId,
        status: 'deleted',
        memberCount: 3,
        deletedAt: new Date(clock.now()),
        purgeAt: new Date(clock.now() + GRACE * 1000),
      },
    ]);
    expect((await workspaces.listDeletedWorkspaces(mia)).items).toEqual([]);
    expect(await outcome(workspaces.listDeletedWorkspaces({ userId: 'no one' }))).toBe('ACCOUNT_NOT_FOUND');
    const found = await workspaces.findWorkspaces(root, { status: 'deleted' });
    expect(found.items.map(({ id }) => id)).toEqual([workspaceId]);
    const events = await workspaces.listEvents(root, { workspaceId, order: 'newest', limit: 1 });
    expect(events.items).toMatchObject([
      { type: 'workspace.deleted', data: { name: 'Core', purgeAt: new Date(clock.now() + GRACE * 1000) } },
    ]);
  });

  test('W-09 keeps its name and its id', async () => {
    const { workspaces, workspaceId } = await deleted();
    expect(await outcome(workspaces.createWorkspace(ada, { name: 'core' }))).toBe('NAME_TAKEN');
    expect(await outcome(workspaces.createWorkspace(ada, { name: 'x', workspaceId }))).toBe('ID_TAKEN');
  });

  test('W-09 does not count against workspacesPerOwner, and is restored only within it', async () => {
    const limits = { workspacesPerOwner: 1, membersPerWorkspace: 9, openInvitationsPerWorkspace: 9 };
    const { workspaces, workspaceId, expectSound } = await start({ limits });
    await workspaces.deleteWorkspace(ada, { workspaceId });
    const { id: second } = await workspaces.createWorkspace(ada, { name: 'Second' });
    expect(await refusal(workspaces.restoreWorkspace(ada, { workspaceId }))).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { which: 'workspacesPerOwner', limit: 1, current: 1, requested: 1 },
    });
    await workspaces.deleteWorkspace(ada, { workspaceId: second });
    expect(await outcome(workspaces.restoreWorkspace(ada, { workspaceId }))).toBe('ok');
    expectSound();
  });
});

describe('W-09 restoring', () => {
  test.each([ada, root])('W-09 by %j brings back exactly what was there', async (actor) => {
    const { workspaces, workspaceId, storage, before, clock, expectSound } = await deleted();
    clock.advance(10 * GRACE * 1000);
    const restored = await workspaces.restoreWorkspace(actor, { workspaceId });
    expect(restored).toMatchObject({ id: workspaceId, status: 'active', memberCount: 3 });
    const after = storage.dump();
    const version = (dump: typeof after) =>
      dump.workspaces.find(({ id }) => id === workspaceId)?.version ?? 0;
    const withoutVersions = ({ events: _events, ...dump }: typeof after) => ({
      ...dump,
      accounts: dump.accounts.map((one) => ({ ...one, version: 0 })),
      workspaces: dump.workspaces.map((one) => ({ ...one, version: 0 })),
    });
    expect(withoutVersions(after)).toEqual(withoutVersions(before));
    expect(version(after)).toBe(version(before) + 2);
    expect(await workspaces.getQuota(ada, { workspaceId })).toMatchObject({
      resources: { cpu: { limit: '4' } },
    });
    expectSound();
  });

  test('W-09 keeps a suspension', async () => {
    const { workspaces, workspaceId } = await start();
    await workspaces.suspendWorkspace(root, { workspaceId, reason: 'unpaid' });
    await workspaces.deleteWorkspace(ada, { workspaceId });
    expect(await workspaces.restoreWorkspace(ada, { workspaceId })).toMatchObject({
      status: 'suspended',
      suspendedFor: 'unpaid',
    });
  });

  test('W-09 is for its owner and operators: to others it does not exist', async () => {
    const { workspaces, workspaceId } = await deleted();
    for (const actor of [mia, dev, sam]) {
      expect(await outcome(workspaces.restoreWorkspace(actor, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    }
    await workspaces.restoreWorkspace(ada, { workspaceId });
    // An active one needs the right to delete it, as deleting does.
    expect(await outcome(workspaces.restoreWorkspace(ada, { workspaceId }))).toBe('ok');
    expect(await outcome(workspaces.restoreWorkspace(mia, { workspaceId }))).toBe('PERMISSION_DENIED');
    expect(await outcome(workspaces.restoreWorkspace(sam, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
  });

  test('W-09 T-15 not on behalf of its owner, who may not delete on behalf either', async () => {
    const { workspaces, workspaceId } = await deleted();
    const support = { ...ada, onBehalfOf: { operator: 'help', reason: 'asked to' } };
    expect(await outcome(workspaces.restoreWorkspace(support, { workspaceId }))).toBe('PERMISSION_DENIED');
  });

  test('W-09 without a grace period there is nothing to restore', async () => {
    const { workspaces, workspaceId, storage } = await start({ deletion: { graceSeconds: 0 } });
    await workspaces.deleteWorkspace(ada, { workspaceId });
    expect(storage.dump().tombstones).toEqual([workspaceId]);
    expect(await outcome(workspaces.restoreWorkspace(ada, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    expect((await workspaces.listDeletedWorkspaces(ada)).items).toEqual([]);
  });
});

describe('W-09 purging', () => {
  test('W-09 waits for the grace period to the millisecond, and leaves what W-06 says', async () => {
    const { workspaces, workspaceId, clock, storage, quota, expectSound } = await deleted();
    clock.advance(GRACE * 1000 - 1);
    expect(await workspaces.purgeWorkspaces(root)).toEqual({ purged: [], hasMore: false });
    expect(await outcome(workspaces.restoreWorkspace(root, { workspaceId }))).toBe('ok');
    await workspaces.deleteWorkspace(ada, { workspaceId });
    clock.advance(GRACE * 1000);
    expect(await workspaces.purgeWorkspaces(root)).toEqual({ purged: [workspaceId], hasMore: false });
    const { tombstones, events, ...records } = storage.dump();
    expect(tombstones).toEqual([workspaceId]);
    expect(
      JSON.stringify([records.workspaces, records.members, records.invitations, records.departures]),
    ).not.toContain(workspaceId);
    expect(
      events.filter((event) => 'workspaceId' in event && event.workspaceId === workspaceId).at(-1),
    ).toMatchObject({ type: 'workspace.purged', data: { name: 'Core', ownerId: 'ada' }, actor: root });
    const subject = { workspaceId, kind: 'team', ownerId: 'ada' } as const;
    expect(await quota.report(subject, clock.now())).toMatchObject({ ok: false, reason: 'gone' });
    for (const actor of [ada, root])
      expect(await outcome(workspaces.restoreWorkspace(actor, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    expectSound();
  });

  test('W-09 is bounded by its limit, in the order in which the grace periods end', async () => {
    const { workspaces, clock } = await start();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const { id } = await workspaces.createWorkspace(ada, { name: `Team ${String(n)}` });
      await workspaces.deleteWorkspace(ada, { workspaceId: id });
      ids.push(id);
      clock.advance(1);
    }
    clock.advance(GRACE * 1000);
    expect(await workspaces.purgeWorkspaces(root, { limit: 2 })).toEqual({
      purged: ids.slice(0, 2),
      hasMore: true,
    });
    expect(await workspaces.purgeWorkspaces(root, { limit: 3 })).toEqual({
      purged: ids.slice(2),
      hasMore: false,
    });
  });

  test('W-09 by its id it does not wait, and must be deleted', async () => {
    const { workspaces, workspaceId } = await deleted();
    const { id: active } = await workspaces.createWorkspace(ada, { name: 'Active' });
    for (const id of [active, 'ws-nowhere', (await workspaces.activeWorkspace(sam)).workspace.id])
      expect(await outcome(workspaces.purgeWorkspaces(root, { workspaceId: id }))).toBe(
        'WORKSPACE_NOT_FOUND',
      );
    expect(await workspaces.purgeWorkspaces(root, { workspaceId })).toEqual({
      purged: [workspaceId],
      hasMore: false,
    });
    expect(await outcome(workspaces.purgeWorkspaces(root, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
  });

  test('W-09 that broke off cannot be undone by restoring, and is completed by the next call', async () => {
    const scene = await deleted();
    const { workspaces, workspaceId, clock, storage, expectSound } = scene;
    clock.advance(GRACE * 1000);
    const broken = { ...scene.quota, forget: () => Promise.reject(new Error('the ledger is down')) };
    const failing = scene.service({ quota: broken });
    expect(await outcome(failing.purgeWorkspaces(root))).toBe('UNAVAILABLE');
    expect(await outcome(workspaces.restoreWorkspace(ada, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    expect((await workspaces.listDeletedWorkspaces(ada)).items).toEqual([]);
    const found = await workspaces.findWorkspaces(root, { workspaceId });
    expect(found.items).toMatchObject([{ status: 'purging' }]);
    expect(await workspaces.purgeWorkspaces(root)).toMatchObject({ purged: [workspaceId] });
    expect(storage.dump().tombstones).toEqual([workspaceId]);
    expectSound();
  });

  test('W-09 failed at every storage call and repeated, it ends the same', async () => {
    const ends = new Set<string>();
    let calls = Infinity;
    for (let fail = 0; fail < calls; fail++) {
      const { clock, storage, service, workspaceId, expectSound } = await deleted();
      clock.advance(GRACE * 1000);
      let count = 0;
      const failing = aroundStorage(storage, async (run) => {
        const isBefore = count === Math.floor(fail / 2) && fail % 2 === 0;
        const isAfter = count === Math.floor(fail / 2) && fail % 2 === 1;
        count++;
        if (isBefore) throw new Error('down');
        const value = await run();
        if (isAfter) throw new Error('the acknowledgement was lost');
        return value;
      });
      const first = await outcome(service({}, failing).purgeWorkspaces(root));
      if (first === 'ok') calls = fail;
      await service().purgeWorkspaces(root);
      const { events: _events, ...dump } = storage.dump();
      ends.add(JSON.stringify(dump));
      expect(dump.tombstones).toEqual([workspaceId]);
      expectSound();
    }
    expect(ends.size).toBe(1);
    expect(calls).toBeGreaterThanOrEqual(8);
  });

  test('W-09 does not work inside a transaction of the app', async () => {
    const { storage, workspaces } = await start({ quota: memoryQuota({ defaults }) });
    const inside = workspaces.withTransaction(
      (run) => run({ storage, quota: memoryQuota({ defaults }) }, null),
      (service) => service.purgeWorkspaces(root),
    );
    await expect(inside).rejects.toThrow(TypeError);
  });
});

describe('W-09 A-09 closing an account', () => {
  test('W-09 A-09 purges what the user owns and has deleted, and leaves what others have', async () => {
    const { workspaces, workspaceId, storage, clock, expectSound } = await deleted();
    const { id: others } = await workspaces.createWorkspace(mia, { name: 'Mine' });
    await join(workspaces, mia, { workspaceId: others, userId: 'ada', role: 'developer' });
    await workspaces.deleteWorkspace(mia, { workspaceId: others });
    await workspaces.closeAccount(ada, { userId: 'ada' });
    expect(storage.dump().tombstones).toContain(workspaceId);
    expect(await workspaces.restoreWorkspace(mia, { workspaceId: others })).toMatchObject({ memberCount: 1 });
    clock.advance(1);
    expectSound();
  });

  test('W-09 A-09 an invitation in a deleted workspace ends with its recipient', async () => {
    const { workspaces, workspaceId, storage, expectSound } = await deleted();
    await workspaces.closeAccount(sam, { userId: 'sam' });
    await workspaces.restoreWorkspace(ada, { workspaceId });
    const forSam = storage
      .dump()
      .invitations.filter(({ recipient }) => recipient !== null && 'userId' in recipient);
    expect(forSam.filter(({ state }) => state === 'open')).toEqual([]);
    expectSound();
  });

  test('W-09 A-09 while an owner closes the account, nobody restores', async () => {
    const { workspaces, workspaceId, service, storage } = await deleted();
    const stuck = aroundStorage(storage, (run, { method }) =>
      method === 'listWorkspaces' ? Promise.reject(new Error('down')) : run(),
    );
    expect(await outcome(service({}, stuck).closeAccount(ada, { userId: 'ada' }))).toBe('UNAVAILABLE');
    expect(await refusal(workspaces.restoreWorkspace(root, { workspaceId }))).toMatchObject({
      code: 'ACCOUNT_NOT_FOUND',
      details: { userId: 'ada' },
    });
    expect(await outcome(workspaces.restoreWorkspace(ada, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
  });
});

test.each([-1, 1.5, 315_360_001, '60', null])('deletion.graceSeconds %s is refused', (graceSeconds) => {
  const options = { storage: memoryStorage(), permissions: defaultMatrix, tokens: testTokens };
  const deletion = { graceSeconds: graceSeconds as number };
  expect(() => new WorkspaceService({ ...options, deletion })).toThrow('deletion must be { graceSeconds }');
});
