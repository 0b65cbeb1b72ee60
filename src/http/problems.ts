// Every "no" as RFC 9457 problem details: one table from codes to statuses, and nothing that the caller should not see.
import { isWorkspaceError, type WorkspaceErrorCode } from '../errors.js';

/** The codes that only HTTP knows: what is refused before the service is asked. */
export type HttpErrorCode =
  | 'ACTOR_NOT_ALLOWED'
  | 'BODY_TOO_LARGE'
  | 'CROSS_ORIGIN'
  | 'INTERNAL'
  | 'METHOD_NOT_ALLOWED'
  | 'RATE_LIMITED'
  | 'ROUTE_NOT_FOUND'
  | 'UNAUTHENTICATED'
  | 'UNSUPPORTED_MEDIA_TYPE';

/** Every code of a problem. */
export type ProblemCode = WorkspaceErrorCode | HttpErrorCode;

/**
 * Problem details (RFC 9457), with the stable `code` and what belongs to it as extension members. Plain JSON.
 */
export interface Problem {
  /** `urn:problem-type:tenantry:` and the code. */
  readonly type: string;
  /** The code in words; the same for every occurrence. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** The message of this occurrence: free to improve, without tokens and secrets. */
  readonly detail: string;
  readonly code: ProblemCode;
  /** The typed details of the code, as `ErrorDetails` has them. */
  readonly details: object;
  /** Whether the same request may succeed when it is made again, unchanged. */
  readonly retryable: boolean;
}

/**
 * The HTTP status of every code.
 *
 * @example
 * ```ts
 * import { httpStatus } from 'tenantry/http';
 *
 * httpStatus.INVITATION_USED; // 410
 * ```
 */
export const httpStatus = Object.freeze({
  INVALID_INPUT: 400,
  INVITATION_INVALID: 400,
  SESSION_INVALID: 401,
  SESSION_EXPIRED: 401,
  SESSION_STALE: 401,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  INVITATION_RECIPIENT_MISMATCH: 403,
  RECIPIENT_NOT_VERIFIED: 403,
  VETOED: 403,
  ACTOR_NOT_ALLOWED: 403,
  CROSS_ORIGIN: 403,
  ACCOUNT_NOT_FOUND: 404,
  WORKSPACE_NOT_FOUND: 404,
  MEMBER_NOT_FOUND: 404,
  INVITATION_NOT_FOUND: 404,
  RESERVATION_NOT_FOUND: 404,
  ROUTE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  PERSONAL_WORKSPACE: 409,
  OWNER_REQUIRED: 409,
  ALREADY_MEMBER: 409,
  ALREADY_INVITED: 409,
  ACCOUNT_EXISTS: 409,
  NAME_TAKEN: 409,
  USERNAME_TAKEN: 409,
  ID_TAKEN: 409,
  LIMIT_EXCEEDED: 409,
  QUOTA_EXCEEDED: 409,
  RESERVATION_EXPIRED: 409,
  RESERVATION_MISMATCH: 409,
  CONFIRMATION_MISMATCH: 409,
  INVITATION_EXPIRED: 410,
  INVITATION_REVOKED: 410,
  INVITATION_USED: 410,
  INVITATION_DECLINED: 410,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  CONFLICT: 503,
  UNAVAILABLE: 503,
} as const satisfies Readonly<Record<ProblemCode, number>>);

const BRAND = Symbol.for('tenantry.HttpError');

/**
 * What HTTP itself refuses; for routes of the host's own, too: {@link problemResponse} answers it.
 *
 * @example
 * ```ts
 * import { HttpError, problemResponse } from 'tenantry/http';
 *
 * problemResponse(new HttpError('UNAUTHENTICATED', 'sign in first')).status; // 401
 * ```
 */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;
  /** Plain JSON, shown to the caller. */
  readonly details: object;
  /** Of the response, besides those that every problem has. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: HttpErrorCode,
    message: string,
    { details = {}, headers = {} }: { details?: object; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.details = details;
    this.headers = headers;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Of this copy of the package, or of another: `instanceof` knows its own only. A code of another version has no status. */
function isHttpError(error: unknown): error is HttpError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return 'code' in error && typeof error.code === 'string' && Object.hasOwn(httpStatus, error.code);
}

/**
 * What is said of anything that was thrown: a `WorkspaceError` by its code, everything else as `INTERNAL`, without its
 * message. Causes are never shown.
 *
 * @example
 * ```ts
 * import { WorkspaceError } from 'tenantry';
 * import { problemOf } from 'tenantry/http';
 *
 * problemOf(new WorkspaceError('INVITATION_USED', {})).status; // 410
 * problemOf(new Error('connect ECONNREFUSED 10.0.0.7')).detail; // nothing of 10.0.0.7
 * ```
 */
export function problemOf(error: unknown): Problem {
  try {
    if (isHttpError(error)) {
      const { code, message, details } = error;
      return shown(code, { detail: message, details, retryable: code === 'RATE_LIMITED' });
    }
    // A code of another version of the package has no status here: then it is ours to mend, not the caller's.
    if (isWorkspaceError(error) && Object.hasOwn(httpStatus, error.code)) {
      const { code, message, details, retryable } = error;
      return shown(code, { detail: message, details, retryable });
    }
  } catch {
    // What cannot even be read, only a broken function of the host's throws.
  }
  return internal();
}

/**
 * The response to anything that was thrown: its problem as `application/problem+json`, stored by no cache, with
 * `Retry-After` where trying again may help and `WWW-Authenticate` where there is no session.
 *
 * @example
 * ```ts
 * import { WorkspaceError } from 'tenantry';
 * import { problemResponse } from 'tenantry/http';
 *
 * const response = problemResponse(new WorkspaceError('WORKSPACE_NOT_FOUND', { workspaceId: 'ws-1' }));
 * response.status; // 404
 * ```
 */
export function problemResponse(error: unknown): Response {
  try {
    return responseOf(problemOf(error), isHttpError(error) ? error.headers : {});
  } catch {
    // Details that are no JSON, or headers that are none.
    return responseOf(internal(), {});
  }
}

/**
 * For answers that are data, and nothing that a browser should show, frame, keep or tell others about.
 *
 * @example
 * ```ts
 * import { securityHeaders } from 'tenantry/http';
 *
 * const response = Response.json({ projects: [] }, { headers: securityHeaders });
 * response.headers.get('Cache-Control'); // 'no-store'
 * ```
 */
export const securityHeaders = Object.freeze({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
});

function responseOf(problem: Problem, more: Readonly<Record<string, string>>): Response {
  const headers = new Headers(securityHeaders);
  headers.set('Content-Type', 'application/problem+json');
  if (problem.retryable) headers.set('Retry-After', '1');
  if (problem.status === 401) headers.set('WWW-Authenticate', 'Bearer');
  // set, not added: in whatever case a host writes the name
  for (const [name, value] of Object.entries(more)) headers.set(name, value);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function internal(): Problem {
  const detail = 'something went wrong here; it is not the request that is wrong';
  return shown('INTERNAL', { detail, details: {}, retryable: false });
}

function shown(
  code: ProblemCode,
  { detail, details, retryable }: Pick<Problem, 'detail' | 'details' | 'retryable'>,
): Problem {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return {
    type: `urn:problem-type:tenantry:${code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status: httpStatus[code],
    detail,
    code,
    details,
    retryable,
  };
}
