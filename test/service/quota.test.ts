// Quotas through the service: admission, error details, events and permissions.
import { describe, expect, test } from 'vitest';
import { memoryQuota, type LimitTexts } from '../../src/adapters/memory/index.js';
import {
  isWorkspaceError,
  noQuota,
  type Actor,
  type QuotaSubject,
  type TenantryEvent,
  type WorkspaceError,
} from '../../src/index.js';
import { parseQuantity } from '../../src/core/quantity/index.js';
import { call } from '../methods.js';
import { ada, createTeam, dev, everyItem, mia, outcome, refusal, root, sam } from './team.js';

const defaults: LimitTexts = { cpu: '4', memory: '8Gi', pods: 'unlimited', gpu: '0' };

/** A team with limits, and every quota event that it emits. */
async function createCounted(quota = memoryQuota({ defaults })) {
  const team = await createTeam({ quota });
  const { workspaces, workspaceId } = team;
  const heard: TenantryEvent[] = [];
  workspaces.on('*', (event) => heard.push(event));
  return {
    ...team,
    heard,
    told: () => heard.map(({ type }) => type),
    reserve: (
      reservationId: string,
      amounts: Readonly<Record<string, string>>,
      actor: Actor = mia,
      ttlSeconds?: number,
    ) => workspaces.reserveQuota(actor, { workspaceId, reservationId, amounts, ttlSeconds }),
    commit: (reservationId: string, actor: Actor = mia) =>
      workspaces.commitQuota(actor, { workspaceId, reservationId }),
    release: (reservationId: string, actor: Actor = mia) =>
      workspaces.releaseQuota(actor, { workspaceId, reservationId }),
    limit: (limits: LimitTexts) => workspaces.setQuota(root, { workspaceId, limits }),
    report: async () => (await workspaces.getQuota(dev, { workspaceId })).resources,
  };
}

/** A day later: every reservation has expired. */
const DAY_SECONDS = 24 * 60 * 60;

function issuesOf(error: WorkspaceError) {
  if (!isWorkspaceError(error, 'INVALID_INPUT')) throw new Error(error.code);
  return error.details.issues;
}

