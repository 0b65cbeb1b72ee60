// What a token is made of, who ever sees it, and that nothing else leads to it.
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { WorkspaceService, type IssuedInvitation, type MethodName } from '../../src/index.js';
import { randomIds } from '../../src/service/runtime.js';
import { hashSecret } from '../../src/tokens/tokens.js';
import { testTokens } from '../../src/testing/index.js';
import {
  createTeam,
  dana,
  mark,
  olga,
  outcomeOf,
  refusalOf,
  xena,
  yuri,
  type Team,
} from '../service/invitation-team.js';
import { playEverything, stringsIn } from './everything-seen.js';
import { claimsOf, forge, segmentsOf } from './forge.js';

type Issuing = 'inviteMember' | 'reissueInvitation';

describe('the secret', () => {
  test('I-01 there are 128 bits or more in it: every place takes each of its values, about as often', () => {
    const size = 4000;
    const secrets = Array.from({ length: size }, () => randomIds.secret());
    expect(new Set(secrets).size).toBe(size);
    const [{ length } = ''] = secrets;
    let bits = 0;
    for (let place = 0; place < length; place++) {
      const counts = new Map<string, number>();
      for (const secret of secrets)
        counts.set(secret.charAt(place), (counts.get(secret.charAt(place)) ?? 0) + 1);
      bits += Math.log2(counts.size);
      expect(Math.min(...counts.values())).toBeGreaterThan(size / counts.size / 4);
    }
    expect(bits).toBeGreaterThanOrEqual(128);
  });

  test('what is kept of it is SHA-256, in hexadecimal', async () => {
    for (const secret of Array.from({ length: 100 }, () => randomIds.secret()))
      expect(await hashSecret(secret)).toBe(createHash('sha256').update(secret).digest('hex'));
  });

  test('I-01 it is made of what the cryptographic source of the platform gives, and of nothing else', () => {
    // More than any pool of random bytes lasts for.
    const secrets = () => Array.from({ length: 2000 }, () => randomIds.secret()).slice(-100);
    const whileGiven = (byte: number): Set<string> => {
      const source = vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
        if (array instanceof Uint8Array) array.fill(byte);
        return array;
      });
      const made = new Set(secrets());
      expect(source).toHaveBeenCalled();
      source.mockRestore();
      return made;
    };
    const [zeros, ones] = [whileGiven(0), whileGiven(1)];
    expect([zeros.size, ones.size]).toEqual([1, 1]);
    expect(zeros).not.toEqual(ones);
    expect(new Set(secrets()).size).toBe(100);
  });

  test('I-01 it stands in every token, a new one each time, of a service that is given no ids too', async () => {
    const made = vi.spyOn(randomIds, 'secret');
    const { storage, clock, workspaceId } = await createTeam();
    const workspaces = new WorkspaceService({ storage, clock, tokens: testTokens });
    const first = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    const second = await workspaces.inviteMember(olga, {
      workspaceId,
      role: 'developer',
      maxUses: 'unlimited',
    });
    const third = await workspaces.reissueInvitation(olga, {
      workspaceId,
      invitationId: first.invitation.id,
    });
    const secrets = [first, second, third].map(({ token }) => claimsOf(token)['sec']);
    expect(secrets).toEqual(made.mock.results.map(({ value }): unknown => value));
    expect(new Set(secrets).size).toBe(3);
    made.mockRestore();
  });

  test('I-01 ids alone open nothing, not even signed by the right key', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { token, invitation } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    const { sec, ...rest } = claimsOf(token);
    for (const guess of [
      undefined,
      '',
      null,
      invitation.id,
      workspaceId,
      `${String(sec)}A`,
      String(sec).slice(1),
    ]) {
      const forged = await forge({ ...rest, sec: guess });
      expect(await outcomeOf(workspaces.acceptInvitation(xena, { token: forged }))).toBe(
        'INVITATION_INVALID',
      );
    }
    for (const id of [invitation.id, workspaceId, `${workspaceId}.${invitation.id}.`]) {
      expect(await outcomeOf(workspaces.acceptInvitation(xena, { token: id }))).toBe('INVITATION_INVALID');
    }
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token: await forge({ ...rest, sec }) }))).toBe(
      'ok',
    );
  });
});

