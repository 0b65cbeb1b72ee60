// Authorization: every cell against an independent table, and no privilege escalation.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  corePermissions,
  definePermissionMatrix,
  defaultMatrix,
  type CorePermission,
  type MethodName,
  type PermissionMatrix,
  type DefaultRole,
  type UserActor,
  type WorkspaceErrorCode,
  type WorkspaceService,
} from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { call, inputOf, methodNames, reservation, type Values } from '../methods.js';
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
  type Outcome,
} from './team.js';

const roles = ['owner', 'manager', 'developer'] as const;

/** The holders of each permission, copied by hand from the matrix of the Sealos cloud desktop. */
const held: { readonly [Permission in CorePermission]: readonly DefaultRole[] } = {
  'workspace:view': ['owner', 'manager', 'developer'],
  'member:view': ['owner', 'manager', 'developer'],
  'quota:view': ['owner', 'manager', 'developer'],
  'resource:view': ['owner', 'manager', 'developer'],
  'resource:create': ['owner', 'manager'],
  'resource:modify': ['owner', 'manager'],
  'resource:delete': ['owner', 'manager'],
  'invitation:view': ['owner', 'manager'],
  'invitation:create': ['owner', 'manager'],
  'invitation:revoke': ['owner', 'manager'],
  'member:remove': ['owner', 'manager'],
  'event:view': ['owner', 'manager'],
  'workspace:rename': ['owner'],
  'workspace:delete': ['owner'],
  'workspace:transfer': ['owner'],
  'member:change-role': ['owner'],
};

/** The outcome in a team where the target's role decides: by the actor's role, then by the target's. */
const targeted: {
  readonly [Permission in CorePermission]?: Readonly<
    Record<DefaultRole, Readonly<Record<DefaultRole | 'self', Outcome>>>
  >;
} = {
  'invitation:create': {
    owner: { self: 'PERMISSION_DENIED', owner: 'PERMISSION_DENIED', manager: 'ok', developer: 'ok' },
    manager: {
      self: 'PERMISSION_DENIED',
      owner: 'PERMISSION_DENIED',
      manager: 'PERMISSION_DENIED',
      developer: 'ok',
    },
    developer: {
      self: 'PERMISSION_DENIED',
      owner: 'PERMISSION_DENIED',
      manager: 'PERMISSION_DENIED',
      developer: 'PERMISSION_DENIED',
    },
  },
  'invitation:revoke': {
    owner: { self: 'INVITATION_NOT_FOUND', owner: 'INVITATION_NOT_FOUND', manager: 'ok', developer: 'ok' },
    manager: {
      self: 'PERMISSION_DENIED',
      owner: 'INVITATION_NOT_FOUND',
      manager: 'PERMISSION_DENIED',
      developer: 'ok',
    },
    developer: {
      self: 'PERMISSION_DENIED',
      owner: 'PERMISSION_DENIED',
      manager: 'PERMISSION_DENIED',
      developer: 'PERMISSION_DENIED',
    },
  },
  'member:remove': {
    owner: { self: 'OWNER_REQUIRED', owner: 'OWNER_REQUIRED', manager: 'ok', developer: 'ok' },
    manager: { self: 'ok', owner: 'OWNER_REQUIRED', manager: 'PERMISSION_DENIED', developer: 'ok' },
    developer: {
      self: 'ok',
      owner: 'PERMISSION_DENIED',
      manager: 'PERMISSION_DENIED',
      developer: 'PERMISSION_DENIED',
    },
  },
  'member:change-role': {
    owner: { self: 'OWNER_REQUIRED', owner: 'OWNER_REQUIRED', manager: 'ok', developer: 'ok' },
    manager: {
      self: 'PERMISSION_DENIED',
      owner: 'PERMISSION_DENIED',
      manager: 'PERMISSION_DENIED',
      developer: 'PERMISSION_DENIED',
    },
    developer: {
      self: 'PERMISSION_DENIED',
      owner: 'PERMISSION_DENIED',
      manager: 'PERMISSION_DENIED',
      developer: 'PERMISSION_DENIED',
    },
  },
};

