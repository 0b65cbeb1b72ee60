// What people type: the form it is kept in, the form it is compared in, and what nobody could see.
import fc from 'fast-check';
import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import {
  emailKey,
  emailSchema,
  hiddenCharacter,
  MAX_NAME_KEY_LENGTH,
  MAX_NAME_LENGTH,
  nameKey,
  nameSchema,
  normalName,
} from '../../src/domain/names.js';

const accepts = (name: string): boolean => z.safeParse(nameSchema, name).success;
const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('the form that names are compared in', () => {
  test.each([
    ['case', 'Core', 'cORE'],
    ['full width', 'Core', 'Ｃｏｒｅ'],
    ['ligatures', 'office', 'oﬃce'],
    ['compatibility forms', 'x2', 'x²'],
    ['mathematical letters', 'core', '𝐜𝐨𝐫𝐞'],
    ['sharp s', 'Straße', 'STRASSE'],
    ['capital sharp s', 'STRAẞE', 'Strasse'],
    ['sigma at the end of a word', 'ὈΔΥΣΣΕΎΣ', 'ὀδυσσεύς'],
    ['iota subscript', 'ᾳ', 'ΑΙ'],
    ['Cherokee, which folds to upper case', 'Ꭰ', 'ꭰ'],
    ['long s', 'ſam', 'SAM'],
    ['Kelvin sign', '\u212a', 'k'],
    ['composed and decomposed', 'ren\u00e9', 'RENE\u0301'],
    ['white space', 'Core Team', ' core \u3000 team '],
    ['no-break space', 'Core\u00a0Team', 'Core Team'],
  ])('W-02 A-03 is one for both: %s', (_, one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
  });

  test.each([
    ['Core', 'Cores'],
    ['e', 'é'],
    ['Core Team', 'CoreTeam'],
    ['core-team', 'core_team'],
    ['о', 'o'],
    ['1', 'l'],
  ])('W-02 A-03 tells %j from %j', (one, other) => {
    expect(nameKey(one)).not.toBe(nameKey(other));
  });

  test('W-02 A-03 no spelling of a cased or composed character escapes it', () => {
    const apart: string[] = [];
    // Planes 0 and 1 hold every character with case (Unicode, DerivedCoreProperties, Cased).
    for (let code = 0; code < 0x20000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const character = String.fromCodePoint(code);
      const key = nameKey(`a${character}a`);
      const spellings = [
        character.toLowerCase(),
        character.toUpperCase(),
        character.normalize('NFC'),
        character.normalize('NFD'),
        character.normalize('NFKC'),
      ];
      const folded = spellings.every(
        (spelling) => spelling === character || nameKey(`a${spelling}a`) === key,
      );
      if (!folded || nameKey(key) !== key) apart.push(`U+${code.toString(16)}`);
    }
    expect(apart).toEqual([]);
  });

  test('W-02 A-03 the key of a key is the key, and a stored name has the key of what was typed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const key = nameKey(text);
        return nameKey(key) === key && nameKey(normalName(text)) === key;
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the form that names are kept in', () => {
  test('W-02 it is trimmed and NFC, and stays what it is when it is kept again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = normalName(text);
        return normalName(name) === name && name === name.trim() && name === name.normalize('NFC');
      }),
      { numRuns: 2_000 },
    );
  });

  test('W-02 the schema gives out that form, and refuses anything else that it is not given as', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = z.safeParse(nameSchema, text);
        if (parsed.success)
          return parsed.data === normalName(text) && hiddenCharacter(parsed.data) === undefined;
        const name = normalName(text);
        return name === '' || hiddenCharacter(name) !== undefined || [...name].length > MAX_NAME_LENGTH;
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['one character', 'x', true],
    ['100 characters', 'x'.repeat(100), true],
    ['101 characters', 'x'.repeat(101), false],
    ['100 characters of two units', '😀'.repeat(100), true],
    ['101 characters of two units', '😀'.repeat(101), false],
    ['100 characters, decomposed to four each', '\u1fa7'.normalize('NFD').repeat(100), true],
    ['100 that NFC makes two of each', '\u0958'.repeat(100), false],
    ['100 between spaces', `  ${'x'.repeat(100)}  `, true],
    ['none', '', false],
    ['spaces', '   ', false],
    ['10 MB', 'x'.repeat(10 * 1024 * 1024), false],
  ])('W-02 1 to 100 characters as a person counts them: %s', (_, name, accepted) => {
    expect(accepts(name)).toBe(accepted);
  });
});

