// The keys that sign and verify tokens. The first key signs, all keys verify; the key fixes the algorithm, not the header.
// Not `jose` as a whole: bundlers would report its compression, which uses an API that edge runtimes lack.
import type { CryptoKey, JWK, JWTHeaderParameters } from 'jose';
import * as base64url from 'jose/base64url';
import { JWTExpired } from 'jose/errors';
import { SignJWT } from 'jose/jwt/sign';
import { jwtVerify } from 'jose/jwt/verify';
import { exportJWK } from 'jose/key/export';
import { importJWK } from 'jose/key/import';
import { isObject, required } from '../core/values.js';

/** One half of an asymmetric key: a Web Crypto key or a JSON Web Key (RFC 7517). */
export type KeyMaterial = CryptoKey | JWK;

/**
 * A key of the ring, identified by its `kid`. Import PEM with `importPKCS8` and `importSPKI` of `jose`.
 *
 * @example
 * ```ts
 * import { exportPKCS8, generateKeyPair, importPKCS8 } from 'jose';
 * import type { TokenKey } from 'tenantry';
 *
 * const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
 * const pem = await exportPKCS8(privateKey); // in production, read it from your secret store
 *
 * const key: TokenKey = {
 *   kid: '2026-08',
 *   alg: 'EdDSA',
 *   privateKey: await importPKCS8(pem, 'EdDSA', { extractable: true }),
 * };
 * ```
 */
export type TokenKey =
  | {
      readonly kid: string;
      readonly alg: 'HS256';
      /** At least 32 bytes, the output size of the hash (RFC 7518 3.2). A string is encoded as UTF-8. */
      readonly secret: string | Uint8Array;
    }
  | {
      readonly kid: string;
      readonly alg: 'EdDSA' | 'ES256';
      /** Signs while its key is the first of the ring. */
      readonly privateKey: KeyMaterial;
      /**
       * Required if `privateKey` is a `CryptoKey` that is not extractable.
       * @default the public half of `privateKey`
       */
      readonly publicKey?: KeyMaterial;
    }
  | {
      readonly kid: string;
      readonly alg: 'EdDSA' | 'ES256';
      readonly privateKey?: never;
      /** Verifies what the key signed while it was the first. Private members of a JWK are ignored. */
      readonly publicKey: KeyMaterial;
    };

/** The content of a token with a valid signature. Expiry is reported, not rejected: the record may say more. */
export interface Verified {
  readonly claims: unknown;
  readonly expired: boolean;
}

