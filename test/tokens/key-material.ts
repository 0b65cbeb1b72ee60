// Keys for the tests, in each form that a ring takes.
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import type { TokenKey } from '../../src/index.js';

export type Alg = 'EdDSA' | 'ES256';

export interface Pair {
  readonly publicKey: CryptoKey;
  /** Extractable. */
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  readonly publicPem: string;
  readonly privatePem: string;
}

export async function createPair(alg: Alg): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    publicKey,
    privateKey,
    publicJwk: await exportJWK(publicKey),
    privateJwk: await exportJWK(privateKey),
    publicPem: await exportSPKI(publicKey),
    privatePem: await exportPKCS8(privateKey),
  };
}

/** Each kid gets a different secret. */
export function secretKey(kid: string): TokenKey & { readonly alg: 'HS256' } {
  return { kid, alg: 'HS256', secret: `the secret of ${kid}, which has 32 bytes or more` };
}
