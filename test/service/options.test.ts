// Construction: invalid options are rejected immediately, and failing sources are reported.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import {
  corePermissions,
  defaultLimits,
  definePermissionMatrix,
  noQuota,
  defaultMatrix,
  WorkspaceService,
  type Limits,
  type LimitSubject,
} from '../../src/index.js';
import { countingIds, createTestWorkspaces, fixedClock, testTokens } from '../../src/testing/index.js';
import { claimsOf, forge } from '../tokens/forge.js';
import { aroundStorage } from './around-storage.js';
import { call, forOperatorsOnly, forUsersOnly, inputOf, methodNames, type Values } from '../methods.js';
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

/** Constructs a service from any value, as JavaScript would. */
function construct(options: unknown): unknown {
  return Reflect.construct(WorkspaceService, [options]);
}

const good = { storage: memoryStorage(), tokens: testTokens, permissions: defaultMatrix };
const without = <Value extends object>(value: Value, key: keyof Value) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

describe('construction', () => {
  test('accepts every option, and none of the optional ones', () => {
    const all = {
      ...good,
      limits: defaultLimits,
      quota: memoryQuota({ defaults: { cpu: '4' } }),
      quotaTimeout: 1,
      clock: fixedClock(),
      ids: countingIds(),
      onListenerError: () => undefined,
    };
    expect(construct(all)).toBeInstanceOf(WorkspaceService);
    expect(construct(good)).toBeInstanceOf(WorkspaceService);
    expect(construct({ ...good, limits: () => defaultLimits })).toBeInstanceOf(WorkspaceService);
    expect(construct({ ...good, quotaTimeout: 60_000 })).toBeInstanceOf(WorkspaceService);
  });

  test('shows the matrix that was given', () => {
    const permissions = definePermissionMatrix({
      permissions: [],
      roles: { owner: { permissions: corePermissions, grants: [] } },
    });
    expect(new WorkspaceService({ ...good, permissions }).permissions).toBe(permissions);
  });

  test.each([
    ['no options', undefined, 'options must be given'],
    ['null', null, 'options must be given'],
    ['no storage', { tokens: testTokens }, 'storage must be a StorageAdapter'],
    ['an undefined storage', { ...good, storage: undefined }, 'storage must be a StorageAdapter'],
    ['no tokens', { storage: good.storage }, 'tokens must be given'],
    ['an unknown option', { ...good, quotas: {} }, "unknown option 'quotas'"],
    ['a misspelt option', { ...good, Limits: defaultLimits }, "unknown option 'Limits'"],
    ['an undefined clock', { ...good, clock: undefined }, 'clock must have now and sleep'],
    ['a clock that cannot sleep', { ...good, clock: { now: Date.now } }, 'clock must have now and sleep'],
    ['Date as a clock', { ...good, clock: Date }, 'clock must have now and sleep'],
    [
      'undefined ids',
      { ...good, ids: undefined },
      'ids must have workspaceId, invitationId, eventId and secret',
    ],
    [
      'ids without secrets',
      { ...good, ids: without(countingIds(), 'secret') },
      'ids must have workspaceId, invitationId, eventId and secret',
    ],
    ['no permissions', without(good, 'permissions'), 'permissions must be a permission matrix'],
    ['an undefined matrix', { ...good, permissions: undefined }, 'permissions must be a permission matrix'],
    [
      'a matrix definition in place of a matrix',
      { ...good, permissions: { roles: { owner: { permissions: [], grants: [] } } } },
      'permissions must be a permission matrix',
    ],
    ['an undefined quota', { ...good, quota: undefined }, 'quota must be a QuotaAdapter'],
    ['defaults in place of a quota', { ...good, quota: { cpu: '4' } }, 'quota must be a QuotaAdapter'],
    ['an undefined handler', { ...good, onListenerError: undefined }, 'onListenerError must be a function'],
    [
      'a handler that is not a function',
      { ...good, onListenerError: {} },
      'onListenerError must be a function',
    ],
  ])('rejects %s with the reason', (_, options, reason) => {
    expect(() => construct(options)).toThrow(TypeError);
    expect(() => construct(options)).toThrow(reason);
  });

  test.each(Object.keys(good.storage).filter((name) => name !== 'dump'))(
    'rejects a storage without %s',
    (method) => {
      const storage = { ...good.storage, [method]: undefined };
      expect(() => construct({ ...good, storage })).toThrow('storage must be a StorageAdapter');
    },
  );

  test.each([undefined, null, 0, -1, 1.5, 60_001, Number.NaN, Infinity, '5000', 5000n])(
    'rejects a quotaTimeout of %s with the reason',
    (quotaTimeout) => {
      const reason = 'quotaTimeout must be a whole number from 1 to 60000';
      expect(() => construct({ ...good, quotaTimeout })).toThrow(TypeError);
      expect(() => construct({ ...good, quotaTimeout })).toThrow(reason);
    },
  );

  test.each(Object.keys(noQuota()))('rejects a quota without %s', (method) => {
    const quota = { ...noQuota(), [method]: undefined };
    expect(() => construct({ ...good, quota })).toThrow('quota must be a QuotaAdapter');
  });

  test.each(Object.keys(defaultLimits))('limits.%s must be a whole number from 0, or unlimited', (name) => {
    for (const wrong of [
      undefined,
      null,
      Number.NaN,
      -1,
      1.5,
      Infinity,
      2 ** 53,
      '5',
      'Unlimited',
      '',
      [],
      {},
      5n,
    ]) {
      const limits = { ...defaultLimits, [name]: wrong };
      expect(() => construct({ ...good, limits })).toThrow(TypeError);
      expect(() => construct({ ...good, limits })).toThrow(`limits.${name} must be a whole number from 0`);
    }
    const missing = Object.fromEntries(Object.entries(defaultLimits).filter(([key]) => key !== name));
    expect(() => construct({ ...good, limits: missing })).toThrow(`limits.${name} must be`);
    for (const right of [0, 1, 2 ** 53 - 1, 'unlimited']) {
      expect(construct({ ...good, limits: { ...defaultLimits, [name]: right } })).toBeInstanceOf(
        WorkspaceService,
      );
    }
  });

  test.each([
    ['undefined', undefined, 'limits must be an object'],
    ['null', null, 'limits must be an object'],
    ['a number', 100, 'limits must be an object'],
    ['an unknown limit', { ...defaultLimits, seats: 5 }, 'limits.seats is not a limit'],
    [
      'a limit that is only inherited',
      Object.create(defaultLimits) as object,
      'limits.membersPerWorkspace must be a whole number',
    ],
    [
      'a limit that is a getter',
      Object.defineProperty({ ...defaultLimits }, 'membersPerWorkspace', { get: () => 5, enumerable: true }),
      'limits.membersPerWorkspace must be a whole number',
    ],
  ] as const)('rejects limits that are %s with the reason', (_, limits, reason) => {
    expect(() => construct({ ...good, limits })).toThrow(TypeError);
    expect(() => construct({ ...good, limits })).toThrow(reason);
  });

  test('a limits object that is changed afterwards has no effect', async () => {
    const limits = { ...defaultLimits, workspacesPerOwner: 1 };
    const { workspaces } = createTestWorkspaces({ limits });
    limits.workspacesPerOwner = 100;
    await openAccounts(workspaces, 'ada');
    await workspaces.createWorkspace(ada, { name: 'One' });
    expect(await outcome(workspaces.createWorkspace(ada, { name: 'Two' }))).toBe('LIMIT_EXCEEDED');
  });
});

