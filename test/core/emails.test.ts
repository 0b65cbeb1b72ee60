// E-mail addresses: which spellings are one address, and which addresses can be invited.
import fc from 'fast-check';
import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import { emailKey, emailSchema, recipientEmailSchema } from '../../src/core/emails.js';
import { recipientKey, refusedRecipient, verifiedEmailKey } from '../../src/core/invitation.js';

const isTaken = (email: string): boolean => z.safeParse(recipientEmailSchema, email).success;

describe('the compared form of an address', () => {
  test.each([
    ['case', 'ben@example.org', ' Ben@Example.ORG '],
    ['composed and decomposed letters', 'jürgen@x.io', 'ju\u0308rgen@x.io'],
    ['the domain in Unicode and in ASCII', 'ben@münchen.de', 'ben@xn--mnchen-3ya.de'],
    ['the domain in capitals', 'ben@MÜNCHEN.de', 'BEN@XN--MNCHEN-3YA.DE'],
    ['the decomposed domain', 'ben@mu\u0308nchen.de', 'ben@münchen.de'],
    ['full-width letters and dots of the domain', 'a@例え.jp', 'a@例え。ｊｐ'],
  ])('I-18 two spellings are one address: %s', (_, one, other) => {
    expect(emailKey(one)).not.toBeNull();
    expect(emailKey(other)).toBe(emailKey(one));
    expect(recipientKey({ email: other })).toBe(recipientKey({ email: one }));
  });

  test.each([
    ['dots', 'ada.l@example.org', 'adal@example.org'],
    ['plus tags', 'ada+x@example.org', 'ada@example.org'],
    ['accents', 'jürgen@x.io', 'jurgen@x.io'],
    ['sharp s', 'a@faß.de', 'a@fass.de'],
    ['the Kelvin sign', '\u212Ae@x.io', 'ke@x.io'],
    ['the Kelvin sign in the domain', 'ben@\u212A.io', 'ben@k.io'],
    ['dotted capital I', 'İ@x.io', 'i@x.io'],
    ['long s', 'ſam@x.io', 'sam@x.io'],
    ['lookalike letters', 'аda@x.io', 'ada@x.io'],
  ])('I-18 two addresses stay apart: %s', (_, one, other) => {
    expect(recipientKey({ email: one })).not.toBe(recipientKey({ email: other }));
    const actor = { userId: 'u', email: other, emailVerified: true };
    expect(refusedRecipient({ email: one }, actor)).not.toBeNull();
    expect(refusedRecipient({ email: other }, { ...actor, email: one })).not.toBeNull();
  });

  test('I-18 no character is compared as an ASCII letter, digit or sign, unless it is one', () => {
    const folding: string[] = [];
    for (let code = 0x80; code < 0x110000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const key = emailKey(`a${String.fromCodePoint(code)}b@x.io`);
      if (key !== null && /^[!-~]+$/.test(key)) folding.push(`U+${code.toString(16)}`);
    }
    expect(folding).toEqual([]);
  });

  test('I-18 the form of a form is itself', () => {
    const part = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(part, part, (local, domain) => {
        const key = emailKey(`${local}@${domain}.io`);
        return key === null || emailKey(key) === key;
      }),
      { numRuns: 2_000 },
    );
  });

  test('I-18 an address without such a form equals no proved one', () => {
    for (const email of ['ben@x.io;', 'none', 'ben@1.2.3.4', '']) {
      expect(emailKey(email)).toBeNull();
      expect(verifiedEmailKey({ userId: 'u', email, emailVerified: true })).toBeNull();
      const actor = { userId: 'u', email, emailVerified: true };
      expect(refusedRecipient({ email }, actor)).not.toBeNull();
    }
  });
});

describe('an address that is typed', () => {
  test.each([
    ...[
      'ben@x.io;',
      '<ben@x.io>',
      'mailto:ben@x.io',
      'ben@x.io.',
      'ben@x.io,',
      'Ben <ben@x.io>',
      '"ben"@x.io',
    ],
    ...[
      'ben@x.io>',
      '(ben)@x.io',
      'ben@[127.0.0.1]',
      'ben@127.0.0.1',
      'ben@x..io',
      'ben@-x.io',
      'ben@x_y.io',
    ],
    ...['ben@xn--zzzz-.io', 'ben@x.io/', 'ben@x.io?subject=hi', 'ben@x.io:25', '\u212Aen@x.io', 'ben@%41.io'],
    ...[
      '',
      'ada',
      '@',
      'ada@',
      '@example.org',
      'a b@example.org',
      'a@b@c',
      'a@b\u0000',
      'a\u200b@b',
      '\ud800@b',
    ],
    // 319 characters as typed, but more in lower case, which is the form that is stored for comparison
    `${'İ'.repeat(315)}@x.y`,
  ])('I-18 cannot be proved, so %j is refused', (email) => {
    expect(isTaken(email)).toBe(false);
  });

  test.each(['a@b', ' ada@example.org ', "o'brien+tag@example.org", 'ü@例え.jp', 'a..b.@docomo.example'])(
    'I-18 %j is taken, and trimmed',
    (email) => {
      expect(z.parse(recipientEmailSchema, email)).toBe(email.trim());
    },
  );

  test('I-18 is stored composed', () => {
    expect(z.parse(recipientEmailSchema, 'ju\u0308rgen@x.io')).toBe('jürgen@x.io');
  });

  test('the address of an actor may be any, so that an odd one stops no sign-in', () => {
    for (const email of ['"ben"@x.io', 'ben@127.0.0.1', '\u212Aen@x.io'])
      expect(z.safeParse(emailSchema, email).success).toBe(true);
  });
});
