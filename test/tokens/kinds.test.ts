// Tokens of another type, issuer or audience, or without one: all rejected with the same error.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { defaultMatrix, WorkspaceService } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { dev, ada, outcomeOf } from '../service/invitation-team.js';
import { codesOf, createFixture, refusalsOf, seenOf, type Fixture } from './fixture.js';
import { forge, forgeText, segmentsOf, unsigned } from './forge.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});

afterEach(async () => {
  // The valid token still works, so the rejections above mean something.
  expect((await fixture.workspaces.previewInvitation({ token: fixture.token })).status).toBe('open');
});

describe('types, audiences and issuers', () => {
  test('I-08 rejects a session token as an invitation', async () => {
    const { team, workspaces, claims } = fixture;
    const { token } = await workspaces.switchWorkspace(ada, { workspaceId: team.workspaceId });
    expect(await codesOf(fixture, token)).toEqual(['INVITATION_INVALID']);
    const session = { header: { typ: 'session+jwt' } };
    expect(await codesOf(fixture, await forge(claims, session))).toEqual(['INVITATION_INVALID']);
    const aud = `${testTokens.issuer}/session`;
    expect(await codesOf(fixture, await forge({ ...claims, aud }))).toEqual(['INVITATION_INVALID']);
    expect(await codesOf(fixture, await forge({ ...claims, aud }, session))).toEqual(['INVITATION_INVALID']);
  });

  test.each([
    undefined,
    null,
    '',
    'JWT',
    'jwt',
    'at+jwt',
    'invitation',
    'session+jwt',
    1,
    ['invitation+jwt'],
  ])('I-08 rejects typ %j', async (typ) => {
    expect(await codesOf(fixture, await forge(fixture.claims, { header: { typ } }))).toEqual([
      'INVITATION_INVALID',
    ]);
  });

  test.each([
    undefined,
    null,
    '',
    testTokens.issuer,
    `${testTokens.issuer}/`,
    `${testTokens.issuer}/session`,
    `${testTokens.issuer}/invitation/`,
    `${testTokens.issuer}/INVITATION`,
    'https://other.test/invitation',
    [],
    [`${testTokens.issuer}/invitation`],
    [`${testTokens.issuer}/invitation`, 'https://other.test/invitation'],
  ])("I-08 rejects audience %j, even signed by the service's own key", async (aud) => {
    expect(await codesOf(fixture, await forge({ ...fixture.claims, aud }))).toEqual(['INVITATION_INVALID']);
  });

  test.each([
    undefined,
    null,
    '',
    'https://other.test',
    `${testTokens.issuer}/`,
    `${testTokens.issuer}.evil.test`,
    'HTTPS://TENANTRY.TEST',
    [testTokens.issuer],
  ])("I-08 rejects issuer %j, even signed by the service's own key", async (iss) => {
    expect(await codesOf(fixture, await forge({ ...fixture.claims, iss }))).toEqual(['INVITATION_INVALID']);
  });

  test('I-08 two products that share a key and a storage reject tokens of each other', async () => {
    const { team, token } = fixture;
    const other = team.service({ tokens: { ...testTokens, issuer: 'https://other.test' } });
    expect(await codesOf({ workspaces: other }, token)).toEqual(['INVITATION_INVALID']);
    const issued = await other.inviteMember(ada, { workspaceId: team.workspaceId, role: 'developer' });
    expect((await other.previewInvitation({ token: issued.token })).status).toBe('open');
    expect(await codesOf(fixture, issued.token)).toEqual(['INVITATION_INVALID']);
  });
});

