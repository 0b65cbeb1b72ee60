// Session tokens: a proof for the host's middleware, good for minutes, and checked against the storage when asked.
import { describe, expect, test } from 'vitest';
import { WorkspaceService, type UserActor } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, dana, mark, olga, outcomeOf, refusalOf, type Team } from '../service/invitation-team.js';
import { recordingStorage } from '../service/around-storage.js';
import { claimsOf, forge, headerOf } from './forge.js';

const TEN_MINUTES = 10 * 60 * 1000;

interface Opened {
  readonly team: Team;
  readonly token: string;
  readonly claims: Record<string, unknown>;
  /** What `verifySession` says, without and with a look at the storage. */
  readonly verify: (token?: string) => Promise<{ signature: string; fresh: string }>;
}

async function openSession(actor: UserActor = dana): Promise<Opened> {
  const team = await createTeam();
  const { workspaces, workspaceId } = team;
  const { token } = await workspaces.switchWorkspace(actor, { workspaceId });
  const verify = async (tried = token) => ({
    signature: await outcomeOf(workspaces.verifySession({ token: tried })),
    fresh: await outcomeOf(workspaces.verifySession({ token: tried, fresh: true })),
  });
  return { team, token, claims: claimsOf(token), verify };
}

const session = { header: { typ: 'session+jwt' } };

