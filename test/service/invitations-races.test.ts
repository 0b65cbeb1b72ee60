// Invitations under parallel calls from processes that share only the storage.
import { describe, expect, test } from 'vitest';
import { defaultMatrix, type StorageAdapter } from '../../src/index.js';
import { violations, type Violation } from '../../src/testing/index.js';
import { aroundStorage, startingLine, withoutVersions } from './around-storage.js';
import {
  createTeam,
  crowd,
  ada,
  outcomeOf,
  processes,
  refusalOf,
  tallyOf,
  trailOf,
  unlimited,
  sam,
  type Team,
} from './invitation-team.js';

type Wrap = (storage: StorageAdapter) => StorageAdapter;

const CROWD = 50;
const seeds = (count: number) => Array.from({ length: count }, (_, place) => place + 1);

function expectSound({ storage, clock }: Team): void {
  expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
}

const joinedBy = (team: Team, invitationId: string) =>
  team.storage
    .dump()
    .members.filter((member) => member.invitationId === invitationId)
    .map(({ userId }) => userId);

describe('uses', () => {
  async function stampede(seed: number, maxUses: number, wrap: Wrap = (storage) => storage) {
    const team = await createTeam({ limits: unlimited });
    const actors = await crowd(team, CROWD);
    const { token, invitation } = await team.workspaces.inviteMember(ada, {
      workspaceId: team.workspaceId,
      role: 'developer',
      maxUses,
    });
    const process = processes(team, seed, { storage: wrap(team.storage), line: startingLine(8) });
    const tally = await tallyOf(
      actors.map((actor, place) => process(place).acceptInvitation(actor, { token })),
    );
    return { team, tally, invitationId: invitation.id };
  }

  test('I-12 a single-use link admits one of 50 users who accept in parallel, 49 get INVITATION_USED', async () => {
    for (const seed of seeds(20)) {
      const { team, tally, invitationId } = await stampede(seed, 1);
      expect(tally).toEqual({ ok: 1, INVITATION_USED: 49 });
      expect(joinedBy(team, invitationId)).toHaveLength(1);
      expect(trailOf(team).filter(({ type }) => type === 'invitation.accepted')).toHaveLength(3);
      expectSound(team);
    }
  });

  test.each([2, 7, 15])('I-12 a link for %i admits exactly that many of 50 in parallel', async (maxUses) => {
    for (const seed of seeds(4)) {
      const { team, tally, invitationId } = await stampede(seed, maxUses);
      expect(tally).toEqual({ ok: maxUses, INVITATION_USED: CROWD - maxUses });
      expect(joinedBy(team, invitationId)).toHaveLength(maxUses);
      expectSound(team);
    }
  });

  test('I-12 without the version check one single-use link admits several users: the test can fail', async () => {
    const admitted: number[] = [];
    for (const seed of seeds(5)) {
      const { tally } = await stampede(seed, 1, withoutVersions);
      admitted.push(tally['ok'] ?? 0);
    }
    expect(Math.max(...admitted)).toBeGreaterThan(1);
  });

  test.each([1, 5, 'unlimited'] as const)(
    'I-14 one user accepting 50 times in parallel, of %s uses: one membership, one use, one set of events',
    async (maxUses) => {
      for (const seed of seeds(4)) {
        const team = await createTeam();
        const { workspaces, workspaceId, storage } = team;
        const { token, invitation } = await workspaces.inviteMember(ada, {
          workspaceId,
          role: 'developer',
          maxUses,
        });
        const process = processes(team, seed);
        const answers = await Promise.all(
          seeds(CROWD).map((place) => process(place).acceptInvitation(sam, { token })),
        );
        expect(new Set(answers.map(({ member }) => JSON.stringify(member))).size).toBe(1);
        expect(storage.dump().invitations.find(({ id }) => id === invitation.id)?.uses).toBe(1);
        const accepted = trailOf(team)
          .map(({ type }) => type)
          .slice(-2);
        expect(accepted).toEqual(['invitation.accepted', 'member.joined']);
        expect(trailOf(team).filter(({ type }) => type === 'member.joined')).toHaveLength(3);
        expectSound(team);
      }
    },
  );

  test('I-15 one user accepting 10 invitations in parallel: one membership with its role, 9 are ALREADY_MEMBER and unused', async () => {
    for (const seed of seeds(10)) {
      const team = await createTeam();
      const { workspaces, workspaceId, storage } = team;
      const issued = await Promise.all(
        seeds(10).map((place) =>
          workspaces.inviteMember(ada, {
            workspaceId,
            role: place % 2 ? 'manager' : 'developer',
            maxUses: 2,
          }),
        ),
      );
      const process = processes(team, seed);
      const tally = await tallyOf(
        issued.map(({ token }, place) => process(place).acceptInvitation(sam, { token })),
      );
      expect(tally).toEqual({ ok: 1, ALREADY_MEMBER: 9 });
      const world = storage.dump();
      const member = world.members.find((one) => one.userId === 'sam' && one.workspaceId === workspaceId);
      const used = world.invitations.filter(({ uses, state }) => state === 'open' && uses > 0);
      expect(used.map(({ id, role }) => [id, role])).toEqual([[member?.invitationId, member?.role]]);
      expectSound(team);
    }
  });
});

