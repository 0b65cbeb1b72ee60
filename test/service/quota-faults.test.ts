// Quotas under failure: of the adapter, of create, of the process, or of the workspace that is deleted meanwhile.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { memoryQuota, type LimitTexts } from '../../src/adapters/memory/index.js';
import {
  defaultMatrix,
  isWorkspaceError,
  WorkspaceService,
  type Actor,
  type QuotaAdapter,
  type WorkspaceServiceOptions,
  type CorePermission,
  type DefaultRole,
} from '../../src/index.js';
import { chaosStorage, testTokens } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';
import { generator, nextTurn } from './interleaved-storage.js';
import { ada, createTeam, dev, mia, outcome, refusal, root, type Team } from './team.js';

afterEach(() => {
  vi.useRealTimers();
});

const defaults: LimitTexts = { cpu: '4' };
const LIMIT = 4;
const TTL_SECONDS = 60;

type Call = keyof QuotaAdapter;

/** Runs instead of each call, and decides whether and when the call itself runs. */
type Around = <Answer>(run: () => Promise<Answer>, call: Call) => Promise<Answer>;

function aroundQuota(quota: QuotaAdapter, around: Around): QuotaAdapter {
  return {
    report: (...args) => around(() => quota.report(...args), 'report'),
    setLimits: (...args) => around(() => quota.setLimits(...args), 'setLimits'),
    reserve: (...args) => around(() => quota.reserve(...args), 'reserve'),
    commit: (...args) => around(() => quota.commit(...args), 'commit'),
    release: (...args) => around(() => quota.release(...args), 'release'),
    resize: (...args) => around(() => quota.resize(...args), 'resize'),
    forget: (...args) => around(() => quota.forget(...args), 'forget'),
  };
}

const down = () => Promise.reject(new Error('ECONNREFUSED'));
const never = <Value>(): Promise<Value> => new Promise<Value>(() => undefined);

type Options = Partial<WorkspaceServiceOptions<DefaultRole, CorePermission>>;

/** Services on one storage, clock and ledger; `direct` uses the ledger without the wrapper of the others. */
async function createCounted(ledger: QuotaAdapter = memoryQuota({ defaults })) {
  const team = await createTeam({ quota: ledger });
  const { storage, clock, workspaceId, workspaces: direct } = team;
  const service = (options: Options = {}) =>
    new WorkspaceService({
      permissions: defaultMatrix,
      storage,
      clock,
      tokens: testTokens,
      quota: ledger,
      ...options,
    });
  const cpu = async () => {
    const { resources } = await direct.getQuota(root, { workspaceId });
    const { used = '', reserved = '', overLimit } = resources['cpu'] ?? {};
    return { used: units(used), reserved: units(reserved), overLimit };
  };
  return { ...team, ledger, direct, service, cpu };
}
type Counted = Awaited<ReturnType<typeof createCounted>>;

/** Whole units, like all amounts here. */
function units(text: string): number {
  expect(text).toMatch(/^\d+$/);
  return Number(text);
}

function asking({ workspaceId }: Pick<Team, 'workspaceId'>, reservationId = 'r', cpu = '1') {
  return { workspaceId, reservationId, amounts: { cpu }, ttlSeconds: TTL_SECONDS };
}

