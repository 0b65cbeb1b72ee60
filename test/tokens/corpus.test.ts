// Headers that are almost right, over the right claims: none of them gives a key.
import { exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { testTokens } from '../../src/testing/index.js';
import { codesOf, createBench, type Bench } from './bench.js';
import { forge, forgeText, headerOf, segmentsOf, testSecret, unsigned } from './forge.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});

afterEach(async () => {
  // Whatever was tried, the real token still opens, so the bench could have said yes.
  expect((await bench.workspaces.previewInvitation({ token: bench.token })).status).toBe('open');
});

describe('algorithms', () => {
  test.each(['none', 'None', 'NONE', 'nOnE', '', null, 'HS256 '])('I-05 alg %j is refused', async (alg) => {
    const { claims, token } = bench;
    const [, , signature] = segmentsOf(token);
    for (const kid of ['test', undefined]) {
      for (const signed of ['', signature]) {
        const header = { alg, kid, typ: 'invitation+jwt' };
        expect(await codesOf(bench, unsigned(header, claims, signed))).toEqual(['INVITATION_INVALID']);
      }
    }
  });

  test.each(['HS384', 'HS512'])('I-05 the secret of an HS256 key does not verify %s', async (alg) => {
    const key = new Uint8Array(64).map((_, place) => place);
    const own = await createBench({
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
  ] as const)('I-05 the kid of one %s key does not verify what another, %s, signed', async (alg, other) => {
    const pair = await generateKeyPair(alg, { extractable: true });
    const asymmetric = other === 'HS256' ? null : await generateKeyPair(other, { extractable: true });
    const second = asymmetric
      ? {
          kid: 'second',
          alg: asymmetric.privateKey.algorithm.name === 'ECDSA' ? ('ES256' as const) : ('EdDSA' as const),
          privateKey: { ...(await exportJWK(asymmetric.privateKey)) },
        }
      : { kid: 'second', alg: 'HS256' as const, secret: testSecret };
    const first = { kid: 'first', alg, privateKey: { ...(await exportJWK(pair.privateKey)) } };
    const own = await createBench({ tokens: { ...testTokens, keys: [first, second] } });
    const key = asymmetric?.privateKey ?? testSecret;
    const good = await forge(own.claims, { header: { alg: other, kid: 'second' }, key });
    const crossed = await forge(own.claims, { header: { alg: other, kid: 'first' }, key });
    expect((await own.workspaces.previewInvitation({ token: good })).status).toBe('open');
    expect(await codesOf(own, crossed)).toEqual(['INVITATION_INVALID']);
  });

  test.each(['ES256', 'EdDSA'] as const)(
    'I-05 the public half of a %s key is no HMAC secret',
    async (alg) => {
      const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
      const pem = await exportSPKI(publicKey);
      const jwk = await exportJWK(publicKey);
      const first = { kid: 'pair', alg, privateKey: { ...(await exportJWK(privateKey)) } };
      const keys = [first, { kid: 'other', alg: 'HS256' as const, secret: testSecret }];
      const own = await createBench({ tokens: { ...testTokens, keys } });
      for (const text of [pem, pem.trim(), pem.replaceAll('\n', ''), JSON.stringify(jwk), jwk.x ?? '']) {
        for (const key of [Buffer.from(text), Buffer.from(text, 'base64url')]) {
          const token = await forge(own.claims, { header: { kid: 'pair' }, key });
          expect(await codesOf(own, token)).toEqual(['INVITATION_INVALID']);
        }
      }
    },
  );

  test.each(['RS256', 'PS256', 'ES384'] as const)('I-05 %s is not among ours', async (alg) => {
    const { privateKey } = await generateKeyPair(alg);
    const token = await forge(bench.claims, { header: { alg }, key: privateKey });
    expect(await codesOf(bench, token)).toEqual(['INVITATION_INVALID']);
  });
});

describe('headers', () => {
  test('I-06 jwk, jku, x5u and x5c give no key: what they vouch for is refused, and nobody is asked', async () => {
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
        const token = await forge(bench.claims, { header: { alg: 'ES256', kid, ...extra }, key: privateKey });
        expect(await codesOf(bench, token)).toEqual(['INVITATION_INVALID']);
      }
      expect(await codesOf(bench, await forge(bench.claims, { header: extra }))).toEqual([
        'INVITATION_INVALID',
      ]);
    }
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  test('I-06 crit is refused, though the right key signed it', async () => {
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['b64'], b64: true },
      { crit: ['https://evil.example/ext'], 'https://evil.example/ext': true },
      { b64: true },
    ]) {
      expect(await codesOf(bench, await forge(bench.claims, { header }))).toEqual(['INVITATION_INVALID']);
    }
    for (const crit of ['[]', '"exp"', '[""]', '["kid"]', 'null', '{}']) {
      const header = `{"alg":"HS256","kid":"test","typ":"invitation+jwt","crit":${crit}}`;
      expect(await codesOf(bench, forgeText(header, JSON.stringify(bench.claims)))).toEqual([
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
    expect(await codesOf(bench, await forge(bench.claims, { header: { kid } }))).toEqual([
      'INVITATION_INVALID',
    ]);
  });

  test('I-06 a kid can be any name of the ring, even __proto__, and no other', async () => {
    const keys = [{ kid: '__proto__', alg: 'HS256' as const, secret: testSecret }];
    const own = await createBench({ tokens: { ...testTokens, keys } });
    expect(headerOf(own.token)['kid']).toBe('__proto__');
    expect((await own.workspaces.previewInvitation({ token: own.token })).status).toBe('open');
    expect(await codesOf(own, await forge(own.claims, { header: { kid: 'test' } }))).toEqual([
      'INVITATION_INVALID',
    ]);
  });

  test('I-06 a header that is not an object of ours is refused', async () => {
    const claims = JSON.stringify(bench.claims);
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
      expect(await codesOf(bench, forgeText(header, claims))).toEqual(['INVITATION_INVALID']);
    }
    const good = forgeText('{"alg":"HS256","kid":"test","typ":"invitation+jwt"}', claims);
    expect((await bench.workspaces.previewInvitation({ token: good })).status).toBe('open');
  });
});
