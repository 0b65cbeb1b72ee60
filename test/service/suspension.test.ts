// Suspended workspaces: what each method still does, its reason, and suspensions that commit in the middle of a command.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage, type MemoryStorage } from '../../src/adapters/memory/index.js';
import {
  corePermissions,
  defaultMatrix,
  extendMatrix,
  type MethodName,
  type StorageAdapter,
  WorkspaceService,
} from '../../src/index.js';
import { countingIds, fixedClock, testTokens } from '../../src/testing/index.js';
import { prepare, type Stage } from '../every-method.js';
import { everyMethod } from '../methods.js';
import { aroundStorage } from './around-storage.js';
import { ada, createTeam, dev, formTeam, mia, outcome, refusal, root, sam, serviceOn } from './team.js';

/** `refused`: what adds or spends. `apart`: of an account, or of another workspace. */
const whileSuspended: { readonly [Name in MethodName]: 'works' | 'refused' | 'apart' } = {
  openAccount: 'apart',
  renameAccount: 'apart',
  closeAccount: 'apart',
  findAccounts: 'apart',
  findWorkspaces: 'apart',
  createWorkspace: 'apart',
  activeWorkspace: 'apart',
  listWorkspaces: 'apart',
  listAccountEvents: 'apart',
  listMyInvitations: 'apart',
  listDeletedWorkspaces: 'apart',
  restoreWorkspace: 'apart',
  purgeWorkspaces: 'apart',
  switchWorkspace: 'works',
  verifySession: 'works',
  getWorkspace: 'works',
  getMembership: 'works',
  listMembers: 'works',
  listInvitations: 'works',
  listEvents: 'works',
  previewInvitation: 'works',
  can: 'works',
  authorize: 'works',
  explain: 'works',
  getQuota: 'works',
  suspendWorkspace: 'works',
  resumeWorkspace: 'works',
  deleteWorkspace: 'works',
  leaveWorkspace: 'works',
  removeMember: 'works',
  revokeInvitation: 'works',
  declineInvitation: 'works',
  setQuota: 'works',
  // What was reserved is charged already, and its resource may exist.
  commitQuota: 'works',
  // To the amounts that are charged; more is refused, see settlement.test.ts.
  resizeQuota: 'works',
  releaseQuota: 'works',
  renameWorkspace: 'refused',
  updateAttributes: 'refused',
  transferOwnership: 'refused',
  offerOwnership: 'refused',
  acceptOwnership: 'refused',
  declineOwnership: 'works',
  withdrawOwnershipOffer: 'works',
  inviteMember: 'refused',
  reissueInvitation: 'refused',
  acceptInvitation: 'refused',
  addMember: 'refused',
  // It refuses in its answer, for each user.
  reconcileMembers: 'works',
  changeRole: 'refused',
  reserveQuota: 'refused',
  withQuota: 'refused',
};

const defaults = { cpu: '100', memory: '100Gi' };

async function createStage(
  wrap: (storage: StorageAdapter) => StorageAdapter = (storage) => storage,
): Promise<Stage & { readonly dump: MemoryStorage['dump']; readonly elsewhere: WorkspaceService }> {
  const [storage, clock] = [memoryStorage(), fixedClock()];
  const workspaces = serviceOn(wrap(storage), {
    clock,
    ids: countingIds(),
    quota: memoryQuota({ defaults }),
    deletion: { graceSeconds: 60 },
  });
  const workspaceId = await formTeam(workspaces);
  let names = 0;
  const newName = (): string => `name-${String(++names)}`;
  return {
    workspaces,
    clock,
    workspaceId,
    owner: ada,
    newName,
    dump: () => storage.dump(),
    elsewhere: serviceOn(storage, { clock }),
  };
}

const suspension = (workspaceId: string) => ({ workspaceId, reason: 'unpaid' });

describe('W-08 while a workspace is suspended, each method works or is refused', () => {
  test.each(everyMethod)('%s', async (name) => {
    const stage = await createStage();
    const call = await prepare(stage, name);
    // Some methods act on a workspace of their own.
    const all = stage
      .dump()
      .workspaces.filter(({ deletion }) => deletion === null)
      .map(({ id }) => id);
    for (const id of all) await stage.workspaces.suspendWorkspace(root, suspension(id));
    const before = stage.dump();
    if (whileSuspended[name] === 'refused') {
      const reason = name === 'acceptInvitation' ? null : 'unpaid';
      expect(await refusal(call())).toMatchObject({
        code: 'WORKSPACE_SUSPENDED',
        details: { reason },
      });
      expect(stage.dump()).toEqual(before);
      for (const id of all) await stage.workspaces.resumeWorkspace(root, { workspaceId: id });
    }
    expect(await outcome(call())).toBe('ok');
  });

  test('for operators too', async () => {
    const { workspaces, workspaceId } = await createTeam();
    await workspaces.suspendWorkspace(root, suspension(workspaceId));
    const ends = [
      workspaces.inviteMember(root, { workspaceId, role: 'developer' }),
      workspaces.changeRole(root, { workspaceId, userId: 'dev', role: 'manager' }),
      workspaces.transferOwnership(root, { workspaceId, userId: 'mia' }),
    ].map(outcome);
    expect(new Set(await Promise.all(ends))).toEqual(new Set(['WORKSPACE_SUSPENDED']));
    expect(await outcome(workspaces.removeMember(root, { workspaceId, userId: 'dev' }))).toBe('ok');
  });

  test('and to non-members it looks as it did before', async () => {
    const { workspaces, workspaceId } = await createTeam();
    await workspaces.suspendWorkspace(root, suspension(workspaceId));
    expect(await outcome(workspaces.renameWorkspace(sam, { workspaceId, name: 'x' }))).toBe(
      'WORKSPACE_NOT_FOUND',
    );
    const permission = 'resource:create';
    expect(await workspaces.explain(sam, { workspaceId, permission })).toMatchObject({
      reason: 'not-a-member',
      suspendedFor: null,
    });
  });

  test('a reservation is refused with every permission that it names', async () => {
    const { workspaces, workspaceId } = await createTeam({ quota: memoryQuota({ defaults }) });
    await workspaces.suspendWorkspace(root, suspension(workspaceId));
    const amounts = { cpu: '1' };
    for (const permission of ['resource:view', 'resource:create'] as const) {
      const call = workspaces.reserveQuota(ada, { workspaceId, reservationId: 'r', amounts, permission });
      expect(await outcome(call)).toBe('WORKSPACE_SUSPENDED');
    }
  });
});