/** Read permissions, which are allowed in a personal workspace, too. */
const looks: ReadonlySet<CorePermission> = new Set<CorePermission>([
  'workspace:view',
  'member:view',
  'quota:view',
  'resource:view',
  'resource:create',
  'resource:modify',
  'resource:delete',
  'invitation:view',
  'event:view',
]);

interface Cell {
  readonly role: DefaultRole;
  readonly permission: CorePermission;
  readonly target: DefaultRole;
  readonly who: 'self' | 'other';
  readonly kind: 'personal' | 'team';
  readonly membership: 'member' | 'non-member';
}

function expectedOutcome({ role, permission, target, who, kind, membership }: Cell): Outcome {
  if (membership === 'non-member') return 'WORKSPACE_NOT_FOUND';
  if (kind === 'personal') return looks.has(permission) ? 'ok' : 'PERSONAL_WORKSPACE';
  const byTarget = targeted[permission]?.[role];
  if (byTarget) return byTarget[who === 'self' ? 'self' : target];
  return held[permission].includes(role) ? 'ok' : 'PERMISSION_DENIED';
}

/**
 * A personal workspace has no member but the owner, a workspace has one owner, and "self" has the actor's own role.
 */
function exists({ role, target, who, kind, membership }: Cell): boolean {
  if (kind === 'personal' && membership === 'member' && role !== 'owner') return false;
  if (who === 'self') return target === role;
  return !(membership === 'member' && role === 'owner' && target === 'owner');
}

const cells: readonly Cell[] = roles.flatMap((role) =>
  corePermissions.flatMap((permission) =>
    roles.flatMap((target) =>
      (['self', 'other'] as const).flatMap((who) =>
        (['personal', 'team'] as const).flatMap((kind) =>
          (['member', 'non-member'] as const).map((membership) => ({
            role,
            permission,
            target,
            who,
            kind,
            membership,
          })),
        ),
      ),
    ),
  ),
);

/** Each role twice in the team, each once elsewhere, and an open invitation to each grantable role. */
async function createHouse() {
  const team = await createTeam();
  const { workspaces, workspaceId } = team;
  await openAccounts(workspaces, 'max', 'dan', 'bob', 'ben', 'bea');
  await join(workspaces, ada, { workspaceId, userId: 'max', role: 'manager' });
  await join(workspaces, ada, { workspaceId, userId: 'dan', role: 'developer' });
  const bob = { userId: 'bob' };
  const { id: elsewhere } = await workspaces.createWorkspace(bob, { name: 'Elsewhere' });
  await join(workspaces, bob, { workspaceId: elsewhere, userId: 'ben', role: 'manager' });
  await join(workspaces, bob, { workspaceId: elsewhere, userId: 'bea', role: 'developer' });
  const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
  const invite = async (role: 'manager' | 'developer') =>
    (await workspaces.inviteMember(ada, { workspaceId, role })).invitation.id;
  const invitationIds = { manager: await invite('manager'), developer: await invite('developer') };
  return { ...team, invitationIds, personalId: workspace.id };
}
type House = Awaited<ReturnType<typeof createHouse>>;

const members = { owner: 'ada', manager: 'mia', developer: 'dev' } as const;
const twins = { owner: 'ada', manager: 'max', developer: 'dan' } as const;
const outsiders = { owner: 'bob', manager: 'ben', developer: 'bea' } as const;

function actorOf({ role, membership }: Cell): { readonly userId: string } {
  return { userId: membership === 'member' ? members[role] : outsiders[role] };
}

