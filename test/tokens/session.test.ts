// Session tokens: valid for minutes, and checked against the storage on request.
import { describe, expect, test } from 'vitest';
import { defaultMatrix, WorkspaceService, type UserActor } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, dev, mia, ada, outcomeOf, refusalOf, type Team } from '../service/invitation-team.js';
import { recordingStorage } from '../service/around-storage.js';
import { claimsOf, forge, headerOf } from './forge.js';

const TEN_MINUTES = 10 * 60 * 1000;

interface Opened {
  readonly team: Team;
  readonly token: string;
  readonly claims: Record<string, unknown>;
  /** The result of `verifySession` without and with `fresh`. */
  readonly verify: (token?: string) => Promise<{ signature: string; fresh: string }>;
}

async function openSession(actor: UserActor = dev): Promise<Opened> {
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

describe('duration', () => {
  test('T-12 a session token lasts 10 minutes by default, to the millisecond', async () => {
    const { team, token, verify } = await openSession();
    const { workspaces, clock, workspaceId } = team;
    const { expiresAt } = await workspaces.verifySession({ token });
    expect(expiresAt.getTime() - clock.now()).toBe(TEN_MINUTES);
    expect((await workspaces.switchWorkspace(dev, { workspaceId })).expiresAt).toEqual(expiresAt);
    clock.advance(TEN_MINUTES - 1);
    expect(await verify()).toEqual({ signature: 'ok', fresh: 'ok' });
    clock.advance(1);
    expect(await verify()).toEqual({ signature: 'SESSION_EXPIRED', fresh: 'SESSION_EXPIRED' });
  });

  test('T-12 it never lasts longer, for any millisecond of issue', async () => {
    for (const millisecond of [1, 500, 999]) {
      const team = await createTeam();
      team.clock.advance(millisecond);
      const { expiresAt } = await team.workspaces.switchWorkspace(dev, { workspaceId: team.workspaceId });
      expect(expiresAt.getTime() - team.clock.now()).toBeLessThanOrEqual(TEN_MINUTES);
    }
  });

  test.each([0, -1, 86_401, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'T-12 rejects a lifetime of %s seconds at construction',
    async (sessionSeconds) => {
      const { storage } = await createTeam();
      expect(
        () =>
          new WorkspaceService({
            permissions: defaultMatrix,
            storage,
            tokens: { ...testTokens, sessionSeconds },
          }),
      ).toThrow(/sessionSeconds/);
    },
  );

  test.each([1, 86_400])('accepts a lifetime of %s seconds', async (sessionSeconds) => {
    const team = await createTeam({ tokens: { ...testTokens, sessionSeconds } });
    const { expiresAt } = await team.workspaces.switchWorkspace(dev, { workspaceId: team.workspaceId });
    expect(expiresAt.getTime() - team.clock.now()).toBe(sessionSeconds * 1000);
  });

  test('its audience is the sessions of this issuer', async () => {
    const { claims } = await openSession();
    expect(claims['aud']).toBe(`${testTokens.issuer}/session`);
  });
});

describe('changed memberships', () => {
  test.each<[string, (team: Team) => Promise<unknown>]>([
    [
      'removed',
      ({ workspaces, workspaceId }) => workspaces.removeMember(ada, { workspaceId, userId: 'dev' }),
    ],
    ['leaving', ({ workspaces, workspaceId }) => workspaces.leaveWorkspace(dev, { workspaceId })],
    [
      'in a deleted workspace',
      ({ workspaces, workspaceId }) => workspaces.deleteWorkspace(ada, { workspaceId }),
    ],
    [
      'in another role',
      ({ workspaces, workspaceId }) =>
        workspaces.changeRole(ada, { workspaceId, userId: 'dev', role: 'manager' }),
    ],
    [
      'now the owner',
      ({ workspaces, workspaceId }) => workspaces.transferOwnership(ada, { workspaceId, userId: 'dev' }),
    ],
  ])(
    'T-12 the token of a member who is %s fails immediately with fresh, otherwise at its expiry',
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

  test.each(['the same link', 'another link'])(
    'T-12 a token from before a removal fails with fresh, though the member came back by %s in the same instant',
    async (link) => {
      const team = await createTeam();
      const { workspaces, workspaceId } = team;
      const invite = () =>
        workspaces.inviteMember(ada, { workspaceId, role: 'developer', maxUses: 'unlimited' });
      const { token: first } = await invite();
      await workspaces.removeMember(ada, { workspaceId, userId: 'dev' });
      await workspaces.acceptInvitation(dev, { token: first });
      const { token: before } = await workspaces.switchWorkspace(dev, { workspaceId });
      const verify = (token: string) => outcomeOf(workspaces.verifySession({ token, fresh: true }));
      expect(await verify(before)).toBe('ok');

      await workspaces.removeMember(ada, { workspaceId, userId: 'dev' });
      const { token: second } = link === 'another link' ? await invite() : { token: first };
      await workspaces.acceptInvitation(dev, { token: second });
      expect(await verify(before)).toBe('SESSION_STALE');
      const { token: after } = await workspaces.switchWorkspace(dev, { workspaceId });
      expect(await verify(after)).toBe('ok');
      // Other changes of the workspace and of the member leave it fresh, as long as the role is that of the token.
      await workspaces.renameWorkspace(ada, { workspaceId, name: 'renamed' });
      for (const role of ['manager', 'developer'] as const) {
        await workspaces.changeRole(ada, { workspaceId, userId: 'dev', role });
      }
      expect(await verify(after)).toBe('ok');
    },
  );

  test('T-12 so does the token of the former owner', async () => {
    const { team, verify } = await openSession(ada);
    await team.workspaces.transferOwnership(ada, { workspaceId: team.workspaceId, userId: 'mia' });
    expect(await verify()).toEqual({ signature: 'ok', fresh: 'SESSION_STALE' });
  });

  test('T-12 a change by another process is visible immediately', async () => {
    const { team, token } = await openSession();
    const [one, other] = [team.service(), team.service()];
    await one.changeRole(ada, { workspaceId: team.workspaceId, userId: 'dev', role: 'manager' });
    expect(await outcomeOf(other.verifySession({ token, fresh: true }))).toBe('SESSION_STALE');
  });

  test('T-12 changes to other members do not affect a token', async () => {
    const { team, verify, token } = await openSession();
    const { workspaces, workspaceId } = team;
    await workspaces.removeMember(ada, { workspaceId, userId: 'mia' });
    await workspaces.renameWorkspace(ada, { workspaceId, name: 'renamed' });
    expect(await verify()).toEqual({ signature: 'ok', fresh: 'ok' });
    expect(await workspaces.verifySession({ token })).toMatchObject({
      userId: 'dev',
      role: 'developer',
      workspaceId,
    });
  });

  test('T-12 without fresh the storage is not queried; with it, one membership is read', async () => {
    const { team, token } = await openSession();
    const { storage, calls } = recordingStorage(team.storage);
    const workspaces = team.service({ storage });
    await workspaces.verifySession({ token });
    await workspaces.verifySession({ token, fresh: false });
    expect(calls).toEqual([]);
    await workspaces.verifySession({ token, fresh: true });
    expect(calls).toEqual([{ method: 'findMembership', args: [team.workspaceId, 'dev'] }]);
  });
});

describe('invalid sessions', () => {
  test('I-08 rejects an invitation token as a session token', async () => {
    const { team, verify, claims } = await openSession();
    const { token } = await team.workspaces.inviteMember(ada, {
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

  test("I-08 rejects a session token of another issuer, even signed by the service's own key", async () => {
    const { team, token, verify, claims } = await openSession();
    const other = team.service({ tokens: { ...testTokens, issuer: 'https://other.test' } });
    expect(await outcomeOf(other.verifySession({ token }))).toBe('SESSION_INVALID');
    const iss = 'https://other.test';
    expect((await verify(await forge({ ...claims, iss }, session))).signature).toBe('SESSION_INVALID');
    expect((await verify(await forge({ ...claims, iss, aud: `${iss}/session` }, session))).signature).toBe(
      'SESSION_INVALID',
    );
  });

  test('I-04 rejects a session token with any character replaced', async () => {
    const { team, token } = await openSession();
    const accepted: string[] = [];
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    for (const [index, character] of [...token].entries()) {
      for (const other of index === token.length - 1 ? alphabet : character === 'A' ? 'B' : 'A') {
        if (other === character) continue;
        const flipped = token.slice(0, index) + other + token.slice(index + 1);
        const outcome = await outcomeOf(team.workspaces.verifySession({ token: flipped }));
        if (outcome !== 'SESSION_INVALID')
          accepted.push(`${String(index)}, ${character} to ${other}: ${outcome}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  test('T-12 rejects a token without expiry, from the future or with an unknown claim', async () => {
    const { team, claims, verify } = await openSession();
    const now = team.clock.now() / 1000;
    for (const change of [
      { exp: undefined },
      { iat: undefined },
      { iat: now + 61 },
      { nbf: now + 61 },
      { role: undefined },
      { ver: -1 },
      { sub: ['dev'] },
      { wid: null },
      { admin: true },
      { exp: String(claims['exp']) },
    ]) {
      expect((await verify(await forge({ ...claims, ...change }, session))).signature).toBe(
        'SESSION_INVALID',
      );
    }
  });

  test('T-12 fresh compares the role of a token with the membership', async () => {
    const { verify, claims } = await openSession();
    expect((await verify(await forge({ ...claims, role: 'owner' }, session))).fresh).toBe('SESSION_STALE');
    expect((await verify(await forge({ ...claims, sub: 'sam' }, session))).fresh).toBe('SESSION_STALE');
  });

  test('T-12 the token holds the user, workspace, role, version and sign-in, and nothing else', async () => {
    const { token, claims, team } = await openSession(mia);
    expect(headerOf(token)).toEqual({ alg: 'HS256', kid: 'test', typ: 'session+jwt' });
    const names = ['aud', 'auth_time', 'exp', 'iat', 'iss', 'role', 'sub', 'ver', 'wid'];
    expect(Object.keys(claims).sort()).toEqual(names);
    expect(claims).toMatchObject({ sub: 'mia', role: 'manager', wid: team.workspaceId });
  });

  test('T-12 a non-member gets no token', async () => {
    const { team } = await openSession();
    const refusal = await refusalOf(
      team.workspaces.switchWorkspace({ userId: 'sam' }, { workspaceId: team.workspaceId }),
    );
    expect(refusal.code).toBe('WORKSPACE_NOT_FOUND');
  });
});