describe('Q-05 invalid amounts and limits', () => {
  const malformed: readonly (readonly [string, string, string])[] = [
    ['', '""', 'position 0'],
    ['-1', '"-1"', 'is negative'],
    ['-0.1m', '"-0.1m"', 'is negative'],
    ['1K', '"1K"', 'position 1'],
    ['1KiB', '"1KiB"', 'position 1'],
    [' 1', '" 1"', 'position 0'],
    ['1 ', '"1 "', 'position 1'],
    ['.', '"."', 'position'],
    ['NaN', '"NaN"', 'position 0'],
    ['Infinity', '"Infinity"', 'position 0'],
    ['0x10', '"0x10"', 'position 1'],
    ['1_000', '"1_000"', 'position 1'],
    ['0.1n', '"0.1n"', 'position'],
    ['１', '"\\u{ff11}"', 'position 0'],
    ['9'.repeat(10_000), `"${'9'.repeat(32)}..."`, 'position'],
    [`1${' '.repeat(10_000)}`, `"1${' '.repeat(31)}..."`, 'position 64'],
    ['<script>', '"<script>"', 'position 0'],
  ];

  test.each(malformed.map(([text, shown, problem]) => [shown, problem, text] as const))(
    'Q-05 the amount or limit %s is rejected: %s',
    async (shown, problem, text) => {
      const team = await createCounted();
      const before = await team.report();
      const { workspaceId, workspaces } = team;
      for (const [path, asked] of [
        ['input.amounts.cpu', () => team.reserve('r', { memory: '1Gi', cpu: text })],
        ['input.limits.cpu', () => team.limit({ memory: '1Gi', cpu: text })],
        [
          'input.amounts.cpu',
          () =>
            workspaces.withQuota(
              mia,
              { workspaceId, reservationId: 'r', amounts: { cpu: text } },
              () => 'made',
            ),
        ],
      ] as const) {
        const [issue, ...more] = issuesOf(await refusal(asked()));
        expect([issue?.path, more]).toEqual([path, []]);
        expect(issue?.message).toContain(shown);
        expect(issue?.message).toContain(problem);
        expect(issue?.message.length).toBeLessThan(200);
      }
      expect(await team.report()).toEqual(before);
      expect(team.told()).toEqual([]);
    },
  );

  test("Q-05 'unlimited' is a limit but not an amount, and only in lower case", async () => {
    const team = await createCounted();
    expect(issuesOf(await refusal(team.reserve('r', { cpu: 'unlimited' })))[0]?.path).toBe(
      'input.amounts.cpu',
    );
    for (const text of ['Unlimited', 'unlimited ', 'UNLIMITED', 'none', 'inf'])
      expect(await outcome(team.limit({ cpu: text }))).toBe('INVALID_INPUT');
    expect(await outcome(team.reserve('r', { cpu: '5' }))).toBe('QUOTA_EXCEEDED');
    expect((await team.limit({ cpu: 'unlimited' })).resources['cpu']?.limit).toBe('unlimited');
    expect(await outcome(team.reserve('r', { cpu: '5k' }))).toBe('ok');
  });

  test('Q-05 an unlisted resource is rejected by name, with the listed ones, and nothing is charged', async () => {
    const team = await createCounted();
    const before = await team.report();
    const names = ['disk', 'constructor', 'toString', 'CPU', 'valueOf'];
    const amounts = Object.fromEntries([...names, 'cpu'].map((name) => [name, '1']));
    const issues = issuesOf(await refusal(team.reserve('r', amounts)));
    expect(issues.map(({ path }) => path)).toEqual([...names].sort().map((name) => `input.amounts.${name}`));
    expect(new Set(issues.map(({ message }) => message))).toEqual(
      new Set(['is not a resource of this quota']),
    );
    expect(await team.report()).toEqual(before);
    await team.limit({ disk: '10Gi', constructor: '1' });
    expect(await outcome(team.reserve('r', { disk: '1Gi', constructor: '1' }))).toBe('ok');
    expect((await team.report())['constructor']).toMatchObject({ limit: '1', reserved: '1' });
  });

  test.each([
    ['no resource', {}],
    [
      '1,000 resources',
      Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`r${String(n)}`, '1'] as const)),
    ],
    [
      '65 resources',
      Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`r${String(n)}`, '1'] as const)),
    ],
    ['a name of 10 KB', { ['x'.repeat(10_240)]: '1' }],
    ['an empty name', { '': '1' }],
    ['a name with a space', { 'c pu': '1' }],
    ['a name with control characters', { 'cpu\u0000': '1' }],
    ['a name of hidden characters', { '\u202e': '1' }],
    ['a name with SQL', { "'; DROP TABLE quotas; --": '1' }],
    ['a number for a quantity', { cpu: 1 }],
    ['no quantity', { cpu: null }],
    ['an object for a quantity', { cpu: { toString: () => '1' } }],
    ['an array', ['1']],
    ['text', 'cpu=1'],
  ])('Q-05 %s is rejected with a short error, and nothing is charged', async (_, record) => {
    const team = await createCounted();
    const before = await team.report();
    const { workspaceId } = team;
    for (const [actor, name, input] of [
      [mia, 'reserveQuota', { workspaceId, reservationId: 'r', amounts: record }],
      [mia, 'withQuota', { workspaceId, reservationId: 'r', amounts: record }],
      [root, 'setQuota', { workspaceId, limits: record }],
    ] as const) {
      const refused = await refusal(call(team.workspaces, name, { actor, input }));
      const issues = issuesOf(refused);
      expect(issues.every(({ path }) => /^input\.(amounts|limits)/.test(path))).toBe(true);
      expect(`${refused.message}${JSON.stringify(issues)}`.length).toBeLessThan(10_000);
    }
    expect(await team.report()).toEqual(before);
    expect(team.told()).toEqual([]);
  });

  test('Q-05 empty ids, ids of 10 KB and invalid times to live are rejected, and nothing is charged', async () => {
    const team = await createCounted();
    const before = await team.report();
    for (const id of ['', 'x'.repeat(257), 'x'.repeat(10_240), 'a\u0000b', '\ud800']) {
      for (const ask of [() => team.reserve(id, { cpu: '1' }), () => team.commit(id), () => team.release(id)])
        expect(issuesOf(await refusal(ask()))[0]?.path).toBe('input.reservationId');
    }
    for (const ttl of [0, -1, 1.5, DAY_SECONDS + 1, Number.NaN, Infinity]) {
      const refused = await refusal(team.reserve('r', { cpu: '1' }, mia, ttl));
      expect(issuesOf(refused)[0]?.path).toBe('input.ttlSeconds');
    }
    expect(await team.report()).toEqual(before);
    expect(await outcome(team.reserve('x'.repeat(256), { cpu: '1' }, mia, DAY_SECONDS))).toBe('ok');
  });

  test('Q-05 an invalid resource name is rejected by name, with the reason', async () => {
    const team = await createCounted();
    expect(issuesOf(await refusal(team.reserve('r', { 'c pu': '1' })))).toEqual([
      { path: 'input.amounts.c pu', message: 'is not a resource name' },
    ]);
    expect(issuesOf(await refusal(team.limit({ ['x'.repeat(10_240)]: '1' })))).toEqual([
      { path: `input.limits.${'x'.repeat(64)}`, message: 'must be at most 253 characters long' },
    ]);
  });

  test('Q-05 a resource called __proto__ is rejected by name', async () => {
    const team = await createCounted();
    const amounts = JSON.parse('{"cpu": "1", "__proto__": "1"}') as Record<string, string>;
    expect(issuesOf(await refusal(team.reserve('r', amounts)))).toEqual([
      { path: 'input.amounts.__proto__', message: 'is unknown' },
    ]);
    const resources = await team.report();
    expect(Object.keys(resources)).toEqual(['cpu', 'gpu', 'memory', 'pods']);
  });

  test('Q-05 a limit of 0 admits none, and an amount of 0 next to others always fits', async () => {
    const team = await createCounted();
    expect(await outcome(team.reserve('r', { gpu: '1n' }))).toBe('QUOTA_EXCEEDED');
    const amounts = { gpu: '0', cpu: '1' };
    expect(await team.reserve('r', amounts)).toMatchObject({ amounts });
  });

  test.each([{ gpu: '0' }, { cpu: '0', gpu: '0.0' }, { memory: '0Gi' }])(
    'Q-05 a reservation of nothing is refused, because no limit would refuse the next: %j',
    async (amounts) => {
      const team = await createCounted();
      const refused = await refusal(team.reserve('r', amounts));
      expect([refused.code, refused.details]).toEqual([
        'INVALID_INPUT',
        { issues: [{ path: 'input.amounts', message: 'must reserve more than 0 of at least one resource' }] },
      ]);
    },
  );

  test.each([undefined, null, 'create', {}, Promise.resolve('made')])(
    'Q-05 withQuota rejects the create %s before it charges anything',
    async (create) => {
      const team = await createCounted();
      const input = { workspaceId: team.workspaceId, reservationId: 'r', amounts: { cpu: '1' } };
      const answer = team.workspaces.withQuota(mia, input, create as never);
      expect(issuesOf(await refusal(answer))).toEqual([{ path: 'create', message: 'must be a function' }]);
      expect(team.told()).toEqual([]);
    },
  );
});

