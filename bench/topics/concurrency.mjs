// Throughput against concurrency: so many callers that each wait for their answer and ask again, on every kind of storage.
import { jwtVerify } from 'jose';
import { memoryQuota, memoryStorage } from 'tenantry/memory';
import { sqlQuota, sqlStorage } from 'tenantry/sql';
import { interleave } from '../lib/interleave.mjs';
import { openLinks } from '../lib/links.mjs';
import { againstLimit, median, perSecond } from '../lib/rows.mjs';
import { acceptByHand, guardedCounter, memberQuery, preparedRead } from '../lib/sql-by-hand.mjs';
import { onDatabase } from '../lib/sql-databases.mjs';
import { actor, ISSUER, SECRET, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = 'Throughput against concurrency';
export const notes = [
  'So many callers that each wait for their answer and ask again, in one process; 11 rounds. `authorize` and `acceptInvitation` over 200',
  'workspaces of 5 members, `reserveQuota` on one workspace that all of them share. The limits: on memory one look-up behind one `await`,',
  "one jose verification, and two numbers in a `Map`; on SQL the driver's own prepared statements. Ours has its statements prepared;",
  'on PostgreSQL each side has as many connections as callers, 24 at most. SQLite has one connection, so more callers wait longer.',
];

const ROUNDS = 11;
const WIDTHS = [1, 4, 16, 64];
const WORKSPACES = 200;
const MEMBERS = 5;
const DEFAULTS = { 'limits.cpu': '1G', 'limits.memory': '1Ei' };
const AMOUNTS = { 'limits.cpu': '500m', 'limits.memory': '64Mi' };

export const flows = {
  memory: () =>
    throughput('memory', onMemory, { authorize: 8000, acceptInvitation: 640, reserveQuota: 2000 }),
  sqlite: () =>
    throughput('SQLite', onSql('SQLite'), { authorize: 1000, acceptInvitation: 128, reserveQuota: 128 }),
  postgres: () =>
    throughput('PostgreSQL', onSql('PostgreSQL'), {
      authorize: 512,
      acceptInvitation: 128,
      reserveQuota: 128,
    }),
};

/** `open(width, measure)` has a place to work on, and answers with what `measure` does. */
async function throughput(storage, open, calls) {
  const rows = [];
  const points = [];
  for (const width of WIDTHS) {
    await open(width, async ({ newcomers, paths }) => {
      for (const [path, { ours, limits }] of Object.entries(paths)) {
        const sides = { ours, ...limits };
        const samples = await interleave(
          Object.entries(sides).map(([name, call]) =>
            contender(name, call, {
              width,
              calls: calls[path],
              ...(path === 'acceptInvitation' && { newcomers }),
            }),
          ),
          { rounds: ROUNDS, warmUpCalls: 4 * calls[path] },
        );
        const panel = path === 'reserveQuota' ? 'reserveQuota on one workspace' : path;
        for (const name of Object.keys(sides)) {
          const y = Math.round(1e9 / median(samples[name]));
          const isLimit = name !== 'ours';
          points.push({
            plot: 'concurrency',
            storage,
            panel,
            line: name,
            x: width,
            y,
            ...(isLimit && { limit: true }),
          });
        }
        const work = `${storage}, ${width} ${width === 1 ? 'caller' : 'callers'}: \`${path}\``;
        for (const name of Object.keys(limits)) {
          rows.push(
            againstLimit(work, { ours: samples.ours, limit: samples[name], name, format: perSecond }),
          );
        }
      }
    });
  }
  return { rows: sorted(rows, Object.keys(calls)), points };
}

/** One path after the other, as it is read. */
function sorted(rows, paths) {
  return paths.flatMap((path) => rows.filter(({ work }) => work.includes(`\`${path}\``)));
}

/** `call(serial, batch)`; with `newcomers` the serials are the numbers of people who were opened for the batch. */
function contender(name, call, { width, calls, newcomers }) {
  let batch = -1;
  let from = 0;
  return {
    name,
    calls,
    prepare: async () => {
      batch++;
      from = newcomers === undefined ? 0 : await newcomers(calls);
    },
    run: async () => {
      let next = from;
      const caller = async () => {
        while (next < from + calls) await call(next++, batch);
      };
      await Promise.all(Array.from({ length: width }, caller));
    },
  };
}

/** Ours, with a workspace of its own for the reservations of each batch: all of them have the same ledger to begin with. */
function ours(service, tokens) {
  return {
    authorize: (serial) =>
      service.authorize(actor(serial % WORKSPACES), {
        workspaceId: workspace(serial % WORKSPACES),
        permission: 'resource:view',
      }),
    acceptInvitation: (serial) =>
      service.acceptInvitation(actor(serial), { token: tokens[serial % WORKSPACES] }),
    reserveQuota: (serial, batch) =>
      service.reserveQuota(actor(batch), {
        workspaceId: workspace(batch),
        reservationId: `reservation-${serial}`,
        amounts: AMOUNTS,
      }),
  };
}

async function onMemory(_width, measure) {
  const storage = memoryStorage();
  const { service } = serviceOn(storage, { quota: memoryQuota({ defaults: DEFAULTS }) });
  const { tokens, newcomers } = await openLinks(storage, { workspaces: WORKSPACES, members: MEMBERS });
  const own = ours(service, tokens);
  const maps = (value) =>
    new Map(Array.from({ length: WORKSPACES }, (_, number) => [workspace(number), new Map(value(number))]));
  const members = maps((number) => [[user(number), { role: 'owner' }]]);
  const counters = maps(() => Object.keys(AMOUNTS).map((resource) => [resource, { used: 0, allowed: 1e12 }]));
  const find = async (workspaceId, userId) => members.get(workspaceId)?.get(userId);
  const verify = await verifier();
  await measure({
    newcomers,
    paths: {
      authorize: {
        ours: own.authorize,
        limits: {
          'one look-up': async (serial) => {
            const number = serial % WORKSPACES;
            if ((await find(workspace(number), user(number)))?.role !== 'owner')
              throw new Error('a wrong answer');
          },
        },
      },
      acceptInvitation: {
        ours: own.acceptInvitation,
        limits: { 'one jose verify': (serial) => verify(tokens[serial % WORKSPACES]) },
      },
      reserveQuota: {
        ours: own.reserveQuota,
        limits: {
          'two counters': async (_serial, batch) => {
            const both = [...counters.get(workspace(batch)).values()];
            if (!both.every(({ used, allowed }) => used + 1 <= allowed)) throw new Error('a wrong answer');
            for (const counter of both) counter.used += 1;
          },
        },
      },
    },
  });
}

function onSql(name) {
  return (width, measure) =>
    onDatabase(name, async (database) => {
      const connections = Math.min(width, 24);
      const db = database.connect('prepared', connections);
      const storage = sqlStorage({ db, ...database.tables });
      const quota = sqlQuota({ db, ...database.tables, defaults: DEFAULTS });
      const { service } = serviceOn(storage, { quota });
      const { tokens, newcomers } = await openLinks(storage, { workspaces: WORKSPACES, members: MEMBERS });
      const own = ours(service, tokens);
      const driver = database.driver(connections);
      const find = preparedRead(database, memberQuery(database), driver);
      const hand = await acceptByHand(database, driver);
      const count = await guardedCounter(database, WORKSPACES, driver);
      const accept = (how) => (serial) => hand[how](user(serial), tokens[serial % WORKSPACES]);
      await measure({
        newcomers,
        paths: {
          authorize: {
            ours: own.authorize,
            limits: {
              'a prepared query': (serial) =>
                find([workspace(serial % WORKSPACES), user(serial % WORKSPACES)]),
            },
          },
          acceptInvitation: {
            ours: own.acceptInvitation,
            limits: {
              'BEGIN to COMMIT': accept('transaction'),
              ...(hand.oneStatement && { 'one statement': accept('oneStatement') }),
            },
          },
          reserveQuota: {
            ours: own.reserveQuota,
            limits: { 'a guarded UPDATE': (_serial, batch) => count(workspace(batch)) },
          },
        },
      });
    });
}

async function verifier() {
  const bytes = new TextEncoder().encode(SECRET);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']);
  const options = {
    algorithms: ['HS256'],
    typ: 'invitation+jwt',
    issuer: ISSUER,
    audience: `${ISSUER}/invitation`,
  };
  return (token) => jwtVerify(token, key, options);
}
