// How many invitations one user may issue in 24 hours, in all workspaces together.
import { describe, expect, test } from 'vitest';
import { defaultMatrix, type Limit, type StorageAdapter, type WorkspaceService } from '../../src/index.js';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { createTestWorkspaces, violations } from '../../src/testing/index.js';
import { recordingStorage, startingLine, withoutVersions } from './around-storage.js';
import {
  ada,
  createTeam,
  dev,
  mia,
  outcomeOf,
  processes,
  refusalOf,
  root,
  tallyOf,
  unlimited,
  type Team,
} from './invitation-team.js';

const DAY = 24 * 60 * 60 * 1000;

/** Ada has invited twice to form the team; the setup is not counted. */
async function limitedTeam(invitationsPerActorPerDay: Limit) {
  const team = await createTeam({ limits: unlimited, invitationsPerActorPerDay: 'unlimited' });
  const workspaces = team.service({ invitationsPerActorPerDay });
  const { workspaceId } = team;
  return {
    ...team,
    workspaces,
    invite: (actor: typeof ada | typeof root = ada, to: string = workspaceId) =>
      workspaces.inviteMember(actor, { workspaceId: to, role: 'developer' }),
    countOf: (userId: string) => {
      const record = team.storage.dump().accounts.find((account) => account.userId === userId);
      return [record?.invitedSince, record?.invited];
    },
  };
}

describe('a user', () => {
  test('I-27 may create as many invitations as the limit, in all workspaces; others are not affected', async () => {
    const { invite, workspaces, storage } = await limitedTeam(2);
    const { id: other } = await workspaces.createWorkspace(ada, { name: 'other' });
    await invite();
    await invite(ada, other);
    const before = storage.dump();
    for (const workspaceId of [undefined, other]) {
      const { code, details } = await refusalOf(invite(ada, workspaceId));
      expect([code, details]).toEqual([
        'LIMIT_EXCEEDED',
        { which: 'invitationsPerActorPerDay', limit: 2, current: 2, requested: 1 },
      ]);
    }
    expect(storage.dump()).toEqual(before);
    expect(await outcomeOf(invite(mia))).toBe('ok');
    for (let time = 0; time < 5; time++) expect(await outcomeOf(invite(root))).toBe('ok');
  });

  test('I-27 revoked and declined invitations count; a reissue counts as a new one', async () => {
    const { invite, workspaces, workspaceId } = await limitedTeam(4);
    const revoked = await invite();
    await workspaces.revokeInvitation(ada, { workspaceId, invitationId: revoked.invitation.id });
    const declined = await invite();
    await workspaces.declineInvitation({ userId: 'sam' }, { token: declined.token });
    const { invitation } = await invite(mia);
    const reissue = (actor: typeof ada | typeof root) =>
      workspaces.reissueInvitation(actor, { workspaceId, invitationId: invitation.id });
    for (let time = 0; time < 2; time++) expect(await outcomeOf(reissue(ada))).toBe('ok');
    expect((await refusalOf(reissue(ada))).details).toEqual({
      which: 'invitationsPerActorPerDay',
      limit: 4,
      current: 4,
      requested: 1,
    });
    expect(await outcomeOf(invite())).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(reissue(root))).toBe('ok');
  });

  test('I-27 a reissue that is refused leaves the token valid', async () => {
    const { invite, workspaces, workspaceId } = await limitedTeam(1);
    const { token, invitation } = await invite();
    const named = { workspaceId, invitationId: invitation.id };
    expect(await outcomeOf(workspaces.reissueInvitation(ada, named))).toBe('LIMIT_EXCEEDED');
    expect(await outcomeOf(workspaces.acceptInvitation({ userId: 'sam' }, { token }))).toBe('ok');
  });

  test('I-27 the window ends 24 hours after its first invitation, to the millisecond', async () => {
    const { invite, clock, countOf } = await limitedTeam(2);
    const start = clock.now();
    await invite();
    clock.advance(DAY / 2);
    await invite();
    clock.advance(DAY / 2 - 1);
    expect(await outcomeOf(invite())).toBe('LIMIT_EXCEEDED');
    expect(countOf('ada')).toEqual([start, 2]);
    clock.advance(1);
    expect(await outcomeOf(invite())).toBe('ok');
    expect(countOf('ada')).toEqual([start + DAY, 1]);
    expect(await outcomeOf(invite())).toBe('ok');
    expect(await outcomeOf(invite())).toBe('LIMIT_EXCEEDED');
    // The next window begins with the first invitation after the last one, whenever that is.
    clock.advance(10 * DAY + 5);
    await invite();
    expect(countOf('ada')).toEqual([start + 11 * DAY + 5, 1]);
  });

  test('I-27 two processes whose clocks differ by days cannot take turns to begin windows', async () => {
    const team = await limitedTeam(3);
    const { invite, clock, workspaceId } = team;
    const fast = team.service({
      invitationsPerActorPerDay: 3,
      clock: { now: () => clock.now() + 3 * DAY, sleep: (milliseconds) => clock.sleep(milliseconds) },
    });
    const input = { workspaceId, role: 'developer' } as const;
    const outcomes: string[] = [];
    for (let time = 0; time < 10; time++) {
      outcomes.push(await outcomeOf(invite()), await outcomeOf(fast.inviteMember(ada, input)));
    }
    // One window of each clock: the fast one begins a second window, and no other follows.
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(4);
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'LIMIT_EXCEEDED']));
  });

  test('I-27 with 0 no user invites, operators do', async () => {
    const { invite } = await limitedTeam(0);
    expect((await refusalOf(invite())).details).toMatchObject({ limit: 0, current: 0 });
    expect(await outcomeOf(invite(root))).toBe('ok');
  });

  test("I-27 with 'unlimited' nothing is counted, and no account is read", async () => {
    const team = await limitedTeam('unlimited');
    const { storage, workspaceId } = team;
    const recording = recordingStorage(storage);
    const workspaces = team.service({ storage: recording.storage, invitationsPerActorPerDay: 'unlimited' });
    const before = storage.dump().accounts;
    const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    await workspaces.reissueInvitation(ada, { workspaceId, invitationId: invitation.id });
    expect(storage.dump().accounts).toEqual(before);
    const loads = recording.calls.filter(({ method }) => method === 'load');
    expect(loads).toHaveLength(2);
    for (const { args } of loads) expect(args[0]).not.toHaveProperty('accounts');
  });

  test('I-27 users without the right to invite learn nothing of the limit', async () => {
    const { invite } = await limitedTeam(0);
    expect(await outcomeOf(invite(dev))).toBe('PERMISSION_DENIED');
    expect(await outcomeOf(invite({ userId: 'sam' }))).toBe('WORKSPACE_NOT_FOUND');
  });
});