describe('one error', () => {
  test('I-17 unknown, malformed, foreign and wrongly signed tokens give byte-identical errors', async () => {
    const { claims, token } = fixture;
    const [header, payload, signature] = segmentsOf(token);
    const tokens = {
      'unknown invitation': await forge({ ...claims, jti: 'inv-0000000000009999' }),
      'unknown workspace': await forge({ ...claims, wid: 'ws-0000000000009999' }),
      'unknown secret': await forge({ ...claims, sec: 'AAAAAAAAAAAAAAAAAAAAAA' }),
      'unknown expiry': await forge({ ...claims, exp: Number(claims['exp']) + 1 }),
      'long expired and unknown': await forge({ ...claims, jti: 'inv-0000000000009999', exp: 1, iat: 0 }),
      empty: '',
      'a word': 'x',
      'two segments': `${header}.${payload}`,
      'four segments': `${token}.${signature}`,
      'empty segments': '..',
      'no signature': `${header}.${payload}.`,
      'half a signature': token.slice(0, -20),
      'not JSON': forgeText('{"alg":"HS256","kid":"test","typ":"invitation+jwt"}', '{'),
      'not UTF-8': forgeText(
        '{"alg":"HS256","kid":"test","typ":"invitation+jwt"}',
        new Uint8Array([255, 254]),
      ),
      'another issuer': await forge({ ...claims, iss: 'https://other.test' }),
      'another audience': await forge({ ...claims, aud: 'https://other.test/invitation' }),
      'another kind': await forge(claims, { header: { typ: 'session+jwt' } }),
      'another key': await forge(claims, { key: new Uint8Array(32) }),
      'another kid': await forge(claims, { header: { kid: 'other' } }),
      'another algorithm': unsigned({ alg: 'none', kid: 'test', typ: 'invitation+jwt' }, claims),
      'another claim': await forge({ ...claims, role: 'owner' }),
    };
    const seen = new Map<string, string[]>();
    for (const [name, tried] of Object.entries(tokens)) {
      for (const refusal of await refusalsOf(fixture, tried)) {
        const bytes = seenOf(refusal);
        seen.set(bytes, [...(seen.get(bytes) ?? []), name]);
      }
    }
    expect([...seen.keys()]).toHaveLength(1);
    expect([...seen.keys()][0]).toContain('"INVITATION_INVALID"');
    expect([...seen.keys()][0]).toContain('"cause":false');
  });

  test('I-17 a token with padding, whitespace or line breaks is malformed', async () => {
    const { token, workspaces } = fixture;
    const [header, payload, signature] = segmentsOf(token);
    const middle = Math.floor(signature.length / 2);
    const broken = (glue: string) =>
      `${header}.${payload}.${signature.slice(0, middle)}${glue}${signature.slice(middle)}`;
    const tokens = {
      'padding behind': `${token}=`,
      'more padding behind': `${token}==`,
      'padding within': broken('='),
      'a space behind': `${token} `,
      'a space before': ` ${token}`,
      'a space within': broken(' '),
      'a line break behind': `${token}\n`,
      'a line break within': broken('\r\n'),
      'a tab behind': `${token}\t`,
      'a form feed within': broken('\f'),
      'a space behind the header': `${header} .${payload}.${signature}`,
      'a line break behind the claims': `${header}.${payload}\n.${signature}`,
    };
    const accepted: string[] = [];
    for (const [name, tried] of Object.entries(tokens)) {
      const outcomes = [
        await outcomeOf(workspaces.previewInvitation({ token: tried })),
        // For a member, a valid token gives a different error.
        await outcomeOf(workspaces.acceptInvitation(dev, { token: tried })),
        await outcomeOf(workspaces.declineInvitation(dev, { token: tried })),
      ];
      if (outcomes.some((outcome) => outcome !== 'INVITATION_INVALID')) accepted.push(name);
    }
    expect(accepted).toEqual([]);
  });
});

test.each(['', undefined, null, 1, {}])('rejects the issuer %j at construction', (issuer) => {
  const options = { storage: memoryStorage(), permissions: defaultMatrix, tokens: { ...testTokens, issuer } };
  expect(() => void Reflect.construct(WorkspaceService, [options])).toThrow(/issuer must be a non-empty/);
});
