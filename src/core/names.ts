// Names of workspaces and usernames: how they are stored, and how they are compared.
import * as z from 'zod/mini';

/** Longest name, username or display name, in Unicode code points. */
export const MAX_NAME_LENGTH = 100;

// Cc, Cf (with the bidirectional overrides and zero-width joiners), Cs (lone surrogates), line and paragraph separators, and
// every other code point that Unicode renders as nothing (variation selectors, Hangul fillers). In ids, addresses and URLs
// none of them has a purpose.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Longest compared form of a name, in UTF-16 units: it must fit a unique key of a database. Some characters take up to 18 units
 * in that form (U+FDFA), so 100 of them are too many.
 */
export const MAX_NAME_KEY_LENGTH = 4 * MAX_NAME_LENGTH;

/** Longest input of a name, in UTF-16 units: at most 4 per character of the normal form. */
const MAX_NAME_INPUT_LENGTH = 4 * MAX_NAME_LENGTH;

/** The first invisible or control character, as `U+202E`; `undefined` without one. */
export function hiddenCharacter(text: string): string | undefined {
  const found = HIDDEN.exec(text)?.[0];
  return found === undefined ? undefined : pointOf(found);
}

// What is invisible for a purpose (UTS 51, UTS 37, RFC 5892 appendix A): a sequence that may be part of a name.
const EMOJI = String.raw`\p{Extended_Pictographic}(?:[\u{FE0E}\u{FE0F}]|\p{Emoji_Modifier})?(?:[\u{E0020}-\u{E007E}]+\u{E007F})?`;
/** Letters and marks of the scripts in which a joiner changes how neighbours are written. */
const CURSIVE = ['Arabic', 'Syriac', 'Mandaic', 'Mongolian', 'Nko', 'Adlam', 'Hanifi_Rohingya', 'Sogdian'];
const BRAHMIC = [
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam'],
  ...['Sinhala', 'Thai', 'Lao', 'Tibetan', 'Myanmar', 'Khmer', 'Balinese', 'Javanese', 'Sundanese', 'Chakma'],
];
// Extensions: vowel marks that several scripts share belong to each of them.
const JOINABLE = [...CURSIVE, ...BRAHMIC]
  .map((script) => String.raw`\p{Script_Extensions=${script}}`)
  .join('');
const PURPOSEFUL = new RegExp(
  [
    String.raw`${EMOJI}(?:\u200D${EMOJI})*`,
    // Keycaps, such as 1 in a box.
    String.raw`[0-9#*]\uFE0F?\u20E3`,
    // Between letters of such a script, and after one: a joiner at the end of a word changes its last letter.
    String.raw`(?<=[${JOINABLE}])[\u200C\u200D](?![\u200C\u200D])`,
    // Variants of a character: ideographs, and letters of Mongolian and of Myanmar.
    String.raw`(?<=\p{Script=Han})[\uFE00-\uFE02\u{E0100}-\u{E01EF}]`,
    String.raw`(?<=\p{Script=Mongolian})[\u180B-\u180F]`,
    String.raw`(?<=\p{Script=Myanmar})\uFE00`,
  ].join('|'),
  'gu',
);

/** Code points without a meaning that everybody knows: noncharacters, and unassigned ones but future emoji. */
const MEANINGLESS = /(?!\p{Extended_Pictographic})\p{Cn}/u;
/** White space, and the braille pattern without dots. */
const BLANK = /^[\s\u2800]*$/u;

/** The first character of a name that nobody would see, as `U+202E`; `undefined` if there is none. */
function unseenCharacter(name: string): string | undefined {
  const rest = name.replace(PURPOSEFUL, '');
  const [found] = HIDDEN.exec(rest) ?? MEANINGLESS.exec(rest) ?? [];
  return found === undefined ? undefined : pointOf(found);
}

function pointOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * A name from an identity provider as it can be stored and shown: without hidden characters, control characters as spaces,
 * at most {@link MAX_NAME_LENGTH} characters. `null` if nothing is left.
 */
