// Each form of a key, and the rotation of keys.
import { importPKCS8, importSPKI, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyMaterial, TokenKey, WorkspaceService } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, ada, outcomeOf, sam, type Team } from '../service/invitation-team.js';
import { headerOf } from './forge.js';
import { createPair, secretKey, type Alg, type Pair } from './key-material.js';

let pairs: Record<Alg, readonly [Pair, Pair]>;
beforeAll(async () => {
  pairs = {
    EdDSA: [await createPair('EdDSA'), await createPair('EdDSA')],
    ES256: [await createPair('ES256'), await createPair('ES256')],
  };
});

const withKeys = (team: Team, ...keys: TokenKey[]) => team.service({ tokens: { ...testTokens, keys } });

describe('forms', () => {
  test.each<[string, string | Uint8Array]>([
    ['a string', 'a secret that has 32 bytes in all'],
    ['a string of 32 bytes exactly', 'x'.repeat(32)],
    ['16 characters of 2 bytes', 'é'.repeat(16)],
    ['bytes', new Uint8Array(32).fill(7)],
    ['a Buffer', Buffer.alloc(64, 'secret')],
  ])('I-07 an HS256 secret may be %s', async (_name, secret) => {
    const team = await createTeam();
    const { token } = await withKeys(team, { kid: 'k', alg: 'HS256', secret }).inviteMember(ada, {
      workspaceId: team.workspaceId,
      role: 'developer',
    });
    expect(headerOf(token)).toEqual({ alg: 'HS256', kid: 'k', typ: 'invitation+jwt' });
    const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : new Uint8Array(secret);
    await expect(jwtVerify(token, bytes, { currentDate: new Date(team.clock.now()) })).resolves.toBeDefined();
    expect(
      await outcomeOf(
        withKeys(team, { kid: 'k', alg: 'HS256', secret: bytes }).acceptInvitation(sam, { token }),
      ),
    ).toBe('ok');
  });

  test('I-07 changing the bytes of a secret after construction changes no key', async () => {
    const team = await createTeam();
    const secret = new Uint8Array(32).fill(1);
    const workspaces = withKeys(team, { kid: 'k', alg: 'HS256', secret });
    secret.fill(2);
    const { token } = await workspaces.inviteMember(ada, {
      workspaceId: team.workspaceId,
      role: 'developer',
    });
    const original = withKeys(team, { kid: 'k', alg: 'HS256', secret: new Uint8Array(32).fill(1) });
    expect(await outcomeOf(original.previewInvitation({ token }))).toBe('ok');
  });

  type Halves = { readonly privateKey: KeyMaterial; readonly publicKey?: KeyMaterial };
  const signing: readonly [string, (pair: Pair, alg: Alg) => Halves | Promise<Halves>][] = [
    ['an extractable private CryptoKey', ({ privateKey }) => ({ privateKey })],
    ['a private JWK', ({ privateJwk }) => ({ privateKey: privateJwk })],
    [
      'a private JWK with metadata of its own',
      ({ privateJwk }) => ({
        privateKey: { ...privateJwk, kid: 'other', use: 'sig', key_ops: ['sign'], ext: false },
      }),
    ],
    ['two CryptoKeys', ({ privateKey, publicKey }) => ({ privateKey, publicKey })],
    ['two JWKs', ({ privateJwk, publicJwk }) => ({ privateKey: privateJwk, publicKey: publicJwk })],
    ['a CryptoKey and a JWK', ({ privateKey, publicJwk }) => ({ privateKey, publicKey: publicJwk })],
    ['a JWK and a CryptoKey', ({ privateJwk, publicKey }) => ({ privateKey: privateJwk, publicKey })],
    [
      'PEM, imported with jose',
      async ({ privatePem, publicPem }, alg) => ({
        privateKey: await importPKCS8(privatePem, alg),
        publicKey: await importSPKI(publicPem, alg),
      }),
    ],
  ];
  const algs: readonly Alg[] = ['EdDSA', 'ES256'];

  test.each(algs.flatMap((alg) => signing.map(([name, halves]) => ({ alg, name, halves }))))(
    'I-07 an $alg key signs and verifies, given as $name',
    async ({ alg, halves }) => {
      const [pair] = pairs[alg];
      const team = await createTeam();
      const workspaces = withKeys(team, { kid: 'k', alg, ...(await halves(pair, alg)) });
      const { token } = await workspaces.inviteMember(ada, {
        workspaceId: team.workspaceId,
        role: 'developer',
      });
      expect(headerOf(token)).toEqual({ alg, kid: 'k', typ: 'invitation+jwt' });
      await expect(
        jwtVerify(token, pair.publicKey, { currentDate: new Date(team.clock.now()) }),
      ).resolves.toBeDefined();
      expect(await outcomeOf(workspaces.acceptInvitation(sam, { token }))).toBe('ok');
    },
  );

  const verifying: readonly [string, (pair: Pair) => KeyMaterial][] = [
    ['CryptoKey', ({ publicKey }) => publicKey],
    ['JWK', ({ publicJwk }) => publicJwk],
    ['JWK that includes the private half', ({ privateJwk }) => privateJwk],
  ];

  test.each(algs.flatMap((alg) => verifying.map(([name, half]) => ({ alg, name, half }))))(
    'I-10 a second $alg key with only a public $name verifies what the key signed when it was first',
    async ({ alg, half }) => {
      const [pair, other] = pairs[alg];
      const team = await createTeam();
      const before = withKeys(team, { kid: 'old', alg, privateKey: pair.privateKey });
      const { token } = await before.inviteMember(ada, { workspaceId: team.workspaceId, role: 'developer' });
      const after = withKeys(team, secretKey('new'), { kid: 'old', alg, publicKey: half(pair) });
      expect(await outcomeOf(after.previewInvitation({ token }))).toBe('ok');
      const unrelated = withKeys(team, secretKey('new'), { kid: 'old', alg, publicKey: half(other) });
      expect(await outcomeOf(unrelated.previewInvitation({ token }))).toBe('INVITATION_INVALID');
    },
  );
});

