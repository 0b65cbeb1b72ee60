// One character of a token changed: nothing that was signed is left.
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { testTokens } from '../../src/testing/index.js';
import { outcomeOf } from '../service/invitation-team.js';
import { createBench, refusalsOf, seenOf, type Bench } from './bench.js';
import { forge } from './forge.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});

afterEach(async () => {
  // Whatever was tried, the real token still opens, so the bench could have said yes.
  expect((await bench.workspaces.previewInvitation({ token: bench.token })).status).toBe('open');
});

test('I-04 any character of a token flipped to any other of its alphabet is INVITATION_INVALID', async () => {
  const { token, workspaces } = bench;
  const accepted: string[] = [];
  for (const [place, character] of [...token].entries()) {
    const others = Array.from(`${ALPHABET}.`).filter((other) => other !== character);
    await Promise.all(
      others.map(async (other) => {
        const flipped = token.slice(0, place) + other + token.slice(place + 1);
        const outcome = await outcomeOf(workspaces.previewInvitation({ token: flipped }));
        if (outcome !== 'INVITATION_INVALID')
          accepted.push(`${String(place)} of ${String(token.length)}, ${character} to ${other}: ${outcome}`);
      }),
    );
  }
  expect(accepted).toEqual([]);
});

test.each(['EdDSA', 'ES256'] as const)('I-04 so is any character of a token signed by %s', async (alg) => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const keys = [{ kid: 'pair', alg, privateKey: { ...(await exportJWK(privateKey)) } }];
  const { token, workspaces } = await createBench({ tokens: { ...testTokens, keys } });
  const accepted: string[] = [];
  for (const [place, character] of [...token].entries()) {
    const isLast = place === token.length - 1 || token[place + 1] === '.';
    const next = ALPHABET[(ALPHABET.indexOf(character) + 1) % ALPHABET.length] ?? 'A';
    for (const other of isLast ? ALPHABET : next) {
      if (other === character) continue;
      const flipped = token.slice(0, place) + other + token.slice(place + 1);
      const outcome = await outcomeOf(workspaces.previewInvitation({ token: flipped }));
      if (outcome !== 'INVITATION_INVALID')
        accepted.push(`${String(place)}, ${character} to ${other}: ${outcome}`);
    }
  }
  expect(accepted).toEqual([]);
});

test('I-04 the signature is checked before any claim is used', async () => {
  const { claims, calls, team } = bench;
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
    (await Promise.all(attempts.map((token) => refusalsOf(bench, token)))).flat().map(seenOf),
  );
  expect([...seen]).toEqual([expect.stringContaining('INVITATION_INVALID')]);
  expect(calls).toEqual([]);
  expect(team.storage.dump()).toEqual(unchanged);
});