/** The method that checks the permission; permissions that only an app checks use `authorize`. */
function act({ workspaces, invitationIds, ...house }: House, cell: Cell): Promise<unknown> {
  const { permission, target, who, kind } = cell;
  const actor = actorOf(cell);
  const workspaceId = kind === 'team' ? house.workspaceId : house.personalId;
  const userId = who === 'self' ? actor.userId : twins[target];
  switch (permission) {
    case 'quota:view':
      return workspaces.getQuota(actor, { workspaceId });
    case 'resource:create':
      return workspaces.reserveQuota(actor, { workspaceId, ...reservation });
    case 'resource:view':
    case 'resource:modify':
    case 'resource:delete':
      return workspaces.authorize(actor, { workspaceId, permission });
    case 'workspace:view':
      return workspaces.getWorkspace(actor, { workspaceId });
    case 'member:view':
      return workspaces.listMembers(actor, { workspaceId });
    case 'event:view':
      return workspaces.listEvents(actor, { workspaceId });
    case 'invitation:view':
      return workspaces.listInvitations(actor, { workspaceId });
    case 'invitation:create': {
      const recipient = who === 'self' ? { recipient: actor } : {};
      return call(workspaces, 'inviteMember', { actor, input: { workspaceId, role: target, ...recipient } });
    }
    case 'invitation:revoke': {
      const invitationId = target === 'owner' ? 'inv-owner' : invitationIds[target];
      return workspaces.revokeInvitation(actor, { workspaceId, invitationId });
    }
    case 'member:remove':
      return workspaces.removeMember(actor, { workspaceId, userId });
    case 'member:change-role':
      return workspaces.changeRole(actor, { workspaceId, userId, role: 'developer' });
    case 'workspace:transfer':
      return workspaces.transferOwnership(actor, { workspaceId, userId });
    case 'workspace:rename':
      return workspaces.renameWorkspace(actor, { workspaceId, name: 'Other' });
    case 'workspace:delete':
      return workspaces.deleteWorkspace(actor, { workspaceId });
    default:
      return permission satisfies never;
  }
}

