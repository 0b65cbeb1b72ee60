// Counts how the calls of random histories end: if no call succeeds, or none is refused, a history proves nothing.
import type { RefusalCode } from '../../src/index.js';
import type { Outcome } from '../../src/testing/scenario.js';
import { stepMethods, type Playground, type Step } from './playground.js';

export interface Tally {
  add(step: Step, outcome: Outcome): void;
  /** The methods that succeeded fewer than `times` times, and the refusals of the list below that came less often. */
  lacking(times: number): readonly string[];
}

/** The refusals that protect invariants. `…_NOT_FOUND` is left out: histories without any workspace are full of it. */
const REFUSALS: readonly RefusalCode[] = [
  'PERMISSION_DENIED',
  'PERSONAL_WORKSPACE',
  'OWNER_REQUIRED',
  'ALREADY_MEMBER',
  'NAME_TAKEN',
  'LIMIT_EXCEEDED',
  'INVITATION_USED',
  'INVITATION_REVOKED',
  'INVITATION_RECIPIENT_MISMATCH',
  'CONFIRMATION_MISMATCH',
];

/** Waiting is not a call. */
const calls = stepMethods.filter((method) => method !== 'wait');

export function createTally(): Tally {
  const ends = new Map<string, number>();
  return {
    add(step, outcome) {
      const end = outcome.ok ? step.method : outcome.code;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    },
    lacking: (times) => [...calls, ...REFUSALS].filter((end) => (ends.get(end) ?? 0) < times),
  };
}

/** Wraps a playground that runs one call at a time, and counts how the calls end. */
export function counted(people: Playground, tally: Tally): Playground {
  let last: Step | undefined;
  return {
    ...people,
    callOf(step) {
      last = step;
      return people.callOf(step);
    },
    observe(outcome) {
      if (last) tally.add(last, outcome);
      people.observe(outcome);
    },
  };
}

/** Wraps a playground so that it never learns an id or a token: every call targets something that does not exist. */
export function unobservant(people: Playground): Playground {
  return { ...people, observe: () => undefined };
}
