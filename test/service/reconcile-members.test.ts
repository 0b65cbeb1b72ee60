// The members of a directory: made equal to its desired state, whatever else is in the workspace.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultMatrix,
  type Reconciliation,
  type StorageAdapter,
  type WorkspaceService,
} from '../../src/index.js';
import { violations } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { aroundStorage } from './around-storage.js';
import { openTransaction } from './open-transaction.js';
import {
  ada,
  callUntyped,
  createTeam,
  crowd,
  dev,
  eve,
  mia,
  outcomeOf,
  refusalOf,
  root,
  sam,
  trailOf,
  unlimited,
  type ServiceOptions,
  type Team,
} from './invitation-team.js';

type Role = 'manager' | 'developer';
const role = 'developer';
const wanted = (userId: string, given: Role = role) => ({ userId, role: given });
const limits = { ...unlimited, membersPerWorkspace: 5 };

/** A reconciliation by `directory`, unless another is named. */
function reconcile(
  { workspaces, workspaceId }: Pick<Team, 'workspaces' | 'workspaceId'>,
  members: readonly { readonly userId: string; readonly role: Role; readonly email?: string }[],
  more: { readonly managedBy?: string; readonly dryRun?: boolean } = {},
): Promise<Reconciliation> {
  return workspaces.reconcileMembers(root, { workspaceId, managedBy: 'directory', members, ...more });
}

/** The members as `userId role directory`, in the order of their names. */
function membersOf({ storage, workspaceId }: Team): string[] {
  return storage
    .dump()
    .members.filter((one) => one.workspaceId === workspaceId)
    .map(({ userId, role: held, managedBy }) => `${userId} ${held} ${String(managedBy)}`)
    .sort();
}

const team = ['ada owner null', 'dev developer null', 'mia manager null'];

function expectSound({ storage, clock }: Team): void {
  expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now(), limits: unlimited })).toEqual(
    [],
  );
}

