// When a token begins and ends: by the injected clock alone.
import { describe, expect, test } from 'vitest';
import type { WorkspaceError } from '../../src/index.js';
import { fixedClock } from '../../src/testing/index.js';
import {
  callUntyped,
  createTeam,
  olga,
  outcomeOf,
  refusalOf,
  xena,
  yuri,
} from '../service/invitation-team.js';
import { codesOf, createBench } from './bench.js';
import { claimsOf, forge } from './forge.js';

const DAY = 24 * 60 * 60;

describe('how long', () => {
  test('I-09 the default is 7 days, in the record, the token and the preview', async () => {
    const { team, workspaces, token, claims } = await createBench();
    const issued = team.clock.now();
    expect(claims['exp']).toBe(issued / 1000 + 7 * DAY);
    expect(claims['iat']).toBe(issued / 1000);
    const { expiresAt } = await workspaces.previewInvitation({ token });
    expect(expiresAt.getTime()).toBe(issued + 7 * DAY * 1000);
    expect(team.storage.dump().invitations.at(-1)?.expiresAt).toBe(issued + 7 * DAY * 1000);
  });

  test.each([59, 30 * DAY + 1, 0, -60, 60.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'I-09 %s seconds are refused: at least 60, at most 30 days',
    async (expiresInSeconds) => {
      const { workspaces, workspaceId } = await createTeam();
      const invited = workspaces.inviteMember(olga, { workspaceId, role: 'developer', expiresInSeconds });
      expect((await refusalOf(invited)).code).toBe('INVALID_INPUT');
    },
  );

  test.each(['60', null, 'unlimited', [60]])('I-09 %j is no number of seconds', async (expiresInSeconds) => {
    const { workspaces, workspaceId } = await createTeam();
    const input = { workspaceId, role: 'developer', expiresInSeconds };
    expect((await refusalOf(callUntyped(workspaces, 'inviteMember', [olga, input]))).code).toBe(
      'INVALID_INPUT',
    );
  });

  test.each([60, 30 * DAY])(
    'I-09 %i seconds are taken, and end to the millisecond',
    async (expiresInSeconds) => {
      const { workspaces, workspaceId, clock } = await createTeam();
      const { token } = await workspaces.inviteMember(olga, {
        workspaceId,
        role: 'developer',
        expiresInSeconds,
        maxUses: 2,
      });
      clock.advance(expiresInSeconds * 1000 - 1);
      expect((await workspaces.previewInvitation({ token })).status).toBe('open');
      expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
      clock.advance(1);
      expect((await workspaces.previewInvitation({ token })).status).toBe('expired');
      expect(await outcomeOf(workspaces.acceptInvitation(yuri, { token }))).toBe('INVITATION_EXPIRED');
    },
  );
});

describe('the end', () => {
  test('I-09 at exp exactly it is expired, for every method', async () => {
    const { team, workspaces, token, claims, invitationId } = await createBench();
    const { workspaceId, clock } = team;
    const isOpen = async () =>
      (await workspaces.listInvitations(olga, { workspaceId, status: 'open' })).items.length;
    clock.set(Number(claims['exp']) * 1000 - 1);
    expect(await isOpen()).toBe(1);
    clock.advance(1);
    expect(await isOpen()).toBe(0);
    const { items } = await workspaces.listInvitations(olga, { workspaceId });
    expect(items.find(({ id }) => id === invitationId)).toMatchObject({
      status: 'expired',
      endedAt: new Date(clock.now()),
    });
    expect((await workspaces.previewInvitation({ token })).status).toBe('expired');
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('INVITATION_EXPIRED');
    expect(await outcomeOf(workspaces.declineInvitation(xena, { token }))).toBe('INVITATION_EXPIRED');
    const reissued = workspaces.reissueInvitation(olga, { workspaceId, invitationId });
    expect(await outcomeOf(reissued)).toBe('INVITATION_EXPIRED');
  });

  test('I-09 only the injected clock is asked: a century ago or ahead, and backwards', async () => {
    for (const year of ['1999', '2126']) {
      const clock = fixedClock(`${year}-05-05T05:05:05Z`);
      const team = await createTeam({ clock });
      const { workspaces, workspaceId } = team;
      const { token } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
      clock.advance(7 * DAY * 1000);
      expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('INVITATION_EXPIRED');
      clock.advance(-1);
      expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
    }
  });

  test('I-09 record and token agree, whatever the millisecond of issue', async () => {
    for (const millisecond of [0, 1, 499, 500, 999]) {
      const { workspaces, workspaceId, clock } = await createTeam();
      clock.advance(millisecond);
      const { token, invitation } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
      expect(Number(claimsOf(token)['exp']) * 1000).toBe(invitation.expiresAt.getTime());
      expect(invitation.expiresAt.getTime() - clock.now()).toBeLessThanOrEqual(7 * DAY * 1000);
      expect(invitation.expiresAt.getTime() - clock.now()).toBeGreaterThan((7 * DAY - 1) * 1000);
      expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
    }
  });

  test('I-09 a reissued token has the same life again from its own issue', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const { invitation } = await workspaces.inviteMember(olga, {
      workspaceId,
      role: 'developer',
      expiresInSeconds: 60,
    });
    for (const pause of [59_999, 30_500, 59_001]) {
      clock.advance(pause);
      const again = await workspaces.reissueInvitation(olga, { workspaceId, invitationId: invitation.id });
      const whole = Math.floor(clock.now() / 1000);
      expect(claimsOf(again.token)).toMatchObject({ iat: whole, exp: whole + 60 });
      expect(again.invitation.expiresAt.getTime()).toBe((whole + 60) * 1000);
    }
  });

  test('I-09 the life is the same again, and 60 seconds at least, also when a hook held up the first', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    workspaces.before('inviteMember', () => clock.sleep(5000));
    const input = { workspaceId, role: 'developer', expiresInSeconds: 60 } as const;
    const { invitation } = await workspaces.inviteMember(olga, input);
    const again = await workspaces.reissueInvitation(olga, { workspaceId, invitationId: invitation.id });
    expect(again.invitation.expiresAt.getTime() - clock.now()).toBe(60_000);
  });
});