describe('T-05 every cell', () => {
  test('T-05 the table has role x permission x target role x self/other x personal/team x member/non-member', () => {
    expect(Object.keys(held).sort()).toEqual([...corePermissions].sort());
    expect(cells).toHaveLength(3 * 16 * 3 * 2 * 2 * 2);
    // 11 for the members of a team, 3 for the owner of a personal workspace, 12 each for users who are in neither.
    expect(cells.filter(exists)).toHaveLength(16 * (11 + 3 + 2 * 12));
  });

  test.each(corePermissions)(
    'T-05 %s: every method answers as in the table, and a refusal changes nothing',
    async (permission) => {
      let house = await createHouse();
      const wrong: string[] = [];
      for (const cell of cells.filter(exists).filter((one) => one.permission === permission)) {
        const before = house.storage.dump();
        const ended = await outcome(act(house, cell));
        if (ended !== expectedOutcome(cell)) wrong.push(`${ended} for ${JSON.stringify(cell)}`);
        if (ended !== 'ok') expect(house.storage.dump()).toEqual(before);
        else if (!looks.has(permission)) house = await createHouse();
      }
      expect(wrong).toEqual([]);
    },
  );

  test('T-05 can, authorize and explain agree with the table in every cell, with the reason', async () => {
    const { workspaces, workspaceId, personalId } = await createHouse();
    for (const cell of cells.filter(exists)) {
      const { role, permission, membership, kind } = cell;
      const asked = { workspaceId: kind === 'team' ? workspaceId : personalId, permission };
      const actor = actorOf(cell);
      const allowed = membership === 'member' && held[permission].includes(role);
      expect(await workspaces.can(actor, asked)).toBe(allowed);
      expect(await workspaces.explain(actor, asked)).toEqual({
        ...asked,
        allowed,
        reason: membership === 'non-member' ? 'not-a-member' : allowed ? 'granted' : 'not-granted',
        role: membership === 'member' ? role : null,
        suspendedFor: null,
      });
      const ended = await outcome(workspaces.authorize(actor, asked));
      const refused: WorkspaceErrorCode =
        membership === 'member' ? 'PERMISSION_DENIED' : 'WORKSPACE_NOT_FOUND';
      expect(ended).toBe(allowed ? 'ok' : refused);
    }
  });

  test('T-05 authorize returns the membership that it checked, and null for an operator', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const asked = { workspaceId, permission: 'resource:view' } as const;
    expect(await workspaces.authorize(dev, asked)).toEqual({
      workspaceId,
      userId: 'dev',
      role: 'developer',
      joinedAt: new Date(clock.now()),
      managedBy: null,
      attributes: {},
    });
    expect(await workspaces.authorize(root, asked)).toBeNull();
    const refused = await refusal(workspaces.authorize(dev, { workspaceId, permission: 'workspace:delete' }));
    expect([refused.code, refused.details]).toEqual([
      'PERMISSION_DENIED',
      { permission: 'workspace:delete', role: 'developer' },
    ]);
  });

  test("T-05 getMembership returns the workspace and the caller's role to members who may view it, and to no one else", async () => {
    const { workspaces, workspaceId } = await createTeam();
    for (const actor of [ada, mia, dev]) {
      const {
        operatorAttributes: _attributes,
        ownershipOffer: _offer,
        seats: _seats,
        openInvitations: _open,
        ...workspace
      } = await workspaces.getWorkspace(actor, {
        workspaceId,
      });
      expect(await workspaces.getMembership(actor, { workspaceId })).toEqual({
        workspace,
        member: await workspaces.authorize(actor, { workspaceId, permission: 'workspace:view' }),
      });
    }
    expect(await outcome(workspaces.getMembership(sam, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
    expect(await outcome(workspaces.getMembership(ada, { workspaceId: 'ws-nowhere' }))).toBe(
      'WORKSPACE_NOT_FOUND',
    );

    const blind = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: ['guest'] },
        guest: { permissions: ['member:view'], grants: [] },
      },
    });
    const house = createTestWorkspaces({ permissions: blind });
    for (const { userId } of [ada, sam]) await house.workspaces.openAccount({ userId, username: userId });
    const { id } = await house.workspaces.createWorkspace(ada, { name: 'Dark' });
    const { token } = await house.workspaces.inviteMember(ada, { workspaceId: id, role: 'guest' });
    await house.workspaces.acceptInvitation(sam, { token });
    const refused = await refusal(house.workspaces.getMembership(sam, { workspaceId: id }));
    expect([refused.code, refused.details]).toEqual([
      'PERMISSION_DENIED',
      { permission: 'workspace:view', role: 'guest' },
    ]);
  });

  test('T-05 an operator has every permission in an existing workspace', async () => {
    const { workspaces, workspaceId } = await createTeam();
    for (const permission of corePermissions) {
      expect(await workspaces.can(root, { workspaceId, permission })).toBe(true);
      expect(await workspaces.explain(root, { workspaceId, permission })).toEqual({
        workspaceId,
        permission,
        allowed: true,
        reason: 'operator',
        role: null,
        suspendedFor: null,
      });
      expect(await workspaces.can(root, { workspaceId: 'ws-nowhere', permission })).toBe(false);
    }
  });

  test.each(['nothing', 'database:create', 'WORKSPACE:VIEW', 'workspace:view ', '*', 'owner'])(
    'T-05 the unknown permission %j is denied to every actor, with the reason',
    async (permission) => {
      const { workspaces, workspaceId } = await createTeam();
      for (const actor of [ada, mia, dev, root]) {
        const ask = (name: 'can' | 'authorize' | 'explain') =>
          call(workspaces, name, { actor, input: { workspaceId, permission } });
        expect(await ask('can')).toBe(false);
        expect(await ask('explain')).toMatchObject({ allowed: false, reason: 'unknown-permission' });
        expect(await outcome(ask('authorize'))).toBe('PERMISSION_DENIED');
      }
    },
  );

  test('T-05 a member whose role the matrix no longer defines has no permissions, and can be removed', async () => {
    const wider = definePermissionMatrix({
      roles: {
        owner: { permissions: corePermissions, grants: ['viewer'] },
        viewer: { permissions: ['workspace:view'], grants: [] },
      },
    });
    const { workspaces, storage } = createTestWorkspaces({ permissions: wider });
    for (const userId of ['ada', 'dev']) await workspaces.openAccount({ userId, username: userId });
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
    const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'viewer' });
    await workspaces.acceptInvitation(dev, { token });

    const narrower = serviceOn(storage);
    for (const permission of corePermissions) {
      expect(await narrower.can(dev, { workspaceId, permission })).toBe(false);
      expect(await narrower.explain(dev, { workspaceId, permission })).toMatchObject({
        allowed: false,
        reason: 'unknown-role',
        role: 'viewer',
      });
    }
    expect(await outcome(narrower.inviteMember(dev, { workspaceId, role: 'developer' }))).toBe(
      'PERMISSION_DENIED',
    );
    expect(await outcome(narrower.changeRole(ada, { workspaceId, userId: 'dev', role: 'developer' }))).toBe(
      'ok',
    );
  });
});