describe('reconcileMembers', () => {
  test('M-14 adds, changes and removes until the directory has exactly the members that it wants', async () => {
    const scene = await createTeam();
    expect(await reconcile(scene, [wanted('sam'), wanted('eve', 'manager')])).toEqual({
      added: [wanted('sam'), wanted('eve', 'manager')],
      changed: [],
      removed: [],
      kept: [{ userId: 'ada', code: 'OWNER_REQUIRED' }],
      refused: [],
    });
    expect(trailOf(scene).slice(-2)).toMatchObject([
      {
        type: 'member.joined',
        actor: root,
        data: { ...wanted('sam'), invitationId: null, managedBy: 'directory' },
      },
      { type: 'member.joined', data: { userId: 'eve', managedBy: 'directory' } },
    ]);
    expect(await reconcile(scene, [wanted('eve')])).toEqual({
      added: [],
      changed: [{ userId: 'eve', from: 'manager', to: role }],
      removed: [wanted('sam')],
      kept: [{ userId: 'ada', code: 'OWNER_REQUIRED' }],
      refused: [],
    });
    expect(trailOf(scene).slice(-2)).toMatchObject([
      { type: 'member.removed', actor: root, data: wanted('sam') },
      { type: 'member.role-changed', actor: root, data: { userId: 'eve', from: 'manager', to: role } },
    ]);
    expect(membersOf(scene)).toEqual([...team, 'eve developer directory'].sort());
    const { member } = await scene.workspaces.getMembership(eve, { workspaceId: scene.workspaceId });
    expect(member.managedBy).toBe('directory');
    const { items } = await scene.workspaces.listMembers(ada, { workspaceId: scene.workspaceId });
    expect(items.map(({ userId, managedBy }) => `${userId} ${String(managedBy)}`).sort()).toEqual([
      'ada null',
      'dev null',
      'eve directory',
      'mia null',
    ]);
    expectSound(scene);
  });

  test('M-14 the same state again changes nothing and emits no event', async () => {
    const scene = await createTeam();
    await reconcile(scene, [wanted('sam'), wanted('eve', 'manager')]);
    const before = scene.storage.dump();
    expect(await reconcile(scene, [wanted('sam'), wanted('eve', 'manager')])).toMatchObject({
      added: [],
      changed: [],
      removed: [],
      kept: [
        { userId: 'sam', code: null },
        { userId: 'eve', code: null },
        { userId: 'ada', code: 'OWNER_REQUIRED' },
      ],
      refused: [],
    });
    expect(scene.storage.dump()).toEqual(before);
  });

  test('M-14 is for operators alone, in team workspaces, outside of a transaction', async () => {
    const scene = await createTeam();
    const { workspaces, workspaceId, storage } = scene;
    const home = (await workspaces.activeWorkspace(sam)).workspace.id;
    const input = { workspaceId, managedBy: 'directory', members: [wanted('sam')] };
    const before = storage.dump();
    for (const actor of [ada, mia, sam])
      expect(await outcomeOf(callUntyped(workspaces, 'reconcileMembers', [actor, input]))).toBe(
        'INVALID_INPUT',
      );
    for (const dryRun of [false, true]) {
      const call = (id: string) => workspaces.reconcileMembers(root, { ...input, workspaceId: id, dryRun });
      expect(await refusalOf(call('nowhere'))).toMatchObject({
        code: 'WORKSPACE_NOT_FOUND',
        details: { workspaceId: 'nowhere' },
      });
      expect(await refusalOf(call(home))).toMatchObject({
        code: 'PERSONAL_WORKSPACE',
        details: { workspaceId: home, operation: 'reconcile-members' },
      });
    }
    const { inside } = await openTransaction(workspaces, { storage });
    await expect(inside.reconcileMembers(root, input)).rejects.toThrow(TypeError);
    expect(storage.dump()).toEqual(before);
  });

  test("M-14 two directories never touch each other's members, and none those of no directory", async () => {
    const scene = await createTeam();
    const { workspaceId } = scene;
    await reconcile(scene, [wanted('sam')], { managedBy: 'okta' });
    const { refused, removed } = await reconcile(scene, [wanted('sam', 'manager'), wanted('dev', 'manager')]);
    expect(refused).toEqual([
      {
        userId: 'sam',
        code: 'MEMBER_MANAGED',
        details: { workspaceId, userId: 'sam', managedBy: 'okta' },
      },
      { userId: 'dev', code: 'ALREADY_MEMBER', details: { workspaceId, userId: 'dev' } },
    ]);
    expect(removed).toEqual([]);
    await reconcile(scene, [wanted('eve')]);
    await reconcile(scene, [], { managedBy: 'okta' });
    expect(membersOf(scene)).toEqual([...team, 'eve developer directory'].sort());
    // Another spelling is another directory.
    expect((await reconcile(scene, [], { managedBy: 'Directory' })).removed).toEqual([]);
  });

  test('M-14 the owner is never removed or changed, managed or not, named or not', async () => {
    const scene = await createTeam();
    const { workspaces, workspaceId } = scene;
    const kept = { userId: 'ada', code: 'OWNER_REQUIRED' };
    expect((await reconcile(scene, [wanted('ada'), wanted('sam')])).kept).toEqual([kept]);
    await workspaces.transferOwnership(ada, { workspaceId, userId: 'sam' });
    for (const members of [[], [wanted('sam')]]) {
      const { kept: left, removed, changed } = await reconcile(scene, members);
      expect({ left, removed, changed }).toEqual({
        left: [{ userId: 'sam', code: 'OWNER_REQUIRED' }],
        removed: [],
        changed: [],
      });
    }
    expect(membersOf(scene)).toContain('sam owner directory');
    // The former owner is managed by no directory, the former new one by its directory again.
    await workspaces.transferOwnership(sam, { workspaceId, userId: 'ada' });
    expect((await reconcile(scene, [])).removed).toEqual([wanted('sam', 'manager')]);
    expectSound(scene);
  });

  test('M-14 an offer of the ownership to a managed member ends with the removal', async () => {
    const scene = await createTeam();
    const { workspaces, workspaceId } = scene;
    await reconcile(scene, [wanted('sam')]);
    await workspaces.offerOwnership(ada, { workspaceId, userId: 'sam' });
    await reconcile(scene, []);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).ownershipOffer).toBeNull();
    expectSound(scene);
  });

  test('M-14 never over seats: those that open invitations reserve count, and removals free theirs first', async () => {
    const scene = await createTeam({ limits });
    const { workspaces, workspaceId } = scene;
    const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role });
    const full = await reconcile(scene, [wanted('sam'), wanted('eve')]);
    expect(full.added).toEqual([wanted('sam')]);
    expect(full.refused).toEqual([
      {
        userId: 'eve',
        code: 'LIMIT_EXCEEDED',
        details: { which: 'membersPerWorkspace', limit: 5, current: 5, requested: 1 },
      },
    ]);
    const replaced = await reconcile(scene, [wanted('eve')]);
    expect([replaced.removed, replaced.added]).toEqual([[wanted('sam')], [wanted('eve')]]);
    await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
    expect((await reconcile(scene, [wanted('eve'), wanted('sam')])).added).toEqual([wanted('sam')]);
    expectSound(scene);
  });

  test('M-14 M-10 an open invitation for the person ends with it, and gives its seat', async () => {
    const scene = await createTeam({ limits });
    const { workspaces, workspaceId } = scene;
    await workspaces.inviteMember(ada, { workspaceId, role, recipient: sam });
    const email = 'eve@tenantry.test';
    await workspaces.inviteMember(ada, { workspaceId, role, recipient: { email } });
    const { added, refused } = await reconcile(scene, [
      wanted('sam'),
      { ...wanted('eve'), email: 'EVE@tenantry.test' },
    ]);
    expect([added, refused]).toEqual([[wanted('sam'), wanted('eve')], []]);
    expect((await workspaces.listInvitations(ada, { workspaceId, status: 'open' })).items).toEqual([]);
    // She cannot be invited at that address while she is a member.
    expect(await outcomeOf(workspaces.inviteMember(ada, { workspaceId, role, recipient: { email } }))).toBe(
      'ALREADY_MEMBER',
    );
    expectSound(scene);
  });

  test('M-14 expired invitations hold no seat, and end once', async () => {
    const scene = await createTeam({ limits });
    const { workspaces, workspaceId, clock } = scene;
    for (const recipient of [undefined, sam])
      await workspaces.inviteMember(ada, { workspaceId, role, recipient, expiresInSeconds: 60 });
    clock.advance(60_000);
    const { added } = await reconcile(scene, [wanted('sam'), wanted('eve')]);
    expect(added).toEqual([wanted('sam'), wanted('eve')]);
    expect(trailOf(scene).filter(({ type }) => type === 'invitation.expired')).toHaveLength(2);
    expectSound(scene);
  });

  test('M-14 M-07 whoever is removed or demoted loses the invitations they issued, several in one commit', async () => {
    const scene = await createTeam();
    const { workspaces, workspaceId, storage } = scene;
    await reconcile(scene, [wanted('sam', 'manager'), wanted('eve', 'manager')]);
    for (const actor of [sam, eve]) await workspaces.inviteMember(actor, { workspaceId, role });
    // An invitation for the other one: it ends by the removal, not by the joining.
    const { version } = await workspaces.getWorkspace(ada, { workspaceId });
    await reconcile(scene, [wanted('eve')]);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).version).toBe(version + 1);
    expect(
      trailOf(scene)
        .filter(({ version: at }) => at > version)
        .map((event) => ('reason' in event.data ? `${event.type} ${event.data.reason ?? ''}` : event.type)),
    ).toEqual([
      'member.removed',
      'invitation.revoked issuer-removed',
      'member.role-changed',
      'invitation.revoked issuer-lost-right',
    ]);
    await reconcile(scene, []);
    expect(storage.dump().departures).toMatchObject([{ userId: 'sam', role: 'manager' }]);
    expectSound(scene);
  });

  test('M-09 M-14 a removed member comes back by an old link with at most the role held then', async () => {
    const scene = await createTeam();
    const { workspaces, workspaceId } = scene;
    await reconcile(scene, [wanted('sam'), wanted('eve')]);
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'manager', maxUses: 5 });
    await reconcile(scene, []);
    for (const actor of [sam, eve])
      expect((await workspaces.acceptInvitation(actor, { token })).member).toMatchObject({
        role,
        managedBy: null,
      });
  });

  test('M-14 accounts that do not exist, are closing or closed are refused', async () => {
    const scene = await createTeam();
    const { workspaces, storage } = scene;
    await reconcile(scene, [wanted('sam'), wanted('eve')]);
    await workspaces.closeAccount(root, { userId: 'sam' });
    const failing = aroundStorage(storage, (run, { method }) =>
      method === 'listWorkspaces' ? Promise.reject(new Error('lost')) : run(),
    );
    await outcomeOf(scene.service({ storage: failing }).closeAccount(root, { userId: 'eve' }));
    const { refused } = await reconcile(scene, [wanted('sam'), wanted('eve'), wanted('no one')]);
    expect(refused).toEqual(
      ['eve', 'sam', 'no one'].map((userId) => ({ userId, code: 'ACCOUNT_NOT_FOUND', details: { userId } })),
    );
    expect((await reconcile(scene, [])).removed).toEqual([wanted('eve')]);
    expect(membersOf(scene)).toEqual(team);
  });

  test('M-14 W-08 while suspended members are removed, and none are added or changed', async () => {
    const scene = await createTeam();
    const { workspaces, workspaceId } = scene;
    await reconcile(scene, [wanted('sam'), wanted('eve')]);
    await workspaces.closeAccount(root, { userId: 'mia' });
    await workspaces.suspendWorkspace(root, { workspaceId, reason: 'unpaid' });
    const suspended = { code: 'WORKSPACE_SUSPENDED', details: { workspaceId, reason: 'unpaid' } };
    await workspaces.openAccount({ userId: 'new', username: 'new' });
    expect(await reconcile(scene, [wanted('eve', 'manager'), wanted('new')])).toMatchObject({
      added: [],
      changed: [],
      removed: [wanted('sam')],
      refused: [
        { userId: 'eve', ...suspended },
        { userId: 'new', ...suspended },
      ],
    });
  });

  test('M-14 a role that no one can grant is refused for its user alone', async () => {
    const scene = await createTeam();
    const call = callUntyped(scene.workspaces, 'reconcileMembers', [
      root,
      {
        workspaceId: scene.workspaceId,
        managedBy: 'directory',
        members: [wanted('sam'), { userId: 'eve', role: 'owner' }, { userId: 'dev', role: 'none' }],
      },
    ]);
    expect(await call).toMatchObject({
      added: [wanted('sam')],
      refused: [
        { userId: 'eve', code: 'PERMISSION_DENIED', details: { role: null, grant: 'owner' } },
        { userId: 'dev', code: 'ALREADY_MEMBER' },
      ],
    });
    expect(
      await callUntyped(scene.workspaces, 'reconcileMembers', [
        root,
        {
          workspaceId: scene.workspaceId,
          managedBy: 'directory',
          members: [{ userId: 'sam', role: 'owner' }],
        },
      ]),
    ).toMatchObject({ refused: [{ userId: 'sam', code: 'PERMISSION_DENIED' }] });
  });

  test('M-14 users cannot change, remove or leave as managed members; operators and closing can', async () => {
    const scene = await createTeam();
    const { workspaces, workspaceId, storage } = scene;
    await reconcile(scene, [wanted('sam'), wanted('eve')]);
    const details = { workspaceId, userId: 'sam', managedBy: 'directory' };
    const target = { workspaceId, userId: 'sam' };
    const onBehalf = { ...ada, onBehalfOf: { operator: 'help desk', reason: 'asked to' } };
    const before = storage.dump();
    for (const call of [
      () => workspaces.changeRole(ada, { ...target, role: 'manager' }),
      () => workspaces.changeRole(ada, { ...target, role }),
      () => workspaces.removeMember(ada, target),
      () => workspaces.removeMember(onBehalf, { ...target, closeLinks: true }),
      () => workspaces.removeMember(sam, target),
      () => workspaces.leaveWorkspace(sam, { workspaceId }),
    ])
      expect(await refusalOf(call())).toMatchObject({ code: 'MEMBER_MANAGED', details });
    // Those without the right learn nothing new.
    expect(await outcomeOf(workspaces.removeMember(dev, target))).toBe('PERMISSION_DENIED');
    expect(storage.dump()).toEqual(before);

    await workspaces.changeRole(root, { ...target, role: 'manager' });
    expect((await reconcile(scene, [wanted('sam'), wanted('eve')])).changed).toEqual([
      { userId: 'sam', from: 'manager', to: role },
    ]);
    await workspaces.removeMember(root, target);
    await workspaces.closeAccount(eve, { userId: 'eve' });
    expect(membersOf(scene)).toEqual(team);
  });
});