/** Every method that calls the adapter, by an actor who may. */
const methods: readonly (readonly [
  string,
  Call,
  (team: Counted, workspaces: WorkspaceService) => Promise<unknown>,
])[] = [
  ['getQuota', 'report', ({ workspaceId }, service) => service.getQuota(dev, { workspaceId })],
  [
    'setQuota',
    'setLimits',
    ({ workspaceId }, service) => service.setQuota(root, { workspaceId, limits: { cpu: '9' } }),
  ],
  ['reserveQuota', 'reserve', (team, service) => service.reserveQuota(mia, asking(team))],
  [
    'commitQuota',
    'commit',
    ({ workspaceId }, service) => service.commitQuota(mia, { workspaceId, reservationId: 'held' }),
  ],
  [
    'resizeQuota',
    'resize',
    async (team, service) => {
      const { workspaceId } = team;
      await team.direct.withQuota(mia, asking(team, 'used'), (charge) => {
        charge.settle({ cpu: '0' });
      });
      return service.resizeQuota(mia, { workspaceId, reservationId: 'used', amounts: { cpu: '1' } });
    },
  ],
  [
    'releaseQuota',
    'release',
    ({ workspaceId }, service) => service.releaseQuota(mia, { workspaceId, reservationId: 'held' }),
  ],
  ['withQuota', 'reserve', (team, service) => service.withQuota(mia, asking(team), () => 'made')],
  ['deleteWorkspace', 'forget', ({ workspaceId }, service) => service.deleteWorkspace(ada, { workspaceId })],
];