describe('the claims', () => {
  test.each(['exp', 'iat'])('I-09 there is no token without %s', async (claim) => {
    const bench = await createBench();
    expect(await codesOf(bench, await forge({ ...bench.claims, [claim]: undefined }))).toEqual([
      'INVITATION_INVALID',
    ]);
  });

  test('I-09 an iat 60 seconds ahead is another clock, 61 seconds are a forgery', async () => {
    const bench = await createBench();
    const { workspaces, claims, team } = bench;
    const now = team.clock.now() / 1000;
    const near = await forge({ ...claims, iat: now + 60 });
    const far = await forge({ ...claims, iat: now + 61 });
    expect((await workspaces.previewInvitation({ token: near })).status).toBe('open');
    expect(await codesOf(bench, far)).toEqual(['INVITATION_INVALID']);
    team.clock.advance(999);
    expect(await codesOf(bench, far)).toEqual(['INVITATION_INVALID']);
    team.clock.advance(1);
    expect((await workspaces.previewInvitation({ token: far })).status).toBe('open');
  });

  test('I-09 a process whose clock is a minute behind takes a token, one further behind does not yet', async () => {
    const { token, team } = await createBench();
    const behind = (seconds: number) =>
      team.service({ clock: fixedClock(team.clock.now() - seconds * 1000) }).previewInvitation({ token });
    expect(await outcomeOf(behind(60))).toBe('ok');
    expect(await outcomeOf(behind(61))).toBe('INVITATION_INVALID');
  });

  test.each([61, 3600, 365 * DAY])('I-09 an nbf %i seconds ahead is refused', async (ahead) => {
    const bench = await createBench();
    const nbf = bench.team.clock.now() / 1000 + ahead;
    expect(await codesOf(bench, await forge({ ...bench.claims, nbf }))).toEqual(['INVITATION_INVALID']);
  });

  test('I-09 an exp that is not the one of the record opens nothing, before and after', async () => {
    const bench = await createBench();
    const { claims, team } = bench;
    const exp = Number(claims['exp']);
    for (const other of [exp - 1, exp + 1, exp + 365 * DAY, 2 ** 40]) {
      expect(await codesOf(bench, await forge({ ...claims, exp: other }))).toEqual(['INVITATION_INVALID']);
    }
    team.clock.set(exp * 1000);
    const longer: WorkspaceError = await refusalOf(
      bench.workspaces.acceptInvitation(xena, { token: await forge({ ...claims, exp: exp + DAY }) }),
    );
    expect(longer.code).toBe('INVITATION_INVALID');
  });
});
