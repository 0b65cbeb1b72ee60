// What people type: names of workspaces, usernames, e-mail addresses; their normal form, and the form they are compared in.
import * as z from 'zod/mini';

/** Longest name, username or display name, in Unicode code points. */
export const MAX_NAME_LENGTH = 100;

/** RFC 5321: 64 octets before the @, 255 behind it. In UTF-16 units, here. */
const MAX_EMAIL_LENGTH = 320;

// Cc, Cf (with the bidirectional overrides and zero-width joiners), Cs (lone surrogates), line and paragraph
// separators, and every other code point that Unicode renders as nothing (variation selectors, Hangul fillers).
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Longest form in which a name is compared, in UTF-16 units: a unique key of a database holds that much. Some characters
 * are up to 18 in that form (U+FDFA), so 100 of them are too many.
 */
export const MAX_NAME_KEY_LENGTH = 4 * MAX_NAME_LENGTH;

/** The first character that a person could not see, as `U+202E`; `undefined` when there is none. */
export function hiddenCharacter(text: string): string | undefined {
  const found = HIDDEN.exec(text)?.[0].codePointAt(0);
  return found === undefined ? undefined : `U+${found.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The form in which a name is stored and shown: trimmed, NFC. */
export function normalName(text: string): string {
  return text.trim().normalize('NFC');
}

/**
 * The form in which usernames and names of workspaces are compared: NFKC, white space collapsed, case folded. Two names
 * with one key are one name: the second is `USERNAME_TAKEN` or `NAME_TAKEN`. For a unique column of the host's own that
 * stands beside ours, so that both tell the same names apart. The key of a name that was taken has at most 400 UTF-16
 * units; compare it byte by byte, for a collation would fold it again. It is no name to show.
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
  // Lower case alone keeps ß apart from ss; upper case in between makes both SS, and its own lower case first makes ẞ an ß.
  const folded = name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase();
  return folded.normalize('NFKC').trim().replace(/\s+/gu, ' ');
}

/** The form in which two e-mail addresses are compared: trimmed, lower case. Dots and plus tags stay. */
export function emailKey(email: string): string {
  return email.trim().toLowerCase();
}

export const nameSchema = z.string().check(
  // At most 4 units for one character of the normal form: keeps 10 MB away from normalize().
  z.maxLength(4 * MAX_NAME_LENGTH, { abort: true }),
  z.overwrite(normalName),
  z.minLength(1),
  z.refine(
    (name) => [...name].length <= MAX_NAME_LENGTH,
    `must have at most ${String(MAX_NAME_LENGTH)} characters`,
  ),
  z.refine(
    // A short name needs no look: 22 times 18 is less.
    (name) => name.length <= 22 || nameKey(name).length <= MAX_NAME_KEY_LENGTH,
    `must have at most ${String(MAX_NAME_KEY_LENGTH)} UTF-16 units in the form in which names are compared (NFKC)`,
  ),
  z.refine((name) => hiddenCharacter(name) === undefined, {
    error: (issue) => `has the invisible or control character ${hiddenCharacter(String(issue.input)) ?? ''}`,
  }),
);

export const emailSchema = z.string().check(
  z.maxLength(MAX_EMAIL_LENGTH, { abort: true }),
  z.overwrite((email) => email.trim()),
  z.regex(/^[^\s@]+@[^\s@]+$/u, 'must be an e-mail address'),
  z.refine(
    (email) => hiddenCharacter(email) === undefined,
    'has a control, invisible or malformed character',
  ),
  // İ is two units in lower case, which is how addresses are compared and stored.
  z.refine(
    (email) => emailKey(email).length <= MAX_EMAIL_LENGTH,
    `must be at most ${MAX_EMAIL_LENGTH} characters long`,
  ),
);