export function cleanName(text: string): string | null {
  // Do not normalize a 10 MB string.
  let name = normalName(text.slice(0, MAX_NAME_INPUT_LENGTH).replace(/\p{Cc}+/gu, ' '));
  for (;;) {
    const seen = shownPart(name);
    if (seen === '' || BLANK.test(seen)) return null;
    const characters = [...seen];
    const isShort = characters.length <= MAX_NAME_LENGTH && foldedName(seen).length <= MAX_NAME_KEY_LENGTH;
    if (isShort && seen === name) return name;
    name = normalName(
      isShort ? seen : characters.slice(0, Math.min(MAX_NAME_LENGTH, characters.length - 1)).join(''),
    );
  }
}

/** Without the characters that nobody would see. */
function shownPart(name: string): string {
  let shown = '';
  let from = 0;
  for (const match of name.matchAll(PURPOSEFUL)) {
    shown += withoutUnseen(name.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return normalName(shown + withoutUnseen(name.slice(from)));
}

function withoutUnseen(text: string): string {
  return [...text].filter((character) => !HIDDEN.test(character) && !MEANINGLESS.test(character)).join('');
}

/** Rejects strings with a hidden character, without naming it. */
export const visible = z.refine<string>(
  (text) => hiddenCharacter(text) === undefined,
  'has a hidden or malformed character',
);

/** A name as it is stored and shown: trimmed, NFC. */
export function normalName(text: string): string {
  return text.trim().normalize('NFC');
}

/**
 * The form in which usernames and names of workspaces are compared: NFKC, white space collapsed, case folded, without
 * joiners, variation selectors and other invisible characters. Two names with the same key are duplicates: the second is
 * `USERNAME_TAKEN` or `NAME_TAKEN`. Use it for a unique column of your own that has to distinguish the same names. The key of
 * a stored name has at most 400 UTF-16 units; compare it byte by byte, because a collation would fold it again. Do not show
 * it.
 *
 * Takes at most 400 UTF-16 units, which no valid name exceeds: the normalization of long strings takes seconds. Check names of
 * requests before, for example by the schema of `openAccount` in `commandSchemas`.
 *
 * @throws TypeError for a longer string
 *
 * @example
 * ```ts
 * import { nameKey } from 'tenantry';
 *
 * nameKey(' Core  Team'); // 'core team'
 * nameKey('STRASSE') === nameKey('Straße'); // true
 * nameKey('e') === nameKey('é'); // false
 * ```
 */
export function nameKey(name: string): string {
  if (name.length > MAX_NAME_INPUT_LENGTH) {
    throw new TypeError(`nameKey: a name has at most ${MAX_NAME_INPUT_LENGTH} UTF-16 units`);
  }
  return foldedName(name);
}

function foldedName(name: string): string {
  // Lower case alone distinguishes ß and ss; upper case maps both to SS, and lower case before it maps ẞ to ß.
  const folded = name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  // Two names that only differ in what nobody sees are one name (NFKC_Casefold, UAX 44).
  const seen = folded.replace(/\p{Default_Ignorable_Code_Point}+/gu, '');
  return (seen === folded ? folded : seen.normalize('NFKC')).trim().replace(/\s+/gu, ' ');
}

export const nameSchema = z.string().check(
  // Do not normalize a 10 MB string.
  z.maxLength(MAX_NAME_INPUT_LENGTH, { abort: true }),
  z.overwrite(normalName),
  z.minLength(1),
  z.refine((name) => [...name].length <= MAX_NAME_LENGTH, `must have at most ${MAX_NAME_LENGTH} characters`),
  z.refine(
    // A short name always fits: 22 times 18 is less.
    // Normalized, a name that is too long can exceed what `nameKey` takes.
    (name) => name.length <= 22 || foldedName(name).length <= MAX_NAME_KEY_LENGTH,
    'is too long in the form in which names are compared (NFKC)',
  ),
  z.refine((name) => unseenCharacter(name) === undefined, {
    error: (issue) => `has the hidden character ${unseenCharacter(String(issue.input)) ?? ''}`,
  }),
  z.refine((name) => name === '' || !BLANK.test(name), 'must have a visible character'),
);

/** A name that an identity provider sends: cleaned, so that no name stops a sign-in. */
export const providedNameSchema = z.pipe(z.string(), z.transform(cleanName));
