// Random histories for fast-check: steps drawn by weight, and commands that check every invariant after each step.
import fc from 'fast-check';
import type { MemoryStorage } from '../../src/adapters/memory/memory-storage.js';
import { violations, type Violation } from '../../src/core/invariants/index.js';
import type { Limits } from '../../src/core/limits.js';
import { defaultMatrix } from '../../src/core/permission-matrix.js';
import type { WorkspaceService } from '../../src/service/workspace-service.js';
import type { FixedClock } from '../../src/testing/runtime.js';
import { outcomeOf } from '../../src/testing/scenario.js';
import { stepMethods, type Playground, type Step, type StepMethod } from './playground.js';

/**
 * How often each method is drawn, relative to the others: inviting and accepting more often than deleting, so that
 * there are members to act on.
 */
const WEIGHTS: Readonly<Partial<Record<StepMethod, number>>> = {
  openAccount: 1,
  createWorkspace: 1,
  deleteWorkspace: 1,
  restoreWorkspace: 1,
  purgeWorkspaces: 1,
  closeAccount: 1,
  transferOwnership: 3,
  // Short, so that it rarely stops the others.
  suspendWorkspace: 1,
  resumeWorkspace: 3,
  withdrawOwnershipOffer: 1,
  inviteMember: 5,
  reissueInvitation: 3,
  acceptInvitation: 8,
  revokeInvitation: 3,
  declineInvitation: 6,
  changeRole: 3,
  wait: 1,
};
const USUAL_WEIGHT = 2;

/** One random step. */
export function stepArbitrary(methods: readonly StepMethod[] = stepMethods): fc.Arbitrary<Step> {
  return fc.record({
    method: fc.constantFrom(
      ...methods.flatMap((method) => Array.from({ length: WEIGHTS[method] ?? USUAL_WEIGHT }, () => method)),
    ),
    actor: fc.nat(7),
    operator: fc.constantFrom(false, false, false, true),
    workspace: fc.nat(11),
    user: fc.nat(7),
    invitation: fc.nat(5),
    name: fc.nat(3),
    role: fc.constantFrom('manager', 'developer'),
    maxUses: fc.constantFrom(1, 1, 2, 3, 'unlimited' as const),
    recipient: fc.constantFrom('anyone', 'anyone', 'anyone', 'user', 'email'),
  });
}

/** The system under test, as `createTestWorkspaces` returns it. */
export interface RealWorkspaces {
  readonly workspaces: WorkspaceService;
  readonly storage: MemoryStorage;
  readonly clock: FixedClock;
}

/** Commands for fast-check's `asyncModelRun`: each runs one step, then checks every invariant on the whole storage. */
export function modelCommands(options: {
  readonly maxCommands: number;
  readonly limits: Limits;
  /** Which violations fail a history, by default all. */
  readonly sought?: (violation: Violation) => boolean;
}): fc.Arbitrary<Iterable<fc.AsyncCommand<Playground, RealWorkspaces>>> {
  const { maxCommands, limits, sought = () => true } = options;
  const command = stepArbitrary().map(
    (step): fc.AsyncCommand<Playground, RealWorkspaces> => ({
      check: () => true,
      async run(model, { workspaces, storage, clock }) {
        // Three waits outlast the hour of an invitation.
        if (step.method === 'wait') clock.advance(20 * 60_000);
        model.observe(await outcomeOf(() => model.callOf(step).run(workspaces)));
        const found = violations(storage.dump(), { matrix: defaultMatrix, now: clock.now(), limits });
        const broken = found.filter(sought);
        if (broken.length > 0)
          throw new Error(broken.map(({ rule, message }) => `${rule} ${message}`).join('\n'));
      },
      toString: () => JSON.stringify(step),
    }),
  );
  // By default fast-check draws ten commands at most, too few to reach most states.
  return fc.commands([command], { maxCommands, size: 'max' });
}
