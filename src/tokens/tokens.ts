// Invitation and session tokens: compact JWS (RFC 7515) with explicit types (RFC 8725 3.11), distinguished by typ and audience.
import * as z from 'zod/mini';
import {
  identifierSchema,
  invitationIdSchema,
  opaqueIdSchema,
  workspaceIdSchema,
  type InvitationId,
  type UserId,
  type WorkspaceId,
} from '../core/ids.js';
import type { InvitationProof } from '../core/invitation.js';
import { hiddenCharacter } from '../core/names.js';
import { isWholeNumber, urlOf } from '../core/values.js';
import { createKeyRing, type TokenKey } from './key-ring.js';

/** How tokens are signed and links are built. */
export interface TokenOptions {
  /**
   * The first key signs, all keys verify. To rotate, add the new key as the second in every process, then make it the
   * first, and remove the old key when everything it signed has expired.
   */
  readonly keys: readonly TokenKey[];
  /** Part of every token. A token of another issuer is rejected, even if the same key signed it. */
  readonly issuer: string;
  /**
   * Builds the link from a token: a function, or a base URL to which the token is appended as the fragment, which
   * browsers send to no server and in no Referer. Both must be `https:` URLs without credentials; `http:` is allowed on
   * loopback hosts (`localhost`, 127.0.0.0/8, `[::1]`).
   *
   * If the function throws or returns anything else, `inviteMember` and `reissueInvitation` reject with its error or a
   * `TypeError`, and store nothing. It must treat all tokens alike: for a reissue it is first called with a token that is
   * discarded, and after the commit with the new one.
   */
  readonly invitationUrl: string | ((token: string) => string);
  /**
   * The lifetime of a session token in seconds, from 1 to 86,400.
   * @default 600
   */
  readonly sessionSeconds?: number;
  /**
   * The longest time in seconds from the user's sign-in to the expiry of a session token, from 1 to 2,592,000 (30 days).
   * A token that `switchWorkspace` issues to the holder of another token does not extend it.
   * @default 43200 (12 hours), or `sessionSeconds` if that is longer
   */
  readonly sessionMaxAgeSeconds?: number;
}

/** Times are milliseconds since the epoch; `expiresAt` is a whole second. */
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
  /** When the user signed in, in milliseconds since the epoch. Later than now counts as now. */
  readonly signedInAt: number;
}

export type SessionClaims = SessionGrant & { readonly expiresAt: number; readonly expired: boolean };

export interface Tokens {
  issueInvitation(grant: InvitationGrant): Promise<string>;
  /** `null` for anything except a valid invitation token of this issuer. Expiry is not checked: the record says more. */
  readInvitation(token: string, now: number): Promise<InvitationProof | null>;
  invitationUrl(token: string): string;
  /** Whether a sign-in is too old for any session token. */
  isPastMaxAge(signedInAt: number, now: number): boolean;
  issueSession(
    grant: SessionGrant,
    now: number,
  ): Promise<{ readonly token: string; readonly expiresAt: number }>;
  /** `null` for anything except a valid session token of this issuer. */
  readSession(token: string, now: number): Promise<SessionClaims | null>;
}

const INVITATION_TYP = 'invitation+jwt';
const SESSION_TYP = 'session+jwt';
const DEFAULT_SESSION_SECONDS = 600;
const DEFAULT_MAX_AGE_SECONDS = 12 * 60 * 60;
const LONGEST_MAX_AGE_SECONDS = 30 * 24 * 60 * 60;
/** How far the clock of another process may be ahead. */
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
  role: identifierSchema,
  ver: seconds,
  auth_time: seconds,
  iat: seconds,
  exp: seconds,
});

/** @throws TypeError for invalid options. */
export function createTokens(options: TokenOptions): Tokens {
  const { issuer, sessionSeconds = DEFAULT_SESSION_SECONDS } = options;
  const { sessionMaxAgeSeconds: maxAge = Math.max(DEFAULT_MAX_AGE_SECONDS, sessionSeconds) } = options;
  const ring = createKeyRing(options.keys);
  const invitationUrl = linkBuilder(options.invitationUrl);
  if (typeof issuer !== 'string' || issuer === '')
    throw new TypeError('tokens: issuer must be a non-empty string');
  if (!isWholeNumber(sessionSeconds, 1, 86_400)) {
    throw new TypeError('tokens: sessionSeconds must be a whole number from 1 to 86400');
  }
  if (!isWholeNumber(maxAge, 1, LONGEST_MAX_AGE_SECONDS)) {
    throw new TypeError(
      `tokens: sessionMaxAgeSeconds must be a whole number from 1 to ${LONGEST_MAX_AGE_SECONDS}`,
    );
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
    isPastMaxAge: (signedInAt, now) => Math.floor(signedInAt / 1000) + maxAge <= now / 1000,
    async issueSession({ userId, workspaceId, role, version, signedInAt }, now) {
      const iat = Math.floor(now / 1000);
      // Another process may be ahead, but a later sign-in must not lengthen the session.
      const authTime = Math.min(Math.floor(signedInAt / 1000), iat);
      const exp = Math.min(iat + sessionSeconds, authTime + maxAge);
      const token = await ring.sign(SESSION_TYP, {
        iss: issuer,
        aud: session.audience,
        sub: userId,
        wid: workspaceId,
        role,
        ver: version,
        auth_time: authTime,
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
      const {
        sub: userId,
        wid: workspaceId,
        role,
        ver: version,
        auth_time: authTime,
        iat,
        exp,
      } = claims.data;
      if (authTime > iat) return null;
      // A maximum that was lowered since then holds for issued tokens, too.
      const end = Math.min(exp, authTime + maxAge);
      const expired = verified.expired || end <= now / 1000;
      return {
        userId,
        workspaceId,
        role,
        version,
        signedInAt: authTime * 1000,
        expiresAt: end * 1000,
        expired,
      };
    },
  };
}

/** The form in which a record stores a secret: SHA-256, hexadecimal. 128 random bits need no salt and no slow hash. */
export async function hashSecret(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isAhead(iat: number, now: number): boolean {
  return iat > Math.floor(now / 1000) + SKEW_SECONDS;
}

function linkBuilder(option: TokenOptions['invitationUrl']): (token: string) => string {
  if (typeof option === 'function') {
    return (token) => {
      const url: unknown = option(token);
      // Without the URL, which contains the token.
      if (!isLinkUrl(url)) throw new TypeError(`tokens: invitationUrl must return ${LINK_URL}`);
      return url;
    };
  }
  if (!isLinkUrl(option) || option.includes('#')) {
    throw new TypeError(`tokens: invitationUrl must be a function, or ${LINK_URL}, without a fragment`);
  }
  return (token) => `${option}#${token}`;
}

const LINK_URL = 'an https: URL (http: on loopback hosts) without credentials';
/** No character that a URL parser removes or replaces, so that everyone reads the same host. */
const PLAIN_URL = /^https?:\/\/[^\s/\\"<>][^\s\\"<>]*$/i;

function isLinkUrl(value: unknown): value is string {
  if (typeof value !== 'string' || !PLAIN_URL.test(value) || hiddenCharacter(value) !== undefined)
    return false;
  const url = urlOf(value);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || isLoopback(url.hostname);
}

/** The hostname of a parsed URL, which writes an IPv4 address as four decimal numbers. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}
