// Rules that only races can break, with 8 processes of the operating system on one database.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { sqlStorage } from '../../src/adapters/sql/index.js';
import { defaultMatrix, WorkspaceService, type Limits, type UserActor } from '../../src/index.js';
import { type World, testTokens } from '../../src/testing/index.js';
import type { Outcome } from '../../src/testing/scenario.js';
import { putWorld } from '../../src/testing/worlds.js';
import { rounds } from '../campaign.js';
import { databaseKinds, type TestDatabase } from './databases.js';
import { unsound, wholeWorld } from './whole-world.js';
import type { Call, Making } from './worker.js';
import { addressOf, call, race, tallyOf, workerProgram, type Program, type Worker } from './workers.js';

const PROCESSES = 8;
const CONNECTIONS = 3;

const unlimited: Limits = {
  membersPerWorkspace: 'unlimited',
  openInvitationsPerWorkspace: 'unlimited',
  workspacesPerOwner: 'unlimited',
};

const ada = { userId: 'ada' };
const mia = { userId: 'mia' };
const dev = { userId: 'dev' };
const user = { userId: 'user-0' };
const crowd = range(50).map((index): UserActor => ({ userId: `user-${index}` }));

let program: Program;
let workers: readonly Worker[];

beforeAll(async () => {
  program = await workerProgram();
  workers = await Promise.all(range(PROCESSES).map(() => program.start()));
});
afterAll(() => program.remove());