export interface KeyRing {
  sign(typ: string, claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** `null` for a token that this ring did not sign for this type, issuer and audience. `now` in milliseconds since the epoch. */
  verify(
    token: string,
    expected: {
      readonly typ: string;
      readonly issuer: string;
      readonly audience: string;
      readonly now: number;
    },
  ): Promise<Verified | null>;
}

interface ImportedKey {
  readonly kid: string;
  readonly alg: string;
  readonly signing: CryptoKey | Uint8Array | null;
  readonly verifying: CryptoKey;
}

const MIN_SECRET_BYTES = 32;
const HEADER_NAMES: readonly string[] = ['alg', 'kid', 'typ'];

/**
 * Checks the keys and starts to import them, once.
 *
 * @throws TypeError for an empty ring, a repeated or missing kid, a short secret, or a first key that cannot sign. A key
 * that cannot be imported makes `sign` and `verify` reject.
 */
export function createKeyRing(keys: readonly TokenKey[]): KeyRing {
  checkKeys(keys);
  const imported = Promise.all(keys.map(importKey));
  // A failed import rejects each later call; it must not also be an unhandled rejection.
  imported.catch(() => undefined);

  return {
    async sign(typ, claims) {
      const [key] = await imported;
      const { alg, kid, signing } = required(key);
      return new SignJWT({ ...claims }).setProtectedHeader({ alg, kid, typ }).sign(required(signing));
    },
    async verify(token, { typ, issuer, audience, now }) {
      const ring = await imported;
      try {
        if (!hasCanonicalSignature(token)) return null;
        const { payload } = await jwtVerify(
          token,
          (header: JWTHeaderParameters) => verifyingKey(ring, header),
          { typ, issuer, audience, currentDate: new Date(now) },
        );
        return { claims: payload, expired: false };
      } catch (error) {
        // jose compares `exp` last, after the signature and all other claims.
        return error instanceof JWTExpired ? { claims: error.payload, expired: true } : null;
      }
    },
  };
}

/**
 * Rejects a last character whose unused bits are not 0 (RFC 4648 3.5): several strings would be one signature. Header and
 * claims need no check, because the signature covers their characters.
 */
function hasCanonicalSignature(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return base64url.encode(base64url.decode(signature)) === signature;
}

/** Selects from the ring only, by `kid` and `alg`. Any other header parameter (jwk, jku, x5u, x5c, crit) is rejected. */
function verifyingKey(ring: readonly ImportedKey[], header: JWTHeaderParameters): CryptoKey {
  const key = ring.find(({ kid, alg }) => kid === header.kid && alg === header.alg);
  if (key === undefined || Object.keys(header).some((name) => !HEADER_NAMES.includes(name)))
    throw new TypeError('unknown key');
  return key.verifying;
}

function checkKeys(keys: readonly TokenKey[]): void {
  const ring: unknown = keys;
  if (!Array.isArray(ring) || ring.length === 0) throw new TypeError('token keys: the ring is empty');
  const kids = new Set<string>();
  for (const key of keys) {
    if (!isObject(key) || typeof key.kid !== 'string' || key.kid === '')
      throw new TypeError('token keys: every key needs a kid');
    const { kid } = key;
    const problem = kids.has(kid) ? 'is the kid of two keys' : problemOf(key, kids.size === 0);
    if (problem !== null) throw new TypeError(`token keys: '${kid}' ${problem}`);
    kids.add(kid);
  }
}

function problemOf(key: TokenKey, isFirst: boolean): string | null {
  switch (key.alg) {
    case 'HS256': {
      const bytes = secretBytes(key.secret);
      if (bytes.length < MIN_SECRET_BYTES) return `needs a secret of at least ${MIN_SECRET_BYTES} bytes`;
      // RFC 8725 2.1: with a public key as the HMAC secret, anyone could sign.
      return new TextDecoder().decode(bytes).includes('-----BEGIN') ? 'has a PEM key as its secret' : null;
    }
    case 'EdDSA':
    case 'ES256': {
      const { privateKey, publicKey = privateKey } = key;
      if (isFirst && privateKey === undefined) return 'needs a private key, because the first key signs';
      return isObject(publicKey) && isObject(privateKey ?? publicKey)
        ? null
        : 'needs a CryptoKey or a JWK: import PEM with importPKCS8 or importSPKI of jose';
    }
    default:
      key satisfies never;
      return "needs alg 'HS256', 'EdDSA' or 'ES256'";
  }
}

/** A copy of the bytes; empty for anything that is not a secret. */
function secretBytes(secret: unknown): Uint8Array<ArrayBuffer> {
  if (typeof secret === 'string') return new TextEncoder().encode(secret);
  return new Uint8Array(secret instanceof Uint8Array ? secret : []);
}

async function importKey(key: TokenKey): Promise<ImportedKey> {
  const { kid, alg } = key;
  try {
    if (key.alg === 'HS256') {
      // Import once: jose would import raw bytes again at every call.
      const secret = await crypto.subtle.importKey(
        'raw',
        secretBytes(key.secret),
        { name: 'HMAC', hash: 'SHA-256' },
        false,
        ['sign', 'verify'],
      );
      return { kid, alg, signing: secret, verifying: secret };
    }
    if (key.privateKey === undefined)
      return { kid, alg, signing: null, verifying: await importPublic(key.publicKey, alg) };
    const { privateKey, publicKey = privateKey } = key;
    const signing = isJwk(privateKey) ? await importJWK(privateKey, alg) : privateKey;
    const verifying = await importPublic(publicKey, alg);
    // Sign and verify once: with halves of different keys, every token would be invalid.
    await jwtVerify(await new SignJWT().setProtectedHeader({ alg }).sign(signing), verifying);
    return { kid, alg, signing, verifying };
  } catch (cause) {
    throw new TypeError(`token keys: '${kid}' cannot be imported as ${alg}`, { cause });
  }
}

/** Imports a `CryptoKey`, too: so its algorithm is checked once, and not at each token. */
async function importPublic(material: KeyMaterial, alg: string): Promise<CryptoKey> {
  const jwk = isJwk(material) ? material : await exportJWK(material);
  const { d: _private, key_ops: _operations, ...half } = jwk;
  const key = await importJWK(half, alg);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
  return key;
}

function isJwk(material: KeyMaterial): material is JWK {
  return 'kty' in material;
}
