// Revoking, declining and expiry racing with accepting: the first commit decides permanently.
import { expect, test } from 'vitest';
import { defaultMatrix, type WorkspaceErrorCode } from '../../src/index.js';
import { violations, fixedClock } from '../../src/testing/index.js';
import { startingLine, withoutVersions } from './around-storage.js';
import {
  createTeam,
  crowd,
  membersOf,
  ada,
  outcomeOf,
  processes,
  trailOf,
  unlimited,
  sam,
  eve,
  type Team,
} from './invitation-team.js';

const seeds = (count: number) => Array.from({ length: count }, (_, place) => place + 1);

function expectSound({ storage, clock }: Team): void {
  expect(violations(storage.dump(), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
}

const joinedBy = (team: Team, invitationId: string) =>
  team.storage
    .dump()
    .members.filter((member) => member.invitationId === invitationId)
    .map(({ userId }) => userId);

type Ending = 'revoked' | 'declined' | 'expired';

/** The first commit decides: the audit log shows which one it was, and the answers agree. */
async function race(seed: number, ending: Ending, maxUses: 1 | 3) {
  // One seat besides the three: the call that settles the expiry frees and takes it.
  const team = await createTeam({ limits: { ...unlimited, membersPerWorkspace: 3 + maxUses } });
  const { workspaces, workspaceId, clock, storage } = team;
  const { token, invitation } = await workspaces.inviteMember(ada, {
    workspaceId,
    role: 'developer',
    maxUses,
    expiresInSeconds: 60,
  });
  const named = { workspaceId, invitationId: invitation.id };
  if (ending === 'expired') clock.advance(59_999);
  const line = startingLine(maxUses === 1 ? 2 : 5);
  const process = processes(team, seed, { line });
  // A process whose clock has reached the expiry already.
  const later = processes(team, seed + 1000, { clock: fixedClock(clock.now() + 1), line });
  const end = {
    revoked: () => process(1).revokeInvitation(ada, named),
    declined: () => process(1).declineInvitation(eve, { token }),
    expired: () => later(1).inviteMember(ada, { workspaceId, role: 'developer', maxUses }),
  }[ending];
  const guests = maxUses === 1 ? [sam] : [sam, ...(await crowd({ workspaces: team.service() }, 3))];
  const [ended, ...accepted] = await Promise.all([
    outcomeOf(end()),
    ...guests.map((guest, place) => outcomeOf(process(place + 2).acceptInvitation(guest, { token }))),
  ]);
  const record = storage.dump().invitations.find(({ id }) => id === invitation.id);
  return {
    team,
    token,
    ended,
    accepted,
    state: record?.state,
    uses: record?.uses,
    invitationId: invitation.id,
  };
}

const alone: Record<Ending, readonly [won: WorkspaceErrorCode, lost: WorkspaceErrorCode]> = {
  revoked: ['INVITATION_REVOKED', 'INVITATION_USED'],
  declined: ['INVITATION_DECLINED', 'INVITATION_USED'],
  expired: ['INVITATION_EXPIRED', 'LIMIT_EXCEEDED'],
};

test.each(Object.entries(alone) as [Ending, readonly [WorkspaceErrorCode, WorkspaceErrorCode]][])(
  'I-21 %s in parallel with accepting: the first commit wins, and only that one',
  async (ending, [won, lost]) => {
    const seen = { ended: 0, accepted: 0 };
    for (const seed of seeds(60)) {
      const { team, token, ended, accepted, state, invitationId } = await race(seed, ending, 1);
      const isIn = membersOf(team).includes('sam');
      if (ended === 'ok') {
        seen.ended++;
        expect([accepted, state, isIn]).toEqual([[won], ending, false]);
        expect(await outcomeOf(team.workspaces.acceptInvitation(eve, { token }))).toBe(won);
      } else {
        seen.accepted++;
        expect([ended, accepted, state, isIn]).toEqual([lost, ['ok'], 'used', true]);
      }
      const ends = trailOf(team).filter(
        ({ type, data }) =>
          ['invitation.accepted', `invitation.${ending}`].includes(type) &&
          'invitationId' in data &&
          data.invitationId === invitationId,
      );
      expect(ends).toHaveLength(1);
      expectSound(team);
    }
    // A race that always ends the same way would be none.
    expect(Math.min(seen.ended, seen.accepted)).toBeGreaterThan(0);
  },
);

test.each(['revoked', 'expired'] as const)(
  'I-21 a link for three that is %s keeps the members who joined before, and admits no one after',
  async (ending) => {
    for (const seed of seeds(30)) {
      const { team, ended, accepted, uses, invitationId } = await race(seed, ending, 3);
      const trail = trailOf(team);
      const end = trail.findIndex(
        ({ type, data }) =>
          type === `invitation.${ending}` && 'invitationId' in data && data.invitationId === invitationId,
      );
      const joins = trail.flatMap(({ type, data }, place) =>
        type === 'member.joined' && 'invitationId' in data && data.invitationId === invitationId
          ? [place]
          : [],
      );
      if (end >= 0) for (const join of joins) expect(join).toBeLessThan(end);
      expect(joins).toHaveLength(uses ?? -1);
      expect(joinedBy(team, invitationId)).toHaveLength(accepted.filter((one) => one === 'ok').length);
      expect(end >= 0 || joins.length === 3 || ended !== 'ok').toBe(true);
      expectSound(team);
    }
  },
);

test('I-21 without the version check a member joins by a revoked invitation: the test can fail', async () => {
  let lost = 0;
  for (const seed of seeds(30)) {
    const team = await createTeam();
    const { workspaces, workspaceId, storage } = team;
    const { token, invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const process = processes(team, seed, { storage: withoutVersions(storage), line: startingLine(2) });
    const revoked = process(1).revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
    const accepted = process(2).acceptInvitation(sam, { token });
    const outcomes = await Promise.all([revoked, accepted].map(outcomeOf));
    if (outcomes.every((outcome) => outcome === 'ok')) lost++;
  }
  expect(lost).toBeGreaterThan(0);
});

test('I-21 a revoked invitation stays void in a process whose clock is behind', async () => {
  const team = await createTeam();
  const { workspaces, workspaceId, clock } = team;
  const { token, invitation } = await workspaces.inviteMember(ada, {
    workspaceId,
    role: 'developer',
    expiresInSeconds: 60,
  });
  const behind = team.service({ clock: fixedClock(clock.now() + 59_000) });
  clock.advance(61_000);
  await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
  expect(await outcomeOf(behind.acceptInvitation(sam, { token }))).toMatch(/^INVITATION_(REVOKED|EXPIRED)$/);
  expect(membersOf(team)).not.toContain('sam');
});