// PGlite is a database within one process.
for (const kind of databaseKinds.filter(({ name }) => name !== 'PGlite')) {
  describe(kind.name, { timeout: 1_800_000 }, () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await kind.create();
      const address = await addressOf(database);
      await Promise.all(workers.map((worker) => worker.connect(address, CONNECTIONS)));
    });
    beforeEach(() => database.empty());
    afterAll(() => database.drop());

    /** Answers with the world, which is sound. */
    async function soundWorld(limits: Limits = unlimited): Promise<World> {
      const found = await wholeWorld(database);
      expect(unsound(found, limits)).toEqual([]);
      return found;
    }

    /** What happened before the race, in which these and Ada, Mia and Dev have accounts. Played in memory: it is faster. */
    async function given<Told>(
      play: (workspaces: WorkspaceService) => Promise<Told>,
      people: readonly UserActor[] = [],
    ): Promise<Told> {
      const memory = memoryStorage();
      const workspaces = new WorkspaceService({
        storage: memory,
        permissions: defaultMatrix,
        tokens: testTokens,
        limits: unlimited,
      });
      for (const { userId } of [ada, mia, dev, ...people]) {
        await workspaces.openAccount({ userId, username: userId });
      }
      const told = await play(workspaces);
      await putWorld(sqlStorage({ db: database.db, ...database.tables }), memory.dump());
      return told;
    }

    /** Teams of Ada's with Mia and Dev as managers, and a link for one developer into each, as for the user. */
    const teams = (count: number) =>
      given(
        async (workspaces) => {
          const made: {
            readonly workspaceId: string;
            readonly invitationId: string;
            readonly token: string;
          }[] = [];
          for (const index of range(count)) {
            const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: `team ${index}` });
            const { token } = await workspaces.inviteMember(ada, {
              workspaceId,
              role: 'manager',
              maxUses: 2,
            });
            for (const actor of [mia, dev]) await workspaces.acceptInvitation(actor, { token });
            const link = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
            made.push({ workspaceId, invitationId: link.invitation.id, token: link.token });
          }
          return made;
        },
        [user],
      );

    /** A team of Ada's, and a link into it for the crowd. */
    const team = (maxUses: number | 'unlimited') =>
      given(async (workspaces) => {
        const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'team' });
        const link = await workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses });
        return { workspaceId, token: link.token };
      }, crowd);

    /** Races of two or more, side by side: each contestant in a process of its own. */
    async function contests(contestants: readonly (readonly Call[])[]): Promise<string[][]> {
      const outcomes = await race(workers, contestants.flat());
      return contestants.map((calls) => outcomes.splice(0, calls.length).map(wordOf));
    }

    test('W-03 50 parallel creations where 5 are allowed: exactly 5', async () => {
      await given(() => Promise.resolve());
      const limits = { ...unlimited, workspacesPerOwner: 5 };
      const creations = range(50).map((index) => call('createWorkspace', ada, { name: `team ${index}` }));
      expect(tallyOf(await race(workers, creations, { limits }))).toEqual({ ok: 5, LIMIT_EXCEEDED: 45 });
      const { workspaces } = await soundWorld(limits);
      expect(workspaces.filter(({ kind }) => kind === 'team')).toHaveLength(5);
    });

    test('W-03 creations and transfers to one user in parallel, where 5 are allowed: exactly 5', async () => {
      const limits = { ...unlimited, workspacesPerOwner: 5 };
      const owners = crowd.slice(0, 16);
      const ids = await given(async (workspaces) => {
        const made: string[] = [];
        for (const owner of owners) {
          const name = `of ${owner.userId}`;
          const { id: workspaceId } = await workspaces.createWorkspace(owner, { name });
          const { token } = await workspaces.inviteMember(owner, { workspaceId, role: 'developer' });
          await workspaces.acceptInvitation(ada, { token });
          made.push(workspaceId);
        }
        return made;
      }, owners);
      const calls = owners.flatMap((owner, index) => [
        call('transferOwnership', owner, { workspaceId: ids[index] ?? '', ...ada }),
        call('createWorkspace', ada, { name: `team ${index}` }),
      ]);
      expect(tallyOf(await race(workers, calls, { limits }))).toEqual({ ok: 5, LIMIT_EXCEEDED: 27 });
      const { workspaces } = await soundWorld(limits);
      expect(workspaces.filter(({ kind, ownerId }) => kind === 'team' && ownerId === 'ada')).toHaveLength(5);
    });

    test('M-01 one user who accepts two links in 8 processes concurrently gets one membership', async () => {
      const { workspaceId, first, second } = await given(async (workspaces) => {
        const { id } = await workspaces.createWorkspace(ada, { name: 'team' });
        const link = { workspaceId: id, role: 'developer', maxUses: 'unlimited' } as const;
        return {
          workspaceId: id,
          first: (await workspaces.inviteMember(ada, link)).token,
          second: (await workspaces.inviteMember(ada, link)).token,
        };
      });
      const accepts = range(16).map((index) =>
        call('acceptInvitation', mia, { token: index % 2 ? first : second }),
      );
      // The link that won is accepted once more each time, with the same answer.
      expect(tallyOf(await race(workers, accepts))).toEqual({ ok: 8, ALREADY_MEMBER: 8 });
      const { members, events, invitations } = await soundWorld();
      expect(members.filter((member) => member.workspaceId === workspaceId)).toHaveLength(2);
      expect(events.filter(({ type }) => type === 'member.joined')).toHaveLength(1);
      expect(invitations.map(({ uses }) => uses).sort()).toEqual([0, 1]);
    });

    test('M-03 two transfers in parallel: one wins, and the other is no longer allowed', async () => {
      for (let round = 0; round < rounds(3, 50); round++) {
        await database.empty();
        const made = await teams(4);
        const ends = await contests(
          made.map(({ workspaceId }) => [
            call('transferOwnership', ada, { workspaceId, ...mia }),
            call('transferOwnership', ada, { workspaceId, ...dev }),
          ]),
        );
        const { members } = await soundWorld();
        for (const [index, { workspaceId }] of made.entries()) {
          expect([...(ends[index] ?? [])].sort()).toEqual(['PERMISSION_DENIED', 'ok']);
          const owner = ends[index]?.[0] === 'ok' ? 'mia' : 'dev';
          const roles = rolesIn(members, workspaceId);
          expect([roles.get('ada'), roles.get(owner)]).toEqual(['manager', 'owner']);
        }
      }
    });

    test('M-03 of a transfer and a concurrent leave or removal of its target, the first commit decides', async () => {
      for (let round = 0; round < rounds(3, 50); round++) {
        await database.empty();
        const made = await teams(4);
        const ends = await contests(
          made.map(({ workspaceId }, index) => [
            call('transferOwnership', ada, { workspaceId, ...mia }),
            index % 2
              ? call('leaveWorkspace', mia, { workspaceId })
              : call('removeMember', { operator: 'support' }, { workspaceId, ...mia }),
          ]),
        );
        const { members } = await soundWorld();
        for (const [index, { workspaceId }] of made.entries()) {
          const won = ends[index]?.[0] === 'ok';
          expect(ends[index]).toEqual(won ? ['ok', 'OWNER_REQUIRED'] : ['MEMBER_NOT_FOUND', 'ok']);
          const roles = rolesIn(members, workspaceId);
          expect([roles.get('ada'), roles.get('mia')]).toEqual(
            won ? ['manager', 'owner'] : ['owner', undefined],
          );
        }
      }
    });

    test('M-06 once a member is removed in one process, the next authorize in another denies', async () => {
      const times = rounds(200, 10_000);
      const userIds = range(times).map((index) => `member-${index}`);
      // One workspace for every two processes: one removes, the other asks.
      const ids = await given(async (workspaces) => {
        const made: { readonly workspaceId: string; readonly token: string }[] = [];
        for (const index of range(PROCESSES / 2)) {
          const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: `team ${index}` });
          const link = { workspaceId, role: 'developer', maxUses: 'unlimited' } as const;
          made.push({ workspaceId, token: (await workspaces.inviteMember(ada, link)).token });
        }
        for (const [index, userId] of userIds.entries()) {
          await workspaces.openAccount({ userId, username: userId });
          await workspaces.acceptInvitation({ userId }, { token: made[index % made.length]?.token ?? '' });
        }
        return made.map(({ workspaceId }) => workspaceId);
      });
      const answers = await Promise.all(
        ids.map(async (workspaceId, index) => {
          const [remover, asker] = [workers[index * 2], workers[index * 2 + 1]];
          const heard: string[] = [];
          for (const userId of userIds.filter((_, number) => number % ids.length === index)) {
            const asking = call('authorize', { userId }, { workspaceId, permission: 'workspace:view' });
            const removing = call('removeMember', ada, { workspaceId, userId });
            for (const [worker, each] of [
              [asker, asking],
              [remover, removing],
              [asker, asking],
            ] as const) {
              const outcomes = await worker?.start({ kind: 'calls', calls: [each] }).outcomes;
              heard.push(...(outcomes ?? []).map(wordOf));
            }
          }
          return heard;
        }),
      );
      const expected = ['ok', 'ok', 'WORKSPACE_NOT_FOUND'];
      expect(answers.flat()).toEqual(range(times).flatMap(() => expected));
    });

    test('M-08 50 parallel accepts of an unlimited link, and invitations between them: no seat too many', async () => {
      const { workspaceId, token } = await team('unlimited');
      const limits = { ...unlimited, membersPerWorkspace: 10 };
      const calls = crowd.flatMap((actor, index) => [
        call('acceptInvitation', actor, { token }),
        ...(index % 4 ? [] : [call('inviteMember', ada, { workspaceId, role: 'developer' } as const)]),
      ]);
      expect(tallyOf(await race(workers, calls, { limits }))).toEqual({
        ok: 9,
        LIMIT_EXCEEDED: calls.length - 9,
      });
      const { workspaces } = await soundWorld(limits);
      const found = workspaces.find(({ id }) => id === workspaceId);
      expect((found?.memberCount ?? 0) + (found?.reservedSeats ?? 0)).toBe(10);
    });

    test('I-12 a single-use link admits one of 50 parallel accepts by different users, 49 are INVITATION_USED', async () => {
      const { workspaceId, token } = await team(1);
      const accepts = crowd.map((actor) => call('acceptInvitation', actor, { token }));
      expect(tallyOf(await race(workers, accepts))).toEqual({ ok: 1, INVITATION_USED: 49 });
      const { members } = await soundWorld();
      expect(rolesIn(members, workspaceId).size).toBe(2);
    });

    test('I-12 the check can fail: without versions one link admits several users', async () => {
      const { token } = await team(1);
      const accepts = crowd.map((actor) => call('acceptInvitation', actor, { token }));
      const sabotaged: Making = { sabotage: 'no versions' };
      expect(tallyOf(await race(workers, accepts, sabotaged))['ok']).toBeGreaterThan(1);
      expect(unsound(await wholeWorld(database))).not.toEqual([]);
    });

    test('I-21 of a revocation or decline and a concurrent accept, the first commit decides', async () => {
      for (let round = 0; round < rounds(3, 50); round++) {
        await database.empty();
        const made = await teams(4);
        const ends = await contests(
          made.map(({ workspaceId, invitationId, token }, index) => [
            index % 2
              ? call('declineInvitation', user, { token })
              : call('revokeInvitation', ada, { workspaceId, invitationId }),
            call('acceptInvitation', user, { token }),
          ]),
        );
        const { members } = await soundWorld();
        for (const [index, { workspaceId }] of made.entries()) {
          const won = ends[index]?.[0] === 'ok';
          const [ending, tooLate] =
            index % 2 ? ['DECLINED', 'ALREADY_MEMBER'] : ['REVOKED', 'INVITATION_USED'];
          expect(ends[index]).toEqual(won ? ['ok', `INVITATION_${ending}`] : [tooLate, 'ok']);
          expect(rolesIn(members, workspaceId).has('user-0')).toBe(!won);
        }
      }
    });

    test('W-07 every read sees exactly one owner, during transfers and members leaving', async () => {
      const [made] = await teams(1);
      const workspaceId = made?.workspaceId ?? '';
      const people = [ada, mia, dev];
      const userIds = people.map(({ userId }) => userId);
      const half = PROCESSES / 2;
      const watching = workers
        .slice(0, half)
        .map((worker) => worker.start({ kind: 'watch', workspaceId, userIds }));
      await Promise.all(watching.map(({ atLine }) => atLine));
      const turns = range(rounds(48, 2000)).map((turn) => {
        const [from, to] = [people[turn % 3] ?? ada, people[(turn + 1) % 3] ?? ada];
        return turn % 8 === 7
          ? call('leaveWorkspace', from, { workspaceId })
          : call('transferOwnership', from, { workspaceId, ...to });
      });
      const outcomes = await race(workers.slice(half), turns);
      for (const { go } of watching) go();
      expect((await Promise.all(watching.map((each) => each.outcomes))).flat()).toEqual([]);
      expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThan(0);
      expect(tallyOf(outcomes)['CONFLICT']).toBeUndefined();
      await soundWorld();
    });

    test('S-02 64 commands of 8 processes on one workspace all succeed, without a CONFLICT', async () => {
      const { workspaceId } = await team('unlimited');
      const commands = range(64).map((index) =>
        index % 2
          ? call('renameWorkspace', ada, { workspaceId, name: `name ${index}` })
          : call('inviteMember', ada, { workspaceId, role: 'developer' } as const),
      );
      const { events: earlier } = await soundWorld();
      expect(tallyOf(await race(workers, commands, { limits: unlimited }))).toEqual({ ok: 64 });
      const { events } = await soundWorld();
      expect(events).toHaveLength(earlier.length + 64);
    });

    test('Q-07 of 1,000 parallel reservations of 1 with a limit of 100, exactly 100 succeed', async () => {
      const { workspaceId } = await team(1);
      const quota = { pods: '100' };
      const reservations = range(1000).map((index) =>
        call('reserveQuota', ada, { workspaceId, reservationId: `r-${index}`, amounts: { pods: '1' } }),
      );
      const outcomes = await race(workers, reservations, { quota });
      expect(tallyOf(outcomes)).toEqual({ ok: 100, QUOTA_EXCEEDED: 900 });
      const [report] = await race(workers.slice(0, 1), [call('getQuota', ada, { workspaceId })], { quota });
      expect(report).toMatchObject({
        ok: true,
        value: { resources: { pods: { limit: '100', used: '0', reserved: '100' } } },
      });
    });
  });
}

function wordOf(outcome: Outcome): string {
  return outcome.ok ? 'ok' : outcome.code;
}

function rolesIn(members: World['members'], workspaceId: string): Map<string, string> {
  const here = members.filter((member) => member.workspaceId === workspaceId);
  return new Map(here.map(({ userId, role }) => [userId, role]));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
