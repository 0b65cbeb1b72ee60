// Time that stands still and ids that count: tests never wait, and fail the same way twice.
import type { Clock, Ids } from '../ports/runtime.js';

/** A clock that only moves when it is told to. */
export interface FixedClock extends Clock {
  /** Moves on by so many milliseconds. */
  advance(milliseconds: number): void;
  /** Moves to an instant: milliseconds since the epoch, a Date, or ISO 8601. */
  set(instant: number | Date | string): void;
}

/**
 * A clock that stands still. `sleep` takes no time: it moves the clock on and resolves.
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
 * Ids that count up from 1, each kind by itself. Secrets count, too: never use them outside tests.
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
