// One step of the search: carries out an action as the service does, and checks the records that result.
import { actorRef, isOperator } from '../../core/actor.js';
import { applyEvents } from '../../core/apply-events.js';
import type { InvitationId, UserId } from '../../core/ids.js';
import { violations, type Violation } from '../../core/invariants/index.js';
import type { Limits } from '../../core/limits.js';
import type { PermissionMatrix } from '../../core/permissions.js';
import { encode, type Encoded } from './canonical.js';
import { escalation } from './escalation.js';
import type { Commands, Move } from './generators.js';
import type { Moves } from './moves.js';
import { changed, worldOf, type Records } from './records.js';
import { NOW, TEAM, invitationId, type State } from './state.js';

/** What is searched: the commands, and what they decide by. */
export interface System {
  readonly commands: Commands;
  readonly users: readonly UserId[];
  readonly matrix: PermissionMatrix;
  readonly limits: Limits;
  readonly graceSeconds: number;
}

/** A state with its records, and the moves that its users can make. */
export interface Position {
  readonly state: State;
  readonly records: Records;
  readonly users: readonly UserId[];
  readonly moves: Moves;
}

/** A call of a command, or the expiry of an invitation. */
export type Action =
  | { readonly kind: 'move'; readonly move: Move }
  | { readonly kind: 'expiry'; readonly invitationId: InvitationId };

export type Outcome =
  | { readonly kind: 'refused' | 'unchanged' }
  | { readonly kind: 'changed'; readonly next: Encoded }
  | { readonly kind: 'broken'; readonly violation: Violation };

export function* actionsIn({ state, records, moves }: Position): Generator<Action> {
  for (const move of moves.in(state)) yield { kind: 'move', move };
  for (const { id, expiresAt } of records.workspaces.get(TEAM)?.invitations.values() ?? []) {
    if (expiresAt > NOW) yield { kind: 'expiry', invitationId: id };
  }
}

/** Carries out an action. `checked` collects the records without a violation, so that no step checks them again. */
export function perform(system: System, position: Position, action: Action, checked: Set<string>): Outcome {
  const { matrix, limits } = system;
  const { records, users } = position;
  if (action.kind === 'expiry') {
    return { kind: 'changed', next: encode(withExpired(records, action.invitationId), users, OPEN) };
  }
  const { actor, command } = action.move;
  try {
    const { snapshot, decision } = action.move.decide(records, system);
    if (!decision.ok) return { kind: 'refused' };
    const { events, issued, emailKeys } = decision;
    if (events.length === 0) return { kind: 'unchanged' };
    const eventIds = events.map((_, index) => String(index));
    const metadata = { actor: actorRef(actor), now: NOW, eventIds, issued, emailKeys };
    const { commit } = applyEvents(snapshot, events, metadata);
    const after = changed(records, commit.changes);
    const [teamBefore, teamAfter] = [records.workspaces.get(TEAM), after.workspaces.get(TEAM)];
    const message = escalation(teamBefore, teamAfter, actor, matrix);
    if (message !== null) return broken('T-07', message);

    const next = encode(after, users, OPEN);
    const ended = endedBy(position, after);
    const everything = ended.length > 0 ? encode(after, users, ALL).text : next.text;
    if (onlyTeamChanged(records, after) && checked.has(everything)) return { kind: 'changed', next };
    checked.add(everything);
    const found = violations(worldOf(after), { matrix, now: NOW, limits }).find(
      ({ rule }) => rule !== AUDIT_LOG,
    );
    if (found) return { kind: 'broken', violation: found };
    return opened(system, position, after, ended) ?? { kind: 'changed', next };
  } catch (error) {
    return broken('S-12', `${command} threw: ${String(error)}`);
  }
}

const OPEN = { ended: false };
const ALL = { ended: true };
/** The rule about the events of a workspace: they are not part of a state. */
const AUDIT_LOG = 'S-01';

/** Whether an action is the owner of the team deleting it. */
export function isDeletionByOwner(action: Action, { records }: Position): boolean {
  if (action.kind !== 'move' || action.move.command !== 'deleteWorkspace') return false;
  const { actor } = action.move;
  return !isOperator(actor) && records.workspaces.get(TEAM)?.workspace.ownerId === actor.userId;
}

/** The indexes of the invitations that a step closed. */
function endedBy({ state }: Position, after: Records): number[] {
  const { team } = state;
  const contents = after.workspaces.get(TEAM);
  if (typeof team !== 'object' || !contents) return [];
  return [...team.invitations.keys()].filter(
    (index) => contents.invitations.get(invitationId(index))?.state !== 'open',
  );
}

/** States keep no closed invitations, so each is tried right after the step that closed it: it must admit no one. */
function opened(
  system: System,
  { state, moves }: Position,
  after: Records,
  ended: readonly number[],
): Outcome | null {
  for (const index of ended) {
    const expired = typeof state.team === 'object' && state.team.invitations[index]?.[5] === 'expired';
    for (const move of moves.ofInvitation(index, expired)) {
      if (move.command !== 'acceptInvitation' && move.command !== 'declineInvitation') continue;
      const { decision } = move.decide(after, system);
      if (decision.ok && decision.events.length > 0) {
        const who = isOperator(move.actor) ? move.actor.operator : move.actor.userId;
        return broken(
          'I-21',
          `afterwards ${move.command} by ${who} succeeds, though the invitation has ended`,
        );
      }
    }
  }
  return null;
}

function onlyTeamChanged(before: Records, after: Records): boolean {
  for (const [id, contents] of after.workspaces) {
    if (id !== TEAM && contents !== before.workspaces.get(id)) return false;
  }
  return true;
}

function withExpired(records: Records, id: InvitationId): Records {
  const invitation = records.workspaces.get(TEAM)?.invitations.get(id);
  if (!invitation) return records;
  return changed(records, [{ kind: 'invitation.update', invitation: { ...invitation, expiresAt: NOW } }]);
}

function broken(rule: string, message: string): Outcome {
  return { kind: 'broken', violation: { rule, message } };
}
