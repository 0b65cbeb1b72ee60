// Tokens that nobody issued: signed with whatever key, header and claims a test asks for.
import { createHmac } from 'node:crypto';
import { CompactSign, base64url, decodeJwt, decodeProtectedHeader, type CryptoKey } from 'jose';
import { testTokens } from '../../src/testing/index.js';

/** The secret that the services under test sign with. */
export const testSecret = secretOfTests();

export interface Forgery {
  /** Laid over the header of an invitation token; `undefined` takes a name away. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** @default {@link testSecret} */
  readonly key?: CryptoKey | Uint8Array;
}

/** A token with a good signature over these claims; a string is signed as it is. */
export function forge(claims: unknown, { header = {}, key = testSecret }: Forgery = {}): Promise<string> {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims);
  const critical = Array.isArray(header['crit'])
    ? header['crit'].map((name: unknown): [string, boolean] => [String(name), false])
    : [];
  return new CompactSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'HS256', kid: 'test', typ: 'invitation+jwt', ...header })
    .sign(key, { crit: Object.fromEntries(critical) });
}

/** Signed over header and claims that are text, so that they may be what no object holds. */
export function forgeText(header: string, claims: string | Uint8Array): string {
  const signed = `${base64url.encode(header)}.${base64url.encode(claims)}`;
  return `${signed}.${createHmac('sha256', testSecret).update(signed).digest('base64url')}`;
}

/** Header and claims without a signature, as `alg: none` has it. */
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
    throw new Error('no compact token');
  return [header, claims, signature];
}

function secretOfTests(): Uint8Array {
  const [key] = testTokens.keys;
  if (key?.alg !== 'HS256' || typeof key.secret !== 'string') throw new Error('the tests sign with HS256');
  return new TextEncoder().encode(key.secret);
}
