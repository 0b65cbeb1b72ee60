// The limits on SQL: the same rows read and written in the same tables, by the driver's prepared statements as one would
// write them for this alone. For an acceptance the token is verified as in ours, by jose and a hash.
import { createHash } from 'node:crypto';
import { jwtVerify } from 'jose';
import { nanoid } from 'nanoid';
import { ISSUER, SECRET, workspace } from './workspaces.mjs';

const EVENT = '(workspace_id, version, position, id, type, at, actor_user_id, actor_operator, data)';

/** Each takes a user's id and a token. */
export async function acceptByHand(database, driver) {
  const prove = await prover();
  switch (database.name) {
    case 'SQLite': {
      const accept = sqliteAccept(database, driver);
      return { transaction: async (userId, token) => accept(userId, await prove(token)) };
    }
    case 'PostgreSQL': {
      const { transaction, oneStatement } = postgresAccept(database, driver);
      return {
        transaction: async (userId, token) => transaction(userId, await prove(token)),
        oneStatement: async (userId, token) => oneStatement(userId, await prove(token)),
      };
    }
    case 'MariaDB': {
      const accept = mariadbAccept(database, driver);
      return { transaction: async (userId, token) => accept(userId, await prove(token)) };
    }
  }
}

async function prover() {
  const bytes = new TextEncoder().encode(SECRET);
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
  const options = {
    algorithms: ['HS256'],
    typ: 'invitation+jwt',
    issuer: ISSUER,
    audience: `${ISSUER}/invitation`,
  };
  return async (token) => {
    const { payload } = await jwtVerify(token, key, options);
    return {
      workspaceId: payload.wid,
      invitationId: payload.jti,
      hash: createHash('sha256').update(payload.sec).digest('hex'),
      expiresAt: payload.exp * 1000,
    };
  };
}

function eventsOf(userId, { invitationId, uses, role }) {
  return [
    [nanoid(), 'invitation.accepted', JSON.stringify({ invitationId, userId, uses })],
    [nanoid(), 'member.joined', JSON.stringify({ userId, role, invitationId })],
  ];
}

/** What a row of `FOUND` must say. */
function check(found, proof, now) {
  const may =
    found !== undefined &&
    found.state === 'open' &&
    found.secret_hash === proof.hash &&
    Number(found.expires_at) === proof.expiresAt &&
    proof.expiresAt > now &&
    found.issuer_role === 'owner' &&
    found.mine === null &&
    found.account !== null;
  if (!may) throw new Error('by hand: refused');
}

function foundColumns(table, [workspace, user, invitation]) {
  return (
    `select w.version, w.member_count, i.role, i.uses, i.state, i.secret_hash, i.expires_at,` +
    ` (select role from ${table('members')} m where m.workspace_id = w.id and m.user_id = i.issued_by_user_id) as issuer_role,` +
    ` (select role from ${table('members')} m where m.workspace_id = w.id and m.user_id = ${user}) as mine,` +
    ` (select a.user_id from ${table('accounts')} a where a.user_id = ${user}) as account` +
    ` from ${table('workspaces')} w join ${table('invitations')} i on i.workspace_id = w.id` +
    ` where w.id = ${workspace} and i.id = ${invitation}`
  );
}

function sqliteAccept({ table }, database) {
  const begin = database.prepare('begin immediate');
  const commit = database.prepare('commit');
  const find = database.prepare(foundColumns(table, ['?3', '?1', '?2']));
  const join = database.prepare(
    `insert into ${table('members')} (workspace_id, user_id, role, owner_mark, invitation_id, joined_at, joined_version) values (?, ?, ?, null, ?, ?, 2)`,
  );
  const count = database.prepare(
    `update ${table('workspaces')} set member_count = member_count + 1, version = version + 1 where id = ?`,
  );
  const use = database.prepare(
    `update ${table('invitations')} set uses = uses + 1 where workspace_id = ? and id = ?`,
  );
  const tell = database.prepare(
    `insert into ${table('workspace_events')} ${EVENT} values (?, ?, 0, ?, ?, ?, ?, null, ?), (?, ?, 1, ?, ?, ?, ?, null, ?)`,
  );
  return (userId, proof) => {
    const { workspaceId, invitationId } = proof;
    const now = Date.now();
    begin.run();
    const found = find.get([userId, invitationId, workspaceId]);
    check(found, proof, now);
    join.run([workspaceId, userId, found.role, invitationId, now]);
    count.run([workspaceId]);
    use.run([workspaceId, invitationId]);
    const version = found.version + 1;
    const rows = eventsOf(userId, { invitationId, uses: found.uses + 1, role: found.role });
    tell.run(rows.flatMap(([id, type, data]) => [workspaceId, version, id, type, now, userId, data]));
    commit.run();
  };
}

