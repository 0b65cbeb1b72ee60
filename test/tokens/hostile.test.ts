// What no honest caller sends: refused at once, with one of two codes, and without a word to the storage.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { proves } from '../../src/domain/commands/acceptance.js';
import { callUntyped, refusalOf, xena } from '../service/invitation-team.js';
import { createBench, type Bench } from './bench.js';
import { forge, forgeText } from './forge.js';

const boxed: unknown = Object('a.b.c');
const HEADER = '{"alg":"HS256","kid":"test","typ":"invitation+jwt"}';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});

describe('tokens', () => {
  test.each<[string, unknown]>([
    ['4,097 characters', 'a'.repeat(4097)],
    ['4,096 characters', 'a'.repeat(4096)],
    ['4,096 dots', '.'.repeat(4096)],
    ['10 MB', 'a'.repeat(10_000_000)],
    ['10 MB of dots', '.'.repeat(10_000_000)],
    ['4 KiB of three bytes each', '漢'.repeat(4096)],
    ['an empty string', ''],
    ['NUL', '\0'],
    ['a high surrogate', '\ud800'],
    ['a low surrogate', 'a.b.\udc00'],
    ['an emoji', '🙂.🙂.🙂'],
    ['a right-to-left override', '\u202ea.b.c'],
    ['undefined', undefined],
    ['null', null],
    ['a number', 1],
    ['NaN', Number.NaN],
    ['a bigint', 1n],
    ['a boolean', true],
    ['a symbol', Symbol('token')],
    ['a function', () => 'token'],
    ['an array', []],
    ['an object', {}],
    ['bytes', new Uint8Array([97, 46, 98])],
    ['a String', boxed],
    ['a Date', new Date(0)],
    [
      'an object that says it is a string',
      { length: 3, split: () => ['a', 'b', 'c'], toString: () => 'a.b.c' },
    ],
  ])('I-23 %s is refused at once', async (_name, token) => {
    await expectRefused({ token });
  });

  test('I-23 the real token is refused in every wrapping', async () => {
    const { token } = bench;
    for (const wrapped of [[token], { token }, Buffer.from(token), () => token]) {
      await expectRefused({ token: wrapped });
    }
    for (const spoilt of [
      `${token}\0`,
      `\0${token}`,
      `${token}\ud800`,
      token.replace('.', '.\0'),
      token.repeat(12),
    ]) {
      await expectRefused({ token: spoilt });
    }
  });

  test('I-23 so is an input that is no object, has strange keys or throws when it is read', async () => {
    const { token } = bench;
    const polluted: unknown = JSON.parse(`{"token":${JSON.stringify(token)},"__proto__":{"role":"owner"}}`);
    const trap = new Proxy({}, { get: () => fail(), ownKeys: () => fail(), has: () => fail() });
    for (const input of [
      undefined,
      null,
      token,
      [token],
      1,
      polluted,
      { token, role: 'owner' },
      { token, workspaceId: 'ws-1' },
      trap,
      Object.defineProperty({}, 'token', { get: fail, enumerable: true }),
    ]) {
      await expectRefused(input);
    }
  });
});

