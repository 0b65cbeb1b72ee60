// What must hold in every reachable state. The property tests check it after every step; hosts may, too.
import type { AccountRecord } from './account.js';
import { isUser } from './actor.js';
import { mayInvite } from './decision.js';
import type { StoredEvent, WorkspaceEvent } from './events.js';
import type { InvitationId, WorkspaceId } from './ids.js';
import { recipientKey, seatsHeld, statusAt, type InvitationRecord } from './invitation.js';
import { within, type Limits } from './limits.js';
import type { MemberRecord } from './member.js';
import { nameKey } from './names.js';
import { OWNER, type PermissionMatrix } from './permissions.js';
import type { WorkspaceRecord } from './workspace.js';

/** Everything that a storage holds. */
export interface World {
  readonly accounts: readonly AccountRecord[];
  readonly workspaces: readonly WorkspaceRecord[];
  readonly members: readonly MemberRecord[];
  readonly invitations: readonly InvitationRecord[];
  readonly events: readonly StoredEvent[];
  /** Ids of deleted workspaces. */
  readonly tombstones: readonly WorkspaceId[];
}

/** A rule that does not hold, and where. */
export interface Violation {
  /** The number of the rule, as in the list of rules. */
  readonly rule: string;
  readonly message: string;
}

/** What the world is judged by. */
export interface InvariantOptions {
  readonly matrix: PermissionMatrix;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /**
   * Limits that have applied from the first instant; counts are not compared when left out.
   * @default undefined
   */
  readonly limits?: Limits;
}

/**
 * Every rule that a state breaks; empty when all hold. Takes everything at once, so it is for tests and audits.
 *
 * @example
 * ```ts
 * import { sealosMatrix, violations } from 'tenantry';
 * import { memoryStorage } from 'tenantry/memory';
 *
 * const storage = memoryStorage();
 * violations(storage.dump(), { matrix: sealosMatrix, now: Date.now() }); // []
 * ```
 */
export function violations(world: World, options: InvariantOptions): Violation[] {
  const found: Violation[] = [];
  const check = (rule: string, holds: boolean, message: string): void => {
    if (!holds) found.push({ rule, message });
  };
  const accounts = new Map(world.accounts.map((account) => [account.userId, account]));
  const workspaces = new Map(world.workspaces.map((workspace) => [workspace.id, workspace]));
  const members = groupBy(world.members, ({ workspaceId }) => workspaceId);
  const invitations = groupBy(world.invitations, ({ workspaceId }) => workspaceId);
  const owned = groupBy(world.workspaces, ({ ownerId }) => ownerId);

  for (const workspace of world.workspaces) {
    workspaceHolds(
      workspace,
      members.get(workspace.id) ?? [],
      invitations.get(workspace.id) ?? [],
      options,
      check,
    );
    const owner = accounts.get(workspace.ownerId);
    check('W-01', owner !== undefined, `${workspace.id}: the owner has no account`);
    if (workspace.kind !== 'personal') continue;
    check(
      'A-04',
      owner?.personalWorkspaceId === workspace.id,
      `${workspace.id}: not its owner's personal workspace`,
    );
    check('A-04', owner?.username === workspace.name, `${workspace.id}: does not bear the username`);
  }
  for (const account of world.accounts) {
    const own = owned.get(account.userId) ?? [];
    const teams = own.filter(({ kind }) => kind === 'team').length;
    check('A-05', workspaces.has(account.personalWorkspaceId), `${account.userId}: no personal workspace`);
    check('A-02', own.length - teams === 1, `${account.userId}: not exactly one personal workspace`);
    check(
      'W-03',
      account.ownedTeams === teams,
      `${account.userId}: ownedTeams is not the number of owned teams`,
    );
    if (options.limits) {
      check(
        'W-03',
        within(teams, options.limits.workspacesPerOwner),
        `${account.userId}: owns too many workspaces`,
      );
    }
    check('A-03', account.usernameKey === nameKey(account.username), `${account.userId}: stale username key`);
  }
  check(
    'A-03',
    unique(world.accounts, ({ usernameKey }) => usernameKey),
    'two accounts share a username',
  );
  check(
    'W-02',
    unique(world.workspaces, ({ ownerId, nameKey: key }) => JSON.stringify([ownerId, key])),
    'one owner has two workspaces of one name',
  );
  check(
    'M-01',
    unique(world.members, ({ workspaceId, userId }) => JSON.stringify([workspaceId, userId])),
    'two memberships of one user in one workspace',
  );
  check(
    'A-02',
    unique(world.accounts, ({ userId }) => userId),
    'two accounts of one user',
  );
  check(
    'W-01',
    unique(world.workspaces, ({ id }) => id),
    'two workspaces of one id',
  );
  for (const { workspaceId, userId } of world.members) {
    check('W-06', workspaces.has(workspaceId), `${userId}: member of ${workspaceId}, which is gone`);
    check('M-01', accounts.has(userId), `${userId}: a member without an account`);
  }
  for (const { id, workspaceId } of world.invitations) {
    check('W-06', workspaces.has(workspaceId), `${id}: invitation into ${workspaceId}, which is gone`);
  }
  for (const id of world.tombstones)
    check('W-05', !workspaces.has(id), `${id}: given out again after its deletion`);
  eventsHold(world, check);
  return found;
}

