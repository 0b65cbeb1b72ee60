// The one secret of the desk, and the keys made of it. It never stands in the database: who copies that forges nothing.
import { hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

export interface Keys {
  /** Signs the cookie that says who is signed in. */
  readonly cookie: Uint8Array<ArrayBuffer>;
  /** Signs invitation and session tokens. */
  readonly tokens: Uint8Array<ArrayBuffer>;
}

const MIN_LENGTH = 32;

/**
 * `DESK_SECRET`, or what the file has; at the first start, the file is made. So links and sign-ins survive a restart.
 *
 * @throws Error in one line
 */
export function readSecret(file: string, given: string | undefined): string {
  const secret = given || (fromFile(file) ?? newSecret(file));
  if (secret.length < MIN_LENGTH) {
    throw new Error(`${given ? 'DESK_SECRET' : file} must have at least ${MIN_LENGTH} characters`);
  }
  return secret;
}

/** A key for each purpose (HKDF, RFC 5869): what one signs, the other does not verify. */
export function keysOf(secret: string): Keys {
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', secret, '', `desk ${purpose}`, 32));
  return { cookie: derive('cookie'), tokens: derive('tokens') };
}

function newSecret(file: string): string {
  const secret = randomBytes(32).toString('base64url');
  try {
    // of two that start at once, one makes it
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