describe('what is left of it', () => {
  test('I-02 no string of a full dump, of lists, previews, events, hooks, logs or errors opens an invitation', async () => {
    const logged = (['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => undefined),
    );
    const team = await createTeam({ ids: randomIds });
    const { seen, issued, open } = await playEverything(team);
    for (const log of logged) {
      expect(log).not.toHaveBeenCalled();
      log.mockRestore();
    }

    const text = inspect(seen, { depth: Infinity, maxArrayLength: null, maxStringLength: null });
    for (const { token } of issued) {
      const [, claims, signature] = segmentsOf(token);
      for (const part of [token, claims, signature, String(claimsOf(token)['sec'])]) {
        expect(text.includes(part)).toBe(false);
      }
    }
    const strings = stringsIn(seen);
    expect(strings.size).toBeGreaterThan(100);
    const before = team.storage.dump();
    for (const tried of strings) {
      const answers = [
        team.workspaces.previewInvitation({ token: tried }),
        team.workspaces.acceptInvitation(yuri, { token: tried }),
      ];
      for (const { code } of await Promise.all(answers.map(refusalOf))) {
        expect(['INVITATION_INVALID', 'INVALID_INPUT']).toContain(code);
      }
    }
    // Nor does it as the secret, for somebody who holds the signing key as well.
    const claims = claimsOf(open.token);
    for (const sec of strings) {
      const token = await forge({ ...claims, sec });
      if (token.length > 4096) continue;
      expect(await outcomeOf(team.workspaces.previewInvitation({ token }))).toBe('INVITATION_INVALID');
    }
    expect(team.storage.dump()).toEqual(before);
    expect(await outcomeOf(team.workspaces.previewInvitation({ token: open.token }))).toBe('ok');
  });

  test('I-03 inviteMember and reissueInvitation return the token, once, and no other method does', async () => {
    const team = await createTeam({ quota: memoryQuota({ defaults: { cpu: '8' } }) });
    const { workspaces, workspaceId } = team;
    const { id: doomed } = await workspaces.createWorkspace(olga, { name: 'doomed' });
    const invite = () => workspaces.inviteMember(olga, { workspaceId, role: 'developer', maxUses: 5 });
    const [kept, revoked] = [await invite(), await invite()];
    const session = await workspaces.switchWorkspace(dana, { workspaceId });
    const who = { workspaceId, userId: 'dana' };
    const permission = 'invitation:create';
    const reserving = { workspaceId, reservationId: 'r', amounts: { cpu: '1' } };
    const calls: Record<Exclude<MethodName, Issuing>, () => Promise<unknown>> = {
      openAccount: () => workspaces.openAccount({ userId: 'olga', username: 'olga' }),
      renameAccount: () => workspaces.renameAccount(olga, { userId: 'olga', username: 'Olga' }),
      createWorkspace: () => workspaces.createWorkspace(olga, { name: 'more' }),
      renameWorkspace: () => workspaces.renameWorkspace(olga, { workspaceId, name: 'hello again' }),
      revokeInvitation: () =>
        workspaces.revokeInvitation(olga, { workspaceId, invitationId: revoked.invitation.id }),
      previewInvitation: () => workspaces.previewInvitation({ token: kept.token }),
      acceptInvitation: () => workspaces.acceptInvitation(xena, { token: kept.token }),
      declineInvitation: () => workspaces.declineInvitation(yuri, { token: kept.token }),
      changeRole: () => workspaces.changeRole(olga, { ...who, role: 'manager' }),
      switchWorkspace: () => workspaces.switchWorkspace(dana, { workspaceId }),
      verifySession: () => workspaces.verifySession({ token: session.token }),
      getWorkspace: () => workspaces.getWorkspace(olga, { workspaceId }),
      getMembership: () => workspaces.getMembership(olga, { workspaceId }),
      listWorkspaces: () => workspaces.listWorkspaces(olga),
      listMembers: () => workspaces.listMembers(olga, { workspaceId }),
      listInvitations: () => workspaces.listInvitations(olga, { workspaceId }),
      listEvents: () => workspaces.listEvents(olga, { workspaceId }),
      listAccountEvents: () => workspaces.listAccountEvents(olga, { userId: 'olga' }),
      can: () => workspaces.can(olga, { workspaceId, permission }),
      authorize: () => workspaces.authorize(olga, { workspaceId, permission }),
      explain: () => workspaces.explain(olga, { workspaceId, permission }),
      setQuota: () => workspaces.setQuota({ operator: 'root' }, { workspaceId, limits: { cpu: '8' } }),
      getQuota: () => workspaces.getQuota(olga, { workspaceId }),
      reserveQuota: () => workspaces.reserveQuota(olga, reserving),
      commitQuota: () => workspaces.commitQuota(olga, { workspaceId, reservationId: 'r' }),
      releaseQuota: () => workspaces.releaseQuota(olga, { workspaceId, reservationId: 'r' }),
      withQuota: () => workspaces.withQuota(olga, reserving, () => 'created'),
      transferOwnership: () => workspaces.transferOwnership(olga, { workspaceId, userId: 'mark' }),
      removeMember: () => workspaces.removeMember(mark, who),
      leaveWorkspace: () => workspaces.leaveWorkspace(olga, { workspaceId }),
      deleteWorkspace: () => workspaces.deleteWorkspace(olga, { workspaceId: doomed }),
    };
    const parts = [kept, revoked].flatMap(({ token }) => [
      ...segmentsOf(token),
      String(claimsOf(token)['sec']),
    ]);
    for (const [method, run] of Object.entries(calls)) {
      const answer = inspect(await run(), { depth: Infinity });
      expect([method, parts.filter((part) => answer.includes(part))]).toEqual([method, []]);
    }
  });

  test('I-03 where it is returned, it stands in the token and at the end of the link alone', async () => {
    for (const issued of await issueTwice(await createTeam())) {
      const { token, url, invitation } = issued;
      expect(Object.keys(issued).sort()).toEqual(['invitation', 'token', 'url']);
      expect(url.split(token)).toEqual([expect.any(String), '']);
      const shown = JSON.stringify(invitation);
      for (const part of [...segmentsOf(token), String(claimsOf(token)['sec'])])
        expect(shown).not.toContain(part);
    }
  });

  test('I-03 reissuing gives another token, and the one before is dead', async () => {
    const [first, second] = await issueTwice(await createTeam());
    expect(second.token).not.toBe(first.token);
    expect(claimsOf(second.token)['sec']).not.toBe(claimsOf(first.token)['sec']);
    expect(second.invitation.id).toBe(first.invitation.id);
  });
});

async function issueTwice({ workspaces, workspaceId }: Team): Promise<[IssuedInvitation, IssuedInvitation]> {
  const first = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
  const second = await workspaces.reissueInvitation(olga, { workspaceId, invitationId: first.invitation.id });
  expect(await outcomeOf(workspaces.previewInvitation(first))).toBe('INVALID_INPUT');
  expect(await outcomeOf(workspaces.previewInvitation({ token: first.token }))).toBe('INVITATION_INVALID');
  expect(await outcomeOf(workspaces.previewInvitation({ token: second.token }))).toBe('ok');
  return [first, second];
}
