// Workspaces as many teams write them, on their first try and with care: keys, foreign keys and a unique index for what
// these can hold, each request a transaction that reads, checks and writes, at the isolation level that PostgreSQL has by
// default. With `locked` each transaction first locks the row that its checks are about, and is otherwise the same.
import { randomUUID } from 'node:crypto';

export const HAND_TABLES = [
  'create table people (id text primary key, email text not null unique)',
  `create table workspaces (id text primary key, name text not null,
     created_by text not null references people, unique (created_by, name))`,
  `create table members (workspace_id text references workspaces on delete cascade, person_id text references people,
     role text not null check (role in ('owner', 'admin', 'member')), primary key (workspace_id, person_id))`,
  `create table links (id text primary key, workspace_id text not null references workspaces on delete cascade,
     email text, max_uses integer not null, uses integer not null default 0,
     state text not null default 'open' check (state in ('open', 'used', 'revoked')))`,
  `create unique index one_open_link on links (workspace_id, email) where state = 'open'`,
  'create index members_by_person on members (person_id)',
];

export function workspacesByHand(pool, { locked, limits }) {
  const transaction = async (work) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const result = await work(handOf(client, locked));
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  };
  return {
    create: (person, { name }) =>
      transaction(async ({ all, lock }) => {
        await lock('people', person);
        const owned = await all(`select 1 from members where person_id = $1 and role = 'owner'`, person);
        refuseUnless(owned.length < limits.workspaces, 'too many workspaces');
        const id = randomUUID();
        await all('insert into workspaces (id, name, created_by) values ($1, $2, $3)', id, name, person);
        await all(`insert into members values ($1, $2, 'owner')`, id, person);
        return id;
      }),

    invite: (by, { workspace, email = null, maxUses = 1 }) =>
      transaction(async ({ all, lock, roleOf }) => {
        await lock('workspaces', workspace);
        refuseUnless(['owner', 'admin'].includes(await roleOf(workspace, by)), 'may not invite');
        const open = await all(`select 1 from links where workspace_id = $1 and state = 'open'`, workspace);
        refuseUnless(open.length < limits.invitations, 'too many invitations');
        const id = randomUUID();
        const link = [id, workspace, email, maxUses];
        await all('insert into links (id, workspace_id, email, max_uses) values ($1, $2, $3, $4)', ...link);
        return id;
      }),

    accept: (person, { link: id }) =>
      transaction(async ({ all, linkOf, lock }) => {
        await lock('workspaces', (await linkOf(id)).workspace_id);
        const link = await linkOf(id); // again: behind the lock it may be another
        refuseUnless(link.state === 'open', 'not open');
        const [{ email }] = await all('select email from people where id = $1', person);
        refuseUnless(link.email === null || link.email === email, 'for somebody else');
        const members = await all('select 1 from members where workspace_id = $1', link.workspace_id);
        refuseUnless(members.length < limits.members, 'full');
        await all(`insert into members values ($1, $2, 'member')`, link.workspace_id, person);
        await all(
          `update links set uses = uses + 1, state = case when uses + 1 >= max_uses then 'used' else state end where id = $1`,
          id,
        );
      }),

    revoke: (by, { link: id }) =>
      transaction(async ({ all, linkOf, lock, roleOf }) => {
        await lock('workspaces', (await linkOf(id)).workspace_id);
        const link = await linkOf(id);
        refuseUnless(['owner', 'admin'].includes(await roleOf(link.workspace_id, by)), 'may not revoke');
        refuseUnless(link.state === 'open', 'not open');
        await all(`update links set state = 'revoked' where id = $1`, id);
      }),

    changeRole: (by, { workspace, person, role }) =>
      transaction(async ({ all, keepsAnOwner, lock, roleOf }) => {
        await lock('workspaces', workspace);
        refuseUnless((await roleOf(workspace, by)) === 'owner', 'may not change roles');
        if (role !== 'owner') await keepsAnOwner(workspace, person);
        const changed = await all(
          'update members set role = $3 where workspace_id = $1 and person_id = $2 returning role',
          ...[workspace, person, role],
        );
        refuseUnless(changed.length === 1, 'no such member');
      }),

    /** Removing oneself is leaving. */
    remove: (by, { workspace, person }) =>
      transaction(async ({ all, keepsAnOwner, lock, roleOf }) => {
        await lock('workspaces', workspace);
        refuseUnless(by === person || (await roleOf(workspace, by)) === 'owner', 'may not remove');
        await keepsAnOwner(workspace, person);
        const gone = await all(
          'delete from members where workspace_id = $1 and person_id = $2 returning role',
          ...[workspace, person],
        );
        refuseUnless(gone.length === 1, 'no such member');
      }),
  };
}

function handOf(client, locked) {
  const all = async (text, ...values) => (await client.query(text, values)).rows;
  const roleOf = async (workspace, person) => {
    const [member] = await all(
      'select role from members where workspace_id = $1 and person_id = $2',
      ...[workspace, person],
    );
    return member?.role;
  };
  return {
    all,
    roleOf,
    async lock(table, id) {
      if (locked) await all(`select 1 from ${table} where id = $1 for update`, id);
    },
    async linkOf(id) {
      const [link] = await all('select * from links where id = $1', id);
      refuseUnless(link !== undefined, 'no such invitation');
      return link;
    },
    async keepsAnOwner(workspace, person) {
      if ((await roleOf(workspace, person)) !== 'owner') return;
      const owners = await all(`select 1 from members where workspace_id = $1 and role = 'owner'`, workspace);
      refuseUnless(owners.length > 1, 'the last owner');
    },
  };
}

class Refused extends Error {
  name = 'Refused';
}

function refuseUnless(holds, why) {
  if (!holds) throw new Refused(why);
}