describe('Q-15 an adapter that is down', () => {
  const faults: readonly (readonly [string, string, Around])[] = [
    ['rejects', 'ECONNREFUSED', down],
    [
      'throws',
      'not even a promise',
      () => {
        throw new Error('not even a promise');
      },
    ],
    ['never answers', 'no answer within 5 ms', never],
  ];

  test.each(
    methods.flatMap(([name, , run]) =>
      faults.map(([how, cause, fault]) => [name, how, cause, fault, run] as const),
    ),
  )(
    'Q-15 %s of an adapter that %s is UNAVAILABLE, retryable, and admits nothing',
    async (name, _, cause, fault, run) => {
      const team = await createCounted();
      await team.direct.reserveQuota(mia, asking(team, 'held'));
      const broken = team.service({ quota: aroundQuota(team.ledger, fault), quotaTimeout: 5 });
      const heard: string[] = [];
      broken.on('*', ({ type }) => heard.push(type));
      const refused = await refusal(run(team, broken));
      expect([refused.code, refused.details, refused.retryable]).toEqual([
        'UNAVAILABLE',
        { source: 'quota' },
        true,
      ]);
      expect(refused.cause).toMatchObject({ message: cause });
      expect(refused.message).not.toContain(cause);
      expect(heard.filter((type) => type !== 'workspace.deleted')).toEqual([]);
      if (name === 'deleteWorkspace') return;
      expect(await team.cpu()).toEqual({ used: 0, reserved: 1, overLimit: false });
      // The same call again after recovery.
      expect(await outcome(run(team, team.service()))).toBe('ok');
    },
  );

  test('no timer is left behind by a call that was answered or that failed', async () => {
    const team = await createCounted();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const failing = team.service({ quota: aroundQuota(team.ledger, down) });
    expect(await outcome(team.direct.reserveQuota(mia, asking(team)))).toBe('ok');
    expect(await outcome(failing.reserveQuota(mia, asking(team)))).toBe('UNAVAILABLE');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('Q-15 the default timeout is 5 seconds', async () => {
    const team = await createCounted();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let ended = 'not yet';
    const slow = team.service({ quota: aroundQuota(team.ledger, never) });
    const call = outcome(slow.reserveQuota(mia, asking(team))).then((end) => (ended = end));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(ended).toBe('not yet');
    await vi.advanceTimersByTimeAsync(1);
    await call;
    expect(ended).toBe('UNAVAILABLE');
  });

  test('Q-15 withQuota with an adapter that is down creates nothing', async () => {
    for (const fault of [down, never]) {
      const team = await createCounted();
      const broken = team.service({ quota: aroundQuota(team.ledger, fault), quotaTimeout: 5 });
      let made = 0;
      expect(await outcome(broken.withQuota(mia, asking(team), () => (made += 1)))).toBe('UNAVAILABLE');
      expect(made).toBe(0);
    }
  });

  test('Q-15 an answer after the timeout is ignored: its reservation expires and no event is emitted', async () => {
    const team = await createCounted();
    let answer = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const late = aroundQuota(team.ledger, async (run) => {
      await gate;
      return run();
    });
    const slow = team.service({ quota: late, quotaTimeout: 5 });
    const heard: string[] = [];
    slow.on('*', ({ type }) => heard.push(type));
    expect(await outcome(slow.reserveQuota(mia, asking(team)))).toBe('UNAVAILABLE');
    answer();
    await nextTurn();
    expect(await team.cpu()).toMatchObject({ reserved: 1 });
    expect(heard).toEqual([]);
    // A retry returns the same reservation.
    await slow.reserveQuota(mia, asking(team));
    expect(await team.cpu()).toMatchObject({ reserved: 1 });
    team.clock.advance(TTL_SECONDS * 1000);
    expect(await team.cpu()).toMatchObject({ used: 0, reserved: 0 });
  });

  test('Q-15 a rejection after the timeout is ignored', async () => {
    const team = await createCounted();
    let fail = (): void => undefined;
    const failing = aroundQuota(
      team.ledger,
      () =>
        new Promise((_resolve, reject) => {
          fail = () => {
            reject(new Error('much later'));
          };
        }),
    );
    const slow = team.service({ quota: failing, quotaTimeout: 5 });
    expect(await outcome(slow.reserveQuota(mia, asking(team)))).toBe('UNAVAILABLE');
    fail();
    await nextTurn();
    expect(await outcome(team.direct.reserveQuota(mia, asking(team)))).toBe('ok');
  });

  test('Q-15 a call that hangs for one workspace blocks no other', async () => {
    const team = await createCounted();
    const { id: other } = await team.direct.createWorkspace(mia, { name: 'Other' });
    const hanging: QuotaAdapter = {
      ...team.ledger,
      reserve: (subject, request) =>
        subject.workspaceId === other ? never() : team.ledger.reserve(subject, request),
    };
    const workspaces = team.service({ quota: hanging });
    // Whether its timeout passes before the process ends does not matter.
    void outcome(workspaces.reserveQuota(mia, { ...asking(team), workspaceId: other }));
    expect(await outcome(workspaces.reserveQuota(mia, asking(team)))).toBe('ok');
    expect(
      await outcome(workspaces.renameWorkspace(ada, { workspaceId: team.workspaceId, name: 'New' })),
    ).toBe('ok');
  });

  test('Q-15 a storage that is down is UNAVAILABLE, too, and the adapter is not called', async () => {
    const team = await createCounted();
    await team.direct.reserveQuota(mia, asking(team, 'held'));
    const asked: string[] = [];
    const quota = aroundQuota(team.ledger, (run, call) => {
      asked.push(call);
      return run();
    });
    const storage = chaosStorage(team.storage, { seed: 1, failures: 1 });
    for (const [, , run] of methods) {
      const refused = await refusal(run(team, team.service({ storage, quota })));
      expect([refused.code, refused.details]).toEqual(['UNAVAILABLE', { source: 'storage' }]);
    }
    expect(asked).toEqual([]);
  });

  const nonsense: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('the plan service is down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the plan service is down'))],
    ['answers undefined', () => undefined],
    ['answers null', () => null],
    ['answers numbers', () => ({ cpu: 4 })],
    ['answers a negative limit', () => ({ cpu: '-1' })],
    ['answers no quantity', () => ({ cpu: 'four' })],
    ['answers an empty string', () => ({ cpu: '' })],
    ['answers an undefined limit', () => ({ cpu: undefined })],
    ['answers objects', () => ({ cpu: { limit: '4' } })],
  ];

  test.each(nonsense)(
    'Q-15 Q-14 a limits function that %s is UNAVAILABLE, and admits nothing',
    async (_, answer) => {
      let sane = true;
      const quota = memoryQuota({
        defaults: () => (sane ? defaults : (answer() as LimitTexts)),
      });
      const team = await createCounted(quota);
      await team.direct.reserveQuota(mia, asking(team, 'held'));
      sane = false;
      for (const [name, , run] of methods) {
        if (name === 'deleteWorkspace') continue;
        const refused = await refusal(run(team, team.direct));
        expect([name, refused.code, refused.retryable]).toEqual([name, 'UNAVAILABLE', true]);
        expect(refused.cause).toBeInstanceOf(Error);
      }
      sane = true;
      expect(await team.cpu()).toEqual({ used: 0, reserved: 1, overLimit: false });
    },
  );

  test('Q-15 a limits function that never answers is UNAVAILABLE after the timeout', async () => {
    const team = await createTeam({ quota: memoryQuota({ defaults: () => never() }), quotaTimeout: 5 });
    expect(await outcome(team.workspaces.reserveQuota(mia, asking(team)))).toBe('UNAVAILABLE');
  });

  test.each([{ cpu: '-1' }, { cpu: 'four' }, { cpu: '' }])(
    'Q-14 constant limits of %j are rejected when the adapter is created',
    (wrong: LimitTexts) => {
      expect(() => memoryQuota({ defaults: wrong })).toThrow();
    },
  );
});

