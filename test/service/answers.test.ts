// Answers that no port describes: an outage before anything is stored, and never an admission.
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { memoryQuota, memoryStorage } from '../../src/adapters/memory/index.js';
import {
  defaultMatrix,
  WorkspaceService,
  type CorePermission,
  type DefaultRole,
  type Ids,
  type QuotaAdapter,
  type StorageAdapter,
  type WorkspaceServiceOptions,
} from '../../src/index.js';
import { countingIds, fixedClock, testTokens } from '../../src/testing/index.js';
import { ada, refusal } from './team.js';

type Options = WorkspaceServiceOptions<DefaultRole, CorePermission>;

const eve = { userId: 'eve' };

type List = 'listMembers' | 'listEvents' | 'listInvitations';

async function start(options: Partial<Options> = {}) {
  const storage = memoryStorage();
  const quota = memoryQuota({ defaults: { cpu: '4' } });
  const serviceOf = (more: Partial<Options>) =>
    new WorkspaceService({ storage, quota, permissions: defaultMatrix, tokens: testTokens, ...more });
  const workspaces = serviceOf({ ids: countingIds(), clock: fixedClock() });
  await workspaces.openAccount({ ...ada, username: 'ada' });
  await workspaces.openAccount({ ...eve, username: 'eve' });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const { id: other } = await workspaces.createWorkspace(eve, { name: 'other' });
  const before = storage.dump();
  return { storage, quota, workspaceId, other, before, strange: serviceOf(options), serviceOf };
}

/** What an adapter in JavaScript may return; the types of the port do not allow it. */
const untyped = (answer: unknown) => () => Promise.resolve(answer as never);

const unknownAnswers: readonly unknown[] = [
  undefined,
  null,
  42,
  'ok',
  {},
  { ok: 0 },
  { ok: 1 },
  { ok: 'true' },
  { ok: true },
  { ok: true, charge: null, released: 7, resources: {} },
  { ok: true, charge: { reservationId: 'another', amounts: new Map(), state: 'reserved', expiresAt: 1 } },
  { ok: true, charge: { reservationId: 'r', amounts: new Map(), state: 'open', expiresAt: 1 } },
  { ok: false },
  { ok: false, reason: 'denied' },
  { ok: false, reason: 'unavailable', retryAfter: 5 },
];

describe.each(unknownAnswers.map((answer) => [inspect(answer), answer] as const))(
  'Q-15 a quota adapter that returns %s',
  (_text, answer) => {
    test('is unavailable, and admits nothing', async () => {
      const { quota, workspaceId, serviceOf } = await start();
      const strange: QuotaAdapter = {
        ...quota,
        report: untyped(answer),
        setLimits: untyped(answer),
        reserve: untyped(answer),
        commit: untyped(answer),
        release: untyped(answer),
      };
      const workspaces = serviceOf({ quota: strange });
      const named = { workspaceId, reservationId: 'r' };
      const asked = { ...named, amounts: { cpu: '1' } };
      let created = 0;
      const calls = [
        workspaces.reserveQuota(ada, asked),
        workspaces.withQuota(ada, asked, () => created++),
        workspaces.commitQuota(ada, named),
        workspaces.releaseQuota(ada, named),
        workspaces.getQuota(ada, { workspaceId }),
        workspaces.setQuota({ operator: 'root' }, { workspaceId, limits: { cpu: '1' } }),
      ];
      for (const call of calls) {
        expect(await refusal(call)).toMatchObject({ code: 'UNAVAILABLE', details: { source: 'quota' } });
      }
      expect(created).toBe(0);
    });
  },
);