describe('T-06 immutability and hostile names', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'has', 'get'])(
    'T-06 authorize denies the permission %j, for every role',
    async (permission) => {
      const { workspaces, workspaceId } = await createTeam();
      for (const actor of [ada, mia, dev, root]) {
        const ask = (name: 'can' | 'authorize' | 'explain') =>
          call(workspaces, name, { actor, input: { workspaceId, permission } });
        expect(await outcome(ask('authorize'))).toBe('PERMISSION_DENIED');
        expect(await ask('can')).toBe(false);
        expect(await ask('explain')).toMatchObject({ allowed: false, reason: 'unknown-permission' });
      }
    },
  );

  test('T-06 roles and permissions called constructor and __proto__ work in a custom matrix', async () => {
    const permissions = ['toString', '__proto__'] as const;
    const matrix = definePermissionMatrix({
      permissions,
      roles: {
        owner: { permissions: [...corePermissions, ...permissions], grants: ['constructor', '__proto__'] },
        constructor: {
          permissions: ['workspace:view', 'invitation:create', 'toString', '__proto__'],
          grants: ['__proto__'],
        },
        ['__proto__']: { permissions: ['workspace:view', 'toString'], grants: [] },
      },
    });
    const { workspaces } = createTestWorkspaces({ permissions: matrix });
    for (const userId of ['ada', 'mia', 'dev', 'sam']) {
      await workspaces.openAccount({ userId, username: userId });
    }
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
    const admit = async (
      actor: { readonly userId: string },
      userId: string,
      role: 'constructor' | '__proto__',
    ) => {
      const { token } = await workspaces.inviteMember(actor, { workspaceId, role });
      await workspaces.acceptInvitation({ userId }, { token });
    };
    await admit(ada, 'mia', 'constructor');
    await admit(mia, 'dev', '__proto__');
    expect(await outcome(workspaces.inviteMember(mia, { workspaceId, role: 'constructor' }))).toBe(
      'PERMISSION_DENIED',
    );
    expect(await outcome(workspaces.inviteMember(dev, { workspaceId, role: '__proto__' }))).toBe(
      'PERMISSION_DENIED',
    );
    const answers = async (permission: 'toString' | '__proto__' | 'workspace:delete') => [
      await workspaces.can(ada, { workspaceId, permission }),
      await workspaces.can(mia, { workspaceId, permission }),
      await workspaces.can(dev, { workspaceId, permission }),
    ];
    expect(await answers('toString')).toEqual([true, true, true]);
    expect(await answers('__proto__')).toEqual([true, true, false]);
    expect(await answers('workspace:delete')).toEqual([true, false, false]);
    expect(await workspaces.authorize(dev, { workspaceId, permission: 'toString' })).toMatchObject({
      role: '__proto__',
    });
  });

  const holder = { has: () => true, role: 'owner', toString: () => 'owner' };
  const polluting: readonly (readonly [key: string, value: unknown])[] = [
    ...['workspace:delete', 'developer', 'owner', 'role', 'can', 'permissions', 'grants', 'allowed'].map(
      (key) => [key, holder] as const,
    ),
    ['operator', 'root'],
    ['isOperator', true],
    ['userId', 'ada'],
    ['userId', 'sam'],
    ['email', 'guest@example.org'],
    ['emailVerified', true],
  ];
  for (const enumerable of [true, false]) {
    test.each(polluting)(
      `T-06 ${enumerable ? 'an' : 'a not'} enumerable Object.prototype[%j] = %j grants no additional permission`,
      async (key, value) => {
        const { workspaces, storage, workspaceId } = await createTeam();
        const asked = { workspaceId, permission: 'workspace:delete' } as const;
        const recipient = { email: 'guest@example.org' };
        const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'manager', recipient });
        const nobody: unknown = {};
        const before = storage.dump();
        const attempts = async () => [
          await workspaces.can(dev, asked).catch(() => false),
          await workspaces.can(sam, asked).catch(() => false),
          await outcome(workspaces.authorize(sam, asked)),
          await outcome(workspaces.removeMember(dev, { workspaceId, userId: 'mia' })),
          await outcome(workspaces.deleteWorkspace(sam, { workspaceId })),
          await outcome(workspaces.inviteMember(dev, { workspaceId, role: 'developer' })),
          await outcome(workspaces.acceptInvitation({ ...sam, ...recipient }, { token })),
          await outcome(workspaces.acceptInvitation({ ...sam, emailVerified: true }, { token })),
          await outcome(call(workspaces, 'authorize', { actor: nobody, input: asked })),
          await outcome(call(workspaces, 'deleteWorkspace', { actor: nobody, input: { workspaceId } })),
          await outcome(workspaces.activeWorkspace(nobody as UserActor)),
        ];
        Object.defineProperty(Object.prototype, key, {
          value,
          enumerable,
          configurable: true,
          writable: true,
        });
        let answers: readonly unknown[];
        try {
          answers = await attempts();
        } finally {
          Reflect.deleteProperty(Object.prototype, key);
        }
        expect(answers.filter((answer) => answer === true || answer === 'ok')).toEqual([]);
        expect(storage.dump()).toEqual(before);
      },
    );
  }
});

