// Tokens of another kind, issuer or audience, and of none: refused, and never told apart.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { WorkspaceService } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { dana, olga, outcomeOf } from '../service/invitation-team.js';
import { codesOf, createBench, refusalsOf, seenOf, type Bench } from './bench.js';
import { forge, forgeText, segmentsOf, unsigned } from './forge.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});

afterEach(async () => {
  // Whatever was tried, the real token still opens, so the bench could have said yes.
  expect((await bench.workspaces.previewInvitation({ token: bench.token })).status).toBe('open');
});

describe('kinds', () => {
  test('I-08 a session token is no invitation', async () => {
    const { team, workspaces, claims } = bench;
    const { token } = await workspaces.switchWorkspace(olga, { workspaceId: team.workspaceId });
    expect(await codesOf(bench, token)).toEqual(['INVITATION_INVALID']);
    const session = { header: { typ: 'session+jwt' } };
    expect(await codesOf(bench, await forge(claims, session))).toEqual(['INVITATION_INVALID']);
    const aud = `${testTokens.issuer}/session`;
    expect(await codesOf(bench, await forge({ ...claims, aud }))).toEqual(['INVITATION_INVALID']);
    expect(await codesOf(bench, await forge({ ...claims, aud }, session))).toEqual(['INVITATION_INVALID']);
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
  ])('I-08 typ %j is no invitation', async (typ) => {
    expect(await codesOf(bench, await forge(bench.claims, { header: { typ } }))).toEqual([
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
  ])("I-08 audience %j is refused, though the service's own key signed it", async (aud) => {
    expect(await codesOf(bench, await forge({ ...bench.claims, aud }))).toEqual(['INVITATION_INVALID']);
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
  ])("I-08 issuer %j is refused, though the service's own key signed it", async (iss) => {
    expect(await codesOf(bench, await forge({ ...bench.claims, iss }))).toEqual(['INVITATION_INVALID']);
  });

  test('I-08 two products with one key and one storage do not take tokens of each other', async () => {
    const { team, token } = bench;
    const other = team.service({ tokens: { ...testTokens, issuer: 'https://other.test' } });
    expect(await codesOf({ workspaces: other }, token)).toEqual(['INVITATION_INVALID']);
    const issued = await other.inviteMember(olga, { workspaceId: team.workspaceId, role: 'developer' });
    expect((await other.previewInvitation({ token: issued.token })).status).toBe('open');
    expect(await codesOf(bench, issued.token)).toEqual(['INVITATION_INVALID']);
  });
});

describe('one answer', () => {
  test('I-17 unknown, malformed, foreign and wrongly signed tokens give the same error, byte for byte', async () => {
    const { claims, token } = bench;
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
      for (const refusal of await refusalsOf(bench, tried)) {
        const bytes = seenOf(refusal);
        seen.set(bytes, [...(seen.get(bytes) ?? []), name]);
      }
    }
    expect([...seen.keys()]).toHaveLength(1);
    expect([...seen.keys()][0]).toContain('"INVITATION_INVALID"');
    expect([...seen.keys()][0]).toContain('"cause":false');
  });

  test('I-17 a token with padding, white space or line breaks around or in it is malformed', async () => {
    const { token, workspaces } = bench;
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
        // A member is refused for another reason when the token is taken for good.
        await outcomeOf(workspaces.acceptInvitation(dana, { token: tried })),
        await outcomeOf(workspaces.declineInvitation(dana, { token: tried })),
      ];
      if (outcomes.some((outcome) => outcome !== 'INVITATION_INVALID')) accepted.push(name);
    }
    expect(accepted).toEqual([]);
  });
});

test.each(['', undefined, null, 1, {}])('the issuer %j is refused at construction', (issuer) => {
  const options = { storage: memoryStorage(), tokens: { ...testTokens, issuer } };
  expect(() => void Reflect.construct(WorkspaceService, [options])).toThrow(/issuer must be a non-empty/);
});
