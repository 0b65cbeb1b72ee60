// Almost valid headers with valid claims: none of them selects a key.
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { testTokens } from '../../src/testing/index.js';
import { codesOf, createFixture, type Fixture } from './fixture.js';
import { forge, forgeText, headerOf, segmentsOf, testSecret, unsigned } from './forge.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});

afterEach(async () => {
  // The valid token still works, so the rejections above mean something.
  expect((await fixture.workspaces.previewInvitation({ token: fixture.token })).status).toBe('open');
});

describe('algorithms', () => {
  test.each(['none', 'None', 'NONE', 'nOnE', '', null, 'HS256 '])('I-05 rejects alg %j', async (alg) => {
    const { claims, token } = fixture;
    const [, , signature] = segmentsOf(token);
    for (const kid of ['test', undefined]) {
      for (const signed of ['', signature]) {
        const header = { alg, kid, typ: 'invitation+jwt' };
        expect(await codesOf(fixture, unsigned(header, claims, signed))).toEqual(['INVITATION_INVALID']);
      }
    }
  });

  test.each(['HS384', 'HS512'])('I-05 the secret of an HS256 key does not verify %s', async (alg) => {
    const key = new Uint8Array(64).map((_, index) => index);
    const own = await createFixture({
      tokens: { ...testTokens, keys: [{ kid: 'test', alg: 'HS256', secret: key }] },
    });
    expect(await codesOf(own, await forge(own.claims, { header: { alg }, key }))).toEqual([
      'INVITATION_INVALID',
    ]);
    const { status } = await own.workspaces.previewInvitation({ token: await forge(own.claims, { key }) });
    expect(status).toBe('open');
  });

  test.each([
    ['ES256', 'HS256'],
    ['EdDSA', 'HS256'],
    ['ES256', 'EdDSA'],
    ['EdDSA', 'ES256'],
  ] as const)('I-05 the kid of an %s key does not verify a signature of an %s key', async (alg, other) => {
    const pair = await generateKeyPair(alg, { extractable: true });
    const asymmetric = other === 'HS256' ? null : await generateKeyPair(other, { extractable: true });
    const second = asymmetric
      ? {
          kid: 'second',
          alg: asymmetric.privateKey.algorithm.name === 'ECDSA' ? ('ES256' as const) : ('EdDSA' as const),
          privateKey: await exportJWK(asymmetric.privateKey),
        }
      : { kid: 'second', alg: 'HS256' as const, secret: testSecret };
    const first = { kid: 'first', alg, privateKey: await exportJWK(pair.privateKey) };
    const own = await createFixture({ tokens: { ...testTokens, keys: [first, second] } });
    const key = asymmetric?.privateKey ?? testSecret;
    const good = await forge(own.claims, { header: { alg: other, kid: 'second' }, key });
    const crossed = await forge(own.claims, { header: { alg: other, kid: 'first' }, key });
    expect((await own.workspaces.previewInvitation({ token: good })).status).toBe('open');
    expect(await codesOf(own, crossed)).toEqual(['INVITATION_INVALID']);
  });

  test.each(['ES256', 'EdDSA'] as const)(
    'I-05 rejects the public half of an %s key as an HMAC secret',
    async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
      const pem = await exportSPKI(publicKey);
      const jwk = await exportJWK(publicKey);
      const first = { kid: 'pair', alg, privateKey: await exportJWK(privateKey) };
      const keys = [first, { kid: 'other', alg: 'HS256' as const, secret: testSecret }];
      const own = await createFixture({ tokens: { ...testTokens, keys } });
      for (const text of [pem, pem.trim(), pem.replaceAll('\n', ''), JSON.stringify(jwk), jwk.x ?? '']) {
        for (const key of [Buffer.from(text), Buffer.from(text, 'base64url')]) {
          const token = await forge(own.claims, { header: { kid: 'pair' }, key });
          expect(await codesOf(own, token)).toEqual(['INVITATION_INVALID']);
        }
      }
    },
  );

  test.each(['RS256', 'PS256', 'ES384'] as const)('I-05 rejects the unsupported alg %s', async (alg) => {
    const { privateKey } = await generateKeyPair(alg);
    const token = await forge(fixture.claims, { header: { alg }, key: privateKey });
    expect(await codesOf(fixture, token)).toEqual(['INVITATION_INVALID']);
  });
});

