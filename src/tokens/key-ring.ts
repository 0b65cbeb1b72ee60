// The keys that sign and verify. The first key signs, all verify; the algorithm is the key's, never the header's.
import {
  SignJWT,
  exportJWK,
  importJWK,
  importPKCS8,
  importSPKI,
  jwtVerify,
  errors,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
} from 'jose';

/** An asymmetric key: PEM (PKCS #8 private, SPKI public) or a JSON Web Key (RFC 7517). */
export type KeyMaterial = string | Readonly<Record<string, unknown>>;

/** A key of the ring, named by its `kid`. */
export type TokenKey =
  | {
      readonly kid: string;
      readonly alg: 'HS256';
      /** At least 32 bytes, the output size of the hash (RFC 7518 3.2); a string is taken as UTF-8. */
      readonly secret: string | Uint8Array;
    }
  | {
      readonly kid: string;
      readonly alg: 'EdDSA' | 'ES256';
      /** Needed by the key that signs. Its public half is taken from it. */
      readonly privateKey?: KeyMaterial;
      /** Enough for a key that only verifies what it signed before. */
      readonly publicKey?: KeyMaterial;
    };

/** What a good signature proves. An expired token is told apart, because the record may say more than its expiry. */
export interface Verified {
  readonly claims: unknown;
  readonly expired: boolean;
}

export interface KeyRing {
  sign(typ: string, claims: Readonly<Record<string, unknown>>): Promise<string>;
  /** `null` for whatever this ring did not sign for this type, issuer and audience. `now` in milliseconds since the epoch. */
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
  readonly signing: CryptoKey | null;
  readonly verifying: CryptoKey;
}

const MIN_SECRET_BYTES = 32;
/**
 * Three segments of base64url in their one spelling: where bits of the last character are unused they are 0
 * (RFC 4648 3.5), so that no changed character still means the same token.
 */
const SEGMENT = '(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?';
const CANONICAL = new RegExp(`^${SEGMENT}\\.${SEGMENT}\\.${SEGMENT}$`);
const HEADER_NAMES: ReadonlySet<string> = new Set(['alg', 'kid', 'typ']);

/**
 * Checks the keys and begins to import them, once.
 *
 * @throws TypeError for an empty ring, a repeated or missing kid, a short secret, a first key that cannot sign.
 */
export function createKeyRing(keys: readonly TokenKey[]): KeyRing {
  checkKeys(keys);
  const algorithms = [...new Set(keys.map(({ alg }) => alg))];
  const imported = Promise.all(keys.map(importKey)).then((all) => new Map(all.map((key) => [key.kid, key])));
  // Reported to whoever first asks for a token; until then it is nobody's unhandled rejection.
  imported.catch(() => undefined);

  return {
    async sign(typ, claims) {
      const [key] = (await imported).values();
      if (!key?.signing) throw new TypeError('token keys: the first key cannot sign');
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ })
        .sign(key.signing);
    },
    async verify(token, { typ, issuer, audience, now }) {
      const ring = await imported;
      if (!CANONICAL.test(token)) return null;
      const options = { algorithms, typ, issuer, audience, currentDate: new Date(now) };
      try {
        const { payload } = await jwtVerify(
          token,
          (header: JWTHeaderParameters) => keyOf(ring, header),
          options,
        );
        return { claims: payload, expired: false };
      } catch (error) {
        // jose compares `exp` last, after the signature and all other claims.
        return error instanceof errors.JWTExpired ? { claims: error.payload, expired: true } : null;
      }
    },
  };
}

/** By `kid`, out of the ring alone: what else a header says (jwk, jku, x5u, x5c, crit) is not listened to, but refused. */
function keyOf(ring: ReadonlyMap<string, ImportedKey>, header: JWTHeaderParameters): CryptoKey {
  const key = ring.get(header.kid ?? '');
  const strange = Object.keys(header).some((name) => !HEADER_NAMES.has(name));
  if (key === undefined || key.alg !== header.alg || strange) throw new Error('not a header of ours');
  return key.verifying;
}

