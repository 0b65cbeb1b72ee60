// The secret of an invitation: how it is generated, and that only the issued token reveals it.
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { memoryQuota } from '../../src/adapters/memory/index.js';
import { defaultMatrix, WorkspaceService, type IssuedInvitation } from '../../src/index.js';
import { randomIds } from '../../src/service/runtime.js';
import { hashSecret } from '../../src/tokens/tokens.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, ada, outcomeOf, refusalOf, sam, eve, type Team } from '../service/invitation-team.js';
import { calledNames, invited, prepare } from '../every-method.js';
import { playEverything, stringsIn } from './everything-seen.js';
import { claimsOf, forge, segmentsOf } from './forge.js';
import { attributes } from '../service/team.js';

describe('the secret', () => {
  test('I-01 it has at least 128 bits: each position takes each of its values about equally often', () => {
    const size = 4000;
    const secrets = Array.from({ length: size }, () => randomIds.secret());
    expect(new Set(secrets).size).toBe(size);
    const [{ length } = ''] = secrets;
    let bits = 0;
    for (let index = 0; index < length; index++) {
      const counts = new Map<string, number>();
      for (const secret of secrets)
        counts.set(secret.charAt(index), (counts.get(secret.charAt(index)) ?? 0) + 1);
      bits += Math.log2(counts.size);
      expect(Math.min(...counts.values())).toBeGreaterThan(size / counts.size / 4);
    }
    expect(bits).toBeGreaterThanOrEqual(128);
  });

  test('the record stores its SHA-256 in hexadecimal', async () => {
    for (const secret of Array.from({ length: 100 }, () => randomIds.secret()))
      expect(await hashSecret(secret)).toBe(createHash('sha256').update(secret).digest('hex'));
  });

  test('I-01 it depends only on the cryptographic random source of the platform', () => {
    // Enough to exhaust any pool of random bytes.
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

  test('I-01 every token has a new secret, also with the default id generator', async () => {
    const made = vi.spyOn(randomIds, 'secret');
    const { storage, clock, workspaceId } = await createTeam();
    const workspaces = new WorkspaceService({
      permissions: defaultMatrix,
      deletion: { graceSeconds: 60 },
      attributes,
      storage,
      clock,
      tokens: testTokens,
    });
    const first = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const second = await workspaces.inviteMember(ada, {
      workspaceId,
      role: 'developer',
      maxUses: 'unlimited',
    });
    const third = await workspaces.reissueInvitation(ada, {
      workspaceId,
      invitationId: first.invitation.id,
    });
    const secrets = [first, second, third].map(({ token }) => claimsOf(token)['sec']);
    expect(secrets).toEqual(made.mock.results.map(({ value }): unknown => value));
    expect(new Set(secrets).size).toBe(3);
    made.mockRestore();
  });

  test('I-01 ids alone open nothing, even signed by the right key', async () => {
    const { workspaces, workspaceId } = await createTeam();
    const { token, invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
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
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token: forged }))).toBe('INVITATION_INVALID');
    }
    for (const id of [invitation.id, workspaceId, `${workspaceId}.${invitation.id}.`]) {
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token: id }))).toBe('INVITATION_INVALID');
    }
    expect(await outcomeOf(workspaces.acceptInvitation(sam, { token: await forge({ ...rest, sec }) }))).toBe(
      'ok',
    );
  });
});

describe('visibility', () => {
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
        team.workspaces.acceptInvitation(eve, { token: tried }),
      ];
      for (const { code } of await Promise.all(answers.map(refusalOf))) {
        expect(['INVITATION_INVALID', 'INVALID_INPUT']).toContain(code);
      }
    }
    // Nor does it work as the secret for an attacker who also has the signing key.
    const claims = claimsOf(open.token);
    for (const sec of strings) {
      const token = await forge({ ...claims, sec });
      if (token.length > 4096) continue;
      expect(await outcomeOf(team.workspaces.previewInvitation({ token }))).toBe('INVITATION_INVALID');
    }
    expect(team.storage.dump()).toEqual(before);
    expect(await outcomeOf(team.workspaces.previewInvitation({ token: open.token }))).toBe('ok');
  });

  test('I-03 only inviteMember and reissueInvitation return the token, once', async () => {
    const team = await createTeam({
      quota: memoryQuota({ defaults: { cpu: '8', memory: '8Gi' } }),
      deletion: { graceSeconds: 60 },
      attributes,
    });
    const issued: string[] = [];
    const workspaces = new Proxy(team.workspaces, {
      get(service, name) {
        if (name !== 'inviteMember') {
          const member: unknown = Reflect.get(service, name);
          return typeof member === 'function' ? (member.bind(service) as unknown) : member;
        }
        return async (...args: Parameters<WorkspaceService['inviteMember']>) => {
          const answer = await service.inviteMember(...args);
          issued.push(answer.token);
          return answer;
        };
      },
    });
    let names = 0;
    const stage = { ...team, workspaces, owner: ada, newName: () => `new-${String(++names)}` };
    await invited(stage);
    for (const method of calledNames) {
      if (method === 'inviteMember' || method === 'reissueInvitation') continue;
      const run = await prepare(stage, method);
      const answer = inspect(await run(), { depth: Infinity });
      const parts = issued.flatMap((token) => [...segmentsOf(token), String(claimsOf(token)['sec'])]);
      expect([method, parts.filter((part) => answer.includes(part))]).toEqual([method, []]);
    }
    expect(issued.length).toBeGreaterThan(10);
  });

  test('I-03 the result contains the secret only in the token and at the end of the link', async () => {
    for (const issued of await issueTwice(await createTeam())) {
      const { token, url, invitation } = issued;
      expect(Object.keys(issued).sort()).toEqual(['invitation', 'token', 'url']);
      expect(url.split(token)).toEqual([expect.any(String), '']);
      const shown = JSON.stringify(invitation);
      for (const part of [...segmentsOf(token), String(claimsOf(token)['sec'])])
        expect(shown).not.toContain(part);
    }
  });

  test('I-03 reissuing returns another token and invalidates the previous one', async () => {
    const [first, second] = await issueTwice(await createTeam());
    expect(second.token).not.toBe(first.token);
    expect(claimsOf(second.token)['sec']).not.toBe(claimsOf(first.token)['sec']);
    expect(second.invitation.id).toBe(first.invitation.id);
  });
});

async function issueTwice({ workspaces, workspaceId }: Team): Promise<[IssuedInvitation, IssuedInvitation]> {
  const first = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  const second = await workspaces.reissueInvitation(ada, { workspaceId, invitationId: first.invitation.id });
  expect(await outcomeOf(workspaces.previewInvitation(first))).toBe('INVALID_INPUT');
  expect(await outcomeOf(workspaces.previewInvitation({ token: first.token }))).toBe('INVITATION_INVALID');
  expect(await outcomeOf(workspaces.previewInvitation({ token: second.token }))).toBe('ok');
  return [first, second];
}
