// Fills the tables by a few statements that count for themselves: accounts with their personal workspaces, teams of four
// with an open invitation each, and one team of any size. Ids are scattered, as ids of real life are.
const TEAM_MEMBERS = 4;
/** Numbers of workspaces that are no team's. */
const SPECIAL = 2 ** 23;
const PERSONAL = 2 ** 24;
const JOINED = Date.UTC(2026, 0, 1);
/** One to one on 32 bits, for it is odd. */
const FACTOR = 2654435761;
const scattered = (number) => String(Math.imul(number, FACTOR) >>> 0).padStart(16, '0');

export const userId = (number) => `user-${scattered(number)}`;
export const actor = (number) => ({ userId: userId(number) });
export const teamId = (number) => `ws-${scattered(number)}`;
export const personalId = (number) => teamId(PERSONAL + number);
export const specialId = teamId(SPECIAL);
/** Those in team `number`: its owner first, then the accounts beside it. */
export const memberOf = (number, place, { accounts }) => (number + place) % accounts;

/**
 * `size`: `{ teams, accounts, special }`, how many there are, and how many are in the special team. No account is without
 * a team of its own: account `n` owns team `n`, the first owns the special one, too.
 */
export async function fill(database, size) {
  if (database.name === 'PostgreSQL') await fillPostgres(database, size);
  else if (database.name === 'SQLite') fillSqlite(database, size);
  else throw new Error(`${database.name} is not filled`);
}

async function fillPostgres({ driver, schema, table }, size) {
  const pool = driver(1);
  for (const setting of [
    'synchronous_commit = off',
    "maintenance_work_mem = '512MB'",
    "work_mem = '256MB'",
    'jit = off',
  ]) {
    await pool.query(`set ${setting}`);
  }
  // Keys and indexes are built at the end, each in one go.
  const { rows: constraints } = await pool.query(
    `select conname as name, conrelid::regclass::text as "table", pg_get_constraintdef(oid) as definition, contype as kind
     from pg_constraint where connamespace = $1::regnamespace and contype in ('p', 'u', 'f')
     order by array_position(array['p', 'u', 'f'], contype::text)`,
    [schema],
  );
  const { rows: indexes } = await pool.query(
    `select indexname as name, indexdef as definition from pg_indexes where schemaname = $1
     and indexname not in (select conname from pg_constraint where connamespace = $1::regnamespace)`,
    [schema],
  );
  for (const { name, table: of } of [...constraints].reverse()) {
    await pool.query(`alter table ${of} drop constraint "${name}"`);
  }
  for (const { name } of indexes) await pool.query(`drop index "${schema}"."${name}"`);
  const language = {
    series: (from, to) => `generate_series(cast(${from} as bigint), cast(${to} as bigint)) as s(n)`,
    padded: (number) => `lpad((${number})::text, 16, '0')`,
    zero: '0::numeric',
  };
  for (const { into, select } of fillings(language, size)) {
    await pool.query(`insert into ${table(into)} (${COLUMNS[into]}) ${select}`);
  }
  for (const { name, table: of, definition } of constraints.filter(({ kind }) => kind !== 'f')) {
    await pool.query(`alter table ${of} add constraint "${name}" ${definition}`);
  }
  for (const { definition } of indexes) await pool.query(definition);
  // Held from here on; that what was filled in holds them is known.
  for (const { name, table: of, definition } of constraints.filter(({ kind }) => kind === 'f')) {
    await pool.query(`alter table ${of} add constraint "${name}" ${definition} not valid`);
  }
  // As a database that has been at work for a while: rows known to be committed, statistics taken, nothing to be flushed.
  const { rows: all } = await pool.query('select tablename from pg_tables where schemaname = $1', [schema]);
  for (const { tablename } of all) await pool.query(`vacuum (analyze) "${schema}"."${tablename}"`);
  await pool.query('checkpoint');
}

