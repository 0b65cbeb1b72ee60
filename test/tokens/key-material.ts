// Keys in every form that a ring takes.
import { exportJWK, exportPKCS8, exportSPKI, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import type { TokenKey } from '../../src/index.js';

export type Alg = 'EdDSA' | 'ES256';

export interface Pair {
  readonly publicKey: CryptoKey;
  readonly privatePem: string;
  readonly publicPem: string;
  readonly privateJwk: Record<string, unknown>;
  readonly publicJwk: Record<string, unknown>;
}

export async function makePair(alg: Alg): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const plain = (jwk: JWK): Record<string, unknown> => ({ ...jwk });
  return {
    publicKey,
    privatePem: await exportPKCS8(privateKey),
    publicPem: await exportSPKI(publicKey),
    privateJwk: plain(await exportJWK(privateKey)),
    publicJwk: plain(await exportJWK(publicKey)),
  };
}

/** A secret key of its own for each kid. */
export function secretKey(kid: string): TokenKey & { readonly alg: 'HS256' } {
  return { kid, alg: 'HS256', secret: `the secret of ${kid}, which has 32 bytes or more` };
}