describe('Q-06 and Q-08 admission', () => {
  test('Q-06 the limit is exact to 1n over used plus reserved, and admits all resources of a request or none', async () => {
    const team = await createCounted();
    await team.reserve('a', { cpu: '1500m', memory: '1Gi' });
    await team.commit('a');
    await team.reserve('b', { cpu: '2' });
    expect(await outcome(team.reserve('c', { cpu: '500000001n' }))).toBe('QUOTA_EXCEEDED');
    expect(await outcome(team.reserve('c', { memory: '1Gi', cpu: '0.6' }))).toBe('QUOTA_EXCEEDED');
    expect((await team.report())['memory']).toMatchObject({ used: '1Gi', reserved: '0' });
    expect(await team.reserve('c', { cpu: '0.5' })).toMatchObject({ amounts: { cpu: '500m' } });
    expect((await team.report())['cpu']).toEqual({
      limit: '4',
      used: '1500m',
      reserved: '2500m',
      overLimit: false,
    });
  });

  test('Q-08 a reservation counts until the instant at which it expires, without a timer', async () => {
    const team = await createCounted();
    const { clock } = team;
    const made = await team.reserve('a', { cpu: '4' }, mia, 10);
    expect(made).toEqual({
      workspaceId: team.workspaceId,
      reservationId: 'a',
      state: 'reserved',
      amounts: { cpu: '4' },
      expiresAt: new Date(clock.now() + 10_000),
    });
    expect(Object.isFrozen(made) && Object.isFrozen(made.amounts)).toBe(true);
    clock.advance(9_999);
    expect(await outcome(team.reserve('b', { cpu: '1n' }))).toBe('QUOTA_EXCEEDED');
    clock.advance(1);
    expect((await team.report())['cpu']).toMatchObject({ used: '0', reserved: '0' });
    expect(await outcome(team.reserve('b', { cpu: '4' }))).toBe('ok');
  });

  test('Q-08 a committed charge stays after the 300 seconds that a reservation lives', async () => {
    const team = await createCounted();
    const { expiresAt } = await team.reserve('a', { cpu: '1' });
    expect(expiresAt).toEqual(new Date(team.clock.now() + 300_000));
    expect(await team.commit('a')).toMatchObject({ state: 'committed', expiresAt: null });
    team.clock.advance(365 * DAY_SECONDS * 1000);
    expect((await team.report())['cpu']).toMatchObject({ used: '1', reserved: '0' });
    await team.release('a');
    expect((await team.report())['cpu']).toMatchObject({ used: '0', reserved: '0' });
  });
});

