// Tokens with one changed character.
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { testTokens } from '../../src/testing/index.js';
import { outcomeOf } from '../service/invitation-team.js';
import { createFixture, refusalsOf, seenOf, type Fixture } from './fixture.js';
import { forge } from './forge.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});

afterEach(async () => {
  // The valid token still works, so the rejections above mean something.
  expect((await fixture.workspaces.previewInvitation({ token: fixture.token })).status).toBe('open');
});

test('I-04 a token with any character replaced by any other is INVITATION_INVALID', async () => {
  const { token, workspaces } = fixture;
  const accepted: string[] = [];
  for (const [index, character] of [...token].entries()) {
    const others = Array.from(`${ALPHABET}.`).filter((other) => other !== character);
    await Promise.all(
      others.map(async (other) => {
        const flipped = token.slice(0, index) + other + token.slice(index + 1);
        const outcome = await outcomeOf(workspaces.previewInvitation({ token: flipped }));
        if (outcome !== 'INVITATION_INVALID')
          accepted.push(`${String(index)} of ${String(token.length)}, ${character} to ${other}: ${outcome}`);
      }),
    );
  }
  expect(accepted).toEqual([]);
});

test.each(['EdDSA', 'ES256'] as const)(
  'I-04 so is a token signed by %s with any character replaced',
  async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    const keys = [{ kid: 'pair', alg, privateKey: await exportJWK(privateKey) }];
    const { token, workspaces } = await createFixture({ tokens: { ...testTokens, keys } });
    const accepted: string[] = [];
    for (const [index, character] of [...token].entries()) {
      const isLast = index === token.length - 1 || token[index + 1] === '.';
      const next = ALPHABET[(ALPHABET.indexOf(character) + 1) % ALPHABET.length] ?? 'A';
      for (const other of isLast ? ALPHABET : next) {
        if (other === character) continue;
        const flipped = token.slice(0, index) + other + token.slice(index + 1);
        const outcome = await outcomeOf(workspaces.previewInvitation({ token: flipped }));
        if (outcome !== 'INVITATION_INVALID')
          accepted.push(`${String(index)}, ${character} to ${other}: ${outcome}`);
      }
    }
    expect(accepted).toEqual([]);
  },
);

test('I-04 the signature is checked before any claim is used', async () => {
  const { claims, calls, team } = fixture;
  const another = new TextEncoder().encode('not the secret of the tests, but as long');
  const attempts = [
    await forge(claims, { key: another }),
    await forge({ ...claims, exp: 1 }, { key: another }),
    await forge({ ...claims, wid: 'ws-nowhere' }, { key: another }),
    await forge({ ...claims, aud: 'another', iss: 'another' }, { key: another }),
    await forge('no claims at all', { key: another }),
  ];
  const unchanged = team.storage.dump();
  calls.length = 0;
  const seen = new Set(
    (await Promise.all(attempts.map((token) => refusalsOf(fixture, token)))).flat().map(seenOf),
  );
  expect([...seen]).toEqual([expect.stringContaining('INVITATION_INVALID')]);
  expect(calls).toEqual([]);
  expect(team.storage.dump()).toEqual(unchanged);
});
