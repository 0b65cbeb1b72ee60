// Failures at any step of accepting: the invitation stays open, its seat stays reserved, and no member is added.
import { describe, expect, test } from 'vitest';
import type { Limits, MaxUses, StorageAdapter, WorkspaceService } from '../../src/index.js';
import { aroundStorage } from './around-storage.js';
import { createTeam, membersOf, ada, outcomeOf, refusalOf, sam, eve, type Team } from './invitation-team.js';

interface Fault {
  /** The index of the storage call that fails, from 0. */
  readonly at: number;
  readonly fail: () => Promise<never>;
}

/** Fails one call before it has any effect; the others pass. */
function faultyStorage(storage: StorageAdapter, { at, fail }: Fault): StorageAdapter {
  let calls = 0;
  return aroundStorage(storage, (run) => (calls++ === at ? fail() : run()));
}

const limits: Limits = {
  membersPerWorkspace: 4,
  openInvitationsPerWorkspace: 'unlimited',
  workspacesPerOwner: 'unlimited',
};

async function invitedTeam(maxUses: MaxUses) {
  // Three are members, so one seat is left.
  const team = await createTeam({ limits });
  const { workspaces, workspaceId } = team;
  const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses });
  return { team, token };
}

/** After the failure everything is unchanged, and the next attempt succeeds. */
async function expectUntouched(
  team: Team,
  token: string,
  before: ReturnType<Team['storage']['dump']>,
): Promise<void> {
  expect(team.storage.dump()).toEqual(before);
  expect((await team.workspaces.previewInvitation({ token })).status).toBe('open');
  expect(await outcomeOf(team.workspaces.acceptInvitation(sam, { token }))).toBe('ok');
  const refused = await outcomeOf(team.workspaces.acceptInvitation(eve, { token }));
  expect(['INVITATION_USED', 'LIMIT_EXCEEDED']).toContain(refused);
}

const failures: readonly [string, () => Promise<never>][] = [
  ['rejects', () => Promise.reject(new Error('the connection was lost'))],
  [
    'throws',
    () => {
      throw new Error('the pool is closed');
    },
  ],
];

describe('failures of the storage', () => {
  test('I-13 accepting makes two storage calls, and one commit contains every change', async () => {
    const { team, token } = await invitedTeam(1);
    const made: string[] = [];
    const kinds: string[] = [];
    const storage = aroundStorage(team.storage, (run, { method, args }) => {
      made.push(method);
      if (method === 'commit') kinds.push(...kindsOf(args[0]));
      return run();
    });
    await team.service({ storage }).acceptInvitation(sam, { token });
    expect(made).toEqual(['load', 'commit']);
    expect(kinds.sort()).toEqual([
      'account.update',
      'invitation.accepted',
      'invitation.update',
      'member.insert',
      'member.joined',
      'workspace.update',
    ]);
  });

  const cases = ([1, 'unlimited'] as const).flatMap((maxUses) =>
    failures.flatMap(([how, fail]) => [0, 1].map((at) => ({ maxUses, how, fail, at }))),
  );

  test.each(cases)(
    'I-13 if storage call $at of accepting $how, of $maxUses uses, nothing changes',
    async ({ maxUses, fail, at }) => {
      const { team, token } = await invitedTeam(maxUses);
      const before = team.storage.dump();
      const heard: unknown[] = [];
      const workspaces = team.service({ storage: faultyStorage(team.storage, { at, fail }) });
      workspaces.on('*', (event) => heard.push(event));
      const refusal = await refusalOf(workspaces.acceptInvitation(sam, { token }));
      expect(refusal.code).toBe('UNAVAILABLE');
      expect(refusal.details).toEqual({ source: 'storage' });
      expect(refusal.retryable).toBe(true);
      expect(refusal.cause).toBeInstanceOf(Error);
      expect(heard).toEqual([]);
      await expectUntouched(team, token, before);
    },
  );

  test.each([0, 1])(
    'I-13 the same call succeeds when it is retried after storage call %i failed',
    async (at) => {
      for (const maxUses of [1, 'unlimited'] as const) {
        const { team, token } = await invitedTeam(maxUses);
        const fail = () => Promise.reject(new Error('lost'));
        const workspaces = team.service({ storage: faultyStorage(team.storage, { at, fail }) });
        expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('UNAVAILABLE');
        expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
        expect(membersOf(team)).toContain('sam');
      }
    },
  );

  test.each([1, 2, 3, 4, 5])(
    'I-13 a lost race followed by a failure, %i calls in, changes nothing',
    async (at) => {
      const { team, token } = await invitedTeam(1);
      const before = team.storage.dump();
      const contended: StorageAdapter = {
        ...team.storage,
        commit: () => Promise.resolve({ ok: false, reason: 'conflict' }),
      };
      const fail = () => Promise.reject(new Error('lost'));
      const workspaces = team.service({ storage: faultyStorage(contended, { at, fail }) });
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('UNAVAILABLE');
      await expectUntouched(team, token, before);
    },
  );

  test('I-13 a race that is lost every time ends as CONFLICT, retryable, and changes nothing', async () => {
    const { team, token } = await invitedTeam(1);
    const before = team.storage.dump();
    const contended: StorageAdapter = {
      ...team.storage,
      commit: () => Promise.resolve({ ok: false, reason: 'conflict' }),
    };
    const refusal = await refusalOf(team.service({ storage: contended }).acceptInvitation(sam, { token }));
    expect([refusal.code, refusal.retryable]).toEqual(['CONFLICT', true]);
    await expectUntouched(team, token, before);
  });
});