describe('Q-09 idempotency', () => {
  test('Q-09 the same id and amounts, in any spelling: the same answer, one charge, one event', async () => {
    const team = await createCounted();
    const first = await team.reserve('a', { cpu: '1500m', memory: '1Gi' });
    for (const amounts of [
      { cpu: '1500m', memory: '1Gi' },
      { memory: '1024Mi', cpu: '1.5' },
      { cpu: '15e-1', memory: '1073741824' },
    ]) {
      team.clock.advance(1_000);
      expect(await team.reserve('a', amounts, ada, 999)).toEqual(first);
    }
    expect((await team.report())['cpu']).toMatchObject({ reserved: '1500m' });
    await team.commit('a');
    const committed = await team.commit('a', ada);
    expect(await team.reserve('a', { cpu: '1500m', memory: '1Gi' })).toEqual(committed);
    expect((await team.report())['cpu']).toMatchObject({ used: '1500m', reserved: '0' });
    expect(team.told()).toEqual(['quota.reserved', 'quota.committed']);
  });

  test.each([{ cpu: '2' }, { memory: '1' }, { cpu: '1', memory: '1' }, { cpu: '1', pods: '0' }])(
    'Q-09 the same id with the amounts %j is RESERVATION_MISMATCH, reserved or committed',
    async (amounts) => {
      const team = await createCounted();
      await team.reserve('a', { cpu: '1' });
      for (const step of [() => Promise.resolve(), () => team.commit('a')]) {
        await step();
        const before = await team.report();
        const refused = await refusal(team.reserve('a', amounts));
        expect([refused.code, refused.details, refused.retryable]).toEqual([
          'RESERVATION_MISMATCH',
          { reservationId: 'a' },
          false,
        ]);
        expect(await team.report()).toEqual(before);
      }
      expect(team.told()).toEqual(['quota.reserved', 'quota.committed']);
    },
  );

  test('Q-09 releasing twice or an unknown id is a no-op without an event, and never goes below 0', async () => {
    const team = await createCounted();
    await team.reserve('a', { cpu: '1' });
    await team.reserve('b', { cpu: '1' });
    await Promise.all(Array.from({ length: 20 }, () => team.release('a')));
    await team.release('never');
    expect((await team.report())['cpu']).toMatchObject({ used: '0', reserved: '1' });
    await team.reserve('c', { cpu: '1' }, mia, 1);
    team.clock.advance(1_000);
    await team.release('c');
    expect(team.told()).toEqual(['quota.reserved', 'quota.reserved', 'quota.released', 'quota.reserved']);
    expect(await outcome(team.commit('a'))).toBe('RESERVATION_NOT_FOUND');
    expect(await outcome(team.reserve('a', { cpu: '2' }))).toBe('ok');
  });

  test('Q-09 an id of one workspace has no effect in another', async () => {
    const team = await createCounted();
    await team.reserve('a', { cpu: '4' });
    const { id: workspaceId } = await team.workspaces.createWorkspace(mia, { name: 'Other' });
    const other = { workspaceId, reservationId: 'a' };
    expect(await outcome(team.workspaces.commitQuota(mia, other))).toBe('RESERVATION_NOT_FOUND');
    await team.workspaces.releaseQuota(mia, other);
    expect(await outcome(team.workspaces.reserveQuota(mia, { ...other, amounts: { cpu: '3' } }))).toBe('ok');
    expect((await team.report())['cpu']).toMatchObject({ reserved: '4' });
  });
});

describe('Q-10 committing after expiry', () => {
  test('Q-10 an expired reservation that no longer fits is RESERVATION_EXPIRED, and charges nothing', async () => {
    const team = await createCounted();
    await team.reserve('a', { cpu: '3', memory: '1Gi' }, mia, 1);
    team.clock.advance(1_000);
    await team.reserve('b', { cpu: '2' });
    const before = await team.report();
    const refused = await refusal(team.commit('a'));
    expect([refused.code, refused.details, refused.retryable]).toEqual([
      'RESERVATION_EXPIRED',
      { reservationId: 'a' },
      false,
    ]);
    expect(await team.report()).toEqual(before);
    expect(team.told()).toEqual(['quota.reserved', 'quota.reserved']);
    await team.release('b');
    expect(await team.commit('a')).toMatchObject({ state: 'committed', amounts: { cpu: '3' } });
  });

  test('Q-10 an expired reservation is admitted again in the same step if it fits, up to the limit', async () => {
    const team = await createCounted();
    await team.reserve('a', { cpu: '2' }, mia, 1);
    team.clock.advance(1_000);
    await team.reserve('b', { cpu: '2' });
    expect(await team.commit('a')).toMatchObject({ state: 'committed', expiresAt: null });
    expect((await team.report())['cpu']).toMatchObject({ used: '2', reserved: '2' });
    expect(await outcome(team.reserve('c', { cpu: '1n' }))).toBe('QUOTA_EXCEEDED');
  });

  test('Q-10 of 8 expired reservations that are committed in parallel, no more than fit are admitted', async () => {
    const team = await createCounted();
    const ids = Array.from({ length: 8 }, (_, index) => `r${String(index)}`);
    await team.limit({ cpu: '8' });
    for (const id of ids) await team.reserve(id, { cpu: '1' }, mia, 1);
    team.clock.advance(1_000);
    await team.limit({ cpu: '3' });
    const ended = await Promise.all(ids.map((id) => outcome(team.commit(id))));
    expect(ended.filter((one) => one === 'ok')).toHaveLength(3);
    expect(ended.filter((one) => one === 'RESERVATION_EXPIRED')).toHaveLength(5);
    expect((await team.report())['cpu']).toMatchObject({ used: '3', overLimit: false });
  });

  test('Q-10 committing an unknown reservation is RESERVATION_NOT_FOUND', async () => {
    const refused = await refusal((await createCounted()).commit('a'));
    expect([refused.code, refused.details]).toEqual(['RESERVATION_NOT_FOUND', { reservationId: 'a' }]);
  });
});

