// How failures of an adapter or of the limits function are reported.
import { WorkspaceError, isWorkspaceError, type ErrorDetails } from '../errors.js';

export type Source = ErrorDetails['UNAVAILABLE']['source'];

/** The result of `call`. If it throws, `UNAVAILABLE` with the original error as its cause. */
export async function wrapOutage<Value>(source: Source, call: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (cause) {
    throw outage(source, cause);
  }
}

/**
 * The error for what an adapter threw. A `CONFLICT` stays as it is: a lost race has cost the host its transaction, and only
 * the host can start it again.
 */
export function outage(source: Source, cause: unknown): WorkspaceError {
  if (source !== 'limits' && isWorkspaceError(cause, 'CONFLICT')) return cause;
  // Already reported, as for an answer that no port describes.
  if (isWorkspaceError(cause, 'UNAVAILABLE')) return cause;
  return new WorkspaceError('UNAVAILABLE', { source }, { cause });
}