describe('a link function', () => {
  test('receives the secret of a reissued invitation only after the decision, and none if the call is refused', async () => {
    const handed: string[] = [];
    const invitationUrl = (token: string): string => {
      handed.push(token);
      return `https://tenantry.test/join#${token}`;
    };
    const { workspaces, workspaceId } = await createTeam({ tokens: { ...testTokens, invitationUrl } });
    const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const named = { workspaceId, invitationId: invitation.id };

    handed.length = 0;
    expect(await outcome(workspaces.reissueInvitation(dev, named))).toBe('PERMISSION_DENIED');
    const early = [...handed];
    handed.length = 0;
    const undo = workspaces.before('reissueInvitation', () => void early.push(...handed));
    const { token } = await workspaces.reissueInvitation(ada, named);
    undo();

    const { sec, ...claims } = claimsOf(token);
    expect(handed.filter((each) => claimsOf(each)['sec'] === sec)).toEqual([token]);
    expect(early).toHaveLength(2);
    for (const each of early) {
      const { sec: trial } = claimsOf(each);
      // A link of the same length, so that whatever cannot hold the real link cannot hold this one.
      expect(String(trial)).toHaveLength(String(sec).length);
      expect(await outcome(workspaces.acceptInvitation(sam, { token: each }))).toBe('INVITATION_INVALID');
      const renewed = await forge({ ...claims, sec: trial });
      expect(await outcome(workspaces.acceptInvitation(sam, { token: renewed }))).toBe('INVITATION_INVALID');
    }
    expect(await outcome(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
  });
});

describe('a limits function', () => {
  const asking = async (limits: (subject: LimitSubject) => Limits | Promise<Limits>) => {
    let answer: typeof limits = () => defaultLimits;
    const team = await createTeam({ limits: (subject) => answer(subject) });
    answer = limits;
    return team;
  };

  test('is called with the subject by the commands that compare with a limit, and by no other', async () => {
    const subjects: LimitSubject[] = [];
    const { workspaces, workspaceId } = await asking(async (subject) => {
      subjects.push(subject);
      await Promise.resolve();
      return defaultLimits;
    });
    const created = await workspaces.createWorkspace(ada, { name: 'Two' });
    const { token } = await workspaces.inviteMember(mia, { workspaceId, role: 'developer' });
    await workspaces.acceptInvitation(sam, { token });
    await workspaces.transferOwnership(ada, { workspaceId, userId: 'dev' });
    expect(subjects).toEqual([
      { ownerId: 'ada', workspaceId: null },
      { ownerId: 'ada', workspaceId },
      { ownerId: 'ada', workspaceId },
      { ownerId: 'dev', workspaceId },
    ]);
    subjects.length = 0;
    await workspaces.renameWorkspace(ada, { workspaceId: created.id, name: 'Three' });
    await workspaces.removeMember(dev, { workspaceId, userId: 'sam' });
    await workspaces.deleteWorkspace(ada, { workspaceId: created.id });
    expect(subjects).toEqual([]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('the plan service is down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the plan service is down'))],
  ])('that %s is UNAVAILABLE, with its error as the cause, and changes nothing', async (_, limits) => {
    const { workspaces, storage, workspaceId } = await asking(limits);
    const before = storage.dump();
    const refusals = await Promise.all([
      refusal(workspaces.createWorkspace(ada, { name: 'Two' })),
      refusal(workspaces.inviteMember(ada, { workspaceId, role: 'developer' })),
      refusal(workspaces.transferOwnership(ada, { workspaceId, userId: 'dev' })),
    ]);
    for (const refused of refusals) {
      expect([refused.code, refused.details, refused.retryable]).toEqual([
        'UNAVAILABLE',
        { source: 'limits' },
        true,
      ]);
      expect(refused.cause).toMatchObject({ message: 'the plan service is down' });
    }
    expect(storage.dump()).toEqual(before);
  });

  test.each([
    ['undefined', undefined],
    ['no object', 5],
    ['an undefined limit', { ...defaultLimits, workspacesPerOwner: undefined }],
    ['NaN', { ...defaultLimits, workspacesPerOwner: Number.NaN }],
    ['a missing limit', { workspacesPerOwner: 5 }],
    ['an unknown limit', { ...defaultLimits, seats: 5 }],
  ])('that returns %s causes a TypeError that says so, and changes nothing', async (_, answer) => {
    const { workspaces, storage } = await asking(() => answer as Limits);
    const before = storage.dump();
    const created = workspaces.createWorkspace(ada, { name: 'Two' });
    await expect(created).rejects.toThrow(TypeError);
    await expect(workspaces.createWorkspace(ada, { name: 'Two' })).rejects.toThrow(
      /the limits function returned invalid limits: limits/,
    );
    expect(storage.dump()).toEqual(before);
  });
});

describe('a storage that is down', () => {
  test("makes every method UNAVAILABLE, retryable, with the storage's own error as the cause", async () => {
    const cause = new Error('ECONNREFUSED');
    const workspaces = serviceOn(aroundStorage(memoryStorage(), () => Promise.reject(cause)));
    const working = await createTeam();
    const { workspaceId } = working;
    const issued = await working.workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const session = await working.workspaces.switchWorkspace(ada, { workspaceId });
    for (const name of methodNames) {
      const token = name === 'verifySession' ? session.token : issued.token;
      const place: Values = {
        workspaceId,
        userId: 'ada',
        role: 'developer',
        invitationId: 'inv-1',
        token,
        name: 'x',
      };
      for (const actor of [ada, root]) {
        const answer = call(workspaces, name, { actor, input: inputOf(name, place) });
        const refused = await refusal(answer);
        const others = actor === root ? forUsersOnly : forOperatorsOnly;
        if (others.has(name)) {
          expect([name, refused.code]).toEqual([name, 'INVALID_INPUT']);
          continue;
        }
        expect([name, refused.code, refused.details, refused.cause, refused.retryable]).toEqual([
          name,
          'UNAVAILABLE',
          { source: 'storage' },
          cause,
          true,
        ]);
        expect(refused.message).not.toContain('ECONNREFUSED');
      }
    }
    const active = await refusal(workspaces.activeWorkspace(ada));
    expect([active.code, active.details, active.cause]).toEqual([
      'UNAVAILABLE',
      { source: 'storage' },
      cause,
    ]);
  });

  test.each(methodNames)('makes a method UNAVAILABLE in each of its calls, of %s', async (name) => {
    const cause = new Error('ECONNRESET');
    const { workspaces, storage, clock, workspaceId } = await createTeam({ quota: noQuota() });
    const issued = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const session = await workspaces.switchWorkspace(ada, { workspaceId });
    const place: Values = {
      workspaceId: name === 'createWorkspace' ? 'a-new-one' : workspaceId,
      userId: name === 'listAccountEvents' ? 'ada' : 'dev',
      role: 'manager',
      invitationId: issued.invitation.id,
      token: name === 'verifySession' ? session.token : issued.token,
      name: 'another',
    };
    let [calls, failing] = [0, 1];
    const broken = serviceOn(
      aroundStorage(storage, (ask) => (++calls === failing ? Promise.reject(cause) : ask())),
      { clock },
    );
    for (const actor of [ada, root]) {
      if ((actor === ada ? forOperatorsOnly : forUsersOnly).has(name)) continue;
      for (failing = 1; ; failing++) {
        calls = 0;
        const ended = await call(broken, name, { actor, input: inputOf(name, place) }).catch(
          (error: unknown) => error,
        );
        if (calls < failing) break;
        expect(ended, `call ${failing}`).toMatchObject({
          code: 'UNAVAILABLE',
          details: { source: 'storage' },
          cause,
        });
      }
      expect(failing).toBeGreaterThan(1);
    }
  });

  test('is UNAVAILABLE, too, if it throws instead of rejecting', async () => {
    const broken = new Proxy(memoryStorage(), {
      get: (target, name) =>
        typeof Reflect.get(target, name) === 'function'
          ? () => {
              throw new Error('not even a promise');
            }
          : undefined,
    });
    const workspaces = serviceOn(broken);
    expect(await outcome(workspaces.openAccount({ userId: 'ada', username: 'ada' }))).toBe('UNAVAILABLE');
    expect(await outcome(workspaces.can(ada, { workspaceId: 'ws-1', permission: 'workspace:view' }))).toBe(
      'UNAVAILABLE',
    );
  });

  test('a failing command does not block the next one in the queue', async () => {
    let down = false;
    const workspaces = serviceOn(
      aroundStorage(memoryStorage(), (ask) => {
        if (!down) return ask();
        down = false;
        return Promise.reject(new Error('down for a moment'));
      }),
    );
    await openAccounts(workspaces, 'ada', 'sam');
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'Core' });
    down = true;
    const ended = await Promise.all([
      outcome(workspaces.renameWorkspace(ada, { workspaceId, name: 'One' })),
      outcome(workspaces.renameWorkspace(ada, { workspaceId, name: 'Two' })),
      outcome(workspaces.renameWorkspace(sam, { workspaceId, name: 'No' })),
      outcome(workspaces.renameWorkspace(ada, { workspaceId, name: 'Three' })),
    ]);
    expect(ended).toEqual(['UNAVAILABLE', 'ok', 'WORKSPACE_NOT_FOUND', 'ok']);
    expect((await workspaces.getWorkspace(ada, { workspaceId })).name).toBe('Three');
  });

  test('a command that loses every race ends in CONFLICT, retryable, after a bounded number of attempts', async () => {
    let attempts = 0;
    const { workspaces, storage, workspaceId } = await createTeam({}, (memory) => ({
      ...memory,
      commit: (commit) => {
        const isRenaming = commit.events.some(({ type }) => type === 'workspace.renamed');
        if (!isRenaming) return memory.commit(commit);
        attempts += 1;
        return Promise.resolve({ ok: false, reason: 'conflict' });
      },
    }));
    const before = storage.dump();
    const refused = await refusal(workspaces.renameWorkspace(ada, { workspaceId, name: 'Other' }));
    expect([refused.code, refused.details, refused.retryable]).toEqual(['CONFLICT', { attempts: 20 }, true]);
    expect(attempts).toBe(20);
    expect(storage.dump()).toEqual(before);
    await join(workspaces, ada, { workspaceId, userId: 'sam', role: 'developer' });
  });
});
