// The keys of a ring: every form they come in, and how they rotate.
import { jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TokenKey, WorkspaceService } from '../../src/index.js';
import { testTokens } from '../../src/testing/index.js';
import { createTeam, olga, outcomeOf, xena, type Team } from '../service/invitation-team.js';
import { headerOf } from './forge.js';
import { makePair, secretKey, type Alg, type Pair } from './key-material.js';

let pairs: Record<Alg, readonly [Pair, Pair]>;
beforeAll(async () => {
  pairs = {
    EdDSA: [await makePair('EdDSA'), await makePair('EdDSA')],
    ES256: [await makePair('ES256'), await makePair('ES256')],
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
    const { token } = await withKeys(team, { kid: 'k', alg: 'HS256', secret }).inviteMember(olga, {
      workspaceId: team.workspaceId,
      role: 'developer',
    });
    expect(headerOf(token)).toEqual({ alg: 'HS256', kid: 'k', typ: 'invitation+jwt' });
    const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : new Uint8Array(secret);
    await expect(jwtVerify(token, bytes, { currentDate: new Date(team.clock.now()) })).resolves.toBeDefined();
    expect(
      await outcomeOf(
        withKeys(team, { kid: 'k', alg: 'HS256', secret: bytes }).acceptInvitation(xena, { token }),
      ),
    ).toBe('ok');
  });

  test('I-07 changing the bytes of a secret after construction changes no key', async () => {
    const team = await createTeam();
    const secret = new Uint8Array(32).fill(1);
    const workspaces = withKeys(team, { kid: 'k', alg: 'HS256', secret });
    secret.fill(2);
    const { token } = await workspaces.inviteMember(olga, {
      workspaceId: team.workspaceId,
      role: 'developer',
    });
    const original = withKeys(team, { kid: 'k', alg: 'HS256', secret: new Uint8Array(32).fill(1) });
    expect(await outcomeOf(original.previewInvitation({ token }))).toBe('ok');
  });

  test.each<[Alg, string, (pair: Pair) => Partial<TokenKey>]>(
    (['EdDSA', 'ES256'] as const).flatMap((alg): [Alg, string, (pair: Pair) => Partial<TokenKey>][] => [
      [alg, 'a private PEM', ({ privatePem }) => ({ privateKey: privatePem })],
      [alg, 'a private JWK', ({ privateJwk }) => ({ privateKey: privateJwk })],
      [
        alg,
        'a private JWK with its own metadata',
        ({ privateJwk }) => ({
          privateKey: { ...privateJwk, kid: 'other', use: 'sig', key_ops: ['sign'], ext: false },
        }),
      ],
      [alg, 'two PEMs', ({ privatePem, publicPem }) => ({ privateKey: privatePem, publicKey: publicPem })],
      [alg, 'two JWKs', ({ privateJwk, publicJwk }) => ({ privateKey: privateJwk, publicKey: publicJwk })],
      [
        alg,
        'a PEM and a JWK',
        ({ privatePem, publicJwk }) => ({ privateKey: privatePem, publicKey: publicJwk }),
      ],
      [
        alg,
        'a JWK and a PEM',
        ({ privateJwk, publicPem }) => ({ privateKey: privateJwk, publicKey: publicPem }),
      ],
    ]),
  )('I-07 an %s key signs and verifies, given as %s', async (alg, _name, material) => {
    const [pair] = pairs[alg];
    const team = await createTeam();
    const workspaces = withKeys(team, { kid: 'k', alg, ...material(pair) } as TokenKey);
    const { token } = await workspaces.inviteMember(olga, {
      workspaceId: team.workspaceId,
      role: 'developer',
    });
    expect(headerOf(token)).toEqual({ alg, kid: 'k', typ: 'invitation+jwt' });
    await expect(
      jwtVerify(token, pair.publicKey, { currentDate: new Date(team.clock.now()) }),
    ).resolves.toBeDefined();
    expect(await outcomeOf(workspaces.acceptInvitation(xena, { token }))).toBe('ok');
  });

  test.each<[Alg, string, (pair: Pair) => string | Record<string, unknown>]>(
    (['EdDSA', 'ES256'] as const).flatMap(
      (alg): [Alg, string, (pair: Pair) => string | Record<string, unknown>][] => [
        [alg, 'PEM', ({ publicPem }) => publicPem],
        [alg, 'JWK', ({ publicJwk }) => publicJwk],
        [alg, 'JWK that was not stripped of its private half', ({ privateJwk }) => privateJwk],
      ],
    ),
  )(
    'I-10 a second %s key with a public %s alone verifies what the first signed before',
    async (alg, _name, publicKey) => {
      const [pair, other] = pairs[alg];
      const team = await createTeam();
      const before = withKeys(team, { kid: 'old', alg, privateKey: pair.privatePem });
      const { token } = await before.inviteMember(olga, { workspaceId: team.workspaceId, role: 'developer' });
      const after = withKeys(team, secretKey('new'), { kid: 'old', alg, publicKey: publicKey(pair) });
      expect(await outcomeOf(after.previewInvitation({ token }))).toBe('ok');
      const stranger = withKeys(team, secretKey('new'), { kid: 'old', alg, publicKey: publicKey(other) });
      expect(await outcomeOf(stranger.previewInvitation({ token }))).toBe('INVITATION_INVALID');
    },
  );
});