/** What a directory wants of whom, drawn at random. */
const people = ['ada', 'dev', 'sam', 'eve', 'user-0', 'user-1', 'no one'] as const;
const desired = fc.uniqueArray(
  fc.record({ userId: fc.constantFrom(...people), role: fc.constantFrom<Role>('manager', 'developer') }),
  { selector: ({ userId }) => userId, maxLength: people.length },
);
const step = fc.record({ managedBy: fc.constantFrom('entra', 'okta'), members: desired });

/** The answer of the rule, in a few lines: the model that the service is compared with. */
function modelled(
  members: Map<string, { role: string; managedBy: string | null }>,
  {
    managedBy,
    members: list,
  }: { readonly managedBy: string; readonly members: readonly { userId: string; role: string }[] },
  seats: number,
): Record<string, string> {
  const answer: Record<string, string> = { ada: 'kept' };
  const own = (userId: string) => members.get(userId)?.managedBy === managedBy;
  for (const userId of [...members.keys()]) {
    if (!own(userId) || list.some((one) => one.userId === userId)) continue;
    members.delete(userId);
    answer[userId] = 'removed';
  }
  for (const { userId, role: given } of list) {
    const member = members.get(userId);
    if (userId === 'ada') continue;
    if (member !== undefined && own(userId)) {
      answer[userId] = member.role === given ? 'kept' : 'changed';
      members.set(userId, { ...member, role: given });
    } else if (member !== undefined) {
      answer[userId] = member.managedBy === null ? 'ALREADY_MEMBER' : 'MEMBER_MANAGED';
    } else if (userId === 'no one') answer[userId] = 'ACCOUNT_NOT_FOUND';
    else if (members.size >= seats) answer[userId] = 'LIMIT_EXCEEDED';
    else {
      members.set(userId, { role: given, managedBy });
      answer[userId] = 'added';
    }
  }
  return answer;
}

