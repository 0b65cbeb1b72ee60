// The same work among few and among many on SQL databases: an index that is missing somewhere, or a row that is counted,
// would show as a ratio near the sizes' own.
import { sqlQuota, sqlStorage } from 'tenantry/sql';
import { grown } from '../lib/growth.mjs';
import { interleave } from '../lib/interleave.mjs';
import { openDatabase } from '../lib/sql-databases.mjs';
import { actor, fill, memberOf, personalId, specialId, teamId, userId } from '../lib/sql-filling.mjs';
import { serviceOn } from '../lib/workspaces.mjs';

export const title = 'Cost against size, on SQL databases';
export const notes = [
  'From 1,000 accounts and as many teams of 4 with an open invitation each, and one team of 3, to 1,000,000 accounts and as many teams',
  'of 4, and one team of 1,000,000 with 100,000 invitations and 1,000,000 events. Every account has its personal workspace besides:',
  '6,000,000 members of 2,000,001 workspaces in all. The table has the largest against the smallest, the plots have the sizes between.',
  'Each in tables of their own of one server (a file, on SQLite), which take turns, 11 rounds, each call in another team. Statements',
  'are prepared once, quotas have a ledger in every team. "For comparison" is the driver alone: what reading and changing one row',
  'costs among so many, where the caches of the database hold the few and not the many.',
];
export const holds = [
  [
    /PostgreSQL: `list(Members|Workspaces)`/,
    'Planning. Among many rows PostgreSQL 15 plans these two statements at every call, prepared or not (`pg_prepared_statements` counts custom plans alone, among 1,000 teams five): the size of the page is a parameter, which a plan for any value takes for a tenth of the rows, so a new plan looks cheaper. By `explain analyze` planning takes 0.3 ms and running 0.06 ms, over the same indexes at every size. `plan_cache_mode = force_generic_plan` on the connection ends it, for all that the connection is used for.',
  ],
  [
    /PostgreSQL: .*: any /,
    'The same plan at every size, over indexes that are a page or two deeper. Of the pages that it reads, three to five in ten are not in the 128 MB that the server caches by itself, and come from the operating system.',
  ],
  [
    /SQLite: .*: any /,
    'The same plan at every size, over pages that the cache of the connection does not hold.',
  ],
];

const ROUNDS = 11;
const BUDGET = 1.5;
/** Of teams and accounts, with the members of the special team. */
const SIZES = [
  [1000, 3],
  [30_000, 1000],
  [1_000_000, 1_000_000],
].map(([teams, special]) => ({ teams, accounts: teams, special }));
const [FEW, MANY] = [SIZES[0], SIZES.at(-1)];

export const flows = {
  sqlite: () => compare('SQLite', 4),
  postgres: () => compare('PostgreSQL', 1),
};

const READS = 100;
const WRITES = 20;

async function compare(name, times) {
  const sides = [];
  const rows = [];
  const points = [];
  try {
    for (const size of SIZES) {
      const database = await openDatabase(name);
      sides.push({ size, database });
      const from = Date.now();
      await fill(database, size);
      console.error(`${name}: ${size.teams} teams filled (${((Date.now() - from) / 1000).toFixed(1)} s)`);
      Object.assign(sides.at(-1), await workOn(database, size));
    }
    for (const [place, { work, scale, panel, line, calls }] of sides[0].works.entries()) {
      const samples = await interleave(
        sides.map(({ size, works }) => contender(size, works[place], calls * times)),
        { rounds: ROUNDS, warmUpCalls: 3 * calls * times },
      );
      const sizeOf = ({ teams, special }) => (scale === 'members' ? special : teams);
      const answer = grown(
        `${name}: ${work}`,
        { storage: name, scale, panel, line },
        {
          sizes: SIZES.map(sizeOf),
          samples: Object.fromEntries(SIZES.map((size) => [sizeOf(size), samples[String(size.teams)]])),
          budget: BUDGET,
        },
      );
      rows.push(answer.row);
      points.push(...answer.points);
    }
    return { rows, points };
  } finally {
    for (const { database } of sides) await database.drop();
  }
}

