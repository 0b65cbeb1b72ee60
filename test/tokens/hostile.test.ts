// Hostile tokens and inputs: rejected with one of two codes before any call of the storage.
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { proves } from '../../src/commands/invitations/proof.js';
import { callUntyped, refusalOf, sam } from '../service/invitation-team.js';
import { createFixture, type Fixture } from './fixture.js';
import { forge, forgeText } from './forge.js';

const boxed: unknown = Object('a.b.c');
const HEADER = '{"alg":"HS256","kid":"test","typ":"invitation+jwt"}';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
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
      'an object that imitates a string',
      { length: 3, split: () => ['a', 'b', 'c'], toString: () => 'a.b.c' },
    ],
  ])('I-23 rejects %s as a token before any storage call', async (_name, token) => {
    await expectRefused({ token });
  });

  test('I-23 rejects the valid token when it is wrapped or altered', async () => {
    const { token } = fixture;
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

  test('I-23 rejects inputs that are not objects, have unknown keys or throw when read', async () => {
    const { token } = fixture;
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

describe('claims with a valid signature', () => {
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
  ])('I-23 rejects %s as claims', async (_name, text) => {
    await expectRefused({ token: forgeText(HEADER, text) });
  });

  test('I-23 rejects __proto__ among the claims, and no prototype is polluted', async () => {
    const own = JSON.stringify(fixture.claims).slice(1, -1);
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
    'I-23 rejects a claim %s of a wrong type',
    async (claim) => {
      const value = fixture.claims[claim];
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
        // Only the record shows that a secret is wrong, or that a well-formed id does not exist.
        const mayAsk = typeof other === 'string' && (claim === 'sec' || /^[\w-]+$/.test(other));
        await expectRefused({ token: await forge({ ...fixture.claims, [claim]: other }) }, { mayAsk });
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
        const text = JSON.stringify({ ...fixture.claims, [claim]: '?' }).replace('"?"', number);
        await expectRefused({ token: forgeText(HEADER, text) });
      }
    },
  );

  test('I-23 rejects a validly signed token of more than 4 KiB', async () => {
    const padded = forgeText(HEADER, `${JSON.stringify(fixture.claims)}${' '.repeat(4096)}`);
    await expectRefused({ token: padded });
    const short = forgeText(HEADER, `${JSON.stringify(fixture.claims)}${' '.repeat(1000)}`);
    expect((await fixture.workspaces.previewInvitation({ token: short })).status).toBe('open');
  });
});

test('I-17 compares secrets in constant time: the same number of steps wherever they differ', () => {
  const secretHash = 'a'.repeat(64);
  const invitation = fixture.team.storage.dump().invitations.at(-1);
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
  const places = Array.from(secretHash, (_, index) => `${'a'.repeat(index)}b${'a'.repeat(63 - index)}`);
  const steps = new Set([secretHash, 'b'.repeat(64), ...places].map(stepsFor));
  expect([...steps]).toEqual([128]);
});

/** Calls every method that takes a token with an input that the types would reject. */
async function expectRefused(input: unknown, { mayAsk = false } = {}): Promise<void> {
  const { workspaces, calls, team } = fixture;
  const before = team.storage.dump();
  calls.length = 0;
  const answers = [
    callUntyped(workspaces, 'previewInvitation', [input]),
    callUntyped(workspaces, 'acceptInvitation', [sam, input]),
    callUntyped(workspaces, 'declineInvitation', [sam, input]),
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
