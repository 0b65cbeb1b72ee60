// E-mail addresses: how they are compared, and which can be invited.
import * as z from 'zod/mini';
import { visible } from './names.js';
import { urlOf } from './values.js';

/** RFC 5321: 64 octets before the @, 255 behind it. In UTF-16 units, here. */
const MAX_EMAIL_LENGTH = 320;

/**
 * An e-mail address as it is compared: NFC, lower case, the domain as A-labels (RFC 5890, as mail servers and identity
 * providers send it). Dots and plus tags are kept. `null` if it has no such form: then it equals no address.
 */
export function emailKey(email: string): string | null {
  const address = email.trim().normalize('NFC');
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  if (at < 1 || NOT_LOCAL.test(local) || foldsToAscii(email)) return null;
  const domain = asciiDomain(address.slice(at + 1).toLowerCase());
  // Lower case may decompose: İ becomes i and a dot above.
  return domain === null ? null : `${local.toLowerCase().normalize('NFC')}@${domain}`;
}

/** What stands between an address and its list, name or scheme (RFC 5322), and white space. */
const NOT_LOCAL = /[\s"(),:;<>@[\\\]]/u;

/** Labels of letters, digits and inner hyphens (RFC 1035). */
const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*$/;
const ADDRESS_OF_A_COMPUTER = /(?:^|\.)(?:\d+|0x[\da-f]*)$/;
const NEEDS_NO_MAPPING = /^(?!.*(?:^|\.)xn--)[-.a-z0-9]*$/;

/** The domain in ASCII, `null` if it is none. The parser of URLs knows IDNA (UTS 46). */
function asciiDomain(domain: string): string | null {
  if (/[^\p{L}\p{M}\p{N}\-.。．｡]/u.test(domain)) return null;
  const ascii = NEEDS_NO_MAPPING.test(domain) ? domain : urlOf(`http://${domain}`)?.hostname;
  return ascii !== undefined && DOMAIN.test(ascii) && !ADDRESS_OF_A_COMPUTER.test(ascii) ? ascii : null;
}

/** Whether another character than an ASCII letter would be compared as one, as the Kelvin sign as k. */
function foldsToAscii(email: string): boolean {
  for (const character of email) {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0x7f && ASCII_ONLY.test(character.normalize('NFC').toLowerCase())) return true;
  }
  return false;
}

const ASCII_ONLY = /^[!-~]+$/;

const FORM = /^[^\s@]+@[^\s@]+$/u;

/** The address of a user, as your app knows it: not one that is compared, unless it has an `emailKey`. */
export const emailSchema = z.string().check(
  z.maxLength(MAX_EMAIL_LENGTH, { abort: true }),
  z.overwrite((email) => email.trim()),
  z.regex(FORM, 'must be an e-mail address'),
  visible,
  // Addresses are stored and compared in lower case, in which İ takes two units, and with the domain in ASCII.
  z.refine(
    (email) => (emailKey(email) ?? email.toLowerCase()).length <= MAX_EMAIL_LENGTH,
    `must be at most ${MAX_EMAIL_LENGTH} characters long`,
  ),
);

/** The address of a recipient: one that a user can prove. */
export const recipientEmailSchema = emailSchema.check(
  z.refine(
    // Without the form, the message above says enough.
    (email) => emailKey(email) !== null || !FORM.test(email),
    'must be an e-mail address alone, as ben@example.com: without name, brackets, scheme or punctuation around it',
  ),
  z.overwrite((email) => email.normalize('NFC')),
);
