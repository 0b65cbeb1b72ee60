// Invitations under parallel calls from processes that share nothing but the storage.
import { describe, expect, test } from 'vitest';
import { sealosMatrix, violations, type Violation, type StorageAdapter } from '../../src/index.js';
import { aroundStorage, startingLine, unguardedStorage } from './around-storage.js';
import {
  createTeam,
  crowd,
  olga,
  outcomeOf,
  processes,
  refusalOf,
  tallyOf,
  trailOf,
  unlimited,
  xena,
  type Team,
} from './invitation-team.js';

type Wrap = (storage: StorageAdapter) => StorageAdapter;

const CROWD = 50;
const seeds = (count: number) => Array.from({ length: count }, (_, place) => place + 1);

function expectSound({ storage, clock }: Team): void {
  expect(violations(storage.dump(), { matrix: sealosMatrix, now: clock.now() })).toEqual([]);
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
    const { token, invitation } = await team.workspaces.inviteMember(olga, {
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

  test('I-12 a single-use link admits one of 50 parallel accepts by different users, 49 are INVITATION_USED', async () => {
    for (const seed of seeds(20)) {
      const { team, tally, invitationId } = await stampede(seed, 1);
      expect(tally).toEqual({ ok: 1, INVITATION_USED: 49 });
      expect(joinedBy(team, invitationId)).toHaveLength(1);
      expect(trailOf(team).filter(({ type }) => type === 'invitation.accepted')).toHaveLength(3);
      expectSound(team);
    }
  });

  test.each([2, 7, 15])('I-12 a link for %i admits exactly so many of 50 in parallel', async (maxUses) => {
    for (const seed of seeds(4)) {
      const { team, tally, invitationId } = await stampede(seed, maxUses);
      expect(tally).toEqual({ ok: maxUses, INVITATION_USED: CROWD - maxUses });
      expect(joinedBy(team, invitationId)).toHaveLength(maxUses);
      expectSound(team);
    }
  });

  test('I-12 the stampede can be lost: without the version check one link admits several', async () => {
    const admitted: number[] = [];
    for (const seed of seeds(5)) {
      const { tally } = await stampede(seed, 1, unguardedStorage);
      admitted.push(tally['ok'] ?? 0);
    }
    expect(Math.max(...admitted)).toBeGreaterThan(1);
  });

  test.each([1, 5, 'unlimited'] as const)(
    'I-14 one user 50 times in parallel, of %s uses: one membership, one use, one set of events',
    async (maxUses) => {
      for (const seed of seeds(4)) {
        const team = await createTeam();
        const { workspaces, workspaceId, storage } = team;
        const { token, invitation } = await workspaces.inviteMember(olga, {
          workspaceId,
          role: 'developer',
          maxUses,
        });
        const process = processes(team, seed);
        const answers = await Promise.all(
          seeds(CROWD).map((place) => process(place).acceptInvitation(xena, { token })),
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

  test('I-15 one user by 10 invitations in parallel: one membership with its role, 9 are ALREADY_MEMBER and unused', async () => {
    for (const seed of seeds(10)) {
      const team = await createTeam();
      const { workspaces, workspaceId, storage } = team;
      const issued = await Promise.all(
        seeds(10).map((place) =>
          workspaces.inviteMember(olga, {
            workspaceId,
            role: place % 2 ? 'manager' : 'developer',
            maxUses: 2,
          }),
        ),
      );
      const process = processes(team, seed);
      const tally = await tallyOf(
        issued.map(({ token }, place) => process(place).acceptInvitation(xena, { token })),
      );
      expect(tally).toEqual({ ok: 1, ALREADY_MEMBER: 9 });
      const world = storage.dump();
      const member = world.members.find((one) => one.userId === 'xena' && one.workspaceId === workspaceId);
      const used = world.invitations.filter(({ uses, state }) => state === 'open' && uses > 0);
      expect(used.map(({ id, role }) => [id, role])).toEqual([[member?.invitationId, member?.role]]);
      expectSound(team);
    }
  });
});

describe('recipients', () => {
  test.each([
    ['a user', [{ userId: 'xena' }]],
    [
      'an e-mail in all its spellings',
      [{ email: 'Ada@Example.com' }, { email: ' ada@example.com' }, { email: 'ADA@EXAMPLE.COM' }],
    ],
  ])(
    'I-19 40 parallel invitations of %s from 8 services: one is open, 39 are told its id',
    async (_name, recipients) => {
      for (const seed of seeds(5)) {
        const team = await createTeam();
        const { workspaceId, storage } = team;
        const process = processes(team, seed);
        const answers = await Promise.allSettled(
          seeds(40).map((place) =>
            process(place).inviteMember(olga, {
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

  test('I-19 inviting again is ALREADY_INVITED while the one is open, reissue is the way, and its end makes room', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const recipient = { email: 'ada@example.com' };
    const invite = () =>
      workspaces.inviteMember(olga, { workspaceId, role: 'developer', recipient, expiresInSeconds: 60 });
    const first = await invite();
    const named = { workspaceId, invitationId: first.invitation.id };
    expect((await refusalOf(invite())).details).toEqual(named);
    const { token } = await workspaces.reissueInvitation(olga, named);
    expect((await refusalOf(invite())).details).toEqual(named);
    await workspaces.revokeInvitation(olga, named);
    expect(await outcomeOf(workspaces.previewInvitation({ token }))).toBe('ok');
    const second = await invite();
    clock.advance(60_000);
    const third = await invite();
    const ada = { ...xena, ...recipient, emailVerified: true };
    expect(await outcomeOf(workspaces.acceptInvitation(ada, { token: second.token }))).toBe(
      'INVITATION_EXPIRED',
    );
    await workspaces.declineInvitation(ada, { token: third.token });
    const fourth = await invite();
    expect(await outcomeOf(workspaces.acceptInvitation(ada, { token: fourth.token }))).toBe('ok');
  });

  test('I-19 other recipients, other workspaces and links for anybody do not stand in the way', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { id: other } = await workspaces.createWorkspace(olga, { name: 'other' });
    for (const input of [
      { workspaceId, recipient: { userId: 'xena' } },
      { workspaceId, recipient: { userId: 'yuri' } },
      { workspaceId, recipient: { email: 'xena@example.com' } },
      { workspaceId, recipient: { email: 'x.ena@example.com' } },
      { workspaceId: other, recipient: { userId: 'xena' } },
      { workspaceId },
      { workspaceId },
    ]) {
      expect(await outcomeOf(workspaces.inviteMember(olga, { ...input, role: 'developer' }))).toBe('ok');
    }
  });

  test('I-19 16 parallel reissues leave one token alive', async () => {
    const team = await createTeam();
    const { workspaces, workspaceId } = team;
    const { invitation, token } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    const process = processes(team, 1, { count: 4 });
    const answers = await Promise.all(
      seeds(16).map((place) =>
        process(place).reissueInvitation(olga, { workspaceId, invitationId: invitation.id }),
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
        process(place).inviteMember(olga, {
          workspaceId,
          role: 'developer',
          maxUses: place % 2 ? 3 : 'unlimited',
        }),
      );
      expect(await tallyOf(answers)).toEqual({ ok: 10, LIMIT_EXCEEDED: 40 });
      expect(storage.dump().invitations.filter(({ state }) => state === 'open')).toHaveLength(10);
      expect(violations(storage.dump(), { matrix: sealosMatrix, now: clock.now(), limits })).toEqual([]);
    }
  });

  test('I-22 the race can be lost: without the version check there are more', async () => {
    const team = await createTeam({ limits: { ...unlimited, openInvitationsPerWorkspace: 10 } });
    const { workspaceId, storage } = team;
    const process = processes(team, 1, { storage: unguardedStorage(storage), line: startingLine(8) });
    await tallyOf(
      seeds(CROWD).map((place) => process(place).inviteMember(olga, { workspaceId, role: 'developer' })),
    );
    expect(storage.dump().invitations.filter(({ state }) => state === 'open').length).toBeGreaterThan(10);
  });

  /** Accepts by a link without a limit and by one for four, invitations and a revocation, all at once. */
  async function rush(seed: number, wrap: Wrap = (storage) => storage) {
    const limits = { ...unlimited, membersPerWorkspace: 12 };
    const team = await createTeam({ limits });
    const { workspaces, workspaceId, storage, clock } = team;
    const actors = await crowd(team, 30);
    const invite = (maxUses: number | 'unlimited') =>
      workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses });
    const [link, four, doomed] = [await invite('unlimited'), await invite(4), await invite(2)];
    const broken: Violation[] = [];
    const checked = aroundStorage(wrap(storage), async (run, { method }) => {
      const answer = await run();
      if (method === 'commit')
        broken.push(...violations(storage.dump(), { matrix: sealosMatrix, now: clock.now(), limits }));
      return answer;
    });
    const process = processes(team, seed, { storage: checked, line: startingLine(8) });
    const answers = actors.map((actor, place) => {
      if (place % 5 === 4)
        return process(place).inviteMember(olga, { workspaceId, role: 'developer', maxUses: 1 });
      return process(place).acceptInvitation(actor, { token: place % 2 ? link.token : four.token });
    });
    const revoked = process(7).revokeInvitation(olga, { workspaceId, invitationId: doomed.invitation.id });
    const tally = await tallyOf([...answers, revoked]);
    return { team, tally, broken, four: four.invitation.id };
  }

  test('M-08 the member limit holds under parallel accepts and invites, after every commit', async () => {
    for (const seed of seeds(12)) {
      const { team, tally, broken, four } = await rush(seed);
      expect(broken).toEqual([]);
      // Everybody who holds a seat of the link for four gets in, however many come by the other.
      expect(joinedBy(team, four)).toHaveLength(4);
      expect(Object.keys(tally).sort()).toEqual(['INVITATION_USED', 'LIMIT_EXCEEDED', 'ok']);
      const workspace = team.storage.dump().workspaces.find(({ id }) => id === team.workspaceId);
      const seats = (workspace?.memberCount ?? 0) + (workspace?.reservedSeats ?? 0);
      // Two of them were free only once the revocation was through.
      expect([10, 11, 12]).toContain(seats);
    }
  });

  test('M-08 the rush can be lost: without the version check there are too many', async () => {
    const { broken } = await rush(1, unguardedStorage);
    expect(broken.filter(({ message }) => message.includes('seats taken')).length).toBeGreaterThan(0);
  });
});
