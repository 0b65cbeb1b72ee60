// A fixed clock and counting ids, so that tests never wait and are reproducible.
import type { Clock, Ids } from '../ports/runtime.js';

/** A clock that moves only when the test moves it. */
export interface FixedClock extends Clock {
  /** Moves the clock forward by this number of milliseconds. */
  advance(milliseconds: number): void;
  /** Sets the clock to an instant: milliseconds since the epoch, a Date, or an ISO 8601 string. */
  set(instant: number | Date | string): void;
}

/**
 * Creates a clock that is fixed at an instant. `sleep` moves the clock forward and resolves without waiting.
 *
 * @example
 * ```ts
 * import { fixedClock } from 'tenantry/testing';
 *
 * const clock = fixedClock('2026-11-23T12:00:00Z');
 * clock.advance(1000);
 * new Date(clock.now()).toISOString(); // 2026-11-23T12:00:01.000Z
 * ```
 */
export function fixedClock(start: number | Date | string = '2026-01-01T00:00:00Z'): FixedClock {
  let now = new Date(start).getTime();
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += Math.ceil(milliseconds);
      await Promise.resolve();
    },
    advance: (milliseconds) => {
      now += milliseconds;
    },
    set: (instant) => {
      now = new Date(instant).getTime();
    },
  };
}

/**
 * Creates ids that count up from 1, separately for each kind. Secrets count as well: never use them outside tests.
 *
 * @example
 * ```ts
 * import { countingIds } from 'tenantry/testing';
 *
 * countingIds().workspaceId(); // ws-0000000000000001
 * ```
 */
export function countingIds(prefix = ''): Ids {
  const counter = (): (() => string) => {
    let last = 0;
    return () => prefix + String(++last).padStart(16 - prefix.length, '0');
  };
  const [workspace, invitation, event, secret] = [counter(), counter(), counter(), counter()];
  return {
    workspaceId: () => `ws-${workspace()}`,
    invitationId: () => `inv-${invitation()}`,
    eventId: () => `evt-${event()}`,
    secret: () => `secret${secret()}`,
  };
}
