// What a search returns.
import type { Violation } from '../../core/invariants/index.js';

/** The result of `explore`. */
export interface ExploreReport {
  /** How many states were visited. States that differ only in which user is which count once. */
  readonly states: number;
  /** How many calls were decided: in every state each command, by each actor, with each input. */
  readonly decisions: number;
  /** How many of the decisions were refusals. */
  readonly refused: number;
  /** How many steps the farthest state is away from the first one. */
  readonly depth: number;
  /** Whether every reachable state was visited: neither `maxStates` nor a violation ended the search. */
  readonly complete: boolean;
  /** How often each command changed something, by its name. */
  readonly changes: Readonly<Record<string, number>>;
  /** The first violation, or `null`. */
  readonly violation: ExploreViolation | null;
}

/** A rule that a reachable state breaks: `T-07` is an escalation, `S-12` an owner who cannot delete the workspace. */
export interface ExploreViolation extends Violation {
  /** A shortest sequence of steps from an empty storage to the violation, one line each. */
  readonly steps: readonly string[];
}