describe('Q-11 lowering a limit', () => {
  test('Q-11 a limit below the present use is accepted and reported, and refuses every increase but no decrease', async () => {
    const team = await createCounted();
    await team.reserve('a', { cpu: '2' });
    await team.commit('a');
    await team.reserve('b', { cpu: '2' });
    const lowered = await team.limit({ cpu: '1' });
    expect(lowered).toEqual(await team.workspaces.getQuota(dev, { workspaceId: team.workspaceId }));
    expect(lowered.resources['cpu']).toEqual({ limit: '1', used: '2', reserved: '2', overLimit: true });
    expect(lowered.resources['memory']).toMatchObject({ limit: '8Gi', overLimit: false });
    expect(await outcome(team.reserve('c', { cpu: '1n' }))).toBe('QUOTA_EXCEEDED');
    expect(await outcome(team.reserve('c', { cpu: '0', memory: '1Gi' }))).toBe('ok');
    // A reserved amount is counted already: committing it is no increase.
    expect(await outcome(team.commit('b'))).toBe('ok');
    await team.release('a');
    expect((await team.report())['cpu']).toEqual({ limit: '1', used: '2', reserved: '0', overLimit: true });
    await team.release('b');
    expect((await team.report())['cpu']).toEqual({ limit: '1', used: '0', reserved: '0', overLimit: false });
    expect(await outcome(team.reserve('d', { cpu: '1' }))).toBe('ok');
  });
});

describe('Q-12 a denial', () => {
  test('Q-12 a denial lists every resource that lacks, sorted, as canonical strings, and no other', async () => {
    const team = await createCounted();
    await team.reserve('a', { cpu: '1.5', memory: '1.5Gi' });
    await team.commit('a');
    await team.reserve('b', { cpu: '500m', memory: '2048Mi', pods: '5' });
    const shortfalls = [
      {
        resource: 'cpu',
        requested: '3500m',
        used: '1500m',
        reserved: '500m',
        limit: '4',
        exceededBy: '1500m',
      },
      { resource: 'gpu', requested: '1', used: '0', reserved: '0', limit: '0', exceededBy: '1' },
      {
        resource: 'memory',
        requested: '5Gi',
        used: '1536Mi',
        reserved: '2Gi',
        limit: '8Gi',
        exceededBy: '512Mi',
      },
    ];
    const refused = await refusal(team.reserve('c', { pods: '1', memory: '5120Mi', gpu: '1', cpu: '3.5' }));
    expect([refused.code, refused.details, refused.retryable]).toEqual([
      'QUOTA_EXCEEDED',
      { shortfalls },
      false,
    ]);
    expect(refused.message).toBe('the quota is exceeded: cpu by 1500m, gpu by 1, memory by 512Mi');
    expect(team.heard.at(-1)).toMatchObject({
      type: 'quota.denied',
      workspaceId: team.workspaceId,
      actor: mia,
      data: { reservationId: 'c', shortfalls },
    });
  });
});

describe('Q-14 limits apply from the start', () => {
  test('Q-14 A-06 personal and team workspaces are limited before any other call', async () => {
    const { workspaces } = await createCounted();
    const { workspace: personal } = await workspaces.openAccount({ userId: 'new', username: 'new' });
    const created = await workspaces.createWorkspace({ userId: 'new' }, { name: 'Team' });
    for (const { id: workspaceId } of [personal, created]) {
      const asking = (reservationId: string, cpu: string) =>
        outcome(workspaces.reserveQuota({ userId: 'new' }, { workspaceId, reservationId, amounts: { cpu } }));
      expect(await asking('a', '4001m')).toBe('QUOTA_EXCEEDED');
      expect(await asking('b', '4')).toBe('ok');
      expect(await asking('c', '1n')).toBe('QUOTA_EXCEEDED');
      const { resources } = await workspaces.getQuota({ userId: 'new' }, { workspaceId });
      expect(resources).toEqual({
        cpu: { limit: '4', used: '0', reserved: '4', overLimit: false },
        gpu: { limit: '0', used: '0', reserved: '0', overLimit: false },
        memory: { limit: '8Gi', used: '0', reserved: '0', overLimit: false },
        pods: { limit: 'unlimited', used: '0', reserved: '0', overLimit: false },
      });
    }
  });

  test('Q-14 a listener that reserves on workspace.created finds the limits in force', async () => {
    const { workspaces } = await createCounted();
    const ended = new Promise<string>((resolve) => {
      workspaces.on('workspace.created', async ({ workspaceId }) => {
        const input = { workspaceId, reservationId: 'a', amounts: { cpu: '5' } };
        resolve(await outcome(workspaces.reserveQuota(sam, input)));
      });
    });
    await workspaces.createWorkspace(sam, { name: 'Early' });
    expect(await ended).toBe('QUOTA_EXCEEDED');
  });

  test('Q-14 A-06 a limits function receives the owner and the kind of the workspace, at each call', async () => {
    const subjects: QuotaSubject[] = [];
    const plans: Record<string, string> = { ada: '1', sam: '2' };
    const quota = memoryQuota({
      defaults: async (subject) => {
        subjects.push(subject);
        await Promise.resolve();
        return { cpu: subject.kind === 'personal' ? '100m' : (plans[subject.ownerId] ?? '0') };
      },
    });
    const { workspaces, workspaceId, report } = await createCounted(quota);
    const { workspace } = await workspaces.openAccount({ userId: 'ada', username: 'ada' });
    expect((await report())['cpu']?.limit).toBe('1');
    const own = await workspaces.getQuota(ada, { workspaceId: workspace.id });
    expect(own.resources['cpu']?.limit).toBe('100m');
    expect(subjects).toEqual([
      { workspaceId, kind: 'team', ownerId: 'ada' },
      { workspaceId: workspace.id, kind: 'personal', ownerId: 'ada' },
    ]);
    plans['ada'] = '3';
    expect((await report())['cpu']?.limit).toBe('3');
    await workspaces.transferOwnership(ada, { workspaceId, userId: 'mia' });
    expect((await report())['cpu']?.limit).toBe('0');
    await workspaces.setQuota(root, { workspaceId, limits: { cpu: '7' } });
    expect((await report())['cpu']?.limit).toBe('7');
  });
});