describe('claims under a good signature', () => {
  test.each<[string, string]>([
    ['null', 'null'],
    ['an array', '[]'],
    ['an array of claims', '[{"wid":"ws-1"}]'],
    ['a string', '"claims"'],
    ['a number', '1'],
    ['nothing', ''],
    ['half an object', '{"wid":'],
    ['deep nesting', `${'['.repeat(1000)}${']'.repeat(1000)}`],
    ['NUL after the object', '{}\0'],
  ])('I-23 %s is refused', async (_name, text) => {
    await expectRefused({ token: forgeText(HEADER, text) });
  });

  test('I-23 a __proto__ among the claims is refused, and pollutes nothing', async () => {
    const own = JSON.stringify(bench.claims).slice(1, -1);
    for (const text of [
      `{${own},"__proto__":{}}`,
      `{${own},"__proto__":null}`,
      `{"__proto__":{${own}}}`,
      `{${own},"constructor":{"prototype":{"role":"owner"}}}`,
      `{${own},"__proto__":{"polluted":true}}`,
    ]) {
      await expectRefused({ token: forgeText(HEADER, text) });
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test.each(['jti', 'wid', 'sec', 'iss', 'aud', 'iat', 'exp'])(
    'I-23 a claim %s of another kind is refused',
    async (claim) => {
      const value = bench.claims[claim];
      for (const other of [
        undefined,
        null,
        true,
        [],
        [value],
        {},
        '',
        '\0',
        `${String(value)}\0`,
        '\ud800',
        `${String(value)}\udfff`,
        '__proto__',
        'constructor',
        1.5,
        -1,
        Number.MAX_SAFE_INTEGER + 1,
        `${String(value)} `,
      ]) {
        // A secret that is not ours, and a well-formed id that nothing has, are told by the record alone.
        const mayAsk = typeof other === 'string' && (claim === 'sec' || /^[\w-]+$/.test(other));
        await expectRefused({ token: await forge({ ...bench.claims, [claim]: other }) }, { mayAsk });
      }
      if (typeof value !== 'number') return;
      for (const number of [
        '1e999',
        '-1e999',
        '1e400',
        '0x10',
        'NaN',
        `"${String(value)}"`,
        `[${String(value)}]`,
      ]) {
        const text = JSON.stringify({ ...bench.claims, [claim]: '?' }).replace('"?"', number);
        await expectRefused({ token: forgeText(HEADER, text) });
      }
    },
  );

  test('I-23 a good signature over more than 4 KiB is refused', async () => {
    const padded = forgeText(HEADER, `${JSON.stringify(bench.claims)}${' '.repeat(4096)}`);
    await expectRefused({ token: padded });
    const short = forgeText(HEADER, `${JSON.stringify(bench.claims)}${' '.repeat(1000)}`);
    expect((await bench.workspaces.previewInvitation({ token: short })).status).toBe('open');
  });
});

test('I-17 secrets are compared in constant time: as many steps wherever they differ', () => {
  const secretHash = 'a'.repeat(64);
  const invitation = bench.team.storage.dump().invitations.at(-1);
  if (invitation === undefined) throw new Error('there is no invitation');
  const { workspaceId, id: invitationId, expiresAt } = invitation;
  const stepsFor = (guess: string): number => {
    const reads = vi.spyOn(String.prototype, 'charCodeAt');
    const proof = { workspaceId, invitationId, expiresAt, secretHash: guess };
    expect(proves(proof, { ...invitation, secretHash })).toBe(guess === secretHash);
    const steps = reads.mock.calls.length;
    reads.mockRestore();
    return steps;
  };
  const places = Array.from(secretHash, (_, place) => `${'a'.repeat(place)}b${'a'.repeat(63 - place)}`);
  const steps = new Set([secretHash, 'b'.repeat(64), ...places].map(stepsFor));
  expect([...steps]).toEqual([128]);
});

/** Every method that takes a token, with an input that no type would let through. */
async function expectRefused(input: unknown, { mayAsk = false } = {}): Promise<void> {
  const { workspaces, calls, team } = bench;
  const before = team.storage.dump();
  calls.length = 0;
  const answers = [
    callUntyped(workspaces, 'previewInvitation', [input]),
    callUntyped(workspaces, 'acceptInvitation', [xena, input]),
    callUntyped(workspaces, 'declineInvitation', [xena, input]),
  ];
  for (const { code } of await Promise.all(answers.map(refusalOf))) {
    expect(['INVITATION_INVALID', 'INVALID_INPUT']).toContain(code);
  }
  if (!mayAsk) expect(calls).toEqual([]);
  expect(team.storage.dump()).toEqual(before);
}

function fail(): never {
  throw new Error('the trap was sprung');
}
