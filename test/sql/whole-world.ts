// Reads everything in a database through the port, and checks its invariants and its agreement with its events.
import { sql } from 'kysely';
import { sqlStorage, type SqlDatabase, type SqlTables } from '../../src/adapters/sql/index.js';
import {
  defaultMatrix,
  ERASED,
  type AccountEvent,
  type Limits,
  type WorkspaceEvent,
} from '../../src/index.js';
import { violations, type World } from '../../src/testing/index.js';
import { readWorld } from '../../src/testing/worlds.js';
import type { TestDatabase } from './databases.js';

/** Pass `db` to read in a transaction, and so from one snapshot. */
export async function wholeWorld(
  {
    db: host,
    tables,
    table,
  }: Pick<TestDatabase, 'table'> & {
    readonly db: SqlDatabase;
    readonly tables: SqlTables;
  },
  db: SqlDatabase = host,
): Promise<World> {
  const users = await sql<{ id: string }>`select user_id as id from ${sql.table(table('accounts'))}`.execute(
    db,
  );
  const workspaces = await sql<{ id: string }>`select id from ${sql.table(table('workspace_ids'))}`.execute(
    db,
  );
  return readWorld(sqlStorage({ db, ...tables }), {
    users: users.rows.map(({ id }) => id),
    workspaces: workspaces.rows.map(({ id }) => id),
  });
}

/** The violations; empty if there are none. */
export function unsound(world: World, limits?: Limits): string[] {
  const broken = violations(world, { matrix: defaultMatrix, now: Date.now(), ...(limits && { limits }) });
  return [...broken.map(({ rule, message }) => `${rule} ${message}`), ...disagreements(world)];
}

/** The differences between the records and the state that follows from the events. */
function disagreements(world: World): string[] {
  const expected = new Map<string, string>();
  for (const event of world.events) {
    if ('workspaceId' in event) applyWorkspaceEvent(expected, event);
    else applyAccountEvent(expected, event);
  }
  const stored = new Map<string, string>();
  for (const { userId, username, activeWorkspaceId } of world.accounts) {
    stored.set(`${userId} is called`, username);
    stored.set(`${userId} is in`, activeWorkspaceId);
  }
  for (const { id, name, ownerId } of world.workspaces) {
    stored.set(`${id} is called`, name);
    stored.set(`${id} belongs to`, ownerId);
  }
  for (const { workspaceId, userId, role } of world.members) stored.set(`${workspaceId} has ${userId}`, role);
  for (const { workspaceId, id, uses, state } of world.invitations) {
    // An invitation that is used up has no event for it.
    stored.set(`${workspaceId} invites by ${id}`, `${uses} ${state === 'used' ? 'open' : state}`);
  }
  return (
    [...new Set([...expected.keys(), ...stored.keys()])]
      // An erased event tells no name, and the record keeps its own until the account is closed.
      .filter((what) => expected.get(what) !== stored.get(what) && expected.get(what) !== ERASED)
      .map((what) => `${what} ${String(stored.get(what))}, by its events ${String(expected.get(what))}`)
  );
}

function applyAccountEvent(expected: Map<string, string>, event: AccountEvent<string>): void {
  const { userId } = event;
  switch (event.type) {
    case 'account.opened':
      expected.set(`${userId} is called`, event.data.username);
      expected.set(`${userId} is in`, event.data.personalWorkspaceId);
      return;
    case 'account.renamed':
      expected.set(`${userId} is called`, event.data.to);
      return;
    case 'account.switched':
      expected.set(`${userId} is in`, event.data.to);
      return;
    case 'account.close-started':
    case 'account.closed':
      return;
    case 'account.erased':
      expected.set(`${userId} is called`, ERASED);
      return;
    default:
      event satisfies never;
  }
}

/** Other events change nothing of what is compared; if one does, the records disagree with it. */
function applyWorkspaceEvent(expected: Map<string, string>, event: WorkspaceEvent<string>): void {
  const id = event.workspaceId;
  const member = (userId: string): string => `${id} has ${userId}`;
  const invitation = (invitationId: string): string => `${id} invites by ${invitationId}`;
  const usesOf = (invitationId: string): string =>
    expected.get(invitation(invitationId))?.split(' ')[0] ?? '';
  const forget = (): void => {
    for (const what of expected.keys()) if (what.startsWith(`${id} `)) expected.delete(what);
  };
  switch (event.type) {
    case 'workspace.created':
      expected.set(`${id} is called`, event.data.name);
      expected.set(`${id} belongs to`, event.data.ownerId);
      expected.set(member(event.data.ownerId), 'owner');
      return;
    case 'workspace.renamed':
      expected.set(`${id} is called`, event.data.to);
      return;
    case 'workspace.deleted':
      // in a grace period the records are kept until the purge
      if (event.data.purgeAt === undefined) forget();
      return;
    case 'workspace.purged':
      forget();
      return;
    case 'workspace.transferred':
      expected.set(`${id} belongs to`, event.data.to);
      expected.set(member(event.data.from), event.data.formerOwnerRole);
      expected.set(member(event.data.to), 'owner');
      return;
    case 'member.joined':
      expected.set(member(event.data.userId), event.data.role);
      return;
    case 'member.left':
    case 'member.removed':
      expected.delete(member(event.data.userId));
      return;
    case 'member.role-changed':
      expected.set(member(event.data.userId), event.data.to);
      return;
    case 'invitation.created':
      expected.set(invitation(event.data.invitationId), '0 open');
      return;
    case 'invitation.accepted':
      expected.set(invitation(event.data.invitationId), `${event.data.uses} open`);
      return;
    case 'invitation.declined':
    case 'invitation.revoked':
    case 'invitation.expired': {
      const { invitationId } = event.data;
      expected.set(
        invitation(invitationId),
        `${usesOf(invitationId)} ${event.type.replace('invitation.', '')}`,
      );
      return;
    }
    default:
  }
}