describe('recipients', () => {
  test.each([
    ['a user', [{ userId: 'sam' }]],
    [
      'one e-mail address in all its spellings',
      [{ email: 'Sam@Example.com' }, { email: ' sam@example.com' }, { email: 'SAM@EXAMPLE.COM' }],
    ],
  ])(
    'I-19 40 parallel invitations of %s from 8 services: one is open, and 39 errors contain its id',
    async (_name, recipients) => {
      for (const seed of seeds(5)) {
        const team = await createTeam();
        const { workspaceId, storage } = team;
        const process = processes(team, seed);
        const answers = await Promise.allSettled(
          seeds(40).map((place) =>
            process(place).inviteMember(ada, {
              workspaceId,
              role: 'developer',
              recipient: recipients[place % recipients.length],
            }),
          ),
        );
        const open = storage.dump().invitations.filter(({ state }) => state === 'open');
        expect(open).toHaveLength(1);
        const refused = answers.filter((answer) => answer.status === 'rejected');
        expect(refused).toHaveLength(39);
        for (const { reason } of refused) {
          expect(reason).toMatchObject({
            code: 'ALREADY_INVITED',
            details: { workspaceId, invitationId: open[0]?.id },
          });
        }
        expectSound(team);
      }
    },
  );

  test('I-19 inviting again is ALREADY_INVITED until the invitation ends, and reissuing is possible meanwhile', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const recipient = { email: 'sam@example.com' };
    const invite = () =>
      workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient, expiresInSeconds: 60 });
    const first = await invite();
    const named = { workspaceId, invitationId: first.invitation.id };
    expect((await refusalOf(invite())).details).toEqual(named);
    const { token } = await workspaces.reissueInvitation(ada, named);
    expect((await refusalOf(invite())).details).toEqual(named);
    await workspaces.revokeInvitation(ada, named);
    expect(await outcomeOf(workspaces.previewInvitation({ token }))).toBe('ok');
    const second = await invite();
    clock.advance(60_000);
    const third = await invite();
    const verified = { ...sam, ...recipient, emailVerified: true };
    expect(await outcomeOf(workspaces.acceptInvitation(verified, { token: second.token }))).toBe(
      'INVITATION_EXPIRED',
    );
    await workspaces.declineInvitation(verified, { token: third.token });
    const fourth = await invite();
    expect(await outcomeOf(workspaces.acceptInvitation(verified, { token: fourth.token }))).toBe('ok');
  });

  test('I-19 invitations for other recipients, in other workspaces and open links do not block a new one', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { id: other } = await workspaces.createWorkspace(ada, { name: 'other' });
    for (const input of [
      { workspaceId, recipient: { userId: 'sam' } },
      { workspaceId, recipient: { userId: 'eve' } },
      { workspaceId, recipient: { email: 'sam@example.com' } },
      { workspaceId, recipient: { email: 'x.ena@example.com' } },
      { workspaceId: other, recipient: { userId: 'sam' } },
      { workspaceId },
      { workspaceId },
    ]) {
      expect(await outcomeOf(workspaces.inviteMember(ada, { ...input, role: 'developer' }))).toBe('ok');
    }
  });

  test('I-19 of 16 parallel reissues one token stays valid', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { invitation, token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const process = processes(team, 1, { count: 4 });
    const answers = await Promise.all(
      seeds(16).map((place) =>
        process(place).reissueInvitation(ada, { workspaceId, invitationId: invitation.id }),
      ),
    );
    const tokens = [token, ...answers.map((answer) => answer.token)];
    const tally = await tallyOf(tokens.map((tried) => workspaces.previewInvitation({ token: tried })));
    expect(tally).toEqual({ ok: 1, INVITATION_INVALID: 16 });
    expectSound(team);
  });
});