describe('rotation', () => {
  const rings: readonly [string, () => TokenKey, () => TokenKey][] = [
    ['HS256 to HS256', () => secretKey('old'), () => secretKey('new')],
    [
      'HS256 to EdDSA',
      () => secretKey('old'),
      () => ({ kid: 'new', alg: 'EdDSA', privateKey: pairs.EdDSA[0].privatePem }),
    ],
    [
      'EdDSA to ES256',
      () => ({ kid: 'old', alg: 'EdDSA', privateKey: pairs.EdDSA[0].privateJwk }),
      () => ({ kid: 'new', alg: 'ES256', privateKey: pairs.ES256[0].privateJwk }),
    ],
    [
      'ES256 to ES256',
      () => ({ kid: 'old', alg: 'ES256', privateKey: pairs.ES256[0].privatePem }),
      () => ({ kid: 'new', alg: 'ES256', privateKey: pairs.ES256[1].privatePem }),
    ],
  ];

  test.each(rings)(
    'I-10 %s: old keys verify while they are in the ring, and not after',
    async (_name, oldKey, newKey) => {
      const team = await createTeam();
      const { workspaceId } = team;
      const before = withKeys(team, oldKey());
      const during = withKeys(team, newKey(), oldKey());
      const after = withKeys(team, newKey());
      const invite = (workspaces: WorkspaceService) =>
        workspaces.inviteMember(olga, { workspaceId, role: 'developer' });
      const verdicts = (token: string) =>
        Promise.all(
          [before, during, after].map((service) => outcomeOf(service.previewInvitation({ token }))),
        );

      const early = await invite(before);
      const late = await invite(during);
      expect([early, late].map(({ token }) => headerOf(token)['kid'])).toEqual(['old', 'new']);
      expect(await verdicts(early.token)).toEqual(['ok', 'ok', 'INVITATION_INVALID']);
      expect(await verdicts(late.token)).toEqual(['INVITATION_INVALID', 'ok', 'ok']);

      const { token } = await after.reissueInvitation(olga, {
        workspaceId,
        invitationId: early.invitation.id,
      });
      expect(headerOf(token)['kid']).toBe('new');
      expect(await verdicts(token)).toEqual(['INVITATION_INVALID', 'ok', 'ok']);
    },
  );

  test.each(rings)('I-10 %s: sessions rotate alike', async (_name, oldKey, newKey) => {
    const team = await createTeam();
    const { token } = await withKeys(team, oldKey()).switchWorkspace(olga, { workspaceId: team.workspaceId });
    const verify = (...keys: TokenKey[]) => outcomeOf(withKeys(team, ...keys).verifySession({ token }));
    expect(await verify(newKey(), oldKey())).toBe('ok');
    expect(await verify(newKey())).toBe('SESSION_INVALID');
  });

  test('I-10 a kid that is given to another key verifies nothing that the former one signed', async () => {
    const team = await createTeam();
    const { token } = await withKeys(team, secretKey('key')).inviteMember(olga, {
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
