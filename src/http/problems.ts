// Errors as RFC 9457 problem details, with the status of every code and nothing that the caller should not see.
import type { ErrorKind } from '../core/refusals.js';
import { errorTexts, isWorkspaceError, type WorkspaceErrorCode } from '../errors.js';

/** The codes of HTTP itself: the request is rejected before the service is called. */
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
 * Problem details (RFC 9457), with the stable `code` and its details as extension members. Plain JSON.
 */
export interface Problem {
  /** `urn:problem-type:tenantry:` and the code. */
  readonly type: string;
  /** The code in words; the same for every occurrence. */
  readonly title: string;
  /** The HTTP status. */
  readonly status: number;
  /** The message of this occurrence, without tokens and secrets. It may change. */
  readonly detail: string;
  readonly code: ProblemCode;
  /** The details of the code, as in `ErrorDetails`. */
  readonly details: object;
  /** Whether a retry of the same request may succeed. */
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
export const httpStatus: Readonly<Record<ProblemCode, number>> = Object.freeze({
  ...statusByCode(errorTexts),
  UNAUTHENTICATED: 401,
  ACTOR_NOT_ALLOWED: 403,
  CROSS_ORIGIN: 403,
  ROUTE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  INTERNAL: 500,
});

// The overload keeps the codes in the type.
function statusByCode<Code extends string>(
  texts: Readonly<Record<Code, { readonly kind: ErrorKind }>>,
): Readonly<Record<Code, number>>;
function statusByCode(
  texts: Readonly<Record<string, { readonly kind: ErrorKind }>>,
): Readonly<Record<string, number>> {
  const status: Readonly<Record<ErrorKind, number>> = {
    invalid: 400,
    unauthenticated: 401,
    denied: 403,
    'not-found': 404,
    conflict: 409,
    gone: 410,
    unavailable: 503,
  };
  return Object.fromEntries(Object.entries(texts).map(([code, { kind }]) => [code, status[kind]]));
}

const BRAND = Symbol.for('tenantry.HttpError');

/**
 * An error of HTTP itself. Your own routes can throw it, too: {@link problemResponse} answers it.
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
  /** Response headers, besides those of every problem. */
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

/** Of this copy of the package or another: `instanceof` knows only its own. A code of another version has no status. */
function isHttpError(error: unknown): error is HttpError {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return 'code' in error && typeof error.code === 'string' && Object.hasOwn(httpStatus, error.code);
}

/**
 * The problem details of an error: a `WorkspaceError` by its code, everything else as `INTERNAL`, without its message. Causes
 * are never shown.
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
    // A code of another version of the package has no status here: the server is at fault, not the caller.
    if (isWorkspaceError(error) && Object.hasOwn(httpStatus, error.code)) {
      const { code, message, details, retryable } = error;
      return shown(code, { detail: message, details, retryable });
    }
  } catch {
    // An error that cannot be read comes from a function of the app.
  }
  return internal();
}

/**
 * The response for an error: its problem as `application/problem+json`, not cacheable, with `Retry-After` if a retry may
 * succeed and `WWW-Authenticate` if there is no session.
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
    // Details that are not JSON, or invalid headers.
    return responseOf(internal(), {});
  }
}

/**
 * Headers for answers that are data: a browser must not display, frame or cache them, nor send their URL as a referrer.
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
  // Set, not appended: header names are case-insensitive.
  for (const [name, value] of Object.entries(more)) headers.set(name, value);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function internal(): Problem {
  const detail = 'Internal error.';
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