describe('Q-13 withQuota, at every point where it may end', () => {
  test('Q-13 reserves, creates, commits, and returns the result of create', async () => {
    const team = await createCounted();
    const steps: string[] = [];
    const workspaces = team.service({
      quota: aroundQuota(team.ledger, (run, call) => {
        steps.push(call);
        return run();
      }),
    });
    const made = { id: 'db-1' };
    for (const [index, create] of [() => made, () => Promise.resolve(made)].entries()) {
      steps.length = 0;
      const input = asking(team, `r${String(index)}`);
      const answer = await workspaces.withQuota(mia, input, () => {
        steps.push('create');
        return create();
      });
      expect(answer).toBe(made);
      expect(steps).toEqual(['reserve', 'create', 'commit']);
    }
    expect(await team.cpu()).toMatchObject({ used: 2, reserved: 0 });
  });

  const thrown: readonly unknown[] = [new Error('no disk'), 'no disk', undefined, null, 0];

  test.each(thrown)(
    'Q-13 if create throws %s, that is rethrown and the reservation is released',
    async (fault) => {
      const team = await createCounted();
      for (const create of [
        () => {
          throw fault;
        },
        async () => {
          await nextTurn();

          throw fault;
        },
      ]) {
        const ended = await team.direct.withQuota(mia, asking(team), create).then(
          () => ['made'],
          (error: unknown) => ['threw', error],
        );
        expect(ended).toEqual(['threw', fault]);
        expect(await team.cpu()).toMatchObject({ used: 0, reserved: 0 });
      }
    },
  );

  test('Q-13 create does not run if the reservation is denied', async () => {
    const team = await createCounted();
    let made = 0;
    const create = () => (made += 1);
    expect(await outcome(team.direct.withQuota(mia, asking(team, 'r', '5'), create))).toBe('QUOTA_EXCEEDED');
    expect(await outcome(team.direct.withQuota(dev, asking(team), create))).toBe('PERMISSION_DENIED');
    expect(made).toBe(0);
  });

  type Fate = 'fails before' | 'fails after' | 'dies before' | 'dies after' | 'hangs';
  const fates: readonly Fate[] = ['fails before', 'fails after', 'dies before', 'dies after', 'hangs'];

  /** An adapter with one failing call. A process that dies is a promise that never settles. */
  function fated(ledger: QuotaAdapter, at: Call, fate: Fate): { quota: QuotaAdapter; died: Promise<void> } {
    let die = (): void => undefined;
    const died = new Promise<void>((resolve) => {
      die = resolve;
    });
    const quota = aroundQuota(ledger, async (run, call) => {
      if (call !== at) return run();
      if (fate === 'fails before') return down();
      if (fate === 'hangs') return never();
      if (fate === 'dies before') {
        die();
        return never();
      }
      const answer = await run();
      if (fate === 'fails after')
        throw new Error(`the answer is lost: ${JSON.stringify(Object.keys(answer ?? {}))}`);
      die();
      return never();
    });
    return { quota, died };
  }

  const points = (['reserve', 'commit', 'release'] as const).flatMap((at) =>
    fates.map((fate) => [at, fate] as const),
  );

  test.each(points)(
    'Q-13 %s %s: after the time to live only committed amounts are charged',
    async (at, fate) => {
      const team = await createCounted();
      const { quota, died } = fated(team.ledger, at, fate);
      const quotaTimeout = fate.startsWith('dies') ? 60_000 : 5;
      const workspaces = team.service({ quota, quotaTimeout });
      const create = () => {
        if (at === 'release') throw new Error('no disk');
        return 'made';
      };
      const call = workspaces.withQuota(mia, asking(team), create).then(
        () => 'made',
        (error: unknown) => (isWorkspaceError(error) ? error.code : 'threw'),
      );
      const ended = await Promise.race([call, died.then(() => 'died')]);
      const expected = fate.startsWith('dies') ? 'died' : at === 'release' ? 'threw' : 'UNAVAILABLE';
      expect(ended).toBe(expected);
      team.clock.advance(TTL_SECONDS * 1000);
      const committed = at === 'commit' && fate.endsWith('after');
      expect(await team.cpu()).toEqual({ used: committed ? 1 : 0, reserved: 0, overLimit: false });
      // In every case a retry succeeds and is charged once.
      expect(await team.direct.withQuota(mia, asking(team), () => 'made')).toBe('made');
      expect(await team.cpu()).toEqual({ used: 1, reserved: 0, overLimit: false });
    },
  );

  test('Q-13 a process that dies during create leaves no charge after the time to live', async () => {
    const team = await createCounted();
    void team.direct.withQuota(mia, asking(team), never);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect(await team.cpu()).toMatchObject({ used: 0, reserved: 1 });
    team.clock.advance(TTL_SECONDS * 1000 - 1);
    expect(await team.cpu()).toMatchObject({ reserved: 1 });
    team.clock.advance(1);
    expect(await team.cpu()).toMatchObject({ used: 0, reserved: 0 });
  });

  test('Q-13 a reservation that expired during create is admitted again if it fits, otherwise RESERVATION_EXPIRED', async () => {
    const team = await createCounted();
    const slowly = () => {
      team.clock.advance(TTL_SECONDS * 1000);
      return 'made';
    };
    expect(await team.direct.withQuota(mia, asking(team, 'fits', '3'), slowly)).toBe('made');
    expect(await team.cpu()).toMatchObject({ used: 3, reserved: 0 });
    const crowded = async () => {
      const made = slowly();
      await team.direct.reserveQuota(ada, asking(team, 'other'));
      return made;
    };
    expect(await outcome(team.direct.withQuota(mia, asking(team, 'late'), crowded))).toBe(
      'RESERVATION_EXPIRED',
    );
    expect(await team.cpu()).toEqual({ used: 3, reserved: 1, overLimit: false });
  });

  test('Q-13 of two runs with one id, a failing one does not release what the other committed', async () => {
    const team = await createCounted();
    const ask = asking(team, 'twice');
    let fail: (error: Error) => void = () => undefined;
    const first = team.direct.withQuota(mia, ask, () => new Promise((_resolve, reject) => (fail = reject)));
    await nextTurn();
    await team.direct.withQuota(mia, ask, () => 'made');
    fail(new Error('no'));
    await expect(first).rejects.toThrow('no');
    expect(await team.cpu()).toMatchObject({ used: 1, reserved: 0 });
  });

  test('Q-13 of two runs with one id, a failing one does not release what the other reserved while it still creates', async () => {
    const team = await createCounted();
    const ask = asking(team, 'twice');
    let finish: (made: string) => void = () => undefined;
    const first = team.direct.withQuota(mia, ask, () => new Promise<string>((made) => (finish = made)));
    await nextTurn();
    const second = team.direct.withQuota(mia, ask, () => Promise.reject(new Error('no')));
    await expect(second).rejects.toThrow('no');
    expect(await team.cpu()).toMatchObject({ used: 0, reserved: 1 });
    finish('made');
    expect(await first).toBe('made');
    expect(await team.cpu()).toMatchObject({ used: 1, reserved: 0 });
  });

  test('Q-13 if create throws in a retry after a commit, the charge stays', async () => {
    const team = await createCounted();
    await team.direct.withQuota(mia, asking(team), () => 'made');
    const again = team.direct.withQuota(mia, asking(team), () => {
      throw new Error('it is there already');
    });
    await expect(again).rejects.toThrow('it is there already');
    expect(await team.cpu()).toMatchObject({ used: 1, reserved: 0 });
    expect(await team.direct.withQuota(mia, asking(team), () => 'the same')).toBe('the same');
    expect(await team.cpu()).toMatchObject({ used: 1, reserved: 0 });
  });

  test('Q-13 a caller who loses the permission during create is charged no longer than the time to live', async () => {
    for (const step of ['demoted', 'removed'] as const) {
      for (const throws of [true, false]) {
        const team = await createCounted();
        const { workspaceId } = team;
        const call = team.direct.withQuota(mia, asking(team), async () => {
          const target = { workspaceId, userId: 'mia' };
          if (step === 'demoted') await team.direct.changeRole(ada, { ...target, role: 'developer' });
          else await team.direct.removeMember(ada, target);
          if (throws) throw new Error('no disk');
        });
        await expect(call).rejects.toThrow(throws ? 'no disk' : Error);
        team.clock.advance(TTL_SECONDS * 1000);
        expect(await team.cpu()).toMatchObject({ used: 0, reserved: 0 });
      }
    }
  });
});

