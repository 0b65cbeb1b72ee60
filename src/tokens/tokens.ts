// Invitation and session tokens: compact JWS (RFC 7515) with typed headers (RFC 8725 3.11), told apart by typ and audience.
import * as z from 'zod/mini';
import type { InvitationProof } from '../domain/commands/acceptance.js';
import {
  cellNameSchema,
  invitationIdSchema,
  opaqueIdSchema,
  workspaceIdSchema,
  type InvitationId,
  type UserId,
  type WorkspaceId,
} from '../domain/ids.js';
import { createKeyRing, type TokenKey } from './key-ring.js';

/** How tokens are signed and links are built. */
export interface TokenOptions {
  /**
   * The first key signs, all verify. To rotate, add the new key behind the old one in every process, then put it first,
   * and take the old one out when all that it signed has expired.
   */
  readonly keys: readonly TokenKey[];
  /** Stands in every token; one of another issuer is refused though the same key signed it. */
  readonly issuer: string;
  /**
   * Builds the link from a token: a function, or a base URL to which the token is appended as the fragment, which
   * browsers send to no server and in no Referer. The function must not throw: a reissued invitation has its new token by
   * then, and nobody would have seen it.
   */
  readonly invitationUrl: string | ((token: string) => string);
  /**
   * The life of a session token in seconds, from 1 to 86,400.
   * @default 600
   */
  readonly sessionSeconds?: number;
}

/** Times are milliseconds since the epoch, and whole seconds. */
export interface InvitationGrant {
  readonly workspaceId: WorkspaceId;
  readonly invitationId: InvitationId;
  readonly secret: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface SessionGrant {
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
  readonly role: string;
  /** The version of the workspace when the token was issued. */
  readonly version: number;
}

export type SessionClaims = SessionGrant & { readonly expiresAt: number; readonly expired: boolean };

export interface Tokens {
  issueInvitation(grant: InvitationGrant): Promise<string>;
  /** `null` for anything that is no invitation token of ours. Expiry is not asked: the record tells more. */
  readInvitation(token: string, now: number): Promise<InvitationProof | null>;
  invitationUrl(token: string): string;
  issueSession(
    grant: SessionGrant,
    now: number,
  ): Promise<{ readonly token: string; readonly expiresAt: number }>;
  /** `null` for anything that is no session token of ours. */
  readSession(token: string, now: number): Promise<SessionClaims | null>;
}

const INVITATION_TYP = 'invitation+jwt';
const SESSION_TYP = 'session+jwt';
const DEFAULT_SESSION_SECONDS = 600;
/** How far another machine's clock may be ahead. */
const SKEW_SECONDS = 60;

const seconds = z.int().check(z.nonnegative());
const invitationClaims = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  jti: invitationIdSchema,
  wid: workspaceIdSchema,
  sec: z.string().check(z.minLength(1)),
  iat: seconds,
  exp: seconds,
});
const sessionClaims = z.strictObject({
  iss: z.string(),
  aud: z.string(),
  sub: opaqueIdSchema,
  wid: workspaceIdSchema,
  role: cellNameSchema,
  ver: seconds,
  iat: seconds,
  exp: seconds,
});

/** @throws TypeError for options that could not sign or build a link. */
export function createTokens(options: TokenOptions): Tokens {
  const { issuer, sessionSeconds = DEFAULT_SESSION_SECONDS } = options;
  const ring = createKeyRing(options.keys);
  const invitationUrl = linkBuilder(options.invitationUrl);
  if (typeof issuer !== 'string' || issuer === '')
    throw new TypeError('tokens: issuer must be a non-empty string');
  if (!Number.isInteger(sessionSeconds) || sessionSeconds < 1 || sessionSeconds > 86_400) {
    throw new TypeError('tokens: sessionSeconds must be a whole number from 1 to 86400');
  }
  const invitation = { typ: INVITATION_TYP, issuer, audience: `${issuer}/invitation` };
  const session = { typ: SESSION_TYP, issuer, audience: `${issuer}/session` };

  return {
    invitationUrl,
    issueInvitation: ({ workspaceId, invitationId, secret, issuedAt, expiresAt }) =>
      ring.sign(INVITATION_TYP, {
        iss: issuer,
        aud: invitation.audience,
        jti: invitationId,
        wid: workspaceId,
        sec: secret,
        iat: Math.floor(issuedAt / 1000),
        exp: expiresAt / 1000,
      }),
    async readInvitation(token, now) {
      const verified = await ring.verify(token, { ...invitation, now });
      if (verified === null) return null;
      const claims = invitationClaims.safeParse(verified.claims);
      if (!claims.success || isAhead(claims.data.iat, now)) return null;
      const { wid, jti, sec, exp } = claims.data;
      return {
        workspaceId: wid,
        invitationId: jti,
        secretHash: await hashSecret(sec),
        expiresAt: exp * 1000,
      };
    },
    async issueSession({ userId, workspaceId, role, version }, now) {
      const iat = Math.floor(now / 1000);
      const exp = iat + sessionSeconds;
      const token = await ring.sign(SESSION_TYP, {
        iss: issuer,
        aud: session.audience,
        sub: userId,
        wid: workspaceId,
        role,
        ver: version,
        iat,
        exp,
      });
      return { token, expiresAt: exp * 1000 };
    },
    async readSession(token, now) {
      const verified = await ring.verify(token, { ...session, now });
      if (verified === null) return null;
      const claims = sessionClaims.safeParse(verified.claims);
      if (!claims.success || isAhead(claims.data.iat, now)) return null;
      const { sub: userId, wid: workspaceId, role, ver: version, exp } = claims.data;
      return { userId, workspaceId, role, version, expiresAt: exp * 1000, expired: verified.expired };
    },
  };
}

/** What the record keeps of a secret: SHA-256, hexadecimal. 128 random bits need no salt and no slow hash. */
export async function hashSecret(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isAhead(iat: number, now: number): boolean {
  return iat > Math.floor(now / 1000) + SKEW_SECONDS;
}

function linkBuilder(option: TokenOptions['invitationUrl']): (token: string) => string {
  if (typeof option === 'function') return option;
  if (typeof option !== 'string' || !URL.canParse(option) || option.includes('#')) {
    throw new TypeError('tokens: invitationUrl must be a function, or an absolute URL without a fragment');
  }
  return (token) => `${option}#${token}`;
}
