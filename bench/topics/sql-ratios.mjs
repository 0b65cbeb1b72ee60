// What ours costs on SQL databases over what the driver alone needs for the same work, with its prepared statements.
import { CompiledQuery } from 'kysely';
import { parseQuantity } from 'tenantry';
import { sqlQuota, sqlStorage } from 'tenantry/sql';
import { CROWD, crowd } from '../lib/crowd.mjs';
import { interleave } from '../lib/interleave.mjs';
import { againstLimit, figure, median, ratioOf, shown, time } from '../lib/rows.mjs';
import { slowed } from '../lib/slow-network.mjs';
import { acceptByHand } from '../lib/sql-by-hand.mjs';
import { POSTGRES_URL, openDatabase } from '../lib/sql-databases.mjs';
import { actor, fill, openWorkspace, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = 'On SQL databases, against the driver alone';
export const notes = [
  'The limit is the driver (pg, libsql, mysql2) with the same rows in the same tables and statements that it has prepared;',
  'the servers are on this machine and set as they come (every commit is flushed to disk), SQLite is a file with a',
  'write-ahead log and `synchronous = normal`. 15 rounds. "Plain" is Kysely with its own dialect, which prepares at each',
  'call; "prepared" is the same dialect over `preparedPool` or `preparedDatabase`, and on MariaDB over a pool whose `query` is',
  '`execute`. Kysely alone, "kept", is over a pool or a database that prepares whatever text it is given once.',
];

const ROUNDS = 15;
const WORKSPACES = 200;
const MEMBERS = 5;
const options = (calls) => ({ rounds: ROUNDS, warmUpCalls: 4 * calls });

export const flows = {
  authorizeSqlite: () => authorize('SQLite', 1000),
  authorizePostgres: () => authorize('PostgreSQL', 400),
  authorizeMariadb: () => authorize('MariaDB', 400),
  acceptSqlite: () => accept('SQLite', 100),
  acceptPostgres: () => accept('PostgreSQL', 60),
  acceptMariadb: () => accept('MariaDB', 40),
  reserveSqlite: () => reserve('SQLite', 100),
  reservePostgres: () => reserve('PostgreSQL', 60),
  reserveMariadb: () => reserve('MariaDB', 40),
  networkPostgres: () => network(15),
  clientsPostgres: () => clients([1, 16, 64]),
  crowdSqlite: () => crowds('SQLite', ['one']),
  crowdPostgres: () => crowds('PostgreSQL', ['one', 'two']),
  crowdMariadb: () => crowds('MariaDB', ['one', 'two']),
};

const HOW = ['plain', 'prepared'];
const DEFAULTS = { 'limits.cpu': '1M', 'limits.memory': '1Ei' };
const AMOUNTS = { 'limits.cpu': '500m', 'limits.memory': '64Mi' };

async function authorize(name, calls) {
  return onDatabase(name, async (database) => {
    await fill(storageOn(database), WORKSPACES, MEMBERS);
    const actors = Array.from({ length: WORKSPACES }, (_, number) => actor(number));
    const inputs = actors.map((_, number) => ({
      workspaceId: workspace(number),
      permission: 'resource:view',
    }));
    const sql = memberQuery(database);
    const query = CompiledQuery.raw(sql);
    const contenders = [
      ...HOW.map((how) => {
        const { service } = serviceOn(storageOn(database, how));
        return repeated(`ours, ${how}`, calls, (number) =>
          service.authorize(actors[number % WORKSPACES], inputs[number % WORKSPACES]),
        );
      }),
      ...['plain', 'kept'].map((how) => {
        const db = database.connect(how);
        return repeated(`kysely, ${how}`, calls, (number) => {
          const place = number % WORKSPACES;
          return db.executeQuery({ ...query, parameters: [inputs[place].workspaceId, actors[place].userId] });
        });
      }),
    ];
    const find = preparedRead(database, sql);
    contenders.push(
      repeated('limit', calls, (number) => {
        const place = number % WORKSPACES;
        return find([inputs[place].workspaceId, actors[place].userId]);
      }),
    );
    const samples = await interleave(contenders, options(calls));
    const limit = { limit: samples.limit, name: 'a prepared query' };
    const budget = name === 'MariaDB' ? null : 1.5;
    return [
      againstLimit(`${name}: \`authorize\`, plain`, { ours: samples['ours, plain'], ...limit, budget }),
      againstLimit(`${name}: \`authorize\`, prepared`, { ours: samples['ours, prepared'], ...limit, budget }),
      againstLimit(`${name}: of it, Kysely with a compiled query, plain`, {
        ours: samples['kysely, plain'],
        ...limit,
      }),
      againstLimit(`${name}: of it, Kysely with a compiled query, kept`, {
        ours: samples['kysely, kept'],
        ...limit,
      }),
    ];
  });
}

/** As `accept`, with the server a millisecond away in each direction: then round trips are all that counts. */
async function network(calls) {
  const { hostname, port } = new URL(POSTGRES_URL);
  const far = await slowed({ host: hostname, port: port || 5432 });
  try {
    const url = new URL(POSTGRES_URL);
    url.host = `127.0.0.1:${far.port}`;
    return await accept('PostgreSQL', calls, {
      where: 'PostgreSQL, 1 ms away',
      settings: { connectionString: url.href },
    });
  } finally {
    far.close();
  }
}

async function accept(name, calls, { where = name, settings } = {}) {
  return onDatabase(name, async (database) => {
    const { tokens, newcomers } = await openLinks(database);
    const hand = await acceptByHand(database, database.driver(10, settings));
    const contenders = [
      ...HOW.map((how) => {
        const { service } = serviceOn(
          sqlStorage({ db: database.connect(how, 10, settings), ...database.tables }),
        );
        return [`ours, ${how}`, (userId, token) => service.acceptInvitation({ userId }, { token })];
      }),
      ...Object.entries(hand),
    ].map(([side, call]) => {
      let from = 0;
      return {
        name: side,
        calls,
        prepare: async () => void (from = await newcomers(calls)),
        run: async () => {
          for (let number = from; number < from + calls; number++) {
            await call(user(number), tokens[number % WORKSPACES]);
          }
        },
      };
    });
    const samples = await interleave(contenders, options(calls));
    const limits = {
      transaction:
        name === 'PostgreSQL'
          ? 'by hand, BEGIN to COMMIT in 5 round trips'
          : 'by hand, a transaction of prepared statements',
      oneStatement: 'by hand, one statement',
    };
    return Object.keys(hand).flatMap((limit) =>
      HOW.map((how) =>
        againstLimit(`${where}: \`acceptInvitation\`, ${how}`, {
          ours: samples[`ours, ${how}`],
          limit: samples[limit],
          name: limits[limit],
        }),
      ),
    );
  });
}

/** Two resources, as applications reserve; the limit is two rows of counters and nothing else. */
async function reserve(name, calls) {
  return onDatabase(name, async (database) => {
    await fill(storageOn(database), WORKSPACES, MEMBERS);
    const parsed = new Map(
      Object.entries(AMOUNTS).map(([resource, text]) => [resource, parseQuantity(text)]),
    );
    const contenders = HOW.flatMap((how) => {
      const db = database.connect(how);
      const quota = sqlQuota({ db, ...database.tables, defaults: DEFAULTS });
      const { service } = serviceOn(sqlStorage({ db, ...database.tables }), { quota });
      const id = (number) => `${how}-${number}`;
      const subject = (number) => ({
        workspaceId: workspace(number % WORKSPACES),
        kind: 'team',
        ownerId: user(number % WORKSPACES),
      });
      const adapter = async (number) => {
        const now = Date.now();
        const { ok } = await quota.reserve(subject(number), {
          reservationId: `adapter-${id(number)}`,
          amounts: parsed,
          expiresAt: now + 300_000,
          by: { userId: user(0) },
          now,
        });
        if (!ok) throw new Error('a wrong answer');
      };
      return [
        repeated(`adapter, ${how}`, calls, adapter),
        repeated(`service, ${how}`, calls, (number) =>
          service.reserveQuota(actor(number % WORKSPACES), {
            workspaceId: workspace(number % WORKSPACES),
            reservationId: `service-${id(number)}`,
            amounts: AMOUNTS,
          }),
        ),
      ];
    });
    const count = await guardedCounter(database);
    contenders.push(repeated('limit', calls, (number) => count(workspace(number % WORKSPACES))));
    const samples = await interleave(contenders, options(calls));
    const limit = { limit: samples.limit, name: 'a guarded UPDATE of two counters' };
    return HOW.flatMap((how) => [
      againstLimit(`${name}: a reservation, \`sqlQuota\` alone, ${how}`, {
        ours: samples[`adapter, ${how}`],
        ...limit,
      }),
      againstLimit(`${name}: \`reserveQuota\`, ${how}`, { ours: samples[`service, ${how}`], ...limit }),
    ]);
  });
}

/** So many clients that each wait for their answer and ask again, over a pool of at most 24 connections. */
async function clients(widths) {
  const rows = [];
  for (const width of widths) {
    const connections = Math.min(width, 24);
    const calls = Math.max(64, 4 * width);
    rows.push(
      ...(await onDatabase('PostgreSQL', async (database) => {
        const { tokens, newcomers } = await openLinks(database);
        const driver = database.driver(connections);
        const hand = await acceptByHand(database, driver);
        const find = preparedRead(database, memberQuery(database), driver);
        const services = HOW.map((how) => {
          const db = database.connect(how, connections);
          return [how, serviceOn(sqlStorage({ db, ...database.tables })).service];
        });
        const accepting = [
          ...services.map(([how, service]) => [
            how,
            (userId, token) => service.acceptInvitation({ userId }, { token }),
          ]),
          ...Object.entries(hand),
        ].map(([name, call]) => {
          let from = 0;
          return {
            name: `accept ${name}`,
            calls,
            prepare: async () => void (from = await newcomers(calls)),
            run: () =>
              inParallel(width, calls, (number) =>
                call(user(from + number), tokens[(from + number) % WORKSPACES]),
              ),
          };
        });
        const reading = [
          ...services.map(([how, service]) => [
            how,
            (number) =>
              service.authorize(actor(number), {
                workspaceId: workspace(number),
                permission: 'resource:view',
              }),
          ]),
          ['limit', (number) => find([workspace(number), user(number)])],
        ].map(([name, call]) => ({
          name: `authorize ${name}`,
          calls: 4 * calls,
          run: () => inParallel(width, 4 * calls, (number) => call(number % WORKSPACES)),
        }));
        const samples = {
          ...(await interleave(reading, options(4 * calls))),
          ...(await interleave(accepting, options(calls))),
        };
        const each = { format: perSecond };
        const crowdOf = `${width} ${width === 1 ? 'client' : 'clients'}`;
        return HOW.flatMap((how) => [
          againstLimit(`PostgreSQL, ${crowdOf}: \`authorize\`, ${how}`, {
            ours: samples[`authorize ${how}`],
            limit: samples['authorize limit'],
            name: 'a prepared query',
            ...each,
          }),
          againstLimit(`PostgreSQL, ${crowdOf}: \`acceptInvitation\`, ${how}`, {
            ours: samples[`accept ${how}`],
            limit: samples['accept transaction'],
            name: 'by hand, BEGIN to COMMIT',
            ...each,
          }),
          againstLimit(`PostgreSQL, ${crowdOf}: \`acceptInvitation\`, ${how}`, {
            ours: samples[`accept ${how}`],
            limit: samples['accept oneStatement'],
            name: 'by hand, one statement',
            ...each,
          }),
        ]);
      })),
    );
  }
  return rows;
}

/** 64 commands on one workspace at the same time; two services have a pool each, as two processes have. */
async function crowds(name, numbers) {
  const rows = [];
  const members = CROWD + 1;
  for (const services of numbers) {
    for (const command of [
      'renameWorkspace',
      'changeRole',
      'inviteMember',
      'acceptInvitation',
      'reserveQuota',
    ]) {
      rows.push(
        ...(await onDatabase(name, async (database) => {
          const storage = storageOn(database);
          const everybody = members + (command === 'acceptInvitation' ? 60 * CROWD : 0);
          await openMany(storage, 0, everybody);
          for (const number of [0, 1]) {
            await openWorkspace(
              storage,
              number,
              Array.from({ length: members }, (_, member) => member),
            );
          }
          const sides = Array.from({ length: services === 'one' ? 1 : 2 }, () => {
            const db = database.connect();
            const quota = sqlQuota({ db, ...database.tables, defaults: DEFAULTS });
            return serviceOn(sqlStorage({ db, ...database.tables }), { quota }).service;
          });
          const calls = {};
          // A workspace for each side, and the newcomers split between them.
          for (const [number, side] of ['together', 'inTurn'].entries()) {
            const workspaceId = workspace(number);
            const service = (serial) => sides[serial % sides.length];
            const invited = { workspaceId, role: 'developer', maxUses: 'unlimited' };
            const { token } = await sides[0].inviteMember(actor(0), invited);
            calls[side] = {
              renameWorkspace: (serial) =>
                service(serial).renameWorkspace(actor(0), { workspaceId, name: `Name ${number} ${serial}` }),
              changeRole: (serial) =>
                service(serial).changeRole(actor(0), {
                  workspaceId,
                  userId: user(1 + (serial % CROWD)),
                  role: Math.floor(serial / CROWD) % 2 === 0 ? 'manager' : 'developer',
                }),
              inviteMember: (serial) =>
                service(serial).inviteMember(actor(0), { workspaceId, role: 'developer' }),
              acceptInvitation: (serial) =>
                service(serial).acceptInvitation(actor(members + 2 * serial + number), { token }),
              reserveQuota: (serial) =>
                service(serial).reserveQuota(actor(0), {
                  workspaceId,
                  reservationId: `reservation-${serial}`,
                  amounts: AMOUNTS,
                }),
            }[command];
          }
          const work = `${name}: \`${command}\`, 64 at once${services === 'one' ? '' : ', from two services'}`;
          return crowd(work, calls, options(CROWD));
        })),
      );
    }
  }
  return rows;
}

async function onDatabase(name, work) {
  const database = await openDatabase(name);
  try {
    return await work(database);
  } finally {
    await database.drop();
  }
}

function storageOn(database, how) {
  return sqlStorage({ db: database.connect(how), ...database.tables });
}

function repeated(name, calls, call) {
  let serial = 0;
  return {
    name,
    calls,
    run: async () => {
      for (const end = serial + calls; serial < end; serial++) await call(serial);
    },
  };
}

/** Calls 0 to `calls - 1`, `width` at a time. */
async function inParallel(width, calls, call) {
  let next = 0;
  const client = async () => {
    while (next < calls) await call(next++);
  };
  await Promise.all(Array.from({ length: width }, client));
}

function perSecond(nanoseconds) {
  return `${Math.round(1e9 / nanoseconds).toLocaleString('en')}/s`;
}

/** Workspaces with a link for any number of people each, and a source of people: the number of the first. */
async function openLinks(database) {
  const storage = storageOn(database);
  const { service } = serviceOn(storage);
  await fill(storage, WORKSPACES, MEMBERS);
  const tokens = [];
  for (let number = 0; number < WORKSPACES; number++) {
    const input = { workspaceId: workspace(number), role: 'developer', maxUses: 'unlimited' };
    tokens.push((await service.inviteMember(actor(number), input)).token);
  }
  let people = WORKSPACES;
  const newcomers = async (count) => {
    const first = people;
    people += count;
    await openMany(storage, first, people);
    return first;
  };
  return { tokens, newcomers };
}

/** Accounts `from` to `to - 1`, by the hundred. */
async function openMany(storage, from, to) {
  for (let first = from; first < to; first += 100) {
    const changes = Array.from({ length: Math.min(100, to - first) }, (_, place) => ({
      kind: 'account.insert',
      account: {
        userId: user(first + place),
        username: user(first + place),
        usernameKey: user(first + place),
        displayName: null,
        personalWorkspaceId: `ws-of-${first + place}`,
        activeWorkspaceId: `ws-of-${first + place}`,
        ownedTeams: 0,
        version: 1,
        createdAt: Date.UTC(2026, 0, 1),
      },
    }));
    const result = await storage.commit({ expect: [], changes, events: [] });
    if (!result.ok) throw new Error(`no accounts: ${result.reason}`);
  }
}

function memberQuery({ name, table }) {
  const [first, second] = name === 'PostgreSQL' ? ['$1', '$2'] : ['?', '?'];
  const columns = 'workspace_id, user_id, role, owner_mark, invitation_id, joined_at';
  return `select ${columns} from ${table('members')} where workspace_id = ${first} and user_id = ${second}`;
}

function preparedRead(database, sql, driver = database.driver()) {
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

async function guardedCounter(database) {
  const driver = database.driver();
  const table = database.table('bench_counters');
  const number = database.name === 'PostgreSQL' ? 'numeric' : 'integer';
  const text = database.name === 'MariaDB' ? 'varchar(63)' : 'text';
  const [create, insert, postgres] = [
    `create table ${table} (workspace_id ${text}, resource ${text}, used ${number}, allowed ${number}, primary key (workspace_id, resource))`,
    (id, resource) => `insert into ${table} values ('${id}', '${resource}', 0, 1000000000)`,
    database.name === 'PostgreSQL',
  ];
  const all = Array.from({ length: WORKSPACES }, (_, one) =>
    ['limits.cpu', 'limits.memory'].map((resource) => insert(workspace(one), resource)),
  ).flat();
  const [workspaceId, amount] = postgres ? ['$1', '$2'] : ['?2', '?1'];
  const update = `update ${table} set used = used + ${amount} where workspace_id = ${workspaceId} and used + ${amount} <= allowed`;
  if (database.name === 'SQLite') {
    for (const sql of [create, ...all]) driver.exec(sql);
    const statement = driver.prepare(`${update} returning used`);
    return async (id) => {
      if (statement.all([1, id]).length !== 2) throw new Error('a wrong answer');
    };
  }
  for (const sql of [create, ...all]) await driver.query(sql);
  if (postgres) {
    return async (id) => {
      const { rows } = await driver.query({
        name: 'count',
        text: `${update} returning used`,
        values: [id, 1],
      });
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