describe('permissions', () => {
  const actors = { owner: ada, manager: mia, developer: dev, stranger: sam, operator: root };
  const yes = 'ok';
  const no = 'PERMISSION_DENIED';
  const nothing = 'WORKSPACE_NOT_FOUND';

  test.each([
    ['getQuota', { owner: yes, manager: yes, developer: yes, stranger: nothing, operator: yes }],
    ['reserveQuota', { owner: yes, manager: yes, developer: no, stranger: nothing, operator: yes }],
    ['commitQuota', { owner: yes, manager: yes, developer: no, stranger: nothing, operator: yes }],
    ['withQuota', { owner: yes, manager: yes, developer: no, stranger: nothing, operator: yes }],
    ['releaseQuota', { owner: yes, manager: yes, developer: no, stranger: nothing, operator: yes }],
    [
      'setQuota',
      {
        owner: 'INVALID_INPUT',
        manager: 'INVALID_INPUT',
        developer: 'INVALID_INPUT',
        stranger: 'INVALID_INPUT',
        operator: yes,
      },
    ],
  ] as const)('T-05 %s: each role, a user who is not a member, and an operator', async (name, expected) => {
    const held = { reservationId: 'held', amounts: { cpu: '1' } };
    for (const role of ['owner', 'manager', 'developer', 'stranger', 'operator'] as const) {
      const { workspaces, workspaceId, report, reserve } = await createCounted();
      await reserve('held', { cpu: '1' }, root);
      const before = await report();
      const inputs = {
        getQuota: { workspaceId },
        reserveQuota: { workspaceId, ...held, reservationId: 'other' },
        commitQuota: { workspaceId, reservationId: 'held' },
        withQuota: { workspaceId, ...held, reservationId: 'other' },
        releaseQuota: { workspaceId, reservationId: 'held' },
        setQuota: { workspaceId, limits: { cpu: '2' } },
      };
      const ended = await outcome(call(workspaces, name, { actor: actors[role], input: inputs[name] }));
      expect([role, ended]).toEqual([role, expected[role]]);
      if (ended === 'ok' && name !== 'getQuota') expect(await report()).not.toEqual(before);
      else expect(await report()).toEqual(before);
    }
  });

  test('T-05 the member who reserved may release without resource:delete, but not after leaving the team', async () => {
    const { workspaces, workspaceId, report, reserve, release } = await createCounted();
    await reserve('a', { cpu: '1' });
    await reserve('b', { cpu: '1' });
    await workspaces.changeRole(ada, { workspaceId, userId: 'mia', role: 'developer' });
    expect(await outcome(reserve('c', { cpu: '1' }))).toBe('PERMISSION_DENIED');
    expect(await outcome(release('a', dev))).toBe('PERMISSION_DENIED');
    expect(await outcome(release('a', mia))).toBe('ok');
    expect(await refusal(release('b', dev))).toMatchObject({
      details: { permission: 'resource:delete', role: 'developer' },
    });
    await workspaces.removeMember(ada, { workspaceId, userId: 'mia' });
    expect(await outcome(release('b', mia))).toBe('WORKSPACE_NOT_FOUND');
    expect((await report())['cpu']).toMatchObject({ reserved: '1' });
    expect(await outcome(release('b', ada))).toBe('ok');
  });

  test('T-05 a denied member gets the permission and their own role, and a non-member only the requested id', async () => {
    const { workspaces, workspaceId } = await createCounted();
    const held = { workspaceId, reservationId: 'held' };
    const charge = { ...held, amounts: { cpu: '1' } };
    const calls = {
      reserveQuota: (actor: Actor) => workspaces.reserveQuota(actor, charge),
      commitQuota: (actor: Actor) => workspaces.commitQuota(actor, held),
      withQuota: (actor: Actor) => workspaces.withQuota(actor, charge, () => 'made'),
    };
    for (const ask of Object.values(calls))
      expect((await refusal(ask(dev))).details).toEqual({ permission: 'resource:create', role: 'developer' });
    for (const ask of [
      ...Object.values(calls),
      (actor: Actor) => workspaces.getQuota(actor, { workspaceId }),
      (actor: Actor) => workspaces.releaseQuota(actor, held),
    ])
      expect((await refusal(ask(sam))).details).toEqual({ workspaceId });
    const nowhere = { workspaceId: 'ws-nowhere', limits: { cpu: '1' } };
    expect((await refusal(workspaces.setQuota(root, nowhere))).details).toEqual({
      workspaceId: 'ws-nowhere',
    });
  });

  test("an operator can release a member's reservation", async () => {
    const { report, reserve, release } = await createCounted();
    await reserve('a', { cpu: '1' }, mia);
    await release('a', root);
    expect((await report())['cpu']).toMatchObject({ reserved: '0' });
  });

  test('T-05 an operator with the name of a user is not that user', async () => {
    const { reserve, release } = await createCounted();
    await reserve('a', { cpu: '1' }, { operator: 'dev' });
    expect(await outcome(release('a', dev))).toBe('PERMISSION_DENIED');
  });
});