describe('Q-13 random faults', () => {
  const PER_WORLD = 50;

  test('Q-13 10,000 random faults leak 0 units and never exceed the limit', async () => {
    let faults = 0;
    const counts: Record<string, number> = {};
    const enough = rounds(10_000, 100_000);
    for (let seed = 1; faults < enough; seed++) {
      const random = generator(seed);
      const happens = (rate: number) => random() < rate;
      const team = await createCounted();
      const fault = (): void => {
        faults += 1;
      };
      /** The ids whose commit took effect, whether or not it was acknowledged. */
      const charged = new Set<string>();
      const ledger: QuotaAdapter = {
        ...team.ledger,
        commit: async (subject, request) => {
          const result = await team.ledger.commit(subject, request);
          if (result.ok) charged.add(request.reservationId);
          return result;
        },
        release: async (subject, request) => {
          const result = await team.ledger.release(subject, request);
          if (result.ok && result.released?.state === 'committed') charged.delete(request.reservationId);
          return result;
        },
      };
      const rough = aroundQuota(ledger, async (run) => {
        if (happens(0.3)) await nextTurn();
        if (happens(0.1)) {
          fault();
          return down();
        }
        if (happens(0.05)) {
          fault();
          return never();
        }
        const answer = await run();
        if (happens(0.05)) {
          fault();
          return never();
        }
        if (happens(0.3)) await nextTurn();
        if (happens(0.1)) {
          fault();
          return down();
        }
        return answer;
      });
      // Long enough for calls that only yield; a call that never answers is a process that died.
      const workspaces = team.service({ quota: rough, quotaTimeout: 60_000 });
      const run = async (reservationId: string): Promise<string> => {
        try {
          return await workspaces.withQuota(mia, asking(team, reservationId), async () => {
            if (happens(0.2)) await nextTurn();
            if (happens(0.1)) {
              fault();
              team.clock.advance(TTL_SECONDS * 1000);
            }
            if (happens(0.1)) {
              fault();
              return never<string>();
            }
            if (happens(0.2)) {
              fault();
              throw new Error('no disk');
            }
            return 'made';
          });
        } catch (error) {
          return isWorkspaceError(error) ? error.code : 'threw';
        }
      };
      const ended = new Map<string, string>();
      for (let call = 0; call < PER_WORLD; call++) {
        const id = `r${String(call)}`;
        void run(id).then((how) => ended.set(id, how));
        if (happens(0.3)) await nextTurn();
        if (happens(0.1)) team.clock.advance(TTL_SECONDS * 500);
        if (charged.size > 2 && happens(0.5)) {
          const [oldest = ''] = charged;
          await team.direct.releaseQuota(ada, { workspaceId: team.workspaceId, reservationId: oldest });
          charged.delete(oldest);
          ended.delete(oldest);
        }
        const { used, reserved } = await team.cpu();
        expect(used + reserved, `seed ${String(seed)}`).toBeLessThanOrEqual(LIMIT);
      }
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      team.clock.advance(TTL_SECONDS * 1000);
      const { used, reserved } = await team.cpu();
      expect([`seed ${String(seed)}`, used, reserved]).toEqual([`seed ${String(seed)}`, charged.size, 0]);
      for (const how of ended.values()) counts[how] = (counts[how] ?? 0) + 1;
    }
    expect(faults).toBeGreaterThanOrEqual(enough);
    for (const how of ['made', 'threw', 'UNAVAILABLE', 'QUOTA_EXCEEDED', 'RESERVATION_EXPIRED'])
      expect([how, (counts[how] ?? 0) > 10]).toEqual([how, true]);
  });
});