describe('other failures', () => {
  const lost = () => Promise.reject(new Error('lost'));

  test.each<[string, string, (team: Team) => WorkspaceService]>([
    ['a limits function that rejects', 'UNAVAILABLE', (team) => team.service({ limits: lost })],
    [
      'a limits function that throws',
      'UNAVAILABLE',
      (team) =>
        team.service({
          limits: () => {
            throw new Error('no plan');
          },
        }),
    ],
    [
      'a hook that vetoes',
      'VETOED',
      (team) => {
        const workspaces = team.service();
        workspaces.before('acceptInvitation', lost);
        return workspaces;
      },
    ],
  ])('I-13 %s: %s, and nothing changes', async (_name, code, serviceOf) => {
    for (const maxUses of [1, 'unlimited'] as const) {
      const { team, token } = await invitedTeam(maxUses);
      const before = team.storage.dump();
      expect(await outcomeOf(serviceOf(team).acceptInvitation(sam, { token }))).toBe(code);
      await expectUntouched(team, token, before);
    }
  });

  test('I-13 invalid limits, a failing id source and a failing clock change nothing', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    for (const optionsOf of [
      () => ({ limits: () => JSON.parse('{}') as Limits }),
      ({ clock }: Team) => ({ clock: { ...clock, now: broken } }),
      () => ({ ids: { workspaceId: broken, invitationId: broken, eventId: broken, secret: broken } }),
    ]) {
      const { team, token } = await invitedTeam(1);
      const before = team.storage.dump();
      await expect(team.service(optionsOf(team)).acceptInvitation(sam, { token })).rejects.toThrow();
      await expectUntouched(team, token, before);
    }
  });

  test('I-13 a throwing listener does not undo the acceptance: the user is a member', async () => {
    const { team, token } = await invitedTeam(1);
    const workspaces = team.service();
    workspaces.on('member.joined', () => {
      throw new Error('the mail server is down');
    });
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
    expect((await workspaces.previewInvitation({ token })).status).toBe('used');
  });
});

/** The kinds of the changes and the types of the events of a commit. */
function kindsOf(commit: unknown): string[] {
  if (typeof commit !== 'object' || commit === null) return [];
  if (!('changes' in commit) || !('events' in commit)) return [];
  const { changes, events } = commit;
  return [...namesIn(changes, 'kind'), ...namesIn(events, 'type')];
}

function namesIn(items: unknown, key: string): string[] {
  if (!Array.isArray(items)) return [];
  return items.map((item: object) => String(Reflect.get(item, key)));
}