describe('headers', () => {
  test('I-06 rejects keys from jwk, jku, x5u and x5c headers, and fetches none', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'evil', alg: 'ES256' };
    const keys: Record<string, unknown>[] = [
      { jwk },
      { jku: 'https://evil.example/keys.json' },
      { x5u: 'https://evil.example/chain.pem' },
      { x5c: [(await exportSPKI(publicKey)).split('\n')[1]] },
      { x5t: 'AAAA', 'x5t#S256': 'AAAA' },
    ];
    for (const extra of keys) {
      for (const kid of ['evil', 'test', undefined]) {
        const token = await forge(fixture.claims, {
          header: { alg: 'ES256', kid, ...extra },
          key: privateKey,
        });
        expect(await codesOf(fixture, token)).toEqual(['INVITATION_INVALID']);
      }
      expect(await codesOf(fixture, await forge(fixture.claims, { header: extra }))).toEqual([
        'INVITATION_INVALID',
      ]);
    }
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  test('I-06 rejects crit, even signed by the right key', async () => {
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['b64'], b64: true },
      { crit: ['https://evil.example/ext'], 'https://evil.example/ext': true },
      { b64: true },
    ]) {
      expect(await codesOf(fixture, await forge(fixture.claims, { header }))).toEqual(['INVITATION_INVALID']);
    }
    for (const crit of ['[]', '"exp"', '[""]', '["kid"]', 'null', '{}']) {
      const header = `{"alg":"HS256","kid":"test","typ":"invitation+jwt","crit":${crit}}`;
      expect(await codesOf(fixture, forgeText(header, JSON.stringify(fixture.claims)))).toEqual([
        'INVITATION_INVALID',
      ]);
    }
  });

  test.each([
    'unknown',
    'TEST',
    ' test',
    'test ',
    'test\0',
    '',
    'tést',
    '../../etc/passwd',
    '..\\test',
    '/dev/null',
    'file:///dev/null',
    "' OR '1'='1",
    'test"; DROP TABLE keys;--',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '0',
    undefined,
    null,
    0,
    true,
    ['test'],
    { test: 'test' },
  ])('I-06 kid %j selects no key', async (kid) => {
    expect(await codesOf(fixture, await forge(fixture.claims, { header: { kid } }))).toEqual([
      'INVITATION_INVALID',
    ]);
  });

  test('I-06 a kid selects only a key of the ring, whose kid may be __proto__', async () => {
    const keys = [{ kid: '__proto__', alg: 'HS256' as const, secret: testSecret }];
    const own = await createFixture({ tokens: { ...testTokens, keys } });
    expect(headerOf(own.token)['kid']).toBe('__proto__');
    expect((await own.workspaces.previewInvitation({ token: own.token })).status).toBe('open');
    expect(await codesOf(own, await forge(own.claims, { header: { kid: 'test' } }))).toEqual([
      'INVITATION_INVALID',
    ]);
  });

  test('I-06 rejects a malformed header', async () => {
    const claims = JSON.stringify(fixture.claims);
    for (const header of [
      '',
      'null',
      '[]',
      '"HS256"',
      '{',
      '{"alg":"HS256","kid":"test"',
      '{"alg":"HS256","kid":"test","typ":"invitation+jwt","__proto__":{"alg":"none"}}',
      '{"alg":"HS256","kid":"unknown","typ":"invitation+jwt","__proto__":{"kid":"test"}}',
      '{"alg":"none","alg":"HS256","kid":"test","kid":"unknown","typ":"invitation+jwt"}',
    ]) {
      expect(await codesOf(fixture, forgeText(header, claims))).toEqual(['INVITATION_INVALID']);
    }
    const good = forgeText('{"alg":"HS256","kid":"test","typ":"invitation+jwt"}', claims);
    expect((await fixture.workspaces.previewInvitation({ token: good })).status).toBe('open');
  });
});
