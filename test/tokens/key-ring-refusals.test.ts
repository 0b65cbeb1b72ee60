// Invalid rings: the constructor throws, and the message says why.
import { inspect } from 'node:util';
import { importPKCS8 } from 'jose';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { defaultMatrix, WorkspaceService, type TokenKey } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, ada } from '../service/invitation-team.js';
import { createPair, secretKey, type Alg, type Pair } from './key-material.js';

let pairs: Record<Alg, Pair>;
beforeAll(async () => {
  pairs = { EdDSA: await createPair('EdDSA'), ES256: await createPair('ES256') };
});

afterEach(() => {
  vi.restoreAllMocks();
});

const constructWith = (keys: unknown) => () => {
  const options = { storage: memoryStorage(), permissions: defaultMatrix, tokens: { ...testTokens, keys } };
  Reflect.construct(WorkspaceService, [options]);
};

const construct = (...keys: unknown[]) => constructWith(keys);

const secret = 'hunter2, hunter2, hunter2, hunter2';
test.each<[string, RegExp, () => unknown[]]>([
  ['an empty ring', /ring is empty/, () => []],
  ['31 bytes', /'k'.*32 bytes/, () => [{ kid: 'k', alg: 'HS256', secret: 'x'.repeat(31) }]],
  [
    '31 bytes in a Uint8Array',
    /'k'.*32 bytes/,
    () => [{ kid: 'k', alg: 'HS256', secret: new Uint8Array(31) }],
  ],
  ['an empty secret', /'k'.*32 bytes/, () => [{ kid: 'k', alg: 'HS256', secret: '' }]],
  ['no secret', /'k'.*32 bytes/, () => [{ kid: 'k', alg: 'HS256' }]],
  [
    'a short second secret',
    /'b'.*32 bytes/,
    () => [secretKey('a'), { kid: 'b', alg: 'HS256', secret: 'short' }],
  ],
  [
    'two keys with one kid',
    /'a' is the kid of two keys/,
    () => [secretKey('a'), secretKey('b'), { ...secretKey('a'), secret }],
  ],
  [
    'two algorithms with one kid',
    /'a' is the kid of two keys/,
    () => [secretKey('a'), { kid: 'a', alg: 'EdDSA', privateKey: pairs.EdDSA.privateJwk }],
  ],
  ['a key that is a string', /needs a kid/, () => ['k']],
  ['a key that is null', /needs a kid/, () => [null]],
  ['an empty kid', /needs a kid/, () => [{ ...secretKey('a'), kid: '' }]],
  ['no kid', /needs a kid/, () => [{ alg: 'HS256', secret }]],
  ['a kid that is a number', /needs a kid/, () => [{ kid: 1, alg: 'HS256', secret }]],
  [
    'a first key without a private key',
    /'k' needs a private key/,
    () => [{ kid: 'k', alg: 'ES256', publicKey: pairs.ES256.publicJwk }],
  ],
  [
    'a second key without any material',
    /'k' needs a CryptoKey or a JWK/,
    () => [secretKey('a'), { kid: 'k', alg: 'EdDSA' }],
  ],
  ...[null, 1, 'x'].map((material): [string, RegExp, () => unknown[]] => [
    `the private key ${String(material)}`,
    /'k' needs a CryptoKey or a JWK/,
    () => [{ kid: 'k', alg: 'EdDSA', privateKey: material }],
  ]),
  [
    'PEM as a private key',
    /'k' needs a CryptoKey or a JWK: import PEM/,
    () => [{ kid: 'k', alg: 'EdDSA', privateKey: pairs.EdDSA.privatePem }],
  ],
  [
    'PEM as a private key next to a JWK',
    /'k' needs a CryptoKey or a JWK: import PEM/,
    () => [{ kid: 'k', alg: 'EdDSA', privateKey: pairs.EdDSA.privatePem, publicKey: pairs.EdDSA.publicJwk }],
  ],
  [
    'PEM as a public key',
    /'k' needs a CryptoKey or a JWK: import PEM/,
    () => [secretKey('a'), { kid: 'k', alg: 'ES256', publicKey: pairs.ES256.publicPem }],
  ],
  ['alg none', /'k' needs alg/, () => [{ kid: 'k', alg: 'none', secret }]],
  [
    'an unsupported alg',
    /'k' needs alg/,
    () => [{ kid: 'k', alg: 'RS256', privateKey: pairs.ES256.privateJwk }],
  ],
])('I-07 rejects %s at construction', (_name, reason, keys) => {
  expect(construct(...keys())).toThrow(TypeError);
  expect(construct(...keys())).toThrow(reason);
});

test('I-07 rejects a ring that is not an array', () => {
  for (const keys of [undefined, null, {}, secretKey('a'), 'keys']) {
    expect(constructWith(keys)).toThrow(/ring is empty/);
  }
});

