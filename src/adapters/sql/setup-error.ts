// The error of a mistake in the set-up: no retry succeeds until someone fixes it.

export class SetupError extends Error {
  /** Read by the service, which passes it on to callers. */
  readonly retryable = false;

  constructor(problem: string, options?: ErrorOptions) {
    super(`tenantry/sql: ${problem}`, options);
  }
}
