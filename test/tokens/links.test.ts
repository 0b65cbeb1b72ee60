// Invitation links: built by the app from a token, never from a caller's input.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { defaultMatrix, WorkspaceService } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTokens } from '../../src/tokens/tokens.js';
import { callUntyped, createTeam, ada, refusalOf } from '../service/invitation-team.js';

/** URLs that would give the token away, run it as a script, or be read as another host. */
const notLinks = [
  'http://app.example/join',
  'http://localhost.example/join',
  'http://localhost@app.example/join',
  'http://128.0.0.1/join',
  'http://0.0.0.0/join',
  'http://[::]/join',
  'http://[::ffff:127.0.0.1]/join',
  'myapp://join',
  ['javascript', 'alert(1)//'].join(':'),
  'data:text/html,x',
  'file:///etc/passwd',
  'mailto:a@b',
  'ftp://app.example/join',
  'blob:https://app.example/x',
  'about:blank',
  'https://user:password@app.example/join',
  'https://user@app.example/join',
  'https://:password@app.example/join',
  'https:app.example/join',
  'https:///app.example/join',
  'https:\\\\app.example/join',
  'https://app.example\\@evil.example/join',
  'https://',
  'https://app.example:99999/join',
  ' https://app.example/join',
  'https://app.example/join\n',
  'https://app.example/jo in',
  'https://app.example/\u202ejoin',
  'https://app.example/join"><script>',
];

test('I-24 the function of the app builds the link from the token alone', async () => {
  const invitationUrl = vi.fn((token: string) => `https://app.example/join/${token.length}`);
  const { workspaces, workspaceId } = await createTeam({ tokens: { ...testTokens, invitationUrl } });
  invitationUrl.mockClear();
  const issued = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
  expect(issued.url).toBe(`https://app.example/join/${issued.token.length}`);
  expect(invitationUrl.mock.calls).toEqual([[issued.token]]);
});

test.each([
  'https://app.example/join',
  'https://app.example',
  'https://app.example/join?lang=de',
  'HTTPS://app.example/join',
  'https://bücher.example/join',
  'http://localhost:3000/join',
  'http://127.0.0.1:3000/join',
  'http://127.255.0.7/join',
  'http://127.1/join',
  'http://[::1]:3000/join',
])(
  'I-24 appends the token to the base URL %s as the fragment, which browsers never send',
  async (invitationUrl) => {
    const { workspaces, workspaceId } = await createTeam({ tokens: { ...testTokens, invitationUrl } });
    const { url, token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const { hash, search, pathname, host } = new URL(url);
    expect(hash).toBe(`#${token}`);
    const base = new URL(invitationUrl);
    expect([search, pathname, host]).toEqual([base.search, base.pathname, base.host]);
  },
);

test('I-24 a host with letters beyond ASCII is accepted, however often it is asked', () => {
  const invitationUrl = (token: string) => `https://bücher.example/join#${token}`;
  const tokens = createTokens({ ...testTokens, invitationUrl });
  // Node 20 compiles its own check after some thousand calls, and then answers wrongly.
  for (let time = 0; time < 20_000; time++) tokens.invitationUrl('token');
});

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
  ...notLinks,
])('I-24 rejects the base URL %j at construction', (invitationUrl) => {
  const options = {
    storage: memoryStorage(),
    permissions: defaultMatrix,
    tokens: { ...testTokens, invitationUrl },
  };
  expect(() => void Reflect.construct(WorkspaceService, [options])).toThrow(/invitationUrl must be/);
});

describe('I-24 a function that returns no link', () => {
  const results: readonly unknown[] = [
    undefined,
    null,
    '',
    1,
    {},
    new URL('https://app.example/join'),
    Promise.resolve('https://app.example/join'),
    ...notLinks,
  ];

  test.each(results)('makes an invitation fail, and nothing is stored: %j', async (result) => {
    let returned: unknown = 'https://app.example/join';
    const invitationUrl = () => returned as string;
    const tokens = { ...testTokens, invitationUrl };
    const { workspaces, workspaceId, storage } = await createTeam({ tokens });
    const { invitation, token } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    const before = storage.dump();
    returned = result;
    const message =
      'tokens: invitationUrl must return an https: URL (http: on loopback hosts) without credentials';
    const inviting = workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    await expect(inviting).rejects.toThrow(new TypeError(message));
    const reissuing = workspaces.reissueInvitation(ada, { workspaceId, invitationId: invitation.id });
    await expect(reissuing).rejects.toThrow(new TypeError(message));
    expect(storage.dump()).toEqual(before);
    expect((await workspaces.previewInvitation({ token })).status).toBe('open');
  });

  test('or throws: its error is passed on, and nothing is stored', async () => {
    let fails = false;
    const invitationUrl = (token: string) => {
      if (fails) throw new Error('no configuration');
      return `https://app.example/join#${token}`;
    };
    const { workspaces, workspaceId, storage } = await createTeam({
      tokens: { ...testTokens, invitationUrl },
    });
    const before = storage.dump();
    fails = true;
    const inviting = workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    await expect(inviting).rejects.toThrow('no configuration');
    expect(storage.dump()).toEqual(before);
  });
});

test.each(['url', 'baseUrl', 'invitationUrl', 'origin', 'host', 'headers', 'redirect', 'request'])(
  'I-24 callers cannot influence the link: rejects the unknown key %s',
  async (key) => {
    const { workspaces, workspaceId } = await createTeam();
    const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
    for (const [method, input] of [
      ['inviteMember', { workspaceId, role: 'developer', [key]: 'https://evil.example' }],
      ['reissueInvitation', { workspaceId, invitationId: invitation.id, [key]: 'https://evil.example' }],
    ] as const) {
      const refusal = await refusalOf(callUntyped(workspaces, method, [ada, input]));
      expect(refusal.code).toBe('INVALID_INPUT');
      expect(refusal.message).toContain(`input.${key}`);
    }
  },
);

test('I-24 a guide requires POST for accept and Referrer-Policy: no-referrer, and shows the fragment form', () => {
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
