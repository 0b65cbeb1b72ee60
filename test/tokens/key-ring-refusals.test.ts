// Rings that could not keep a promise: refused at construction, with the reason.
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { memoryStorage } from '../../src/adapters/memory/index.js';
import { WorkspaceService, type TokenKey } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, olga } from '../service/invitation-team.js';
import { makePair, secretKey, type Alg, type Pair } from './key-material.js';

let pairs: Record<Alg, Pair>;
beforeAll(async () => {
  pairs = { EdDSA: await makePair('EdDSA'), ES256: await makePair('ES256') };
});

afterEach(() => {
  vi.restoreAllMocks();
});

const constructWith = (keys: unknown) => () => {
  const options = { storage: memoryStorage(), tokens: { ...testTokens, keys } };
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
    /two keys.*'a'/,
    () => [secretKey('a'), secretKey('b'), { ...secretKey('a'), secret }],
  ],
  [
    'two algorithms with one kid',
    /two keys.*'a'/,
    () => [secretKey('a'), { kid: 'a', alg: 'EdDSA', privateKey: pairs.EdDSA.privatePem }],
  ],
  ['a key that is text', /must be an object/, () => ['k']],
  ['a key that is null', /must be an object/, () => [null]],
  ['a private key that is null', /private key of 'k'/, () => [{ kid: 'k', alg: 'EdDSA', privateKey: null }]],
  ['a private key that is a number', /private key of 'k'/, () => [{ kid: 'k', alg: 'EdDSA', privateKey: 1 }]],
  ['an empty kid', /needs a kid/, () => [{ ...secretKey('a'), kid: '' }]],
  ['no kid', /needs a kid/, () => [{ alg: 'HS256', secret }]],
  ['a kid that is a number', /needs a kid/, () => [{ kid: 1, alg: 'HS256', secret }]],
  [
    'a first key without a private half',
    /first key signs.*'k'/,
    () => [{ kid: 'k', alg: 'ES256', publicKey: pairs.ES256.publicPem }],
  ],
  ['a key without any half', /'k' has neither/, () => [secretKey('a'), { kid: 'k', alg: 'EdDSA' }]],
  [
    'a public PEM as a private key',
    /private key of 'k'/,
    () => [{ kid: 'k', alg: 'EdDSA', privateKey: pairs.EdDSA.publicPem }],
  ],
  [
    'a public JWK as a private key',
    /private key of 'k'/,
    () => [{ kid: 'k', alg: 'ES256', privateKey: pairs.ES256.publicJwk }],
  ],
  [
    'a private PEM as a public key',
    /public key of 'k'/,
    () => [secretKey('a'), { kid: 'k', alg: 'ES256', publicKey: pairs.ES256.privatePem }],
  ],
  ['an algorithm that is none', /alg must be/, () => [{ kid: 'k', alg: 'none', secret }]],
  [
    'an algorithm of others',
    /alg must be/,
    () => [{ kid: 'k', alg: 'RS256', privateKey: pairs.ES256.privatePem }],
  ],
])('I-07 %s, with the reason', (_name, reason, keys) => {
  expect(construct(...keys())).toThrow(TypeError);
  expect(construct(...keys())).toThrow(reason);
});

test('I-07 a ring that is no list', () => {
  for (const keys of [undefined, null, {}, secretKey('a'), 'keys']) {
    expect(constructWith(keys)).toThrow(/ring is empty/);
  }
});

test.each<[string, (pair: Pair) => string | Uint8Array]>([
  ['public PEM', ({ publicPem }) => publicPem],
  ['public PEM in bytes, as a file is read', ({ publicPem }) => Buffer.from(publicPem)],
  ['private PEM', ({ privatePem }) => privatePem],
  ['private PEM in bytes, as a file is read', ({ privatePem }) => Buffer.from(privatePem)],
])('I-05 a %s is refused as an HMAC secret', (_name, material) => {
  for (const pair of Object.values(pairs)) {
    expect(construct({ kid: 'k', alg: 'HS256', secret: material(pair) })).toThrow(/'k'.*PEM/);
  }
});

test('I-07 no reason repeats a secret', () => {
  for (const keys of [
    [
      { ...secretKey('a'), secret },
      { ...secretKey('a'), secret },
    ],
    [{ kid: 'k', alg: 'HS256', secret: 'hunter2' }],
  ]) {
    let message = '';
    try {
      construct(...keys)();
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('token keys');
    expect(message).not.toContain('hunter2');
  }
});

test.each<[string, () => TokenKey]>([
  ['of another curve', () => ({ kid: 'k', alg: 'ES256', privateKey: pairs.EdDSA.privatePem })],
  [
    'that is garbled',
    () => ({
      kid: 'k',
      alg: 'EdDSA',
      privateKey: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    }),
  ],
  [
    'with a garbled public half',
    () => ({
      kid: 'k',
      alg: 'ES256',
      privateKey: pairs.ES256.privatePem,
      publicKey: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
    }),
  ],
  ['that is symmetric', () => ({ kid: 'k', alg: 'ES256', privateKey: { kty: 'oct', k: 'AAAA', d: 'AAAA' } })],
])('I-07 a key %s is reported by its kid to whoever first needs it', async (_name, key) => {
  const team = await createTeam();
  const workspaces = team.service({ tokens: { ...testTokens, keys: [key()] } });
  const input = { workspaceId: team.workspaceId, role: 'developer' } as const;
  await expect(workspaces.inviteMember(olga, input)).rejects.toThrow(/'k' cannot be imported/);
  await expect(workspaces.inviteMember(olga, input)).rejects.toHaveProperty('cause', expect.any(Error));
  await expect(workspaces.previewInvitation({ token: 'a.b.c' })).rejects.toThrow(TypeError);
});

test('a secret becomes a key that nobody can export', () => {
  const imports = vi.spyOn(crypto.subtle, 'importKey');
  construct(secretKey('a'), secretKey('b'))();
  expect(imports.mock.calls.map(([, , , extractable]) => extractable)).toEqual([false, false]);
});