function postgresAccept({ table }, pool) {
  const find = `${foundColumns(table, ['$1', '$2', '$3'])} for no key update of w`;
  const change =
    `with i as (update ${table('invitations')} set uses = uses + 1 where workspace_id = $1 and id = $2),` +
    ` w as (update ${table('workspaces')} set member_count = member_count + 1, version = version + 1 where id = $1)` +
    ` insert into ${table('members')} (workspace_id, user_id, role, owner_mark, invitation_id, joined_at, joined_version) values ($1, $3, $4, null, $2, $5, 2)`;
  const tell = `insert into ${table('workspace_events')} ${EVENT} values ($1, $2, 0, $5, $6, $4, $3, null, $7), ($1, $2, 1, $8, $9, $4, $3, null, $10)`;
  const whole =
    `with w as (select id, version from ${table('workspaces')} where id = $1 for no key update),` +
    ` i as (select i.id, i.role, i.uses, w.version from w join ${table('invitations')} i on i.workspace_id = w.id` +
    ` join ${table('members')} m on m.workspace_id = w.id and m.user_id = i.issued_by_user_id` +
    ` join ${table('accounts')} a on a.user_id = $2` +
    ` where i.id = $3 and i.state = 'open' and i.secret_hash = $4 and i.expires_at = $5 and i.expires_at > $6 and m.role = 'owner'),` +
    ` ui as (update ${table('invitations')} set uses = uses + 1 where workspace_id = $1 and id in (select id from i)),` +
    ` uw as (update ${table('workspaces')} set member_count = member_count + 1, version = version + 1 where id = $1 and exists (select 1 from i)),` +
    ` m as (insert into ${table('members')} (workspace_id, user_id, role, owner_mark, invitation_id, joined_at, joined_version) select $1, $2, i.role, null, i.id, $6, i.version + 1 from i),` +
    ` e as (insert into ${table('workspace_events')} ${EVENT}` +
    ` select $1, i.version + 1, 0, $7, 'invitation.accepted', $6, $2, null, $8 from i` +
    ` union all select $1, i.version + 1, 1, $9, 'member.joined', $6, $2, null, $10 from i)` +
    ` select role from i`;
  return {
    async transaction(userId, proof) {
      const { workspaceId, invitationId } = proof;
      const now = Date.now();
      const client = await pool.connect();
      try {
        await client.query('begin');
        const values = [workspaceId, userId, invitationId];
        const found = (await client.query({ name: 'find', text: find, values })).rows[0];
        check(found, proof, now);
        await client.query({
          name: 'change',
          text: change,
          values: [workspaceId, invitationId, userId, found.role, now],
        });
        const version = Number(found.version) + 1;
        const rows = eventsOf(userId, { invitationId, uses: Number(found.uses) + 1, role: found.role });
        await client.query({
          name: 'tell',
          text: tell,
          values: [workspaceId, version, userId, now, ...rows.flat()],
        });
        await client.query('commit');
      } finally {
        client.release();
      }
    },
    async oneStatement(userId, proof) {
      const { workspaceId, invitationId, hash, expiresAt } = proof;
      const [accepted, joined] = eventsOf(userId, { invitationId, uses: 1, role: 'developer' });
      const { rows } = await pool.query({
        name: 'whole',
        text: whole,
        values: [
          workspaceId,
          userId,
          invitationId,
          hash,
          expiresAt,
          Date.now(),
          accepted[0],
          accepted[2],
          joined[0],
          joined[2],
        ],
      });
      if (rows.length !== 1) throw new Error('by hand: refused');
    },
  };
}