type Check = (rule: string, holds: boolean, message: string) => void;

function workspaceHolds(
  workspace: WorkspaceRecord,
  members: readonly MemberRecord[],
  invitations: readonly InvitationRecord[],
  { matrix, now, limits }: InvariantOptions,
  check: Check,
): void {
  const { id } = workspace;
  const roles = new Map(members.map(({ userId, role }) => [userId, role]));
  const owners = members.filter(({ role }) => role === OWNER);
  check('W-07', owners.length === 1, `${id}: ${String(owners.length)} owners`);
  check('W-07', owners[0]?.userId === workspace.ownerId, `${id}: the owner is not whom the workspace names`);
  check('M-08', workspace.memberCount === members.length, `${id}: memberCount is not the number of members`);
  check('W-02', workspace.nameKey === nameKey(workspace.name), `${id}: stale name key`);
  check(
    'T-05',
    members.every(({ role }) => matrix.hasRole(role)),
    `${id}: a member with an unknown role`,
  );
  if (workspace.kind === 'personal') {
    check('A-05', members.length === 1, `${id}: a personal workspace with ${String(members.length)} members`);
    check('A-05', invitations.length === 0, `${id}: an invitation into a personal workspace`);
  }

  const open = invitations.filter(({ state }) => state === 'open');
  check('I-22', workspace.openInvitations === open.length, `${id}: openInvitations is not their number`);
  check(
    'M-08',
    workspace.reservedSeats === sum(open.map(seatsHeld)),
    `${id}: reservedSeats is not their sum`,
  );
  check(
    'I-19',
    unique(
      open.filter(({ recipient }) => recipient !== null),
      ({ recipient }) => recipient && recipientKey(recipient),
    ),
    `${id}: two open invitations for one recipient`,
  );
  for (const invitation of invitations) {
    const usedUp = invitation.maxUses !== 'unlimited' && invitation.uses >= invitation.maxUses;
    check(
      'I-12',
      usedUp === (invitation.state === 'used'),
      `${invitation.id}: used up and ${invitation.state}`,
    );
    check(
      'I-12',
      invitation.maxUses === 'unlimited' || invitation.uses <= invitation.maxUses,
      `${invitation.id}: used too often`,
    );
    check('I-20', invitation.role !== OWNER, `${invitation.id}: an invitation to owner`);
    if (statusAt(invitation, now) !== 'open' || !isUser(invitation.issuedBy)) continue;
    const issuer = roles.get(invitation.issuedBy.userId);
    check(
      'M-07',
      issuer !== undefined && mayInvite(matrix, issuer, invitation.role),
      `${invitation.id}: open, though its issuer may not invite to ${invitation.role}`,
    );
  }
  if (!limits) return;
  const live = open.filter((invitation) => statusAt(invitation, now) === 'open');
  if (workspace.kind === 'team') {
    const seats = members.length + sum(live.map(seatsHeld));
    check('M-08', within(seats, limits.membersPerWorkspace), `${id}: ${String(seats)} seats taken`);
  }
  check('I-22', within(live.length, limits.openInvitationsPerWorkspace), `${id}: too many open invitations`);
}

/** Per workspace, (version, index) is gapless and ordered, and ends at the version of the record. */
function eventsHold(world: World, check: Check): void {
  const versions = new Map(world.workspaces.map(({ id, version }) => [id, version]));
  const events = groupBy(
    world.events.filter((event) => 'workspaceId' in event),
    ({ workspaceId }) => workspaceId,
  );
  for (const id of world.tombstones) {
    check(
      'W-05',
      events.get(id)?.at(-1)?.type === 'workspace.deleted',
      `${id}: a tombstone without its last event`,
    );
  }
  for (const [id, version] of versions) {
    check(
      'S-01',
      events.get(id)?.at(-1)?.version === version,
      `${id}: the events end before version ${String(version)}`,
    );
  }
  for (const [id, trail] of events) {
    invitationsHeld(trail, check);
    let [version, index] = [0, 0];
    for (const event of trail) {
      const next =
        event.version === version
          ? event.index === index + 1
          : event.version === version + 1 && event.index === 0;
      check('T-09', next, `${id}: a gap before event (${String(event.version)}, ${String(event.index)})`);
      ({ version, index } = event);
    }
  }
}

/** What an invitation did in the past: nobody came in by one that had ended, nor more than it said. */
function invitationsHeld(trail: readonly WorkspaceEvent[], check: Check): void {
  const left = new Map<InvitationId, number>();
  for (const event of trail) {
    switch (event.type) {
      case 'invitation.created': {
        const { invitationId, maxUses } = event.data;
        left.set(invitationId, maxUses === 'unlimited' ? Infinity : maxUses);
        break;
      }
      case 'invitation.accepted': {
        const { invitationId } = event.data;
        const uses = left.get(invitationId) ?? 0;
        check('I-21', uses > 0, `${invitationId}: accepted after it had ended`);
        left.set(invitationId, uses - 1);
        break;
      }
      case 'invitation.revoked':
      case 'invitation.declined':
      case 'invitation.expired':
        left.set(event.data.invitationId, 0);
        break;
      default:
    }
  }
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function unique<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): boolean {
  return new Set(items.map(keyOf)).size === items.length;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
