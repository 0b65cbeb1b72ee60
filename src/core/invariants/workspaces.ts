// Workspaces and their members: owners, names, counts and roles.
import type { MemberRecord } from '../member.js';
import { nameKey } from '../names.js';
import { OWNER } from '../permissions.js';
import type { WorkspaceRecord } from '../workspace.js';
import { groupBy, unique, type Check, type InvariantOptions, type World } from './world.js';

export function checkWorkspaces(world: World, options: InvariantOptions, check: Check): void {
  const accounts = new Map(world.accounts.map((account) => [account.userId, account]));
  const members = groupBy(world.members, ({ workspaceId }) => workspaceId);
  const ids = new Set(world.workspaces.map(({ id }) => id));

  for (const workspace of world.workspaces) {
    checkMembers(workspace, members.get(workspace.id) ?? [], options, check);
    const { id, name, kind, offer, deletion } = workspace;
    check('W-09', kind === 'team' || deletion === null, `${id}: a personal workspace that is deleted`);
    check('W-02', workspace.nameKey === nameKey(name), `${id}: stale name key`);
    const isOfferedToMember =
      offer === null ||
      (offer.userId !== workspace.ownerId &&
        members.get(workspace.id)?.some(({ userId }) => userId === offer.userId) === true);
    check('M-12', isOfferedToMember, `${id}: the ownership is offered to a user who cannot accept it`);
    const owner = accounts.get(workspace.ownerId);
    check('W-01', owner !== undefined, `${id}: the owner has no account`);
    if (kind !== 'personal') continue;
    check('A-04', owner?.personalWorkspaceId === id, `${id}: not the personal workspace of its owner`);
    check('A-04', owner?.username === name, `${id}: its name is not the username`);
  }
  for (const { workspaceId, userId } of world.members) {
    check('W-06', ids.has(workspaceId), `${userId}: member of ${workspaceId}, which does not exist`);
    check('M-01', accounts.has(userId), `${userId}: a member without an account`);
  }
  for (const { workspaceId, userId } of world.departures)
    check('W-06', ids.has(workspaceId), `${userId}: a departure from ${workspaceId}, which does not exist`);
  for (const id of world.tombstones) check('W-05', !ids.has(id), `${id}: reused after its deletion`);
  check('W-01', ids.size === world.workspaces.length, 'two workspaces with one id');
  check(
    'W-02',
    unique(world.workspaces, ({ ownerId, nameKey: key }) => JSON.stringify([ownerId, key])),
    'one owner has two workspaces with one name',
  );
  check(
    'M-01',
    unique(world.members, ({ workspaceId, userId }) => JSON.stringify([workspaceId, userId])),
    'two memberships of one user in one workspace',
  );
}

function checkMembers(
  { id, ownerId, kind, memberCount }: WorkspaceRecord,
  members: readonly MemberRecord[],
  { matrix }: InvariantOptions,
  check: Check,
): void {
  const owners = members.filter(({ role }) => role === OWNER);
  check('W-07', owners.length === 1, `${id}: ${String(owners.length)} owners`);
  check('W-07', owners[0]?.userId === ownerId, `${id}: the member with the owner's role is not its ownerId`);
  check('M-08', memberCount === members.length, `${id}: memberCount is not the number of members`);
  const areRolesKnown = members.every(({ role }) => matrix.hasRole(role));
  check('T-05', areRolesKnown, `${id}: a member with an unknown role`);
  if (kind === 'personal')
    check('A-05', members.length === 1, `${id}: a personal workspace with ${String(members.length)} members`);
}
