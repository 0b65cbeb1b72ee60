// Accounts: one for each user, with a username, a personal workspace, and the number of owned teams.
import { within } from '../limits.js';
import { usernameKeyOf } from '../account.js';
import { groupBy, unique, type Check, type InvariantOptions, type World } from './world.js';

export function checkAccounts(
  { accounts, workspaces }: World,
  { limits }: InvariantOptions,
  check: Check,
): void {
  const owned = groupBy(workspaces, ({ ownerId }) => ownerId);
  const ids = new Set(workspaces.map(({ id }) => id));
  for (const { userId, username, usernameKey, ownedTeams, personalWorkspaceId } of accounts) {
    const own = owned.get(userId) ?? [];
    const teams = own.filter(({ kind }) => kind === 'team').length;
    check('A-05', ids.has(personalWorkspaceId), `${userId}: no personal workspace`);
    check('A-02', own.length - teams === 1, `${userId}: not exactly one personal workspace`);
    check('W-03', ownedTeams === teams, `${userId}: ownedTeams is not the number of owned teams`);
    const isWithin = limits === undefined || within(teams, limits.workspacesPerOwner);
    check('W-03', isWithin, `${userId}: owns too many workspaces`);
    const isCurrent = [true, false].some(
      (areUnique) => usernameKey === usernameKeyOf(username, userId, areUnique),
    );
    check('A-03', isCurrent, `${userId}: stale username key`);
  }
  check(
    'A-03',
    unique(accounts, ({ usernameKey }) => usernameKey),
    'two accounts share a username',
  );
  check(
    'A-02',
    unique(accounts, ({ userId }) => userId),
    'two accounts of one user',
  );
}
