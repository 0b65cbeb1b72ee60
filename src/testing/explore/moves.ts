// The moves of a state: every call that an actor can make in it, with one workspace and its invitations as the targets.
import type { UserId } from '../../core/ids.js';
import { movesOn, type Commands, type Move } from './generators.js';
import { TEAM, personalWorkspaceOf, type State } from './state.js';

/** The moves of every state, in a fixed order: a move is known by its position. */
export interface Moves {
  in(state: State): Iterable<Move>;
  /** Those that name one invitation of the team. */
  ofInvitation(index: number, expired: boolean): readonly Move[];
}

export function movesOf(commands: Commands, userIds: readonly UserId[], roles: readonly string[]): Moves {
  const callers = { users: userIds.map((userId) => ({ userId })), roles };
  const always = movesOn({ workspaceId: TEAM }, commands, callers);
  const inPersonal = userIds.map((userId) =>
    movesOn({ workspaceId: personalWorkspaceOf(userId) }, commands, callers),
  );
  const invitations = new Map<string, readonly Move[]>();

  const ofInvitation = (index: number, expired: boolean): readonly Move[] => {
    const key = `${String(index)} ${String(expired)}`;
    const moves =
      invitations.get(key) ??
      movesOn({ workspaceId: TEAM, invitation: { index, expired } }, commands, callers);
    invitations.set(key, moves);
    return moves;
  };
  return {
    *in({ accounts, team }) {
      yield* always;
      // No decision on a personal workspace reads the team, so these are tried before there is one.
      if (team === 'none') {
        for (const [index, moves] of inPersonal.entries()) if (accounts[index] !== null) yield* moves;
      }
      if (typeof team !== 'object') return;
      for (const [index, invitation] of team.invitations.entries()) {
        yield* ofInvitation(index, invitation[5] === 'expired');
      }
    },
    ofInvitation,
  };
}
