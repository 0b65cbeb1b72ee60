// Breadth-first search over the states that the commands reach: the first violation that it meets is a shortest one.
import type { Violation } from '../../core/invariants/index.js';
import type { CommandName, Commands } from './generators.js';
import { movesOf } from './moves.js';
import type { ExploreReport, ExploreViolation } from './report.js';
import { TEAM, recordsOf, type State } from './state.js';
import { actionsIn, isDeletionByOwner, perform, type Position, type System } from './step.js';
import { traceTo, type Reached } from './trace.js';

/** Visits every state that the system reaches, unless there are more than `maxStates`. */
export function search(system: System, maxStates: number): ExploreReport {
  const { commands, users, matrix } = system;
  const moves = movesOf(commands, users, matrix.roles);
  const start = JSON.stringify({ accounts: users.map(() => null), team: 'none' } satisfies State);
  const reached: Reached[] = [{ text: start, parent: -1, action: -1 }];
  const known = new Set([start]);
  const checked = new Set<string>();
  const changes = zeros(commands);
  let [decisions, refused, depth, levelEnd] = [0, 0, 0, 1];
  const ended = (end: Pick<ExploreReport, 'complete' | 'violation'>): ExploreReport => ({
    states: reached.length,
    decisions,
    refused,
    depth,
    changes,
    ...end,
  });

  const brokenBy = (found: Violation, last: Omit<Reached, 'text'>): ExploreViolation => {
    // The trace names the users as its steps do.
    const { steps, violation } = traceTo(system, reached, last);
    return { ...(violation ?? found), steps };
  };
  const stuckIn = (state: Reached): ExploreViolation => {
    const { steps, end } = traceTo(system, reached, state);
    const owner = end.records.workspaces.get(TEAM)?.workspace.ownerId ?? '';
    return { rule: 'S-12', message: `${owner}, the owner, cannot delete the workspace`, steps };
  };

  // The list grows while it is read.
  for (const [parent, current] of reached.entries()) {
    if (parent === levelEnd) [depth, levelEnd] = [depth + 1, reached.length];
    const state = JSON.parse(current.text) as State;
    const position: Position = { state, records: recordsOf(state, users), users, moves };
    let ownerCanDelete = typeof state.team !== 'object' || state.team.deletion !== null;
    let index = 0;
    for (const action of actionsIn(position)) {
      const outcome = perform(system, position, action, checked);
      if (action.kind === 'move') decisions++;
      if (outcome.kind === 'refused') refused++;
      if (outcome.kind === 'broken') {
        return ended({ complete: false, violation: brokenBy(outcome.violation, { parent, action: index }) });
      }
      if (outcome.kind === 'changed') {
        if (action.kind === 'move') changes[action.move.command]++;
        ownerCanDelete ||= isDeletionByOwner(action, position);
        const { text } = outcome.next;
        if (!known.has(text)) {
          if (reached.length >= maxStates) return ended({ complete: false, violation: null });
          known.add(text);
          reached.push({ text, parent, action: index });
        }
      }
      index++;
    }
    if (!ownerCanDelete) {
      return ended({ complete: false, violation: stuckIn(current) });
    }
  }
  return ended({ complete: true, violation: null });
}

function zeros(commands: Commands): Record<CommandName, number> {
  return Object.fromEntries(Object.keys(commands).map((name) => [name, 0])) as Record<CommandName, number>;
}