function contender({ teams }, { call }, calls) {
  let serial = 0;
  return {
    name: String(teams),
    calls,
    run: async () => {
      for (const end = serial + calls; serial < end; serial++) await call(serial);
    },
  };
}

async function workOn(database, size) {
  const db = database.connect('prepared');
  const defaults = { 'limits.cpu': '1M', 'limits.memory': '1Ei' };
  const { service } = serviceOn(sqlStorage({ db, ...database.tables }), {
    quota: sqlQuota({ db, ...database.tables, defaults }),
  });
  for (const number of [0, 1, 2, 3]) {
    await service.openAccount({ userId: `newcomer-${number}`, username: `newcomer-${number}` });
  }
  const alone = rowsAlone(database);
  const anyTeam = {
    number: (serial) => (serial * STEP + 13) % size.teams,
    id: teamId,
    /** Members beside the owner. */
    other: (number, place) => userId(memberOf(number, place, size)),
    owner: actor,
    newcomer: (number) => actor(memberOf(number, 10, size)),
    turn: (serial) => Math.floor(serial / size.teams),
    switching: (number) => number,
  };
  const theTeam = {
    number: () => 0,
    id: () => specialId,
    other: (_number, place) => userId(place < 3 ? place : 2),
    owner: () => actor(0),
    newcomer: (_number, serial) => ({ userId: `newcomer-${serial % 4}` }),
    turn: (serial) => serial,
    switching: () => 1,
  };
  const anyTeams = MANY.teams.toLocaleString('en');
  return {
    works: [
      {
        work: 'one row by its key, for comparison',
        scale: 'workspaces',
        panel: null,
        calls: READS,
        call: (serial) =>
          alone.read(teamId(anyTeam.number(serial)), anyTeam.other(anyTeam.number(serial), 1)),
      },
      {
        work: 'one row changed by its key, for comparison',
        scale: 'workspaces',
        panel: null,
        calls: WRITES,
        call: (serial) => alone.change(personalId(anyTeam.number(serial))),
      },
      ...worksOf(service, anyTeam, { scale: 'workspaces', where: `any of ${anyTeams} teams` }),
      ...growing(service, anyTeam),
      ...worksOf(service, theTeam, {
        scale: 'members',
        where: `a team of ${MANY.special.toLocaleString('en')}`,
      }),
    ],
  };
}

/** No factor in common with the number of teams: all are visited before any is visited again, the next one far away. */
const STEP = 611_953;

