// Everything that a database holds, read through the port; and whether it is sound: by itself, and told by its events.
import { sql } from 'kysely';
import { sqlStorage, type SqlDatabase, type SqlTables } from '../../src/adapters/sql/index.js';
import {
  sealosMatrix,
  violations,
  type AccountEvent,
  type Limits,
  type World,
  type WorkspaceEvent,
} from '../../src/index.js';
import { readWorld } from '../../src/testing/worlds.js';
import type { TestDatabase } from './databases.js';

/** `db` is left out, or a transaction in which everything stands still. */
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

/** What is wrong, in words; empty when nothing is. */
export function unsound(world: World, limits?: Limits): string[] {
  const broken = violations(world, { matrix: sealosMatrix, now: Date.now(), ...(limits && { limits }) });
  return [...broken.map(({ rule, message }) => `${rule} ${message}`), ...disagreements(world)];
}

/** Where the records are not what the events say that they must be. */
function disagreements(world: World): string[] {
  const told = new Map<string, string>();
  for (const event of world.events) {
    if ('workspaceId' in event) tell(told, event);
    else tellOfAccount(told, event);
  }
  const kept = new Map<string, string>();
  for (const { userId, username, activeWorkspaceId } of world.accounts) {
    kept.set(`${userId} is called`, username);
    kept.set(`${userId} is in`, activeWorkspaceId);
  }
  for (const { id, name, ownerId } of world.workspaces) {
    kept.set(`${id} is called`, name);
    kept.set(`${id} belongs to`, ownerId);
  }
  for (const { workspaceId, userId, role } of world.members) kept.set(`${workspaceId} has ${userId}`, role);
  for (const { workspaceId, id, uses, state } of world.invitations) {
    // An invitation that is used up has no event for it.
    kept.set(`${workspaceId} invites by ${id}`, `${uses} ${state === 'used' ? 'open' : state}`);
  }
  return [...new Set([...told.keys(), ...kept.keys()])]
    .filter((what) => told.get(what) !== kept.get(what))
    .map((what) => `${what} ${String(kept.get(what))}, by its events ${String(told.get(what))}`);
}

function tellOfAccount(told: Map<string, string>, event: AccountEvent): void {
  const { userId } = event;
  switch (event.type) {
    case 'account.opened':
      told.set(`${userId} is called`, event.data.username);
      told.set(`${userId} is in`, event.data.personalWorkspaceId);
      return;
    case 'account.renamed':
      told.set(`${userId} is called`, event.data.to);
      return;
    case 'account.switched':
      told.set(`${userId} is in`, event.data.to);
      return;
    default:
      event satisfies never;
  }
}

function tell(told: Map<string, string>, event: WorkspaceEvent): void {
  const id = event.workspaceId;
  const member = (userId: string): string => `${id} has ${userId}`;
  const invitation = (invitationId: string): string => `${id} invites by ${invitationId}`;
  const usesOf = (invitationId: string): string => told.get(invitation(invitationId))?.split(' ')[0] ?? '';
  switch (event.type) {
    case 'workspace.created':
      told.set(`${id} is called`, event.data.name);
      told.set(`${id} belongs to`, event.data.ownerId);
      told.set(member(event.data.ownerId), 'owner');
      return;
    case 'workspace.renamed':
      told.set(`${id} is called`, event.data.to);
      return;
    case 'workspace.deleted':
      for (const what of told.keys()) if (what.startsWith(`${id} `)) told.delete(what);
      return;
    case 'workspace.transferred':
      told.set(`${id} belongs to`, event.data.to);
      told.set(member(event.data.from), event.data.formerOwnerRole);
      told.set(member(event.data.to), 'owner');
      return;
    case 'member.joined':
      told.set(member(event.data.userId), event.data.role);
      return;
    case 'member.left':
    case 'member.removed':
      told.delete(member(event.data.userId));
      return;
    case 'member.role-changed':
      told.set(member(event.data.userId), event.data.to);
      return;
    case 'invitation.created':
      told.set(invitation(event.data.invitationId), '0 open');
      return;
    case 'invitation.reissued':
      return;
    case 'invitation.accepted':
      told.set(invitation(event.data.invitationId), `${event.data.uses} open`);
      return;
    case 'invitation.declined':
    case 'invitation.revoked':
    case 'invitation.expired': {
      const { invitationId } = event.data;
      told.set(invitation(invitationId), `${usesOf(invitationId)} ${event.type.replace('invitation.', '')}`);
      return;
    }
    default:
      event satisfies never;
  }
}