function answered({ added, changed, removed, kept, refused }: Reconciliation): Record<string, string> {
  const of = (list: readonly { readonly userId: string }[], kind: string) =>
    list.map(({ userId }) => [userId, kind] as const);
  const all = [
    ...of(added, 'added'),
    ...of(changed, 'changed'),
    ...of(removed, 'removed'),
    ...of(kept, 'kept'),
    ...refused.map(({ userId, code }) => [userId, code] as const),
  ];
  const answer = Object.fromEntries(all);
  // No user is in two lists.
  expect(Object.keys(answer)).toHaveLength(all.length);
  return answer;
}

describe('reconcileMembers at random', () => {
  test('M-14 two directories with random states agree with the model, and a dry run with the call', async () => {
    let full = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const scene = await createTeam({ limits });
        await crowd(scene, 2);
        const members = new Map([
          ['ada', { role: 'owner', managedBy: null as string | null }],
          ['mia', { role: 'manager', managedBy: null }],
          ['dev', { role, managedBy: null }],
        ]);
        for (const { managedBy, members: list } of steps) {
          const before = scene.storage.dump();
          const dry = await reconcile(scene, list, { managedBy, dryRun: true });
          expect(scene.storage.dump()).toEqual(before);
          const answer = await reconcile(scene, list, { managedBy });
          expect(dry).toEqual(answer);
          const expected = modelled(members, { managedBy, members: list }, 5);
          expect(answered(answer)).toEqual(expected);
          if (Object.values(expected).includes('LIMIT_EXCEEDED')) full++;
          expect(membersOf(scene)).toEqual(
            [...members].map(([userId, one]) => `${userId} ${one.role} ${String(one.managedBy)}`).sort(),
          );
        }
        expectSound(scene);
      }),
      { numRuns: rounds(100, 2000) },
    );
    expect(full).toBeGreaterThan(0);
  });
});