describe('T-07 privilege escalation', () => {
  const ranks: Readonly<Record<string, number>> = { none: 0, developer: 1, manager: 2, owner: 3 };
  /**
   * The highest role that an owner granted to each user: by role, by an open invitation, or by managers' right to
   * invite.
   */
  const ceilings: Readonly<Record<string, number>> = { ada: 3, mia: 2, dev: 1, sam: 1, eve: 2, zed: 1 };

  interface Step {
    readonly name: MethodName;
    readonly actor: string;
    readonly userId: string;
    readonly role: string;
    readonly room: number;
    readonly nth: number;
  }
  const step: fc.Arbitrary<Step> = fc.record({
    name: fc.constantFrom(...methodNames),
    actor: fc.constantFrom('mia', 'dev', 'sam', 'eve', 'zed'),
    userId: fc.constantFrom('ada', 'mia', 'dev', 'sam', 'eve', 'zed'),
    role: fc.constantFrom('owner', 'manager', 'developer'),
    room: fc.nat({ max: 3 }),
    nth: fc.nat({ max: 7 }),
  });
  // An escalation joins, invites or changes a role, so half of the calls and more are these three.
  const climb = fc.oneof(
    { weight: 2, arbitrary: step },
    { weight: 2, arbitrary: step.map((one): Step => ({ ...one, name: 'acceptInvitation' })) },
    { weight: 1, arbitrary: step.map((one): Step => ({ ...one, name: 'inviteMember', room: 0 })) },
    { weight: 1, arbitrary: step.map((one): Step => ({ ...one, name: 'changeRole', room: 0 })) },
  );

  /** Runs the calls, and names every user who holds more than was granted. */
  async function climbers(
    steps: readonly Step[],
    permissions: PermissionMatrix<DefaultRole, CorePermission>,
  ): Promise<{ readonly above: string[]; readonly succeeded: number }> {
    const { workspaces, storage, workspaceId } = await createTeam({ permissions });
    await openAccounts(workspaces, 'eve', 'zed');
    const { id: own } = await workspaces.createWorkspace(sam, { name: 'Own' });
    const rooms = [
      workspaceId,
      own,
      await personalOf(workspaces, 'ada'),
      await personalOf(workspaces, 'dev'),
    ];
    const issued = [
      await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient: sam }),
      await workspaces.inviteMember(ada, { workspaceId, role: 'manager', recipient: { userId: 'eve' } }),
      await workspaces.inviteMember(sam, { workspaceId: own, role: 'manager', maxUses: 'unlimited' }),
    ];
    const tokens = issued.map(({ token }) => token);
    const invitationIds = issued.map(({ invitation }) => invitation.id);
    const above: string[] = [];
    let succeeded = 0;
    for (const { name, actor, userId, role, room, nth } of steps) {
      const place: Values = {
        workspaceId: rooms[room] ?? workspaceId,
        userId,
        role,
        invitationId: invitationIds[nth % invitationIds.length] ?? '',
        token: tokens[nth % tokens.length] ?? '',
        name: 'Name',
      };
      const answer = await call(workspaces, name, {
        actor: { userId: actor },
        input: inputOf(name, place),
      }).catch((error: unknown) => error);
      if (!(answer instanceof Error)) succeeded += 1;
      if (typeof answer === 'object' && answer !== null && 'token' in answer)
        tokens.push(String(answer.token));
      const { members: rows, workspaces: records } = storage.dump();
      for (const row of rows.filter((member) => member.workspaceId === workspaceId)) {
        if ((ranks[row.role] ?? 9) > (ceilings[row.userId] ?? 0)) above.push(`${row.userId}: ${row.role}`);
      }
      if (records.find(({ id }) => id === workspaceId)?.ownerId !== 'ada') above.push('the owner is missing');
    }
    return { above, succeeded };
  }

  test('T-07 no sequence of up to 6 calls by non-owners raises a role above what an owner granted', async () => {
    let succeeded = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(climb, { minLength: 1, maxLength: 6 }), async (steps) => {
        const ended = await climbers(steps, defaultMatrix);
        succeeded += ended.succeeded;
        expect(ended.above).toEqual([]);
      }),
      { numRuns: 600 },
    );
    expect(succeeded).toBeGreaterThan(200);
  });

  test('T-07 with a matrix in which every role may grant every role, the search finds an escalation: it can fail', async () => {
    const lawless: PermissionMatrix<DefaultRole, CorePermission> = {
      ...defaultMatrix,
      can: () => true,
      mayGrant: () => true,
    };
    const { failed } = await fc.check(
      fc.asyncProperty(fc.array(climb, { minLength: 1, maxLength: 6 }), async (steps) => {
        const { above } = await climbers(steps, lawless);
        return above.length === 0;
      }),
      { numRuns: 400, endOnFailure: true },
    );
    expect(failed).toBe(true);
  });

  async function personalOf(workspaces: WorkspaceService, userId: string): Promise<string> {
    return (await workspaces.openAccount({ userId, username: userId })).workspace.id;
  }
});
