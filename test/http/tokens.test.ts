// Tokens in bodies: of the wrong kind, of other issuers, or expired; and never repeated.
import { describe, expect, test } from 'vitest';
import { createTestWorkspaces } from '../../src/testing/index.js';
import { dev } from '../service/team.js';
import { apiOf, as, jsonRequest, ORIGIN, outcomeOf, problemIn, requestFor } from './calls.js';
import { createScene, twoTenants } from './scene.js';
import { shapeOf } from './standing.js';

describe('tokens of the wrong kind', () => {
  test('I-08 I-17 a session token as an invitation answers like an unknown token, byte for byte', async () => {
    const { workspaces, session, link, kept } = await createScene();
    const own = apiOf(workspaces);
    const start = await kept();
    const ending = link.token.endsWith('A') ? 'B' : 'A';
    const tokens = [
      session.token,
      `${link.token.slice(0, -1)}${ending}`,
      'x',
      '',
      'a.b.c',
      '__proto__',
      '\ud800',
    ];
    for (const name of ['previewInvitation', 'acceptInvitation', 'declineInvitation'] as const) {
      const texts = new Set<string>();
      for (const token of tokens) {
        const response = await own.fetch(requestFor(shapeOf(name), { token }, dev));
        texts.add(JSON.stringify(await problemIn(response)));
      }
      expect([...texts]).toEqual([expect.stringContaining('INVITATION_INVALID')]);
    }
    expect(await kept()).toEqual(start);
  });

  test('I-08 an invitation token is not a session', async () => {
    const { workspaces, session, link } = await createScene();
    const own = apiOf(workspaces);
    for (const token of [link.token, `${session.token}x`, 'x', '']) {
      const response = await own.fetch(requestFor(shapeOf('verifySession'), { token }));
      expect(await outcomeOf(response)).toBe('SESSION_INVALID');
    }
  });

  test('I-08 I-09 tokens of another issuer and expired tokens are refused', async () => {
    const { workspaces, forSam, session, clock } = await createScene();
    const own = apiOf(workspaces);
    const tokens = {
      keys: [{ kid: 'test', alg: 'HS256', secret: 'tenantry test secret, 32 bytes or more' }],
    } as const;
    const foreign = createTestWorkspaces({
      tokens: { ...tokens, issuer: 'https://other.example', invitationUrl: 'https://other.example/join' },
    });
    await foreign.workspaces.openAccount({ userId: 'dev', username: 'dev' });
    const { id } = await foreign.workspaces.createWorkspace(dev, { name: 'Other' });
    const theirs = await foreign.workspaces.switchWorkspace(dev, { workspaceId: id });
    const issued = await foreign.workspaces.inviteMember(dev, { workspaceId: id, role: 'developer' });
    const verify = (token: string) => own.fetch(requestFor(shapeOf('verifySession'), { token }));
    const accept = (token: string) =>
      own.fetch(requestFor(shapeOf('acceptInvitation'), { token }, { userId: 'sam' }));
    expect(await outcomeOf(await verify(theirs.token))).toBe('SESSION_INVALID');
    expect(await outcomeOf(await accept(issued.token))).toBe('INVITATION_INVALID');
    clock.advance(8 * 24 * 60 * 60 * 1000);
    expect(await outcomeOf(await verify(session.token))).toBe('SESSION_EXPIRED');
    expect(await outcomeOf(await accept(forSam.token))).toBe('INVITATION_EXPIRED');
  });

  test('H-03 I-02 a refusal repeats neither the token nor a part of it', async () => {
    const { workspaces, foreign } = await twoTenants();
    const own = apiOf(workspaces);
    const { token } = foreign;
    const parts = token.split('.').slice(1);
    const asked = [
      jsonRequest('POST', '/invitations/accept', JSON.stringify({ token, role: 'owner' }), as(dev)),
      jsonRequest('POST', '/invitations/accept', `{"token":"${token}"`, as(dev)),
      jsonRequest('POST', '/invitations/accept', JSON.stringify({ token: [token] }), as(dev)),
      jsonRequest('POST', '/invitations/accept', JSON.stringify({ [token]: token }), as(dev)),
      jsonRequest('POST', `/invitations/accept?token=${token}`, '{}', as(dev)),
      new Request(`${ORIGIN}/invitations/${token}`, { headers: as(dev) }),
      new Request(`${ORIGIN}/workspaces?token=${token}`, { headers: as(dev) }),
      new Request(`${ORIGIN}/workspaces?${token}`, { headers: as(dev) }),
      new Request(`${ORIGIN}/workspaces/${token}`, { headers: as(dev) }),
    ];
    for (const request of asked) {
      const shown = JSON.stringify(await problemIn(await own.fetch(request)));
      for (const part of parts) expect(shown).not.toContain(part);
    }
  });
});
