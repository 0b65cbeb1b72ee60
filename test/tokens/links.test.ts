// Links: the host's own, made of a token and of nothing that a caller says.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { WorkspaceService } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { callUntyped, createTeam, olga, refusalOf } from '../service/invitation-team.js';

test('I-24 it is what the function of the host makes of the token, and of nothing else', async () => {
  const invitationUrl = vi.fn((token: string) => `app://join/${token.length}`);
  const { workspaces, workspaceId } = await createTeam({ tokens: { ...testTokens, invitationUrl } });
  invitationUrl.mockClear();
  const issued = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
  expect(issued.url).toBe(`app://join/${issued.token.length}`);
  expect(invitationUrl.mock.calls).toEqual([[issued.token]]);
});

test.each([
  'https://app.example/join',
  'https://app.example',
  'https://app.example/join?lang=de',
  'myapp://join',
  'http://localhost:3000/join',
])(
  'I-24 the token is the fragment of the base URL %s, which browsers send to nobody',
  async (invitationUrl) => {
    const { workspaces, workspaceId } = await createTeam({ tokens: { ...testTokens, invitationUrl } });
    const { url, token } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    const { hash, search, pathname, host } = new URL(url);
    expect(hash).toBe(`#${token}`);
    const base = new URL(invitationUrl);
    expect([search, pathname, host]).toEqual([base.search, base.pathname, base.host]);
  },
);

test.each([
  undefined,
  null,
  '',
  'join',
  '/join',
  '//app.example/join',
  1,
  {},
  new URL('https://app.example/join'),
  'https://app.example/join#',
  'https://app.example/#/join',
])('I-24 the base URL %j is refused at construction', (invitationUrl) => {
  const options = { storage: memoryStorage(), tokens: { ...testTokens, invitationUrl } };
  expect(() => void Reflect.construct(WorkspaceService, [options])).toThrow(/invitationUrl must be/);
});

test.each(['url', 'baseUrl', 'invitationUrl', 'origin', 'host', 'headers', 'redirect', 'request'])(
  'I-24 nobody who calls has a say in it: %s is refused by name',
  async (key) => {
    const { workspaces, workspaceId } = await createTeam();
    const { invitation } = await workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
    for (const [method, input] of [
      ['inviteMember', { workspaceId, role: 'developer', [key]: 'https://evil.example' }],
      ['reissueInvitation', { workspaceId, invitationId: invitation.id, [key]: 'https://evil.example' }],
    ] as const) {
      const refusal = await refusalOf(callUntyped(workspaces, method, [olga, input]));
      expect(refusal.code).toBe('INVALID_INPUT');
      expect(refusal.message).toContain(`input.${key}`);
    }
  },
);

test('I-24 a guide demands POST for accept and Referrer-Policy: no-referrer, and shows the fragment form', () => {
  const guides = [...(existsSync('docs') ? readdirSync('docs', { recursive: true, encoding: 'utf8' }) : [])]
    .filter((file) => file.endsWith('.md') && !file.endsWith('rules.md'))
    .map((file) => readFileSync(`docs/${file}`, 'utf8'));
  const complete = guides.filter(
    (guide) =>
      /\bPOST\b/.test(guide) &&
      guide.includes('acceptInvitation') &&
      guide.includes('Referrer-Policy: no-referrer') &&
      /https:\/\/[\w./-]+#(\$\{token\}|<token>)/.test(guide),
  );
  expect(complete.length).toBeGreaterThan(0);
});
