// Names that users type: the stored form, the compared form, and characters that are invisible.
import fc from 'fast-check';
import * as z from 'zod/mini';
import { describe, expect, test } from 'vitest';
import {
  cleanName,
  hiddenCharacter,
  MAX_NAME_KEY_LENGTH,
  MAX_NAME_LENGTH,
  nameKey,
  nameSchema,
  normalName,
} from '../../src/core/names.js';

const accepts = (name: string): boolean => z.safeParse(nameSchema, name).success;
const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('the compared form of a name', () => {
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
  ])('W-02 A-03 two spellings are one name: %s', (_, one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
  });

  test.each([
    ['Core', 'Cores'],
    ['e', 'é'],
    ['Core Team', 'CoreTeam'],
    ['core-team', 'core_team'],
    ['о', 'o'],
    ['1', 'l'],
  ])('W-02 A-03 %j and %j are different names', (one, other) => {
    expect(nameKey(one)).not.toBe(nameKey(other));
  });

  test('W-02 A-03 every spelling of a cased or composed character gives the same key', () => {
    const apart: string[] = [];
    // Planes 0 and 1 contain every character with case (Unicode, DerivedCoreProperties, Cased).
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

  test('W-02 A-03 the key function is idempotent, and gives a stored name the key of the typed name', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const key = nameKey(text);
        return nameKey(key) === key && nameKey(normalName(text)) === key;
      }),
      { numRuns: 2_000 },
    );
  });

  test('W-02 A-03 the key function takes every string that the schema takes, and throws for longer ones', () => {
    const longest = `${' '.repeat(200)}${'😀'.repeat(MAX_NAME_LENGTH)}`;
    expect(longest).toHaveLength(400);
    expect(accepts(longest)).toBe(true);
    expect(nameKey(longest)).toBe('😀'.repeat(MAX_NAME_LENGTH));
    for (const text of [` ${longest}`, 'x'.repeat(401), `a${'\u0301\u0316'.repeat(31_000)}`]) {
      expect(() => nameKey(text)).toThrow(TypeError);
      expect(() => nameKey(text)).toThrow('nameKey: a name has at most 400 UTF-16 units');
    }
  });

  test('W-02 the schema rejects a name that exceeds 400 units only in its normal form', () => {
    const name = '\u0958'.repeat(400); // NFC splits each into two
    expect([name.length, normalName(name).length, accepts(name)]).toEqual([400, 800, false]);
  });
});

describe('the stored form of a name', () => {
  test('W-02 a stored name is trimmed and in NFC, and normalizing it again changes nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = normalName(text);
        return normalName(name) === name && name === name.trim() && name === name.normalize('NFC');
      }),
      { numRuns: 2_000 },
    );
  });

  test('W-02 the schema takes exactly the names that cleaning does not change, in the stored form', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = z.safeParse(nameSchema, text);
        const cleaned = cleanName(text);
        return parsed.success
          ? parsed.data === normalName(text) && cleaned === parsed.data
          : cleaned !== normalName(text);
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
    ['100 characters that decompose into four units each', '\u1fa7'.normalize('NFD').repeat(100), true],
    ['100 characters that NFC splits into two each', '\u0958'.repeat(100), false],
    ['100 characters between spaces', `  ${'x'.repeat(100)}  `, true],
    ['no characters', '', false],
    ['only spaces', '   ', false],
    ['10 MB', 'x'.repeat(10 * 1024 * 1024), false],
  ])('W-02 a name has 1 to 100 characters as a reader counts them: %s', (_, name, accepted) => {
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

  test.each(ranges)('W-02 finds and names every hidden character: %s', (_, first, last) => {
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
  ])('W-02 finds no hidden character in %j', (name) => {
    expect(hiddenCharacter(name)).toBeUndefined();
    expect(accepts(name)).toBe(true);
  });

  test('W-02 rejects a name whose compared form is longer than a unique key can hold, exact to the unit', () => {
    const long = '\ufdfa'; // 18 characters in NFKC
    expect(nameKey(long)).toHaveLength(18);
    const most = `${long.repeat(22)}abcd`;
    expect(nameKey(most)).toHaveLength(MAX_NAME_KEY_LENGTH);
    expect([accepts(most), accepts(`${most}e`), accepts(long.repeat(MAX_NAME_LENGTH))]).toEqual([
      true,
      false,
      false,
    ]);
    // No single character has a longer key, so a short name needs no check.
    const lengths = Array.from({ length: 0x110000 }, (_, point) =>
      point >= 0xd800 && point < 0xe000 ? 0 : nameKey(String.fromCodePoint(point)).length,
    );
    expect(lengths.reduce((most, length) => Math.max(most, length))).toBe(18);
  });

  test('W-02 a surrogate pair is one character; in the wrong order it is two invalid ones', () => {
    expect(hiddenCharacter('\ud83d\ude00')).toBeUndefined();
    expect(hiddenCharacter('\ude00\ud83d')).toBe('U+DE00');
    expect(hiddenCharacter('a\ud83d')).toBe('U+D83D');
  });
});