describe('how long', () => {
  test('T-12 a session token lasts 10 minutes by default, to the millisecond', async () => {
    const { team, token, verify } = await openSession();
    const { workspaces, clock, workspaceId } = team;
    const { expiresAt } = await workspaces.verifySession({ token });
    expect(expiresAt.getTime() - clock.now()).toBe(TEN_MINUTES);
    expect((await workspaces.switchWorkspace(dana, { workspaceId })).expiresAt).toEqual(expiresAt);
    clock.advance(TEN_MINUTES - 1);
    expect(await verify()).toEqual({ signature: 'ok', fresh: 'ok' });
    clock.advance(1);
    expect(await verify()).toEqual({ signature: 'SESSION_EXPIRED', fresh: 'SESSION_EXPIRED' });
  });

  test('T-12 whatever the millisecond of issue, it never lasts longer', async () => {
    for (const millisecond of [1, 500, 999]) {
      const team = await createTeam();
      team.clock.advance(millisecond);
      const { expiresAt } = await team.workspaces.switchWorkspace(dana, { workspaceId: team.workspaceId });
      expect(expiresAt.getTime() - team.clock.now()).toBeLessThanOrEqual(TEN_MINUTES);
    }
  });

  test.each([0, -1, 86_401, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'T-12 a life of %s seconds is refused at construction',
    async (sessionSeconds) => {
      const { storage } = await createTeam();
      expect(() => new WorkspaceService({ storage, tokens: { ...testTokens, sessionSeconds } })).toThrow(
        /sessionSeconds/,
      );
    },
  );

  test.each([1, 86_400])('a life of %s seconds is given', async (sessionSeconds) => {
    const team = await createTeam({ tokens: { ...testTokens, sessionSeconds } });
    const { expiresAt } = await team.workspaces.switchWorkspace(dana, { workspaceId: team.workspaceId });
    expect(expiresAt.getTime() - team.clock.now()).toBe(sessionSeconds * 1000);
  });

  test('it is for sessions of this issuer', async () => {
    const { claims } = await openSession();
    expect(claims['aud']).toBe(`${testTokens.issuer}/session`);
  });
});

describe('who is gone or changed', () => {
  test.each<[string, (team: Team) => Promise<unknown>]>([
    [
      'removed',
      ({ workspaces, workspaceId }) => workspaces.removeMember(olga, { workspaceId, userId: 'dana' }),
    ],
    ['gone by themselves', ({ workspaces, workspaceId }) => workspaces.leaveWorkspace(dana, { workspaceId })],
    [
      'of a deleted workspace',
      ({ workspaces, workspaceId }) => workspaces.deleteWorkspace(olga, { workspaceId }),
    ],
    [
      'of another role',
      ({ workspaces, workspaceId }) =>
        workspaces.changeRole(olga, { workspaceId, userId: 'dana', role: 'manager' }),
    ],
    [
      'the owner now',
      ({ workspaces, workspaceId }) => workspaces.transferOwnership(olga, { workspaceId, userId: 'dana' }),
    ],
  ])(
    'T-12 the token of a member who is %s fails when fresh at once, and otherwise at its expiry',
    async (_name, change) => {
      const { team, verify } = await openSession();
      expect(await verify()).toEqual({ signature: 'ok', fresh: 'ok' });
      await change(team);
      expect(await verify()).toEqual({ signature: 'ok', fresh: 'SESSION_STALE' });
      team.clock.advance(TEN_MINUTES - 1);
      expect(await verify()).toEqual({ signature: 'ok', fresh: 'SESSION_STALE' });
      team.clock.advance(1);
      expect(await verify()).toEqual({ signature: 'SESSION_EXPIRED', fresh: 'SESSION_EXPIRED' });
    },
  );

  test('T-12 so does the token of the former owner', async () => {
    const { team, verify } = await openSession(olga);
    await team.workspaces.transferOwnership(olga, { workspaceId: team.workspaceId, userId: 'mark' });
    expect(await verify()).toEqual({ signature: 'ok', fresh: 'SESSION_STALE' });
  });

  test('T-12 a change made by another process is seen at once', async () => {
    const { team, token } = await openSession();
    const [one, other] = [team.service(), team.service()];
    await one.changeRole(olga, { workspaceId: team.workspaceId, userId: 'dana', role: 'manager' });
    expect(await outcomeOf(other.verifySession({ token, fresh: true }))).toBe('SESSION_STALE');
  });

  test('T-12 changes of others leave a token as good as it was', async () => {
    const { team, verify, token } = await openSession();
    const { workspaces, workspaceId } = team;
    await workspaces.removeMember(olga, { workspaceId, userId: 'mark' });
    await workspaces.renameWorkspace(olga, { workspaceId, name: 'renamed' });
    expect(await verify()).toEqual({ signature: 'ok', fresh: 'ok' });
    expect(await workspaces.verifySession({ token })).toMatchObject({
      userId: 'dana',
      role: 'developer',
      workspaceId,
    });
  });

  test('T-12 without fresh the storage is not asked; with it, one membership is', async () => {
    const { team, token } = await openSession();
    const { storage, calls } = recordingStorage(team.storage);
    const workspaces = team.service({ storage });
    await workspaces.verifySession({ token });
    await workspaces.verifySession({ token, fresh: false });
    expect(calls).toEqual([]);
    await workspaces.verifySession({ token, fresh: true });
    expect(calls).toEqual([{ method: 'findMember', args: [team.workspaceId, 'dana'] }]);
  });
});

describe('what is no session', () => {
  test('I-08 an invitation token is no session token', async () => {
    const { team, verify, claims } = await openSession();
    const { token } = await team.workspaces.inviteMember(olga, {
      workspaceId: team.workspaceId,
      role: 'developer',
    });
    const invalid = { signature: 'SESSION_INVALID', fresh: 'SESSION_INVALID' };
    expect(await verify(token)).toEqual(invalid);
    const aud = `${testTokens.issuer}/invitation`;
    for (const forged of [
      forge(claimsOf(token), session),
      forge({ ...claims, aud }, session),
      forge({ ...claims, aud }),
      forge(claims),
    ]) {
      expect(await verify(await forged)).toEqual(invalid);
    }
    expect(await verify(await forge(claims, session))).toEqual({ signature: 'ok', fresh: 'ok' });
  });

  test("I-08 a session token of another issuer is refused, though the service's own key signed it", async () => {
    const { team, token, verify, claims } = await openSession();
    const other = team.service({ tokens: { ...testTokens, issuer: 'https://other.test' } });
    expect(await outcomeOf(other.verifySession({ token }))).toBe('SESSION_INVALID');
    const iss = 'https://other.test';
    expect((await verify(await forge({ ...claims, iss }, session))).signature).toBe('SESSION_INVALID');
    expect((await verify(await forge({ ...claims, iss, aud: `${iss}/session` }, session))).signature).toBe(
      'SESSION_INVALID',
    );
  });

  test('I-04 a session token is refused when any character of it is flipped', async () => {
    const { team, token } = await openSession();
    const accepted: string[] = [];
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    for (const [place, character] of [...token].entries()) {
      for (const other of place === token.length - 1 ? alphabet : character === 'A' ? 'B' : 'A') {
        if (other === character) continue;
        const flipped = token.slice(0, place) + other + token.slice(place + 1);
        const outcome = await outcomeOf(team.workspaces.verifySession({ token: flipped }));
        if (outcome !== 'SESSION_INVALID')
          accepted.push(`${String(place)}, ${character} to ${other}: ${outcome}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  test('T-12 a token without an end, from the future or with a claim too many is refused', async () => {
    const { team, claims, verify } = await openSession();
    const now = team.clock.now() / 1000;
    for (const change of [
      { exp: undefined },
      { iat: undefined },
      { iat: now + 61 },
      { nbf: now + 61 },
      { role: undefined },
      { ver: -1 },
      { sub: ['dana'] },
      { wid: null },
      { admin: true },
      { exp: String(claims['exp']) },
    ]) {
      expect((await verify(await forge({ ...claims, ...change }, session))).signature).toBe(
        'SESSION_INVALID',
      );
    }
  });

  test('T-12 a role that a token claims is believed by nobody: fresh compares it with the membership', async () => {
    const { verify, claims } = await openSession();
    expect((await verify(await forge({ ...claims, role: 'owner' }, session))).fresh).toBe('SESSION_STALE');
    expect((await verify(await forge({ ...claims, sub: 'xena' }, session))).fresh).toBe('SESSION_STALE');
  });

  test('T-12 the token says who, where, in which role and at which version, and nothing else', async () => {
    const { token, claims, team } = await openSession(mark);
    expect(headerOf(token)).toEqual({ alg: 'HS256', kid: 'test', typ: 'session+jwt' });
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'role', 'sub', 'ver', 'wid']);
    expect(claims).toMatchObject({ sub: 'mark', role: 'manager', wid: team.workspaceId });
  });

  test('T-12 someone outside gets no token', async () => {
    const { team } = await openSession();
    const refusal = await refusalOf(
      team.workspaces.switchWorkspace({ userId: 'xena' }, { workspaceId: team.workspaceId }),
    );
    expect(refusal.code).toBe('WORKSPACE_NOT_FOUND');
  });
});
