// The one error class of the public API: a stable code, typed details, and the cause.
import { refusals, type ErrorText, type Refusal, type RefusalDetails } from './core/refusals.js';
import { isBranded } from './core/values.js';

/** A path in the input, and what is wrong there. Values are not repeated, except the start of a malformed quantity. */
export interface InputIssue {
  /** Starts with the argument, as `input.recipient` or `actor.userId`. */
  readonly path: string;
  readonly message: string;
}

/** The typed details of every code: those of domain errors, and those of the service. */
export interface ErrorDetails extends RefusalDetails {
  INVALID_INPUT: { readonly issues: readonly InputIssue[] };
  /** Other commands kept changing the same records. Nothing was written: retry. */
  CONFLICT: { readonly attempts: number };
  /** The storage, the quota adapter or the limits function failed; see `cause`. The command may have taken effect. */
  UNAVAILABLE: { readonly source: 'storage' | 'limits' | 'quota' };
  /** A hook rejected the command; see `cause`. */
  VETOED: { readonly command: string };
}

/** Every code. Codes are stable; messages may change. */
export type WorkspaceErrorCode = keyof ErrorDetails;

const BRAND = Symbol.for('tenantry.WorkspaceError');

/**
 * The error of every method. `code` is stable, and `details` is typed by the code. Neither they nor the message contain a
 * token or a secret.
 *
 * A `TypeError` without a code is a programming mistake, such as wrong options.
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
    super(errorTexts[code].message(details), options);
    this.code = code;
    Object.freeze(details);
    this.details = details;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * Whether a retry of the same call may succeed: after `CONFLICT`, and after `UNAVAILABLE` unless its `cause` has
   * `retryable: false`, by which an adapter reports a mistake in the set-up, such as a pool that is connected to a replica.
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
    return this.code === 'CONFLICT' || (this.code === 'UNAVAILABLE' && !isMistake(this.cause));
  }
}

/**
 * Whether a value is a {@link WorkspaceError}, with this code if one is given. Works across bundles and copies of the
 * package, where `instanceof` does not. Without a code, `error.code` narrows the type of `details`.
 *
 * @example
 * ```ts
 * import { isWorkspaceError, WorkspaceError } from 'tenantry';
 *
 * const describe = (error: unknown): string => {
 *   if (!isWorkspaceError(error)) return 'something else';
 *   switch (error.code) {
 *     case 'NAME_TAKEN':
 *       return `${error.details.name} is taken`;
 *     default:
 *       return error.message;
 *   }
 * };
 * describe(new WorkspaceError('NAME_TAKEN', { name: 'hello' })); // 'hello is taken'
 * describe(new Error('no')); // 'something else'
 * ```
 */
export function isWorkspaceError<Code extends WorkspaceErrorCode = WorkspaceErrorCode>(
  error: unknown,
  code?: Code,
): error is { [Each in Code]: WorkspaceError<Each> }[Code] {
  return isBranded(error, BRAND, code);
}

/** Whether an adapter says of its error that no retry succeeds. */
function isMistake(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'retryable' in cause && cause.retryable === false;
}

/** The error to throw for a refusal. */
export function errorOf({ code, details }: Refusal): WorkspaceError {
  return new WorkspaceError(code, details);
}

/** The kind and message of every code. */
export const errorTexts: { readonly [Code in WorkspaceErrorCode]: ErrorText<ErrorDetails[Code]> } = {
  ...refusals,
  INVALID_INPUT: {
    kind: 'invalid',
    message: ({ issues }) =>
      `invalid input: ${issues.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
  },
  CONFLICT: {
    kind: 'unavailable',
    message: ({ attempts }) => `other commands changed the same records in ${attempts} attempts; retry`,
  },
  UNAVAILABLE: { kind: 'unavailable', message: ({ source }) => `the ${source} source failed` },
  VETOED: { kind: 'denied', message: ({ command }) => `a hook rejected ${command}` },
};
