// Accounts: one for each user, with a username, a personal workspace, and the number of owned teams.
import { isUser } from '../actor.js';
import { within } from '../limits.js';
import { closedKeyOf, usernameKeyOf } from '../account.js';
import { groupBy, unique, type Check, type InvariantOptions, type World } from './world.js';

export function checkAccounts(world: World, { limits }: InvariantOptions, check: Check): void {
  const { accounts, workspaces } = world;
  const owned = groupBy(workspaces, ({ ownerId }) => ownerId);
  const ids = new Set(workspaces.map(({ id }) => id));
  checkEnded(world, check);
  for (const { userId, status, username, usernameKey, ownedTeams, personalWorkspaceId } of accounts) {
    if (status === 'closed') continue;
    const own = owned.get(userId) ?? [];
    const personal = own.filter(({ kind }) => kind === 'personal').length;
    const teams = own.filter(({ kind, deletion }) => kind === 'team' && deletion === null).length;
    check('A-05', ids.has(personalWorkspaceId), `${userId}: no personal workspace`);
    check('A-02', personal === 1, `${userId}: not exactly one personal workspace`);
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

/** An account that is closing owns no team. A closed one is a member of nothing, and has no open invitation. */
function checkEnded({ accounts, workspaces, members, invitations }: World, check: Check): void {
  const ended = new Map(accounts.filter(({ status }) => status !== 'open').map((one) => [one.userId, one]));
  if (ended.size === 0) return;
  const isClosed = (userId: string): boolean => ended.get(userId)?.status === 'closed';
  for (const { userId, status, usernameKey, ownedTeams } of ended.values()) {
    check('A-09', ownedTeams === 0, `${userId}: ${status}, but owns team workspaces`);
    const isFree = status === 'closing' || usernameKey === closedKeyOf(userId);
    check('A-09', isFree, `${userId}: closed, but the username is not free`);
  }
  for (const { id, ownerId, kind, deletion } of workspaces) {
    const isKept = kind === 'team' && deletion === null;
    const isOwned = ended.has(ownerId) && (isKept || isClosed(ownerId));
    check('A-09', !isOwned, `${id}: its owner has closed the account`);
  }
  for (const { workspaceId, userId } of members)
    check('A-09', !isClosed(userId), `${userId}: a member of ${workspaceId} with a closed account`);
  for (const { id, state, issuedBy } of invitations) {
    const isBy = state === 'open' && isUser(issuedBy) && isClosed(issuedBy.userId);
    check('A-09', !isBy, `${id}: open, but its issuer has closed the account`);
  }
}