/** 130 members of a directory: 60 to be removed, 60 to be changed; and 60 to be added. Three of them issue or have invitations. */
async function manySteps(options: ServiceOptions = {}) {
  const scene = await createTeam({ limits: unlimited, ...options });
  const users = (await crowd(scene, 180)).map(({ userId }) => userId);
  const [gone, stay, fresh] = [users.slice(0, 60), users.slice(60, 120), users.slice(120)];
  await reconcile(
    scene,
    [...gone, ...stay].map((userId) => wanted(userId, 'manager')),
  );
  for (const userId of [gone[59] ?? '', stay[59] ?? ''])
    await scene.workspaces.inviteMember({ userId }, { workspaceId: scene.workspaceId, role });
  await scene.workspaces.inviteMember(ada, {
    workspaceId: scene.workspaceId,
    role,
    recipient: { userId: fresh[59] ?? '' },
  });
  const members = [...stay, ...fresh].map((userId) => wanted(userId));
  return { ...scene, members };
}

/** The members, the state of each invitation, and how often each event was about whom: without versions. */
function endOf(scene: Team): unknown {
  const { invitations, departures } = scene.storage.dump();
  return {
    members: membersOf(scene),
    invitations: invitations.map(({ id, state }) => `${id} ${state}`).sort(),
    departures: departures.map(({ userId, role: held }) => `${userId} ${held}`).sort(),
    events: trailOf(scene)
      .map(({ type, data }) => `${type} ${'userId' in data ? data.userId : ''}`)
      .sort(),
  };
}