describe('events', () => {
  test('T-09 each change emits one event with actor, place, amounts and time, in canonical strings', async () => {
    const team = await createCounted();
    const { workspaceId, clock, heard } = team;
    const at = new Date(clock.now());
    const expiresAt = new Date(clock.now() + 300_000);
    await team.limit({ cpu: '4000m', memory: '16384Mi', pods: 'unlimited' });
    await team.reserve('a', { cpu: '0.5', memory: '1024Mi' });
    await team.commit('a', ada);
    await team.release('a', ada);
    await outcome(team.reserve('b', { cpu: '4.5' }, ada));
    const amounts = { cpu: '500m', memory: '1Gi' };
    const where = { workspaceId, at };
    expect(heard.map(({ id: _, ...rest }) => rest)).toEqual([
      {
        ...where,
        type: 'quota.limits-set',
        actor: root,
        data: { limits: { cpu: '4', memory: '16Gi', pods: 'unlimited' } },
      },
      {
        ...where,
        type: 'quota.reserved',
        actor: mia,
        data: { reservationId: 'a', amounts, expiresAt },
      },
      { ...where, type: 'quota.committed', actor: ada, data: { reservationId: 'a', amounts } },
      { ...where, type: 'quota.released', actor: ada, data: { reservationId: 'a', amounts } },
      {
        ...where,
        type: 'quota.denied',
        actor: ada,
        data: {
          reservationId: 'b',
          shortfalls: [
            {
              resource: 'cpu',
              requested: '4500m',
              used: '0',
              reserved: '0',
              limit: '4',
              exceededBy: '500m',
            },
          ],
        },
      },
    ]);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
    expect(structuredClone(heard)).toEqual(heard);
    for (const event of heard)
      expect(Reflect.set(event, 'type', 'x') || Reflect.set(event.data, 'x', 1)).toBe(false);
  });

  test('T-09 setting limits that are in force already emits no event', async () => {
    const team = await createCounted();
    await team.limit({ cpu: '4000m', pods: 'unlimited' });
    expect(team.told()).toEqual([]);
    await team.limit({ cpu: '5' });
    await team.limit({ cpu: '5' });
    expect(team.told()).toEqual(['quota.limits-set']);
  });

  test('T-09 quota events change no record: neither the version nor the event list of the workspace', async () => {
    const team = await createCounted();
    const { workspaces, workspaceId, storage } = team;
    const before = storage.dump();
    await team.limit({ cpu: '5' });
    await team.reserve('a', { cpu: '1' });
    await workspaces.withQuota(mia, { workspaceId, reservationId: 'b', amounts: { cpu: '1' } }, () => 'made');
    expect(storage.dump()).toEqual(before);
    const listed = await everyItem((cursor) => workspaces.listEvents(ada, { workspaceId, cursor }));
    expect(listed.filter(({ type }) => type.startsWith('quota.'))).toEqual([]);
    expect(team.told()).toEqual(['quota.limits-set', 'quota.reserved', 'quota.reserved', 'quota.committed']);
  });

  test('T-10 a hook before reserveQuota also runs for withQuota, and its veto charges nothing', async () => {
    const team = await createCounted();
    const { workspaces, workspaceId } = team;
    const input = { workspaceId, reservationId: 'a', amounts: { cpu: '1' } };
    const told: unknown[] = [];
    workspaces.before('reserveQuota', (context) => {
      told.push(context);
      throw new Error('not in this season');
    });
    let made = 0;
    const create = () => (made += 1);
    expect(await outcome(workspaces.withQuota(mia, input, create))).toBe('VETOED');
    expect(await outcome(workspaces.reserveQuota(mia, input))).toBe('VETOED');
    const context = { command: 'reserveQuota', actor: mia, input: { ...input, ttlSeconds: 300 } };
    expect(told).toEqual([context, context]);
    expect(made).toBe(0);
    expect((await team.report())['cpu']).toMatchObject({ reserved: '0' });
  });
});