describe('rotation', () => {
  const rings: readonly [string, () => TokenKey, () => TokenKey][] = [
    ['HS256 to HS256', () => secretKey('old'), () => secretKey('new')],
    [
      'HS256 to EdDSA',
      () => secretKey('old'),
      () => ({ kid: 'new', alg: 'EdDSA', privateKey: pairs.EdDSA[0].privateKey }),
    ],
    [
      'EdDSA to ES256',
      () => ({ kid: 'old', alg: 'EdDSA', privateKey: pairs.EdDSA[0].privateJwk }),
      () => ({ kid: 'new', alg: 'ES256', privateKey: pairs.ES256[0].privateJwk }),
    ],
    [
      'ES256 to ES256',
      () => ({ kid: 'old', alg: 'ES256', privateKey: pairs.ES256[0].privateKey }),
      () => ({ kid: 'new', alg: 'ES256', privateKey: pairs.ES256[1].privateKey }),
    ],
  ];

  test.each(rings)(
    'I-10 %s: old keys verify while they are in the ring, and not afterwards',
    async (_name, oldKey, newKey) => {
      const team = await createTeam();
      const { workspaceId } = team;
      const before = withKeys(team, oldKey());
      const during = withKeys(team, newKey(), oldKey());
      const after = withKeys(team, newKey());
      const invite = (workspaces: WorkspaceService) =>
        workspaces.inviteMember(ada, { workspaceId, role: 'developer' });
      const verdicts = (token: string) =>
        Promise.all(
          [before, during, after].map((service) => outcomeOf(service.previewInvitation({ token }))),
        );

      const early = await invite(before);
      const late = await invite(during);
      expect([early, late].map(({ token }) => headerOf(token)['kid'])).toEqual(['old', 'new']);
      expect(await verdicts(early.token)).toEqual(['ok', 'ok', 'INVITATION_INVALID']);
      expect(await verdicts(late.token)).toEqual(['INVITATION_INVALID', 'ok', 'ok']);

      const { token } = await after.reissueInvitation(ada, {
        workspaceId,
        invitationId: early.invitation.id,
      });
      expect(headerOf(token)['kid']).toBe('new');
      expect(await verdicts(token)).toEqual(['INVITATION_INVALID', 'ok', 'ok']);
    },
  );

  test.each(rings)(
    'I-10 %s: old keys verify session tokens, too, while they are in the ring',
    async (_name, oldKey, newKey) => {
      const team = await createTeam();
      const { token } = await withKeys(team, oldKey()).switchWorkspace(ada, {
        workspaceId: team.workspaceId,
      });
      const verify = (...keys: TokenKey[]) => outcomeOf(withKeys(team, ...keys).verifySession({ token }));
      expect(await verify(newKey(), oldKey())).toBe('ok');
      expect(await verify(newKey())).toBe('SESSION_INVALID');
    },
  );

  test('I-10 a kid that is reused for another key verifies nothing that the former key signed', async () => {
    const team = await createTeam();
    const { token } = await withKeys(team, secretKey('key')).inviteMember(ada, {
      workspaceId: team.workspaceId,
      role: 'developer',
    });
    const reused: TokenKey = { kid: 'key', alg: 'HS256', secret: 'another secret of 32 bytes or more' };
    expect(await outcomeOf(withKeys(team, reused).previewInvitation({ token }))).toBe('INVITATION_INVALID');
    expect(await outcomeOf(withKeys(team, reused, secretKey('spare')).previewInvitation({ token }))).toBe(
      'INVITATION_INVALID',
    );
  });
});