describe('reconcileMembers in several commits', () => {
  test('M-14 an interrupted call that is repeated ends the same, wherever it was interrupted', async () => {
    const whole = await manySteps();
    await reconcile(whole, whole.members);
    const expected = endOf(whole);
    for (const isApplied of [false, true]) {
      for (let at = 0; ; at++) {
        const scene = await manySteps();
        let calls = 0;
        const failing = aroundStorage(scene.storage, async (run) => {
          if (calls++ !== at) return run();
          if (isApplied) await run();
          throw new Error('lost');
        });
        const ended = await outcomeOf(
          reconcile({ ...scene, workspaces: scene.service({ storage: failing }) }, scene.members),
        );
        expectSound(scene);
        await reconcile(scene, scene.members);
        expect(endOf(scene), `call ${String(at)}`).toEqual(expected);
        if (ended === 'ok') {
          expect(at).toBeGreaterThan(6);
          break;
        }
      }
    }
  });

  test('M-14 a dry run of several steps answers as the call, at the limit too', async () => {
    const scene = await manySteps({ limits: { ...unlimited, membersPerWorkspace: 126 } });
    // All seats but one are in use, so the removals have to free those of the additions.
    const before = scene.storage.dump();
    const dry = await reconcile(scene, scene.members, { dryRun: true });
    expect(scene.storage.dump()).toEqual(before);
    expect(dry).toEqual(await reconcile(scene, scene.members));
    expect([dry.added.length, dry.refused.length]).toEqual([60, 0]);
  });

  test('M-14 1,000 members take a bounded number of storage calls, and again as many reads and no commit', async () => {
    const scene = await createTeam({ limits: unlimited });
    const users = await crowd(scene, 1000);
    const members = users.map(({ userId }) => wanted(userId));
    const counted = async (run: (workspaces: WorkspaceService) => Promise<unknown>) => {
      const calls: Record<string, number> = {};
      const counting: StorageAdapter = aroundStorage(scene.storage, (call, { method }) => {
        calls[method] = (calls[method] ?? 0) + 1;
        return call();
      });
      await run(scene.service({ storage: counting }));
      return calls;
    };
    const call = (workspaces: WorkspaceService) => reconcile({ ...scene, workspaces }, members);
    expect(await counted(call)).toEqual({ listMembers: 1, load: 20, commit: 20 });
    expect(await counted(call)).toEqual({ listMembers: 6, load: 20 });
    expect(await counted((workspaces) => reconcile({ ...scene, workspaces }, []))).toEqual({
      listMembers: 6,
      load: 20,
      commit: 20,
    });
    expect(membersOf(scene)).toEqual(team);
    expectSound(scene);
  });

  test('M-14 what other callers do between the steps is seen by the next one', async () => {
    const scene = await manySteps();
    const { workspaces, workspaceId, storage, members } = scene;
    const late = members.at(-1)?.userId ?? '';
    const early = members[0]?.userId ?? '';
    let commits = 0;
    const interrupted = aroundStorage(storage, async (run, { method }) => {
      const answer = await run();
      if (method === 'commit' && ++commits === 1) {
        await workspaces.addMember(root, { workspaceId, userId: late, role });
        await workspaces.transferOwnership(ada, { workspaceId, userId: early });
      }
      return answer;
    });
    const answer = await reconcile(
      { ...scene, workspaces: scene.service({ storage: interrupted }) },
      members,
    );
    expect(answer.refused).toMatchObject([{ userId: late, code: 'ALREADY_MEMBER' }]);
    expect(answer.kept).toEqual([{ userId: early, code: 'OWNER_REQUIRED' }]);
    expectSound(scene);
  });

  test('M-14 removing does not depend on the source of limits', async () => {
    const scene = await createTeam();
    await reconcile(scene, [wanted('sam')]);
    const down = scene.service({ limits: () => Promise.reject(new Error('down')) });
    const removing = await reconcile({ ...scene, workspaces: down }, []);
    expect(removing.removed).toEqual([wanted('sam')]);
    expect(await outcomeOf(reconcile({ ...scene, workspaces: down }, [wanted('sam')]))).toBe('UNAVAILABLE');
  });
});
