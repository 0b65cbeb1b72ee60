// Forged tokens: signed with any key, header and claims.
import { createHmac } from 'node:crypto';
import { CompactSign, base64url, decodeJwt, decodeProtectedHeader, type CryptoKey } from 'jose';
import { testTokens } from '../../src/testing/index.js';

/** The secret of the services under test. */
export const testSecret = secretOfTests();

export interface Forgery {
  /** Merged into the header of an invitation token; `undefined` removes a parameter. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** @default {@link testSecret} */
  readonly key?: CryptoKey | Uint8Array;
}

/** A token with a valid signature over these claims; a string is signed unchanged. */
export function forge(claims: unknown, { header = {}, key = testSecret }: Forgery = {}): Promise<string> {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims);
  const critical = Array.isArray(header['crit'])
    ? header['crit'].map((name: unknown): [string, boolean] => [String(name), false])
    : [];
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'HS256', kid: 'test', typ: 'invitation+jwt', ...header })
    .sign(key, { crit: Object.fromEntries(critical) });
}

/** Signs header and claims given as strings, so that they may be malformed JSON. */
export function forgeText(header: string, claims: string | Uint8Array): string {
  const signed = `${base64url.encode(header)}.${base64url.encode(claims)}`;
  return `${signed}.${createHmac('sha256', testSecret).update(signed).digest('base64url')}`;
}

/** Header and claims without a valid signature, as with `alg: none`. */
export function unsigned(header: unknown, claims: unknown, signature = ''): string {
  return `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claims))}.${signature}`;
}

export function claimsOf(token: string): Record<string, unknown> {
  return { ...decodeJwt(token) };
}

export function headerOf(token: string): Record<string, unknown> {
  return { ...decodeProtectedHeader(token) };
}

/** The three segments of a compact token. */
export function segmentsOf(token: string): readonly [header: string, claims: string, signature: string] {
  const [header, claims, signature] = token.split('.');
  if (header === undefined || claims === undefined || signature === undefined)
    throw new Error('not a compact token');
  return [header, claims, signature];
}

function secretOfTests(): Uint8Array {
  const [key] = testTokens.keys;
  if (key?.alg !== 'HS256' || typeof key.secret !== 'string') throw new Error('the tests sign with HS256');
  return new TextEncoder().encode(key.secret);
}