test('W-08 can, authorize and explain agree on every permission, of members and operators', async () => {
  const permissions = extendMatrix(defaultMatrix, {
    permissions: ['report:view', 'report:create'],
    whileSuspended: ['report:view'],
    roles: { manager: { permissions: ['report:view', 'report:create'] } },
  });
  const storage = memoryStorage();
  const workspaceId = await formTeam(serviceOn(storage));
  const workspaces = new WorkspaceService({
    storage,
    permissions,
    tokens: testTokens,
  });
  await workspaces.suspendWorkspace(root, suspension(workspaceId));
  const harmless = permissions.permissions.filter((permission) =>
    permissions.permitsWhileSuspended(permission),
  );
  expect(harmless).toContain('report:view');
  expect(harmless).not.toContain('report:create');
  for (const actor of [ada, mia, dev, root]) {
    for (const permission of corePermissions) {
      const question = { workspaceId, permission };
      const role =
        'operator' in actor ? null : actor === ada ? 'owner' : actor === mia ? 'manager' : 'developer';
      const isHeld = role === null || permissions.can(role, permission);
      const allowed = isHeld && harmless.includes(permission);
      expect(await workspaces.can(actor, question)).toBe(allowed);
      const denied = isHeld ? 'WORKSPACE_SUSPENDED' : 'PERMISSION_DENIED';
      expect(await outcome(workspaces.authorize(actor, question))).toBe(allowed ? 'ok' : denied);
      const held = role === null ? 'operator' : 'granted';
      expect(await workspaces.explain(actor, question)).toEqual({
        ...question,
        allowed,
        role,
        reason: isHeld ? (allowed ? held : 'suspended') : 'not-granted',
        suspendedFor: 'unpaid',
      });
    }
  }
});

describe('W-08 a suspension that commits between load and commit', () => {
  const adding = everyMethod.filter((name) => whileSuspended[name] === 'refused');
  const byVersion = adding.filter((name) => !name.endsWith('Quota'));
  test.each(byVersion)('refuses %s, and nothing else changes', async (name) => {
    let between: (() => Promise<unknown>) | null = null;
    const stage = await createStage((storage) =>
      aroundStorage(storage, async (run, { method }) => {
        const first = between;
        if (method === 'commit' && first !== null) {
          between = null;
          await first();
        }
        return run();
      }),
    );
    const call = await prepare(stage, name);
    // A second process: it does not queue behind the command.
    const all = stage
      .dump()
      .workspaces.filter(({ deletion }) => deletion === null)
      .map(({ id }) => id);
    between = () => Promise.all(all.map((id) => stage.elsewhere.suspendWorkspace(root, suspension(id))));
    expect(await outcome(call())).toBe('WORKSPACE_SUSPENDED');
  });
});

test('W-08 the workspace, its lists and its events show the suspension and its reason', async () => {
  const { workspaces, workspaceId } = await createTeam();
  expect(await workspaces.suspendWorkspace(root, suspension(workspaceId))).toMatchObject({
    status: 'suspended',
    suspendedFor: 'unpaid',
  });
  await workspaces.suspendWorkspace(root, { workspaceId, reason: 'abuse' });
  const { items } = await workspaces.listWorkspaces(dev);
  expect(items.map(({ workspace: { status, suspendedFor } }) => [status, suspendedFor])).toEqual([
    ['active', null],
    ['suspended', 'abuse'],
  ]);
  expect(await workspaces.resumeWorkspace(root, { workspaceId })).toMatchObject({ status: 'active' });
  const { items: events } = await workspaces.listEvents(ada, { workspaceId, order: 'newest', limit: 3 });
  expect(events.map(({ type, data }) => [type, data])).toEqual([
    ['workspace.resumed', { reason: 'abuse' }],
    ['workspace.suspended', { reason: 'abuse' }],
    ['workspace.suspended', { reason: 'unpaid' }],
  ]);
});

test('W-08 a personal workspace can be suspended, and its account still renames it', async () => {
  const { workspaces } = await createTeam();
  const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
  const workspaceId = workspace.id;
  await workspaces.suspendWorkspace(root, suspension(workspaceId));
  expect(await workspaces.can(ada, { workspaceId, permission: 'resource:create' })).toBe(false);
  await workspaces.renameAccount(ada, { userId: 'ada', username: 'lovelace' });
  expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('lovelace');
});