describe('the option', () => {
  test('I-27 is 1000 by default', async () => {
    const { workspaces, storage } = createTestWorkspaces({ limits: unlimited });
    await workspaces.openAccount({ ...ada, username: 'ada' });
    const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
    const dump = storage.dump();
    const full = memoryStorage();
    await full.commit({
      expect: [],
      changes: [
        ...dump.accounts.map((account) => ({
          kind: 'account.insert' as const,
          account: { ...account, invited: 999, invitedSince: Date.UTC(2026, 0, 1) },
        })),
        ...dump.workspaces.map((workspace) => ({ kind: 'workspace.insert' as const, workspace })),
        ...dump.members.map((member) => ({ kind: 'member.insert' as const, member })),
      ],
      events: [],
    });
    const later = createTestWorkspaces({ storage: full }).workspaces;
    const invite = () => later.inviteMember(ada, { workspaceId, role: 'developer' });
    expect(await outcomeOf(invite())).toBe('ok');
    expect((await refusalOf(invite())).details).toMatchObject({ limit: 1000, current: 1000 });
  });

  test.each([undefined, null, -1, 1.5, Number.NaN, Infinity, '1000', 'none', 2 ** 53, 5n, {}, () => 5])(
    'I-27 %s is rejected with the reason',
    (invitationsPerActorPerDay) => {
      const options: object = { invitationsPerActorPerDay };
      const reason = "invitationsPerActorPerDay must be a whole number from 0, or 'unlimited'";
      expect(() => createTestWorkspaces(options)).toThrow(TypeError);
      expect(() => createTestWorkspaces(options)).toThrow(reason);
    },
  );

  test.each([0, 1, 2 ** 53 - 1, 'unlimited'] as const)('I-27 %s is accepted', (limit) => {
    expect(() => createTestWorkspaces({ invitationsPerActorPerDay: limit })).not.toThrow();
  });
});

describe('a race', () => {
  /** Eight processes invite to three workspaces and reissue, all by ada. */
  async function rush(
    seed: number,
    wrap: (storage: StorageAdapter) => StorageAdapter = (storage) => storage,
  ) {
    const team: Team = await createTeam({ limits: unlimited, invitationsPerActorPerDay: 'unlimited' });
    const { workspaces, storage, workspaceId, clock } = team;
    const ids = [workspaceId];
    for (const name of ['two', 'three']) ids.push((await workspaces.createWorkspace(ada, { name })).id);
    const { invitation } = await workspaces.inviteMember(mia, { workspaceId, role: 'developer' });
    const process = processes(team, seed, {
      storage: wrap(storage),
      line: startingLine(8),
      invitationsPerActorPerDay: 7,
    });
    const call = (service: WorkspaceService, place: number): Promise<unknown> =>
      place % 4 === 3
        ? service.reissueInvitation(ada, { workspaceId, invitationId: invitation.id })
        : service.inviteMember(ada, { workspaceId: ids[place % 3] ?? workspaceId, role: 'developer' });
    const tally = await tallyOf(Array.from({ length: 24 }, (_, place) => call(process(place), place)));
    const account = storage.dump().accounts.find(({ userId }) => userId === 'ada');
    expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
    return { tally, invited: account?.invited };
  }

  test('I-27 of 24 invitations from 8 processes exactly 7 are admitted', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      expect(await rush(seed)).toEqual({ tally: { ok: 7, LIMIT_EXCEEDED: 17 }, invited: 7 });
    }
  });

  test('I-27 without the version check more are admitted: the test can fail', async () => {
    const unsound = async (): Promise<number> => {
      const team = await createTeam({ limits: unlimited, invitationsPerActorPerDay: 'unlimited' });
      const { storage, workspaceId } = team;
      const process = processes(team, 1, {
        storage: withoutVersions(storage),
        line: startingLine(8),
        invitationsPerActorPerDay: 7,
      });
      const invite = (place: number) => process(place).inviteMember(ada, { workspaceId, role: 'developer' });
      return (await tallyOf(Array.from({ length: 24 }, (_, place) => invite(place))))['ok'] ?? 0;
    };
    expect(await unsound()).toBeGreaterThan(7);
  });
});