describe('characters that a script or an emoji needs', () => {
  test.each([
    ['a red heart', 'Sara ❤️', 'sara ❤'],
    ['a gear', '⚙️ Ops', '⚙ ops'],
    ['a text heart', '❤\uFE0E', '❤'],
    ['the rainbow flag', '🏳️‍🌈', '🏳🌈'],
    ['a family with skin tones', '👩🏽‍👩🏿‍👧', '👩🏽👩🏿👧'],
    ['the flag of England', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴'],
    ['a keycap', '1️⃣ team', '1⃣ team'],
    ['Persian', 'علی‌رضا', 'علیرضا'],
    ['Persian with vowel marks', 'عَلی\u064E\u200Cرضا', 'عَلی\u064Eرضا'],
    ['Sinhala', 'ශ්‍රී ලංකා', 'ශ්රී ලංකා'],
    ['Marathi', 'कर्‍हाड', 'कर्हाड'],
    ['Bengali', 'র‍্যাব', 'র্যাব'],
    ['Malayalam', 'അവന്‍', 'അവന്'],
    ['a variant of an ideograph', '葛\u{E0100}城', '葛城'],
    ['a variant of a Mongolian letter', 'ᠠ\u180Bᠠ', 'ᠠᠠ'],
    ['an emoji of a later Unicode', 'x \u{1FAFF}', 'x \u{1FAFF}'],
  ])('W-02 A-07 are kept in what is shown and left out of what is compared: %s', (_, name, key) => {
    expect(z.parse(nameSchema, name)).toBe(name);
    expect(cleanName(name)).toBe(name);
    expect(nameKey(name)).toBe(key);
    expect(nameKey(key)).toBe(key);
  });

  test.each([
    ['between Latin letters', 'a\u200Db', 'ab', 'U+200D'],
    ['after an emoji without a second one', '😀\u200D', '😀', 'U+200D'],
    ['twice', 'علی\u200C\u200Cرضا', 'علیرضا', 'U+200C'],
    ['before the first letter', '\u200Cرضا', 'رضا', 'U+200C'],
    ['a variation selector of a letter', 'a\uFE0F', 'a', 'U+FE0F'],
    ['a variant of a Latin letter', 'a\u{E0100}', 'a', 'U+E0100'],
    ['a tag without a flag', 'a\u{E0067}\u{E007F}', 'a', 'U+E0067'],
    ['an override', 'a\u202Eb', 'ab', 'U+202E'],
    ['a noncharacter', 'a\uFDD0b', 'ab', 'U+FDD0'],
    ['a noncharacter of another plane', 'a\u{1FFFF}', 'a', 'U+1FFFF'],
    ['an unassigned code point', 'a\u0378', 'a', 'U+0378'],
    ['a lone surrogate', 'a\uD800', 'a', 'U+D800'],
  ])('W-02 A-07 are refused without their purpose, and cleaned away: %s', (_, name, cleaned, named) => {
    const { error } = z.safeParse(nameSchema, name);
    expect(error?.issues.map(({ message }) => message)).toEqual([`has the hidden character ${named}`]);
    expect(cleanName(name)).toBe(cleaned);
  });

  test('W-02 a name has a visible character', () => {
    for (const blank of ['\u2800', ' \u2800\u2800 ', '\u2800\u3000\u2800']) {
      expect(accepts(blank)).toBe(false);
      expect(cleanName(blank)).toBeNull();
    }
    expect(accepts('⠓⠊\u2800⠞')).toBe(true);
  });
});

describe('a name from an identity provider', () => {
  test.each([
    ['control characters are spaces', ' Ada\tLovelace\r\n', 'Ada Lovelace'],
    ['overrides go', '\u202EAda\u202C', 'Ada'],
    ['nothing is left', '\u200B\u00AD', null],
    ['empty', '', null],
    ['too long', 'x'.repeat(1_000_000), 'x'.repeat(100)],
    ['too long to compare', '\uFDFA'.repeat(100), '\uFDFA'.repeat(22)],
    ['a joiner that loses its second half', `${'x'.repeat(98)}👩\u200D👩`, `${'x'.repeat(98)}👩`],
  ])('A-07 %s', (_, text, cleaned) => {
    expect(cleanName(text)).toBe(cleaned);
  });

  test('A-07 every cleaned name is a valid one, and cleaning it again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const cleaned = cleanName(text);
        return cleaned === null || (accepts(cleaned) && cleanName(cleaned) === cleaned);
      }),
      { numRuns: 2_000 },
    );
  });
});