describe('the order of resources', () => {
  test('every answer lists resources by name, whatever the order of the adapter', async () => {
    const backwards = <Value>(values: ReadonlyMap<string, Value>) => new Map([...values].reverse());
    const memory = memoryQuota({ defaults });
    const { workspaces, workspaceId } = await createTeam({
      quota: {
        ...memory,
        report: async (subject, now) => {
          const result = await memory.report(subject, now);
          return result.ok ? { ...result, resources: backwards(result.resources) } : result;
        },
        reserve: async (subject, request) => {
          const result = await memory.reserve(subject, request);
          if (!result.ok) return result;
          return { ...result, charge: { ...result.charge, amounts: backwards(result.charge.amounts) } };
        },
      },
    });
    const { resources } = await workspaces.getQuota(dev, { workspaceId });
    expect(Object.keys(resources)).toEqual(['cpu', 'gpu', 'memory', 'pods']);
    const amounts = { pods: '1', memory: '1', cpu: '1', gpu: '0' };
    const made = await workspaces.reserveQuota(mia, { workspaceId, reservationId: 'a', amounts });
    expect(Object.keys(made.amounts)).toEqual(['cpu', 'gpu', 'memory', 'pods']);
  });
});

describe('noQuota', () => {
  test('satisfies the port: it grants what was requested, charges nothing, and names no owner', async () => {
    const quota = noQuota();
    const subject = { workspaceId: 'ws-1', kind: 'team', ownerId: 'ada' } as const;
    const amounts = new Map([['cpu', parseQuantity('1')]]);
    const request = { reservationId: 'a', amounts, expiresAt: 5, by: mia, now: 0 };
    expect(await quota.reserve(subject, request)).toEqual({
      ok: true,
      changed: false,
      charge: { reservationId: 'a', amounts, state: 'reserved', expiresAt: 5, by: mia },
    });
    expect(await quota.commit(subject, { reservationId: 'a', now: 0 })).toEqual({
      ok: true,
      changed: false,
      charge: {
        reservationId: 'a',
        amounts: new Map(),
        state: 'committed',
        expiresAt: 0,
        by: { operator: 'noQuota' },
      },
    });
    expect(await quota.release(subject, { reservationId: 'a', now: 0 })).toEqual({
      ok: true,
      released: null,
    });
    expect(await quota.report(subject, 0)).toEqual({ ok: true, resources: new Map() });
    expect(
      await quota.setLimits(
        subject,
        new Map([
          ['b', 'unlimited'],
          ['a', 'unlimited'],
        ]),
        0,
      ),
    ).toEqual({
      ok: false,
      reason: 'unlisted',
      resources: ['a', 'b'],
    });
    await expect(quota.forget('ws-1')).resolves.toBeUndefined();
  });

  test.each([
    ['said', { quota: noQuota() }],
    ['by default', {}],
  ])('admits everything, %s, remembers nothing, and has no limits to set or show', async (_, options) => {
    const { workspaces, workspaceId } = await createTeam(options);
    const heard: string[] = [];
    workspaces.on('*', ({ type }) => heard.push(type));
    const input = { workspaceId, reservationId: 'a', amounts: { cpu: '8E', anything: '1' } };
    expect(await workspaces.reserveQuota(mia, input)).toMatchObject({ state: 'reserved' });
    expect(await workspaces.reserveQuota(mia, { ...input, amounts: { cpu: '1' } })).toMatchObject({
      amounts: { cpu: '1' },
    });
    expect(await workspaces.commitQuota(mia, { workspaceId, reservationId: 'never' })).toMatchObject({
      state: 'committed',
      expiresAt: null,
    });
    await workspaces.releaseQuota(dev, { workspaceId, reservationId: 'a' });
    expect(await workspaces.withQuota(mia, input, () => 'made')).toBe('made');
    expect(await workspaces.getQuota(dev, { workspaceId })).toEqual({ workspaceId, resources: {} });
    const refused = await refusal(workspaces.setQuota(root, { workspaceId, limits: { cpu: '1', a: '1' } }));
    expect(issuesOf(refused).map(({ path }) => path)).toEqual(['input.limits.a', 'input.limits.cpu']);
    expect(heard).toEqual([]);
    for (const actor of [dev, sam])
      expect(await outcome(workspaces.reserveQuota(actor, input))).not.toBe('ok');
    await workspaces.deleteWorkspace(ada, { workspaceId });
    expect(await outcome(workspaces.reserveQuota(mia, input))).toBe('WORKSPACE_NOT_FOUND');
  });
});
