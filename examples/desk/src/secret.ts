// The secret of the desk and the keys derived from it. It is not stored in the database, so a copy of that forges
// nothing.
import { hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

export interface Keys {
  /** Signs the session cookie. */
  readonly cookie: Uint8Array<ArrayBuffer>;
  /** Signs invitation and session tokens. */
  readonly tokens: Uint8Array<ArrayBuffer>;
}

const MIN_LENGTH = 32;

/**
 * Returns `DESK_SECRET`, or the content of the file, which the first start creates. Links and sign-ins survive a
 * restart.
 *
 * @throws Error with a message of one line
 */
export function readSecret(file: string, given: string | undefined): string {
  const secret = given || (fromFile(file) ?? newSecret(file));
  if (secret.length < MIN_LENGTH) {
    throw new Error(`${given ? 'DESK_SECRET' : file} must have at least ${MIN_LENGTH} characters`);
  }
  return secret;
}

/** One key for each purpose (HKDF, RFC 5869): a signature for one purpose does not verify for the other. */
export function keysOf(secret: string): Keys {
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', secret, '', `desk ${purpose}`, 32));
  return { cookie: derive('cookie'), tokens: derive('tokens') };
}

function newSecret(file: string): string {
  const secret = randomBytes(32).toString('base64url');
  try {
    // if two processes start at the same time, one creates the file
    writeFileSync(file, `${secret}\n`, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    return fromFile(file) ?? '';
  }
}

function fromFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
