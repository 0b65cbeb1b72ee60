// Personal data: where it is stored, and what remains after a deletion, as the table of docs/operations.md lists.
import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlQuota, sqlStorage } from '../../src/adapters/sql/index.js';
import { columnsOf, TABLE_NAMES } from '../../src/adapters/sql/tables.js';
import { defaultMatrix } from '../../src/index.js';
import { violations, createTestWorkspaces } from '../../src/testing/index.js';
import { sqliteFile, type TestDatabase } from '../sql/databases.js';
import { wholeWorld } from '../sql/whole-world.js';

const ada = { userId: 'id-of-ada' };
// No value contains another, so that a match in a column identifies one value.
const texts = {
  'the user id': 'id-of-ben',
  'the username': 'ben-as-he-is-called',
  'the username before it was changed': 'ben-as-he-was-called',
  'the display name': 'Benjamin in Full',
  'the e-mail address that an invitation is for': 'invited@example.com',
  'the e-mail address of an actor': 'signed-in@example.com',
} as const;

let database: TestDatabase;
let present: Record<string, readonly string[]>;
let afterwards: Record<string, readonly string[]>;

beforeAll(async () => {
  database = await sqliteFile.create();
  const { db, tables } = database;
  const { workspaces } = createTestWorkspaces({
    storage: sqlStorage({ db, ...tables }),
    quota: sqlQuota({ db, ...tables, defaults: { pods: '5' } }),
  });
  const ben = {
    userId: texts['the user id'],
    email: texts['the e-mail address of an actor'],
    emailVerified: true,
  };
  const { userId } = ben;
  await workspaces.openAccount({ ...ada, username: 'ada' });
  await workspaces.openAccount({ userId, username: texts['the username before it was changed'] });
  const displayName = texts['the display name'];
  await workspaces.renameAccount(ben, { userId, username: texts['the username'], displayName });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const { token } = await workspaces.inviteMember(ada, {
    workspaceId,
    role: 'manager',
    recipient: { userId },
  });
  await workspaces.acceptInvitation(ben, { token });
  const email = texts['the e-mail address that an invitation is for'];
  await workspaces.inviteMember(ben, { workspaceId, role: 'developer', recipient: { email } });
  await workspaces.reserveQuota(ben, { workspaceId, reservationId: 'web', amounts: { pods: '1' } });
  const { workspace: personal } = await workspaces.activeWorkspace(ben);
  const charge = { workspaceId: personal.id, reservationId: 'own', amounts: { pods: '1' } };
  await workspaces.reserveQuota(ben, charge);
  await workspaces.transferOwnership(ada, { workspaceId, userId });
  // The first has been accepted; this one is open.
  const { id: other } = await workspaces.createWorkspace(ada, { name: 'other' });
  await workspaces.inviteMember(ada, { workspaceId: other, role: 'developer', recipient: { userId } });
  const { id: third } = await workspaces.createWorkspace(ada, { name: 'third' });
  const link = await workspaces.inviteMember(ada, { workspaceId: third, role: 'developer', maxUses: 2 });
  await workspaces.acceptInvitation(ben, { token: link.token });
  await workspaces.leaveWorkspace(ben, { workspaceId: third });
  present = await found();
  for (const each of [other, third]) await workspaces.deleteWorkspace(ada, { workspaceId: each });
  await workspaces.deleteWorkspace(ben, { workspaceId });
  afterwards = await found();
});

afterAll(async () => {
  await database.drop();
});

/** The columns that contain each value, also as a part of a longer one. */
async function found(): Promise<Record<string, readonly string[]>> {
  const columns: [string, string[]][] = [];
  for (const [what, text] of Object.entries(texts)) {
    const holding: string[] = [];
    for (const table of TABLE_NAMES) {
      for (const column of columnsOf(table)) {
        const { rows } = await sql`
          select 1 from ${sql.table(database.table(table))}
          where instr(cast(${sql.ref(column)} as text), ${text}) > 0 limit 1`.execute(database.db);
        if (rows.length > 0) holding.push(`${table}.${column}`);
      }
    }
    columns.push([what, holding.sort()]);
  }
  return Object.fromEntries(columns);
}

/** The rows of the guide's table: the columns, and those that still have the data after the deletion, in bold. */
function documented(): readonly {
  readonly present: readonly string[];
  readonly afterwards: readonly string[];
}[] {
  const [, table = ''] = /<!-- stored:begin -->\n(.*?)<!-- stored:end -->/s.exec(guide()) ?? [];
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => ({
      present: columnsIn(row, /`([\w.]+)`/g),
      afterwards: columnsIn(row, /\*\*`([\w.]+)`\*\*/g),
    }));
}

function guide(): string {
  return readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
}

function columnsIn(cell: string, form: RegExp): readonly string[] {
  return [...cell.matchAll(form)].map(([, column = '']) => column).sort();
}

test("the guide's statements remove the e-mail addresses of ended invitations, and break no invariant", async () => {
  const own = await sqliteFile.create();
  const { db, tables } = own;
  const { workspaces, clock } = createTestWorkspaces({ storage: sqlStorage({ db, ...tables }) });
  await workspaces.openAccount({ ...ada, username: 'ada' });
  const { id: workspaceId } = await workspaces.createWorkspace(ada, { name: 'hello' });
  const recipient = { email: 'ended@example.com' };
  const { invitation } = await workspaces.inviteMember(ada, { workspaceId, role: 'developer', recipient });
  await workspaces.revokeInvitation(ada, { workspaceId, invitationId: invitation.id });
  const [, statements = ''] = /```text\n(update .*?)```/s.exec(guide()) ?? [];
  expect(statements).toContain('update tenantry_invitations');
  for (const statement of statements.split(';').filter((text) => text.trim() !== '')) {
    await sql.raw(statement).execute(db);
  }
  const lists = [
    await workspaces.listInvitations(ada, { workspaceId }),
    await workspaces.listEvents(ada, { workspaceId }),
  ];
  expect(JSON.stringify(lists)).not.toContain(recipient.email);
  expect(violations(await wholeWorld(own), { matrix: defaultMatrix, now: clock.now() })).toEqual([]);
  await own.drop();
});

test('the table has no other rows', () => {
  expect(documented()).toHaveLength(Object.keys(texts).length);
});

test.each(Object.keys(texts))('%s is stored in the columns that a row of the table lists', (what) => {
  expect(documented()).toContainEqual({ present: present[what], afterwards: afterwards[what] });
});