function fillSqlite({ driver, table }, size) {
  const database = driver();
  const run = (sql) => database.exec(sql);
  for (const setting of [
    'journal_mode = off',
    'synchronous = off',
    'foreign_keys = off',
    'cache_size = -2000000',
  ]) {
    run(`pragma ${setting}`);
  }
  const indexes = database
    .prepare("select name, sql from sqlite_schema where type = 'index' and sql is not null")
    .all();
  run('begin');
  for (const { name } of indexes) run(`drop index "${name}"`);
  const language = {
    series: (from, to) =>
      `(with recursive s(n) as (select ${from} where ${from} <= ${to} union all select n + 1 from s where n < ${to}) select n from s) as s`,
    padded: (number) => `printf('%016d', ${number})`,
    zero: "'0'",
  };
  for (const { into, select, key } of fillings(language, size)) {
    // Tables are in the order of their keys: rows that come in it are appended.
    run(`insert into ${table(into)} (${COLUMNS[into]}) select * from (${select}) order by ${key}`);
  }
  for (const { sql } of indexes) run(sql);
  run('commit');
  run('pragma journal_mode = wal');
  database.close();
}

const EVENT = 'version, position, id, type, at, actor_user_id, actor_operator, data';

/** The columns that are filled: the others are null, or have a default. */
const COLUMNS = {
  accounts:
    'user_id, username, username_key, display_name, personal_workspace_id, active_workspace_id, owned_teams, version, created_at, invited_since, invited',
  workspace_ids: 'id, deleted',
  workspaces:
    'id, kind, name, name_key, owner_id, member_count, open_invitations, reserved_seats, version, created_at',
  members: 'workspace_id, user_id, role, owner_mark, invitation_id, joined_at, joined_version',
  invitations:
    'workspace_id, id, role, recipient_user_id, recipient_email, open_recipient, max_uses, uses, issued_by_user_id, issued_by_operator, secret_hash, created_at, issued_at, expires_at, state, closed_at, issued_version',
  workspace_events: `workspace_id, ${EVENT}`,
  account_events: `user_id, ${EVENT}`,
  quota_ledgers: 'workspace_id, gone',
  quota_resources: 'workspace_id, resource, limited, limit_nano, limit_format, used, reserved',
};

