// The one error class of the public edge: a stable code, typed details, and the cause.
import type { NoDetails, Refusal, RefusalDetails } from './domain/refusals.js';

/** A place in the input, and what is wrong there. The value is not repeated, but for the start of a malformed quantity. */
export interface InputIssue {
  /** From the argument inwards, as `input.recipient`; `actor` is the first argument of most methods. */
  readonly path: string;
  readonly message: string;
}

/** The typed details of every code: those of refusals, and those that only the shell answers. */
export interface ErrorDetails extends RefusalDetails {
  INVALID_INPUT: { readonly issues: readonly InputIssue[] };
  /** Others kept changing the same workspace. Nothing was written: try again. */
  CONFLICT: { readonly attempts: number };
  /** A storage, quota or limits source failed; see `cause`. Whether the command took effect is not known. */
  UNAVAILABLE: { readonly source: 'storage' | 'limits' | 'quota' };
  /** A before-hook said no; see `cause`. */
  VETOED: { readonly command: string };
  SESSION_INVALID: NoDetails;
  SESSION_EXPIRED: NoDetails;
  /** The signature is good, but the membership is gone or has another role. */
  SESSION_STALE: NoDetails;
}

/** Every code. Codes are stable; messages are free to improve. */
export type WorkspaceErrorCode = keyof ErrorDetails;

const BRAND = Symbol.for('tenantry.WorkspaceError');

/**
 * What every method throws when it says no. `code` is stable, `details` is typed by the code, and neither they nor the
 * message ever hold a token or a secret.
 *
 * A `TypeError` without a code is a programming mistake: a service that is put together wrongly.
 *
 * @example
 * ```ts
 * import { isWorkspaceError } from 'tenantry';
 * import { createTestWorkspaces } from 'tenantry/testing';
 *
 * const { workspaces } = createTestWorkspaces();
 * await workspaces.openAccount({ userId: 'u1', username: 'ada' });
 * try {
 *   await workspaces.openAccount({ userId: 'u2', username: 'ADA' });
 * } catch (error) {
 *   if (isWorkspaceError(error, 'USERNAME_TAKEN')) console.log(error.details.username); // ADA
 *   else throw error;
 * }
 * ```
 */
export class WorkspaceError<Code extends WorkspaceErrorCode = WorkspaceErrorCode> extends Error {
  override readonly name = 'WorkspaceError';
  readonly code: Code;
  readonly details: ErrorDetails[Code];

  constructor(code: Code, details: ErrorDetails[Code], options?: { readonly cause?: unknown }) {
    super(messages[code](details), options);
    this.code = code;
    Object.freeze(details);
    this.details = details;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * Whether the same call may succeed when it is made again, unchanged.
   *
   * @example
   * ```ts
   * import { WorkspaceError } from 'tenantry';
   *
   * new WorkspaceError('CONFLICT', { attempts: 20 }).retryable; // true
   * new WorkspaceError('SESSION_EXPIRED', {}).retryable; // false
   * ```
   */
  get retryable(): boolean {
    return this.code === 'CONFLICT' || this.code === 'UNAVAILABLE';
  }
}

/**
 * Whether a value is a {@link WorkspaceError}, of this code where one is given. Works across bundles and copies of the
 * package, where `instanceof` does not. Without a code, `error.code` tells which `details` there are.
 *
 * @example
 * ```ts
 * import { isWorkspaceError, WorkspaceError } from 'tenantry';
 *
 * const said = (error: unknown): string => {
 *   if (!isWorkspaceError(error)) return 'something else';
 *   switch (error.code) {
 *     case 'NAME_TAKEN':
 *       return `${error.details.name} is taken`;
 *     default:
 *       return error.message;
 *   }
 * };
 * said(new WorkspaceError('NAME_TAKEN', { name: 'hello' })); // 'hello is taken'
 * said(new Error('no')); // 'something else'
 * ```
 */
export function isWorkspaceError<Code extends WorkspaceErrorCode = WorkspaceErrorCode>(
  error: unknown,
  code?: Code,
): error is { [Each in Code]: WorkspaceError<Each> }[Code] {
  if (typeof error !== 'object' || error === null || !(BRAND in error)) return false;
  return code === undefined || ('code' in error && error.code === code);
}

/** A refusal as the public edge throws it. */
export function errorOf({ code, details }: Refusal): WorkspaceError {
  return new WorkspaceError(code, details);
}

const messages: { readonly [Code in WorkspaceErrorCode]: (details: ErrorDetails[Code]) => string } = {
  INVALID_INPUT: ({ issues }) =>
    `invalid input: ${issues.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
  ACCOUNT_NOT_FOUND: () => 'there is no such account',
  WORKSPACE_NOT_FOUND: () => 'there is no such workspace, or you are not a member of it',
  MEMBER_NOT_FOUND: () => 'this user is not a member of the workspace',
  INVITATION_NOT_FOUND: () => 'there is no such invitation in this workspace',
  PERMISSION_DENIED: ({ role, permission, grant }) =>
    `${role === null ? 'an operator' : `role '${role}'`} ${
      grant === undefined ? `does not hold '${permission}'` : `may not give, take or act on role '${grant}'`
    }`,
  PERSONAL_WORKSPACE: ({ operation }) => `a personal workspace does not allow: ${operation}`,
  OWNER_REQUIRED: () => 'the owner cannot leave, be removed or be demoted; transfer the ownership first',
  ALREADY_MEMBER: () => 'this user is a member of the workspace already',
  ALREADY_INVITED: () => 'there is an open invitation for this recipient; reissue it for a new link',
  ACCOUNT_EXISTS: () => 'this user has an account under another username',
  NAME_TAKEN: () => 'the owner has a workspace of this name already',
  USERNAME_TAKEN: () => 'this username is in use',
  ID_TAKEN: () => 'this workspace id is or was in use',
  LIMIT_EXCEEDED: ({ which, limit, current }) =>
    `${which} is limited to ${String(limit)}, and ${String(current)} are taken`,
  INVITATION_INVALID: () => 'the invitation is not valid',
  INVITATION_EXPIRED: () => 'the invitation has expired',
  INVITATION_REVOKED: () => 'the invitation was revoked',
  INVITATION_USED: () => 'the invitation was used up',
  INVITATION_DECLINED: () => 'the invitation was declined',
  INVITATION_RECIPIENT_MISMATCH: () => 'the invitation is for somebody else',
  RECIPIENT_NOT_VERIFIED: () => 'the invitation is for an e-mail address; prove that yours is verified',
  QUOTA_EXCEEDED: ({ shortfalls }) =>
    `the quota is exceeded: ${shortfalls.map(({ resource, exceededBy }) => `${resource} by ${exceededBy}`).join(', ')}`,
  RESERVATION_NOT_FOUND: () => 'there is no such reservation in this workspace',
  RESERVATION_EXPIRED: () => 'the reservation expired, and what it held does not fit any more',
  RESERVATION_MISMATCH: () => 'there is a reservation of this id for other amounts',
  CONFIRMATION_MISMATCH: () => 'the name typed to confirm is not the name of the workspace',
  CONFLICT: ({ attempts }) =>
    `others changed the same records in each of ${String(attempts)} attempts; try again`,
  UNAVAILABLE: ({ source }) => `the ${source} did not answer; try again`,
  VETOED: ({ command }) => `${command} was vetoed by a hook`,
  SESSION_INVALID: () => 'the session token is not valid',
  SESSION_EXPIRED: () => 'the session token has expired',
  SESSION_STALE: () => 'the membership that the session token was issued for has changed',
};