function checkKeys(keys: readonly TokenKey[]): void {
  const ring: unknown = keys;
  if (!Array.isArray(ring) || ring.length === 0) throw new TypeError('token keys: the ring is empty');
  const kids = new Set<string>();
  for (const key of keys) {
    if (!isObject(key)) throw new TypeError('token keys: every key must be an object');
    const { kid } = key;
    if (typeof kid !== 'string' || kid === '') throw new TypeError('token keys: every key needs a kid');
    if (kids.has(kid)) throw new TypeError(`token keys: two keys have the kid '${kid}'`);
    kids.add(kid);
    checkMaterial(key);
    if (kids.size === 1 && key.alg !== 'HS256' && key.privateKey === undefined)
      throw new TypeError(`token keys: the first key signs, and '${kid}' has no private key`);
  }
}

function checkMaterial(key: TokenKey): void {
  switch (key.alg) {
    case 'HS256': {
      const bytes = secretBytes(key.secret);
      if (bytes === null || bytes.length < MIN_SECRET_BYTES) {
        throw new TypeError(
          `token keys: the secret of '${key.kid}' must have at least ${String(MIN_SECRET_BYTES)} bytes`,
        );
      }
      // RFC 8725 2.1: whoever verifies with a public key as an HMAC secret lets everybody sign.
      if (new TextDecoder().decode(bytes).includes('-----BEGIN')) {
        throw new TypeError(`token keys: the secret of '${key.kid}' is a PEM key, not a secret`);
      }
      return;
    }
    case 'EdDSA':
    case 'ES256': {
      const { kid, privateKey, publicKey } = key;
      if (privateKey === undefined && publicKey === undefined) {
        throw new TypeError(`token keys: '${kid}' has neither a private nor a public key`);
      }
      if (privateKey !== undefined && !isMaterial(privateKey, 'PRIVATE KEY', 'd')) {
        throw new TypeError(
          `token keys: the private key of '${kid}' is neither PKCS #8 PEM nor a private JWK`,
        );
      }
      if (publicKey !== undefined && !isMaterial(publicKey, 'PUBLIC KEY', 'x')) {
        throw new TypeError(`token keys: the public key of '${kid}' is neither SPKI PEM nor a JWK`);
      }
      return;
    }
    default:
      key satisfies never;
      throw new TypeError("token keys: alg must be 'HS256', 'EdDSA' or 'ES256'");
  }
}

function isMaterial(material: KeyMaterial, label: string, member: string): boolean {
  if (typeof material === 'string') return material.includes(`-----BEGIN ${label}-----`);
  return isObject(material) && typeof material[member] === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function secretBytes(secret: string | Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (typeof secret === 'string') return new TextEncoder().encode(secret);
  return secret instanceof Uint8Array ? new Uint8Array(secret) : null;
}

async function importKey(key: TokenKey): Promise<ImportedKey> {
  const { kid, alg } = key;
  try {
    if (key.alg === 'HS256') {
      const bytes = secretBytes(key.secret) ?? new Uint8Array();
      // Once, as a CryptoKey: raw bytes would be imported again by every call.
      const secret = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
        'sign',
        'verify',
      ]);
      return { kid, alg, signing: secret, verifying: secret };
    }
    const { privateKey, publicKey } = key;
    const signing = privateKey === undefined ? null : await importPrivate(privateKey, alg);
    const verifying =
      publicKey === undefined
        ? await importPublicHalf(privateKey ?? {}, alg)
        : await importPublic(publicKey, alg);
    return { kid, alg, signing, verifying };
  } catch (cause) {
    throw new TypeError(`token keys: '${kid}' cannot be imported as ${alg}`, { cause });
  }
}

async function importPrivate(material: KeyMaterial, alg: string): Promise<CryptoKey> {
  return typeof material === 'string' ? importPKCS8(material, alg) : importJwk(material, alg);
}

async function importPublic(material: KeyMaterial, alg: string): Promise<CryptoKey> {
  if (typeof material === 'string') return importSPKI(material, alg);
  const { d: _private, key_ops: _operations, ...half } = material;
  return importJwk(half, alg);
}

async function importPublicHalf(material: KeyMaterial, alg: string): Promise<CryptoKey> {
  if (typeof material !== 'string') return importPublic(material, alg);
  return importPublic({ ...(await exportJWK(await importPKCS8(material, alg, { extractable: true }))) }, alg);
}

async function importJwk(jwk: JWK, alg: string): Promise<CryptoKey> {
  const key = await importJWK(jwk, alg);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
  return key;
}