/** What is inserted into which table, in an order that references allow, with the columns that its key is of. */
function fillings({ series, padded, zero }, { teams, accounts, special }) {
  const scatter = (number) => padded(`((${number}) * ${FACTOR}) % 4294967296`);
  const user = (number) => `'user-' || ${scatter(number)}`;
  const id = (number) => `'ws-' || ${scatter(number)}`;
  const personal = id(`n + ${PERSONAL}`);
  const noNumber = 'cast(null as bigint)'; // of a type, where a union asks for one
  const expires = Date.now() + 20 * 86_400_000;
  const event = (version, type, by, data) =>
    `${version}, 0, 'ev-' || ${scatter('n')}, '${type}', ${JOINED}, ${by}, null, ${data}`;
  const created = (kind, name, owner) =>
    event(
      1,
      'workspace.created',
      owner,
      `'{"kind":"${kind}","name":"' || ${name} || '","ownerId":"' || ${owner} || '"}'`,
    );
  const invitation = (state) =>
    `'inv-' || ${scatter('n')}, 'developer', null, null, ${state === 'open' ? `'link:inv-' || ${scatter('n')}` : 'null'}, 1, ${state === 'open' ? 0 : 1}`;
  const hash = "'0000000000000000000000000000000000000000000000000000000000000000'";
  const invited = (state) =>
    `null, ${hash}, ${JOINED} + n, ${JOINED} + n, ${expires - (expires % 1000)}, '${state}', ${state === 'open' ? noNumber : JOINED + 1}, 1`;
  const all = [
    {
      into: 'accounts',
      key: 1,
      select:
        `select ${user('n')}, ${user('n')}, ${user('n')}, null, ${personal}, ${personal},` +
        ` case when n = 0 then 2 when n < ${teams} then 1 else 0 end, case when n = 0 then 3 else 2 end, ${JOINED}, 0, 0 from ${series(0, accounts - 1)}`,
    },
    {
      into: 'workspace_ids',
      key: 1,
      select: `select ${personal}, 0 from ${series(0, accounts - 1)} union all select ${id('n')}, 0 from ${series(0, teams - 1)} union all select ${id('n')}, 0 from ${series(SPECIAL, SPECIAL)}`,
    },
    {
      into: 'workspaces',
      key: 1,
      select:
        `select ${personal}, 'personal', ${user('n')}, ${user('n')}, ${user('n')}, 1, 0, 0, 1, ${JOINED} from ${series(0, accounts - 1)}` +
        ` union all select ${id('n')}, 'team', 'Team ' || n, 'team ' || n, ${user('n')}, ${TEAM_MEMBERS}, 1, 1, 1, ${JOINED} from ${series(0, teams - 1)}` +
        ` union all select ${id('n')}, 'team', 'Special', 'special', ${user(0)}, ${special}, 1, 1, ${special}, ${JOINED} from ${series(SPECIAL, SPECIAL)}`,
    },
    {
      into: 'members',
      key: '1, 2',
      select: [
        `select ${personal}, ${user('n')}, 'owner', 1, null, ${JOINED}, 1 from ${series(0, accounts - 1)}`,
        ...Array.from({ length: TEAM_MEMBERS }, (_, place) =>
          place === 0
            ? `select ${id('n')}, ${user('n')}, 'owner', 1, null, ${JOINED}, 1 from ${series(0, teams - 1)}`
            : `select ${id('n')}, ${user(`(n + ${place}) % ${accounts}`)}, 'developer', ${noNumber}, null, ${JOINED + place}, 1 from ${series(0, teams - 1)}`,
        ),
        `select ${id(SPECIAL)}, ${user('n')}, case when n = 0 then 'owner' else 'developer' end, case when n = 0 then 1 end, null, ${JOINED} + n, 1 from ${series(0, special - 1)}`,
      ].join(' union all '),
    },
    {
      into: 'invitations',
      key: '1, 2',
      select:
        `select ${id('n')}, ${invitation('open')}, ${user('n')}, ${invited('open')} from ${series(0, teams - 1)}` +
        ` union all select ${id(SPECIAL)}, ${invitation('open')}, ${user(0)}, ${invited('open')} from ${series(SPECIAL, SPECIAL)}` +
        ` union all select ${id(SPECIAL)}, ${invitation('used')}, ${user(0)}, ${invited('used')} from ${series(0, Math.ceil(special / 10) - 1)}`,
    },
    {
      into: 'workspace_events',
      key: '1, 2, 3',
      select:
        `select ${personal}, ${created('personal', user('n'), user('n'))} from ${series(0, accounts - 1)}` +
        ` union all select ${id('n')}, ${created('team', "'Team ' || n", user('n'))} from ${series(0, teams - 1)}` +
        ` union all select ${id('n')}, ${created('team', "'Special'", user(0))} from ${series(SPECIAL, SPECIAL)}` +
        ` union all select ${id(SPECIAL)}, ${event('n + 1', 'member.joined', user('n'), `'{"userId":"' || ${user('n')} || '","role":"developer","invitationId":"inv-' || ${scatter('n')} || '"}'`)} from ${series(1, special - 1)}`,
    },
    {
      into: 'account_events',
      key: '1, 2, 3',
      select: `select ${user('n')}, ${event(1, 'account.opened', user('n'), `'{"username":"' || ${user('n')} || '","displayName":null,"personalWorkspaceId":"' || ${personal} || '"}'`)} from ${series(0, accounts - 1)}`,
    },
  ];
  // A workspace that was charged before has a ledger, with a row for each resource.
  const everyTeam = [series(0, teams - 1), series(SPECIAL, SPECIAL)];
  all.push(
    {
      into: 'quota_ledgers',
      key: 1,
      select: everyTeam.map((numbers) => `select ${id('n')}, 0 from ${numbers}`).join(' union all '),
    },
    {
      into: 'quota_resources',
      key: '1, 2',
      select: ['limits.cpu', 'limits.memory']
        .flatMap((resource) =>
          everyTeam.map(
            (numbers) =>
              `select ${id('n')}, '${resource}', 'default', cast(null as numeric), null, ${zero}, ${zero} from ${numbers}`,
          ),
        )
        .join(' union all '),
    },
  );
  return all;
}
