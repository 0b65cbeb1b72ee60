// The lifetime of invitation tokens, measured by the injected clock alone.
import { describe, expect, test } from 'vitest';
import type { WorkspaceError } from '../../src/index.js';
import { fixedClock } from '../../src/testing/index.js';
import { callUntyped, createTeam, ada, outcomeOf, refusalOf, sam, eve } from '../service/invitation-team.js';
import { codesOf, createFixture } from './fixture.js';
import { claimsOf, forge } from './forge.js';

const DAY = 24 * 60 * 60;

describe('duration', () => {
  test('I-09 the default is 7 days, in the record, the token and the preview', async () => {
    const { team, workspaces, token, claims } = await createFixture();
    const issued = team.clock.now();
    expect(claims['exp']).toBe(issued / 1000 + 7 * DAY);
    expect(claims['iat']).toBe(issued / 1000);
    const { expiresAt } = await workspaces.previewInvitation({ token });
    expect(expiresAt.getTime()).toBe(issued + 7 * DAY * 1000);
    expect(team.storage.dump().invitations.at(-1)?.expiresAt).toBe(issued + 7 * DAY * 1000);
  });

  test.each([59, 30 * DAY + 1, 0, -60, 60.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'I-09 rejects a lifetime of %s seconds: the range is 60 seconds to 30 days',
    async (expiresInSeconds) => {
      const { workspaces, workspaceId } = await createTeam();
      const invited = workspaces.inviteMember(ada, { workspaceId, role: 'developer', expiresInSeconds });
      expect((await refusalOf(invited)).code).toBe('INVALID_INPUT');
    },
  );

  test.each(['60', null, 'unlimited', [60]])(
    'I-09 rejects %j as a number of seconds',
    async (expiresInSeconds) => {
      const { workspaces, workspaceId } = await createTeam();
      const input = { workspaceId, role: 'developer', expiresInSeconds };
      expect((await refusalOf(callUntyped(workspaces, 'inviteMember', [ada, input]))).code).toBe(
        'INVALID_INPUT',
      );
    },
  );

  test.each([60, 30 * DAY])(
    'I-09 accepts a lifetime of %i seconds, exact to the millisecond',
    async (expiresInSeconds) => {
      const { workspaces, workspaceId, clock } = await createTeam();
      const { token } = await workspaces.inviteMember(ada, {
        workspaceId,
        role: 'developer',
        expiresInSeconds,
        maxUses: 2,
      });
      clock.advance(expiresInSeconds * 1000 - 1);
      expect((await workspaces.previewInvitation({ token })).status).toBe('open');
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
      clock.advance(1);
      expect((await workspaces.previewInvitation({ token })).status).toBe('expired');
      expect(await outcomeOf(workspaces.acceptInvitation(eve, { token }))).toBe('INVITATION_EXPIRED');
    },
  );
});

describe('expiry', () => {
  test('I-09 every method treats a token as expired exactly at exp', async () => {
    const { team, workspaces, token, claims, invitationId } = await createFixture();
    const { workspaceId, clock } = team;
    const isOpen = async () =>
      (await workspaces.listInvitations(ada, { workspaceId, status: 'open' })).items.length;
    clock.set(Number(claims['exp']) * 1000 - 1);
    expect(await isOpen()).toBe(1);
    clock.advance(1);
    expect(await isOpen()).toBe(0);
    const { items } = await workspaces.listInvitations(ada, { workspaceId });
    expect(items.find(({ id }) => id === invitationId)).toMatchObject({
      status: 'expired',
      endedAt: new Date(clock.now()),
    });
    expect((await workspaces.previewInvitation({ token })).status).toBe('expired');
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('INVITATION_EXPIRED');
    expect(await outcomeOf(workspaces.declineInvitation(sam, { token }))).toBe('INVITATION_EXPIRED');
    const reissued = workspaces.reissueInvitation(ada, { workspaceId, invitationId });
    // With a token of its own: the expired one stays as it is.
    expect(await outcomeOf(reissued)).toBe('ok');
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('INVITATION_INVALID');
  });

  test('I-09 uses only the injected clock: in other centuries, and backwards', async () => {
    for (const year of ['1999', '2126']) {
      const clock = fixedClock(`${year}-05-05T05:05:05Z`);
      const team = await createTeam({ clock });
      const { workspaces, workspaceId } = team;
      const { token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
      clock.advance(7 * DAY * 1000);
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('INVITATION_EXPIRED');
      clock.advance(-1);
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
    }
  });

  test('I-09 record and token expire at the same time for any millisecond of issue', async () => {
    for (const millisecond of [0, 1, 499, 500, 999]) {
      const { workspaces, workspaceId, clock } = await createTeam();
      clock.advance(millisecond);
      const { token, invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
      expect(Number(claimsOf(token)['exp']) * 1000).toBe(invitation.expiresAt.getTime());
      expect(invitation.expiresAt.getTime() - clock.now()).toBeLessThanOrEqual(7 * DAY * 1000);
      expect(invitation.expiresAt.getTime() - clock.now()).toBeGreaterThan((7 * DAY - 1) * 1000);
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
    }
  });

  test('I-09 a reissued token gets the same lifetime again, counted from its own issue', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    const { invitation } = await workspaces.inviteMember(ada, {
      workspaceId,
      role: 'developer',
      expiresInSeconds: 60,
    });
    for (const pause of [59_999, 30_500, 59_001]) {
      clock.advance(pause);
      const again = await workspaces.reissueInvitation(ada, { workspaceId, invitationId: invitation.id });
      const whole = Math.floor(clock.now() / 1000);
      expect(claimsOf(again.token)).toMatchObject({ iat: whole, exp: whole + 60 });
      expect(again.invitation.expiresAt.getTime()).toBe((whole + 60) * 1000);
    }
  });

  test('I-09 a reissued token lives at least 60 seconds, even if a hook delayed the first issue', async () => {
    const { workspaces, workspaceId, clock } = await createTeam();
    workspaces.before('inviteMember', () => clock.sleep(5000));
    const input = { workspaceId, role: 'developer', expiresInSeconds: 60 } as const;
    const { invitation } = await workspaces.inviteMember(ada, input);
    const again = await workspaces.reissueInvitation(ada, { workspaceId, invitationId: invitation.id });
    expect(again.invitation.expiresAt.getTime() - clock.now()).toBe(60_000);
  });
});

describe('claims', () => {
  test.each(['exp', 'iat'])('I-09 rejects a token without %s', async (claim) => {
    const fixture = await createFixture();
    expect(await codesOf(fixture, await forge({ ...fixture.claims, [claim]: undefined }))).toEqual([
      'INVITATION_INVALID',
    ]);
  });

  test('I-09 accepts an iat 60 seconds ahead as clock skew, and rejects 61 seconds', async () => {
    const fixture = await createFixture();
    const { workspaces, claims, team } = fixture;
    const now = team.clock.now() / 1000;
    const near = await forge({ ...claims, iat: now + 60 });
    const far = await forge({ ...claims, iat: now + 61 });
    expect((await workspaces.previewInvitation({ token: near })).status).toBe('open');
    expect(await codesOf(fixture, far)).toEqual(['INVITATION_INVALID']);
    team.clock.advance(999);
    expect(await codesOf(fixture, far)).toEqual(['INVITATION_INVALID']);
    team.clock.advance(1);
    expect((await workspaces.previewInvitation({ token: far })).status).toBe('open');
  });

  test('I-09 a process whose clock is one minute behind accepts a token; one further behind rejects it', async () => {
    const { token, team } = await createFixture();
    const behind = (seconds: number) =>
      team.service({ clock: fixedClock(team.clock.now() - seconds * 1000) }).previewInvitation({ token });
    expect(await outcomeOf(behind(60))).toBe('ok');
    expect(await outcomeOf(behind(61))).toBe('INVITATION_INVALID');
  });

  test.each([61, 3600, 365 * DAY])('I-09 rejects an nbf %i seconds ahead', async (ahead) => {
    const fixture = await createFixture();
    const nbf = fixture.team.clock.now() / 1000 + ahead;
    expect(await codesOf(fixture, await forge({ ...fixture.claims, nbf }))).toEqual(['INVITATION_INVALID']);
  });

  test('I-09 rejects an exp that differs from the record, earlier or later', async () => {
    const fixture = await createFixture();
    const { claims, team } = fixture;
    const exp = Number(claims['exp']);
    for (const other of [exp - 1, exp + 1, exp + 365 * DAY, 2 ** 40]) {
      expect(await codesOf(fixture, await forge({ ...claims, exp: other }))).toEqual(['INVITATION_INVALID']);
    }
    team.clock.set(exp * 1000);
    const longer: WorkspaceError = await refusalOf(
      fixture.workspaces.acceptInvitation(sam, { token: await forge({ ...claims, exp: exp + DAY }) }),
    );
    expect(longer.code).toBe('INVITATION_INVALID');
  });
});
