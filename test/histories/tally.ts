// How the calls of random histories ended: where nobody ever succeeds, or nobody is ever refused, they prove nothing.
import type { RefusalCode } from '../../src/index.js';
import type { Playground, Step } from '../../src/testing/histories.js';
import type { Outcome } from '../../src/testing/scenario.js';

/** Waiting is no call: it always succeeds. */
type Method = Exclude<Step['method'], 'wait'>;

export interface Tally {
  add(step: Step, outcome: Outcome): void;
  /** The methods that succeeded less often than so many times, and the main refusals that came less often. */
  lacking(times: number): readonly string[];
}

/** A method of the histories without a line here does not compile. */
const METHODS: Readonly<Record<Method, true>> = {
  openAccount: true,
  renameAccount: true,
  createWorkspace: true,
  renameWorkspace: true,
  deleteWorkspace: true,
  transferOwnership: true,
  inviteMember: true,
  reissueInvitation: true,
  revokeInvitation: true,
  acceptInvitation: true,
  declineInvitation: true,
  changeRole: true,
  removeMember: true,
  leaveWorkspace: true,
  switchWorkspace: true,
  authorize: true,
};

/** What stands guard over the invariants. Those of what is not there are not among them: they also come when all is lost. */
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

export function createTally(): Tally {
  const ends = new Map<string, number>();
  return {
    add(step, outcome) {
      const end = outcome.ok ? step.method : outcome.code;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    },
    lacking: (times) => [...Object.keys(METHODS), ...REFUSALS].filter((end) => (ends.get(end) ?? 0) < times),
  };
}

/** The same people, who make one call at a time, and whose calls are counted. */
export function counted(people: Playground, tally: Tally): Playground {
  let last: Step | undefined;
  return {
    ...people,
    callOf(step) {
      last = step;
      return people.callOf(step);
    },
    hear(outcome) {
      if (last) tally.add(last, outcome);
      people.hear(outcome);
    },
  };
}

/** People who never learn an id or a token: all that they do is done to what is not there. */
export function deaf(people: Playground): Playground {
  return { ...people, hear: () => undefined };
}