function mariadbAccept({ table }, pool) {
  const find = `${foundColumns(table, ['?', '?', '?'])} for update`;
  const join = `insert into ${table('members')} (workspace_id, user_id, role, owner_mark, invitation_id, joined_at, joined_version) values (?, ?, ?, null, ?, ?, 2)`;
  const count = `update ${table('workspaces')} set member_count = member_count + 1, version = version + 1 where id = ?`;
  const use = `update ${table('invitations')} set uses = uses + 1 where workspace_id = ? and id = ?`;
  const tell = `insert into ${table('workspace_events')} ${EVENT} values (?, ?, 0, ?, ?, ?, ?, null, ?), (?, ?, 1, ?, ?, ?, ?, null, ?)`;
  return async (userId, proof) => {
    const { workspaceId, invitationId } = proof;
    const now = Date.now();
    const connection = await pool.getConnection();
    try {
      await connection.query('begin');
      const [[found]] = await connection.execute(find, [userId, userId, workspaceId, invitationId]);
      check(found, proof, now);
      await connection.execute(join, [workspaceId, userId, found.role, invitationId, now]);
      await connection.execute(count, [workspaceId]);
      await connection.execute(use, [workspaceId, invitationId]);
      const rows = eventsOf(userId, { invitationId, uses: found.uses + 1, role: found.role });
      const version = found.version + 1;
      await connection.execute(
        tell,
        rows.flatMap(([id, type, data]) => [workspaceId, version, id, type, now, userId, data]),
      );
      await connection.query('commit');
    } finally {
      connection.release();
    }
  };
}

/** One member by its key. */
export function memberQuery({ name, table }) {
  const [first, second] = name === 'PostgreSQL' ? ['$1', '$2'] : ['?', '?'];
  const columns = 'workspace_id, user_id, role, owner_mark, invitation_id, joined_at';
  return `select ${columns} from ${table('members')} where workspace_id = ${first} and user_id = ${second}`;
}

export function preparedRead(database, sql, driver = database.driver()) {
  switch (database.name) {
    case 'SQLite': {
      const statement = driver.prepare(sql);
      return async (values) => statement.get(values);
    }
    case 'PostgreSQL':
      return (values) => driver.query({ name: 'member', text: sql, values });
    case 'MariaDB':
      return (values) => driver.execute(sql, values);
  }
}

/** Two counters of each workspace, and what adds one to both of a workspace, where both allow it. */
export async function guardedCounter(database, workspaces, driver = database.driver()) {
  const table = database.table('bench_counters');
  const number = database.name === 'PostgreSQL' ? 'numeric' : 'integer';
  const text = database.name === 'MariaDB' ? 'varchar(63)' : 'text';
  const [create, insert, postgres] = [
    `create table ${table} (workspace_id ${text}, resource ${text}, used ${number}, allowed ${number}, primary key (workspace_id, resource))`,
    (id, resource) => `insert into ${table} values ('${id}', '${resource}', 0, 1000000000)`,
    database.name === 'PostgreSQL',
  ];
  const all = Array.from({ length: workspaces }, (_, one) =>
    ['limits.cpu', 'limits.memory'].map((resource) => insert(workspace(one), resource)),
  ).flat();
  if (database.name === 'SQLite') {
    for (const sql of [create, ...all]) driver.exec(sql);
    const statement = driver.prepare(
      `update ${table} set used = used + ?1 where workspace_id = ?2 and used + ?1 <= allowed returning used`,
    );
    return async (id) => {
      if (statement.all([1, id]).length !== 2) throw new Error('a wrong answer');
    };
  }
  for (const sql of [create, ...all]) await driver.query(sql);
  if (postgres) {
    // Locked in one order: an UPDATE alone meets two rows as they lie, and two of them deadlock.
    const text =
      `with own as (select workspace_id, resource from ${table} where workspace_id = $1 order by resource for no key update)` +
      ` update ${table} c set used = c.used + $2 from own where c.workspace_id = own.workspace_id and c.resource = own.resource` +
      ` and c.used + $2 <= c.allowed returning c.used`;
    return async (id) => {
      const { rows } = await driver.query({ name: 'count', text, values: [id, 1] });
      if (rows.length !== 2) throw new Error('a wrong answer');
    };
  }
  // MariaDB has no RETURNING for an update.
  const sql = `update ${table} set used = used + ? where workspace_id = ? and used + ? <= allowed`;
  return async (id) => {
    const [{ affectedRows }] = await driver.execute(sql, [1, id, 1]);
    if (affectedRows !== 2) throw new Error('a wrong answer');
  };
}