describe('hidden characters', () => {
  const ranges: readonly (readonly [string, number, number])[] = [
    ['C0 controls', 0x00, 0x1f],
    ['DEL and C1 controls', 0x7f, 0x9f],
    ['soft hyphen', 0xad, 0xad],
    ['combining grapheme joiner', 0x34f, 0x34f],
    ['Arabic letter mark', 0x61c, 0x61c],
    ['Hangul fillers', 0x115f, 0x1160],
    ['Mongolian variation selectors', 0x180b, 0x180f],
    ['zero-width space, joiners and marks', 0x200b, 0x200f],
    ['line and paragraph separators, embeddings and overrides', 0x2028, 0x202e],
    ['word joiner and invisible operators', 0x2060, 0x2064],
    ['isolates', 0x2066, 0x206f],
    ['Hangul filler', 0x3164, 0x3164],
    ['surrogates', 0xd800, 0xdfff],
    ['variation selectors', 0xfe00, 0xfe0f],
    ['byte order mark', 0xfeff, 0xfeff],
    ['half-width Hangul filler', 0xffa0, 0xffa0],
    ['musical format controls', 0x1d173, 0x1d17a],
    ['tags', 0xe0000, 0xe007f],
    ['variation selectors supplement', 0xe0100, 0xe01ef],
  ];

  test.each(ranges)('W-02 every one is found and named: %s', (_, first, last) => {
    for (let code = first; code <= last; code++) {
      const named = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      expect(hiddenCharacter(`a${String.fromCodePoint(code)}b`)).toBe(named);
      expect(accepts(`a${String.fromCodePoint(code)}b`)).toBe(false);
    }
  });

  test.each([
    'Core',
    'é',
    'e\u0301',
    'مرحبا',
    'שלום',
    'हिन्दी',
    '日本語',
    '한국어',
    '😀',
    'a\u3000b',
    "O'Brien; --",
  ])('W-02 %j has none', (name) => {
    expect(hiddenCharacter(name)).toBeUndefined();
    expect(accepts(name)).toBe(true);
  });

  test('W-02 a name whose compared form is longer than a unique key may hold is refused, to the unit', () => {
    const long = '\ufdfa'; // 18 characters in NFKC
    expect(nameKey(long)).toHaveLength(18);
    const most = `${long.repeat(22)}abcd`;
    expect(nameKey(most)).toHaveLength(MAX_NAME_KEY_LENGTH);
    expect([accepts(most), accepts(`${most}e`), accepts(long.repeat(MAX_NAME_LENGTH))]).toEqual([
      true,
      false,
      false,
    ]);
    // No character alone is longer, or a short name would not need a look.
    const lengths = Array.from({ length: 0x110000 }, (_, point) =>
      point >= 0xd800 && point < 0xe000 ? 0 : nameKey(String.fromCodePoint(point)).length,
    );
    expect(lengths.reduce((most, length) => Math.max(most, length))).toBe(18);
  });

  test('W-02 a pair of surrogates is a character, in the wrong order it is two that are none', () => {
    expect(hiddenCharacter('\ud83d\ude00')).toBeUndefined();
    expect(hiddenCharacter('\ude00\ud83d')).toBe('U+DE00');
    expect(hiddenCharacter('a\ud83d')).toBe('U+D83D');
  });
});

describe('e-mail addresses', () => {
  test('are compared trimmed and in lower case, dots and plus tags kept', () => {
    expect(emailKey(' Ada.L+x@Example.ORG ')).toBe('ada.l+x@example.org');
    expect(emailKey('ada.l@example.org')).not.toBe(emailKey('adal@example.org'));
    expect(emailKey('ada+x@example.org')).not.toBe(emailKey('ada@example.org'));
  });

  test.each([
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
    // 319 characters, and more of them in lower case, which is what is stored to be compared
    `${'İ'.repeat(315)}@x.y`,
  ])('%j is none', (email) => {
    expect(z.safeParse(emailSchema, email).success).toBe(false);
  });

  test.each(['a@b', ' ada@example.org ', "o'brien+tag@example.org", 'ü@例え.jp'])(
    '%j is one, kept trimmed',
    (email) => {
      expect(z.parse(emailSchema, email)).toBe(email.trim());
    },
  );
});