test.each<[string, (pair: Pair) => string | Uint8Array]>([
  ['public PEM', ({ publicPem }) => publicPem],
  ['public PEM as bytes', ({ publicPem }) => Buffer.from(publicPem)],
  ['private PEM', ({ privatePem }) => privatePem],
  ['private PEM as bytes', ({ privatePem }) => Buffer.from(privatePem)],
])('I-05 rejects %s as an HMAC secret', (_name, material) => {
  for (const pair of Object.values(pairs)) {
    expect(construct({ kid: 'k', alg: 'HS256', secret: material(pair) })).toThrow(/'k'.*PEM/);
  }
});

test('I-07 error messages never include key material', async () => {
  const { privatePem, privateJwk } = pairs.EdDSA;
  const team = await createTeam();
  const invite = async (key: TokenKey) => {
    const workspaces = team.service({ tokens: { ...testTokens, keys: [key] } });
    await workspaces.inviteMember(ada, { workspaceId: team.workspaceId, role: 'developer' });
  };
  const failures: (() => unknown)[] = [
    construct({ ...secretKey('a'), secret }, { ...secretKey('a'), secret }),
    construct({ kid: 'k', alg: 'HS256', secret: 'hunter2' }),
    construct({ kid: 'k', alg: 'EdDSA', privateKey: privatePem }),
    () => invite({ kid: 'k', alg: 'ES256', privateKey: privateJwk }),
    () => invite({ kid: 'k', alg: 'EdDSA', privateKey: { ...privateJwk, x: 'AAAA' } }),
  ];
  for (const fail of failures) {
    const error: unknown = await Promise.resolve()
      .then(fail)
      .catch((thrown: unknown) => thrown);
    const shown = inspect(error, { depth: Infinity });
    expect(shown).toContain('token keys');
    for (const material of ['hunter2', privateJwk.d ?? '?', privatePem.slice(40, 60)])
      expect(shown).not.toContain(material);
  }
});

test.each<[string, () => TokenKey | Promise<TokenKey>]>([
  ['of another curve', () => ({ kid: 'k', alg: 'ES256', privateKey: pairs.EdDSA.privateJwk })],
  [
    'that is a CryptoKey of another curve',
    () => ({ kid: 'k', alg: 'ES256', privateKey: pairs.EdDSA.privateKey }),
  ],
  ['that is a public JWK', () => ({ kid: 'k', alg: 'ES256', privateKey: pairs.ES256.publicJwk })],
  ['that is a public CryptoKey', () => ({ kid: 'k', alg: 'ES256', privateKey: pairs.ES256.publicKey })],
  [
    'that is not extractable and has no public key',
    async () => ({ kid: 'k', alg: 'EdDSA', privateKey: await importPKCS8(pairs.EdDSA.privatePem, 'EdDSA') }),
  ],
  [
    'whose public key belongs to another private key',
    async () => ({
      kid: 'k',
      alg: 'ES256',
      privateKey: pairs.ES256.privateKey,
      publicKey: (await createPair('ES256')).publicKey,
    }),
  ],
  [
    'whose public key is malformed',
    () => ({
      kid: 'k',
      alg: 'ES256',
      privateKey: pairs.ES256.privateJwk,
      publicKey: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
    }),
  ],
  ['that is symmetric', () => ({ kid: 'k', alg: 'ES256', privateKey: { kty: 'oct', k: 'AAAA', d: 'AAAA' } })],
  ['that is empty', () => ({ kid: 'k', alg: 'ES256', privateKey: {} })],
])('I-07 a first key %s makes each call that needs a key reject', async (_name, key) => {
  await expectInvalidKey(await key());
});

test.each<[string, () => TokenKey]>([
  ['JWK of another curve', () => ({ kid: 'k', alg: 'ES256', publicKey: pairs.EdDSA.publicJwk })],
  ['CryptoKey of another curve', () => ({ kid: 'k', alg: 'ES256', publicKey: pairs.EdDSA.publicKey })],
  ['symmetric JWK', () => ({ kid: 'k', alg: 'ES256', publicKey: { kty: 'oct', k: 'AAAA' } })],
])('I-07 so does a second key that is a %s', async (_name, key) => {
  await expectInvalidKey(secretKey('a'), key());
});

async function expectInvalidKey(...keys: TokenKey[]): Promise<void> {
  const team = await createTeam();
  const workspaces = team.service({ tokens: { ...testTokens, keys } });
  const input = { workspaceId: team.workspaceId, role: 'developer' } as const;
  await expect(workspaces.inviteMember(ada, input)).rejects.toThrow(/'k' cannot be imported/);
  await expect(workspaces.inviteMember(ada, input)).rejects.toHaveProperty('cause', expect.any(Error));
  await expect(workspaces.previewInvitation({ token: 'a.b.c' })).rejects.toThrow(TypeError);
}

test('imports a secret as a key that cannot be exported', () => {
  const imports = vi.spyOn(crypto.subtle, 'importKey');
  construct(secretKey('a'), secretKey('b'))();
  expect(imports.mock.calls.map(([, , , extractable]) => extractable)).toEqual([false, false]);
});
