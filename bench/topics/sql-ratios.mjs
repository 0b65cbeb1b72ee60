// What ours costs on SQL databases over what the driver alone needs for the same work, with its prepared statements.
import { CompiledQuery } from 'kysely';
import { parseQuantity } from 'tenantry';
import { sqlQuota, sqlStorage } from 'tenantry/sql';
import { CROWD, crowd } from '../lib/crowd.mjs';
import { interleave } from '../lib/interleave.mjs';
import { openLinks, openMany } from '../lib/links.mjs';
import { againstLimit } from '../lib/rows.mjs';
import { slowed } from '../lib/slow-network.mjs';
import { acceptByHand, guardedCounter, memberQuery, preparedRead } from '../lib/sql-by-hand.mjs';
import { POSTGRES_URL, onDatabase, storageOn } from '../lib/sql-databases.mjs';
import { actor, fill, openWorkspace, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = 'On SQL databases, against the driver alone';
export const notes = [
  'The limit is the driver (pg, libsql, mysql2) with the same rows in the same tables and statements that it has prepared;',
  'the servers are on this machine and set as they come (every commit is flushed to disk), SQLite is a file with a',
  'write-ahead log and `synchronous = normal`. 15 rounds. "Plain" is Kysely with its own dialect, which prepares at each',
  'call; "prepared" is the same dialect over `preparedPool` or `preparedDatabase`, and on MariaDB over a pool whose `query` is',
  '`execute`. Kysely alone, "kept", is over a pool or a database that prepares whatever text it is given once.',
];
export const holds = [
  [
    /PostgreSQL: `authorize`, plain/,
    'Kysely sends the text at each call, and PostgreSQL parses and plans it anew. `preparedPool` names it.',
  ],
  [
    /SQLite: `authorize`, plain/,
    "Kysely's own dialect prepares the statement at each call, which costs more than running it. `preparedDatabase` keeps it.",
  ],
  [
    /SQLite: `authorize`, prepared/,
    "The way through Kysely (its executor, its one connection with its lock, and `all`, for which libsql fetches the rows by two calls into the native library where the limit's `get` makes one); what is ours is a ninth of the time.",
  ],
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
    const { tokens, newcomers } = await openLinks(storageOn(database), {
      workspaces: WORKSPACES,
      members: MEMBERS,
    });
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
    const count = await guardedCounter(database, WORKSPACES);
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