/** Each leaves the sizes as they were. */
function worksOf(service, { number, id, other, owner, newcomer, turn, switching }, { scale, where }) {
  const inTeam = (call) => (serial) => {
    const team = number(serial);
    return call({ team, serial, place: { workspaceId: id(team) } });
  };
  const reads = {
    '`authorize`': ({ team, place }) =>
      service.authorize({ userId: other(team, 1) }, { ...place, permission: 'resource:view' }),
    '`getWorkspace`': ({ team, place }) => service.getWorkspace({ userId: other(team, 1) }, place),
    '`listMembers`, first page': ({ team, place }) =>
      service.listMembers(owner(team), { ...place, limit: 2 }),
    '`listWorkspaces`, first page': ({ team }) =>
      service.listWorkspaces({ userId: other(team, 1) }, { limit: 2 }),
    '`listInvitations`, first page': ({ team, place }) =>
      service.listInvitations(owner(team), { ...place, limit: 1 }),
    '`listEvents`, first page': ({ team, place }) => service.listEvents(owner(team), { ...place, limit: 1 }),
  };
  const writes = {
    '`renameWorkspace`': ({ team, serial, place }) =>
      service.renameWorkspace(owner(team), { ...place, name: `${place.workspaceId} ${serial}` }),
    '`changeRole`': ({ team, serial, place }) =>
      service.changeRole(owner(team), {
        ...place,
        userId: other(team, 1),
        role: turn(serial) % 2 === 0 ? 'manager' : 'developer',
      }),
    '`inviteMember`, `acceptInvitation`, `removeMember`': async ({ team, serial, place }) => {
      const invited = newcomer(team, serial);
      const { token } = await service.inviteMember(owner(team), { ...place, role: 'developer' });
      await service.acceptInvitation(invited, { token });
      await service.removeMember(owner(team), { ...place, userId: invited.userId });
    },
    '`switchWorkspace`': ({ team, serial, place }) =>
      service.switchWorkspace(actor(switching(team)), {
        workspaceId: turn(serial) % 2 === 0 ? place.workspaceId : personalId(switching(team)),
      }),
    '`transferOwnership`, there and back': async ({ team, place }) => {
      const next = other(team, 2);
      await service.transferOwnership(owner(team), { ...place, userId: next });
      await service.transferOwnership({ userId: next }, { ...place, userId: owner(team).userId });
    },
    '`reserveQuota`, `commitQuota`, `releaseQuota`': async ({ team, serial, place }) => {
      const named = { ...place, reservationId: `reservation-${serial}` };
      await service.reserveQuota(owner(team), { ...named, amounts: AMOUNTS });
      await service.commitQuota(owner(team), named);
      await service.releaseQuota(owner(team), named);
    },
  };
  const works = (kind, panel, calls) =>
    Object.entries(kind).map(([work, call]) => ({
      work: `${work}: ${where}`,
      scale,
      panel,
      line: LINES[work] ?? /`(.*?)`/.exec(work)[1],
      calls,
      call: inTeam(call),
    }));
  return [...works(reads, 'read', READS), ...works(writes, 'command', WRITES)];
}

/** Names in the plots, where one method is not the name. */
const LINES = {
  '`inviteMember`, `acceptInvitation`, `removeMember`': 'invite, accept, remove',
  '`transferOwnership`, there and back': 'transfer and back',
  '`reserveQuota`, `commitQuota`, `releaseQuota`': 'reserve to release',
};

/** What has no team yet. */
function growing(service, { number }) {
  const command = { scale: 'workspaces', panel: 'command', calls: WRITES };
  return [
    {
      ...command,
      work: '`openAccount`',
      line: 'openAccount',
      call: (serial) => service.openAccount({ userId: `new-${serial}`, username: `new-${serial}` }),
    },
    {
      ...command,
      work: '`createWorkspace`, `deleteWorkspace`',
      line: 'create, delete',
      call: async (serial) => {
        const { id } = await service.createWorkspace(actor(number(serial)), { name: `New ${serial}` });
        await service.deleteWorkspace(actor(number(serial)), { workspaceId: id });
      },
    },
  ];
}

const AMOUNTS = { 'limits.cpu': '500m', 'limits.memory': '64Mi' };

/** The driver's own prepared statements. */
function rowsAlone({ name, driver, table }) {
  const isPostgres = name === 'PostgreSQL';
  const [first, second] = isPostgres ? ['$1', '$2'] : ['?', '?'];
  const read = `select role, joined_at from ${table('members')} where workspace_id = ${first} and user_id = ${second}`;
  const change = `update ${table('workspaces')} set version = version + 1 where id = ${first}`;
  const connection = driver();
  const run = isPostgres
    ? (kind, text) => (values) => connection.query({ name: kind, text, values })
    : (_kind, text) => {
        const statement = connection.prepare(text);
        return async (values) => (statement.reader ? statement.all(values) : statement.run(values));
      };
  const [reading, changing] = [run('read', read), run('change', change)];
  return {
    read: (workspaceId, user) => reading([workspaceId, user]),
    change: (workspaceId) => changing([workspaceId]),
  };
}