describe('Q-16 deleting a workspace', () => {
  /** The quota of the workspace according to the adapter itself. */
  async function isGone({ ledger, workspaceId, clock }: Counted): Promise<boolean> {
    const subject = { workspaceId, kind: 'team', ownerId: 'ada' } as const;
    const result = await ledger.report(subject, clock.now());
    return !result.ok;
  }

  const afterwards: readonly (readonly [string, Actor])[] = [
    ['the owner', ada],
    ['a manager', mia],
    ['an operator', root],
  ];

  test.each(afterwards)(
    'Q-16 deleting drops the quota: afterwards every quota method by %s is WORKSPACE_NOT_FOUND',
    async (_, actor) => {
      const team = await createCounted();
      const { workspaceId, direct } = team;
      await direct.reserveQuota(mia, asking(team, 'held'));
      await direct.withQuota(mia, asking(team, 'used'), () => 'made');
      await direct.deleteWorkspace(ada, { workspaceId });
      expect(await isGone(team)).toBe(true);
      for (const call of [
        direct.getQuota(actor, { workspaceId }),
        direct.reserveQuota(actor, asking(team, 'new')),
        direct.commitQuota(actor, { workspaceId, reservationId: 'held' }),
        direct.releaseQuota(actor, { workspaceId, reservationId: 'used' }),
        direct.withQuota(actor, asking(team, 'new'), () => 'made'),
        direct.setQuota(root, { workspaceId, limits: { cpu: '1' } }),
      ])
        expect(await outcome(call)).toBe('WORKSPACE_NOT_FOUND');
    },
  );

  test('Q-16 in 200 interleavings with reservations nothing is left, and nothing is reserved afterwards', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= rounds(200, 5_000); seed++) {
      const team = await createCounted();
      const { workspaceId } = team;
      const random = generator(seed);
      const turns = async (): Promise<void> => {
        for (let left = Math.floor(random() * 4); left > 0; left--) await nextTurn();
      };
      const quota = aroundQuota(team.ledger, async (run) => {
        await turns();
        const answer = await run();
        await turns();
        return answer;
      });
      const storage = chaosStorage(team.storage, { seed });
      const [one, other] = [team.service({ storage, quota }), team.service({ storage, quota })];
      await team.direct.reserveQuota(mia, asking(team, 'held'));
      const late = async (call: () => Promise<unknown>): Promise<void> => {
        await turns();
        outcomes.add(await outcome(call()));
      };
      const held = { workspaceId, reservationId: 'held' };
      await Promise.all([
        late(() => other.reserveQuota(mia, asking(team, 'a'))),
        late(() => other.withQuota(mia, asking(team, 'b'), turns)),
        late(() => one.commitQuota(mia, held)),
        late(() => one.releaseQuota(ada, held)),
        late(() => other.setQuota(root, { workspaceId, limits: { cpu: '9' } })),
        one.deleteWorkspace(ada, { workspaceId }),
      ]);
      expect(await isGone(team)).toBe(true);
      expect(await outcome(other.reserveQuota(mia, asking(team, 'c')))).toBe('WORKSPACE_NOT_FOUND');
    }
    expect([...outcomes].sort()).toEqual(['RESERVATION_NOT_FOUND', 'WORKSPACE_NOT_FOUND', 'ok']);
  });

  test('Q-16 a reservation that read the workspace before its deletion and reaches the adapter after it leaves nothing', async () => {
    for (const [name, , run] of methods) {
      if (name === 'deleteWorkspace') continue;
      const team = await createCounted();
      await team.direct.reserveQuota(mia, asking(team, 'held'));
      const late = aroundQuota(team.ledger, async (ask) => {
        await team.direct.deleteWorkspace(ada, { workspaceId: team.workspaceId }).catch(() => undefined);
        return ask();
      });
      const refused = await refusal(run(team, team.service({ quota: late })));
      expect([name, refused.code, refused.details]).toEqual([
        name,
        'WORKSPACE_NOT_FOUND',
        { workspaceId: team.workspaceId },
      ]);
      expect(await isGone(team)).toBe(true);
    }
  });

  test('Q-16 a deletion during create fails the call, and nothing is charged', async () => {
    const team = await createCounted();
    const { workspaceId } = team;
    const call = team.direct.withQuota(mia, asking(team), () =>
      team.direct.deleteWorkspace(ada, { workspaceId }),
    );
    expect(await outcome(call)).toBe('WORKSPACE_NOT_FOUND');
    expect(await isGone(team)).toBe(true);
  });

  test.each([
    ['the owner', ada],
    ['an operator', root],
  ] as const)(
    'Q-16 an operator completes a deletion that failed before the quota was dropped: begun by %s',
    async (_, actor) => {
      const team = await createCounted();
      const { workspaceId } = team;
      await team.direct.reserveQuota(mia, asking(team));
      const broken = team.service({ quota: { ...team.ledger, forget: down } });
      const refused = await refusal(broken.deleteWorkspace(actor, { workspaceId }));
      expect([refused.code, refused.details, refused.retryable]).toEqual([
        'UNAVAILABLE',
        { source: 'quota' },
        true,
      ]);
      // For users the id is now unknown; an operator learns that the deletion is incomplete.
      expect(await outcome(broken.deleteWorkspace(actor, { workspaceId }))).toBe(
        'operator' in actor ? 'UNAVAILABLE' : 'WORKSPACE_NOT_FOUND',
      );
      expect(await isGone(team)).toBe(false);
      expect(await outcome(team.direct.reserveQuota(mia, asking(team, 'b')))).toBe('WORKSPACE_NOT_FOUND');
      expect(await outcome(team.direct.deleteWorkspace(actor, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
      expect(await isGone(team)).toBe('operator' in actor);
      expect(await outcome(team.direct.deleteWorkspace(root, { workspaceId }))).toBe('WORKSPACE_NOT_FOUND');
      expect(await isGone(team)).toBe(true);
    },
  );

  test('Q-16 a refused deletion keeps the quota', async () => {
    const team = await createCounted();
    const { workspaceId } = team;
    await team.direct.reserveQuota(mia, asking(team));
    expect(await outcome(team.direct.deleteWorkspace(mia, { workspaceId }))).toBe('PERMISSION_DENIED');
    const confirmName = 'Another';
    for (const actor of [ada, root])
      expect(await outcome(team.direct.deleteWorkspace(actor, { workspaceId, confirmName }))).toBe(
        'CONFIRMATION_MISMATCH',
      );
    expect(await outcome(team.direct.deleteWorkspace({ userId: 'sam' }, { workspaceId }))).toBe(
      'WORKSPACE_NOT_FOUND',
    );
    expect(await team.cpu()).toMatchObject({ reserved: 1 });
  });
});