describe('counts', () => {
  test('I-22 50 parallel invitations under a limit of 10: exactly 10 are open', async () => {
    for (const seed of seeds(5)) {
      const limits = { ...unlimited, openInvitationsPerWorkspace: 10 };
      const team = await createTeam({ limits });
      const { workspaceId, storage, clock } = team;
      const process = processes(team, seed);
      const answers = seeds(CROWD).map((place) =>
        process(place).inviteMember(ada, {
          workspaceId,
          role: 'developer',
          maxUses: place % 2 ? 3 : 'unlimited',
        }),
      );
      expect(await tallyOf(answers)).toEqual({ ok: 10, LIMIT_EXCEEDED: 40 });
      expect(storage.dump().invitations.filter(({ state }) => state === 'open')).toHaveLength(10);
      expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now(), limits })).toEqual([]);
    }
  });

  test('I-22 without the version check more are open: the test can fail', async () => {
    const team = await createTeam({ limits: { ...unlimited, openInvitationsPerWorkspace: 10 } });
    const { workspaceId, storage } = team;
    const process = processes(team, 1, { storage: withoutVersions(storage), line: startingLine(8) });
    await tallyOf(
      seeds(CROWD).map((place) => process(place).inviteMember(ada, { workspaceId, role: 'developer' })),
    );
    expect(storage.dump().invitations.filter(({ state }) => state === 'open').length).toBeGreaterThan(10);
  });

  /** Accepting by an unlimited link and by one for four, inviting and revoking, all in parallel. */
  async function rush(seed: number, wrap: Wrap = (storage) => storage) {
    const limits = { ...unlimited, membersPerWorkspace: 12 };
    const team = await createTeam({ limits });
    const { workspaces, workspaceId, storage, clock } = team;
    const actors = await crowd(team, 30);
    const invite = (maxUses: number | 'unlimited') =>
      workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses });
    const [link, four, doomed] = [await invite('unlimited'), await invite(4), await invite(2)];
    const broken: Violation[] = [];
    const checked = aroundStorage(wrap(storage), async (run, { method }) => {
      const answer = await run();
      if (method === 'commit')
        broken.push(...violations(storage.dump(), { matrix: defaultMatrix, now: clock.now(), limits }));
      return answer;
    });
    const process = processes(team, seed, { storage: checked, line: startingLine(8) });
    const answers = actors.map((actor, place) => {
      if (place % 5 === 4)
        return process(place).inviteMember(ada, { workspaceId, role: 'developer', maxUses: 1 });
      return process(place).acceptInvitation(actor, { token: place % 2 ? link.token : four.token });
    });
    const revoked = process(7).revokeInvitation(ada, { workspaceId, invitationId: doomed.invitation.id });
    const tally = await tallyOf([...answers, revoked]);
    return { team, tally, broken, four: four.invitation.id };
  }

  test('M-08 the member limit holds after every commit while users accept and invite in parallel', async () => {
    for (const seed of seeds(12)) {
      const { team, tally, broken, four } = await rush(seed);
      expect(broken).toEqual([]);
      // All four users with a reserved seat join, however many come by the other link.
      expect(joinedBy(team, four)).toHaveLength(4);
      expect(Object.keys(tally).sort()).toEqual(['INVITATION_USED', 'LIMIT_EXCEEDED', 'ok']);
      const workspace = team.storage.dump().workspaces.find(({ id }) => id === team.workspaceId);
      const seats = (workspace?.memberCount ?? 0) + (workspace?.reservedSeats ?? 0);
      // Two of these seats become free only after the revocation.
      expect([10, 11, 12]).toContain(seats);
    }
  });

  test('M-08 without the version check the limit is exceeded: the test can fail', async () => {
    const { broken } = await rush(1, withoutVersions);
    expect(broken.filter(({ message }) => message.includes('seats taken')).length).toBeGreaterThan(0);
  });
});
