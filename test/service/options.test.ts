// A service that is put together wrongly is refused at once, and one whose sources fail says so.
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import {
  corePermissions,
  defaultLimits,
  definePermissionMatrix,
  noQuota,
  sealosMatrix,
  WorkspaceService,
  type Limits,
  type LimitSubject,
} from '../../src/index.js';
import { countingIds, createTestWorkspaces, fixedClock, testTokens } from '../../src/testing/index.js';
import { claimsOf, forge } from '../tokens/forge.js';
import { around } from './interleaved-storage.js';
import { call, forOperatorsOnly, forUsersOnly, inputs, methodNames, type Place } from './methods.js';
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

/** Puts a service together from anything, as JavaScript would. */
function construct(options: unknown): unknown {
  return Reflect.construct(WorkspaceService, [options]);
}

const good = { storage: memoryStorage(), tokens: testTokens };
const without = <Value extends object>(value: Value, key: keyof Value) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

describe('construction', () => {
  test('what is right is taken, with every option and with none of the optional ones', () => {
    const all = {
      ...good,
      limits: defaultLimits,
      permissions: sealosMatrix,
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

  test('permissions are what was given, or the matrix of the model', () => {
    const permissions = definePermissionMatrix({
      permissions: [],
      roles: { owner: { permissions: corePermissions, grants: [] } },
    });
    expect(new WorkspaceService({ ...good, permissions }).permissions).toBe(permissions);
    expect(new WorkspaceService(good).permissions).toBe(sealosMatrix);
  });

  test.each([
    ['no options', undefined, 'options must be given'],
    ['null', null, 'options must be given'],
    ['no storage', { tokens: testTokens }, 'storage must be a StorageAdapter'],
    ['an undefined storage', { ...good, storage: undefined }, 'storage must be a StorageAdapter'],
    ['no tokens', { storage: good.storage }, 'tokens must be given'],
    ['an unknown option', { ...good, quotas: {} }, "there is no option 'quotas'"],
    ['a misspelt option', { ...good, Limits: defaultLimits }, "there is no option 'Limits'"],
    ['an undefined clock', { ...good, clock: undefined }, 'clock must have now and sleep'],
    ['a clock that cannot sleep', { ...good, clock: { now: Date.now } }, 'clock must have now and sleep'],
    ['Date as a clock', { ...good, clock: Date }, 'clock must have now and sleep'],
    ['undefined ids', { ...good, ids: undefined }, 'ids must be a source of every id'],
    [
      'ids without secrets',
      { ...good, ids: without(countingIds(), 'secret') },
      'ids must be a source of every id',
    ],
    [
      'an undefined matrix',
      { ...good, permissions: undefined },
      'permissions must come from definePermissionMatrix',
    ],
    [
      'a matrix definition in place of a matrix',
      { ...good, permissions: { roles: { owner: { permissions: [], grants: [] } } } },
      'permissions must come from definePermissionMatrix',
    ],
    ['an undefined quota', { ...good, quota: undefined }, 'quota must be a QuotaAdapter'],
    ['defaults in place of a quota', { ...good, quota: { cpu: '4' } }, 'quota must be a QuotaAdapter'],
    ['an undefined handler', { ...good, onListenerError: undefined }, 'onListenerError must be a function'],
    ['a handler that is none', { ...good, onListenerError: {} }, 'onListenerError must be a function'],
  ])('%s is refused with the reason', (_, options, reason) => {
    expect(() => construct(options)).toThrow(TypeError);
    expect(() => construct(options)).toThrow(reason);
  });

  test.each(Object.keys(good.storage).filter((name) => name !== 'dump'))(
    'a storage without %s is refused',
    (method) => {
      const storage = { ...good.storage, [method]: undefined };
      expect(() => construct({ ...good, storage })).toThrow('storage must be a StorageAdapter');
    },
  );

  test.each([undefined, null, 0, -1, 1.5, 60_001, Number.NaN, Infinity, '5000', 5000n])(
    'a quotaTimeout of %s is refused with the reason',
    (quotaTimeout) => {
      const reason = 'quotaTimeout must be a whole number from 1 to 60000';
      expect(() => construct({ ...good, quotaTimeout })).toThrow(TypeError);
      expect(() => construct({ ...good, quotaTimeout })).toThrow(reason);
    },
  );

  test.each(Object.keys(noQuota()))('a quota without %s is refused', (method) => {
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
  ] as const)('limits that are %s are refused with the reason', (_, limits, reason) => {
    expect(() => construct({ ...good, limits })).toThrow(TypeError);
    expect(() => construct({ ...good, limits })).toThrow(reason);
  });

  test('a limits object that is changed afterwards changes nothing', async () => {
    const limits = { ...defaultLimits, workspacesPerOwner: 1 };
    const { workspaces } = createTestWorkspaces({ limits });
    limits.workspacesPerOwner = 100;
    await openAccounts(workspaces, 'ada');
    await workspaces.createWorkspace(ada, { name: 'One' });
    expect(await outcome(workspaces.createWorkspace(ada, { name: 'Two' }))).toBe('LIMIT_EXCEEDED');
  });
});

describe('a URL function', () => {
  test('is handed the secret of a reissued invitation once that is decided, and none to anyone who may not', async () => {
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
      // One that is as long, so that what cannot take the real link cannot take this one.
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

  test('is asked for the subject, by the commands that compare with a limit, and by no other', async () => {
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
  ])('that %s is UNAVAILABLE, with its error as the cause, and nothing changed', async (_, limits) => {
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
  ])(
    "that answers %s is the host's mistake: a TypeError that says so, and nothing changed",
    async (_, answer) => {
      const { workspaces, storage } = await asking(() => answer as Limits);
      const before = storage.dump();
      const created = workspaces.createWorkspace(ada, { name: 'Two' });
      await expect(created).rejects.toThrow(TypeError);
      await expect(workspaces.createWorkspace(ada, { name: 'Two' })).rejects.toThrow(
        /the limits function answered badly: limits/,
      );
      expect(storage.dump()).toEqual(before);
    },
  );
});

describe('a storage that is down', () => {
  test("is UNAVAILABLE from every method, retryable, with the storage's own error as the cause", async () => {
    const cause = new Error('ECONNREFUSED');
    const workspaces = serviceOn(around(memoryStorage(), () => Promise.reject(cause)));
    const working = await createTeam();
    const { workspaceId } = working;
    const issued = await working.workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const session = await working.workspaces.switchWorkspace(ada, { workspaceId });
    for (const name of methodNames) {
      const token = name === 'verifySession' ? session.token : issued.token;
      const place: Place = {
        workspaceId,
        userId: 'ada',
        role: 'developer',
        invitationId: 'inv-1',
        token,
        name: 'x',
      };
      for (const actor of [ada, root]) {
        const answer = call(workspaces, name, { actor, input: inputs[name](place) });
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

  test.each(methodNames)('is UNAVAILABLE in whichever of its calls, of %s', async (name) => {
    const cause = new Error('ECONNRESET');
    const { workspaces, storage, clock, workspaceId } = await createTeam({ quota: noQuota() });
    const issued = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const session = await workspaces.switchWorkspace(ada, { workspaceId });
    const place: Place = {
      workspaceId: name === 'createWorkspace' ? 'a-new-one' : workspaceId,
      userId: name === 'listAccountEvents' ? 'ada' : 'dev',
      role: 'manager',
      invitationId: issued.invitation.id,
      token: name === 'verifySession' ? session.token : issued.token,
      name: 'another',
    };
    let [calls, failing] = [0, 1];
    const broken = serviceOn(
      around(storage, (ask) => (++calls === failing ? Promise.reject(cause) : ask())),
      { clock },
    );
    for (const actor of [ada, root]) {
      if ((actor === ada ? forOperatorsOnly : forUsersOnly).has(name)) continue;
      for (failing = 1; ; failing++) {
        calls = 0;
        const ended = await call(broken, name, { actor, input: inputs[name](place) }).catch(
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

  test('that throws instead of rejecting is UNAVAILABLE as well', async () => {
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

  test('one command that fails stops nobody behind it in the queue', async () => {
    let down = false;
    const workspaces = serviceOn(
      around(memoryStorage(), (ask) => {
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

  test('others that are always faster end in CONFLICT, retryable, after a bounded number of attempts', async () => {
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
