// The steps to a state, as text: repeats one path of the search, with the same user names throughout.
import { isUser, type ActorRef } from '../../core/actor.js';
import type { UserId } from '../../core/ids.js';
import type { Violation } from '../../core/invariants/index.js';
import { movesOf } from './moves.js';
import type { Records } from './records.js';
import { NEW_INVITATION, TEAM, recordsOf, type State } from './state.js';
import { actionsIn, perform, type Action, type Position, type System } from './step.js';

/** How a state was first reached: by which action of which state, both as indexes. The start has no parent. */
export interface Reached {
  readonly text: string;
  readonly parent: number;
  readonly action: number;
}

export interface Trace {
  readonly steps: readonly string[];
  /** What the last step broke. */
  readonly violation: Violation | null;
  readonly end: Position;
}

/** Repeats the actions that lead to a state, or to the action that broke a rule. */
export function traceTo(system: System, reached: readonly Reached[], last: Omit<Reached, 'text'>): Trace {
  const path: number[] = [];
  for (let at = last; at.parent >= 0; ) {
    path.unshift(at.action);
    const parent = reached[at.parent];
    if (parent === undefined) break;
    at = parent;
  }
  const steps: string[] = [];
  let position = positionOf(system, reached[0]?.text ?? '', system.users);
  for (const index of path) {
    const action = [...actionsIn(position)][index];
    if (action === undefined) break;
    steps.push(described(action, position.records));
    const outcome = perform(system, position, action, new Set());
    if (outcome.kind === 'broken') return { steps, violation: outcome.violation, end: position };
    // The next state numbers the users in another order; their names stay the same.
    if (outcome.kind === 'changed') position = positionOf(system, outcome.next.text, outcome.next.users);
  }
  return { steps, violation: null, end: position };
}

function positionOf(system: System, text: string, users: readonly UserId[]): Position {
  const state = JSON.parse(text) as State;
  return {
    state,
    users,
    records: recordsOf(state, users),
    moves: movesOf(system.commands, users, system.matrix.roles),
  };
}

/** As `ben: changeRole { userId: cleo, role: manager }`. */
function described(action: Action, records: Records): string {
  if (action.kind === 'expiry') return `${invitationIn(records, action.invitationId)} expires`;
  const { actor, command, input } = action.move;
  const fields = Object.entries(input).flatMap(([name, value]: [string, unknown]) => {
    if (LEFT_OUT.includes(name) || value === undefined || value === TEAM || value === NEW_INVITATION)
      return [];
    const shown =
      name === 'invitationId' && typeof value === 'string' ? invitationIn(records, value) : shownValue(value);
    return [`${name}: ${shown}`];
  });
  return `${nameOf(actor)}: ${command}${fields.length > 0 ? ` { ${fields.join(', ')} }` : ''}`;
}

/** What the service adds to the input, and what is the same in every call. */
const LEFT_OUT = ['secretHash', 'issuedAt', 'expiresAt', 'expiresInSeconds', 'newWorkspaceId'];

function invitationIn(records: Records, id: string): string {
  const invitation = records.workspaces.get(TEAM)?.invitations.get(id);
  if (!invitation) return id;
  const { role, issuedBy, recipient, maxUses, uses } = invitation;
  const to = recipient && isUser(recipient) ? ` for ${recipient.userId}` : '';
  return `the invitation to ${role}${to} by ${nameOf(issuedBy)} (${String(uses)} of ${String(maxUses)} used)`;
}

function nameOf(actor: ActorRef): string {
  return isUser(actor) ? actor.userId : actor.operator;
}

function shownValue(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'userId' in value) return String(value.userId);
  return String(value);
}