describe('a storage that returns', () => {
  async function expectOutage(
    change: (real: StorageAdapter, ids: { workspaceId: string; other: string }) => Partial<StorageAdapter>,
    call: (workspaces: WorkspaceService, workspaceId: string) => Promise<unknown>,
  ): Promise<void> {
    const { storage, serviceOf, workspaceId, other, before } = await start();
    const workspaces = serviceOf({ storage: { ...storage, ...change(storage, { workspaceId, other }) } });
    expect(await refusal(call(workspaces, workspaceId))).toMatchObject({
      code: 'UNAVAILABLE',
      details: { source: 'storage' },
    });
    expect(storage.dump()).toEqual(before);
  }
  const question = (workspaceId: string) => ({ workspaceId, permission: 'workspace:delete' }) as const;

  test.each(['authorize', 'can', 'explain'] as const)('the membership of another workspace: %s', (method) =>
    expectOutage(
      (real, { other }) => ({ findMembership: (_workspaceId, userId) => real.findMembership(other, userId) }),
      (workspaces, workspaceId) => workspaces[method](eve, question(workspaceId)),
    ),
  );

  test.each(['authorize', 'can', 'explain'] as const)('the membership of another user: %s', (method) =>
    expectOutage(
      (real) => ({ findMembership: (workspaceId) => real.findMembership(workspaceId, 'ada') }),
      (workspaces, workspaceId) => workspaces[method](eve, question(workspaceId)),
    ),
  );

  test('the records of another workspace', () =>
    expectOutage(
      (real, { other }) => ({ load: (readSet) => real.load({ ...readSet, workspaceId: other }) }),
      (workspaces, workspaceId) => workspaces.renameWorkspace(eve, { workspaceId, name: 'stolen' }),
    ));

  const lists: readonly (readonly [
    string,
    (real: StorageAdapter, other: string) => Partial<StorageAdapter>,
    List,
  ])[] = [
    [
      'listMembers',
      (real, other) => ({ listMembers: (_id, page) => real.listMembers(other, page) }),
      'listMembers',
    ],
    [
      'listEvents',
      (real, other) => ({ listEvents: (_id, page) => real.listEvents(other, page) }),
      'listEvents',
    ],
    [
      'listInvitations',
      (real, other) => ({ listInvitations: (_id, page) => real.listInvitations(other, page) }),
      'listInvitations',
    ],
  ];
  test.each(lists)('the rows of another workspace: %s', async (_name, change, list) => {
    const { storage, serviceOf, workspaceId, other } = await start();
    await serviceOf({ ids: countingIds('7'), clock: fixedClock() }).inviteMember(eve, {
      workspaceId: other,
      role: 'developer',
    });
    const workspaces = serviceOf({ storage: { ...storage, ...change(storage, other) }, clock: fixedClock() });
    expect(await refusal(workspaces[list](ada, { workspaceId }))).toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('the memberships or the account events of another user', async () => {
    const { storage, serviceOf } = await start();
    const listWorkspaces: StorageAdapter['listWorkspaces'] = (_id, page) =>
      storage.listWorkspaces('eve', page);
    const listAccountEvents: StorageAdapter['listAccountEvents'] = (_id, page) =>
      storage.listAccountEvents('eve', page);
    const workspaces = serviceOf({ storage: { ...storage, listWorkspaces, listAccountEvents } });
    for (const call of [
      workspaces.listWorkspaces(ada),
      workspaces.listAccountEvents(ada, { userId: 'ada' }),
    ]) {
      expect(await refusal(call)).toMatchObject({ code: 'UNAVAILABLE', details: { source: 'storage' } });
    }
  });

  test('a member under the key of another user', () =>
    expectOutage(
      (real) => ({
        load: async (readSet) => {
          const snapshot = await real.load({ ...readSet, members: ['ada'] });
          const [member] = snapshot.members.values();
          return { ...snapshot, members: new Map(member && [['eve', member]]) };
        },
      }),
      (workspaces, workspaceId) => workspaces.renameWorkspace(eve, { workspaceId, name: 'stolen' }),
    ));

  test.each([undefined, null, 42, {}, { workspace: null }])('%j in place of records', (answer) =>
    expectOutage(
      () => ({ load: untyped(answer) }),
      (workspaces, workspaceId) => workspaces.renameWorkspace(ada, { workspaceId, name: 'new' }),
    ),
  );

  test.each([undefined, null, 42, {}, { ok: 1 }, { ok: false }, { ok: false, reason: 'later' }])(
    '%j for a commit: unknown whether it took effect, so no conflict',
    (answer) =>
      expectOutage(
        () => ({ commit: untyped(answer) }),
        (workspaces, workspaceId) => workspaces.renameWorkspace(ada, { workspaceId, name: 'new' }),
      ),
  );
});

describe('before anything is stored', () => {
  test.each([Number.NaN, Infinity, -Infinity, 0.5, 2 ** 60, '1' as never])(
    'a clock that returns %s is an error of the app',
    async (now) => {
      const { strange, storage, before, workspaceId } = await start({
        clock: { now: () => now, sleep: () => Promise.resolve() },
      });
      for (const call of [
        () => strange.createWorkspace(ada, { name: 'new' }),
        () => strange.inviteMember(ada, { workspaceId, role: 'developer' }),
        () => strange.reserveQuota(ada, { workspaceId, reservationId: 'r', amounts: { cpu: '1' } }),
      ]) {
        await expect(call()).rejects.toThrow('clock.now() returned');
      }
      expect(storage.dump()).toEqual(before);
    },
  );

  const wrong: readonly (readonly [keyof Ids, unknown])[] = [
    ['workspaceId', 'Not A Label'],
    ['workspaceId', ''],
    ['workspaceId', 'x'.repeat(64)],
    ['workspaceId', undefined],
    ['invitationId', 'a b'],
    ['invitationId', 7],
    ['eventId', ''],
    ['secret', 'short'],
    ['secret', null],
  ];
  test.each(wrong)('ids whose %s is %j are an error of the app', async (name, value) => {
    const ids: Ids = { ...countingIds('9'), [name]: () => value as never };
    const { strange, storage, before, workspaceId } = await start({ ids });
    const call =
      name === 'workspaceId' || name === 'eventId'
        ? strange.createWorkspace(ada, { name: 'new' })
        : strange.inviteMember(ada, { workspaceId, role: 'developer' });
    await expect(call).rejects.toThrow(`ids.${name}() returned an invalid value`);
    expect(storage.dump()).toEqual(before);
  });
});
